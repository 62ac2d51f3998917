from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from butler.clients.speech import choose_transcriber
from butler.ports import Transcriber
from tests.support.transcription_server import TranscriptionServer, transcription_server


@pytest.fixture(scope="session")
def whisper(tmp_path_factory: pytest.TempPathFactory) -> Transcriber:
    """Whisper base, its weights joined from their packages, loaded once a session."""
    pytest.importorskip("faster_whisper")
    data_dir: Path = tmp_path_factory.mktemp("whisper")
    return choose_transcriber("faster_whisper", None, None, data_dir)


@pytest.fixture
def server() -> Iterator[TranscriptionServer]:
    with transcription_server() as running:
        running.says({"text": "hello"})
        yield running

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import attrs
import pytest

from butler.clients.speech.decoding import RATE, Recording
from butler.clients.speech.vosk import Recognizer, VoskEngine
from butler.errors import AudioSilent, SpeechUnavailable


@attrs.define
class SecondBySecond:
    """A recognizer as Vosk documents it: a sentence ends with each full second it hears."""

    heard: list[int] = attrs.field(factory=list)
    words: str = "good evening"

    def AcceptWaveform(self, data: bytes) -> int:
        self.heard.append(len(data))
        return int(len(data) == RATE * 2)

    def Result(self) -> str:
        return json.dumps({"text": self.words})

    def FinalResult(self) -> str:
        return json.dumps({"text": f"{self.words} the end".strip() if self.words else ""})


def speech(recognizer: SecondBySecond, loaded: list[Path] | None = None) -> VoskEngine:
    def load(directory: Path) -> Callable[[], Recognizer]:
        if loaded is not None:
            loaded.append(directory)
        return lambda: recognizer

    return VoskEngine(Path("models/small-ru"), load)


def test_all_sentences_are_heard_in_order_and_every_sample_is_given() -> None:
    recognizer = SecondBySecond()
    recording = Recording(bytes(RATE * 5))
    transcript = speech(recognizer).hear(recording, "ru", 10)
    assert transcript.text == "good evening good evening good evening the end"
    assert sum(recognizer.heard) == len(recording.pcm)


def test_no_words_are_silence() -> None:
    with pytest.raises(AudioSilent):
        speech(SecondBySecond(words="")).hear(Recording(bytes(RATE)), "ru", 10)


def test_a_recording_that_takes_too_long_is_given_up() -> None:
    with pytest.raises(SpeechUnavailable, match="in time"):
        speech(SecondBySecond()).hear(Recording(bytes(RATE)), "ru", -1)


def test_the_model_is_loaded_once_and_named() -> None:
    loaded: list[Path] = []
    engine = speech(SecondBySecond(), loaded)
    assert engine.probe() == "vosk: small-ru on the processor, ready"
    engine.hear(Recording(bytes(RATE)), "ru", 10)
    assert loaded == [Path("models/small-ru")]


def test_without_vosk_or_a_model_it_is_unavailable(tmp_path: Path) -> None:
    says = "cannot be loaded" if find_spec("vosk") else "pip install vosk"
    with pytest.raises(SpeechUnavailable, match=says):
        VoskEngine(tmp_path).probe()

"""Vosk: light models for many languages, each a directory that the operator names."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from butler.clients.speech.decoding import RATE, Recording
from butler.clients.speech.hearing import Segment, words_of
from butler.domain.chat import Transcript
from butler.errors import SpeechUnavailable


class Recognizer(Protocol):
    """What we use of `vosk.KaldiRecognizer`; one for each recording."""

    def AcceptWaveform(self, data: bytes) -> int:  # noqa: N802 - Vosk's own name
        """Hear a piece; true where a sentence ended, whose `Result` is then due."""
        ...

    def Result(self) -> str:  # noqa: N802 - Vosk's own name
        """The sentence as JSON with `text`."""
        ...

    def FinalResult(self) -> str:  # noqa: N802 - Vosk's own name
        """What is left, likewise."""
        ...


_PIECE = RATE * 2


def is_vosk(directory: Path) -> bool:
    """Whether `directory` looks like a Vosk model (older ones have no `am` directory)."""
    return (directory / "am" / "final.mdl").is_file() or (directory / "final.mdl").is_file()


class VoskEngine:
    """One model in one language, whatever the hint; loaded at the first use."""

    name = "vosk"

    def __init__(
        self, directory: Path, load: Callable[[Path], Callable[[], Recognizer]] | None = None
    ) -> None:
        self._directory = directory
        self._load = load or _load
        self._lock = threading.Lock()
        self._recognizer: Callable[[], Recognizer] | None = None

    def hear(self, recording: Recording, language: str, timeout: float) -> Transcript:
        """What is said. The time limit is looked at after each second of the recording."""
        deadline = time.monotonic() + timeout
        recognizer = self._loaded()()
        sentences: list[str] = []
        for start in range(0, len(recording.pcm), _PIECE):
            if recognizer.AcceptWaveform(recording.pcm[start : start + _PIECE]):
                sentences += [_text(recognizer.Result())]
            if time.monotonic() > deadline:
                raise SpeechUnavailable("Vosk did not finish in time")
        sentences.append(_text(recognizer.FinalResult()))
        return Transcript(text=words_of(Segment(text) for text in sentences if text))

    def probe(self) -> str:
        """Load the model; which one it is."""
        self._loaded()
        return f"{self.name}: {self._directory.name} on the processor, ready"

    def _loaded(self) -> Callable[[], Recognizer]:
        with self._lock:
            if self._recognizer is None:
                self._recognizer = self._load(self._directory)
            return self._recognizer


def _text(result: str) -> str:
    return str(json.loads(result).get("text", ""))


def _load(directory: Path) -> Callable[[], Recognizer]:
    try:
        import vosk
    except ImportError as exc:
        raise SpeechUnavailable("Vosk is not installed: pip install vosk") from exc
    vosk.SetLogLevel(-1)
    try:
        model: Any = vosk.Model(str(directory))
    except Exception as exc:  # Vosk raises the base class itself
        raise SpeechUnavailable(f"the Vosk model {directory} cannot be loaded: {exc}") from exc
    return lambda: vosk.KaldiRecognizer(model, RATE)

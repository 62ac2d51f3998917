"""The `Transcriber` port over an engine: decode first, so that no engine meets a broken file."""

from __future__ import annotations

from typing import NoReturn, Protocol

import attrs

from butler.clients.speech.decoding import Recording, decode
from butler.domain.chat import Audio, Transcript
from butler.errors import AudioTooLong, SpeechOff

MAX_SECONDS = 600.0
"""The longest recording the butler listens to, unless told otherwise."""


class Engine(Protocol):
    """Hears decoded sound. Raises `SpeechError` and its kinds; thread-safe."""

    name: str

    def hear(self, recording: Recording, language: str, timeout: float) -> Transcript:
        """What is said; `language` is a hint. Gives up after about `timeout` seconds."""
        ...

    def probe(self) -> str:
        """Load what is local, ask what is remote; one line that says what is ready."""
        ...


class DecodingTranscriber:
    """A `Transcriber` that decodes, checks length and silence, and asks `engine`; has its name."""

    def __init__(self, engine: Engine, max_seconds: float = MAX_SECONDS) -> None:
        self.name = engine.name
        self.max_seconds = max_seconds
        self._engine = engine

    def transcribe(self, audio: Audio, language: str, timeout: float) -> Transcript:
        """What is said in `audio`; raises `SpeechError` and its kinds."""
        if audio.duration > self.max_seconds:
            raise AudioTooLong(f"the recording is longer than {self.max_seconds / 60:g} minutes")
        recording = decode(audio.data, self.max_seconds)
        return self._engine.hear(recording, language, timeout)

    def probe(self) -> str:
        """One line that says which engine and model is ready; loads it where it is local."""
        return self._engine.probe()


@attrs.define
class OffTranscriber:
    """No speech to text: every call raises `SpeechOff` with `reason`."""

    reason: str
    name: str = "off"

    def transcribe(self, audio: Audio, language: str, timeout: float) -> NoReturn:
        """Raise `SpeechOff`."""
        raise SpeechOff(self.reason)

    def probe(self) -> NoReturn:
        """Raise `SpeechOff`: the reason says what to do."""
        raise SpeechOff(self.reason)

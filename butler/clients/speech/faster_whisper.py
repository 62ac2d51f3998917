"""Whisper on this machine's processor, through the library faster-whisper."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, get_args

from butler.clients.speech.decoding import Recording
from butler.clients.speech.hearing import Segment, words_of
from butler.domain.chat import Transcript
from butler.domain.profile import Language
from butler.errors import AudioSilent, SpeechUnavailable

_SPOKEN = get_args(Language)
_SURE = 0.75
"""From this probability on, a language the butler speaks beats the guest's usual one. Others never
do: Whisper base is 88 % sure that a short, artificial «Спасибо, до свидания» is German."""

_OPTIONS = {
    "beam_size": 5,
    # Two tries, not the library's six: a mumble must not hold the worker for a minute.
    "temperature": (0.0, 0.4),
    "best_of": 2,
    "condition_on_previous_text": False,
}


class WhisperEngine:
    """One model, loaded at the first use, hearing one recording at a time.

    `locate` gives the model's directory and may take long (join, download); it is called
    until the model is loaded.
    """

    name = "faster_whisper"

    def __init__(self, label: str, locate: Callable[[], Path]) -> None:
        self._label = label
        self._locate = locate
        self._lock = threading.Lock()
        self._model: Any = None

    def hear(self, recording: Recording, language: str, timeout: float) -> Transcript:
        """What is said. The time limit is looked at between stretches of 30 seconds."""
        deadline = time.monotonic() + timeout
        if not self._lock.acquire(timeout=max(timeout, 0.0)):
            raise SpeechUnavailable(f"Whisper was busy for {timeout:g} s with other recordings")
        try:
            return self._hear(self._loaded(), recording, language, deadline)
        finally:
            self._lock.release()

    def probe(self) -> str:
        """Load the model; which one it is."""
        with self._lock:
            self._loaded()
        return f"{self.name}: {self._label} on the processor, ready"

    def _loaded(self) -> Any:
        if self._model is None:
            try:
                self._model = _load(self._locate(), self._label)
            except ImportError as exc:
                raise SpeechUnavailable(f"faster-whisper cannot be imported: {exc}") from exc
        return self._model

    def _hear(self, model: Any, recording: Recording, language: str, deadline: float) -> Transcript:
        import numpy as np

        samples = np.frombuffer(recording.pcm, np.int16).astype(np.float32) / 32768.0
        try:
            samples = _speech_only(samples)
            spoken = _language(model, samples, language)
            segments, _ = model.transcribe(samples, language=spoken, **_OPTIONS)
            text = words_of(_in_time(segments, deadline))
        except (RuntimeError, ValueError) as exc:
            raise SpeechUnavailable(f"Whisper failed: {exc}") from exc
        return Transcript(text=text, language=spoken)


def named_model(
    name: str, cache: Path, download: Callable[..., str] | None = None
) -> Callable[[], Path]:
    """Find a published model by name: in `cache`, else over the network, which naming it allows."""

    def locate() -> Path:
        fetch = download or _library_download()
        try:
            return Path(fetch(name, cache_dir=str(cache), local_files_only=True))
        except (OSError, ValueError):
            pass
        try:
            return Path(fetch(name, cache_dir=str(cache)))
        except (OSError, ValueError, RuntimeError) as exc:
            raise SpeechUnavailable(
                f"the model {name} is not on this machine and cannot be downloaded "
                f"({type(exc).__name__}): set STT_MODEL to a directory that holds it"
            ) from exc

    return locate


def known_names() -> list[str]:
    """Model names without an owner that the library knows."""
    from faster_whisper import available_models

    return list(available_models())


def _library_download() -> Callable[..., str]:
    from faster_whisper import download_model

    found: Callable[..., str] = download_model
    return found


def _load(directory: Path, label: str) -> Any:
    from faster_whisper import WhisperModel

    try:
        return WhisperModel(
            str(directory),
            device="cpu",
            compute_type="int8",
            cpu_threads=min(4, os.cpu_count() or 1),
        )
    except (RuntimeError, ValueError, OSError) as exc:
        raise SpeechUnavailable(f"the Whisper model {label} cannot be loaded: {exc}") from exc


def _speech_only(samples: Any) -> Any:
    """`samples` without its pauses, by the voice detector whose weights the library carries."""
    import numpy as np
    from faster_whisper.vad import get_speech_timestamps

    stretches = get_speech_timestamps(samples)
    if not stretches:
        raise AudioSilent("no speech was found in the recording")
    return np.concatenate([samples[part["start"] : part["end"]] for part in stretches])


def _language(model: Any, samples: Any, hint: str) -> str:
    """The language to write down: the one heard where that is clear, else the hint.

    Told the wrong one, Whisper translates, badly.
    """
    if not model.model.is_multilingual:
        return "en"
    heard, probability, _ = model.detect_language(samples)
    sure = heard in _SPOKEN and probability >= _SURE
    return str(heard) if sure or not hint else hint


def _in_time(segments: Iterable[Any], deadline: float) -> Iterable[Segment]:
    for segment in segments:
        if time.monotonic() > deadline:
            raise SpeechUnavailable("Whisper did not finish in time")
        yield Segment(
            segment.text, segment.no_speech_prob, segment.avg_logprob, segment.compression_ratio
        )

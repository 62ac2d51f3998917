"""Speech to text is ready."""

from __future__ import annotations

from collections.abc import Iterator

from butler.clients.speech import choose_transcriber
from butler.config import Settings
from butler.doctor.finding import Finding, Level
from butler.errors import SpeechError


def check_speech(settings: Settings) -> Iterator[Finding]:
    """Which engine is chosen, and that its model loads or its server answers."""
    engine, model = settings.stt_engine, settings.stt_model
    transcriber = choose_transcriber(engine, settings.stt_api_url, model, settings.butler_data_dir)
    try:
        yield Finding("ok", "speech", transcriber.probe())
    except SpeechError as error:
        if transcriber.name != "off":
            yield Finding("FAIL", "speech", str(error))
            return
        level: Level = "ok" if engine == "off" else "warn"
        do = "Until then voice messages get a polite refusal."
        yield Finding(level, "speech", str(error), do if level == "warn" else "")

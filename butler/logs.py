"""Logs: one event a line, for people or machines; a subscriber of telemetry.

No line holds a guest's words or a secret: our events carry none, and of a foreign library's
exception only its type and where it was raised are kept.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Iterable, MutableMapping
from typing import Any, TextIO

import attrs
import structlog

from butler import telemetry as t
from butler.domain.sensitive import MASK, masked
from butler.telemetry import TelemetryEvent

QUIET = (
    "urllib3",
    "telebot",
    "TeleBot",
    "pymongo",
    "faster_whisper",
    "httpx",
    "asyncio",
    "uvicorn",
    "pykka",
)
# Fields that hold our own words alone; frames of a traceback look like keys.
_OURS = frozenset(("level", "timestamp", "where", "raised", "logger"))

INFO_EVENTS: dict[type[TelemetryEvent], str] = {
    t.ServiceStarted: "butler started",
    t.ServiceStopped: "butler stopped",
    t.CompressionFinished: "memory compression finished",
    t.DependencyChanged: "dependency changed",
    t.BreakerChanged: "llm breaker changed",
    t.ReplyUndeliverable: "reply undeliverable",
    t.ActorRestarted: "actor restarted",
    t.ReplyResent: "reply resent",
}
DEBUG_EVENTS: dict[type[TelemetryEvent], str] = {
    t.UpdatesAccepted: "updates accepted",
    t.ProfileWritten: "profile written",
    t.MemoryEventsStored: "memory events stored",
    t.PromptComposed: "prompt composed",
    t.ModelCalled: "llm called",
    t.SpeechCalled: "speech called",
    t.TransportCalled: "telegram called",
    t.StoreCommitted: "store committed",
    t.ReplySent: "reply sent",
}
WARNING_EVENTS: dict[type[TelemetryEvent], str] = {
    t.UpdateMalformed: "update malformed",
    t.StoreFailed: "store error",
    t.MailboxOverflowed: "mailbox overflowed",
    t.ActorMessageLost: "actor message lost",
}
ERROR_EVENTS: dict[type[TelemetryEvent], str] = {
    t.DeadLettered: "error: message became a dead letter",
    t.ActorFailed: "error: actor failed",
    t.ActorHung: "error: actor hung",
    t.SupervisionEscalated: "error: supervisor gave up",
}


class Logs:
    """Writes telemetry events to the log; thread-safe."""

    def __init__(self) -> None:
        self._log = structlog.get_logger("butler")
        self._named = {
            kind: (level, name)
            for level, names in (
                (logging.DEBUG, DEBUG_EVENTS),
                (logging.INFO, INFO_EVENTS),
                (logging.WARNING, WARNING_EVENTS),
                (logging.ERROR, ERROR_EVENTS),
            )
            for kind, name in names.items()
        }
        self._dependencies: dict[str, bool] = {}
        self._level = logging.getLogger("butler").getEffectiveLevel()

    def __call__(self, event: TelemetryEvent) -> None:
        """Log `event` if its level is shown, and a dependency's state only when it changes."""
        if isinstance(event, t.DependencyChanged):
            if self._dependencies.get(event.dependency) is event.up:
                return
            self._dependencies[event.dependency] = event.up
        level, name = self._describe(event)
        if level >= self._level:
            self._log.log(level, name, **_fields(event))

    def _describe(self, event: TelemetryEvent) -> tuple[int, str]:
        if isinstance(event, t.RequestFinished):
            if event.status == "error":
                return logging.ERROR, "personalized request error"
            return logging.INFO, "personalized request finished"
        if isinstance(event, t.ProfileRead):
            return logging.INFO, "profile loaded" if event.known else "profile created"
        if isinstance(event, t.CompressionFinished) and event.status == "error":
            return logging.ERROR, "memory compression error"
        if isinstance(event, t.ActorMessageLost) and event.reason == "undelivered":
            return logging.DEBUG, "actor message lost"
        if isinstance(event, t.DependencyChanged) and not event.up:
            return logging.WARNING, "dependency error"
        return self._named.get(type(event), (logging.NOTSET, ""))


def _fields(event: TelemetryEvent) -> dict[str, Any]:
    fields = {a.name: getattr(event, a.name) for a in attrs.fields(type(event))}  # type: ignore[arg-type]  # all events are attrs classes
    return {
        name: round(value, 4) if isinstance(value, float) else value
        for name, value in fields.items()
        if value != ""
    }


def _wordless_exception(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Keep of an exception its type and frames: its text may quote a guest or a secret."""
    exc_info = event.pop("exc_info", None)
    if isinstance(exc_info, BaseException):
        exc_info = (type(exc_info), exc_info, exc_info.__traceback__)
    elif exc_info is True:
        exc_info = sys.exc_info()
    if isinstance(exc_info, tuple) and exc_info[0] is not None:
        frames = traceback.extract_tb(exc_info[2])
        event["raised"] = exc_info[0].__name__
        event["where"] = " < ".join(f"{f.name} {f.filename}:{f.lineno}" for f in frames[::-1])
    return event


class _Scrubber:
    """Takes secrets out of every string of an event: those known, and what looks like a guest's."""

    def __init__(self, secrets: Iterable[str]) -> None:
        known = sorted({s for s in secrets if s and len(s) > 3}, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, known))) if known else None

    def __call__(
        self, _logger: Any, _method: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        for name, value in event.items():
            if isinstance(value, str) and name not in _OURS:
                known = self._pattern.sub(MASK, value) if self._pattern is not None else value
                event[name] = masked(known)
        return event


def configure(
    style: str, level: str, secrets: Iterable[str] = (), stream: TextIO | None = None
) -> None:
    """Send all logs, ours and the libraries', to `stream` (stderr) as `style` console or json."""
    out = stream or sys.stderr
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _wordless_exception,
        _Scrubber(secrets),
    ]
    renderer: Any = structlog.processors.JSONRenderer(ensure_ascii=False)
    if style == "console":
        renderer = structlog.dev.ConsoleRenderer(colors=out.isatty(), sort_keys=False)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))

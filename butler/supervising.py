"""What happens in the supervision tree, said as our telemetry."""

from __future__ import annotations

import re
from pathlib import Path

from actors.monitor import kind_of
from butler.telemetry import (
    ActorFailed,
    ActorHung,
    ActorMessageLost,
    ActorRestarted,
    SupervisionEscalated,
    Telemetry,
)
from supervision import events

_FRAME = re.compile(r'^ *File "([^"\n]+)", line (\d+), in (\w+|<\w+>)$', re.MULTILINE)
FRAMES = 4


def translate(event: events.Event, telemetry: Telemetry) -> None:
    """Emit `event` as telemetry, where it is of interest."""
    match event:
        case events.ChildFailed(name, failure):
            error = type(failure.exception).__name__
            telemetry.emit(ActorFailed(kind_of(name), error, where(failure.stack)))
        case events.ChildStarted(name, restarts) if restarts:
            telemetry.emit(ActorRestarted(kind_of(name)))
        case events.HandlerAbandoned(name, stack=stack):
            telemetry.emit(ActorHung(kind_of(name), where(stack)))
        case events.MessageDied(letter):
            message = type(letter.message).__name__
            telemetry.emit(ActorMessageLost(kind_of(letter.name), message, "died"))
        case events.MessageUndelivered(name, message):
            message = type(message).__name__
            telemetry.emit(ActorMessageLost(kind_of(name), message, "undelivered"))
        case events.SupervisorGaveUp(name) | events.ChildGivenUp(name):
            telemetry.emit(SupervisionEscalated(kind_of(name)))


def where(stack: str) -> str:
    """The innermost frames of a traceback, without its texts: they may quote a guest."""
    # An exception's text may look like a frame, too; but hardly like one of a file that is there.
    frames = [frame for frame in _FRAME.findall(stack) if Path(frame[0]).is_file()][-FRAMES:]
    return " < ".join(f"{name} {path}:{line}" for path, line, name in reversed(frames))

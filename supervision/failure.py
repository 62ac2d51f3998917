"""What went wrong, as values."""

import traceback
from typing import Any, Literal

import attrs

Phase = Literal["start", "message", "stop", "hang", "supervisor"]


@attrs.frozen
class Failure:
    """One failure of one actor.

    ``phase`` is where: in ``__init__`` or ``on_start``, with a message, in ``on_stop``, past the
    deadline of a handler, or a supervisor that gave up. ``at`` is the clock's time. ``stack`` is
    text; of a hang it is where the handler stood.
    """

    name: Any
    exception: BaseException = attrs.field(eq=False)
    stack: str = attrs.field(repr=False)
    phase: Phase
    at: float


@attrs.frozen
class DeadLetter:
    """A message that failed, and failed again after the restart: nobody will handle it."""

    name: Any
    message: Any
    exception: BaseException = attrs.field(eq=False)
    stack: str = attrs.field(repr=False)


def stack_of(exception: BaseException) -> str:
    """The traceback of an exception as text."""
    return "".join(traceback.format_exception(exception))

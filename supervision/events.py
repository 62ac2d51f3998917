"""What happens in a tree, as named values.

A tree hands each to its ``on_event`` as it happens, on the thread where it happens; events about
one child come in order. ``name`` is the id from the child spec.
"""

from typing import Any

import attrs

from supervision.failure import DeadLetter, Failure


@attrs.frozen
class ChildStarted:
    """An incarnation is up (``on_start`` has returned); ``restarts`` is 0 for the first."""

    name: Any
    restarts: int


@attrs.frozen
class ChildFailed:
    """An incarnation failed."""

    name: Any
    failure: Failure


@attrs.frozen
class RestartScheduled:
    """A failed or ended child comes back in ``delay`` seconds."""

    name: Any
    delay: float


@attrs.frozen
class ChildStopped:
    """A child has ended for good; ``failure`` says why, None if nothing was wrong."""

    name: Any
    failure: Failure | None


@attrs.frozen
class ChildAbandoned:
    """A child did not end within ``deadline`` seconds; what it still does reaches nobody."""

    name: Any
    deadline: float


@attrs.frozen
class ChildGivenUp:
    """A child failed more often than its intensity allows and is not restarted."""

    name: Any
    failure: Failure


@attrs.frozen
class SupervisorGaveUp:
    """A supervisor failed more often than its intensity allows; its parent decides."""

    name: Any
    failure: Failure


@attrs.frozen
class HandlerAbandoned:
    """A handler ran past its deadline; ``replaced`` says if its pool got a fresh thread."""

    name: Any
    dispatcher: str
    stack: str = attrs.field(repr=False)
    replaced: bool


@attrs.frozen
class MessageDied:
    """A message became a dead letter."""

    letter: DeadLetter


@attrs.frozen
class MessageUndelivered:
    """A child ended for good before it handled this message."""

    name: Any
    message: Any


Event = (
    ChildStarted
    | ChildFailed
    | RestartScheduled
    | ChildStopped
    | ChildAbandoned
    | ChildGivenUp
    | SupervisorGaveUp
    | HandlerAbandoned
    | MessageDied
    | MessageUndelivered
)

"""For tests of what is built from pooled actors."""

from typing import Any

import pykka

from actors.runtime.ref import PooledRef
from actors.runtime.timers import Bomb
from supervision.errors import NotAnActor
from supervision.testing import ManualClock

__all__ = ["Crash", "ManualClock", "crash"]


class Crash(Exception):
    """What `crash` makes an actor raise unless told otherwise."""


def crash(ref: pykka.ActorRef[Any], error: BaseException | None = None) -> None:
    """Make the actor fail as if a handler had raised, before its next messages. Any thread.

    It loses none of its messages, and there is no message to retry.
    """
    if not isinstance(ref, PooledRef):
        raise NotAnActor(f"expected the ref of a pooled actor, got {ref!r}")
    ref._cell.urge(Bomb(0, Crash("as asked") if error is None else error))

"""Work that takes milliseconds lets other threads have their turn meanwhile."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

# CPython takes the lock from a busy thread only after 5 ms, and each hop of a message between
# threads would wait as long; all the time it would cost throughput.
_USUAL = sys.getswitchinterval()
_OFTEN = 0.0005
_MOMENT = 0.005


def breathe() -> None:
    """Let the others go on for a moment.

    For long work on a thread that nobody waits for: done in pieces of some tenths of a millisecond,
    it takes a little time from many messages rather than much from one.
    """
    time.sleep(_MOMENT)


@contextmanager
def courteous() -> Iterator[None]:
    """For a block on a pool thread, threads take turns ten times as often.

    The whole process feels it. Where blocks overlap, the first to end ends it for all: courtesy,
    no guarantee.
    """
    sys.setswitchinterval(_OFTEN)
    try:
        yield
    finally:
        sys.setswitchinterval(_USUAL)

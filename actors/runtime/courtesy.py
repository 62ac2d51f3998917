"""Work that takes milliseconds on a pool thread lets the other threads have their turn."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

# CPython takes the lock from a busy thread only after 5 ms, and each hop of a message between
# threads would wait as long; all the time it would cost throughput.
_USUAL = sys.getswitchinterval()
_OFTEN = 0.0005


@contextmanager
def courteous() -> Iterator[None]:
    """For the block, threads take turns ten times as often; the whole process feels it.

    Where blocks overlap, the first to end ends it for all: courtesy, no guarantee.
    """
    sys.setswitchinterval(_OFTEN)
    try:
        yield
    finally:
        sys.setswitchinterval(_USUAL)

"""Which thread this is: a pool's, and whether what it runs still counts."""

import threading
from threading import get_ident
from typing import TYPE_CHECKING

from supervision.errors import Fenced, WouldBlock

if TYPE_CHECKING:
    from actors.runtime.dispatcher import Worker

fenced: set[int] = set()
"""Threads that run an abandoned incarnation: what they send reaches nobody."""


class _Here(threading.local):
    worker: "Worker | None" = None


here = _Here()


def check_fence() -> None:
    """Raise `Fenced` on a thread whose incarnation was abandoned."""
    if fenced and get_ident() in fenced:
        raise Fenced(
            "expected a live incarnation, but this one ran past its deadline and was replaced;"
            " a long handler can ask self.is_current()"
        )


def check_may_block(what: str) -> None:
    """Raise `WouldBlock` on a thread of a non-blocking dispatcher."""
    worker = here.worker
    if worker is not None and not worker.dispatcher.blocking:
        raise WouldBlock(
            f"expected no blocking {what} on thread {worker.thread.name!r}, whose actors share it;"
            " ask with block=False and self.pipe(future, ok=...) the result to yourself as a"
            " message, or run this actor on a Dispatcher with blocking=True"
        )

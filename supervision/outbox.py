"""Effects in order, by one thread at a time."""

import logging
import threading
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

logger = logging.getLogger("supervision")


class Outbox:
    """Calls that were decided under a lock and are made after it is released. Thread-safe.

    The calls are made in the order they were added, by whichever thread finds none at it; a call
    that adds more, or a second thread, leaves those to the first.
    """

    def __init__(self) -> None:
        self._calls: deque[Callable[[], Any]] = deque()
        self._lock = threading.Lock()
        self._busy = False

    def add(self, call: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        """Promise a call."""
        self._calls.append(partial(call, *args, **kwargs) if args or kwargs else call)

    def flush(self) -> None:
        """Make the promised calls, unless a thread is already at it. Never raises."""
        while True:
            with self._lock:
                if self._busy or not self._calls:
                    return
                self._busy = True
                call = self._calls.popleft()
            try:
                call()
            except Exception:  # one failed effect must not hold up the rest
                logger.exception("An effect of supervision raised; it must not")
            finally:
                with self._lock:
                    self._busy = False

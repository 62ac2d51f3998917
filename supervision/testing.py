"""For tests of what is supervised: a clock that is moved by hand."""

import threading
from collections.abc import Callable

from supervision.clock import Agenda, Timer, ring


class ManualClock:
    """A `Clock` whose time moves only in `advance`. Thread-safe."""

    def __init__(self, now: float = 0.0) -> None:
        self._now = now
        self._agenda = Agenda()
        self._moving = threading.Lock()

    def now(self) -> float:
        """The time that was moved to."""
        return self._now

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Timer:
        """Call during the `advance` that reaches the moment."""
        return self._agenda.add(self._now + max(0.0, seconds), callback)[0]

    def pending(self) -> int:
        """How many calls are still to be made."""
        return len(self._agenda)

    def advance(self, seconds: float) -> None:
        """Move on, making every call that falls due on the way, in order, on this thread.

        During a call the clock stands at the moment that it was due.
        """
        with self._moving:
            end = self._now + seconds
            while (at := self._agenda.next_at()) is not None and at <= end:
                self._now = max(self._now, at)
                callback = self._agenda.pop_due(self._now)
                if callback is not None:
                    ring(callback)
            self._now = end

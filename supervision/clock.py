"""Time as a port: a clock tells the time and calls back later."""

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable
from typing import Protocol

logger = logging.getLogger("supervision")


class Timer(Protocol):
    """A call that a clock has promised."""

    def cancel(self) -> None:
        """Forget the call; harmless when it has been made or forgotten. Any thread."""


class Clock(Protocol):
    """Monotonic seconds, and calls at a later time. Both from any thread."""

    def now(self) -> float:
        """Seconds since some fixed moment; never runs backwards."""

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Timer:
        """Call ``callback`` once, in at least ``seconds``, on a thread of the clock's choice.

        The callback must not block and must not raise.
        """


class Alarm:
    """One entry of an `Agenda`; its own cancel handle."""

    __slots__ = ("_agenda", "at", "callback", "order")

    def __init__(
        self, agenda: "Agenda", at: float, order: int, callback: Callable[[], None]
    ) -> None:
        self._agenda = agenda
        self.at = at
        self.order = order
        self.callback: Callable[[], None] | None = callback

    def __lt__(self, other: "Alarm") -> bool:
        return (self.at, self.order) < (other.at, other.order)

    def cancel(self) -> None:
        """Forget the call. Any thread, any number of times."""
        self._agenda.cancel(self)


class Agenda:
    """Alarms in order of time; equal times keep the order they were set in. Thread-safe.

    A cancelled alarm stays in the heap until it is due, or until the cancelled outnumber the
    rest: then the heap is rebuilt, so that cancelling costs O(1) on average and leaks nothing.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._heap: list[Alarm] = []
        self._cancelled = 0
        self._order = itertools.count()

    def __len__(self) -> int:
        return len(self._heap) - self._cancelled

    def add(self, at: float, callback: Callable[[], None]) -> tuple[Alarm, bool]:
        """The new alarm, and whether it is now the next one."""
        with self._lock:
            alarm = Alarm(self, at, next(self._order), callback)
            heapq.heappush(self._heap, alarm)
            return alarm, self._heap[0] is alarm

    def cancel(self, alarm: Alarm) -> None:
        """Forget an alarm; nothing happens if it has rung."""
        with self._lock:
            if alarm.callback is None:
                return
            alarm.callback = None
            self._cancelled += 1
            if self._cancelled > 64 and self._cancelled * 2 > len(self._heap):
                self._heap = [each for each in self._heap if each.callback is not None]
                heapq.heapify(self._heap)
                self._cancelled = 0

    def next_at(self) -> float | None:
        """When the next alarm rings; None if there is none."""
        with self._lock:
            self._drop_cancelled()
            return self._heap[0].at if self._heap else None

    def pop_due(self, now: float) -> Callable[[], None] | None:
        """The next callback that is due at ``now``; None if there is none."""
        with self._lock:
            self._drop_cancelled()
            if not self._heap or self._heap[0].at > now:
                return None
            alarm = heapq.heappop(self._heap)
            callback, alarm.callback = alarm.callback, None
            return callback

    def _drop_cancelled(self) -> None:
        while self._heap and self._heap[0].callback is None:
            heapq.heappop(self._heap)
            self._cancelled -= 1


class SystemClock:
    """`time.monotonic`, and one daemon thread for all timers, started with the first."""

    def __init__(self, name: str = "clock") -> None:
        self.name = name
        self._agenda = Agenda()
        self._wake = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False

    def now(self) -> float:
        """Monotonic seconds."""
        return time.monotonic()

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Timer:
        """See `Clock`. After `close` the call is never made."""
        alarm, is_next = self._agenda.add(time.monotonic() + max(0.0, seconds), callback)
        if is_next:
            with self._wake:
                if self._thread is None and not self._closed:
                    self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
                    self._thread.start()
                self._wake.notify()
        return alarm

    def pending(self) -> int:
        """How many calls are still to be made."""
        return len(self._agenda)

    def close(self) -> None:
        """End the thread; calls that are not yet due are never made."""
        with self._wake:
            self._closed = True
            thread = self._thread
            self._wake.notify()
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def _run(self) -> None:
        while True:
            with self._wake:
                if self._closed:
                    return
                at = self._agenda.next_at()
                if at is None or at > time.monotonic():
                    self._wake.wait(None if at is None else at - time.monotonic())
                    continue
            callback = self._agenda.pop_due(time.monotonic())
            if callback is not None:
                ring(callback)


def ring(callback: Callable[[], None]) -> None:
    """Make a call that must not raise; if it does, that is logged, and the other calls go on."""
    try:
        callback()
    except Exception:  # the boundary between a clock and its callers
        logger.exception("A callback raised; it must not")

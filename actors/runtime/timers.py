"""Messages to oneself at a later time, and other letters that an actor's own runtime sends."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from actors.runtime.future import result_of, when_done
from supervision.clock import Timer

if TYPE_CHECKING:
    from actors.runtime.body import Body
    from actors.runtime.cell import Cell

NOTHING = object()
"""What `Inward.open` returns when there is nothing to handle."""


class Inward:
    """A letter from an actor's own runtime. It counts only for the incarnation that caused it."""

    __slots__ = ("epoch", "message")

    def __init__(self, epoch: int, message: Any) -> None:
        self.epoch = epoch
        self.message = message

    def open(self, cell: "Body") -> Any:
        """The message to handle, or `NOTHING`. On the actor's thread; may raise as a handler."""
        return self.message if cell.epoch == self.epoch else NOTHING


class Bomb(Inward):
    """Makes the handler raise: the way to crash an actor from outside, for tests."""

    __slots__ = ()

    def open(self, cell: "Body") -> Any:
        """Raise."""
        raise self.message


class Piped(Inward):
    """The result of a future for the actor that piped it."""

    __slots__ = ("_failed", "_future", "_ok")

    def __init__(
        self,
        epoch: int,
        future: Any,
        ok: Callable[[Any], Any] | None,
        failed: Callable[[BaseException], Any] | None,
    ) -> None:
        super().__init__(epoch, NOTHING)
        self._future = future
        self._ok = ok
        self._failed = failed

    def open(self, cell: "Body") -> Any:
        """The message that ``ok`` or ``failed`` makes of the result; None is no message."""
        if cell.epoch != self.epoch:
            return NOTHING
        try:
            value = result_of(self._future)
        except Exception as error:
            if self._failed is None:
                raise
            message = self._failed(error)
        else:
            message = value if self._ok is None else self._ok(value)
        self.message = NOTHING if message is None else message
        return self.message


class TimerHandle(Inward):
    """A timer of an actor. `cancel` holds even for a tick that waits in the mailbox already."""

    __slots__ = ("_alarm", "_at", "_cell", "_every", "_waits", "active")

    def __init__(self, cell: "Cell", message: Any, every: float | None) -> None:
        super().__init__(cell.epoch, message)
        self._cell = cell
        self._every = every
        self._alarm: Timer | None = None
        self._at = 0.0
        self._waits = False
        self.active = True

    def cancel(self) -> None:
        """No further tick is handled. From the actor's own thread, any number of times."""
        self.active = False
        if self._alarm is not None:
            self._alarm.cancel()
        self._cell.forget_timer(self)

    def open(self, cell: "Body") -> Any:
        """The message, unless cancelled in the meantime."""
        self._waits = False
        if not self.active or cell.epoch != self.epoch:
            return NOTHING
        if self._every is None:
            self.active = False
            cell.forget_timer(self)
        return self.message

    def set(self, seconds: float) -> None:
        """Ring in that many seconds."""
        clock = self._cell.dispatcher.clock
        self._at = clock.now() + seconds
        self._alarm = clock.call_later(seconds, self._ring)

    def _ring(self) -> None:
        if not self.active:
            return
        # A tick that is still waiting stands for those that came due meanwhile.
        if not self._waits:
            self._waits = True
            self._cell.urge(self)
        if self._every is not None:
            now = self._cell.dispatcher.clock.now()
            self._at = max(self._at + self._every, now)
            self._alarm = self._cell.dispatcher.clock.call_later(self._at - now, self._ring)


class Timers:
    """Timers of one incarnation; they end with it. Only from the actor's own code.

    Ticks come through the control lane, so that a full mailbox does not hold them up. All times
    are seconds on the dispatcher's clock.
    """

    __slots__ = ("_cell",)

    def __init__(self, cell: "Cell") -> None:
        self._cell = cell

    def once(self, seconds: float, message: Any) -> TimerHandle:
        """Send ``message`` to this actor in ``seconds``."""
        return self._start(TimerHandle(self._cell, message, None), seconds)

    def every(self, seconds: float, message: Any, *, first: float | None = None) -> TimerHandle:
        """Send ``message`` every ``seconds``, for the first time after ``first`` (or ``seconds``).

        Ticks that come due while one still waits in the mailbox are skipped.
        """
        if seconds <= 0:
            raise ValueError(f"expected an interval above 0 seconds, got {seconds}")
        return self._start(
            TimerHandle(self._cell, message, seconds), seconds if first is None else first
        )

    def _start(self, handle: TimerHandle, seconds: float) -> TimerHandle:
        self._cell.keep_timer(handle)
        handle.set(seconds)
        return handle


def pipe(
    cell: "Cell",
    future: Any,
    ok: Callable[[Any], Any] | None,
    failed: Callable[[BaseException], Any] | None,
) -> None:
    """Send the result of a future to the actor of ``cell``, when it is there."""
    letter = Piped(cell.epoch, future, ok, failed)
    when_done(future, lambda: cell.urge(letter))

"""How a live supervisor starts and stops as a whole."""

import contextlib
from collections import deque
from collections.abc import Callable

from supervision import events
from supervision.errors import (
    DuplicateId,
    StartFailed,
    SupervisorStopped,
)
from supervision.failure import Failure
from supervision.family import Family
from supervision.recovery import Child


class Lifetime(Family):
    """The part of a `LiveSupervisor` that brings all children up in order, and down in reverse."""

    def _decide(self, child: Child, failure: Failure | None) -> None:
        raise NotImplementedError

    def _start_next(self) -> None:
        while not self._waiting and self._queue:
            child = self._queue.popleft()
            if not child.final:
                self._waiting.add(child)
                self._begin(child)
        if self._waiting:
            return
        self._phase = "running"
        for child in self._dynamic.values():
            if child.state == "down":
                self._begin(child)
        self._outbox.add(self._guardian.started, self._whole)
        deferred, self._deferred = self._deferred, []
        for child, failure in deferred:
            if self._phase == "running" and child.state == "down":
                self._decide(child, failure)

    def _fail_start(self, child: Child, failure: Failure | None) -> None:
        error = StartFailed(f"{child.spec.id!r} below {self.name!r} did not start")
        if failure is None:
            error.__cause__ = SupervisorStopped(f"{child.spec.id!r} stopped while it started")
        else:
            error.__cause__ = failure.exception
        stack = failure.stack if failure else ""
        summary = Failure(self.name, error, stack, "start", self._home.clock.now())
        self._last_failure = summary
        self._unwind(False, lambda: self._guardian.failed(self._whole, summary))

    def _give_up(self, failure: Failure) -> None:
        self._last_failure = failure
        self._emit(events.SupervisorGaveUp(self.name, failure))
        self._unwind(False, lambda: self._guardian.failed(self._whole, failure))

    def _unwind(self, final: bool, then: Callable[[], None]) -> None:
        self._phase = "unwinding"
        self._final = final
        self._then = then
        self._deferred = []
        self._waiting = set()
        self._queue = deque(self._fixed.values())
        for child in [*self._fixed.values(), *self._dynamic.values()]:
            if child.recovery is not None:
                child.recovery.cancel()
        for child in list(self._dynamic.values()):
            self._stop_one(child)
        self._stop_next()

    def _stop_next(self) -> None:
        while not self._waiting and self._queue:
            self._stop_one(self._queue.pop())
        if self._waiting or self._phase != "unwinding":
            return
        self._phase = "gone" if self._final else "down"
        self._outbox.add(self._then)

    def _stop_one(self, child: Child) -> None:
        if child.state == "gone" or (child.state == "down" and not self._final):
            return
        self._waiting.add(child)
        self._halt(child, final=self._final)

    def _replant(self) -> None:
        """Children of the plan that had ended come back with their supervisor, as in OTP."""
        fixed, self._fixed = self._fixed, {}
        for spec in self._plan.children:
            # Its name may have been taken while it was gone; then it stays away.
            with contextlib.suppress(DuplicateId):
                child = fixed.get(spec.id)
                self._fixed[spec.id] = self._prepare(spec) if child is None else child

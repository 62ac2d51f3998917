"""What a live supervisor does about a child that went down by itself."""

from supervision import events
from supervision.errors import (
    RestartLimit,
)
from supervision.failure import Failure, stack_of
from supervision.lifetime import Lifetime
from supervision.recovery import Child, Recovery
from supervision.spec import (
    directive_for,
)
from supervision.strategy import affected


class Restarting(Lifetime):
    """The part of a `LiveSupervisor` that applies policy, intensity, backoff and strategy."""

    def _leaves(self, child: Child, failure: Failure | None) -> bool:
        """Whether a child that went down by itself does not come back."""
        if failure is None:
            return child.spec.restart != "permanent"
        policies = (child.spec.on_error, self._plan.on_error)
        stops = directive_for(type(failure.exception), policies) == "stop"
        return stops or child.spec.restart == "temporary"

    def _decide(self, child: Child, failure: Failure | None) -> None:
        if failure is not None:
            policies = (child.spec.on_error, self._plan.on_error)
            directive = directive_for(type(failure.exception), policies)
            if directive == "resume" and failure.phase == "message":
                child.state = "up"
                self._outbox.add(child.actor.resume)
                return
            if directive == "escalate":
                self._give_up(failure)
                return
        if self._leaves(child, failure):
            self._drop(child, failure)
        else:
            self._restart(child, failure)

    def _restart(self, child: Child, failure: Failure | None) -> None:
        now = self._home.clock.now()
        intensity, backoff = self._plan.intensity, self._plan.backoff
        window = self._window if intensity.per == "level" else child.own_window()
        if not window.add(now, intensity):
            self._exceeded(child, failure, now)
            return
        if child.sound_since is not None and now - child.sound_since >= backoff.reset_after:
            child.streak = 0
        child.sound_since = None
        child.streak += 1
        delay = backoff.delay(child.streak, self._home.rng)
        self._emit(events.RestartScheduled(child.spec.id, delay))
        order = list(self._fixed.values())
        fixed, dynamic = affected(self._plan.strategy, child, order, self._dynamic.values())
        recovery = Recovery.merged(order, fixed, dynamic)
        if delay > 0:
            recovery.alarm = self._home.clock.call_later(delay, lambda: self._rested(recovery))
        else:
            recovery.ready = True
        for each in dynamic:
            if each.state in ("up", "starting"):
                recovery.wait_for(each)
                self._halt(each, final=each.spec.restart == "temporary")
        self._step(recovery)

    def _exceeded(self, child: Child, failure: Failure | None, now: float) -> None:
        limit = self._plan.intensity
        error = RestartLimit(
            f"expected at most {limit.restarts} restarts in {limit.seconds} s below"
            f" {self.name!r}; {child.spec.id!r} needed one more"
        )
        error.__cause__ = failure.exception if failure else None
        summary = Failure(self.name, error, stack_of(error), "supervisor", now)
        if limit.per == "child":
            self._emit(events.ChildGivenUp(child.spec.id, failure or summary))
            self._drop(child, failure or summary)
        else:
            self._give_up(summary)

    def _rested(self, recovery: Recovery) -> None:
        with self._lock:
            if not recovery.cancelled:
                recovery.ready = True
                self._step(recovery)
        self._outbox.flush()

    def _step(self, recovery: Recovery) -> None:
        """Bring the members down one by one from the last, then up one by one from the first."""
        if recovery.cancelled:
            return
        while not recovery.halting and recovery.to_halt:
            child = recovery.to_halt.pop()
            if child.state in ("up", "starting"):
                recovery.wait_for(child)
                self._halt(child, final=child.spec.restart == "temporary")
        if recovery.halting or not recovery.ready:
            return
        while not recovery.starting and recovery.fixed:
            self._begin_in(recovery, recovery.fixed.pop(0))
        if recovery.starting:
            return
        for child in recovery.dynamic:
            self._begin_in(recovery, child)
        recovery.dynamic = []
        if not recovery.starting:
            recovery.finish()

    def _begin_in(self, recovery: Recovery, child: Child) -> None:
        if child.state == "down" and not child.final:
            recovery.starting.add(child)
            self._begin(child)

    def _join(self, child: Child) -> None:
        """A new dynamic child starts now, or with the others."""
        if self._phase != "running":
            return
        groups = self._plan.strategy != "one_for_one"
        recovery = next((each.recovery for each in self._fixed.values() if each.recovery), None)
        if groups and recovery is not None:
            recovery.adopt(child)
        else:
            self._begin(child)

"""A supervisor: the plan that a child spec names, and the live one that it becomes.

A live supervisor is no actor and has no thread. Whoever brings news (a pool thread, a timer)
decides under the supervisor's lock, and what follows is done afterwards, in order, by one thread
at a time, with no lock held: so nothing here waits for anything.
"""

import contextlib
import math
import threading
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from typing import Any, ClassVar, Literal

import attrs
import pykka

from supervision import events
from supervision.backoff import Backoff
from supervision.child import Guardian, Node, Supervised
from supervision.errors import (
    DuplicateId,
    NotFound,
    RestartLimit,
    SpecCycle,
    StartFailed,
    SupervisorStopped,
)
from supervision.failure import DeadLetter, Failure, stack_of
from supervision.home import Home
from supervision.intensity import Intensity, RestartWindow
from supervision.outbox import Outbox
from supervision.recovery import Child, Recovery
from supervision.spec import (
    NO_POLICY,
    ChildSpec,
    ErrorPolicy,
    Kind,
    Strategy,
    check_policy,
    directive_for,
    one_of,
)
from supervision.strategy import affected

Phase = Literal["new", "starting", "running", "unwinding", "down", "gone"]


@attrs.frozen
class Supervisor:
    """The plan of a supervisor.

    ``children`` start in order, each after the one before is up, and stop in reverse. More may be
    started and terminated at any time (`LiveSupervisor.start_child`); those have no order.
    """

    children: Sequence[ChildSpec] = ()
    strategy: Strategy = "one_for_one"
    intensity: Intensity = attrs.field(factory=Intensity)
    backoff: Backoff = attrs.field(factory=Backoff)
    on_error: ErrorPolicy = NO_POLICY

    kind: ClassVar[Kind] = "supervisor"

    def __attrs_post_init__(self) -> None:
        one_of("strategy", self.strategy, Strategy)
        check_policy(self.on_error)
        ids = [spec.id for spec in self.children]
        for each in ids:
            if ids.count(each) > 1:
                raise DuplicateId(f"expected unique ids, got {each!r} more than once")

    def prepare(self, name: Hashable, guardian: Guardian, home: Home) -> "LiveSupervisor":
        """See `Startable`.

        Raises:
            SpecCycle: the plan contains itself.
            DuplicateId: an id is used twice in the tree.
        """
        self.check_cycle()
        return LiveSupervisor(name, self, guardian, home)

    def check_cycle(self, above: tuple["Supervisor", ...] = ()) -> None:
        """Raise `SpecCycle` if this plan stands below itself."""
        if any(self is each for each in above):
            raise SpecCycle("expected a tree, got a supervisor that contains itself")
        for spec in self.children:
            if isinstance(spec.start, Supervisor):
                spec.start.check_cycle((*above, self))


class LiveSupervisor:
    """A running supervisor. All methods from any thread; none blocks."""

    ref: pykka.ActorRef[Any] | None = None

    def __init__(self, name: Hashable, plan: Supervisor, guardian: Guardian, home: Home) -> None:
        self.name = name
        self._plan = plan
        self._guardian = guardian
        self._home = home
        self._lock = threading.Lock()
        self._outbox = Outbox()
        self._phase: Phase = "new"
        self._fixed: dict[Hashable, Child] = {}
        self._dynamic: dict[Hashable, Child] = {}
        self._window = RestartWindow()
        self._deferred: list[tuple[Child, Failure | None]] = []
        self._queue: deque[Child] = deque()
        self._waiting: set[Child] = set()
        self._final = False
        self._hurry = False
        self._then: Callable[[], None] = lambda: None
        self._last_failure: Failure | None = None
        home.directory._add(name, None, self)
        try:
            for spec in plan.children:
                self._fixed[spec.id] = self._prepare(spec)
        except BaseException:
            for each in (name, *self._fixed):
                home.directory._remove(each)
            raise

    # What its users call.

    def start_child(self, spec: ChildSpec) -> pykka.ActorRef[Any] | None:
        """Add a child and return its ref at once; it starts when the supervisor runs. O(1).

        The child's ``__init__`` runs on the calling thread, ``on_start`` on its dispatcher.

        Raises:
            DuplicateId: the id is taken in this tree.
            SupervisorStopped: the supervisor is stopping or has stopped.
            Exception: whatever the child's ``__init__`` raises; then nothing was added.
        """
        self._check_open()
        child = self._prepare(spec)
        try:
            build = getattr(child.actor, "build", None)
            if build is not None:
                build()
            with self._lock:
                self._check_open()
                self._dynamic[spec.id] = child
                self._join(child)
        except BaseException:
            self._home.directory._remove(spec.id)
            child.actor.halt(final=True)
            raise
        self._outbox.flush()
        return child.actor.ref

    def terminate_child(self, name: Hashable) -> None:
        """End a child for good and forget it, without waiting for the end. O(1).

        Raises:
            NotFound: the supervisor has no such child.
        """
        with self._lock:
            child = self._dynamic.get(name) or self._fixed.get(name)
            if child is None:
                raise NotFound(f"expected a child of {self.name!r} called {name!r}, found none")
            if child.recovery is not None:
                child.recovery.wait_for(child)
            self._halt(child, final=True)
        self._outbox.flush()

    def count(self) -> int:
        """How many children there are, in whatever state."""
        return len(self._fixed) + len(self._dynamic)

    def look(self, limit: int | None = None) -> Node:
        """This supervisor and what is below, each level cut at ``limit`` children."""
        with self._lock:
            children = [*self._fixed.values(), *self._dynamic.values()]
            phase, failure = self._phase, self._last_failure
        shown = children if limit is None else children[:limit]
        nodes = []
        for child in shown:
            node = child.actor.look(limit)
            restarts = max(0, child.starts - 1)
            nodes.append(attrs.evolve(node, restarts=restarts, last_failure=child.failure))
        return Node(
            self.name,
            "supervisor",
            phase,
            last_failure=failure,
            children=tuple(nodes),
            omitted=len(children) - len(shown),
        )

    # What its own guardian calls: see `Supervised`.

    def begin(self) -> None:
        """Start all children, the fixed ones in order."""
        with self._lock:
            self._phase = "starting"
            self._hurry = False
            self._replant()
            self._window = RestartWindow()
            self._queue = deque(self._fixed.values())
            self._waiting = set()
            self._start_next()
        self._outbox.flush()

    def resume(self) -> None:
        """A supervisor that gave up has nothing to go on with: the same as `begin`."""
        self.begin()

    def halt(self, *, final: bool) -> None:
        """Stop all children, the fixed ones in reverse; then `Guardian.halted`."""
        with self._lock:
            if self._phase == "gone":
                return
            final = final or self._final
            self._unwind(final, lambda: self._guardian.halted(self, final=final))
        self._outbox.flush()

    def abandon(self) -> bool:
        """Go on stopping, in order, but wait for nobody."""
        with self._lock:
            if self._phase != "unwinding":
                return False
            self._hurry = True
            for child in [*self._fixed.values(), *self._dynamic.values()]:
                if child.state == "halting":
                    self._outbox.add(self._abandon, child)
        self._outbox.flush()
        return True

    def farewell(self, reason: Failure | None) -> None:
        """Nobody watches a supervisor."""

    # What its children tell: see `Guardian`.

    def started(self, actor: Supervised) -> None:
        """A child is up."""
        with self._lock:
            child = self._find(actor)
            if child is None or child.state != "starting":
                return
            child.state = "up"
            child.started_at = self._home.clock.now()
            child.starts += 1
            self._emit(events.ChildStarted(child.spec.id, child.starts - 1))
            if self._phase == "starting":
                self._waiting.discard(child)
                self._start_next()
            elif child.recovery is not None:
                child.recovery.starting.discard(child)
                self._step(child.recovery)
        self._outbox.flush()

    def failed(self, actor: Supervised, failure: Failure) -> None:
        """A child is down by a failure."""
        self._went_down(actor, failure)

    def exited(self, actor: Supervised) -> None:
        """A child is down because somebody asked it to stop."""
        self._went_down(actor, None)

    def halted(self, actor: Supervised, *, final: bool) -> None:
        """A child is down, or gone, because this supervisor said so."""
        with self._lock:
            child = self._find(actor)
            if child is None or child.state != "halting" or (child.final and not final):
                return
            child.state = "down"
            child.cancel_alarm()
            if child.final:
                self._forget(child)
            if self._phase == "unwinding":
                self._waiting.discard(child)
                self._stop_next()
            elif self._phase == "starting":
                self._waiting.discard(child)
                self._start_next()
            elif child.recovery is not None:
                recovery = child.recovery
                recovery.halting.discard(child)
                self._step(recovery)
        self._outbox.flush()

    def complained(self, actor: Supervised, failure: Failure) -> None:
        """Something went wrong on the way out."""
        with self._lock:
            child = self._find(actor)
            if child is not None:
                child.failure = failure
            self._emit(events.ChildFailed(failure.name, failure))
        self._outbox.flush()

    def abandoned(self, actor: Supervised, dispatcher: str, stack: str, replaced: bool) -> None:
        """A handler of a child was left behind."""
        self._home.emit(events.HandlerAbandoned(actor.name, dispatcher, stack, replaced))

    def died(self, actor: Supervised, letter: DeadLetter) -> None:
        """A child's message became a dead letter."""
        self._home.died(letter)

    def undelivered(self, actor: Supervised, message: Any) -> None:
        """A message of a child that is gone was never handled."""
        self._home.emit(events.MessageUndelivered(actor.name, message))

    # Decisions; all under the lock, all effects through the outbox.

    def _went_down(self, actor: Supervised, failure: Failure | None) -> None:
        with self._lock:
            child = self._find(actor)
            if child is None:
                return
            if failure is not None:
                child.failure = failure
                self._emit(events.ChildFailed(child.spec.id, failure))
            if child.state == "halting":
                return
            was_starting = child.state == "starting"
            child.state = "down"
            if self._phase == "running":
                self._decide(child, failure)
            elif self._phase == "starting" and was_starting and child in self._waiting:
                self._fail_start(child, failure)
            elif self._phase == "starting":
                self._deferred.append((child, failure))
            elif self._phase == "unwinding" and self._leaves(child, failure):
                self._waiting.add(child)
                self._drop(child, failure)
        self._outbox.flush()

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
        if child.started_at is not None and now - child.started_at >= backoff.reset_after:
            child.streak = 0
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

    def _drop(self, child: Child, cause: Failure | None = None) -> None:
        child.cause = cause
        recovery = child.recovery
        if recovery is not None:
            recovery.wait_for(child)
        self._halt(child, final=True)

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

    def _begin(self, child: Child) -> None:
        child.state = "starting"
        self._outbox.add(child.actor.begin)

    def _halt(self, child: Child, *, final: bool) -> None:
        """Ask for an end; safe to repeat. The answer is `halted`."""
        if child.state == "halting" and (child.final or not final):
            return
        child.state = "halting"
        child.final = child.final or final
        child.cancel_alarm()
        deadline = 0.0 if self._hurry else child.spec.deadline
        self._outbox.add(child.actor.halt, final=child.final)
        if deadline == 0:
            self._outbox.add(self._abandon, child)
        elif deadline < math.inf:
            child.alarm = self._home.clock.call_later(deadline, lambda: self._overdue(child))

    def _overdue(self, child: Child) -> None:
        with self._lock:
            if child.state == "halting":
                self._outbox.add(self._abandon, child)
        self._outbox.flush()

    def _abandon(self, child: Child) -> None:
        if child.actor.abandon():
            self._home.emit(events.ChildAbandoned(child.spec.id, child.spec.deadline))

    def _forget(self, child: Child) -> None:
        name = child.spec.id
        child.state = "gone"
        for table in (self._fixed, self._dynamic):
            if table.get(name) is child:
                del table[name]
        self._home.directory._remove(name)
        self._emit(events.ChildStopped(name, child.cause))
        self._outbox.add(child.actor.farewell, child.cause)

    # Starting and stopping as a whole.

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
        self._outbox.add(self._guardian.started, self)
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
        self._unwind(False, lambda: self._guardian.failed(self, summary))

    def _give_up(self, failure: Failure) -> None:
        self._last_failure = failure
        self._emit(events.SupervisorGaveUp(self.name, failure))
        self._unwind(False, lambda: self._guardian.failed(self, failure))

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

    def _replant(self) -> None:
        """Children of the plan that had ended come back with their supervisor, as in OTP."""
        fixed, self._fixed = self._fixed, {}
        for spec in self._plan.children:
            # Its name may have been taken while it was gone; then it stays away.
            with contextlib.suppress(DuplicateId):
                child = fixed.get(spec.id)
                self._fixed[spec.id] = self._prepare(spec) if child is None else child

    def _stop_one(self, child: Child) -> None:
        if child.state == "gone" or (child.state == "down" and not self._final):
            return
        self._waiting.add(child)
        self._halt(child, final=self._final)

    def _prepare(self, spec: ChildSpec) -> Child:
        if spec.id in self._dynamic or spec.id in self._fixed:
            raise DuplicateId(f"expected a new id below {self.name!r}, got {spec.id!r} again")
        actor = spec.start.prepare(spec.id, self, self._home)
        if not isinstance(actor, LiveSupervisor):
            self._home.directory._add(spec.id, actor.ref, None)
        return Child(spec, actor)

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

    def _check_open(self) -> None:
        if self._phase in ("unwinding", "down", "gone"):
            raise SupervisorStopped(
                f"expected supervisor {self.name!r} to run, but it is {self._phase}"
            )

    def _find(self, actor: Supervised) -> Child | None:
        child = self._dynamic.get(actor.name) or self._fixed.get(actor.name)
        return child if child is not None and child.actor is actor else None

    def _emit(self, event: events.Event) -> None:
        self._outbox.add(self._home.emit, event)

"""The children of a live supervisor, and what it asks of each."""

import math
import threading
from collections import deque
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Literal, cast

from supervision import events
from supervision.child import Guardian, Supervised
from supervision.errors import (
    DuplicateId,
    SupervisorStopped,
)
from supervision.failure import Failure
from supervision.home import Home
from supervision.intensity import RestartWindow
from supervision.outbox import Outbox
from supervision.recovery import Child
from supervision.spec import (
    ChildSpec,
)

if TYPE_CHECKING:
    from supervision.live import LiveSupervisor
    from supervision.supervisor import Supervisor

Phase = Literal["new", "starting", "running", "unwinding", "down", "gone"]


class Family:
    """The state of a `LiveSupervisor`; to be touched under its lock, effects through its outbox."""

    def __init__(self, name: Hashable, plan: "Supervisor", guardian: Guardian, home: Home) -> None:
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
        # To others this is a LiveSupervisor, which is all of it.
        self._whole = cast("LiveSupervisor", self)
        home.directory._add(name, None, self._whole)
        try:
            for spec in plan.children:
                self._fixed[spec.id] = self._prepare(spec)
        except BaseException:
            for each in (name, *self._fixed):
                home.directory._remove(each)
            raise

    def _prepare(self, spec: ChildSpec) -> Child:
        if spec.id in self._dynamic or spec.id in self._fixed:
            raise DuplicateId(f"expected a new id below {self.name!r}, got {spec.id!r} again")
        actor = spec.start.prepare(spec.id, self._whole, self._home)
        if spec.start.kind == "worker":
            self._home.directory._add(spec.id, actor.ref, None)
        return Child(spec, actor)

    def _find(self, actor: Supervised) -> Child | None:
        child = self._dynamic.get(actor.name) or self._fixed.get(actor.name)
        return child if child is not None and child.actor is actor else None

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

    def _drop(self, child: Child, cause: Failure | None = None) -> None:
        child.cause = cause
        recovery = child.recovery
        if recovery is not None:
            recovery.wait_for(child)
        self._halt(child, final=True)

    def _forget(self, child: Child) -> None:
        name = child.spec.id
        child.state = "gone"
        for table in (self._fixed, self._dynamic):
            if table.get(name) is child:
                del table[name]
        self._home.directory._remove(name)
        self._emit(events.ChildStopped(name, child.cause))
        self._outbox.add(child.actor.farewell, child.cause)

    def _emit(self, event: events.Event) -> None:
        self._outbox.add(self._home.emit, event)

    def _check_open(self) -> None:
        if self._phase in ("unwinding", "down", "gone"):
            raise SupervisorStopped(
                f"expected supervisor {self.name!r} to run, but it is {self._phase}"
            )

"""A live supervisor: what its users, its own guardian and its children may call.

It is no actor and has no thread. Whoever brings news (a pool thread, a timer) decides under the
supervisor's lock, and what follows is done afterwards, in order, by one thread at a time, with no
lock held: so nothing here waits for anything.
"""

from collections import deque
from collections.abc import Hashable
from typing import Any

import attrs
import pykka

from supervision import events
from supervision.child import Node, Supervised
from supervision.errors import (
    NotFound,
)
from supervision.failure import DeadLetter, Failure
from supervision.intensity import RestartWindow
from supervision.restarting import Restarting
from supervision.spec import (
    ChildSpec,
)


class LiveSupervisor(Restarting):
    """A running supervisor. All methods from any thread; none blocks."""

    ref: pykka.ActorRef[Any] | None = None

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
            if child.sound_since is None:
                child.sound_since = self._home.clock.now()
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

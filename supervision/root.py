"""The root of a tree: what starts it, stops it, and hears when it gives up."""

import logging
import random
import threading
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import attrs

from supervision.backoff import Backoff
from supervision.child import Node, Supervised
from supervision.clock import Clock, SystemClock
from supervision.directory import Directory
from supervision.errors import StartFailed
from supervision.events import ChildAbandoned, Event
from supervision.failure import DeadLetter, Failure
from supervision.home import Home, log_event
from supervision.intensity import Intensity
from supervision.live import LiveSupervisor
from supervision.spec import ChildSpec, ErrorPolicy, Strategy
from supervision.supervisor import Supervisor

logger = logging.getLogger("supervision")


@attrs.frozen
class StopReport:
    """How a tree ended: names that did not end in time, in the order they were abandoned."""

    abandoned: tuple[Any, ...]

    @property
    def clean(self) -> bool:
        """Everybody ended in time."""
        return not self.abandoned


def _ignore(_: object) -> None:
    """Where nobody subscribes."""


class Root:
    """One supervision tree with its directory, clock and subscribers.

    ``on_event`` gets every event of `supervision.events`, ``on_dead_letter`` every dead letter;
    both are called on whatever thread it happened and must not block. ``on_give_up`` is called
    once, when the top level gives up and all children are stopped: the application should exit
    non-zero then, so that whoever runs it starts it afresh.
    """

    def __init__(
        self,
        children: Sequence[ChildSpec],
        *,
        name: Hashable = "root",
        strategy: Strategy = "one_for_one",
        intensity: Intensity | None = None,
        backoff: Backoff | None = None,
        on_error: ErrorPolicy | None = None,
        clock: Clock | None = None,
        directory: Directory | None = None,
        on_event: Callable[[Event], Any] = log_event,
        on_dead_letter: Callable[[DeadLetter], Any] = _ignore,
        on_give_up: Callable[[Failure], Any] = _ignore,
        rng: random.Random | None = None,
    ) -> None:
        plan = Supervisor(
            children, strategy, intensity or Intensity(), backoff or Backoff(), on_error or {}
        )
        self.name = name
        self.directory = directory if directory is not None else Directory()
        self._own_clock = SystemClock(f"{name}-clock") if clock is None else None
        self._subscriber = on_event
        home = Home(
            self._own_clock or clock or SystemClock(),
            self.directory,
            self._heard,
            on_dead_letter,
            rng or random.Random(),
        )
        self._on_give_up = on_give_up
        self._abandoned: list[Any] = []
        self._state = "new"
        self._failure: Failure | None = None
        self._up = threading.Event()
        self._gone = threading.Event()
        self.top = plan.prepare(name, self, home)

    def start(self, timeout: float = 60.0) -> None:
        """Start all children in order and wait until the last one's ``on_start`` has returned.

        Not on a pool thread.

        Raises:
            StartFailed: a child did not come up, or not all within ``timeout`` seconds; those
                that had are stopped, and ``__cause__`` is what the child raised.
        """
        if self._state != "new":
            raise StartFailed(
                f"expected a tree that was not started yet, this one is {self._state}"
            )
        self._state = "starting"
        self.top.begin()
        in_time = self._up.wait(timeout)
        if in_time and self._failure is None:
            self._state = "running"
            return
        failure = self._failure
        self.stop(5.0)
        if failure is None:
            raise StartFailed(f"expected all children within {timeout} s, some are still starting")
        raise StartFailed(f"expected all children to start: {failure.exception}") from (
            failure.exception.__cause__ or failure.exception
        )

    def stop(self, deadline: float = 30.0) -> StopReport:
        """Stop all children in reverse order and wait for it, at most ``deadline`` seconds.

        Each child has its own shutdown deadline too; who exceeds either is abandoned and named in
        the report. Harmless when repeated. Not on a pool thread.
        """
        if self._state != "stopped":
            self._state = "stopping"
            self.top.halt(final=True)
            if not self._gone.wait(deadline):
                self.top.abandon()
                self._gone.wait(5.0)
            self._state = "stopped"
            if self._own_clock is not None:
                self._own_clock.close()
        return StopReport(tuple(self._abandoned))

    def supervisor(self, name: Hashable) -> LiveSupervisor:
        """The supervisor called ``name``; the root itself by the root's name."""
        return self.directory.supervisor(name)

    def tree(self, limit: int | None = None) -> Node:
        """The whole tree as data; at most ``limit`` children of each supervisor."""
        return self.top.look(limit)

    # What the top supervisor tells: see `Guardian`.

    def started(self, _actor: Supervised) -> None:
        """All children are up."""
        self._up.set()

    def failed(self, actor: Supervised, failure: Failure) -> None:
        """The top level gave up, or did not come up; its children are down."""
        self._failure = failure
        if not self._up.is_set():
            self._up.set()
            return
        actor.halt(final=True)
        if self._state == "stopping":
            return
        try:
            self._on_give_up(failure)
        except Exception:  # a subscriber's fault must not stop the end
            logger.exception("on_give_up raised")

    def exited(self, actor: Supervised) -> None:
        """A supervisor does not exit by itself."""

    def halted(self, _actor: Supervised, *, final: bool) -> None:
        """All children are gone."""
        if final:
            self.directory._remove(self.name)
            self._gone.set()

    def complained(self, actor: Supervised, failure: Failure) -> None:
        """Supervisors complain of nothing."""

    def abandoned(self, actor: Supervised, dispatcher: str, stack: str, replaced: bool) -> None:
        """Supervisors run no handlers."""

    def died(self, actor: Supervised, letter: DeadLetter) -> None:
        """Supervisors have no mailbox."""

    def undelivered(self, actor: Supervised, message: Any) -> None:
        """Supervisors have no mailbox."""

    def _heard(self, event: Event) -> None:
        if isinstance(event, ChildAbandoned):
            self._abandoned.append(event.name)
        self._subscriber(event)

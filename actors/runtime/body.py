"""What a cell is made of, and who it is."""

import logging
import threading
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from actors.runtime.mailbox import Letter, Mailbox
from actors.runtime.ref import PooledRef
from actors.runtime.timers import TimerHandle
from actors.runtime.urn import urns
from supervision.child import Guardian, Node
from supervision.errors import DispatcherStopped
from supervision.failure import Failure, Phase, stack_of

if TYPE_CHECKING:
    from actors.runtime.actor import PooledActor
    from actors.runtime.cell import Cell
    from actors.runtime.dispatcher import Dispatcher, Worker
    from actors.runtime.recipe import Recipe
    from actors.runtime.watching import Watching

logger = logging.getLogger("pykka")

NEW, IDLE, QUEUED, RUNNING, DOWN, DEAD, LEAVING = range(7)
STATES = ("new", "idle", "queued", "running", "down", "stopped", "stopping")
NO_HALT, HALT, HALT_FINALLY = range(3)


class Body:
    """The parts of a `Cell`. Whatever changes does so under ``lock``."""

    __slots__ = (
        "_ref",
        "actor",
        "begins",
        "begun",
        "closing",
        "current",
        "dispatcher",
        "drain_until",
        "enders",
        "epoch",
        "gone",
        "guardian",
        "halting",
        "last",
        "listed",
        "lock",
        "mailbox",
        "name",
        "number",
        "reason",
        "recipe",
        "reporting",
        "retired",
        "retried",
        "retry",
        "state",
        "stoppers",
        "stopping",
        "timers",
        "watchers",
        "watching",
        "worker",
    )

    def __init__(self, recipe: "Recipe", name: Any, guardian: Guardian) -> None:
        self.lock = threading.Lock()
        self.recipe = recipe
        self.dispatcher: Dispatcher = recipe.dispatcher
        self.mailbox = Mailbox(recipe.actor_class.mailbox_bound)
        self.name = name
        # What it is told about is this object, whose whole type only its subclass knows.
        self.guardian: Any = guardian
        self.number = urns.number()
        self.state = NEW
        self.halting = NO_HALT
        self.begins = False
        self.stopping = False
        self.closing = False
        self.begun = False
        self.reporting = 0
        self.listed = False
        self.epoch = 0
        self.actor: PooledActor | None = None
        self.retired: PooledActor | None = None
        self.worker: Worker | None = None
        self.current: Letter | None = None
        self.last: Letter | None = None
        self.retry: tuple[Letter, Failure] | None = None
        self.retried: Letter | None = None
        self.drain_until: float | None = None
        self.stoppers: list[Any] | None = None
        self.enders: list[Callable[[], None]] | None = None
        self.gone = False
        self.reason: Failure | None = None
        self.timers: set[TimerHandle] | None = None
        self.watchers: set[Watching] | None = None
        self.watching: set[Watching] | None = None
        self._ref: PooledRef[Any] | weakref.ReferenceType[PooledRef[Any]] | None = None

    @property
    def ref(self) -> PooledRef[Any]:
        """The one ref to this actor."""
        ref = self._ref
        if isinstance(ref, weakref.ReferenceType):
            ref = ref()
        if ref is None:
            ref = self._ref = PooledRef(cast("Cell", self))
        return ref

    @property
    def urn(self) -> str:
        """See `pykka.Actor.actor_urn`."""
        return urns.urn(self.number)

    def face(self) -> "PooledActor | None":
        """An incarnation for proxies to look at: the present one, or the one before it."""
        return self.actor or self.retired

    def is_dead(self) -> bool:
        """Whether the actor has ended for good."""
        return self.state >= DEAD

    def look(self, limit: int | None = None) -> Node:
        """See `supervision.Supervised`."""
        with self.lock:
            state = STATES[self.state]
            if self.begins:
                state = "starting"
            elif self.halting and self.state != DEAD:
                state = "halting"
            depth, oldest, refused = len(self.mailbox), self.mailbox.oldest(), self.mailbox.refused
        age = 0.0 if oldest is None else max(0.0, self.dispatcher.clock.now() - oldest)
        return Node(self.name, "worker", state, depth=depth, oldest_age=age, refused=refused)

    def urge(self, message: Any) -> None:
        """Put a message into the control lane; nothing happens if the actor has ended."""
        with self.lock:
            if self.state >= DEAD:
                return
            self.mailbox.urge((message, None, self.dispatcher.clock.now()))
            if self.state != IDLE:
                return
            self.state = QUEUED
        self._submit_quietly()

    def keep_timer(self, timer: TimerHandle) -> None:
        """Remember a timer, so that it ends with the incarnation. On the actor's own thread."""
        if self.timers is None:
            self.timers = set()
        self.timers.add(timer)

    def forget_timer(self, timer: TimerHandle) -> None:
        """A timer has ended. On the actor's own thread."""
        if self.timers is not None:
            self.timers.discard(timer)
            if not self.timers:
                self.timers = None

    def _submit(self, *, urgent: bool = False) -> None:
        whole: Any = self
        try:
            self.dispatcher.submit(whole, urgent=urgent)
        except DispatcherStopped:
            whole.orphan()
            raise

    def _submit_quietly(self, *, urgent: bool = False) -> None:
        try:
            self._submit(urgent=urgent)
        except DispatcherStopped:
            logger.debug("An actor has ended with its dispatcher, %s", self.dispatcher.name)

    def _deadline(self) -> float:
        deadline = self.recipe.actor_class.handler_deadline
        return self.dispatcher.handler_deadline if deadline is None else deadline

    def _failure(self, error: BaseException, phase: Phase) -> Failure:
        return Failure(self.name, error, stack_of(error), phase, self.dispatcher.clock.now())

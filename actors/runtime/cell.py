"""The lasting part of a pooled actor: mailbox, place in the queue, and what it is at.

    new ──begin──▶ queued ──a thread──▶ running ──no more letters──▶ idle ──a letter──▶ queued
                     ▲                     │ └──turn is over──▶ queued
                     │                     ├──a failure, a stop, a halt, past the deadline──▶ down
                     └────begin, resume────────────────────────────────────────────────────┘ │
                                                             dead ◀──halt(final=True)────────┘

The incarnation (the instance of the actor's class) comes and goes; ref, mailbox and watchers stay
until the cell is dead. All state changes happen under the cell's lock, and the actor's own code
and the guardian are called without it.
"""

import contextlib
import logging
import math
import queue
import threading
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pykka
from pykka import messages
from pykka.messages import _ActorStop

from actors.runtime.mailbox import Letter, Mailbox
from actors.runtime.messages import Terminated
from actors.runtime.ref import PooledRef
from actors.runtime.threads import check_fence, fenced
from actors.runtime.timers import NOTHING, Bomb, Inward, Piped, TimerHandle
from actors.runtime.urn import urns
from supervision.child import Guardian, Node
from supervision.errors import DispatcherStopped, HandlerHung, MailboxFull
from supervision.failure import DeadLetter, Failure, Phase, stack_of

if TYPE_CHECKING:
    from pykka._envelope import Envelope

    from actors.runtime.actor import PooledActor
    from actors.runtime.dispatcher import Dispatcher, Worker
    from actors.runtime.recipe import Recipe

logger = logging.getLogger("pykka")

NEW, IDLE, QUEUED, RUNNING, DOWN, DEAD = range(6)
STATES = ("new", "idle", "queued", "running", "down", "stopped")
_ON_STOP: Letter = ("on_stop", None, 0.0)
NO_HALT, HALT, HALT_FINALLY = range(3)

_PROXIED = (messages.ProxyCall, messages.ProxyGetAttr, messages.ProxySetAttr)
_SPECIAL = frozenset((*_PROXIED, Inward, Bomb, Piped, TimerHandle))


class Cell:
    """See above. It is the ``actor_inbox`` of its ref, and what a supervisor supervises."""

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
        "lock",
        "mailbox",
        "name",
        "number",
        "reason",
        "recipe",
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
        self.guardian = guardian
        self.number = urns.number()
        self.state = NEW
        self.halting = NO_HALT
        self.begins = False
        self.stopping = False
        self.closing = False
        self.begun = False
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
        self.watchers: set[Cell] | None = None
        self.watching: set[Cell] | None = None
        self._ref: PooledRef[Any] | weakref.ReferenceType[PooledRef[Any]] | None = None

    # Who it is.

    @property
    def ref(self) -> PooledRef[Any]:
        """The one ref to this actor."""
        ref = self._ref
        if isinstance(ref, weakref.ReferenceType):
            ref = ref()
        if ref is None:
            ref = self._ref = PooledRef(self)
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
        return self.state == DEAD

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

    # What anybody may send.

    def send(self, message: Any, reply_to: Any = None) -> None:
        """Put a message at the end of the mailbox; raises as `PooledRef.tell` does."""
        if fenced:
            check_fence()
        dispatcher = self.dispatcher
        with self.lock:
            state = self.state
            if state == DEAD:
                raise pykka.ActorDeadError(f"{self.ref} not found")
            if not self.mailbox.offer((message, reply_to, dispatcher.clock.now())):
                raise MailboxFull(
                    f"expected room in the mailbox of {self.name or self.ref}, but it is at its"
                    f" bound of {self.mailbox.bound}; send less, or tell the sender to wait"
                )
            if state != IDLE:
                return
            self.state = QUEUED
        self._submit()

    def stop(self, reply_to: Any) -> None:
        """Ask for an end; ``reply_to`` is set to True then. Never waits behind the mailbox.

        Raises:
            pykka.ActorDeadError: the actor has ended.
        """
        if fenced:
            check_fence()
        with self.lock:
            if self.state == DEAD:
                raise pykka.ActorDeadError(f"{self.ref} not found")
            if reply_to is not None:
                self.stoppers = [*(self.stoppers or ()), reply_to]
            if self.stopping:
                return
            self.stopping = self.closing = True
            self.last = self.mailbox.last()
            submit = self.state in (IDLE, QUEUED)
            if submit:
                self.state = QUEUED
        if submit:
            self._submit_quietly(urgent=True)

    def urge(self, message: Any) -> None:
        """Put a message into the control lane; nothing happens if the actor has ended."""
        with self.lock:
            if self.state == DEAD:
                return
            self.mailbox.urge((message, None, self.dispatcher.clock.now()))
            if self.state != IDLE:
                return
            self.state = QUEUED
        self._submit_quietly()

    def put(self, envelope: "Envelope[Any]", /) -> None:
        """See ``pykka._actor.ActorInbox``: a letter from a plain `pykka.ActorRef`."""
        if isinstance(envelope.message, _ActorStop):
            self.stop(envelope.reply_to)
        else:
            self.send(envelope.message, envelope.reply_to)

    def get(self) -> "Envelope[Any]":
        """Raise: only the dispatcher takes letters out."""
        raise NotImplementedError("expected nobody to take from the mailbox of a pooled actor")

    def empty(self) -> bool:
        """Whether no letter waits."""
        return not len(self.mailbox)

    # What its guardian says: see `supervision.Supervised`.

    def build(self) -> None:
        """Make the first incarnation on this thread; raises what its ``__init__`` raises."""
        self.actor = self.recipe.make(self)

    def begin(self) -> None:
        """See `supervision.Supervised`."""
        again = self.begun
        if again:
            self._retire()
        else:
            self._settle_in()
        with self.lock:
            if self.state not in (NEW, DOWN):
                return
            self.state = QUEUED
            self.begins = True
        self._submit_quietly(urgent=again)

    def resume(self) -> None:
        """See `supervision.Supervised`. The letter that failed becomes a dead letter."""
        with self.lock:
            if self.state != DOWN:
                return
            self.state = QUEUED
            retry, self.retry = self.retry, None
        self._give_up_on(retry)
        self._submit_quietly()

    def halt(self, *, final: bool) -> None:
        """See `supervision.Supervised`."""
        with self.lock:
            if self.state == DEAD:
                return
            if final and self.halting != HALT_FINALLY:
                self.last = self.mailbox.last()
            self.halting = HALT_FINALLY if final else max(self.halting, HALT)
            self.closing = True
            submit = self.state in (IDLE, QUEUED)
            if submit:
                self.state = QUEUED
            finish = self.state in (NEW, DOWN)
        if finish:
            self._finish_halt()
        elif submit:
            self._submit_quietly(urgent=True)

    def abandon(self) -> bool:
        """See `supervision.Supervised`."""
        with self.lock:
            if self.state == DEAD or not self.halting:
                return False
            worker = self.worker
            if worker is not None:
                self.current = None
                self._cut_loose(worker)
            self.state = DOWN
            self.begins = False
        self._retire()
        if worker is not None:
            self._report_abandoned(worker, worker.stack())
        self._finish_halt()
        return True

    def farewell(self, reason: Failure | None) -> None:
        """Tell the watchers, once, that the actor has ended."""
        with self.lock:
            self.gone, self.reason = True, reason
            watchers, self.watchers = self.watchers, None
            enders, self.enders = self.enders, None
        for watcher in watchers or ():
            watcher.mourn(self, reason)
        for callback in enders or ():
            callback()

    def mourn(self, watched: "Cell", reason: Failure | None) -> None:
        """An actor that this one watches has ended."""
        with self.lock:
            if self.watching is None or watched not in self.watching:
                return
            self.watching.discard(watched)
        self.urge(Terminated(watched.ref, watched.name, reason))

    def watch(self, watched: "Cell") -> None:
        """See `PooledActor.watch`."""
        with self.lock:
            if self.watching is None:
                self.watching = set()
            self.watching.add(watched)
        with watched.lock:
            gone = watched.gone
            if not gone:
                watched.watchers = watched.watchers or set()
                watched.watchers.add(self)
        if gone:
            self.mourn(watched, watched.reason)

    def unwatch(self, watched: "Cell") -> None:
        """See `PooledActor.unwatch`."""
        with self.lock:
            if self.watching is not None:
                self.watching.discard(watched)
        with watched.lock:
            if watched.watchers is not None:
                watched.watchers.discard(self)

    def on_end(self, callback: Callable[[], None]) -> None:
        """Call once when the actor has ended for good, or now."""
        with self.lock:
            if not self.gone:
                self.enders = [*(self.enders or ()), callback]
                return
        callback()

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

    # What its dispatcher says.

    def run(self, worker: "Worker") -> None:
        """One turn, on a thread of the dispatcher."""
        with self.lock:
            if self.state != QUEUED:
                return
            self.state = RUNNING
            self.worker = worker
            begins, self.begins = self.begins, False
            actor = self.actor
        worker.running = self
        if begins:
            actor = self._come_up(worker)
        if actor is not None:
            self._take_turn(worker, actor)
        worker.running = None
        worker.due = math.inf

    def expire(self, worker: "Worker", now: float) -> None:
        """The handler on ``worker`` is past its deadline, unless it has returned meanwhile."""
        with self.lock:
            if self.worker is not worker or worker.due > now:
                return
            letter, self.current = self.current, None
            stack = worker.stack()
            self._cut_loose(worker)
            self.state = DOWN
            stoppers = self._end_stop() if letter is _ON_STOP else None
        self._retire()
        self._report_abandoned(worker, stack)
        error = HandlerHung(
            f"expected {self.name or self.ref} to handle {letter[0] if letter else 'a hook'!r:.200}"
            f" within {self._deadline():g} s; it was abandoned on thread {worker.thread.name!r}"
        )
        failure = Failure(self.name, error, stack, "hang", now)
        if letter is not None and letter is not _ON_STOP:
            _refuse(letter[1], error)
            self._note_poison(letter, failure)
        self._report_down(failure)
        for reply_to in stoppers or ():
            _reply(reply_to, True)

    def orphan(self) -> None:
        """The dispatcher has stopped: the actor can never run again."""
        with self.lock:
            if self.state in (DEAD, RUNNING):
                return
            self.halting = HALT_FINALLY
            self.state = DOWN
        self._finish_halt()
        if self.guardian is FREE:
            self.farewell(None)

    # A turn, on the thread of ``worker``.

    def _take_turn(self, worker: "Worker", actor: "PooledActor") -> None:
        lock, mailbox, dispatcher = self.lock, self.mailbox, self.dispatcher
        now = dispatcher.clock.now
        deadline = self._deadline()
        budget = actor.throughput or dispatcher.throughput
        reply_to: Any = None
        value: Any = None
        while True:
            with lock:
                if worker.lost:
                    return
                letter = None
                closes = self.closing and self._may_close()
                if budget and not closes:
                    letter = mailbox.take() if self.retry is None else self._take_retry()
                    if letter is self.last:
                        self.last = None
                self.current = letter
                if letter is None and not closes:
                    self.worker = None
                    self.state = IDLE if budget else QUEUED
            if reply_to is not None:
                _reply(reply_to, value)
                reply_to = None
            if letter is None:
                break
            budget -= 1
            message, reply_to, _ = letter
            if deadline != math.inf:
                worker.due = due = now() + deadline
                if due < dispatcher.watch_at:
                    dispatcher.watch(due)
            try:
                if type(message) in _SPECIAL:
                    value = self._open(actor, message)
                else:
                    value = actor.on_receive(message)
            except BaseException as error:  # noqa: BLE001 - whatever it is, it is this actor's
                if not self._survives(worker, actor, letter, error):
                    return
                reply_to = None
        if closes:
            self._close(worker, actor)
        elif not budget:
            self._submit_quietly()

    def _open(self, actor: "PooledActor", message: Any) -> Any:
        if isinstance(message, Inward):
            message = message.open(self)
            if message is NOTHING:
                return None
        if type(message) in _SPECIAL:
            return actor._handle_receive(message)
        return actor.on_receive(message)

    def _may_close(self) -> bool:
        """Whether the last turn is over; under the lock."""
        drains = self.halting == HALT_FINALLY or (self.stopping and not self.halting)
        if not drains or self.last is None:
            return True
        now = self.dispatcher.clock.now()
        if self.drain_until is None:
            self.drain_until = now + self.recipe.actor_class.drain_seconds
        return now >= self.drain_until

    def _take_retry(self) -> Letter:
        assert self.retry is not None
        self.retried = self.retry[0]
        self.retry = None
        return self.retried

    def _come_up(self, worker: "Worker") -> "PooledActor | None":
        """Build an incarnation and let it start; None if it did not get that far."""
        with self.lock:
            halting = self.halting
            if halting:
                self.worker = None
                self.state = DOWN
        if halting:
            self._finish_halt()
            return None
        error = self._hook(worker, self._build_and_start, worker)
        with self.lock:
            if worker.lost:
                return None
            actor = self.actor
        if error is None:
            self.guardian.started(self)
            return actor
        failure = self._failure(error, "start")
        if actor is not None:
            self._call_on_failure(worker, actor, error)
        self._go_down(worker, failure)
        return None

    def _build_and_start(self, worker: "Worker") -> None:
        actor = self.actor
        if actor is None:
            actor = self.recipe.make(self)
            with self.lock:
                if worker.lost:
                    return
                self.actor = actor
        actor.on_start()

    def _survives(
        self, worker: "Worker", actor: "PooledActor", letter: Letter, error: BaseException
    ) -> bool:
        """What follows when a handler has raised; True if the turn goes on."""
        with self.lock:
            if worker.lost:
                return False
            self.current = None
        worker.due = math.inf
        _, reply_to, _ = letter
        if reply_to is not None:
            _refuse(reply_to, error)
            if self.guardian is FREE and isinstance(error, Exception):
                logger.info("Exception returned from %s to caller:", actor, exc_info=error)
                return True
        failure = self._failure(error, "message")
        self._note_poison(letter, failure)
        self._call_on_failure(worker, actor, error)
        self._go_down(worker, failure)
        return False

    def _close(self, worker: "Worker", actor: "PooledActor") -> None:
        """The end of an incarnation that did not fail."""
        with self.lock:
            if self.worker is not worker:
                return
            self.current = _ON_STOP
        error = self._hook(worker, actor.on_stop)
        failure = None if error is None else self._failure(error, "stop")
        with self.lock:
            if worker.lost:
                return
            self.worker = None
            self.current = None
            self.state = DOWN
            halting = self.halting
            stoppers = self._end_stop()
        self._retire()
        if halting:
            if failure is not None:
                self.guardian.complained(self, failure)
            self._finish_halt()
        elif failure is not None:
            self.guardian.failed(self, failure)
        else:
            self.guardian.exited(self)
        for reply_to in stoppers or ():
            _reply(reply_to, True)

    def _end_stop(self) -> list[Any] | None:
        """The stop that was asked for is done; who waits for it. Under the lock."""
        self.stopping = False
        self.last = self.drain_until = None
        self.closing = self.halting != NO_HALT
        stoppers, self.stoppers = self.stoppers, None
        return stoppers

    def _hook(self, worker: "Worker", hook: Callable[..., None], *args: Any) -> Any:
        """Call a hook of the actor within its deadline; what it raised, or None."""
        deadline = self._deadline()
        worker.due = self.dispatcher.clock.now() + deadline
        if worker.due < self.dispatcher.watch_at:
            self.dispatcher.watch(worker.due)
        try:
            hook(*args)
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is this actor's
            return error
        finally:
            worker.due = math.inf
        return None

    def _call_on_failure(
        self, worker: "Worker", actor: "PooledActor", error: BaseException
    ) -> None:
        if self.guardian is FREE:
            logger.error("Unhandled exception in %s:", actor, exc_info=error)
        second = self._hook(worker, actor.on_failure, type(error), error, error.__traceback__)
        if second is not None and not worker.lost:
            self.guardian.complained(self, self._failure(second, "message"))

    def _go_down(self, worker: "Worker", failure: Failure) -> None:
        with self.lock:
            if worker.lost:
                return
            self.worker = None
            self.state = DOWN
        _forget_frames(failure.exception)
        self._report_down(failure)

    # What follows, on whatever thread.

    def _report_down(self, failure: Failure) -> None:
        if self.halting:
            self.guardian.complained(self, failure)
            self._finish_halt()
        else:
            self.guardian.failed(self, failure)

    def _report_abandoned(self, worker: "Worker", stack: str) -> None:
        self.guardian.abandoned(self, self.dispatcher.name, stack, worker.replaced)

    def _cut_loose(self, worker: "Worker") -> None:
        """Leave the thread to its handler; under the lock."""
        self.worker = None
        self.dispatcher.lose(worker)

    def _retire(self) -> None:
        """The incarnation is over: its timers are, and what it still sends is refused."""
        if self.actor is not None:
            self.retired, self.actor = self.actor, None
        self.epoch += 1
        timers, self.timers = self.timers, None
        for timer in list(timers or ()):
            timer.cancel()

    def _note_poison(self, letter: Letter, failure: Failure) -> None:
        """Keep a letter that failed for one more try, or let it become a dead letter."""
        message, reply_to, sent_at = letter
        if reply_to is not None or isinstance(message, Bomb):
            return
        if isinstance(message, Inward):
            letter = (message.message, None, sent_at)
        final = letter is self.retried or letter[0] is NOTHING or self.guardian is FREE
        if final or not self.recipe.actor_class.retries_poison:
            self._give_up_on((letter, failure))
        else:
            self.retry = (letter, failure)

    def _give_up_on(self, retry: tuple[Letter, Failure] | None) -> None:
        if retry is None:
            return
        (message, _, _), failure = retry
        letter = DeadLetter(self.name, message, failure.exception, failure.stack)
        self.guardian.died(self, letter)

    def _finish_halt(self) -> None:
        with self.lock:
            if not self.halting:
                return
            final = self.halting == HALT_FINALLY
            self.halting = NO_HALT
            self.closing = self.stopping
            self.state = DEAD if final else DOWN
        if final:
            self._bury()
        self.guardian.halted(self, final=final)

    def _bury(self) -> None:
        self._retire()
        self.retired = None
        if self.recipe.actor_class.registered and self.begun:
            pykka.ActorRegistry.unregister(self.ref)
        if self.begun:
            self.dispatcher.leave()
        retry, self.retry = self.retry, None
        self._give_up_on(retry)
        for message, reply_to, _ in self.mailbox.drain():
            if reply_to is not None:
                error = pykka.ActorDeadError(f"{self.ref} stopped before handling the message")
                _refuse(reply_to, error)
            elif not isinstance(message, Inward):
                self.guardian.undelivered(self, message)
        for watched in list(self.watching or ()):
            self.unwatch(watched)
        for reply_to in self.stoppers or ():
            _reply(reply_to, True)
        self.stoppers = None
        # The ref keeps the cell; a dead cell must not keep the ref, or only the gc frees them.
        self._ref = weakref.ref(self.ref)

    def _settle_in(self) -> None:
        self.begun = True
        self.dispatcher.enter()
        if self.recipe.actor_class.registered:
            pykka.ActorRegistry.register(self.ref)

    def _submit(self, *, urgent: bool = False) -> None:
        try:
            self.dispatcher.submit(self, urgent=urgent)
        except DispatcherStopped:
            self.orphan()
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


class _Free:
    """The guardian of actors that nobody supervises: they end with their first failure."""

    def started(self, actor: Any) -> None:
        """Nobody waits for it."""

    def failed(self, actor: Any, failure: Failure) -> None:
        """End the actor, as Pykka does."""
        if failure.phase == "stop":
            self.complained(actor, failure)
        actor.halt(final=True)
        actor.farewell(failure)

    def exited(self, actor: Any) -> None:
        """Let it end."""
        actor.halt(final=True)
        actor.farewell(None)

    def halted(self, actor: Any, *, final: bool) -> None:
        """Nobody waits for it."""

    def complained(self, actor: Any, failure: Failure) -> None:
        """Log it, as Pykka does."""
        logger.error("Unhandled exception in %s:", actor.ref, exc_info=failure.exception)

    def abandoned(self, actor: Any, dispatcher: str, stack: str, replaced: bool) -> None:
        """Log it."""
        logger.error(
            "%s hangs on dispatcher %s and was abandoned:\n%s", actor.ref, dispatcher, stack
        )

    def died(self, actor: Any, letter: DeadLetter) -> None:
        """The failure itself was logged."""

    def undelivered(self, actor: Any, message: Any) -> None:
        """Pykka drops it."""


FREE = _Free()


def _reply(reply_to: Any, value: Any) -> None:
    # A future may have an answer already: its own, or the one for an actor that ended.
    with contextlib.suppress(queue.Full):
        reply_to.set(value)


def _refuse(reply_to: Any, error: BaseException) -> None:
    if reply_to is not None:
        with contextlib.suppress(queue.Full):
            reply_to.set_exception((type(error), error, error.__traceback__))


def _forget_frames(error: BaseException | None) -> None:
    """A failure is kept for long; the locals of its frames (actors, messages) should not be."""
    while error is not None:
        error.__traceback__ = None
        error = error.__cause__ or error.__context__

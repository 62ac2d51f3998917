"""A turn of an actor, on a thread of its dispatcher."""

import logging
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pykka import messages

from actors.runtime.body import DOWN, HALT_FINALLY, IDLE, LEAVING, QUEUED, RUNNING
from actors.runtime.ending import Ending
from actors.runtime.free import FREE
from actors.runtime.mailbox import Letter
from actors.runtime.replies import forget_frames, refuse, reply
from actors.runtime.timers import NOTHING, Bomb, Inward, Piped, TimerHandle
from supervision.errors import HandlerHung
from supervision.failure import Failure

if TYPE_CHECKING:
    from actors.runtime.actor import PooledActor
    from actors.runtime.dispatcher import Worker

logger = logging.getLogger("pykka")

ON_STOP: Letter = ("on_stop", None, 0.0)
"""What is at hand while ``on_stop`` runs."""

_PROXIED = (messages.ProxyCall, messages.ProxyGetAttr, messages.ProxySetAttr)
_SPECIAL = frozenset((*_PROXIED, Inward, Bomb, Piped, TimerHandle))


class Turn(Ending):
    """The part of a `Cell` that runs the actor's code; on the thread of ``worker`` only.

    After each call of the actor's code it asks, under the lock, whether the worker was cut loose
    meanwhile: then the cell belongs to another thread, and this one touches it no more.
    """

    __slots__ = ()

    def run(self, worker: "Worker") -> None:
        """One turn, on a thread of the dispatcher."""
        with self.lock:
            if self.state != QUEUED:
                return
            self.state = RUNNING
            self.worker = worker
            begins, self.begins = self.begins, False
            actor = self.actor
        dispatcher = self.dispatcher
        worker.since = since = dispatcher.clock.now()
        worker.running = self
        if since + dispatcher.relief < dispatcher.watch_at:
            dispatcher.watch(since + dispatcher.relief)
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
            self._retire()
            reported = self._goes_down()
            stoppers = self._end_stop() if letter is ON_STOP else None
        self._report_abandoned(worker, stack)
        error = HandlerHung(
            f"expected {self.name or self.ref} to handle {letter[0] if letter else 'a hook'!r:.200}"
            f" within {self._deadline():g} s; it was abandoned on thread {worker.thread.name!r}"
        )
        failure = Failure(self.name, error, stack, "hang", now)
        if letter is not None and letter is not ON_STOP:
            refuse(letter[1], error)
            self._note_poison(letter, failure)
        self._report_down(failure, reported)
        for reply_to in stoppers or ():
            reply(reply_to, True)

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
                reply(reply_to, value)
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
            # Told to end before it began, it still begins if there is something to handle.
            wanted = not self.halting or (self.halting == HALT_FINALLY and self.last is not None)
            if not wanted:
                self.worker = None
                self.state = DOWN
        if not wanted:
            self._finish_halt()
            return None
        error = self._hook(worker, self._build_and_start, worker)
        with self.lock:
            if worker.lost:
                return None
            actor = self.actor
            self.reporting += error is None
        if error is None:
            self._report(self.guardian.started)
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
            refuse(reply_to, error)
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
            self.current = ON_STOP
            self._leave()
        error = self._hook(worker, actor.on_stop)
        failure = None if error is None else self._failure(error, "stop")
        with self.lock:
            if worker.lost:
                return
            self._retire()
            reported = self._goes_down()
            stoppers = self._end_stop()
        if failure is not None:
            self._report_down(failure, reported)
        elif reported:
            self._report(self.guardian.exited)
        else:
            self._finish_halt()
        for reply_to in stoppers or ():
            reply(reply_to, True)

    def _leave(self) -> None:
        """As in Pykka, an actor that nobody can restart takes no messages in its last hook."""
        if self.guardian is FREE:
            self.state = LEAVING
            self._unlist()

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
            with self.lock:
                if worker.lost:
                    return
                self._leave()
        second = self._hook(worker, actor.on_failure, type(error), error, error.__traceback__)
        if second is not None and not worker.lost:
            self.guardian.complained(self, self._failure(second, "message"))

    def _go_down(self, worker: "Worker", failure: Failure) -> None:
        with self.lock:
            if worker.lost:
                return
            reported = self._goes_down()
        forget_frames(failure.exception)
        self._report_down(failure, reported)

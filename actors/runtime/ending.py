"""How an incarnation, or a whole actor, ends."""

import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pykka

from actors.runtime.body import DEAD, DOWN, HALT_FINALLY, NEW, NO_HALT
from actors.runtime.free import FREE
from actors.runtime.mailbox import Letter
from actors.runtime.replies import refuse, reply
from actors.runtime.timers import NOTHING, Bomb, Inward
from actors.runtime.watching import Watching
from supervision.failure import DeadLetter, Failure

if TYPE_CHECKING:
    from actors.runtime.dispatcher import Worker


class Ending(Watching):
    """The part of a `Cell` that ends incarnations and buries the actor. Any thread."""

    __slots__ = ()

    def _goes_down(self) -> bool:
        """Be down; True if the guardian hears of it by a report. Under the lock."""
        self.worker = None
        self.current = None
        self.state = DOWN
        if self.halting:
            return False
        self.reporting += 1
        return True

    def _report(self, tell: Callable[..., None], *args: Any) -> None:
        """Tell the guardian, after ``reporting`` was raised under the lock.

        A halt that comes in the meantime is answered afterwards, so that the guardian hears of
        things in the order they happened.
        """
        try:
            tell(self, *args)
        finally:
            with self.lock:
                self.reporting -= 1
                finish = self.halting and not self.reporting and self.state in (NEW, DOWN)
            if finish:
                self._finish_halt()

    def _report_down(self, failure: Failure, reported: bool) -> None:
        if reported:
            self._report(self.guardian.failed, failure)
        else:
            self.guardian.complained(self, failure)
            self._finish_halt()

    def _report_abandoned(self, worker: "Worker", stack: str) -> None:
        self.guardian.abandoned(self, self.dispatcher.name, stack, worker.replaced)

    def _cut_loose(self, worker: "Worker") -> None:
        """Leave the thread to its handler; under the lock."""
        self.worker = None
        self.dispatcher.lose(worker)

    def _retire(self) -> None:
        """The incarnation is over: its timers are, and what it still sends is refused.

        Under the lock, before anybody can begin the next one.
        """
        if self.actor is not None:
            self.retired, self.actor = self.actor, None
        self.epoch += 1
        timers, self.timers = self.timers, None
        for timer in list(timers or ()):
            timer.cancel()

    def _end_stop(self) -> list[Any] | None:
        """The stop that was asked for is done; who waits for it. Under the lock."""
        self.stopping = False
        self.last = self.drain_until = None
        self.closing = self.halting != NO_HALT
        stoppers, self.stoppers = self.stoppers, None
        return stoppers

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
            # Whoever came first has finished it; the actor may even run again.
            if not self.halting or self.reporting or self.state not in (NEW, DOWN):
                return
            final = self.halting == HALT_FINALLY
            self.halting = NO_HALT
            self.closing = self.stopping
            self.state = DEAD if final else DOWN
        if final:
            self._bury()
        self.guardian.halted(self, final=final)

    def _unlist(self) -> None:
        if self.listed:
            self.listed = False
            pykka.ActorRegistry.unregister(self.ref)

    def _bury(self) -> None:
        with self.lock:
            self._retire()
            self.retired = None
        self._unlist()
        if self.begun:
            self.dispatcher.leave()
        retry, self.retry = self.retry, None
        self._give_up_on(retry)
        for message, reply_to, _ in self.mailbox.drain():
            if reply_to is not None:
                error = pykka.ActorDeadError(f"{self.ref} stopped before handling the message")
                refuse(reply_to, error)
            elif not isinstance(message, Inward):
                self.guardian.undelivered(self, message)
        for watched in list(self.watching or ()):
            self.unwatch(watched)
        for reply_to in self.stoppers or ():
            reply(reply_to, True)
        self.stoppers = None
        # The ref keeps the cell; a dead cell must not keep the ref, or only the gc frees them.
        self._ref = weakref.ref(self.ref)

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

from typing import TYPE_CHECKING, Any

import pykka
from pykka.messages import _ActorStop

from actors.runtime.body import DEAD, DOWN, HALT, HALT_FINALLY, IDLE, LEAVING, NEW, QUEUED, RUNNING
from actors.runtime.threads import check_fence, fenced
from actors.runtime.turn import Turn
from supervision.errors import DispatcherStopped, MailboxFull

if TYPE_CHECKING:
    from pykka._envelope import Envelope


class Cell(Turn):
    """See above. It is the ``actor_inbox`` of its ref, and what a supervisor supervises."""

    __slots__ = ()

    # What anybody may send.

    def send(self, message: Any, reply_to: Any = None) -> None:
        """Put a message at the end of the mailbox; raises as `PooledRef.tell` does."""
        if fenced:
            check_fence()
        dispatcher = self.dispatcher
        with self.lock:
            state = self.state
            if state >= DEAD:
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
            if self.state >= DEAD:
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
        try:
            self.dispatcher.check_open()
        except DispatcherStopped as error:
            self.guardian.failed(self, self._failure(error, "start"))
            return
        again = self.begun
        if not again:
            self._settle_in()
        with self.lock:
            if self.state not in (NEW, DOWN):
                return
            if again:
                self._retire()
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

    def _settle_in(self) -> None:
        self.begun = True
        self.dispatcher.enter()
        if self.recipe.actor_class.registered:
            self.listed = True
            pykka.ActorRegistry.register(self.ref)

    # What its dispatcher says.

    def orphan(self) -> None:
        """The dispatcher has stopped: the actor can never run again."""
        with self.lock:
            if self.state in (DEAD, RUNNING, LEAVING):
                return
            self.halting = HALT_FINALLY
            self.state = DOWN
        self._finish_halt()

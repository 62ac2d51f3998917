"""Refs to pooled actors."""

import contextlib
import queue
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

import pykka
from pykka.messages import _ActorStop

from actors.runtime.future import PooledFuture
from actors.runtime.threads import check_may_block, here
from supervision.errors import MailboxFull, WouldBlock

if TYPE_CHECKING:
    from pykka._actor import ActorInbox

    from actors.runtime.cell import Cell

A = TypeVar("A", bound=pykka.Actor)


class Stopped(threading.Event):
    """The ``actor_stopped`` of a pooled actor: a view, so that no actor carries an event."""

    def __init__(self, cell: "Cell") -> None:
        self._cell = cell

    def is_set(self) -> bool:
        """Whether the actor has ended for good."""
        return self._cell.is_dead()

    def set(self) -> None:
        """Ask the actor to stop."""
        self._cell.stop(None)

    def clear(self) -> None:
        """Raise, since an actor that has ended stays ended."""
        raise NotImplementedError("expected the end of an actor to be final; start a new one")

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the actor has ended for good."""
        if self._cell.is_dead():
            return True
        check_may_block("wait()")
        gate = threading.Event()
        self._cell.on_end(gate.set)
        return gate.wait(timeout)


class PooledRef(pykka.ActorRef[A]):
    """A `pykka.ActorRef` that survives restarts.

    `tell` and `ask` never wait for room: a full mailbox refuses, `tell` by raising `MailboxFull`,
    `ask` through its future.
    """

    def __init__(self, cell: "Cell") -> None:
        self._cell = cell

    @property
    def actor_class(self) -> type[A]:  # type: ignore[override]  # derived, to save memory
        """The class of the actor."""
        return cast("type[A]", self._cell.recipe.actor_class)

    @property
    def actor_urn(self) -> str:  # type: ignore[override]  # derived, to save memory
        """See `pykka.Actor.actor_urn`."""
        return self._cell.urn

    @property
    def actor_inbox(self) -> "ActorInbox":  # type: ignore[override]  # derived, to save memory
        """See `pykka.Actor.actor_inbox`."""
        return self._cell

    @property
    def actor_stopped(self) -> threading.Event:  # type: ignore[override]  # derived, as above
        """See `pykka.Actor.actor_stopped`."""
        return Stopped(self._cell)

    @property
    def _actor_weakref(self) -> Callable[[], A | None]:  # type: ignore[override]  # follows restarts
        return cast("Callable[[], A | None]", self._cell.face)

    def is_alive(self) -> bool:
        """Whether the actor can still take messages; True during a restart."""
        return not self._cell.is_dead()

    def tell(self, message: Any) -> None:
        """Send without waiting. Any thread.

        Raises:
            pykka.ActorDeadError: the actor has ended.
            MailboxFull: its mailbox is at its bound; the message was not taken.
            Fenced: the sender is an abandoned incarnation.
        """
        if type(message) is _ActorStop:
            self._cell.stop(None)
        else:
            self._cell.send(message)

    def ask(self, message: Any, *, block: bool = True, timeout: float | None = None) -> Any:
        """Send, and return the reply, or with ``block=False`` a future of it.

        Raises:
            WouldBlock: ``block`` on a thread that must not; then nothing was sent.
            Fenced: the sender is an abandoned incarnation.
            pykka.Timeout: no reply within ``timeout`` seconds.
            Exception: through the future what the actor raised, `pykka.ActorDeadError` or
                `MailboxFull`.
        """
        if block:
            self._check_wait("ask()")
        future: PooledFuture[Any] = PooledFuture()
        try:
            if type(message) is _ActorStop:
                self._cell.stop(future)
            else:
                self._cell.send(message, future)
        except (pykka.ActorDeadError, MailboxFull):
            # With a stopped dispatcher the actor itself has refused already.
            with contextlib.suppress(queue.Full):
                future.set_exception()
        return future.get(timeout=timeout) if block else future

    def stop(self, *, block: bool = True, timeout: float | None = None) -> Any:
        """Ask the actor to stop; see `pykka.ActorRef.stop` and the differences in `PooledActor`."""
        if block:
            self._check_wait("stop()")
        future: PooledFuture[bool] = PooledFuture()
        try:
            self._cell.stop(future)
        except pykka.ActorDeadError:
            future.set(False)
        return future.get(timeout=timeout) if block else future

    def _check_wait(self, what: str) -> None:
        check_may_block(what)
        worker = here.worker
        if worker is not None and worker.running is self._cell:
            raise WouldBlock(f"expected {what} of another actor, but {self} would wait for itself")

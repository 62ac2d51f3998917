"""The actor type itself."""

import threading
from collections.abc import Callable
from typing import Any, ClassVar, Self

import pykka

from actors.runtime.cell import Cell
from actors.runtime.dispatcher import Dispatcher, default_dispatcher
from actors.runtime.free import FREE
from actors.runtime.future import PooledFuture
from actors.runtime.recipe import Recipe
from actors.runtime.ref import PooledRef, Stopped
from actors.runtime.threads import check_fence
from actors.runtime.timers import Timers, pipe
from supervision.errors import Fenced, NotAnActor, SpecError


class PooledActor(pykka.Actor):
    """A `pykka.Actor` that shares a few threads with many others.

    All that Pykka documents of `pykka.ThreadingActor` holds, except:

    * **Threads.** Hooks and handlers run on the threads of a `Dispatcher`, one at a time but not
      always on the same thread. ``use_daemon_thread`` chooses between the process's two own
      dispatchers and says nothing when a dispatcher is named.
    * **No blocking.** On a dispatcher that is not ``blocking``, a ``get()``, ``ask()`` or
      ``stop()`` that would wait raises `WouldBlock`; use `pipe`. Futures of other actor types are
      not guarded.
    * **Bounds.** A mailbox holds ``mailbox_bound`` messages; then ``tell`` raises `MailboxFull`,
      and ``ask`` answers with it.
    * **Stop** goes before the messages that wait. Those sent before it are still handled, but for
      ``drain_seconds`` at the most (`math.inf`: all of them, as in Pykka).
    * **Failures.** ``on_failure`` is also called when ``on_start`` fails. A ``BaseException`` that
      is no ``Exception`` is a failure of this actor and stops no other. Under a supervisor a
      failure in ``on_start``, ``on_stop``, a message, ``ask``, a proxy call, a timer or a piped
      result restarts the actor, or what its policy says; ``on_failure`` is called on the old
      instance.
    * **Restarts** make a new instance with the same arguments for the same ref. A message that
      failed is tried once more (``retries_poison``), then it is a dead letter; one that was asked
      is not, for the asker has the exception. Timers and piped results end with the instance.
    * **Hangs.** A handler or hook over ``handler_deadline`` is a failure: the instance is
      abandoned, and what it sends, times, pipes or watches from then on raises `Fenced`; what it
      returns is dropped. Not fenced: what it does to files, sockets, other actor types, or through
      threads of its own.
    * **Registry.** A class with ``registered = False`` is not in `pykka.ActorRegistry`, where each
      start and stop costs O(live actors). Such an actor lives only while something refers to it.
    * **Identity.** ``actor_urn`` is a valid UUID URN, a random part for the process and a number;
      ``actor_stopped`` and ``actor_inbox`` are views; a proxy looks at the instance of the moment
      it was made.
    """

    use_daemon_thread: ClassVar[bool] = False
    """Whether the process may end while the actor lives, if no dispatcher is named."""

    registered: ClassVar[bool] = True
    """Whether actors of this class stand in `pykka.ActorRegistry`."""

    mailbox_bound: ClassVar[int] = 131_072
    """How many messages may wait."""

    throughput: ClassVar[int | None] = None
    """Messages a turn; None: what the dispatcher says."""

    handler_deadline: ClassVar[float | None] = None
    """Seconds a handler or hook may take; None: what the dispatcher says."""

    drain_seconds: ClassVar[float] = 0.1
    """Seconds that a stop leaves for the messages sent before it."""

    retries_poison: ClassVar[bool] = True
    """Whether a message that failed is tried once more after the restart."""

    _cell: Cell
    _epoch: int

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Check the settings of a new class.

        Raises:
            SpecError: a bound, a number of messages or a time makes no sense.
        """
        super().__init_subclass__(**kwargs)
        if cls.mailbox_bound < 1:
            raise SpecError(f"expected {cls.__name__}.mailbox_bound >= 1, got {cls.mailbox_bound}")
        if cls.throughput is not None and cls.throughput < 1:
            raise SpecError(f"expected {cls.__name__}.throughput >= 1, got {cls.throughput}")
        if cls.handler_deadline is not None and not cls.handler_deadline > 0:
            raise SpecError(
                f"expected {cls.__name__}.handler_deadline > 0 seconds, got {cls.handler_deadline}"
            )
        if not cls.drain_seconds >= 0:
            raise SpecError(f"expected {cls.__name__}.drain_seconds >= 0, got {cls.drain_seconds}")

    @classmethod
    def start(cls, *args: Any, **kwargs: Any) -> pykka.ActorRef[Self]:
        """Start on the process's own dispatcher; see `pykka.Actor.start`."""
        return cls.start_on(default_dispatcher(daemon=cls.use_daemon_thread), *args, **kwargs)

    @classmethod
    def start_on(cls, dispatcher: Dispatcher, *args: Any, **kwargs: Any) -> pykka.ActorRef[Self]:
        """Start on ``dispatcher``; ``__init__`` runs, and may raise, on the calling thread.

        Raises:
            DispatcherStopped: the dispatcher has stopped.
        """
        check_fence()
        dispatcher.check_open()
        cell = Cell(cls.on(dispatcher, *args, **kwargs), None, FREE)
        cell.build()
        ref = cell.ref
        cell.begin()
        return ref

    @classmethod
    def on(cls, dispatcher: Dispatcher, *args: Any, **kwargs: Any) -> Recipe:
        """How to start on ``dispatcher`` with these arguments: the ``start`` of a `ChildSpec`."""
        if not isinstance(dispatcher, Dispatcher):
            raise NotAnActor(f"expected a Dispatcher to run {cls.__name__} on, got {dispatcher!r}")
        return Recipe(cls, dispatcher, args, kwargs or None)

    def __init__(self, *_args: Any, **_kwargs: Any) -> None:
        """See `pykka.Actor`; an instance that nobody started belongs to a cell that never runs."""
        if "_cell" not in self.__dict__:
            recipe = type(self).on(default_dispatcher(daemon=self.use_daemon_thread))
            self._cell = Cell(recipe, None, FREE)
            self._cell.actor = self
            self._epoch = 0

    # What an actor may use, from its own hooks and handlers.

    @property
    def timers(self) -> Timers:
        """Messages to oneself at a later time.

        Raises:
            Fenced: this instance was replaced.
        """
        self._check_current()
        return Timers(self._cell)

    def pipe(
        self,
        future: Any,
        ok: Callable[[Any], Any] | None = None,
        failed: Callable[[BaseException], Any] | None = None,
    ) -> None:
        """When the future is done, handle ``ok(value)`` or ``failed(exception)`` as a message.

        Both are called on the actor's own thread, as part of the handler. Without ``ok`` the value
        itself is the message; without ``failed`` the exception is a failure of this actor. A
        message of None is not handled. The result comes through the control lane.

        Raises:
            CannotPipe: the future tells nobody when it is done.
            Fenced: this instance was replaced.
        """
        self._check_current()
        pipe(self._cell, future, ok, failed)

    def watch(self, ref: pykka.ActorRef[Any]) -> None:
        """Be told once, by a `Terminated`, when that pooled actor ends for good; now if it has."""
        self._check_current()
        self._cell.watch(_cell_of(ref))

    def unwatch(self, ref: pykka.ActorRef[Any]) -> None:
        """Do not be told."""
        self._cell.unwatch(_cell_of(ref))

    def is_current(self) -> bool:
        """Whether this instance still counts: False once it was replaced or abandoned."""
        return self._cell.epoch == self._epoch

    def _check_current(self) -> None:
        if not self.is_current():
            raise Fenced(f"expected the live incarnation of {self}, but this one was replaced")

    # What Pykka asks of an actor type.

    @property
    def actor_ref(self) -> pykka.ActorRef[Self]:
        """See `pykka.Actor.actor_ref`."""
        return self._cell.ref

    @property
    def actor_urn(self) -> str:  # type: ignore[override]  # derived, to save memory
        """See `pykka.Actor.actor_urn`."""
        return self._cell.urn

    @property
    def actor_inbox(self) -> Cell:  # type: ignore[override]  # the cell is the inbox
        """See `pykka.Actor.actor_inbox`."""
        return self._cell

    @property
    def actor_stopped(self) -> threading.Event:  # type: ignore[override]  # derived, as above
        """See `pykka.Actor.actor_stopped`."""
        return Stopped(self._cell)

    @staticmethod
    def _create_actor_inbox() -> Cell:
        raise NotImplementedError("expected a pooled actor to be started by start() or start_on()")

    @staticmethod
    def _create_future() -> pykka.Future[Any]:
        return PooledFuture()

    def _start_actor_loop(self) -> None:
        self._cell.begin()


def _cell_of(ref: pykka.ActorRef[Any]) -> Cell:
    if isinstance(ref, PooledRef):
        return ref._cell
    raise NotAnActor(f"expected the ref of a pooled actor, got {ref!r}")

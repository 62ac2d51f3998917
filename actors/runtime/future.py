"""Futures that tell when they are done, so that nobody has to wait for them."""

import queue
import sys
import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar, cast

import pykka

from actors.runtime.threads import check_may_block
from supervision.clock import ring
from supervision.errors import CannotPipe

if TYPE_CHECKING:
    from pykka._types import OptExcInfo

T = TypeVar("T")
M = TypeVar("M")
R = TypeVar("R")
J = TypeVar("J")


class PooledFuture(pykka.Future[T]):
    """A `pykka.Future` without a condition of its own, and with `on_done`. Thread-safe.

    `get` raises `WouldBlock` where it would have to wait on a thread that must not.
    """

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._result: tuple[Any, OptExcInfo | None] | None = None
        self._callbacks: list[Callable[[], None]] | None = None
        self._sources: tuple[pykka.Future[Any], ...] | None = None

    def get(self, *, timeout: float | None = None) -> Any:
        """See `pykka.Future.get`.

        Raises:
            WouldBlock: there is no result yet and this thread's actors share it.
        """
        if self._get_hook is not None:
            return super().get(timeout=timeout)
        if self._result is None:
            self._wait(timeout)
        assert self._result is not None
        value, exc_info = self._result
        if exc_info is None:
            return value
        exc_type, error, traceback = exc_info
        if error is None:
            assert exc_type is not None
            error = exc_type()
        raise error.with_traceback(traceback)

    def set(self, value: T | None = None) -> None:
        """See `pykka.Future.set`; raises `queue.Full` the second time."""
        self._settle((value, None))

    def set_exception(self, exc_info: "OptExcInfo | None" = None) -> None:
        """See `pykka.Future.set_exception`; raises `queue.Full` the second time."""
        self._settle((None, exc_info or sys.exc_info()))

    def set_get_hook(self, func: Callable[[float | None], T]) -> None:
        """See `pykka.Future.set_get_hook`."""
        with self._lock:
            if self._result is not None:
                raise queue.Full
            super().set_get_hook(func)

    def on_done(self, callback: Callable[[], None]) -> None:
        """Call once when `get` would no longer wait: now, or on the thread that brings the result.

        Raises:
            CannotPipe: the result comes from a hook, or from another kind of future.
        """
        if self._get_hook is not None:
            self._when_sources_are_done(callback)
            return
        with self._lock:
            if self._result is None:
                if self._callbacks is None:
                    self._callbacks = []
                self._callbacks.append(callback)
                return
        callback()

    def filter(
        self: "pykka.Future[Iterable[J]]", func: Callable[[J], bool]
    ) -> "pykka.Future[Iterable[J]]":
        """See `pykka.Future.filter`."""
        return _derived(pykka.Future.filter(self, func), self)

    def join(
        self: "pykka.Future[Any]", *futures: "pykka.Future[Any]"
    ) -> "pykka.Future[Iterable[Any]]":
        """See `pykka.Future.join`."""
        return _derived(pykka.Future.join(self, *futures), self, *futures)

    def map(self, func: Callable[[T], M]) -> "pykka.Future[M]":
        """See `pykka.Future.map`."""
        return _derived(super().map(func), self)

    def reduce(
        self: "pykka.Future[Iterable[J]]", func: Callable[[R, J], R], *args: R
    ) -> "pykka.Future[R]":
        """See `pykka.Future.reduce`."""
        return _derived(pykka.Future.reduce(self, func, *args), self)

    def _settle(self, result: "tuple[Any, OptExcInfo | None]") -> None:
        with self._lock:
            if self._result is not None or self._get_hook is not None:
                raise queue.Full
            self._result = result
            callbacks, self._callbacks = self._callbacks, None
        for callback in callbacks or ():
            ring(callback)

    def _wait(self, timeout: float | None) -> None:
        if timeout is None or timeout > 0:
            check_may_block("get()")
        gate = threading.Lock()
        gate.acquire()
        self.on_done(gate.release)
        if timeout is None:
            gate.acquire()
        elif not gate.acquire(timeout=max(0.0, timeout)):
            with self._lock:
                if self._callbacks and gate.release in self._callbacks:
                    self._callbacks.remove(gate.release)
            raise pykka.Timeout(f"{timeout} seconds")

    def _when_sources_are_done(self, callback: Callable[[], None]) -> None:
        if self._sources is None:
            raise CannotPipe("expected a future with a result to come, got one with a get hook")
        missing = [len(self._sources)]
        lock = threading.Lock()

        def one_less() -> None:
            with lock:
                missing[0] -= 1
                last = missing[0] == 0
            if last:
                callback()

        for source in self._sources:
            when_done(source, one_less)


def when_done(future: Any, callback: Callable[[], None]) -> None:
    """Call once when the future has a result.

    Takes the futures of pooled actors, what is derived from them by ``map``, ``join``, ``filter``
    and ``reduce``, and `concurrent.futures.Future`.

    Raises:
        CannotPipe: this kind of future tells nobody when it is done.
    """
    if isinstance(future, PooledFuture):
        future.on_done(callback)
    elif hasattr(future, "add_done_callback"):
        future.add_done_callback(lambda _: callback())
    else:
        raise CannotPipe(
            f"expected the future of a pooled actor or of an executor, got {future!r}; make the"
            " answering actor a PooledActor, on a blocking dispatcher if it must block"
        )


def result_of(future: Any) -> Any:
    """The result of a future that is done; raises what it carries."""
    if isinstance(future, pykka.Future):
        return future.get(timeout=0)
    return future.result(timeout=0)


def _derived(future: "pykka.Future[M]", *sources: "pykka.Future[Any]") -> "pykka.Future[M]":
    cast("PooledFuture[M]", future)._sources = sources
    return future

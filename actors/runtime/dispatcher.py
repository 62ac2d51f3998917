"""A few threads that many actors share."""

import logging
import math
import os
import queue
import sys
import threading
import time
import traceback
from collections import deque
from functools import partial
from threading import get_ident
from typing import TYPE_CHECKING, Any

import attrs

from actors.runtime.threads import fenced, here
from supervision.clock import Clock, SystemClock
from supervision.errors import DispatcherStopped, SpecError

if TYPE_CHECKING:
    from actors.runtime.cell import Cell
    from actors.runtime.turn import Turn

logger = logging.getLogger("pykka")

_WAKE = None
_STOP = False


class Worker:
    """One thread of a dispatcher, and what it is at."""

    __slots__ = (
        "dispatcher",
        "due",
        "held",
        "ident",
        "lost",
        "replaced",
        "running",
        "since",
        "thread",
    )

    def __init__(self, dispatcher: "Dispatcher", number: int, daemon: bool) -> None:
        self.dispatcher = dispatcher
        self.running: Turn | None = None
        self.due = math.inf
        self.since = 0.0
        self.held: Any = _WAKE
        self.lost = False
        self.replaced = False
        self.ident = 0
        self.thread = threading.Thread(
            target=dispatcher._work,
            args=(self,),
            name=f"{dispatcher.name}-{number}",
            daemon=daemon,
        )

    def stack(self) -> str:
        """Where the thread stands now, as text."""
        frame = sys._current_frames().get(self.ident)
        return "".join(traceback.format_stack(frame)) if frame else ""


@attrs.frozen
class DispatcherState:
    """What a dispatcher is at: threads at work or waiting, abandoned ones, actors in the queue."""

    name: str
    threads: int
    abandoned: int
    queued: int


class Dispatcher:
    """Runs actors that have letters, each for at most ``throughput`` letters a turn, in order.

    Threads are named after the dispatcher, start with the first letters and wait without polling.
    An actor with an urgent command (start, restart, stop) goes before the others, at most one
    before each of them.

    Args:
        name: what its threads are called.
        threads: how many.
        throughput: letters an actor may handle before it goes to the back of the queue.
        blocking: whether its actors may wait (network, disk, ``future.get()``). On a dispatcher
            that is not blocking, a ``get()`` that would wait raises `WouldBlock`.
        clock: for timers, deadlines and ages; the process's own unless told.
        handler_deadline: seconds a handler may take unless its class says; 30, or no limit on a
            blocking dispatcher.
        relief: seconds that one turn may take while others wait; then one more thread serves them,
            and the slow one ends with its turn. No limit unless told. So few threads, which cost
            less than many on one interpreter lock, hold nobody up for long.
        spare_threads: how many threads, abandoned or relieved, are replaced at any one time;
            ``threads`` + 2 unless told.
        daemon: False keeps the process alive while actors live here, and ends the threads with
            the last of them.
    """

    def __init__(
        self,
        name: str,
        threads: int = 2,
        *,
        throughput: int = 64,
        blocking: bool = False,
        clock: Clock | None = None,
        handler_deadline: float | None = None,
        relief: float = math.inf,
        spare_threads: int | None = None,
        daemon: bool = True,
    ) -> None:
        if threads < 1 or throughput < 1:
            raise SpecError(f"expected threads and throughput >= 1, got {threads} and {throughput}")
        self.name = name
        self.threads = threads
        self.throughput = throughput
        self.blocking = blocking
        self.clock = clock if clock is not None else _clock()
        if handler_deadline is None:
            handler_deadline = math.inf if blocking else 30.0
        self.handler_deadline = handler_deadline
        self.relief = relief
        self.watch_at = math.inf
        self._spares = threads + 2 if spare_threads is None else spare_threads
        self._daemon = daemon
        self._lock = threading.Lock()
        self._queue: queue.SimpleQueue[Cell | bool | None] = queue.SimpleQueue()
        self._urgent: deque[Cell] = deque()
        self._workers: set[Worker] = set()
        self._abandoned: set[Worker] = set()
        self._started = 0
        self._number = 0
        self._live = 0
        self._stopped = False

    def submit(self, cell: "Cell", *, urgent: bool = False) -> None:
        """Put an actor into the queue. Any thread.

        Raises:
            DispatcherStopped: `stop` was called.
        """
        self.check_open()
        if urgent:
            self._urgent.append(cell)
            self._queue.put(_WAKE)
        else:
            self._queue.put(cell)
        if self._started < self.threads:
            self._spawn()

    def stop(self, deadline: float = 5.0) -> list[str]:
        """End the threads after their turns; names of those that had not ended in time.

        Stop the actors first: those with letters are dead afterwards, and whoever asked them gets
        `pykka.ActorDeadError`. Not on one of its own threads.
        """
        self._stopped = True
        with self._lock:
            workers = list(self._workers | self._abandoned)
        for _ in workers:
            self._queue.put(_STOP)
        end = time.monotonic() + deadline
        for worker in workers:
            worker.thread.join(max(0.0, end - time.monotonic()))
        self._orphan_queued()
        return sorted(worker.thread.name for worker in workers if worker.thread.is_alive())

    def state(self) -> DispatcherState:
        """What it is at, for metrics."""
        with self._lock:
            workers, abandoned = len(self._workers), len(self._abandoned)
        return DispatcherState(self.name, workers, abandoned, self._queue.qsize())

    # For cells.

    def check_open(self) -> None:
        """Raise `DispatcherStopped` after `stop`."""
        if self._stopped:
            raise DispatcherStopped(f"expected dispatcher {self.name!r} to run, but it has stopped")

    def enter(self) -> None:
        """One more actor lives here."""
        with self._lock:
            self._live += 1

    def leave(self) -> None:
        """One actor less lives here."""
        with self._lock:
            self._live -= 1
            if self._live == 0 and not self._daemon:
                for _ in range(self._started):
                    self._queue.put(_STOP)
                self._started = 0

    def watch(self, due: float) -> None:
        """See to it that somebody looks for hung handlers at ``due``."""
        with self._lock:
            if due >= self.watch_at:
                return
            self.watch_at = due
        self.clock.call_later(due - self.clock.now(), partial(self._inspect, due))

    def lose(self, worker: Worker) -> bool:
        """Fence a worker off and replace it, if a spare is left. Under the lock of its cell."""
        worker.lost = True
        fenced.add(worker.ident)
        with self._lock:
            self._workers.discard(worker)
            self._abandoned.add(worker)
        self._replace(worker)
        self._put_back(worker)
        return worker.replaced

    def _put_back(self, worker: Worker) -> None:
        """What it has taken from the queue and not begun is for the others."""
        held = self._take_held(worker)
        if held is not _WAKE:
            self._queue.put(held)

    def _take_held(self, worker: Worker) -> Any:
        with self._lock:
            held, worker.held = worker.held, _WAKE
        return held

    def _replace(self, worker: Worker | None = None) -> None:
        """Let another thread take its place, or that of any abandoned one, if a spare is left."""
        with self._lock:
            busy = sum(each.replaced for each in (*self._workers, *self._abandoned))
            if worker is None:
                worker = next((each for each in self._abandoned if not each.replaced), None)
            if worker is None or worker.replaced or busy >= self._spares:
                return
            worker.replaced = True
            self._started -= 1
        try:
            self._spawn()
        except RuntimeError:  # no thread to be had: the old one goes on, and it is tried again
            with self._lock:
                worker.replaced = False
                self._started += 1
            logger.warning("Dispatcher %s: no further thread can be started", self.name)

    def _spawn(self) -> None:
        with self._lock:
            if self._started >= self.threads:
                return
            self._started += 1
            self._number += 1
            worker = Worker(self, self._number, self._daemon)
            self._workers.add(worker)
        try:
            worker.thread.start()
        except RuntimeError:
            with self._lock:
                self._started -= 1
                self._workers.discard(worker)
            raise

    def _work(self, worker: Worker) -> None:
        here.worker = worker
        worker.ident = get_ident()
        get, urgent = self._queue.get, self._urgent
        while not worker.replaced:
            item = get()
            if urgent:
                worker.held = item
                if not self._run_urgent(worker):
                    return
                item = self._take_held(worker)
            if item is _WAKE:
                continue
            if item is _STOP:
                break
            _run(item, worker)
            if worker.lost and not self._take_back(worker):
                return
        with self._lock:
            self._workers.discard(worker)
        self._replace()

    def _run_urgent(self, worker: Worker) -> bool:
        try:
            cell = self._urgent.popleft()
        except IndexError:
            return True
        _run(cell, worker)
        return not worker.lost or self._take_back(worker)

    def _take_back(self, worker: Worker) -> bool:
        """An abandoned worker's handler has returned after all; False if its thread must end."""
        with self._lock:
            fenced.discard(worker.ident)
            self._abandoned.discard(worker)
            back = not worker.replaced
            if back:
                worker.lost = False
                worker.held = _WAKE
                self._workers.add(worker)
        if not back:
            self._replace()
        return back

    def _inspect(self, due: float) -> None:
        with self._lock:
            if due != self.watch_at:
                return  # an earlier look has seen to it since
            self.watch_at = math.inf
        now = self.clock.now()
        nearest = math.inf
        with self._lock:
            workers = list(self._workers)
        for worker in workers:
            until, cell = worker.due, worker.running
            if until > now:
                nearest = min(nearest, until)
            elif cell is not None:
                cell.expire(worker, now)
            if cell is not None and not worker.replaced:
                nearest = min(nearest, self._relieved(worker, now))
        if nearest < math.inf:
            self.watch(nearest)

    def _relieved(self, worker: Worker, now: float) -> float:
        """Relieve a thread whose turn takes long; when to look again."""
        tired = worker.since + self.relief
        if tired > now:
            return tired
        if worker.held is not _WAKE or not self._queue.empty():
            self._replace(worker)
            if worker.replaced:
                self._put_back(worker)
        return now + self.relief

    def _orphan_queued(self) -> None:
        cells = list(self._urgent)
        self._urgent.clear()
        while True:
            try:
                item = self._queue.get_nowait()
            except queue.Empty:
                break
            if item is not _WAKE and item is not _STOP:
                cells.append(item)  # type: ignore[arg-type]  # the two bools are the tokens above
        for cell in cells:
            cell.orphan()


def _run(cell: Any, worker: Worker) -> None:
    try:
        cell.run(worker)
    except BaseException:
        # What actors raise is dealt with below; this would be a fault of the runtime or of a
        # guardian, and it must not cost the pool a thread.
        logger.exception("A turn of %s raised; it must not", cell.name or cell.ref)


_shared: dict[bool, Dispatcher] = {}
_shared_lock = threading.Lock()
_shared_clock: list[SystemClock] = []


def _clock() -> SystemClock:
    """The process's own clock."""
    with _shared_lock:
        if not _shared_clock:
            _shared_clock.append(SystemClock("actor-clock"))
        return _shared_clock[0]


def default_dispatcher(*, daemon: bool = False) -> Dispatcher:
    """The process's own dispatcher, for actors that are started without naming one."""
    clock = _clock()
    with _shared_lock:
        if daemon not in _shared:
            name = "actors-daemon" if daemon else "actors"
            threads = min(4, max(2, os.cpu_count() or 2))
            _shared[daemon] = Dispatcher(name, threads, clock=clock, daemon=daemon)
        return _shared[daemon]

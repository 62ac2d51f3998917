"""Actors and waits that tests of the runtime share."""

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from actors import Dispatcher, PooledActor
from supervision import Backoff, ChildSpec, DeadLetter, Directory, Failure, Intensity, Root
from supervision.clock import Clock
from supervision.events import Event

PATIENCE = 20.0
NO_WAIT = Backoff(first=0, base=0, jitter=0)


class Journal:
    """Entries in order, from any thread, and waits for them."""

    def __init__(self) -> None:
        self._entries: list[Any] = []
        self._changed = threading.Condition()

    def add(self, entry: Any) -> None:
        with self._changed:
            self._entries.append(entry)
            self._changed.notify_all()

    @property
    def entries(self) -> list[Any]:
        with self._changed:
            return list(self._entries)

    def wait_until(self, holds: Callable[[list[Any]], bool]) -> list[Any]:
        with self._changed:
            assert self._changed.wait_for(lambda: holds(self._entries), PATIENCE), self._entries
            return list(self._entries)

    def wait_for(self, entry: Any) -> list[Any]:
        return self.wait_until(lambda entries: entry in entries)


class Gate:
    """A place where a handler stands until it is let through."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self._open = threading.Event()

    def stand(self) -> None:
        self.reached.set()
        assert self._open.wait(PATIENCE)

    def wait(self) -> None:
        assert self.reached.wait(PATIENCE)

    def open(self) -> None:
        self._open.set()


class Scripted(PooledActor):
    """Handles a message by calling it with itself, if it can be called; journals the others."""

    registered = False

    def __init__(self, journal: Journal, on_start: Callable[[Any], Any] | None = None) -> None:
        super().__init__()
        self.journal = journal
        self._at_start = on_start
        self.handled = 0

    def on_start(self) -> None:
        if self._at_start is not None:
            self._at_start(self)

    def on_stop(self) -> None:
        self.journal.add("stopped")

    def on_receive(self, message: Any) -> Any:
        self.handled += 1
        if callable(message):
            return message(self)
        self.journal.add(message)
        return message


class Grove:
    """A tree of pooled actors with everything it says."""

    def __init__(self, pool: Dispatcher, clock: Clock | None = None) -> None:
        self.pool = pool
        self.clock = clock
        self.events = Journal()
        self.letters = Journal()
        self.given_up = Journal()
        self.directory = Directory()
        self._roots: list[Root] = []

    def start(self, *children: ChildSpec, **settings: Any) -> Root:
        settings.setdefault("backoff", NO_WAIT)
        settings.setdefault("intensity", Intensity(1000, 10.0))
        root = Root(
            children,
            clock=self.clock,
            directory=self.directory,
            on_event=self.events.add,
            on_dead_letter=self.letters.add,
            on_give_up=self.given_up.add,
            rng=random.Random(1),
            **settings,
        )
        self._roots.append(root)
        root.start(timeout=PATIENCE)
        return root

    def stop(self) -> None:
        for root in self._roots:
            root.stop(PATIENCE)

    def wait_for_event(self, kind: type[Event], name: Any = None) -> Any:
        def found(entries: list[Any]) -> list[Any]:
            return [
                each
                for each in entries
                if isinstance(each, kind) and name in (None, getattr(each, "name", None))
            ]

        return found(self.events.wait_until(lambda entries: bool(found(entries))))[0]

    def dead(self) -> list[Any]:
        return [letter.message for letter in self.letters.entries]


@contextmanager
def dispatcher(name: str = "test-pool", threads: int = 2, **settings: Any) -> Iterator[Dispatcher]:
    pool = Dispatcher(name, threads, **settings)
    yield pool
    assert pool.stop(PATIENCE) == []


__all__ = [
    "NO_WAIT",
    "PATIENCE",
    "DeadLetter",
    "Failure",
    "Gate",
    "Grove",
    "Journal",
    "Scripted",
    "dispatcher",
]

"""A supervision tree for the actors under test: the other roles are played by note-takers."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pykka

from actors import messages as m
from actors.guest.rules import Bot
from actors.runtime import Dispatcher, PooledActor, Recipe
from actors.runtime.testing import crash
from butler.telemetry import Telemetry
from supervision import Backoff, ChildSpec, Directory, Intensity, Root, Supervisor
from supervision.errors import MailboxFull
from supervision.events import ChildFailed, ChildStarted
from supervision.failure import Failure
from tests.support.fakes import BOT, SECONDS, Time, Told


class Role(PooledActor):
    """Keeps what it is told, and does nothing."""

    registered = False

    def __init__(self, told: Told) -> None:
        super().__init__()
        self._told = told

    def on_receive(self, message: Any) -> Any:
        self._told(message)


class _Nothing:
    """A message that nobody understands: once it is answered, all before it is handled."""


class Stage:
    """Time, directory, telemetry and dispatchers of one tree, and what its note-takers were told.

    `full` names roles whose mailbox takes nothing.
    """

    def __init__(self) -> None:
        self.time = Time()
        self.directory: Directory = Directory()
        self.events = Told()
        self.telemetry = Telemetry(self.events)
        self.tree = Told()
        self.bot = Bot(BOT, "alfred_bot")
        # Tests move the time in leaps, past any deadline of what happens to run.
        self.pool = Dispatcher("pool", threads=2, clock=self.time.manual, handler_deadline=math.inf)
        self.io = Dispatcher("io", threads=4, blocking=True, clock=self.time.manual)
        self.told: dict[Any, Told] = {}
        self.root: Root | None = None
        self.given_up = Told()

    def role(self, name: Any) -> ChildSpec:
        """A note-taker under that name."""
        self.told[name] = Told()
        return ChildSpec(name, Role.on(self.pool, self.told[name]))

    def start(self, *children: ChildSpec | str | tuple[Any, Recipe | str]) -> None:
        """Start a tree: specs, (name, recipe) pairs, and the names of note-takers."""
        specs = []
        for child in children:
            match child:
                case ChildSpec():
                    specs.append(child)
                case (name, Recipe() as recipe):
                    specs.append(ChildSpec(name, recipe))
                case name:
                    specs.append(self.role(name))
        self.root = Root(
            specs,
            strategy="rest_for_one",
            intensity=Intensity(1000, 60.0),
            backoff=Backoff(first=0, base=0, jitter=0),
            clock=self.time.manual,
            directory=self.directory,
            on_event=self.tree,
            on_give_up=self.given_up,
            rng=random.Random(1),
        )
        self.root.start(SECONDS)

    def tell(self, name: Any, message: Any) -> None:
        self.directory.tell(name, message)

    def flush(self, name: Any) -> None:
        """Returns when all that was sent to an actor before has been handled."""
        future: pykka.Future[Any] = self.directory.ask(name, _Nothing())
        future.get(timeout=SECONDS)

    def crash(self, name: Any) -> None:
        """Make an actor fail; returns when it is up again."""
        before = len(self.tree.of(ChildStarted, lambda e: e.name == name))
        crash(self.directory.get(name))
        self.tree.wait(ChildStarted, lambda e: e.name == name, before + 1)

    def failures(self) -> list[Failure]:
        """What failed so far."""
        return [event.failure for event in self.tree.of(ChildFailed)]

    def stop(self) -> None:
        if self.root is not None:
            self.root.stop(SECONDS)
        for dispatcher in (self.pool, self.io):
            assert dispatcher.stop(SECONDS) == []


@contextmanager
def stage() -> Iterator[Stage]:
    made = Stage()
    try:
        yield made
    finally:
        made.stop()


def group(name: str, workers: Sequence[ChildSpec]) -> ChildSpec:
    """Workers who come back at once however often they fail."""
    backoff = Backoff(first=0, base=0, jitter=0)
    return ChildSpec(name, Supervisor(workers, intensity=Intensity(1000, 60.0), backoff=backoff))


class FullDirectory(Directory):
    """A directory in which the mailboxes of `full` are at their bound."""

    def __init__(self) -> None:
        super().__init__()
        self.full: set[Any] = set()

    def tell(self, name: Any, message: Any) -> None:
        if name in self.full:
            raise MailboxFull(f"{name} is full")
        super().tell(name, message)


def committed(told: Told, kind: type[Any], count: int = 1) -> Any:
    """The `count`-th such `Commit`, waited for."""
    return told.wait(m.Commit, lambda c: isinstance(c.write, kind), count)

"""Children without threads: they do what the test says, when it says so."""

import random
from collections.abc import Hashable, Sequence
from typing import Any, ClassVar, Literal

import pykka

from supervision import Backoff, ChildSpec, DeadLetter, Failure, Intensity, Node, Root
from supervision.child import Guardian
from supervision.events import Event
from supervision.testing import ManualClock


class FakeActor:
    """A `Supervised` whose every answer is a call of the test.

    ``state`` is what it is at; ``log`` gets ``(what, name)`` of everything the supervisor wants.
    """

    def __init__(self, name: Hashable, guardian: Guardian, log: list[tuple[str, Any]]) -> None:
        self.name = name
        self.ref: pykka.ActorRef[Any] | None = None
        self.guardian = guardian
        self.log = log
        self.state = "new"
        self.final = False
        self.farewells: list[Failure | None] = []

    def begin(self) -> None:
        assert self.state in ("new", "down"), f"begin of {self.name!r} while {self.state}"
        self.state = "starting"
        self.log.append(("begin", self.name))

    def resume(self) -> None:
        assert self.state == "down"
        self.state = "up"
        self.log.append(("resume", self.name))

    def halt(self, *, final: bool) -> None:
        assert self.state != "gone", f"halt of {self.name!r} after its end"
        self.log.append(("end" if final else "halt", self.name))
        self.final = self.final or final
        if self.state in ("new", "down"):
            self._halted()
        else:
            self.state = "halting"

    def abandon(self) -> bool:
        if self.state != "halting":
            return False
        self.log.append(("abandon", self.name))
        self._halted()
        return True

    def farewell(self, reason: Failure | None) -> None:
        assert self.state == "gone"
        self.farewells.append(reason)

    def look(self, limit: int | None) -> Node:
        return Node(self.name, "worker", self.state)

    # What the test makes it do.

    def come_up(self) -> None:
        assert self.state == "starting"
        self.state = "up"
        self.guardian.started(self)

    def fail(self, error: BaseException | None = None) -> None:
        phase: Literal["start", "message"] = "start" if self.state == "starting" else "message"
        self.state = "down"
        error = error or ValueError("fails")
        self.guardian.failed(self, Failure(self.name, error, "stack", phase, 0.0))

    def exit(self) -> None:
        self.state = "down"
        self.guardian.exited(self)

    def end(self) -> None:
        assert self.state == "halting"
        self._halted()

    def _halted(self) -> None:
        self.state = "gone" if self.final else "down"
        self.guardian.halted(self, final=self.final)


class Stage:
    """Where fakes play: their log, their clock, and everything a tree says."""

    def __init__(self) -> None:
        self.log: list[tuple[str, Any]] = []
        self.actors: dict[Any, FakeActor] = {}
        self.events: list[Event] = []
        self.letters: list[DeadLetter] = []
        self.given_up: list[Failure] = []
        self.clock = ManualClock()

    def spec(self, name: Hashable, **settings: Any) -> ChildSpec:
        return ChildSpec(name, FakeStart(self), **settings)

    def root(self, children: Sequence[ChildSpec], **settings: Any) -> Root:
        settings.setdefault("backoff", Backoff(first=0, base=0, jitter=0))
        settings.setdefault("intensity", Intensity(1000, 1.0))
        return Root(
            children,
            clock=self.clock,
            on_event=self.events.append,
            on_dead_letter=self.letters.append,
            on_give_up=self.given_up.append,
            rng=random.Random(1),
            **settings,
        )

    def running(self, children: Sequence[ChildSpec], **settings: Any) -> Root:
        """A tree whose children are up; the log is empty."""
        root = self.root(children, **settings)
        root.top.begin()
        self.settle()
        self.log.clear()
        return root

    def take(self) -> list[tuple[str, Any]]:
        """The log since the last look."""
        entries, self.log[:] = self.log[:], []
        return entries

    def settle(self) -> None:
        """Answer whatever is asked, and let time pass, until nothing is under way."""
        moved = True
        while moved or self.clock.pending():
            moved = self.answer()
            if not moved and self.clock.pending():
                self.clock.advance(0.5)
                moved = True

    def answer(self) -> bool:
        """Answer once whatever is asked now."""
        moved = False
        for actor in list(self.actors.values()):
            if actor.state == "starting":
                actor.come_up()
                moved = True
            elif actor.state == "halting":
                actor.end()
                moved = True
        return moved

    def names(self, state: str) -> list[Any]:
        return [name for name, actor in self.actors.items() if actor.state == state]


class FakeStart:
    """A `Startable` for fakes."""

    kind: ClassVar[Literal["worker"]] = "worker"

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    def prepare(self, name: Any, guardian: Guardian, home: Any) -> FakeActor:
        actor = FakeActor(name, guardian, self.stage.log)
        self.stage.actors[name] = actor
        return actor

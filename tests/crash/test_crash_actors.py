"""Every actor of the tree crashes under load: it comes back, and nobody's message suffers."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from actors import messages as m
from actors import router, tree
from actors.monitor import kind_of
from actors.runtime.testing import Crash, crash
from butler.telemetry import (
    ActorFailed,
    ActorRestarted,
    DeadLettered,
    ModelCalled,
    ProfileRead,
    SupervisionEscalated,
)
from ops.bench.crowd import Crowd, Echo
from ops.bench.remembered import Store, faults
from supervision import Node
from tests.support.house import House, house
from tests.support.waiting import eventually

GUESTS = 50
BEFORE, AFTER = 30, 150  # answers to wait for, so that crashes fall under load
FIXED = (
    *(m.JOURNAL, m.READER, m.SENDER, m.LLM, m.SPEECH, m.ROUTER, m.POLLER, m.MONITOR),
    *(f"{m.SENDER}-0", f"{m.SENDER}-7", f"{m.LLM}-0", f"{m.LLM}-7", f"{m.SPEECH}-1"),
)


@attrs.define
class Scene:
    """A house with guests in closed loop."""

    home: House
    crowd: Crowd
    data: Path
    resent: int = 0

    def kill(self, name: object) -> None:
        """Crash the actor of that name under load, and wait until it and the load are back."""
        node = self.node(name)
        done = len(self.crowd.ends)
        assert self.crowd.answered(done + BEFORE, 20)
        crash(self.home.service.directory.get(name))
        eventually(f"{name} back", lambda: self.node(name).restarts > node.restarts)
        done = len(self.crowd.ends)
        assert self.crowd.answered(done + AFTER, 20)

    def node(self, name: object) -> Node:
        """An actor as the console sees it."""
        look = self.home.service.board.look
        assert look is not None
        return next(node for node in look(2 * GUESTS).walk() if node.name == name)

    def finish(self) -> None:
        """Let everybody be answered, and judge."""
        self.crowd.rest()
        assert self.crowd.quiet(30), self.crowd.waiting
        self.home.settled()
        assert set(self.crowd.ends.values()) == {"answered"}, self.crowd.notices
        assert self.crowd.wrong == 0
        told = {str(user): each for user, each in self.crowd.verdict()["told"].items()}
        assert faults(Store(self.data).events(), told) == []
        assert self.home.witness.of(SupervisionEscalated) == []
        assert self.home.witness.of(DeadLettered) == []
        resends = sum(count - 1 for count in self.crowd.answers.values())
        assert resends <= self.home.metric("telegram_replies_resent_total")


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with house(tmp_path / "data", answer=Echo()) as home:
        home.llm.behave(record=False)
        crowd = Crowd(home.playground, GUESTS)
        crowd.go()
        yield Scene(home, crowd, tmp_path / "data")


@pytest.mark.parametrize("name", FIXED)
def test_an_actor_that_crashes_under_load_comes_back_and_every_message_is_answered(
    scene: Scene, name: str
) -> None:
    scene.kill(name)
    scene.finish()
    failed = scene.home.witness.of(ActorFailed)
    assert [(e.kind, e.error) for e in failed] == [(kind_of(name), Crash.__name__)]


def test_user_actors_that_crash_under_load_answer_what_they_were_at(scene: Scene) -> None:
    assert scene.crowd.answered(BEFORE, 20)
    for guest in scene.crowd.guests:
        crash(scene.home.service.directory.get(m.user_name(str(guest.user_id))))
    scene.home.witness.wait(ActorRestarted, count=GUESTS)
    assert scene.crowd.answered(len(scene.crowd.ends) + AFTER, 20)
    scene.finish()


@pytest.mark.parametrize("name", [m.JOURNAL, m.SENDER, m.LLM])
def test_a_crash_with_calls_of_the_llm_in_flight_drops_them_and_asks_again(
    scene: Scene, name: str
) -> None:
    home = scene.home
    home.llm.behave(record=False, delay=2.0)
    eventually("calls in flight", lambda: home.llm.asked - len(home.witness.of(ModelCalled)) > 4)
    crash(home.service.directory.get(name))
    assert home.llm.dropped.wait(1.5)
    home.llm.behave(record=False)
    assert scene.crowd.answered(len(scene.crowd.ends) + AFTER, 20)
    scene.finish()


def test_actors_that_crash_while_others_restart_come_back_too(scene: Scene) -> None:
    assert scene.crowd.answered(BEFORE, 20)
    names = (m.SENDER, m.JOURNAL, m.ROUTER, m.LLM, m.READER, m.POLLER, f"{m.SENDER}-3")
    for name in names:
        crash(scene.home.service.directory.get(name))
    scene.home.witness.wait(ActorFailed, count=len(names))
    assert scene.crowd.answered(len(scene.crowd.ends) + AFTER, 30)
    scene.finish()


def test_user_actors_that_are_restarted_while_they_recover_forget_nothing(scene: Scene) -> None:
    directory = scene.home.service.directory
    names = (m.SENDER, m.JOURNAL, m.READER)
    for number, name in enumerate(names):
        assert scene.crowd.answered(len(scene.crowd.ends) + BEFORE, 20)
        # Others each time: an update over which its actor crashes twice is rightly a dead letter.
        for guest in scene.crowd.guests[number :: 2 * len(names)]:
            crash(directory.get(m.user_name(str(guest.user_id))))
        crash(directory.get(name))
    assert scene.crowd.answered(len(scene.crowd.ends) + AFTER, 20)
    scene.finish()


def test_a_guest_at_rest_is_not_read_again_before_they_write(scene: Scene) -> None:
    """So that those who wait are not last in the row, when all are restarted at once."""
    scene.crowd.rest()
    assert scene.crowd.quiet(20)
    scene.home.settled()
    reads = len(scene.home.witness.of(ProfileRead))
    crash(scene.home.service.directory.get(m.SENDER))
    scene.home.witness.wait(ActorRestarted, lambda e: e.kind == "user", count=GUESTS)
    scene.crowd.ask(scene.crowd.guests[0])
    assert scene.crowd.quiet(20)
    assert len(scene.home.witness.of(ProfileRead)) == reads + 1
    scene.finish()


def test_crashes_at_random_lose_nothing(scene: Scene) -> None:
    """Each actor crashes at most once, so that no update is taken for poison."""
    users = [m.user_name(str(guest.user_id)) for guest in scene.crowd.guests]
    workers = [f"{role}-{number}" for role in (m.SENDER, m.LLM) for number in range(6)]
    names: list[object] = [*users, *workers, *FIXED[:8]]
    random.Random(4).shuffle(names)
    for name in names:
        assert scene.crowd.answered(len(scene.crowd.ends) + 10, 20)
        crash(scene.home.service.directory.get(name))
    assert scene.crowd.answered(len(scene.crowd.ends) + AFTER, 20)
    scene.finish()


def test_guests_passivated_at_every_moment_lose_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever is idle for a moment is stopped, while the router crashes now and then."""
    monkeypatch.setattr(tree, "IDLE_AFTER_SECONDS", 0.01)
    monkeypatch.setattr(router, "SWEEP_SECONDS", 0.005)
    with house(tmp_path / "data", answer=Echo(), MEMORY_KEEP_EVENTS="49") as home:
        home.llm.behave(record=False)
        scene = Scene(home, Crowd(home.playground, GUESTS), tmp_path / "data")
        for _ in range(8):
            scene.crowd.pace(200, 0.5)
            crash(home.service.directory.get(m.ROUTER))
        assert scene.crowd.quiet(30), scene.crowd.waiting
        eventually("nobody live", lambda: home.service.directory.supervisor(m.USERS).count() == 0)
        scene.finish()

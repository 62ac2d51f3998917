"""The monitor: what it measures, when it closes the gate, and that it survives what it watches."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import attrs
import pytest

from actors import messages as m
from actors import monitor as module
from actors.gate import Gate
from actors.monitor import Monitor, kind_of
from butler.domain.writes import Accept, Sweep
from butler.ports import StoreStatistics
from butler.telemetry import (
    ActorsMeasured,
    DependencyChanged,
    InboxMeasured,
    MailboxOverflowed,
)
from supervision import Node
from tests.actors.staging import Stage, committed, stage
from tests.support.fakes import START, FakeStore, Told, item, message


def worker(name: object, depth: int = 0, refused: int = 0) -> Node:
    return Node(name, "worker", "idle", depth=depth, refused=refused)


@attrs.define
class Watching:
    stage: Stage
    store: FakeStore
    gate: Gate
    measured: Told
    nodes: list[Node]

    def start(self) -> None:
        made = self.stage
        monitor = Monitor.on(
            made.io,
            self.store,
            self.gate,
            timedelta(days=90),
            self.measured,
            lambda: Node("root", "supervisor", "running", children=tuple(self.nodes)),
            made.directory,
            made.telemetry,
            made.time,
        )
        made.start(m.JOURNAL, (m.MONITOR, monitor))
        self.go_on(0)

    def go_on(self, seconds: float) -> None:
        self.stage.time.advance(seconds)
        self.stage.flush(m.MONITOR)


@pytest.fixture
def watching() -> Iterator[Watching]:
    with stage() as made:
        yield Watching(made, FakeStore(), Gate(), Told(), [])


def test_the_inbox_is_measured_at_once_and_again(watching: Watching) -> None:
    watching.store.commit([Accept((item(message(1, "hi")),))])
    watching.start()
    assert watching.stage.events.wait(InboxMeasured) == InboxMeasured(1, 0.0)
    watching.go_on(2.0)
    assert watching.stage.events.wait(InboxMeasured, count=2) == InboxMeasured(1, 2.0)
    assert watching.measured.wait(StoreStatistics).unsettled == 1


def test_the_gate_is_closed_while_too_many_wait(
    watching: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "INBOX_BOUND", 1)
    watching.store.commit([Accept((item(message(1, "hi")),))])
    watching.start()
    assert not watching.gate.open
    watching.store.rows.clear()
    watching.go_on(2.0)
    assert watching.gate.open


def test_the_store_coming_and_going_is_told_once_each(watching: Watching) -> None:
    watching.start()
    watching.store.down = True
    watching.go_on(2.0)
    watching.go_on(2.0)
    watching.store.down = False
    watching.go_on(2.0)
    told = watching.stage.events.of(DependencyChanged, lambda e: e.dependency == "store")
    assert [event.up for event in told] == [True, False, True]
    assert watching.stage.failures() == []


def test_what_is_too_old_is_swept_every_minute(watching: Watching) -> None:
    watching.start()
    watching.go_on(60.0)
    sweep = committed(watching.stage.told[m.JOURNAL], Sweep).write
    now = START + timedelta(seconds=60)
    assert sweep == Sweep(now - timedelta(days=90), now - timedelta(days=7))


def test_actors_are_counted_by_kind(watching: Watching) -> None:
    users = Node(
        m.USERS,
        "supervisor",
        "running",
        children=(worker(("user", "7"), 3), worker(("user", "8"))),
        omitted=5,
    )
    watching.nodes[:] = [worker(m.JOURNAL, 2), worker("llm-0"), worker("llm-1", 1), users]
    watching.start()
    counted = watching.stage.events.wait(ActorsMeasured)
    assert counted.alive == {"supervisor": 0, "journal": 1, "llm": 2, "user": 7}
    assert counted.queued == {"supervisor": 0, "journal": 2, "llm": 1, "user": 3}


def test_refused_messages_are_told_once_with_their_number(watching: Watching) -> None:
    watching.nodes[:] = [worker(("user", "7"), refused=1000)]
    watching.start()
    assert watching.stage.events.wait(MailboxOverflowed) == MailboxOverflowed("user", 1000)
    watching.go_on(2.0)
    watching.nodes[:] = [worker(("user", "7"), refused=1005)]
    watching.go_on(2.0)
    # The guest's next actor counts from 0.
    watching.nodes[:] = [worker(("user", "7"), refused=0)]
    watching.go_on(2.0)
    watching.nodes[:] = [worker(("user", "7"), refused=2)]
    watching.go_on(2.0)
    counts = [event.count for event in watching.stage.events.of(MailboxOverflowed)]
    assert counts == [1000, 5, 2]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        (("user", "7"), "user"),
        ("sender-3", "sender"),
        ("sender workers", "supervisor"),
        ("root", "supervisor"),
        ("web", "web"),
        ((), "supervisor"),
    ],
)
def test_kinds_never_name_a_guest(name: object, kind: str) -> None:
    assert kind_of(name) == kind

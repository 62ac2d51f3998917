"""The whole tree over fakes: actors crash at random, and guests notice nothing."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import attrs
import pytest

from actors import messages as m
from actors.gate import Gate
from actors.receiver import Pushed
from actors.runtime.testing import crash
from actors.tree import Plan, Tree, World
from butler.clock import SystemClock
from butler.domain.chat import CompletionRequest
from butler.telemetry import ReplyResent, Telemetry
from supervision import Backoff, Directory, Intensity, Root
from supervision.errors import NotFound
from supervision.events import ChildFailed
from tests.actors.guest_room import key, rules
from tests.support.fakes import (
    FakeModel,
    FakeStore,
    FakeTranscriber,
    FakeTransport,
    Told,
    message,
    recording,
)
from tests.support.waiting import eventually

FIXED = (m.JOURNAL, m.READER, m.SENDER, m.LLM, m.SPEECH, m.ROUTER, m.POLLER, m.MONITOR)
WORKERS = ("sender-0", "sender-1", "llm-0", "llm-1", "speech-0")
GUESTS = 5


def echo(request: CompletionRequest) -> str:
    return f"эхо: {request.messages[-1].content}"


@attrs.define
class Household:
    """A running tree and its surroundings."""

    root: Root
    directory: Directory
    store: FakeStore
    transport: FakeTransport
    polling: FakeTransport
    events: Told
    tree: Told

    def settled(self, updates: int) -> None:
        def all_ended() -> bool:
            rows = list(self.store.rows.values())
            return len(rows) == updates and all(row.settled_at for row in rows)

        eventually(f"{updates} settled updates", all_ended, 40.0)

    def done(self, updates: int) -> None:
        """The first so many are settled, whatever has come since."""

        def ended() -> bool:
            rows = [row for k, row in list(self.store.rows.items()) if k.update_id <= updates]
            return len(rows) == updates and all(row.settled_at for row in rows)

        eventually(f"the first {updates} settled", ended, 40.0)

    def accepted(self, updates: int) -> None:
        eventually(f"{updates} accepted updates", lambda: len(self.store.rows) >= updates)

    def crash(self, name: Any) -> None:
        try:
            crash(self.directory.get(name))
        except NotFound:
            return


@contextmanager
def household(**changes: Any) -> Iterator[Household]:
    store, transport, polling = FakeStore(), FakeTransport(), FakeTransport()
    for number in range(1, 100):
        transport.files[f"f{number}"] = f"голос {number}".encode()
    model = FakeModel(echo)
    world = World(
        store, transport, polling, [model, model], FakeTranscriber(), {"llm": model.probe}
    )
    plan = Plan(
        rules=rules(event_cap=1000, keep_events=500),
        allowed_users=frozenset(),
        rate=0,
        chat_rate=0,
        llm_slots=2,
        llm_timeout=10.0,
        ttl=timedelta(days=90),
    )
    events, said = Told(), Told()
    directory, gate = Directory(), Gate()
    plan = attrs.evolve(plan, **changes)
    tree = Tree(world, plan, gate, directory, Telemetry(events), SystemClock())
    root = Root(
        tree.children(lambda _: None, lambda: root.tree(64)),
        strategy="rest_for_one",
        intensity=Intensity(1000, 60.0),
        backoff=Backoff(first=0, base=0.01, ceiling=0.05),
        directory=directory,
        on_event=said,
        rng=random.Random(1),
    )
    root.start(20.0)
    try:
        yield Household(root, directory, store, transport, polling, events, said)
    finally:
        gate.leave()
        report = root.stop(20.0)
        for dispatcher in tree.dispatchers:
            dispatcher.stop(5.0)
        assert set(report.abandoned) <= {m.POLLER}


def update(number: int) -> dict[str, Any]:
    user = 1 + number % GUESTS
    return recording(number, user) if number % 7 == 0 else message(number, f"слово {number}", user)


def words(number: int) -> str:
    return f"голос {number}" if number % 7 == 0 else f"слово {number}"


def check_memory(store: FakeStore, updates: int) -> None:
    """Each update entered memory once and in order."""
    for user in range(1, GUESTS + 1):
        guest = store.guest(str(user))
        assert guest is not None
        said = [event for event in guest.window if event.role == "user"]
        assert [event.update_id for event in said] == [
            number for number in range(1, updates + 1) if 1 + number % GUESTS == user
        ]
        assert [event.content for event in said] == [words(e.update_id) for e in said]
        assert [event.seq for event in guest.window] == list(range(1, len(guest.window) + 1))


def test_updates_go_all_the_way() -> None:
    with household() as house:
        house.polling.push([update(number) for number in range(1, 21)])
        house.settled(20)
        check_memory(house.store, 20)
        assert house.events.of(ReplyResent) == []
        replied = Counter(each.chat_id for each in house.transport.sent)
        assert set(replied) == set(range(1, GUESTS + 1))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_actors_crash_at_random_and_each_update_is_answered_once(seed: int) -> None:
    chance = random.Random(seed)
    users = [m.user_name(str(user)) for user in range(1, GUESTS + 1)]
    crashed: dict[Any, int] = {}
    with household() as house:
        for number in range(1, 61):
            house.polling.push([update(number)])
            if number % 4 == 0:
                house.accepted(number - 3)
                name = chance.choice([*FIXED, *WORKERS, *users])
                # What has crashed a guest's actor twice is poison, and given up.
                house.done(crashed.get(name, 0))
                crashed.update({name: number} if name in users else {})
                house.crash(name)
        house.settled(60)
        assert house.tree.of(ChildFailed)
        assert house.store.letters == {}
        check_memory(house.store, 60)
        shown = Counter((each.chat_id, each.text) for each in house.transport.sent)
        again = sum(count - 1 for count in shown.values())
        assert again <= sum(event.count for event in house.events.of(ReplyResent))
        answers = [e.content for e in house.store.events.values() if e.role == "assistant"]
        sent = "\n".join(each.text for each in house.transport.sent)
        assert all(answer in sent for answer in answers)


def test_with_a_webhook_updates_are_pushed() -> None:
    with household(webhook=("https://butler.example/telegram/webhook", "secret")) as house:
        done = Told()
        house.directory.tell(m.POLLER, Pushed(update(1), done))
        assert done.wait(bool)
        house.settled(1)
        assert house.store.item(key(1)).state == "sent"

"""getUpdates: nothing is confirmed to Telegram before it is durable here."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import attrs
import pytest

from actors import messages as m
from actors.gate import Gate
from actors.intake import Intake
from actors.journal import Journal
from actors.poller import Poller
from butler.domain.writes import Accept, Accepted, Write
from butler.errors import (
    TransportConflict,
    TransportFlood,
    TransportUnauthorized,
    TransportUnavailable,
)
from butler.telemetry import (
    DependencyChanged,
    TransportCalled,
    UpdateMalformed,
    UpdatesAccepted,
)
from tests.actors.guest_room import key
from tests.actors.staging import Stage, committed, stage
from tests.support.fakes import FakeStore, FakeTransport, message


@attrs.define
class Polling:
    """A poller between a transport and a journal."""

    stage: Stage
    transport: FakeTransport
    gate: Gate
    store: FakeStore

    def poller(self) -> Any:
        made = self.stage
        intake = Intake(made.bot, made.telemetry, made.time)
        return Poller.on(made.io, self.transport, intake, self.gate, made.directory, made.telemetry)

    def start(self, *, journal: bool = True) -> None:
        made = self.stage
        first: Any = m.JOURNAL
        if journal:
            first = (m.JOURNAL, Journal.on(made.io, self.store, made.directory, made.telemetry))
        made.start(first, m.ROUTER, (m.POLLER, self.poller()))

    def routed(self, count: int) -> list[int]:
        """The update ids of the first `count` that were routed."""
        told = self.stage.told[m.ROUTER]
        told.wait(m.Route, count=count)
        return [each.item.key.update_id for each in told.of(m.Route)]

    def pauses(self, count: int = 1) -> None:
        """Returns when the poller has failed so often, and waits before it asks again."""
        self.stage.events.wait(TransportCalled, lambda e: e.outcome != "success", count)
        self.stage.flush(m.POLLER)

    def asks_from(self, offset: int) -> None:
        """Returns once updates were asked from there on."""
        self.transport.told.wait(tuple, lambda t: t == ("asked", offset))


@pytest.fixture
def polling() -> Iterator[Polling]:
    with stage() as made:
        yield (now := Polling(made, FakeTransport(), Gate(), FakeStore()))
        now.gate.leave()


def test_updates_are_kept_routed_in_order_and_then_confirmed(polling: Polling) -> None:
    polling.transport.push([message(5, "a"), message(6, "b")], [message(7, "c")])
    polling.start()
    assert polling.routed(3) == [5, 6, 7]
    polling.asks_from(8)
    assert polling.transport.asked_offsets[:3] == [None, 7, 8]
    assert set(polling.store.items) == {key(5), key(6), key(7)}
    assert polling.stage.events.wait(UpdatesAccepted).kinds == ("text", "text")


def test_nothing_is_asked_or_confirmed_while_a_batch_is_not_durable(polling: Polling) -> None:
    polling.transport.push([message(5, "a")])
    polling.start(journal=False)
    commit = committed(polling.stage.told[m.JOURNAL], Accept)
    assert polling.transport.asked_offsets == [None]
    accepted = Accepted(commit.write.items, 0)
    polling.stage.tell(m.POLLER, m.Committed(commit.tag, accepted))
    polling.asks_from(6)


def test_a_batch_of_an_earlier_incarnation_is_routed_but_confirms_nothing(
    polling: Polling,
) -> None:
    polling.transport.push([message(5, "a")])
    polling.start(journal=False)
    journal = polling.stage.told[m.JOURNAL]
    first = committed(journal, Accept)
    polling.transport.push([message(5, "a"), message(6, "b")])
    polling.stage.crash(m.POLLER)
    second = committed(journal, Accept, 2)
    polling.stage.tell(m.POLLER, m.Committed(first.tag, Accepted(first.write.items, 0)))
    assert polling.routed(1) == [5]
    polling.stage.tell(m.POLLER, m.Committed(second.tag, Accepted(second.write.items[1:], 1)))
    assert polling.routed(2) == [5, 6]
    polling.asks_from(7)
    assert polling.transport.asked_offsets[:3] == [None, None, 7]


def test_a_poller_that_crashes_often_still_asks_once_at_a_time(polling: Polling) -> None:
    class Counting(FakeTransport):
        at_once = most = 0

        def updates(self, offset: int | None, limit: int, timeout: float) -> list[dict[str, Any]]:
            self.at_once += 1
            self.most = max(self.most, self.at_once)
            try:
                return super().updates(offset, limit, timeout)
            finally:
                self.at_once -= 1

    polling.transport = transport = Counting()
    polling.start()
    for _ in range(5):
        polling.stage.crash(m.POLLER)
    transport.push([message(5, "a")])
    polling.asks_from(6)
    depth = polling.stage.root.tree().children[-1].depth if polling.stage.root else 9
    assert depth <= 1
    assert transport.most == 1


def test_what_telegram_gives_twice_is_routed_once(polling: Polling) -> None:
    polling.transport.push([message(5, "a")])
    polling.start()
    polling.routed(1)
    polling.transport.push([{**message(6, "b"), "update_id": 6}])
    polling.routed(2)
    polling.stage.crash(m.POLLER)
    polling.transport.push([message(5, "a"), message(6, "b"), message(7, "c")])
    assert polling.routed(3) == [5, 6, 7]
    assert polling.stage.events.wait(UpdatesAccepted, lambda e: e.duplicates > 0).duplicates == 2


def test_an_update_that_cannot_be_kept_is_passed_over_and_the_others_are_not(
    polling: Polling,
) -> None:
    def spoilt(write: Write) -> bool:
        return isinstance(write, Accept) and key(6) in [each.key for each in write.items]

    polling.store.spoilt = spoilt
    polling.transport.push([message(5, "a"), message(6, "bad"), message(7, "c")])
    polling.start()
    assert polling.routed(2) == [5, 7]
    polling.asks_from(8)
    assert polling.stage.events.wait(UpdateMalformed).what == "unstorable"
    assert polling.stage.failures() == []


@pytest.mark.parametrize("update_id", [True, "5", None, -1, 2**70])
def test_an_update_without_a_sound_id_is_no_update(polling: Polling, update_id: object) -> None:
    polling.transport.push([{**message(1, "a"), "update_id": update_id}, message(9, "b")])
    polling.transport.updates = _raw(polling.transport)  # type: ignore[method-assign]  # unfiltered
    polling.start()
    assert polling.routed(1) == [9]


def test_a_batch_in_which_nothing_can_be_confirmed_is_not_asked_for_at_once_again(
    polling: Polling,
) -> None:
    polling.transport.push([{"no": "id"}], [message(9, "b")])
    polling.transport.updates = _raw(polling.transport)  # type: ignore[method-assign]  # unfiltered
    polling.start()
    assert polling.stage.events.wait(UpdateMalformed).what == "no update_id"
    polling.stage.flush(m.POLLER)
    assert polling.transport.asked_offsets == [None]
    polling.stage.time.advance(1.0)
    assert polling.routed(1) == [9]


def test_a_trouble_that_turns_into_another_is_told_anew(polling: Polling) -> None:
    troubles = (TransportUnavailable("away"), TransportUnavailable("away"))
    polling.transport.push(*troubles, TransportUnauthorized("401"), [message(5, "a")])
    polling.start()
    for count in (1, 2, 3):
        polling.pauses(count)
        polling.stage.time.advance(10.0)
    assert polling.routed(1) == [5]
    told = [e.detail for e in polling.stage.events.of(DependencyChanged, lambda e: not e.up)]
    assert ["trying again" in told[0], "TELEGRAM_BOT_TOKEN" in told[1]] == [True, True]
    assert len(told) == 2


def _raw(transport: FakeTransport) -> Any:
    def updates(offset: int | None, limit: int, timeout: float) -> list[dict[str, Any]]:
        transport.asked_offsets.append(offset)
        threading.Event().wait(0.01)
        batch = transport.batches.popleft() if transport.batches else []
        assert isinstance(batch, list)
        return batch

    return updates


def test_while_too_many_wait_nothing_is_asked_for(polling: Polling) -> None:
    polling.gate.full = True
    polling.transport.push([message(5, "a")])
    polling.start()
    polling.stage.flush(m.POLLER)
    polling.stage.flush(m.POLLER)
    assert polling.transport.asked_offsets == []
    polling.gate.full = False
    polling.stage.time.advance(1.0)
    assert polling.routed(1) == [5]


def test_telegram_is_told_the_menu_and_the_router_who_we_are_once(polling: Polling) -> None:
    polling.stage.bot.username = ""
    polling.start()
    polling.stage.told[m.ROUTER].wait(m.Identified)
    assert polling.stage.bot.username == "alfred_bot"
    polling.transport.push([message(5, "a")])
    polling.routed(1)
    menus = polling.transport.told.of(tuple, lambda t: t[0] == "menu")
    assert sorted(map(str, menus)) == sorted(map(str, {*menus}))
    assert len(polling.stage.told[m.ROUTER].of(m.Identified)) == 1


def test_a_menu_that_is_refused_changes_nothing(polling: Polling) -> None:
    polling.transport.menu_error = TransportUnavailable("no")
    polling.transport.push([message(5, "a")])
    polling.start()
    assert polling.routed(1) == [5]


@pytest.mark.parametrize(
    ("error", "detail"),
    [
        (TransportUnavailable("away"), "trying again"),
        (TransportUnauthorized("401"), "TELEGRAM_BOT_TOKEN"),
        (TransportFlood("slow", 3.0), "trying again"),
    ],
)
def test_an_outage_is_told_waited_out_and_its_end_told(
    polling: Polling, error: Exception, detail: str
) -> None:
    polling.transport.push(error, [message(5, "a")])
    polling.start()
    down = polling.stage.events.wait(DependencyChanged, lambda e: not e.up)
    assert detail in down.detail
    polling.pauses()
    polling.stage.time.advance(3.0)
    assert polling.routed(1) == [5]
    states = [e.up for e in polling.stage.events.of(DependencyChanged)]
    assert states[-2:] == [False, True]
    outcomes = [e.outcome for e in polling.stage.events.of(TransportCalled)]
    assert outcomes[0] != "success"


def test_a_webhook_of_an_earlier_life_is_taken_back_once(polling: Polling) -> None:
    polling.transport.push(TransportConflict("409"), TransportConflict("409"), [message(5, "a")])
    polling.start()
    for count in (1, 2):
        polling.pauses(count)
        polling.stage.time.advance(1.0)
    assert polling.routed(1) == [5]
    assert polling.transport.webhooks == [None]
    down = polling.stage.events.of(DependencyChanged, lambda e: not e.up)
    assert "another poller" in down[0].detail


def test_a_webhook_that_cannot_be_taken_back_is_no_failure(polling: Polling) -> None:
    polling.transport.menu_error = TransportUnavailable("no")
    polling.transport.push(TransportConflict("409"), [message(5, "a")])
    polling.start()
    polling.pauses()
    polling.stage.time.advance(1.0)
    assert polling.routed(1) == [5]
    assert polling.stage.failures() == []


def test_a_call_that_is_cut_short_by_leaving_is_no_outage(polling: Polling) -> None:
    polling.start()
    polling.stage.told[m.ROUTER].wait(m.Identified)
    polling.gate.leave()
    polling.transport.push(TransportUnavailable("cut"))
    for _ in range(3):
        polling.stage.flush(m.POLLER)
    assert polling.stage.events.of(DependencyChanged, lambda e: not e.up) == []


def test_an_identity_that_is_not_given_is_asked_for_again(polling: Polling) -> None:
    polling.transport.identity_error = TransportUnavailable("away")
    polling.transport.push([message(5, "a")])
    polling.start()
    polling.pauses()
    polling.stage.time.advance(1.0)
    assert polling.routed(1) == [5]

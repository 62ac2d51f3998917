"""Webhook: an update is confirmed when it is durable, and refused when it cannot be."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import pytest

from actors import messages as m
from actors.gate import Gate
from actors.intake import Intake
from actors.journal import Journal
from actors.receiver import Pushed, Receiver
from butler.domain.writes import Accept
from butler.errors import TransportUnavailable
from butler.telemetry import DependencyChanged
from tests.actors.guest_room import key
from tests.actors.staging import Stage, stage
from tests.support.fakes import FakeStore, FakeTransport, Told, message

URL = "https://butler.example/telegram/webhook"


@attrs.define
class Receiving:
    stage: Stage
    transport: FakeTransport
    store: FakeStore
    done: Told
    gate: Gate

    def start(self) -> None:
        made = self.stage
        intake = Intake(made.bot, made.telemetry, made.time)
        common = (made.directory, made.telemetry)
        receiver = Receiver.on(made.io, self.transport, URL, "secret", intake, self.gate, *common)
        journal = Journal.on(made.io, self.store, *common, self.gate)
        made.start((m.JOURNAL, journal), m.ROUTER, (m.POLLER, receiver))

    def push(self, number: int) -> None:
        update = message(number, "hi")
        self.stage.tell(m.POLLER, Pushed(update, lambda good: self.done((number, good))))


@pytest.fixture
def receiving() -> Iterator[Receiving]:
    with stage() as made:
        yield Receiving(made, FakeTransport(), FakeStore(), Told(), Gate())


def test_the_webhook_is_set_and_the_router_told_who_we_are(receiving: Receiving) -> None:
    receiving.start()
    receiving.stage.told[m.ROUTER].wait(m.Identified)
    assert receiving.stage.events.wait(DependencyChanged).up
    assert receiving.transport.webhooks == [(URL, "secret")]


def test_a_webhook_that_cannot_be_set_is_tried_again(receiving: Receiving) -> None:
    receiving.transport.identity_error = TransportUnavailable("away")
    receiving.start()
    receiving.stage.events.wait(DependencyChanged, lambda e: not e.up)
    receiving.stage.flush(m.POLLER)
    receiving.stage.time.advance(1.0)
    receiving.stage.told[m.ROUTER].wait(m.Identified)
    receiving.stage.events.wait(DependencyChanged, lambda e: e.up)
    assert receiving.transport.webhooks == [(URL, "secret")]


def test_an_update_is_confirmed_once_it_is_durable_and_routed(receiving: Receiving) -> None:
    receiving.start()
    receiving.push(5)
    assert receiving.done.wait(tuple) == (5, True)
    assert receiving.store.item(key(5)).state == "received"
    assert receiving.stage.told[m.ROUTER].wait(m.Route).item.key == key(5)


def test_an_update_that_comes_again_is_confirmed_and_not_routed_again(
    receiving: Receiving,
) -> None:
    receiving.start()
    receiving.push(5)
    receiving.push(5)
    receiving.done.wait(tuple, count=2)
    receiving.stage.flush(m.ROUTER)
    assert len(receiving.stage.told[m.ROUTER].of(m.Route)) == 1


def test_an_update_that_cannot_be_kept_is_refused(receiving: Receiving) -> None:
    receiving.store.spoilt = lambda write: isinstance(write, Accept)
    receiving.start()
    receiving.push(5)
    assert receiving.done.wait(tuple) == (5, False)
    assert receiving.stage.failures() == []


def test_while_the_gate_is_shut_telegram_is_told_to_come_again(receiving: Receiving) -> None:
    receiving.start()
    receiving.gate.full = True
    receiving.push(5)
    assert receiving.done.wait(tuple) == (5, False)
    assert receiving.store.items == {}
    receiving.gate.full = False
    receiving.push(5)
    assert receiving.done.wait(tuple, lambda told: told[1]) == (5, True)


def test_while_the_store_is_down_only_the_first_update_waits_for_it(receiving: Receiving) -> None:
    receiving.start()
    receiving.store.down = True
    receiving.push(5)
    receiving.store.refused.wait(str)
    receiving.stage.flush(m.JOURNAL)
    receiving.push(6)
    assert receiving.done.wait(tuple) == (6, False)
    receiving.store.down = False
    receiving.stage.time.advance(1.0)
    assert receiving.done.wait(tuple, lambda told: told[1]) == (5, True)
    receiving.push(6)
    assert receiving.done.wait(tuple, lambda told: told[1], 2) == (6, True)

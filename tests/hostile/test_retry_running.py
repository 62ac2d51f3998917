"""A dead letter that the operator retries is answered: by a running butler, or a later one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from actors.messages import user_name
from actors.router import RECHECK_SECONDS
from actors.runtime.testing import crash
from butler import admin
from butler.domain.chat import CompletionRequest
from butler.domain.inbox import DeadLetter, UpdateKey
from butler.domain.writes import Accept, Bury
from butler.errors import TransportRefused
from supervision.events import RestartScheduled
from tests.storage.servers import Stores
from tests.support.fakes import BOT, START, FakeModel, Time, item, message
from tests.support.indoors import indoors

KEY = UpdateKey(BOT, 1)


def buried(store: Any, reason: str = "poison") -> DeadLetter:
    """A guest's message that has become a dead letter."""
    update = message(1, "Good evening.")
    letter = DeadLetter("a", "7", reason, "ValueError", 2, START, KEY, update)
    store.commit([Accept((item(update),)), Bury(letter)])
    return letter


def retry(stores: Stores) -> None:
    """As the command line does: through a store of its own."""
    operator = stores.open()
    admin.retry_letter(operator, "a", Time().now() + timedelta(minutes=1))
    assert operator.dead_letter("a") is None


def test_a_running_butler_answers_a_retried_letter(stores: Stores) -> None:
    store, time = stores.open(), Time()
    buried(store)
    with indoors(store, FakeModel(lambda _: "Better late."), time=time) as house:
        house.say(message(2, "/help"))
        house.settled(2)
        retry(stores)
        time.advance(RECHECK_SECONDS)
        house.settled(1)
        assert house.state(1) == "sent"
        assert [part.text for part in house.transport.sent].count("Better late.") == 1


def test_a_butler_started_later_answers_a_retried_letter(stores: Stores) -> None:
    store = stores.open()
    buried(store)
    retry(stores)
    with indoors(store, FakeModel(lambda _: "Better late.")) as house:
        house.settled(1)
        assert house.state(1) == "sent"
        assert [part.text for part in house.transport.sent] == ["Better late."]


def test_what_has_died_in_a_running_butler_is_new_to_it_when_retried(stores: Stores) -> None:
    store, time, model = stores.open(), Time(), FakeModel(lambda _: "Better late.")
    model.gate.clear()
    with indoors(store, model, time=time) as house:
        house.say(message(1, "Good evening."))
        for asked in (1, 2):
            model.told.wait(CompletionRequest, count=asked)
            crash(house.directory.get(user_name("7")))
            house.told.wait(RestartScheduled, count=asked)
            time.advance(1.0)
        model.gate.set()
        house.settled(1)
        (letter,) = store.dead_letters(10)
        assert (house.state(1), letter.reason) == ("dead", "poison")
        admin.retry_letter(stores.open(), letter.letter_id, time.now())
        time.advance(RECHECK_SECONDS)
        house.settled(1)
        assert house.state(1) == "sent"
        assert [part.text for part in house.transport.sent][-1] == "Better late."
        assert store.dead_letters(10) == []


def test_a_reply_that_telegram_has_refused_is_made_anew_and_remembered_once(
    stores: Stores,
) -> None:
    store, time = stores.open(), Time()
    with indoors(store, FakeModel(lambda _: "Very good."), time=time) as house:
        house.transport.errors.append(TransportRefused("not like that"))
        house.say(message(1, "Good evening."))
        house.settled(1)
        (letter,) = store.dead_letters(10)
        assert (house.state(1), letter.reason) == ("dead", "refused")
        assert (letter.user_id, letter.payload) == ("7", message(1, "Good evening."))
        admin.retry_letter(stores.open(), letter.letter_id, time.now() + timedelta(minutes=1))
        time.advance(RECHECK_SECONDS)
        house.settled(1)
        assert house.state(1) == "sent"
        assert [part.text for part in house.transport.sent] == ["Very good."]
        house.say(message(2, "And now?"))
        house.settled(2)
    said = [(event.seq, event.content) for event in store.guest("7").window]
    words = ("Good evening.", "Very good.", "And now?", "Very good.")
    assert said == list(enumerate(words, 1))

"""Actors that crash in a running house: they come back knowing what they knew."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest

from actors import messages as m
from butler.domain.phrasebook import PHRASES
from butler.playground import Fault, Guest
from butler.storage import SQLITE_FILE
from butler.telemetry import (
    ActorFailed,
    ActorRestarted,
    DeadLettered,
    DependencyChanged,
    ReplyResent,
    StoreFailed,
)
from tests.e2e.conftest import OpenHouse
from tests.storage.servers import SecantusServer
from tests.support.house import House
from tests.support.waiting import eventually

STOCK = "Разумеется. Чай подан, сэр."
NONSENSE = m.Arrived(None, None)  # type: ignore[arg-type]  # what no actor can handle


def crash(home: House, guest: Guest) -> None:
    """Send the guest's actor, by the way of all messages, something that it fails at."""
    name = m.user_name(str(guest.id))
    eventually("the guest's actor", lambda: name in home.service.directory)
    home.service.directory.tell(name, NONSENSE)


def test_a_user_actor_that_crashes_comes_back_with_its_state(
    open_house: OpenHouse, store_settings: dict[str, str]
) -> None:
    home = open_house(**store_settings)
    anna, boris = home.guest("Анна"), home.guest("Борис")
    home.ask(anna, "Мой любимый цветок: ландыш.")
    home.ask(boris, "Добрый день.")
    crash(home, anna)
    home.witness.wait(ActorFailed, lambda e: e.kind == "user")
    home.witness.wait(ActorRestarted, lambda e: e.kind == "user")
    assert home.ask(anna, "Какой мой любимый цветок?") == STOCK
    assert "ландыш" in home.prompt()
    assert [row["seq"] for row in home.records.rows("user_memory", anna.id)] == [1, 2, 3, 4]
    assert home.metric("butler_actor_restarts_total", kind="user") == 1
    assert home.ask(boris, "А вы целы?") == STOCK


def test_a_crash_in_the_midst_of_a_turn_answers_it_once(open_house: OpenHouse) -> None:
    home = open_house()
    anna = home.guest()
    home.llm.behave(delay=0.5)
    anna.say("Первое.")
    assert home.llm.arrived.wait(10)
    anna.say("Второе.")
    home.wait_metric("telegram_updates_total", 2, kind="text")
    crash(home, anna)
    home.witness.wait(ActorRestarted)
    home.llm.behave()
    home.settled()
    said = [content for role, content in home.records.said(anna.id) if role == "user"]
    assert said == ["Первое.", "Второе."]
    assert home.records.rows("dead_letters") == []
    assert home.ask(anna, "Третье.") == STOCK


def test_crashes_of_many_guests_under_load_lose_nothing(open_house: OpenHouse) -> None:
    home = open_house()
    guests = [home.guest(f"Гость {number}") for number in range(6)]
    home.llm.behave(delay=0.05)
    for number in range(6):
        for guest in guests:
            guest.say(f"дело {number}")
        crash(home, guests[number])
    home.witness.wait(ActorRestarted, count=6)
    home.settled()
    eventually("all accepted", lambda: home.metric("telegram_updates_total", kind="text") >= 36)
    home.settled()
    for guest in guests:
        said = [content for role, content in home.records.said(guest.id) if role == "user"]
        assert said == [f"дело {number}" for number in range(6)]
    assert home.records.rows("dead_letters") == []


@pytest.mark.parametrize(
    "name", [m.ROUTER, m.SENDER, m.LLM, f"{m.LLM}-0", f"{m.SENDER}-0", m.SPEECH, m.READER]
)
def test_a_crash_of_any_other_actor_is_got_over(open_house: OpenHouse, name: str) -> None:
    home = open_house(LLM_CONCURRENCY="1")
    anna = home.guest()
    home.ask(anna, "Мой любимый цветок: ландыш.")
    fatal = m.Route(None) if name == m.ROUTER else m.Deliver(None, None, None, None)  # type: ignore[arg-type]  # that is the point
    if name in (m.LLM,):
        fatal = m.Complete(None, None, None, urgent=None, stream=None)  # type: ignore[arg-type, assignment]
    home.service.directory.tell(name, fatal)
    assert home.ask(anna, "Какой мой любимый цветок?") == STOCK
    assert "ландыш" in home.prompt()
    home.settled()


# What can't be handled


def poison(home: House) -> None:
    """Let the database refuse every event that holds a certain word."""
    path = home.settings.butler_data_dir / SQLITE_FILE
    with closing(sqlite3.connect(path, timeout=10)) as database:
        database.execute(
            "CREATE TRIGGER poison BEFORE INSERT ON user_memory WHEN NEW.content LIKE '%яд%' "
            "BEGIN SELECT RAISE(ABORT, 'poison'); END"
        )


def test_a_message_that_can_not_be_handled_becomes_a_dead_letter(open_house: OpenHouse) -> None:
    home = open_house()
    anna, boris = home.guest("Анна"), home.guest("Борис")
    home.ask(anna, "Добрый день.")
    poison(home)
    assert home.ask(anna, "Вот вам яд.") == PHRASES["dead_letter"]["ru"][0]
    home.settled()
    (letter,) = home.records.rows("dead_letters")
    assert letter["user_id"] == str(anna.id)
    assert letter["reason"] == "poison"
    assert "Вот вам яд." in str(letter["payload"])
    assert home.witness.wait(DeadLettered).reason == "poison"
    home.wait_metric("butler_dead_letters_total", 1, reason="poison")
    assert home.ask(anna, "А теперь чай.") == STOCK
    assert home.ask(boris, "И мне.") == STOCK
    said = [content for role, content in home.records.said(anna.id) if role == "user"]
    assert said == ["Добрый день.", "А теперь чай."]


# Surroundings that fail


def test_a_database_that_goes_away_and_comes_back_loses_nothing(
    own_secantus: object, open_house: OpenHouse
) -> None:
    assert callable(own_secantus)
    server: SecantusServer = own_secantus()
    server.start()
    home = open_house(MONGODB_URL=server.url())
    anna = home.guest()
    assert home.ask(anna, "Мой любимый цветок: ландыш.") == STOCK
    server.kill()
    anna.say("Вы меня слышите?")
    home.witness.wait(StoreFailed)
    home.witness.wait(DependencyChanged, lambda e: e.dependency == "store" and not e.up)
    server.start()
    assert anna.wait_reply()["text"] == STOCK
    assert "ландыш" in home.prompt()
    home.settled()
    assert len(home.records.said(anna.id)) == 4


@pytest.mark.parametrize("kind", ["error", "reset", "lose_answer", "garbage"])
def test_a_bot_api_that_fails_gets_the_reply_in_the_end(open_house: OpenHouse, kind: Any) -> None:
    home = open_house()
    anna = home.guest()
    home.playground.faults.add(Fault(kind, method="sendMessage", status=500, count=2))
    assert home.ask(anna, "Добрый день.") == STOCK
    home.settled()
    assert set(home.records.states()) == {"sent"}


def test_a_flood_limit_is_waited_for(open_house: OpenHouse) -> None:
    home = open_house()
    anna = home.guest()
    home.playground.faults.add(
        Fault("error", method="sendMessage", status=429, retry_after=1, count=1)
    )
    assert home.ask(anna, "Добрый день.") == STOCK


def test_a_reply_that_a_stop_left_unsent_is_sent_by_the_next_butler(open_house: OpenHouse) -> None:
    home = open_house()
    anna = home.guest()
    fault = home.playground.faults.add(Fault("error", method="sendMessage", status=502))
    anna.say("Добрый день.")
    eventually("an answer in the inbox", lambda: home.records.states() == ["answered"])
    home.service.stop()
    home.playground.faults.clear(None)
    assert fault is not None
    home.start()
    assert anna.wait_reply()["text"] == STOCK
    home.witness.wait(ReplyResent)
    home.wait_metric("telegram_replies_resent_total", 1)
    home.settled()
    assert len(home.records.said(anna.id)) == 2

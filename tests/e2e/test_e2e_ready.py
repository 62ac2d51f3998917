"""A poller in trouble says so in /ready, keeps trying, and serves when the trouble is over."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest

from butler.playground import Fault, PlaygroundServer
from butler.storage import SQLITE_FILE
from tests.e2e.conftest import OpenHouse
from tests.storage.servers import free_port
from tests.support.house import House
from tests.support.waiting import eventually

STOCK = "Разумеется. Чай подан, сэр."


def complains(home: House, words: str) -> None:
    """Returns once /ready says what is wrong with Telegram."""

    def told() -> bool:
        status, body = home.ready()
        return status == 503 and words in json.dumps(body, ensure_ascii=False)

    eventually(f"/ready with 503 and {words!r}", told)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault("error", "getUpdates", status=401), "check TELEGRAM_BOT_TOKEN"),
        (Fault("error", "getUpdates", status=409), "stop the other one"),
        (Fault("reset", "getUpdates"), "does not answer (TransportUnavailable)"),
        (Fault("garbage", "getUpdates"), "does not answer (TransportUnavailable)"),
        (Fault("error", "getUpdates", retry_after=1), "does not answer (TransportFlood)"),
    ],
    ids=["401", "409", "reset", "garbage", "429"],
)
def test_a_poller_in_trouble_says_which_and_goes_on_when_it_is_over(
    open_house: OpenHouse, fault: Fault, words: str
) -> None:
    home = open_house()
    anna = home.guest()
    home.serves()
    home.playground.faults.add(fault)
    anna.say("Вы здесь?")
    complains(home, words)
    home.playground.faults.clear()
    assert anna.wait_reply()["text"] == STOCK
    home.serves()


def test_a_poller_that_starts_before_telegram_is_there_serves_once_it_is(
    open_house: OpenHouse,
) -> None:
    port = free_port()
    home = open_house(TELEGRAM_API_URL=f"http://127.0.0.1:{port}")
    complains(home, "does not answer (TransportUnavailable)")
    with PlaygroundServer(port=port) as late:
        guest = late.guest("Анна", "ru")
        guest.say("Наконец-то!")
        assert guest.wait_reply()["text"] == STOCK
        home.serves()
        home.service.drain()


def test_a_database_that_takes_nothing_is_named_and_what_was_said_meanwhile_is_answered(
    open_house: OpenHouse,
) -> None:
    home = open_house()
    anna = home.guest()
    home.ask(anna, "Раз.")
    home.serves()
    file = home.settings.butler_data_dir / SQLITE_FILE
    with closing(sqlite3.connect(file, timeout=10, isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")
        anna.say("Два.")
        eventually("/ready with 503", lambda: home.ready()[0] == 503)
        assert '"store": {"up": false' in json.dumps(home.ready()[1])
        anna.say("Три.")
        database.execute("ROLLBACK")
    anna.wait_reply()
    home.settled()
    home.serves()
    said = [content for role, content in home.records.said(anna.id) if role == "user"]
    assert said == ["Раз.", "Два.", "Три."]

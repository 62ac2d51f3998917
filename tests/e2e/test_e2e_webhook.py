"""Updates pushed by Telegram in place of polling."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from butler.playground import Fault
from butler.storage import SQLITE_FILE
from butler.telemetry import DependencyChanged
from tests.e2e.conftest import OpenHouse
from tests.storage.servers import free_port
from tests.support.fakes import message
from tests.support.house import House
from tests.support.waiting import eventually

STOCK = "Разумеется. Чай подан, сэр."


@pytest.fixture
def pushed(open_house: OpenHouse) -> House:
    """A house that is told of updates by webhook."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/telegram/webhook"
    home = open_house(HTTP_PORT=str(port), TELEGRAM_WEBHOOK_URL=url)
    eventually("a webhook", lambda: home.playground.bot.webhook)
    return home


def test_a_guest_is_answered_and_remembered(pushed: House) -> None:
    anna = pushed.guest()
    pushed.ask(anna, "Мой любимый цветок: ландыш.")
    assert pushed.ask(anna, "Какой мой любимый цветок?") == STOCK
    assert "ландыш" in pushed.prompt()
    pushed.settled()
    assert len(pushed.records.said(anna.id)) == 4
    methods = {call.method for call in list(pushed.playground.world.calls)}
    assert "setwebhook" in methods
    assert "getupdates" not in methods


def test_an_update_pushed_twice_is_answered_once(pushed: House) -> None:
    anna = pushed.guest()
    pushed.playground.faults.add(Fault("duplicate", count=3))
    pushed.ask(anna, "Раз.")
    pushed.ask(anna, "Два.")
    pushed.settled()
    said = [content for role, content in pushed.records.said(anna.id) if role == "user"]
    assert said == ["Раз.", "Два."]


def test_without_the_secret_nothing_gets_in(pushed: House) -> None:
    update = {"update_id": 1, "message": {"text": "Впустите!"}}
    request = Request(
        pushed.service.web.address + "/telegram/webhook", data=json.dumps(update).encode()
    )
    with pytest.raises(HTTPError) as refused:
        urlopen(request, timeout=10)
    assert refused.value.code == 401
    assert pushed.records.rows("inbox") == []


def test_while_the_database_takes_nothing_telegram_is_told_to_come_again(pushed: House) -> None:
    anna = pushed.guest()
    pushed.ask(anna, "Раз.")
    file = pushed.settings.butler_data_dir / SQLITE_FILE
    with closing(sqlite3.connect(file, timeout=10, isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")
        anna.say("Два.")
        pushed.witness.wait(DependencyChanged, lambda e: e.dependency == "store" and not e.up)
        request = Request(
            pushed.service.web.address + "/telegram/webhook",
            data=json.dumps(message(1 << 40, "Три.", anna.id)).encode(),
            headers={"X-Telegram-Bot-Api-Secret-Token": pushed.settings.webhook_secret},
        )
        with pytest.raises(HTTPError) as refused:
            urlopen(request, timeout=10)
        assert (refused.value.code, refused.value.headers["Retry-After"]) == (503, "5")
        database.execute("ROLLBACK")
    assert anna.wait_reply()["text"] == STOCK
    pushed.settled()
    assert [content for _, content in pushed.records.said(anna.id)] == [
        "Раз.",
        STOCK,
        "Два.",
        STOCK,
    ]


def test_after_the_webhook_polling_takes_over(pushed: House) -> None:
    anna = pushed.guest()
    pushed.ask(anna, "Раз.")
    pushed.restart(TELEGRAM_WEBHOOK_URL="")
    assert pushed.ask(anna, "Два.") == STOCK

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import attrs
import pytest

from butler.web import Webhook, webhook
from tests.web.serving import Site, serving

SECRET = "s3cret_of-telegram"
SHOWN = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
PATH = "/telegram/webhook"


@attrs.define
class Inbox:
    """A `WebhookSink` that answers from a thread of its own."""

    takes: bool = True
    durable: bool | None = True
    updates: list[dict[str, Any]] = attrs.field(factory=list)
    answers: int = 1

    def accept(self, update: dict[str, Any], done: Callable[[bool], None]) -> bool:
        self.updates.append(update)
        if self.takes and self.durable is not None:
            threading.Thread(target=self._answer, args=(self.durable, done)).start()
        return self.takes

    def _answer(self, durable: bool, done: Callable[[bool], None]) -> None:
        for _ in range(self.answers):
            done(durable)


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def site(inbox: Inbox) -> Iterator[Site]:
    with serving(token="console", webhook=Webhook(inbox, SECRET)) as site:
        yield site


def push(site: Site, body: Any = None, headers: dict[str, str] = SHOWN) -> Any:
    data = body if isinstance(body, bytes) else json.dumps(body or {"update_id": 1}).encode()
    return site.ask("POST", PATH, data=data, headers=headers)


def test_200_comes_only_once_the_update_is_durable(site: Site, inbox: Inbox) -> None:
    update = {"update_id": 7, "message": {"text": "\ud83d\ude00\x00"}}
    assert push(site, update).status_code == 200
    assert inbox.updates == [{"update_id": 7, "message": {"text": "😀\x00"}}]


def test_an_update_that_could_not_be_kept_is_asked_for_again(site: Site, inbox: Inbox) -> None:
    inbox.durable = False
    answer = push(site)
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0


def test_a_sink_that_takes_nothing_now_is_503_at_once(site: Site, inbox: Inbox) -> None:
    inbox.takes = False
    assert push(site).status_code == 503


def test_a_sink_that_never_answers_is_503(inbox: Inbox) -> None:
    inbox.durable = None
    with serving(webhook=Webhook(inbox, SECRET, durable_seconds=0.05)) as site:
        assert push(site).status_code == 503


def test_an_answer_given_twice_is_harmless(site: Site, inbox: Inbox) -> None:
    inbox.answers = 3
    assert [push(site).status_code for _ in range(3)] == [200, 200, 200]


def test_an_answer_after_the_server_is_gone_is_harmless() -> None:
    late: list[Callable[[bool], None]] = []

    class Slow:
        def accept(self, update: dict[str, Any], done: Callable[[bool], None]) -> bool:
            late.append(done)
            return False

    with serving(webhook=Webhook(Slow(), SECRET)) as site:
        assert push(site).status_code == 503
    late[0](True)


@pytest.mark.parametrize("headers", [{}, {"X-Telegram-Bot-Api-Secret-Token": SECRET + "x"}])
def test_without_the_secret_nothing_is_read(
    site: Site, inbox: Inbox, headers: dict[str, str]
) -> None:
    assert push(site, headers=headers).status_code == 401
    assert inbox.updates == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"hello",
        b"\xff\xfe\xfd",
        b"[]",
        b"null",
        b'{"message": {}}',
        b'{"update_id": "7"}',
        b'{"update_id": true}',
        b'{"update_id": 1.5}',
        b'{"update_id": -1}',
        b'{"update_id": 9223372036854775808}',
        b'{"update_id": 1, "x": NaN}',
        b"[" * 200_000,
        b'{"update_id": ' + b"1" * 10_000 + b"}",
    ],
)
def test_what_is_no_update_is_refused(site: Site, inbox: Inbox, body: bytes) -> None:
    assert push(site, body).status_code == 400
    assert inbox.updates == []


def test_a_body_of_a_mebibyte_is_read_and_one_beyond_is_not(site: Site, inbox: Inbox) -> None:
    frame = len(json.dumps({"update_id": 1, "text": ""}))
    fits = {"update_id": 1, "text": "x" * (webhook.BODY_LIMIT - frame)}
    assert push(site, fits).status_code == 200
    fits["text"] = f"{fits['text']}x"
    assert push(site, fits).status_code == 413
    assert len(inbox.updates) == 1


def test_an_endless_body_is_refused_while_it_streams(site: Site) -> None:
    def flood() -> Iterator[bytes]:
        for _ in range(40):
            yield b"x" * 65_536

    answer = site.ask("POST", PATH, data=flood(), headers=SHOWN)
    assert answer.status_code == 413


def test_a_body_that_does_not_come_is_408(inbox: Inbox) -> None:
    head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n"
    head += f"X-Telegram-Bot-Api-Secret-Token: {SECRET}\r\n\r\n"
    with serving(webhook=Webhook(inbox, SECRET, body_seconds=0.05)) as site:
        where = urlsplit(site.address)
        with socket.create_connection((where.hostname, where.port), 20) as connection:
            connection.sendall(head.encode())
            assert connection.recv(64).startswith(b"HTTP/1.1 408")


def test_without_a_webhook_there_is_none() -> None:
    with serving(token="console") as site:
        assert push(site).status_code == 404
        assert site.get(PATH).status_code == 404


def test_the_webhook_takes_posts_alone(site: Site) -> None:
    assert site.get(PATH).status_code == 405


def test_the_secret_is_not_in_what_the_webhook_prints_of_itself() -> None:
    assert SECRET not in repr(Webhook(Inbox(), SECRET))

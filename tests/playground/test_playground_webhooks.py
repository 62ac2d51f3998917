from __future__ import annotations

import json
import queue
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from butler.playground import Delays, Fault, PlaygroundServer
from tests.playground.conftest import Client, wait_for_poll

WAIT = 20


class Receiver:
    """A webhook's far end: keeps what it gets, answers as told."""

    def __init__(self) -> None:
        self.got: queue.Queue[tuple[dict[str, Any], str | None]] = queue.Queue()
        self.answers: queue.Queue[tuple[int, bytes]] = queue.Queue()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.put(
                    (json.loads(body), self.headers.get("X-Telegram-Bot-Api-Secret-Token"))
                )
                try:
                    status, answer = receiver.answers.get_nowait()
                except queue.Empty:
                    status, answer = 200, b""
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/telegram/webhook"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def text(self) -> str:
        update, _ = self.got.get(timeout=WAIT)
        return str(update["message"]["text"])

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def client() -> Iterator[Client]:
    with PlaygroundServer(webhook_delays=Delays(0.01, 0.02)) as server:
        server.world.add_guest("Анна", user_id=1)
        yield Client(server)


def test_updates_are_posted_with_the_secret_and_leave_the_queue(
    client: Client, receiver: Receiver
) -> None:
    client.server.guests.write(1, "до")
    answer = client.call("setWebhook", url=receiver.url, secret_token="s3cret", max_connections=5)
    assert (answer["result"], answer["description"]) == (True, "Webhook was set")
    client.server.guests.write(1, "после")
    update, secret = receiver.got.get(timeout=WAIT)
    assert (update["message"]["text"], secret) == ("до", "s3cret")
    assert receiver.text() == "после"
    client.call("deleteWebhook")
    assert client.result("getWebhookInfo")["url"] == ""


def test_an_update_is_posted_again_until_it_is_taken(client: Client, receiver: Receiver) -> None:
    receiver.answers.put((500, b""))
    receiver.answers.put((302, b""))
    client.result("setWebhook", url=receiver.url)
    client.server.guests.write(1, "раз")
    client.server.guests.write(1, "два")
    assert [receiver.text() for _ in range(4)] == ["раз", "раз", "раз", "два"]
    info = client.result("getWebhookInfo")
    assert info["last_error_message"] == "Wrong response from the webhook: 302 Found"
    assert info["max_connections"] == 40


def test_one_chats_trouble_keeps_no_other_waiting(client: Client, receiver: Receiver) -> None:
    client.server.world.add_guest("Лев", user_id=2)
    for _ in range(3):
        receiver.answers.put((500, b""))
    client.result("setWebhook", url=receiver.url)
    client.server.guests.write(1, "я")
    client.server.guests.write(2, "и я")
    heard = [receiver.text() for _ in range(5)]
    assert sorted(heard).count("и я") + sorted(heard).count("я") == 5


def test_a_webhook_nobody_answers_says_so(client: Client, receiver: Receiver) -> None:
    receiver.close()
    client.server.guests.write(1, "эй")
    client.result("setWebhook", url=receiver.url)
    info = client.result("getWebhookInfo")
    while "last_error_message" not in info:
        info = client.result("getWebhookInfo")
    assert info["last_error_message"] == "Connection failed"
    assert info["pending_update_count"] == 1


def test_polling_is_refused_while_a_webhook_is_set(client: Client, receiver: Receiver) -> None:
    client.result("setWebhook", url=receiver.url)
    answer = client.call("getUpdates")
    assert answer["error_code"] == 409
    assert answer["description"].startswith(
        "Conflict: can't use getUpdates method while webhook is active"
    )
    assert client.call("setWebhook", url=receiver.url)["description"] == "Webhook is already set"
    assert client.call("setWebhook", url="")["description"] == "Webhook was deleted"
    assert client.call("deleteWebhook")["description"] == "Webhook is already deleted"
    assert client.result("getUpdates") == []


def test_pending_updates_can_be_dropped(client: Client, receiver: Receiver) -> None:
    client.server.guests.write(1, "старое")
    client.result("setWebhook", url=receiver.url, drop_pending_updates=True)
    client.server.guests.write(1, "новое")
    assert receiver.text() == "новое"
    client.server.guests.write(1, "лишнее")
    client.result("deleteWebhook", drop_pending_updates="true")
    assert client.result("getUpdates") == []


def test_a_webhook_may_answer_with_a_method(client: Client, receiver: Receiver) -> None:
    client.result("setWebhook", url=receiver.url)
    chat = client.server.world.chat(1)
    answered = threading.Event()
    chat.events.watch(lambda: answered.set() if len(chat.messages) == 2 else None)
    receiver.answers.put((200, b'{"method":"sendMessage","chat_id":1,"text":"in place"}'))
    client.server.guests.write(1, "эй")
    assert answered.wait(WAIT)
    assert [message["text"] for message in chat.messages.values()] == ["эй", "in place"]


@pytest.mark.parametrize(
    "answer", [b"{", b'{"method":"dance"}', b'{"method":"sendMessage","chat_id":9,"text":"x"}']
)
def test_an_answer_that_calls_nothing_useful_is_ignored(
    client: Client, receiver: Receiver, answer: bytes
) -> None:
    client.result("setWebhook", url=receiver.url)
    receiver.answers.put((200, answer))
    client.server.guests.write(1, "раз")
    client.server.guests.write(1, "два")
    assert [receiver.text(), receiver.text()] == ["раз", "два"]


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"url": "ftp://example.com"}, "invalid webhook URL specified"),
        ({"url": "http://"}, "invalid webhook URL specified"),
        ({"url": "http://a.b", "secret_token": "x" * 257}, "secret token is too long"),
        ({"url": "http://a.b", "secret_token": "a b"}, "secret token contains unallowed"),
    ],
)
def test_wrong_webhooks_are_refused(client: Client, fields: dict[str, Any], complaint: str) -> None:
    assert complaint in client.call("setWebhook", **fields)["description"]


def test_setting_a_webhook_ends_the_poll(client: Client, receiver: Receiver) -> None:
    woken: queue.Queue[dict[str, Any]] = queue.Queue()
    thread = threading.Thread(
        target=lambda: woken.put(client.call("getUpdates", timeout=50)), daemon=True
    )
    thread.start()
    wait_for_poll(client.server)
    client.result("setWebhook", url=receiver.url)
    answer = woken.get(timeout=WAIT)
    assert answer["description"] == "Conflict: terminated by setWebhook request"


def test_allowed_updates_are_kept_and_shown(client: Client, receiver: Receiver) -> None:
    client.result("setWebhook", url=receiver.url, allowed_updates='["message","nonsense"]')
    assert client.result("getWebhookInfo")["allowed_updates"] == ["message"]
    client.result("setWebhook", url=receiver.url, allowed_updates="nonsense")
    assert client.result("getWebhookInfo")["allowed_updates"] == ["message"]


def test_a_webhook_may_get_an_update_twice(client: Client, receiver: Receiver) -> None:
    client.server.faults.add(Fault("duplicate", count=1))
    client.result("setWebhook", url=receiver.url)
    client.server.guests.write(1, "раз")
    assert [receiver.text(), receiver.text()] == ["раз", "раз"]


def test_updates_without_a_chat_are_delivered_too(client: Client, receiver: Receiver) -> None:
    client.result("setWebhook", url=receiver.url)
    client.server.world.inject({"poll_answer": {"poll_id": "1"}})
    client.server.world.inject({"message": {"chat": 5}})
    first, _ = receiver.got.get(timeout=WAIT)
    assert "poll_answer" in first
    second, _ = receiver.got.get(timeout=WAIT)
    assert second["message"] == {"chat": 5}

from __future__ import annotations

import json
import time

import pytest
import urllib3

from butler.playground import Fault, PlaygroundServer
from tests.playground.conftest import Client


@pytest.fixture(autouse=True)
def _known_guest(server: PlaygroundServer) -> None:
    server.world.add_guest("Анна", user_id=1)
    server.guests.write(1, "Привет!")


def texts(server: PlaygroundServer) -> list[str]:
    return [one["text"] for one in server.world.chat(1).messages.values()]


def test_an_error_does_nothing(client: Client) -> None:
    client.server.faults.add(Fault(method="sendMessage", retry_after=3, count=1))
    answer = client.call("sendMessage", chat_id=1, text="x")
    assert (answer["error_code"], answer["parameters"]) == (429, {"retry_after": 3})
    assert texts(client.server) == ["Привет!"]
    client.result("sendMessage", chat_id=1, text="x")
    assert [call.status for call in client.server.world.calls] == [429, 200]


def test_a_reset_comes_before_anything_is_done(client: Client) -> None:
    client.server.faults.add(Fault("reset", count=1))
    with pytest.raises(urllib3.exceptions.ProtocolError):
        client.call("sendMessage", chat_id=1, text="x")
    assert texts(client.server) == ["Привет!"]
    assert client.result("getMe")["is_bot"]


def test_an_answer_may_be_lost_after_it_was_done(client: Client) -> None:
    client.server.faults.add(Fault("lose_answer", count=1))
    with pytest.raises(urllib3.exceptions.ProtocolError):
        client.call("sendMessage", chat_id=1, text="x")
    assert texts(client.server) == ["Привет!", "x"]


def test_a_hanging_server_says_nothing_and_does_nothing(client: Client) -> None:
    client.server.faults.add(Fault("hang", seconds=0.2, count=1))
    with pytest.raises(urllib3.exceptions.ProtocolError):
        client.call("sendMessage", chat_id=1, text="x")
    assert texts(client.server) == ["Привет!"]


def test_a_client_may_give_up_on_a_hanging_server(client: Client) -> None:
    client.server.faults.add(Fault("hang", seconds=30, count=1))
    with pytest.raises(urllib3.exceptions.TimeoutError):
        client.raw("GET", f"/bot{client.server.token}/getMe", timeout=0.2)
    assert client.result("getMe")["is_bot"]


def test_a_delayed_call_is_done_in_the_end(client: Client) -> None:
    client.server.faults.add(Fault("delay", seconds=0.2, count=1))
    started = time.monotonic()
    client.result("sendMessage", chat_id=1, text="x")
    assert time.monotonic() - started >= 0.2


def test_garbage_is_no_json(client: Client) -> None:
    client.server.faults.add(Fault("garbage", status=502, count=1))
    answer = client.raw("GET", f"/bot{client.server.token}/getMe")
    assert answer.status == 502
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.data)


def test_a_slow_answer_comes_whole(client: Client) -> None:
    client.server.faults.add(Fault("slow", seconds=0.2, count=1))
    assert client.result("sendMessage", chat_id=1, text="x" * 500)["text"] == "x" * 500


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (Fault("error", "file", status=503), 503),
        (Fault("garbage", "file"), 200),
        (Fault("slow", "file", seconds=0.1), 200),
    ],
)
def test_downloads_fail_as_asked(client: Client, fault: Fault, status: int) -> None:
    stored = client.server.world.files.add("voice", b"oggoggogg")
    client.server.faults.add(fault)
    answer = client.raw("GET", f"/file/bot{client.server.token}/{stored.path}")
    assert answer.status == status
    assert (answer.data == b"oggoggogg") is (fault.kind == "slow")


@pytest.mark.parametrize("kind", ["reset", "lose_answer"])
def test_downloads_break_as_asked(client: Client, kind: str) -> None:
    stored = client.server.world.files.add("voice", b"ogg")
    client.server.faults.add(Fault(kind, "file"))  # type: ignore[arg-type]  # one of its kinds
    with pytest.raises(urllib3.exceptions.ProtocolError):
        client.raw("GET", f"/file/bot{client.server.token}/{stored.path}")


def test_updates_are_doubled_over_http(client: Client) -> None:
    client.server.faults.add(Fault("duplicate", count=1))
    updates = client.result("getUpdates")
    assert len(updates) == 2
    assert updates[0] == updates[1]
    assert len(client.result("getUpdates")) == 1

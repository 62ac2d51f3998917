from __future__ import annotations

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

import pytest
import urllib3

from butler.playground import PlaygroundServer
from tests.playground.conftest import Client, wait_for_poll

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
ENTITIES = [{"type": "bold", "offset": 0, "length": 3}]


@pytest.fixture(autouse=True)
def _known_guest(server: PlaygroundServer) -> None:
    server.world.add_guest("Анна", user_id=1)
    server.guests.write(1, "Привет!")


def path(server: PlaygroundServer, method: str, **query: Any) -> str:
    return f"/bot{server.token}/{method}?{urlencode(query)}"


def test_parameters_come_in_all_of_telegrams_ways(client: Client) -> None:
    server = client.server
    fields = {"chat_id": "1", "text": "чай +1", "entities": json.dumps(ENTITIES)}
    plain = {"chat_id": 1, "text": "чай +1", "entities": ENTITIES}
    answers = [
        client.raw("GET", path(server, "sendMessage", **fields)),
        client.raw("POST", path(server, "sendMessage", **fields)),
        client.raw("POST", path(server, "SENDmessage"), body=urlencode(fields), headers=FORM),
        client.raw("POST", path(server, "sendMessage"), fields=fields),
        client.raw(
            "POST",
            path(server, "sendMessage"),
            body=json.dumps(plain).encode(),
            headers={"Content-Type": "application/json; charset=utf-8"},
        ),
    ]
    for answer in answers:
        result = json.loads(answer.data)["result"]
        assert (result["text"], result["entities"]) == ("чай +1", ENTITIES)
    calls = [call for call in server.world.calls if call.method == "sendmessage"]
    assert [(call.chat_id, call.status) for call in calls] == [("1", 200)] * 5


def test_an_unknown_token_is_unauthorized(client: Client) -> None:
    answer = client.raw("GET", "/bot123:wrong/getMe")
    assert answer.status == 401
    assert json.loads(answer.data) == {
        "ok": False,
        "error_code": 401,
        "description": "Unauthorized",
    }
    assert client.raw("GET", "/botnonsense/getMe").status == 401
    assert client.raw("GET", "/file/bot123:wrong/voice/x").status == 401


def test_an_unknown_method_is_not_found(client: Client) -> None:
    assert client.call("makeTea")["description"] == "Not Found: method not found"


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"Content-Type": "application/json"}, b"{", 400),
        ({"Content-Type": "application/json"}, b"[" * 100_000, 400),
        ({"Content-Type": "application/json"}, b"[1]", 400),
        ({"Content-Type": "application/json"}, b'{"chat_id":1,"text":"\\ud800"}', 400),
        ({"Content-Type": "application/json"}, b'{"chat_id":1,"text":{"a":1}}', 200),
        (FORM, b"chat_id=1&text=%FF%FE", 400),
        (FORM, b"&".join(b"a=1" for _ in range(2000)), 400),
        ({"Content-Type": "multipart/form-data"}, b"x", 400),
        ({"Content-Type": "multipart/form-data; boundary=x"}, b"no parts", 400),
        ({"Content-Type": "text/plain"}, b"chat_id=1&text=x", 400),
        ({}, b"", 400),
    ],
)
def test_bad_bodies_are_refused_and_harm_nothing(
    client: Client, headers: dict[str, str], body: bytes, status: int
) -> None:
    url = path(client.server, "sendMessage")
    answer = client.raw("POST", url, body=body, headers=headers)
    assert answer.status == status
    assert json.loads(answer.data)["ok"] is (status == 200)
    assert client.result("getMe")["is_bot"]


def test_a_body_that_is_too_long_is_refused_at_once(client: Client) -> None:
    answer = client.raw(
        "POST",
        path(client.server, "sendMessage"),
        headers={"Content-Length": str(1 << 40), "Content-Type": "application/json"},
        body=b"",
    )
    assert answer.status == 413


def test_an_upload_is_stored_and_downloaded_again(client: Client) -> None:
    data = bytes(range(256)) * 10_000
    answer = client.raw(
        "POST",
        path(client.server, "sendDocument"),
        fields={"chat_id": "1", "document": ("данные.json", data, "application/json")},
    )
    document = json.loads(answer.data)["result"]["document"]
    assert document["file_name"] == "данные.json"
    found = client.result("getFile", file_id=document["file_id"])
    downloaded = client.raw("GET", f"/file/bot{client.server.token}/{found['file_path']}")
    assert downloaded.data == data
    missing = client.raw("GET", f"/file/bot{client.server.token}/voice/file_99.oga")
    assert missing.status == 404


def test_updates_wait_for_the_poller_and_are_confirmed_by_offset(client: Client) -> None:
    first = client.result("getUpdates", allowed_updates=["message"])
    assert [one["message"]["text"] for one in first] == ["Привет!"]
    assert client.result("getUpdates", offset=first[-1]["update_id"] + 1) == []


def test_a_long_poll_ends_as_soon_as_something_comes(client: Client) -> None:
    after = client.result("getUpdates")[-1]["update_id"] + 1
    with ThreadPoolExecutor() as threads:
        poll = threads.submit(client.result, "getUpdates", offset=after, timeout=50)
        wait_for_poll(client.server)
        client.server.guests.write(1, "Вы тут?")
        assert [one["message"]["text"] for one in poll.result(20)] == ["Вы тут?"]


def test_a_long_poll_ends_by_itself(client: Client) -> None:
    after = client.result("getUpdates")[-1]["update_id"] + 1
    assert client.result("getUpdates", offset=after, timeout=1) == []


def test_a_second_poller_ends_the_first(client: Client) -> None:
    after = client.result("getUpdates")[-1]["update_id"] + 1
    with ThreadPoolExecutor() as threads:
        poll = threads.submit(client.call, "getUpdates", offset=after, timeout=50)
        wait_for_poll(client.server)
        assert client.result("getUpdates", offset=after) == []
        assert poll.result(20) == {
            "ok": False,
            "error_code": 409,
            "description": "Conflict: terminated by other getUpdates request; make sure that "
            "only one bot instance is running",
        }


def test_stopping_the_server_ends_a_poll_and_a_stream() -> None:
    server = PlaygroundServer().start()
    server.world.add_guest("Анна", user_id=1)
    client = Client(server)
    stream = client.raw("GET", "/playground/api/chats/1/stream", preload_content=False)
    assert stream.status == 200
    with ThreadPoolExecutor() as threads:
        poll = threads.submit(client.call, "getUpdates", timeout=50)
        wait_for_poll(server)
        server.stop()
        assert poll.result(20) == {"ok": True, "result": []}
    server.stop()
    with pytest.raises(urllib3.exceptions.HTTPError):
        client.call("getMe")


def test_a_taken_port_is_an_os_error(server: PlaygroundServer) -> None:
    port = int(server.base_url.rpartition(":")[2])
    with pytest.raises(OSError, match="in use"):
        PlaygroundServer(port=port).start()


def test_a_server_that_never_started_can_be_stopped() -> None:
    PlaygroundServer().stop()


def test_neither_words_nor_tokens_are_logged(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = "что-то очень личное"
    client.result("sendMessage", chat_id=1, text=secret)
    client.call("sendMessage", chat_id=1, text=secret, entities=[{"type": secret}])
    client.server.world.calls = None  # type: ignore[assignment]  # breaks the server from inside
    answer = client.raw("GET", path(client.server, "sendMessage", chat_id=1, text=secret))
    assert answer.status in (200, 500)
    ours = [record for record in caplog.records if not record.name.startswith("urllib3")]
    for record in ours:
        assert secret not in record.getMessage()
        assert client.server.token not in record.getMessage()


def test_a_broken_server_answers_500_and_says_only_what_kind_of_error(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    client.server.bot.commands = None  # type: ignore[assignment]  # breaks the server from inside
    answer = client.call("getMyCommands")
    assert (answer["error_code"], answer["description"]) == (500, "Internal Server Error")
    assert "playground.failed method=getmycommands error=AttributeError" in caplog.text

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from typing import Any

import pytest
from telebot import apihelper

from butler.clients.telegram import TelegramTransport
from butler.domain.outgoing import Part
from butler.errors import (
    FileTooBig,
    TransportError,
    TransportFlood,
    TransportRefused,
    TransportUnauthorized,
    TransportUnavailable,
)
from tests.support.scripted import Answer, ScriptedServer, http, says

TOKEN = "123456:AAsecret-token_XYZ"


def result(value: object) -> Answer:
    return says(http(json.dumps({"ok": True, "result": value}).encode()))


def refusal(code: int, description: str = "", **parameters: object) -> Answer:
    body = {"ok": False, "error_code": code, "description": description, "parameters": parameters}
    return says(http(json.dumps(body).encode(), status=code))


def transport(server: ScriptedServer) -> TelegramTransport:
    return TelegramTransport(TOKEN, server.url, timeout=20)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Bad Gateway</html>",
        b"null",
        b"[]",
        b"{}",
        b'{"ok": "yes"}',
        b'{"ok": true}',
        b'{"ok": true, "result": null}',
        b'{"ok": true, "result": {"id": "me"}}',
        b'{"ok": true, "result": [1]}',
        b'{"ok": false}',
        b'{"ok": tru',
        b"[" * 100_000,
    ],
)
@pytest.mark.parametrize(
    "call",
    [
        lambda t: t.identity(),
        lambda t: t.updates(None, 100, 0),
        lambda t: t.send(Part(1, "чай")),
        lambda t: t.download("file", 100),
    ],
)
def test_an_answer_that_is_none_is_unavailable(
    body: bytes, call: Callable[[TelegramTransport], object]
) -> None:
    with ScriptedServer(says(http(body))) as server, pytest.raises(TransportUnavailable):
        call(transport(server))


@pytest.mark.parametrize("odd", ["9" * 5_000, "[" * 5_000 + "]" * 5_000], ids=["long", "deep"])
def test_one_update_that_python_cannot_read_keeps_none_from_being_read(odd: str) -> None:
    updates = f'[{{"update_id": 5, "odd": {odd}}}, {{"update_id": 6}}, null]'
    body = f'{{"ok": true, "result": {updates}}}'
    with ScriptedServer(says(http(body.encode()))) as server:
        found = transport(server).updates(None, 100, 0)
    assert [update["update_id"] for update in found] == [5, 6]


@pytest.mark.parametrize(
    ("answer", "wait"),
    [
        (refusal(429, "Too Many Requests: retry after 9"), 9.0),
        (refusal(429, "Too Many Requests", retry_after=4), 4.0),
        (refusal(429, "Too Many Requests", retry_after=True), 1.0),
        (says(http(b"<html>", status=429)), 1.0),
    ],
)
def test_a_flood_always_has_a_wait(answer: Answer, wait: float) -> None:
    with ScriptedServer(answer) as server, pytest.raises(TransportFlood) as caught:
        transport(server).send(Part(1, "чай"))
    assert caught.value.retry_after == wait


@pytest.mark.parametrize("status", [200, 302, 404, 500, 503])
def test_a_server_that_is_no_bot_api_is_unavailable(status: int) -> None:
    with (
        ScriptedServer(says(http(b"<html>", status=status))) as server,
        pytest.raises(TransportUnavailable, match=r"TELEGRAM_API_URL|failed"),
    ):
        transport(server).identity()


def test_a_server_without_drafts_refuses_them_and_no_more() -> None:
    with (
        ScriptedServer(refusal(404, "Not Found")) as server,
        pytest.raises(TransportRefused),
    ):
        transport(server).draft(1, 1, "чай")
        with pytest.raises(TransportUnauthorized):
            transport(server).identity()


def test_what_the_guest_wrote_is_in_no_error() -> None:
    said = 'Bad Request: can\'t do: "тайна" at 5'
    with ScriptedServer(refusal(400, said)) as server, pytest.raises(TransportRefused) as caught:
        transport(server).send(Part(1, "тайна"))
    assert "тайна" not in str(caught.value)


def test_words_that_are_the_bot_apis_own_are_shown() -> None:
    said = "Bad Request: message to edit not found"
    with (
        ScriptedServer(refusal(400, said)) as server,
        pytest.raises(TransportRefused, match="message to edit not found"),
    ):
        transport(server).send(Part(1, "чай", edit_message_id=5))


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, TransportUnauthorized),
        (404, TransportRefused),
        (429, TransportUnavailable),
        (500, TransportUnavailable),
    ],
)
def test_a_file_that_does_not_come_has_its_kind(status: int, error: type[TransportError]) -> None:
    def answer(sock: socket.socket, request: bytes) -> bool:
        if b"getFile" in request:
            return result({"file_path": "voice/тест 1.oga"})(sock, request)
        return says(http(b"no", status=status))(sock, request)

    with (
        ScriptedServer(answer) as server,
        pytest.raises(error),
    ):
        transport(server).download("file", 100)
        path = f"GET /file/bot{TOKEN}/voice/%D1%82%D0%B5%D1%81%D1%82%201.oga HTTP/1.1"
        assert server.requests[-1].startswith(path.encode())


def test_a_file_that_grows_past_its_limit_is_cut_off() -> None:
    def answer(sock: socket.socket, request: bytes) -> bool:
        if b"getFile" in request:
            return result({"file_path": "voice/1.oga", "file_size": 10})(sock, request)
        sock.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 100_000)
        return False

    with ScriptedServer(answer) as server, pytest.raises(FileTooBig):
        transport(server).download("file", 1000)


def test_a_file_whose_connection_breaks_is_unavailable() -> None:
    def answer(sock: socket.socket, request: bytes) -> bool:
        if b"getFile" in request:
            return result({"file_path": "voice/1.oga"})(sock, request)
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf")
        return False

    with ScriptedServer(answer) as server, pytest.raises(TransportUnavailable):
        transport(server).download("file", 1000)


def test_a_local_bot_api_server_is_explained() -> None:
    with (
        ScriptedServer(result({"file_path": "/var/lib/bot/voice.oga"})) as server,
        pytest.raises(TransportRefused, match="--local"),
    ):
        transport(server).download("file", 1000)


def test_a_body_is_json_whose_parts_are_json_too() -> None:
    with ScriptedServer(result([])) as server:
        transport(server).updates(12, 50, 0)
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(f"POST /bot{TOKEN}/getUpdates HTTP/1.1\r\n".encode())
    sent: dict[str, Any] = json.loads(body)
    assert sent["allowed_updates"] == [
        "message", "edited_message", "callback_query", "my_chat_member",
    ]  # fmt: skip
    assert (sent["offset"], sent["limit"], sent["timeout"]) == (12, 50, 0)


def test_a_base_with_a_path_is_kept() -> None:
    with ScriptedServer(result({"id": 1, "username": "b"})) as server:
        TelegramTransport(TOKEN, server.url + "/relay/").identity()
    assert server.requests[0].startswith(f"POST /relay/bot{TOKEN}/getMe ".encode())


def test_a_message_that_may_have_gone_out_is_not_sent_again() -> None:
    def first_only(sock: socket.socket, request: bytes) -> bool:
        return len(server.requests) < 2 and result({"message_id": 5})(sock, request)

    server = ScriptedServer(first_only)
    with server:
        telegram = transport(server)
        assert telegram.send(Part(1, "раз")) == 5
        with pytest.raises(TransportUnavailable):
            telegram.send(Part(1, "два"))
        assert len(server.requests) == 2


@pytest.mark.parametrize("token", ["", "with space", "new\nline", "токен", "x" * 300])
def test_a_token_that_http_can_not_carry_is_refused_without_quoting_it(token: str) -> None:
    with pytest.raises(ValueError, match="expected a token") as caught:
        TelegramTransport(token, "http://127.0.0.1:9")
    assert not token or token not in str(caught.value)


def test_a_token_can_not_leave_its_place_in_the_path() -> None:
    with ScriptedServer(result({"id": 1, "username": "b"})) as server:
        TelegramTransport("1:a/../?x#y", server.url).identity()
    assert server.requests[0].startswith(b"POST /bot1:a%2F..%2F%3Fx%23y/getMe ")


def test_the_library_is_of_no_use_outside_a_transport() -> None:
    with pytest.raises(TransportUnavailable):
        apihelper.get_me(TOKEN)

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from butler.playground import Guest, GuestError, PlaygroundServer
from tests.playground.conftest import Client
from tests.support.echo_bot import EchoBot

KEYBOARD = {"inline_keyboard": [[{"text": "Да", "callback_data": "yes"}]]}


def api(client: Client, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    options = {} if body is None else {"body": json.dumps(body).encode()}
    answer = client.raw(method, "/playground/api" + path, **options)
    return answer.status, json.loads(answer.data)


def test_a_guest_talks_with_a_bot(server: PlaygroundServer) -> None:
    with EchoBot(server.base_url, server.token) as bot:
        bot.pieces["?"] = [
            ("sendChatAction", {"action": "typing"}),
            ("sendMessageDraft", {"draft_id": 1, "text": "Хм"}),
            ("sendMessage", {"text": "Да?", "reply_markup": KEYBOARD}),
        ]
        guest = server.guest("Анна")
        guest.say("Привет!")
        assert guest.wait_reply()["text"] == "Echo: Привет!"
        guest.say("?")
        assert guest.wait_event("action")["action"] == "typing"
        assert guest.wait_event("draft")["text"] == "Хм"
        assert guest.wait_reply()["text"] == "Да?"
        guest.press("Да")
        assert guest.wait_event("answer")["text"] == "yes"


def test_a_guest_sends_what_guests_send(server: PlaygroundServer) -> None:
    guest = server.guest("James", "en", user_id=5, username="james")
    said = guest.say("Hello")
    assert guest.edit(said["message_id"], "Hello!")["text"] == "Hello!"
    assert guest.send_voice(b"ogg", duration=2)["voice"]["duration"] == 2
    sent = guest.send_media("document", b"1", file_name="план.txt", mime_type="text/plain")
    assert sent["document"]["file_name"] == "план.txt"
    assert guest.send({"dice": {"value": 1}}, reply_to=said["message_id"])["reply_to_message"]
    kinds = [list(one)[1] for one in server.bot.queue.take(0, 9)]
    assert kinds == ["message", "edited_message", "message", "message", "message"]


def test_a_guest_downloads_what_the_bot_sends(server: PlaygroundServer) -> None:
    guest = server.guest()
    file = server.world.files.add("document", "память".encode(), "memory.json")
    assert guest.download(file.file_id).decode() == "память"
    with pytest.raises(GuestError):
        guest.download("nothing")


def test_a_guest_blocks_and_unblocks(server: PlaygroundServer) -> None:
    guest = server.guest()
    guest.block()
    assert guest.chat()["blocked"] is True
    guest.unblock()
    assert guest.chat()["blocked"] is False


def test_a_guest_comes_back_under_the_same_id(server: PlaygroundServer) -> None:
    guest = server.guest("Анна")
    guest.say("раз")
    again = Guest.create(server.base_url, "Анна", user_id=guest.id)
    assert [one["text"] for one in again.chat()["messages"]] == ["раз"]
    assert again.events() == []


def test_a_guest_waits_no_longer_than_told(server: PlaygroundServer) -> None:
    guest = server.guest()
    with pytest.raises(TimeoutError):
        guest.wait_reply(0.1)
    with pytest.raises(TimeoutError):
        guest.wait_event("draft", 0.1)
    assert list(guest.replies(0.1)) == []
    with pytest.raises(GuestError, match="found none"):
        guest.press("Да")


def test_what_cannot_be_done_is_a_guest_error(server: PlaygroundServer) -> None:
    guest = server.guest()
    for act in (
        lambda: guest.say(""),
        lambda: guest.edit(999, "x"),
        lambda: guest.press("Да", message_id=9),
        lambda: guest.send_media("hologram", b""),
        lambda: server.guest("", user_id=7),
        lambda: guest.chat(404),
    ):
        refuses(act)


def refuses(act: Callable[[], object]) -> None:
    with pytest.raises(GuestError):
        act()


def test_a_group_is_made_and_written_in(server: PlaygroundServer, client: Client) -> None:
    guest = server.guest("Анна")
    friend = server.guest("Лев")
    status, made = api(client, "POST", "/groups", {"title": "Дом", "members": [guest.id]})
    assert status == 201
    chat_id = made["chat"]["id"]
    guest.say("Всем привет", chat_id=chat_id)
    assert api(client, "POST", f"/chats/{chat_id}/members", {"user_id": friend.id})[0] == 201
    friend.say("И вам", chat_id=chat_id)
    service = {"new_chat_title": "Замок"}
    assert api(client, "POST", f"/chats/{chat_id}/service", service)[0] == 201
    client.result("sendMessage", chat_id=chat_id, text="Рад служить")
    guest.events(chat_id=chat_id)
    client.result("sendMessage", chat_id=chat_id, text="Ещё")
    assert guest.wait_reply(chat_id=chat_id)["text"] == "Ещё"
    assert len(guest.chat(chat_id)["members"]) == 2
    status, moved = api(client, "POST", f"/chats/{chat_id}/migrate", {})
    assert (status, moved["chat"]["type"]) == (201, "supergroup")
    new_id = moved["chat"]["id"]
    kick = {"user_id": guest.id}
    assert api(client, "POST", f"/chats/{new_id}/kick", kick) == (200, {"state": "kicked"})


def test_a_channel_is_posted_in(client: Client) -> None:
    _, made = api(client, "POST", "/groups", {"title": "Новости", "kind": "channel"})
    path = f"/chats/{made['chat']['id']}/posts"
    status, posted = api(client, "POST", path, {"text": "Вышло!"})
    assert (status, posted["message"]["text"]) == (201, "Вышло!")


def test_the_side_doors_answer(client: Client) -> None:
    assert api(client, "GET", "/bot")[1]["bot"]["username"] == "playground_butler_bot"
    assert api(client, "GET", "/guests")[1] == {"guests": []}
    assert api(client, "POST", "/updates", {"oddity": "\ud800"})[0] == 200
    client.result("getMe")
    assert api(client, "GET", "/calls")[1]["calls"][0]["method"] == "getme"
    status, fault = api(client, "POST", "/faults", {"kind": "error", "method": "getMe"})
    assert status == 201
    assert api(client, "GET", "/faults")[1]["faults"][0]["struck"] == 0
    assert client.call("getMe")["error_code"] == 500
    assert api(client, "DELETE", f"/faults/{fault['id']}")[1] == {"faults": []}
    assert api(client, "DELETE", "/faults")[1] == {"faults": []}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/guests", [1]),
        ("POST", "/guests", {"name": 5}),
        ("POST", "/guests", {"id": "many"}),
        ("POST", "/guests", {"id": float("inf")}),
        ("POST", "/guests/404/messages", {"text": "x"}),
        ("POST", "/guests/404/media", None),
        ("POST", "/groups", {"members": "all"}),
        ("POST", "/groups", {"kind": "party"}),
        ("POST", "/faults", {"kind": "nuisance"}),
        ("GET", "/chats/nowhere", None),
        ("GET", "/chats/404", None),
        ("GET", "/bot?bot=nobody", None),
        ("POST", "/chats/404/posts", {"text": "x"}),
    ],
)
def test_wrong_requests_are_refused_with_a_reason(
    client: Client, method: str, path: str, body: Any
) -> None:
    status, answer = api(client, method, path, body)
    assert status == 400
    assert answer["error"]


def test_a_body_that_is_no_json_is_refused(client: Client) -> None:
    answer = client.raw("POST", "/playground/api/guests", body=b"{")
    assert answer.status == 400


def test_a_wait_needs_a_number(server: PlaygroundServer, client: Client) -> None:
    guest = server.guest()
    assert api(client, "GET", f"/chats/{guest.id}/events?timeout=soon")[0] == 400


def test_events_that_are_gone_ask_for_reading_anew(
    server: PlaygroundServer, client: Client
) -> None:
    guest = server.guest()
    status, answer = api(client, "GET", f"/chats/{guest.id}/events?after=999")
    assert (status, answer["events"]) == (200, None)
    guest._seq[guest.id] = 999
    assert guest.events() == []
    guest.say("x")
    assert [event["type"] for event in guest.events()] == ["message"]


def test_a_page_from_elsewhere_may_not_speak_for_the_guests(client: Client) -> None:
    answer = client.raw(
        "POST",
        "/playground/api/guests",
        body=b"{}",
        headers={"Origin": "https://evil.example"},
    )
    assert answer.status == 403
    own = client.raw(
        "POST",
        "/playground/api/guests",
        body=b"{}",
        headers={"Origin": client.server.base_url},
    )
    assert own.status == 201


def test_the_stream_gives_each_event_and_asks_for_a_new_start_when_some_are_gone(
    server: PlaygroundServer, client: Client
) -> None:
    guest = server.guest()
    guest.say("раз")
    path = f"/playground/api/chats/{guest.id}/stream"
    stream = client.raw(
        "GET", path, preload_content=False, headers={"Last-Event-ID": "77"}, timeout=20
    )
    assert stream.headers["Content-Type"].startswith("text/event-stream")
    lines = read_until(stream, "event: reset")
    assert lines[0] == "retry: 1000"
    guest.say("два")
    data = [line for line in read_until(stream, '"type": "message"') if line.startswith("data")]
    assert json.loads(data[-1].removeprefix("data: "))["message"]["text"] == "два"
    stream.close()


def read_until(stream: Any, wanted: str) -> list[str]:
    """Lines of the stream up to the one that has *wanted*."""
    lines: list[str] = []
    text = b""
    while not any(wanted in line for line in lines):
        chunk = stream.read1(65536)
        assert chunk, lines
        text += chunk
        *whole, rest = text.split(b"\n")
        lines += [line.decode() for line in whole]
        text = rest
    return lines


def test_the_page_and_its_files_are_served(server: PlaygroundServer, client: Client) -> None:
    home = client.raw("GET", "/")
    assert (home.status, home.headers["Location"]) == (307, "/playground")
    page = client.raw("GET", "/playground")
    assert b"/playground/static/app.js" in page.data
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    for name in ("app.js", "column.js", "style.css", "icon.svg"):
        assert client.raw("GET", f"/playground/static/{name}").status == 200
    sent = server.guest().send_voice(b"ogg")
    file = client.raw("GET", f"/playground/api/files/{sent['voice']['file_id']}")
    assert (file.data, file.headers["Content-Security-Policy"]) == (b"ogg", "sandbox")
    assert client.raw("GET", "/playground/api/files/none").status == 404


def test_the_guests_side_fails_politely(server: PlaygroundServer, client: Client) -> None:
    server.world.users = None  # type: ignore[assignment]  # breaks the server from inside
    status, answer = api(client, "GET", "/guests")
    assert (status, "failed" in answer["error"]) == (500, True)

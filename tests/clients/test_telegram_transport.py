from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from typing import Any, Literal

import pytest

from butler.clients.telegram import TelegramTransport
from butler.domain.outgoing import Button, Document, Entity, Part
from butler.errors import (
    ChatMigrated,
    EntitiesRefused,
    FileTooBig,
    NotModified,
    ReplyTargetGone,
    TextTooLong,
    TransportConflict,
    TransportError,
    TransportFlood,
    TransportRefused,
    TransportUnauthorized,
    TransportUnavailable,
    Undeliverable,
)
from butler.playground import Fault, Guest, PlaygroundServer, World

Broken = Literal["reset", "lose_answer", "garbage"]


@pytest.fixture
def server() -> Iterator[PlaygroundServer]:
    with PlaygroundServer() as server:
        yield server


@pytest.fixture
def telegram(server: PlaygroundServer) -> Iterator[TelegramTransport]:
    transport = TelegramTransport(server.token, server.base_url)
    yield transport
    transport.close()


@pytest.fixture
def anna(server: PlaygroundServer) -> Guest:
    guest = server.guest("Анна", "ru")
    guest.say("Привет!")
    return guest


def part(guest: Guest, text: str = "Чай подан.", **fields: Any) -> Part:
    return Part(guest.id, text, **fields)


def test_the_bot_knows_who_it_is(server: PlaygroundServer, telegram: TelegramTransport) -> None:
    me = telegram.identity()
    assert (me.bot_id, me.username) == (server.bot.id, server.bot.user["username"])


def test_updates_come_raw_in_order_and_once_acknowledged_not_again(
    telegram: TelegramTransport, anna: Guest
) -> None:
    anna.say("Второе")
    first, second = telegram.updates(None, 100, 0)
    assert first["message"]["text"] == "Привет!"
    assert first["update_id"] < second["update_id"]
    assert telegram.updates(None, 1, 0) == [first]
    assert telegram.updates(second["update_id"] + 1, 100, 0) == []


def test_a_poll_waits_for_the_next_message(telegram: TelegramTransport, anna: Guest) -> None:
    offset = telegram.updates(None, 100, 0)[-1]["update_id"] + 1
    writer = threading.Timer(0.2, anna.say, args=("Позже",))
    writer.start()
    assert [u["message"]["text"] for u in telegram.updates(offset, 100, 30)] == ["Позже"]
    writer.join()


def test_a_poll_without_time_does_not_wait(telegram: TelegramTransport) -> None:
    def took(timeout: int) -> float:
        before = time.monotonic()
        assert telegram.updates(None, 100, timeout) == []
        return time.monotonic() - before

    assert min(took(0) for _ in range(3)) < took(2)


def test_closing_ends_a_poll_at_once(telegram: TelegramTransport, server: PlaygroundServer) -> None:
    failures: list[TransportError] = []
    started = threading.Event()

    def poll() -> None:
        started.set()
        try:
            telegram.updates(None, 100, 50)
        except TransportError as failure:
            failures.append(failure)

    poller = threading.Thread(target=poll)
    poller.start()
    started.wait(10)
    threading.Event().wait(0.2)  # let it reach the server; earlier is right as well
    telegram.close()
    poller.join(20)
    assert [type(failure) for failure in failures] == [TransportUnavailable]
    with pytest.raises(TransportUnavailable, match="closed"):
        telegram.identity()


def test_a_message_arrives_with_all_that_belongs_to_it(
    telegram: TelegramTransport, anna: Guest, server: PlaygroundServer
) -> None:
    asked = anna.chat()["messages"][-1]["message_id"]
    message_id = telegram.send(
        part(
            anna,
            "Чай 🫖 подан: код",
            entities=(
                Entity("bold", 0, 3),
                Entity("text_link", 7, 5, url="https://example.org/"),
                Entity("pre", 14, 3, language="python"),
            ),
            reply_to_message_id=asked,
            buttons=((Button("Да", "yes"), Button("Нет", "no")),),
        )
    )
    message = anna.wait_reply()
    assert message["message_id"] == message_id
    assert message["text"] == "Чай 🫖 подан: код"
    assert message["entities"] == [
        {"type": "bold", "offset": 0, "length": 3},
        {"type": "text_link", "offset": 7, "length": 5, "url": "https://example.org/"},
        {"type": "pre", "offset": 14, "length": 3, "language": "python"},
    ]
    assert message["reply_to_message"]["message_id"] == asked
    assert message["reply_markup"]["inline_keyboard"][0][1]["text"] == "Нет"
    assert message["link_preview_options"] == {"is_disabled": True}


def test_a_reply_to_a_message_that_is_gone_is_sent_all_the_same(
    telegram: TelegramTransport, anna: Guest
) -> None:
    assert telegram.send(part(anna, reply_to_message_id=10**9))
    assert "reply_to_message" not in anna.wait_reply()


def test_text_of_every_script_arrives_unchanged(telegram: TelegramTransport, anna: Guest) -> None:
    text = "Да\u200fпривет «{}» \\ \" ' & < % + 𝄞 é é 漢 \U0001f469\u200d\U0001f52c {0} =="
    telegram.send(part(anna, text))
    assert anna.wait_reply()["text"] == text


def test_a_lone_surrogate_does_not_stop_a_message(telegram: TelegramTransport, anna: Guest) -> None:
    telegram.send(part(anna, "a\ud800b", entities=(Entity("bold", 2, 1),)))
    assert anna.wait_reply()["text"] == "a?b"


def test_an_edit_changes_the_message_and_its_buttons(
    telegram: TelegramTransport, anna: Guest
) -> None:
    message_id = telegram.send(part(anna, buttons=((Button("Да", "yes"),),)))
    edited = part(anna, "Остыл.", edit_message_id=message_id, entities=(Entity("bold", 0, 6),))
    assert telegram.send(edited) == message_id
    message = anna.chat()["messages"][-1]
    assert message["text"] == "Остыл."
    assert "reply_markup" not in message
    with pytest.raises(NotModified):
        telegram.send(edited)


def test_a_document_arrives_with_name_caption_and_content(
    telegram: TelegramTransport, anna: Guest, server: PlaygroundServer
) -> None:
    name = 'Выписка "Анна"\r\nX: y.json'
    content = json.dumps({"имя": "Анна"}, ensure_ascii=False)
    telegram.send(
        part(
            anna,
            "Извольте.",
            document=Document.of(name, content.encode()),
            entities=(Entity("italic", 0, 8),),
            buttons=((Button("Да", "yes"),),),
        )
    )
    message = anna.wait_reply()
    assert message["caption"] == "Извольте."
    assert message["caption_entities"][0]["type"] == "italic"
    assert message["document"]["file_name"] == "Выписка _Анна___X: y.json"
    assert telegram.download(message["document"]["file_id"], 10_000).decode() == content


def test_a_thread_is_kept(telegram: TelegramTransport, anna: Guest) -> None:
    with pytest.raises(TransportRefused):  # a private chat has none; the Bot API says so
        telegram.send(part(anna, thread_id=77))


def test_drafts_typing_and_callbacks_are_seen(
    telegram: TelegramTransport, anna: Guest, server: PlaygroundServer
) -> None:
    telegram.typing(anna.id)
    assert anna.wait_event("action")
    telegram.draft(anna.id, 5, "Чай по")
    assert "Чай по" in json.dumps(anna.wait_event("draft"), ensure_ascii=False)
    message_id = telegram.send(part(anna, buttons=((Button("Да", "yes"),),)))
    anna.wait_reply()
    presser = threading.Thread(target=anna.press, args=("Да",))
    presser.start()
    updates = telegram.updates(None, 100, 0)
    while "callback_query" not in updates[-1]:
        updates = telegram.updates(updates[-1]["update_id"] + 1, 100, 20)
    query = updates[-1]["callback_query"]
    assert (query["data"], query["message"]["message_id"]) == ("yes", message_id)
    telegram.answer_callback(query["id"])
    presser.join(20)
    with pytest.raises(TransportRefused):
        telegram.answer_callback("12345")


def test_a_recording_is_downloaded(
    telegram: TelegramTransport, anna: Guest, server: PlaygroundServer
) -> None:
    anna.send_media("voice", b"OggS" + bytes(200_000), duration=3)
    voice = telegram.updates(None, 100, 0)[-1]["message"]["voice"]
    assert len(telegram.download(voice["file_id"], 300_000)) == 200_004
    with pytest.raises(FileTooBig):
        telegram.download(voice["file_id"], 200_003)
    with pytest.raises(TransportRefused):
        telegram.download("no-such-file", 1000)


def test_a_recording_over_telegrams_limit_is_too_big(
    telegram: TelegramTransport, anna: Guest, server: PlaygroundServer
) -> None:
    server.guests.send_media(anna.id, "voice", b"OggS", size=30_000_000)
    voice = telegram.updates(None, 100, 0)[-1]["message"]["voice"]
    with pytest.raises(FileTooBig):
        telegram.download(voice["file_id"], 20_000_000)


def test_a_menu_and_a_webhook_can_be_set(
    telegram: TelegramTransport, anna: Guest, server: PlaygroundServer
) -> None:
    telegram.set_commands([("help", "Помощь"), ("reset", "Начать заново")], None)
    telegram.set_commands([("help", "Help")], "en")
    telegram.set_webhook("https://example.org/telegram/webhook", "s3cret")
    with pytest.raises(TransportConflict, match="webhook"):
        telegram.updates(None, 100, 0)
    telegram.delete_webhook()
    assert telegram.updates(None, 100, 0)


def test_a_second_poller_is_a_conflict(telegram: TelegramTransport, anna: Guest) -> None:
    offset = telegram.updates(None, 100, 0)[-1]["update_id"] + 1
    conflicts: list[TransportError] = []

    def poll() -> None:
        try:
            telegram.updates(offset, 100, 30)
        except TransportError as failure:
            conflicts.append(failure)

    other = threading.Thread(target=poll)
    other.start()
    while other.is_alive():
        try:
            telegram.updates(offset, 100, 1)
        except TransportError as failure:  # the other came later
            conflicts.append(failure)
    assert {type(conflict) for conflict in conflicts} == {TransportConflict}


def test_a_wrong_token_is_unauthorized(server: PlaygroundServer) -> None:
    for token in ("1:wrong", "malformed"):
        with pytest.raises(TransportUnauthorized, match="TELEGRAM_BOT_TOKEN"):
            TelegramTransport(token, server.base_url).identity()


def test_bots_at_different_servers_work_side_by_side(
    telegram: TelegramTransport, anna: Guest
) -> None:
    other_world = World()
    other_bot = other_world.add_bot("77:other-token", name="Other", username="other_bot")
    with PlaygroundServer(other_world) as other_server:
        other = TelegramTransport("77:other-token", other_server.base_url)
        wrong: list[str] = []

        def ask(transport: TelegramTransport, username: str) -> None:
            heard = {transport.identity().username for _ in range(30)}
            wrong.extend(heard - {username})

        mine = telegram.identity().username
        threads = [
            threading.Thread(target=ask, args=pair)
            for pair in [(telegram, mine), (other, other_bot.user["username"])] * 2
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []
        other.close()


@pytest.mark.parametrize(
    ("status", "description", "error"),
    [
        (400, "Bad Request: chat not found", Undeliverable),
        (400, "Bad Request: PEER_ID_INVALID", Undeliverable),
        (400, "Bad Request: user not found", Undeliverable),
        (400, "Bad Request: have no rights to send a message", Undeliverable),
        (400, "Bad Request: not enough rights to send text messages to the chat", Undeliverable),
        (403, "Forbidden: bot was blocked by the user", Undeliverable),
        (403, "Forbidden: user is deactivated", Undeliverable),
        (403, "Forbidden: bot was kicked from the supergroup chat", Undeliverable),
        (400, "Bad Request: can't parse entities: Unsupported start tag", EntitiesRefused),
        (400, "Bad Request: entity beginning at UTF-16 offset 3 ends after", EntitiesRefused),
        (400, "Bad Request: ENTITY_BOUNDS_INVALID", EntitiesRefused),
        (400, "Bad Request: message is too long", TextTooLong),
        (400, "Bad Request: MESSAGE_TOO_LONG", TextTooLong),
        (400, "Bad Request: message caption is too long", TextTooLong),
        (400, "Bad Request: message is not modified: specified new message", NotModified),
        (400, "Bad Request: file is too big", FileTooBig),
        (413, "Request Entity Too Large", FileTooBig),
        (400, "Bad Request: BUTTON_DATA_INVALID", TransportRefused),
        (400, "Bad Request: message text is empty", TransportRefused),
        (401, "Unauthorized", TransportUnauthorized),
        (404, "Not Found", TransportUnauthorized),
        (409, "Conflict: terminated by other getUpdates request", TransportConflict),
        (500, "Internal Server Error", TransportUnavailable),
        (502, "Bad Gateway", TransportUnavailable),
    ],
)
def test_every_refusal_of_the_bot_api_has_its_kind(
    telegram: TelegramTransport,
    anna: Guest,
    server: PlaygroundServer,
    status: int,
    description: str,
    error: type[TransportError],
) -> None:
    server.faults.add(
        Fault("error", method="sendMessage", status=status, description=description, count=1)
    )
    with pytest.raises(error) as caught:
        telegram.send(part(anna))
    assert type(caught.value) is error
    assert telegram.send(part(anna))


def test_a_reply_target_gone_is_known(
    telegram: TelegramTransport, anna: Guest, server: PlaygroundServer
) -> None:
    for words in ("message to be replied not found", "replied message not found"):
        server.faults.add(
            Fault("error", method="sendMessage", status=400, count=1,
                  description=f"Bad Request: {words}")
        )  # fmt: skip
        with pytest.raises(ReplyTargetGone):
            telegram.send(part(anna))


def test_a_flood_says_how_long_to_wait(
    telegram: TelegramTransport, anna: Guest, server: PlaygroundServer
) -> None:
    server.faults.add(Fault("error", method="sendMessage", status=429, retry_after=7, count=1))
    with pytest.raises(TransportFlood) as caught:
        telegram.send(part(anna))
    assert caught.value.retry_after == 7


def test_a_group_that_became_a_supergroup_names_it(
    telegram: TelegramTransport, anna: Guest, server: PlaygroundServer
) -> None:
    description = "Bad Request: group chat was upgraded to a supergroup chat"
    server.faults.add(
        Fault("error", method="sendMessage", status=400, count=1,
              description=description, migrate_to_chat_id=-1001234567890)
    )  # fmt: skip
    with pytest.raises(ChatMigrated) as caught:
        telegram.send(part(anna))
    assert caught.value.new_chat_id == -1001234567890


def test_a_guest_who_blocked_the_bot_is_undeliverable(
    telegram: TelegramTransport, anna: Guest
) -> None:
    anna.block()
    with pytest.raises(Undeliverable):
        telegram.send(part(anna))


def test_a_text_over_the_limit_is_too_long(telegram: TelegramTransport, anna: Guest) -> None:
    with pytest.raises(TextTooLong):
        telegram.send(part(anna, "x" * 4097))


@pytest.mark.parametrize("kind", ["reset", "lose_answer", "garbage"])
def test_a_broken_answer_is_unavailable(
    telegram: TelegramTransport, anna: Guest, server: PlaygroundServer, kind: Broken
) -> None:
    server.faults.add(Fault(kind, method="sendMessage", count=1))
    with pytest.raises(TransportUnavailable):
        telegram.send(part(anna))
    assert telegram.send(part(anna))


def test_a_server_that_hangs_is_unavailable(anna: Guest, server: PlaygroundServer) -> None:
    server.faults.add(Fault("hang", method="sendMessage", seconds=30, count=1))
    telegram = TelegramTransport(server.token, server.base_url, timeout=0.3)
    with pytest.raises(TransportUnavailable, match="no answer in time"):
        telegram.send(part(anna))

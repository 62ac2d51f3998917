from __future__ import annotations

from typing import Any

import pytest

from butler.playground import Refusal
from butler.playground.params import Params, Upload
from tests.playground.conftest import Bench

KEYBOARD = {"inline_keyboard": [[{"text": "Да", "callback_data": "yes"}]]}


def refusal(bench: Bench, method: str, **values: Any) -> str:
    with pytest.raises(Refusal) as caught:
        bench.call(method, **values)
    return f"{caught.value.code} {caught.value.description}"


def test_get_me_is_the_bot(bench: Bench) -> None:
    me = bench.call("getMe")
    assert (me["id"], me["is_bot"], me["username"]) == (
        7000000001,
        True,
        "playground_butler_bot",
    )


def test_a_sent_message_is_answered_and_stands_in_the_transcript(bench: Bench) -> None:
    message = bench.call(
        "sendMessage",
        text="Добрый вечер",
        entities=[{"type": "bold", "offset": 0, "length": 6}],
        reply_markup=KEYBOARD,
        reply_parameters={"message_id": 100},
        link_preview_options={"is_disabled": True},
    )
    assert message["chat"] == {"id": 1, "first_name": "Анна", "type": "private"}
    assert message["from"]["is_bot"] is True
    assert message["entities"] == [{"type": "bold", "offset": 0, "length": 6}]
    assert message["reply_to_message"]["text"] == "Привет!"
    assert message["reply_markup"] == KEYBOARD
    assert bench.world.chat(1).messages[message["message_id"]] == message


def test_message_ids_grow(bench: Bench) -> None:
    ids = [bench.call("sendMessage", text="x")["message_id"] for _ in range(3)]
    assert ids == [101, 102, 103]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"text": ""}, "400 Bad Request: message text is empty"),
        ({"text": "x" * 4097}, "400 Bad Request: message is too long"),
        ({"text": "x", "chat_id": ""}, "400 Bad Request: chat_id is empty"),
        ({"text": "x", "chat_id": 404}, "400 Bad Request: chat not found"),
        ({"text": "x", "chat_id": "abc"}, "400 Bad Request: chat not found"),
        ({"text": "x", "chat_id": "@nobody"}, "400 Bad Request: chat not found"),
        ({"text": "x", "reply_parameters": {"message_id": 9}},
         "400 Bad Request: message to be replied not found"),
        ({"text": "x", "reply_to_message_id": "9"},
         "400 Bad Request: message to be replied not found"),
        ({"text": "x", "reply_parameters": "{"},
         "400 Bad Request: can't parse reply parameters JSON object"),
        ({"text": "x", "reply_parameters": [1]},
         "400 Bad Request: object expected as reply parameters"),
        ({"text": "x", "reply_markup": "[]"}, "400 Bad Request: object expected as reply markup"),
        ({"text": "x", "link_preview_options": "1"},
         "400 Bad Request: object expected as link preview options"),
        ({"text": "x", "message_thread_id": 3}, "400 Bad Request: message thread not found"),
    ],
)  # fmt: skip
def test_send_message_is_refused_in_telegrams_words(
    bench: Bench, values: dict[str, Any], expected: str
) -> None:
    assert refusal(bench, "sendMessage", **values) == expected


def test_a_lost_original_can_be_done_without(bench: Bench) -> None:
    reply = {"message_id": 9, "allow_sending_without_reply": True}
    assert "reply_to_message" not in bench.call("sendMessage", text="x", reply_parameters=reply)


@pytest.mark.parametrize(
    ("markup", "complaint"),
    [
        ({"inline_keyboard": [{}]}, "Array of Arrays"),
        ({"inline_keyboard": [["a"]]}, "InlineKeyboardButton must be an Object"),
        ({"inline_keyboard": [[{"text": "a"}]]}, "Text buttons are unallowed"),
        ({"inline_keyboard": [[{"text": 5}]]}, 'Field "text" must be of type String'),
        ({"inline_keyboard": [[{"text": " ", "callback_data": "a"}]]}, "must be non-empty"),
        ({"inline_keyboard": [[{"text": "a", "callback_data": "ж" * 33}]]}, "BUTTON_DATA_INVALID"),
        ({"inline_keyboard": [[{"text": "a", "callback_data": 1}]]}, "must be of type String"),
        ({"inline_keyboard": [[{"text": "a", "url": "http://a.b"}] * 101]}, "markup is too long"),
        ({"keyboard": [[1]]}, "KeyboardButton must be a String or an Object"),
    ],
)
def test_wrong_markup_is_refused(bench: Bench, markup: Any, complaint: str) -> None:
    assert complaint in refusal(bench, "sendMessage", text="x", reply_markup=markup)


def test_a_reply_keyboard_is_shown_to_the_guest_and_taken_away(bench: Bench) -> None:
    bench.call("sendMessage", text="x", reply_markup={"keyboard": [["Да", {"text": "Нет"}]]})
    keyboard = bench.world.chat(1).keyboard
    assert keyboard == {"keyboard": [[{"text": "Да"}, {"text": "Нет"}]]}
    bench.call("sendMessage", text="x", reply_markup={"remove_keyboard": True})
    assert bench.world.chat(1).keyboard is None


def test_a_bot_may_not_write_first(bench: Bench) -> None:
    bench.world.add_guest("Stranger", user_id=2)
    expected = "403 Forbidden: bot can't initiate conversation with a user"
    assert refusal(bench, "sendMessage", chat_id=2, text="x") == expected
    bench.world.private_chat(bench.bot, 2)
    assert refusal(bench, "sendMessage", chat_id=2, text="x") == expected


def test_a_world_may_let_the_bot_write_to_guests_of_an_earlier_run() -> None:
    bench = Bench(admits_strangers=True)
    assert bench.call("sendMessage", chat_id=55, text="x")["chat"]["id"] == 55
    assert refusal(bench, "sendMessage", chat_id=-55, text="x").endswith("chat not found")


def test_a_blocked_bot_is_refused_until_the_guest_writes_again(bench: Bench) -> None:
    bench.guests.block(1)
    bench.guests.block(1)
    assert refusal(bench, "sendMessage", text="x") == "403 Forbidden: bot was blocked by the user"
    bench.guests.write(1, "Я вернулась")
    assert bench.call("sendMessage", text="x")["text"] == "x"
    standing = [one["my_chat_member"]["new_chat_member"]["status"]
                for one in bench.updates() if "my_chat_member" in one]  # fmt: skip
    assert standing == ["kicked", "member"]


def test_a_deleted_account_is_refused(bench: Bench) -> None:
    bench.guests.deactivate(1)
    assert refusal(bench, "sendChatAction", action="typing") == (
        "403 Forbidden: user is deactivated"
    )


def test_strict_rates_answer_429() -> None:
    bench = Bench(strict_rates=True)
    for _ in range(3):
        bench.call("sendMessage", text="x")
    assert refusal(bench, "sendMessage", text="x") == "429 Too Many Requests: retry after 1"
    bench.clock.now += 1
    bench.call("sendMessage", text="x")


def test_an_edit_replaces_text_and_keyboard(bench: Bench) -> None:
    sent = bench.call("sendMessage", text="x", reply_markup=KEYBOARD)
    edited = bench.call("editMessageText", message_id=sent["message_id"], text="y")
    assert (edited["text"], "reply_markup" in edited) == ("y", False)
    assert edited["edit_date"] == bench.world.now()
    assert bench.events()[-1]["type"] == "edit"
    again = bench.call(
        "editMessageReplyMarkup", message_id=sent["message_id"], reply_markup=KEYBOARD
    )
    assert again["reply_markup"] == KEYBOARD


def test_edits_are_refused_in_telegrams_words(bench: Bench) -> None:
    sent = bench.call("sendMessage", text="x")["message_id"]
    assert "message is not modified" in refusal(bench, "editMessageText", message_id=sent, text="x")
    assert refusal(bench, "editMessageText", message_id=999, text="y") == (
        "400 Bad Request: message to edit not found"
    )
    assert refusal(bench, "editMessageText", message_id=100, text="y") == (
        "400 Bad Request: message can't be edited"
    )
    assert refusal(bench, "editMessageText", chat_id="", text="y") == (
        "400 Bad Request: message identifier is not specified"
    )
    assert "inline keyboard expected" in refusal(
        bench, "editMessageText", message_id=sent, text="y", reply_markup={"force_reply": True}
    )


def test_an_unchanged_edit_date_does_not_hide_that_nothing_changed(bench: Bench) -> None:
    sent = bench.call("sendMessage", text="x")["message_id"]
    bench.call("editMessageText", message_id=sent, text="y")
    assert "message is not modified" in refusal(bench, "editMessageText", message_id=sent, text="y")


def test_a_media_message_has_no_text_to_edit(bench: Bench) -> None:
    sent = send_document(bench)
    assert "there is no text in the message to edit" in refusal(
        bench, "editMessageText", message_id=sent["message_id"], text="y"
    )


def test_messages_are_deleted_within_two_days(bench: Bench) -> None:
    first = bench.call("sendMessage", text="x")["message_id"]
    second = bench.call("sendMessage", text="y")["message_id"]
    assert bench.call("deleteMessage", message_id=first) is True
    assert refusal(bench, "deleteMessage", message_id=first) == (
        "400 Bad Request: message to delete not found"
    )
    bench.clock.now += 49 * 3600
    assert refusal(bench, "deleteMessage", message_id=second) == (
        "400 Bad Request: message can't be deleted"
    )
    assert "chat identifier" in refusal(bench, "deleteMessage", chat_id="")
    assert "message identifier" in refusal(bench, "deleteMessage")


def test_chat_actions_and_drafts_reach_the_watchers(bench: Bench) -> None:
    bench.call("sendChatAction", action="typing")
    bench.call("sendMessageDraft", draft_id=3, text="*Д*", parse_mode="MarkdownV2")
    action, draft = bench.events()[-2:]
    assert (action["type"], action["action"]) == ("action", "typing")
    assert (draft["draft_id"], draft["text"]) == (3, "Д")
    assert draft["entities"] == [{"type": "bold", "offset": 0, "length": 1}]
    assert "wrong parameter action" in refusal(bench, "sendChatAction", action="dancing")


def test_drafts_are_for_private_chats_and_numbered(bench: Bench) -> None:
    group = bench.world.add_group("Дом", [1])
    assert "RANDOM_ID_INVALID" in refusal(bench, "sendMessageDraft", text="x")
    assert "TEXTDRAFT_PEER_INVALID" in refusal(
        bench, "sendMessageDraft", chat_id=group.id, text="x", draft_id=1
    )


def test_commands_are_kept_by_scope_and_language(bench: Bench) -> None:
    default = [{"command": "start", "description": "Begin"}]
    russian = [{"command": "start", "description": "Начать"}]
    bench.call("setMyCommands", commands=default)
    bench.call("setMyCommands", commands=russian, language_code="ru")
    assert bench.call("getMyCommands") == default
    assert bench.call("getMyCommands", language_code="ru") == russian
    chat = bench.world.chat(1)
    assert bench.bot.menu(chat, "ru") == russian
    assert bench.bot.menu(chat, "en") == default
    bench.call("deleteMyCommands")
    assert bench.call("getMyCommands") == []
    assert bench.bot.menu(chat, "en") == []
    assert bench.events()[-1]["type"] == "commands"


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"commands": 5}, "expected an Array of BotCommand"),
        ({"commands": "["}, "can't parse commands JSON object"),
        ({"commands": [1]}, "expected an Object"),
        ({"commands": [{"command": "a"}]}, 'Field "description" must be of type String'),
        ({"commands": [{"command": "A", "description": "x"}]}, "BOT_COMMAND_INVALID"),
        ({"commands": [{"command": "a", "description": " "}]}, "BOT_COMMAND_DESCRIPTION_INVALID"),
        ({"commands": [{"command": "a", "description": "x"}] * 101}, "BOT_COMMANDS_TOO_MUCH"),
        ({"commands": [], "scope": {"type": "moon"}}, "can't parse BotCommandScope"),
    ],
)
def test_wrong_commands_are_refused(bench: Bench, values: Any, complaint: str) -> None:
    assert complaint in refusal(bench, "setMyCommands", **values)


def send_document(bench: Bench, **values: Any) -> Any:
    params = Params({"chat_id": "1", **values}, {"document": Upload(b"{}", "a.json", "")})
    return bench.methods.call(bench.bot, "senddocument", params)


def test_an_export_is_sent_as_a_document(bench: Bench) -> None:
    message = send_document(bench, caption="Ваши *данные*", parse_mode="MarkdownV2")
    document = message["document"]
    assert (document["file_name"], document["file_size"]) == ("a.json", 2)
    assert message["caption"] == "Ваши данные"
    assert message["caption_entities"] == [{"type": "bold", "offset": 5, "length": 6}]
    assert bench.world.files.find(document["file_id"]) is not None
    again = bench.call("sendDocument", document=document["file_id"])
    assert again["document"]["file_id"] == document["file_id"]


def test_a_document_may_be_attached_under_another_name(bench: Bench) -> None:
    files = {"part1": Upload(b"x", "x.txt", "text/plain")}
    params = Params({"chat_id": 1, "document": "attach://part1"}, files)
    assert bench.methods.call(bench.bot, "senddocument", params)["document"]["file_size"] == 1


def test_documents_are_refused_in_telegrams_words(bench: Bench) -> None:
    assert "there is no document in the request" in refusal(bench, "sendDocument")
    assert "wrong file identifier" in refusal(bench, "sendDocument", document="nothing")
    with pytest.raises(Refusal, match="file must be non-empty"):
        empty = Params({"chat_id": 1}, {"document": Upload(b"", "a", "")})
        bench.methods.call(bench.bot, "senddocument", empty)
    with pytest.raises(Refusal, match="Request Entity Too Large"):
        huge = Params({"chat_id": 1}, {"document": Upload(bytes((50 << 20) + 1), "a", "")})
        bench.methods.call(bench.bot, "senddocument", huge)


def test_voices_and_photos_are_sent_too(bench: Bench) -> None:
    files = {"voice": Upload(b"ogg", "v.oga", "audio/ogg"), "photo": Upload(b"jpg", "p.jpg", "")}
    params = Params({"chat_id": 1, "duration": "3"}, files)
    voice = bench.methods.call(bench.bot, "sendvoice", params)["voice"]
    assert (voice["duration"], voice["mime_type"]) == (3, "audio/ogg")
    photo = bench.methods.call(bench.bot, "sendphoto", params)["photo"]
    assert photo[0]["file_size"] == 3


def test_get_chat_describes_it(bench: Bench) -> None:
    chat = bench.call("getChat")
    assert (chat["type"], chat["first_name"]) == ("private", "Анна")
    channel = bench.world.add_group("Новости", kind="channel", username="News")
    assert bench.call("getChat", chat_id="@news")["id"] == channel.id


def test_posting_in_a_channel_has_no_author(bench: Bench) -> None:
    channel = bench.world.add_group("Новости", kind="channel")
    message = bench.call("sendMessage", chat_id=channel.id, text="x")
    assert "from" not in message
    assert message["sender_chat"]["title"] == "Новости"
    assert message["message_id"] == 1


def test_a_callback_query_is_answered_once(bench: Bench) -> None:
    sent = bench.call("sendMessage", text="?", reply_markup=KEYBOARD)
    query_id = bench.guests.press(1, sent["message_id"], "Да")
    assert "MESSAGE_TOO_LONG" in refusal(
        bench, "answerCallbackQuery", callback_query_id=query_id, text="x" * 201
    )
    assert "query is too old" in refusal(bench, "answerCallbackQuery", callback_query_id=query_id)
    query_id = bench.guests.press(1, sent["message_id"], "yes")
    answered = bench.call(
        "answerCallbackQuery", callback_query_id=query_id, text="Хорошо", show_alert="true"
    )
    assert answered is True
    event = bench.events()[-1]
    assert (event["type"], event["text"], event["show_alert"]) == ("answer", "Хорошо", True)

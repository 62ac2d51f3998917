from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from butler.domain.incoming import Attachment, Incoming
from butler.domain.understanding import understand

BOT, BOT_ID = "Alfred_Bot", 4242
GUEST = {"id": 7, "is_bot": False, "first_name": "Ада", "last_name": "Л.", "language_code": "en"}
PRIVATE = {"id": 7, "type": "private"}
GROUP = {"id": -100500, "type": "supergroup"}


def message(chat: dict[str, Any] = PRIVATE, **fields: Any) -> dict[str, Any]:
    return {"message_id": 11, "from": GUEST, "chat": chat, "date": 1700000000, **fields}


def read(**update: Any) -> Incoming:
    return understand({"update_id": 5, **update}, BOT, BOT_ID)


def test_a_private_text_is_the_guests_words() -> None:
    got = read(message=message(text="  Привет!\x00 "))
    assert (got.kind, got.text, got.user_id, got.chat_id) == ("text", "  Привет!\x00 ", "7", 7)
    assert (got.name, got.message_id, got.date, got.update_id) == ("Ада Л.", 11, 1700000000, 5)
    assert got.addressed
    assert got.private


def test_lone_surrogates_become_replacement_characters_and_pairs_are_joined() -> None:
    assert read(message=message(text="a\ud800b\ud83d\ude00")).text == "a\ufffdb😀"


@pytest.mark.parametrize(
    ("text", "command", "rest"),
    [
        ("/start", "start", ""),
        ("/START@alfred_bot  deep link", "start", "deep link"),
        ("/language en", "language", "en"),
        ("/stop\nplease", "stop", "please"),
    ],
)
def test_commands_are_read_in_any_case(text: str, command: str, rest: str) -> None:
    got = read(message=message(GROUP, text=text))
    assert (got.kind, got.command, got.text, got.addressed) == ("command", command, rest, True)


@pytest.mark.parametrize("text", ["/etc/passwd", "/ start", "//", "/1", "see /start"])
def test_a_slash_alone_makes_no_command(text: str) -> None:
    assert read(message=message(text=text)).kind == "text"


def test_a_command_for_another_bot_is_ignored_in_groups_only() -> None:
    assert read(message=message(GROUP, text="/start@OtherBot")).what == "other_bot"
    assert read(message=message(text="/start@OtherBot")).kind == "command"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("@alfred_bot, который час?", "который час?"),
        ("Скажи, @Alfred_Bot, который час?", "Скажи, который час?"),
        ("Который час @Alfred_Bot?", "Который час?"),
        ("hey @Alfred_Bot what time", "hey what time"),
    ],
)
def test_a_mention_addresses_the_butler_and_is_taken_out(text: str, words: str) -> None:
    got = read(message=message(GROUP, text=text))
    assert (got.addressed, got.text, got.kind) == (True, words, "text")


@pytest.mark.parametrize(
    "text", ["hello all", "mail me@alfred_bot", "@alfred_bot2 hi", "@other hi"]
)
def test_words_among_others_are_not_addressed(text: str) -> None:
    got = read(message=message(GROUP, text=text))
    assert (got.addressed, got.text) == (False, text)


def test_a_mention_by_name_counts_in_utf16_units() -> None:
    entity = {"type": "text_mention", "offset": 3, "length": 6, "user": {"id": BOT_ID}}
    got = read(message=message(GROUP, text="😀 Альфред, чаю!", entities=[entity]))
    assert (got.addressed, got.text) == (True, "😀 д, чаю!")
    broken = {**entity, "offset": "x"}
    assert not read(message=message(GROUP, text="a", entities=[broken, 4])).addressed


def test_a_reply_to_the_butler_is_addressed_but_not_a_topics_first_message() -> None:
    reply = {"message_id": 1, "from": {"id": BOT_ID, "is_bot": True}}
    assert read(message=message(GROUP, text="и ты", reply_to_message=reply)).addressed
    topic = {**reply, "forum_topic_created": {}}
    assert not read(message=message(GROUP, text="hi", reply_to_message=topic)).addressed


def test_a_mention_alone_and_blank_words_are_an_empty_message() -> None:
    for text in ("@Alfred_Bot", " \u200f\n", ""):
        got = read(message=message(text=text))
        assert (got.kind, got.what) == ("unsupported", "empty")


@pytest.mark.parametrize(
    ("field", "kind"), [("voice", "voice"), ("audio", "audio"), ("video_note", "video_note")]
)
def test_recordings_are_voice(field: str, kind: Any) -> None:
    content = {"file_id": "F", "duration": 3, "mime_type": "audio/ogg", "file_size": 99}
    got = read(message=message(**{field: content}, caption="слушай"))
    assert (got.kind, got.text) == ("voice", "слушай")
    assert got.attachment == Attachment("F", kind, "audio/ogg", 3, 99)


def test_a_sound_sent_as_a_file_is_voice_and_other_files_are_not() -> None:
    sound = {"file_id": "F", "mime_type": "audio/mpeg"}
    got = read(message=message(document=sound))
    assert got.attachment == Attachment("F", "audio", "audio/mpeg", 0, None)
    assert read(message=message(document={"file_id": "F"})).what == "document"


@pytest.mark.parametrize("content", [None, [], {"file_id": 5}, {"file_id": ""}])
def test_a_recording_without_a_file_is_unsupported(content: Any) -> None:
    got = read(message=message(voice=content))
    assert (got.kind, got.what, got.attachment) == ("unsupported", "voice", None)


@pytest.mark.parametrize(
    "kind",
    ["sticker", "photo", "document", "location", "venue", "contact", "poll", "dice", "animation",
     "video", "game", "story", "invoice", "checklist", "paid_media"],
)  # fmt: skip
def test_other_contents_are_named(kind: str) -> None:
    got = read(message=message(**{kind: {"x": 1}}))
    assert (got.kind, got.what) == ("unsupported", kind)


def test_an_animation_is_no_document_and_a_venue_no_location() -> None:
    assert read(message=message(document={}, animation={})).what == "animation"
    assert read(message=message(location={}, venue={})).what == "venue"


def test_a_caption_addresses_and_an_album_is_recognised() -> None:
    fields = {"photo": [{}], "caption": "@Alfred_Bot что это?", "media_group_id": "9"}
    got = read(message=message(GROUP, **fields))
    assert (got.kind, got.text, got.addressed, got.album) == ("unsupported", "что это?", True, "9")
    assert not read(message=message(GROUP, photo=[{}])).addressed


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"new_chat_members": [GUEST]}, "service"),
        ({"pinned_message": {}}, "service"),
        ({"text": "x", "sender_chat": {"id": -5}}, "anonymous"),
        ({"text": "x", "from": {**GUEST, "is_bot": True}}, "bot"),
        ({"text": "x", "from": {"id": BOT_ID}}, "bot"),
        ({"text": "x", "from": {"id": 777000}}, "sender"),
        ({"text": "x", "from": None}, "sender"),
        ({"text": "x", "from": {"id": True}}, "sender"),
        ({"text": "x", "from": {"id": 2**52 + 1}}, "sender"),
        ({"text": "x", "from": {"id": -7}}, "sender"),
        ({"text": "x", "chat": {"id": -1, "type": "channel"}}, "channel"),
        ({"text": "x", "chat": {"id": 10**30, "type": "private"}}, "chat"),
        ({"text": "x", "chat": 5}, "chat"),
    ],
)
def test_what_no_person_says_is_ignored(fields: dict[str, Any], why: str) -> None:
    got = read(message=message(**fields))
    assert (got.kind, got.user_id, got.what, got.addressed) == ("ignored", None, why, False)


def test_the_largest_user_id_is_kept_exactly() -> None:
    assert read(message=message(text="x", **{"from": {"id": 2**52}})).user_id == str(2**52)


def test_a_topic_is_kept_only_where_the_message_is_in_one() -> None:
    assert read(message=message(text="x", message_thread_id=3)).thread_id is None
    inside = message(text="x", message_thread_id=3, is_topic_message=True)
    assert read(message=inside).thread_id == 3


def test_edits_of_words_are_edits_and_moving_locations_are_not() -> None:
    assert (got := read(edited_message=message(text="исправлено"))).kind == "edit"
    assert got.text == "исправлено"
    assert read(edited_message=message(caption="c", photo=[])).kind == "edit"
    assert read(edited_message=message(location={})).what == "edit"
    assert read(edited_message=message(text="x", chat={})).kind == "ignored"
    assert not read(edited_message=message(GROUP, text="x")).addressed


def test_a_pressed_button_is_a_callback_of_whoever_pressed_it() -> None:
    shown = {"message_id": 3, "from": {"id": BOT_ID, "is_bot": True}, "chat": PRIVATE, "date": 0}
    got = read(callback_query={"id": "q", "from": GUEST, "message": shown, "data": "reset:yes"})
    assert (got.kind, got.callback_id, got.text) == ("callback", "q", "reset:yes")
    assert (got.user_id, got.message_id, got.addressed) == ("7", 3, True)
    query = {"from": GUEST, "message": shown}
    assert read(callback_query=query).what == "callback"
    assert read(callback_query={**query, "id": "q", "data": 5}).text == ""
    assert read(callback_query={"id": "q", "from": GUEST, "data": "x"}).kind == "ignored"


def test_membership_tells_the_new_status() -> None:
    member = {"chat": PRIVATE, "from": GUEST, "new_chat_member": {"status": "kicked"}}
    got = read(my_chat_member=member)
    assert (got.kind, got.what, got.user_id) == ("membership", "kicked", "7")
    assert read(my_chat_member={"chat": PRIVATE}).kind == "ignored"


def test_other_updates_are_ignored_by_name() -> None:
    assert read(channel_post=message(text="x")).what == "channel_post"
    assert read().what == "empty"
    assert read(message=[1]).what == "message"


def test_without_a_username_only_replies_and_names_address() -> None:
    got = understand({"update_id": 1, "message": message(GROUP, text="@ hi")}, "", BOT_ID)
    assert not got.addressed


def test_a_guest_without_a_first_name_is_called_by_username() -> None:
    assert read(message=message(text="x", **{"from": {"id": 1, "username": "ada"}})).name == "ada"
    assert read(message=message(text="x", **{"from": {"id": 1}})).name == ""


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(
    st.characters(codec=None, exclude_categories=())
)  # fmt: skip
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20
)
NAMES = st.sampled_from(
    ["id", "type", "from", "chat", "text", "entities", "offset", "length", "user", "date", "voice",
     "photo", "data", "message", "reply_to_message", "file_id", "document", "caption", "mime_type",
     "sender_chat", "message_id", "is_bot", "new_chat_member", "first_name", "duration"]
)  # fmt: skip
PLAUSIBLE = SCALARS | st.sampled_from(
    ["private", "group", 7, BOT_ID, "/start@x", "@alfred_bot \ud800", "text_mention", "audio/x"]
)
NESTED = st.recursive(
    PLAUSIBLE,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=8),
    max_leaves=40,
)
UPDATES = st.dictionaries(
    st.sampled_from(["update_id", "message", "edited_message", "callback_query", "my_chat_member"]),
    NESTED,
)


@given(ANYTHING | UPDATES)
def test_any_json_is_understood(payload: Any) -> None:
    got = understand(payload, BOT, BOT_ID)
    assert (got.user_id is None) == (got.kind == "ignored")
    (got.text + got.name + got.what + got.callback_id + got.album).encode("utf-8")
    assert abs(got.chat_id) <= 2**52


FIELDS = ("text", "entities", "from", "chat", "voice", "reply_to_message", "caption")


@given(st.dictionaries(st.sampled_from(FIELDS), NESTED))
def test_a_message_with_any_field_replaced_is_understood(fields: dict[str, Any]) -> None:
    got = read(message={**message(), **fields})
    assert json.dumps(got.text)

from __future__ import annotations

from typing import Any

import pytest

from butler.playground import GuestError, Refusal, World
from tests.playground.conftest import Bench


def last(bench: Bench) -> dict[str, Any]:
    return bench.updates()[-1]


def test_a_text_is_a_message_as_telegram_describes_it(bench: Bench) -> None:
    bench.guests.write(1, "/start@playground_butler_bot 🎩")
    assert last(bench) == {
        "update_id": 101,
        "message": {
            "message_id": 101,
            "from": {"id": 1, "is_bot": False, "first_name": "Анна", "language_code": "ru"},
            "chat": {"id": 1, "first_name": "Анна", "type": "private"},
            "date": 1_800_000_000,
            "text": "/start@playground_butler_bot 🎩",
            "entities": [{"type": "bot_command", "offset": 0, "length": 28}],
        },
    }


def test_a_guest_may_write_4096_characters_and_no_more(bench: Bench) -> None:
    bench.guests.write(1, "🎩" * 4096)
    with pytest.raises(GuestError, match="got 4097"):
        bench.guests.write(1, "x" * 4097)
    with pytest.raises(GuestError):
        bench.guests.write(1, " ")


@pytest.mark.parametrize(
    ("kind", "details", "expected"),
    [
        ("voice", {"duration": "2.4"}, {"duration": 2, "mime_type": "audio/ogg"}),
        ("audio", {"file_name": "a.mp3", "title": "Jazz"}, {"title": "Jazz", "duration": 1}),
        ("video", {"width": 640, "height": 480}, {"width": 640, "height": 480}),
        ("video_note", {"width": 200}, {"length": 200, "duration": 1}),
        ("document", {"file_name": "a.txt", "mime_type": "text/plain"}, {"file_name": "a.txt"}),
        ("sticker", {"emoji": "🎩"}, {"emoji": "🎩", "is_animated": False}),
        ("animation", {"file_name": "a.mp4"}, {"file_name": "a.mp4"}),
    ],
)
def test_media_have_their_fields(
    bench: Bench, kind: str, details: dict[str, Any], expected: dict[str, Any]
) -> None:
    bench.guests.send_media(1, kind, b"data", **details)
    thing = last(bench)["message"][kind]
    assert thing.items() >= expected.items()
    assert bench.world.files.describe(thing["file_id"])["file_size"] == 4


def test_a_photo_is_a_list_of_sizes_with_a_caption(bench: Bench) -> None:
    bench.guests.send_media(1, "photo", b"jpg", caption="see example.com", reply_to=100)
    message = last(bench)["message"]
    assert message["photo"][0]["width"] == 512
    assert message["caption_entities"][0]["type"] == "url"
    assert message["reply_to_message"]["message_id"] == 100


def test_a_voice_may_claim_another_size(bench: Bench) -> None:
    message = bench.guests.send_media(1, "voice", b"", size=30_000_000)
    with pytest.raises(Refusal, match="file is too big"):
        bench.call("getFile", file_id=message["voice"]["file_id"])


@pytest.mark.parametrize(
    ("kind", "details"),
    [("hologram", {}), ("voice", {"colour": 1}), ("voice", {"duration": "long"})],
)
def test_wrong_media_are_refused(bench: Bench, kind: str, details: dict[str, Any]) -> None:
    with pytest.raises(GuestError):
        bench.guests.send_media(1, kind, b"", **details)


def test_places_polls_and_dice_are_complete(bench: Bench) -> None:
    bench.guests.send(1, {"poll": {"question": "Чай?", "options": ["Да", {"text": "Нет"}]}})
    poll = last(bench)["message"]["poll"]
    assert poll["options"][0] == {"text": "Да", "voter_count": 0}
    assert poll["type"] == "regular"
    bench.guests.send(1, {"location": {"latitude": 51.5, "longitude": -0.1}})
    bench.guests.send(1, {"dice": {"value": 6}})
    assert last(bench)["message"]["dice"] == {"emoji": "🎲", "value": 6}
    for wrong in ({}, {"location": 5}, {"poll": {"question": "?", "options": 3}}):
        with pytest.raises(GuestError):
            bench.guests.send(1, wrong)


def test_an_edit_is_an_update_of_its_own(bench: Bench) -> None:
    bench.clock.now += 5
    bench.guests.edit(1, 100, "Привет, @alfred!")
    edited = last(bench)["edited_message"]
    assert (edited["text"], edited["edit_date"]) == ("Привет, @alfred!", 1_800_000_005)
    assert edited["entities"][0]["type"] == "mention"
    with pytest.raises(GuestError):
        bench.guests.edit(1, 999, "x")


def test_pressing_a_button_is_a_callback_query(bench: Bench) -> None:
    keyboard = {"inline_keyboard": [[{"text": "Да", "callback_data": "yes"}]]}
    sent = bench.call("sendMessage", text="?", reply_markup=keyboard)
    query_id = bench.guests.press(1, sent["message_id"], "yes")
    query = last(bench)["callback_query"]
    assert (query["id"], query["data"], query["message"]) == (query_id, "yes", sent)
    with pytest.raises(GuestError, match="Да"):
        bench.guests.press(1, sent["message_id"], "no")


def test_a_group_hears_its_members_alone(bench: Bench) -> None:
    group = bench.world.add_group("Дом", [1])
    bench.guests.write(1, "Всем привет", chat_id=group.id)
    assert last(bench)["message"]["chat"] == {"id": group.id, "title": "Дом", "type": "group"}
    bench.world.add_guest("Лев", user_id=2)
    with pytest.raises(GuestError, match="member"):
        bench.guests.write(2, "И я", chat_id=group.id)
    bench.guests.join(group.id, 2)
    assert last(bench)["message"]["new_chat_members"][0]["id"] == 2
    bench.guests.write(2, "И я", chat_id=group.id)
    with pytest.raises(Refusal, match="message can't be deleted"):
        newest = next(reversed(group.messages))
        bench.call("deleteMessage", chat_id=group.id, message_id=newest)


def test_privacy_mode_hides_what_is_not_addressed() -> None:
    world = World(seed=1, first_id=1)
    bot = world.add_bot(privacy=True)
    bench = Bench()
    bench.world, bench.bot = world, bot
    bench.guests = type(bench.guests)(world)
    bench.methods = type(bench.methods)(world)
    world.add_guest("Анна", user_id=1)
    group = world.add_group("Дом", [1])
    own = bench.call("sendMessage", chat_id=group.id, text="К вашим услугам")
    for text in ("просто так", "/start", "/start@other_bot", "эй, @Playground_Butler_bot"):
        bench.guests.write(1, text, chat_id=group.id)
    bench.guests.write(1, "спасибо", chat_id=group.id, reply_to=own["message_id"])
    bench.guests.send_media(1, "voice", b"x", chat_id=group.id)
    bench.guests.service(group.id, {"new_chat_title": "Замок"})
    heard = [one["message"].get("text", "…") for one in bench.updates()]
    assert heard == ["/start", "эй, @Playground_Butler_bot", "спасибо", "…"]


def test_a_bot_thrown_out_may_not_write_and_hears_nothing(bench: Bench) -> None:
    group = bench.world.add_group("Дом", [1], kind="supergroup")
    bench.guests.kick_bot(group.id, 1)
    assert last(bench)["my_chat_member"]["new_chat_member"]["status"] == "kicked"
    count = len(bench.updates())
    bench.guests.write(1, "Слышишь?", chat_id=group.id)
    assert len(bench.updates()) == count
    with pytest.raises(Refusal, match="Forbidden: bot was kicked from the supergroup chat"):
        bench.call("sendMessage", chat_id=group.id, text="x")


def test_an_upgraded_group_names_its_new_id(bench: Bench) -> None:
    group = bench.world.add_group("Дом", [1])
    upgraded = bench.guests.migrate(group.id)
    with pytest.raises(Refusal) as caught:
        bench.call("sendMessage", chat_id=group.id, text="x")
    assert caught.value.parameters == {"migrate_to_chat_id": upgraded.id}
    assert "upgraded to a supergroup" in caught.value.description
    bench.call("sendMessage", chat_id=upgraded.id, text="x")
    with pytest.raises(GuestError):
        bench.guests.migrate(group.id)


def test_a_channel_takes_posts(bench: Bench) -> None:
    channel = bench.world.add_group("Новости", [1], kind="channel")
    bench.guests.post(channel.id, "Вышло!")
    assert last(bench)["channel_post"]["sender_chat"]["id"] == channel.id
    bench.guests.service(channel.id, {"new_chat_title": "Вести"})
    assert "from" not in last(bench)["channel_post"]
    with pytest.raises(GuestError):
        bench.guests.write(1, "x", chat_id=channel.id)
    with pytest.raises(GuestError):
        bench.guests.post(1, "x")


def test_any_json_can_be_an_update(bench: Bench) -> None:
    bench.world.inject({"message": {"text": "\ud800"}, "surprise": [1]})
    assert last(bench)["surprise"] == [1]


def test_unwanted_kinds_of_update_are_not_queued(bench: Bench) -> None:
    bench.bot.queue.allow(["edited_message"])
    count = len(bench.updates())
    bench.guests.write(1, "x")
    assert len(bench.updates()) == count


def test_guests_are_checked_when_they_come(bench: Bench) -> None:
    highest = bench.world.add_guest(
        "Max", "en", user_id=(1 << 52) - 1, username="max", last_name="M"
    )
    assert highest["username"] == "max"
    renamed = bench.world.add_guest("Аня", user_id=1)
    assert bench.world.chat(1).json["first_name"] == renamed["first_name"] == "Аня"
    for wrong in (0, -5, 1 << 52, bench.bot.id):
        with pytest.raises(GuestError):
            bench.world.add_guest("X", user_id=wrong)
    with pytest.raises(GuestError):
        bench.world.add_guest(" ")
    with pytest.raises(GuestError):
        bench.guests.write(404, "x")
    with pytest.raises(GuestError):
        bench.world.chat(404)
    with pytest.raises(GuestError):
        bench.guests.write(1, "x", reply_to=999)


def test_bots_and_groups_are_checked_when_they_are_made(bench: Bench) -> None:
    other = bench.world.add_bot("42:secret", username="other_bot")
    assert bench.world.the_bot("other_bot") is other
    assert bench.world.the_bot(42) is other
    assert bench.world.the_bot() is bench.bot
    with pytest.raises(GuestError):
        bench.world.the_bot("nobody")
    for token in ("nonsense", "42:secret"):
        with pytest.raises(ValueError):
            bench.world.add_bot(token)
    with pytest.raises(GuestError):
        bench.world.add_group("X", kind="private")
    with pytest.raises(GuestError):
        bench.world.add_group("X", [404])


def test_a_transcript_forgets_its_oldest_messages() -> None:
    bench = Bench(kept_messages=3)
    for number in range(5):
        bench.call("sendMessage", text=str(number))
    assert [one["text"] for one in bench.world.chat(1).messages.values()] == ["2", "3", "4"]

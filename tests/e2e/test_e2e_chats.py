"""Everything a chat can hold: groups, odd contents, edits, haste, and people who are not let in."""

from __future__ import annotations

from typing import Any

import pytest

from butler.domain.phrasebook import PHRASES
from butler.playground import Fault, Guest
from butler.telemetry import RequestFinished, UpdatesAccepted
from tests.e2e.conftest import OpenHouse
from tests.support import audio
from tests.support.house import House, Row
from tests.support.waiting import eventually

STOCK = "Разумеется. Чай подан, сэр."


def fence(home: House, guest: Guest) -> None:
    """Returns once all that was sent before has been dealt with: a later question is answered."""
    assert home.ask(guest, "/stop") == PHRASES["nothing_to_stop"]["ru"][0]
    home.settled()


def bot_messages(home: House, guest: Guest, chat_id: int | None = None) -> list[Row]:
    return [m for m in guest.chat(chat_id)["messages"] if m.get("from", {}).get("is_bot")]


# Groups


def group(home: House, *members: Guest, kind: str = "supergroup") -> int:
    world = home.playground.world
    return world.add_group("Клуб", [m.id for m in members], kind=kind).id  # type: ignore[arg-type]  # one of the three


@pytest.mark.parametrize("kind", ["group", "supergroup"])
def test_in_a_group_he_speaks_only_when_addressed(home: House, kind: str) -> None:
    anna, boris = home.guest("Анна"), home.guest("Борис")
    club = group(home, anna, boris, kind=kind)
    username = home.playground.bot.user["username"]
    anna.say("Господа, какая погода!", chat_id=club)
    boris.say("Прекрасная.", chat_id=club)
    anna.say("/help@another_bot", chat_id=club)
    mention = anna.say(f"@{username}, который час?", chat_id=club)
    reply = anna.wait_reply(chat_id=club)
    assert reply["text"] == STOCK
    assert reply["reply_to_message"]["message_id"] == mention["message_id"]
    boris.say("Точно?", chat_id=club, reply_to=reply["message_id"])
    anna.wait_reply(chat_id=club)
    boris.say(f"/help@{username}", chat_id=club)
    anna.wait_reply(chat_id=club)
    home.settled()
    assert len(bot_messages(home, anna, club)) == 3


def test_in_a_group_nobody_s_private_memory_is_in_the_prompt(home: House) -> None:
    anna = home.guest("Анна")
    home.ask(anna, "Мой любимый цветок: ландыш.")
    club = group(home, anna)
    username = home.playground.bot.user["username"]
    anna.say(f"@{username} какой мой любимый цветок?", chat_id=club)
    anna.wait_reply(chat_id=club)
    home.settled()
    assert "ландыш" not in home.prompt()
    assert "какой мой любимый цветок?" in home.prompt()
    assert len(home.records.said(anna.id)) == 2


@pytest.mark.parametrize("command", ["/reset", "/memory", "/language en"])
def test_in_a_group_private_commands_are_declined(home: House, command: str) -> None:
    anna = home.guest("Анна")
    club = group(home, anna)
    word, _, rest = command.partition(" ")
    anna.say(f"{word}@{home.playground.bot.user['username']} {rest}".strip(), chat_id=club)
    assert anna.wait_reply(chat_id=club)["text"] == PHRASES["private_only"]["ru"][0]


def test_channel_posts_are_met_with_silence(home: House) -> None:
    anna = home.guest()
    channel = group(home, kind="channel")
    home.playground.guests.post(channel, "Всем добрый день!")
    fence(home, anna)
    assert len(home.playground.world.chat(channel).messages) == 1


def test_service_messages_and_newcomers_are_met_with_silence(home: House) -> None:
    anna, boris = home.guest("Анна"), home.guest("Борис")
    club = group(home, anna)
    home.playground.guests.service(club, {"new_chat_title": "Ужин"})
    home.playground.guests.join(club, boris.id)
    home.playground.guests.migrate(group(home, anna, kind="group"))
    fence(home, anna)
    assert bot_messages(home, anna, club) == []


# Contents

PHOTO = b"\xff\xd8\xff\xe0 not much of a picture"
MEDIA = ["sticker", "photo", "video", "document", "animation"]
CONTENTS: dict[str, dict[str, Any]] = {
    "location": {"location": {"latitude": 55.75, "longitude": 37.62}},
    "venue": {
        "venue": {
            "location": {"latitude": 55.75, "longitude": 37.62},
            "title": "Дом",
            "address": "Тверская, 1",
        }
    },
    "contact": {"contact": {"phone_number": "+70000000000", "first_name": "Вера"}},
    "poll": {"poll": {"question": "Чай?", "options": ["Да", "Конечно"]}},
    "dice": {"dice": {"value": 6}},
    "story": {"story": {"chat": {"id": 5, "type": "private"}, "id": 1}},
    "game": {"game": {"title": "Вист", "description": "", "photo": []}},
    "unheard_of": {"hologram": {"of": "a cat"}},
}
SAID = {"venue": "location", "story": "other", "game": "other"}


@pytest.mark.parametrize("kind", MEDIA)
@pytest.mark.parametrize("language", ["ru", "en"])
def test_media_he_cannot_read_get_a_fitting_sentence(home: House, kind: str, language: str) -> None:
    guest = home.guest(language=language)
    if language == "en":
        home.ask(guest, "/language en")
    guest.send_media(kind, PHOTO, file_name="thing.bin")
    words = PHRASES[f"unsupported_{kind}"]["en" if language == "en" else "ru"]
    assert guest.wait_reply()["text"] in words


@pytest.mark.parametrize("kind", [k for k in CONTENTS if k != "unheard_of"])
def test_other_contents_get_a_fitting_sentence(home: House, kind: str) -> None:
    guest = home.guest()
    guest.send(CONTENTS[kind])
    assert guest.wait_reply()["text"] in PHRASES[f"unsupported_{SAID.get(kind, kind)}"]["ru"]


def test_a_content_of_a_later_bot_api_is_met_with_silence(home: House) -> None:
    guest = home.guest()
    guest.send(CONTENTS["unheard_of"])
    fence(home, guest)
    assert len(bot_messages(home, guest)) == 1


def test_a_photo_with_words_under_it_is_answered_once(home: House) -> None:
    guest = home.guest()
    guest.send_media("photo", PHOTO, caption="Что это за цветок?")
    guest.wait_reply()
    fence(home, guest)
    assert len(bot_messages(home, guest)) == 2


def test_a_message_from_a_bot_is_met_with_silence(home: House) -> None:
    guest = home.guest()
    bot = {"id": 123456789, "is_bot": True, "first_name": "Робот"}
    message = {
        "message_id": 1,
        "date": 1,
        "chat": {"id": guest.id, "type": "private"},
        "from": bot,
        "text": "Привет, коллега",
    }
    home.playground.world.inject({"message": message})
    fence(home, guest)
    assert len(bot_messages(home, guest)) == 1


@pytest.mark.parametrize(
    "update",
    [
        {},
        {"message": None},
        {"message": {}},
        {"message": {"text": 5, "chat": [], "from": "me"}},
        {"message": {"message_id": "x", "chat": {"id": 2**70, "type": "private"}, "text": "a"}},
        {"message": {"chat": {"id": 7, "type": "private"}, "from": {"id": -7}, "text": "a"}},
        {"callback_query": {"id": "1", "from": {"id": 7}, "data": "reset:yes"}},
        {"callback_query": {"data": ["reset:yes"]}},
        {"edited_message": {"chat": {"id": 7}}},
        {"my_chat_member": {"new_chat_member": 5}},
        {"something_new": {"deep": [[[[{}]]]]}},
    ],
    ids=str,
)
def test_updates_that_make_no_sense_stop_nothing(home: House, update: dict[str, Any]) -> None:
    home.playground.world.inject(update)
    assert home.ask(home.guest(), "Вы целы?") == STOCK
    home.settled()


def test_a_malformed_callback_in_somebody_s_name_changes_nothing(home: House) -> None:
    anna = home.guest()
    home.ask(anna, "Мой любимый цветок: ландыш.")
    for data in ("reset:", "language:xx", "language:", "x" * 500, "\0", "reset:maybe"):
        message = {"message_id": 1, "chat": {"id": anna.id, "type": "private"}}
        query = {"id": "9", "from": anna.user, "data": data, "message": message}
        home.playground.world.inject({"callback_query": query})
    eventually("all settled", lambda: home.metric("telegram_updates_total", kind="callback") >= 6)
    home.settled()
    assert len(home.records.said(anna.id)) == 2
    assert home.records.profile(anna.id)["language"] == "ru"


# Words


@pytest.mark.parametrize(
    "text",
    [
        "нуль \0 внутри",
        "\u202eсправа налево\u202c и \u200fобратно",
        "🇷🇺" * 500,
        "e\u0301" * 500,
        "'; DROP TABLE user_memory; --",
        "<b>жирно</b> & <script>",
        "*звёзды* _и_ `код` [ссылка](tg://user?id=1)",
        "{name} {0} %s %(x)s $where",
        "строка\r\nдругая\u2028третья",
    ],
    ids=lambda t: ascii(t[:12]),
)
def test_odd_text_is_answered_and_remembered_exactly(home: House, text: str) -> None:
    guest = home.guest()
    assert home.ask(guest, text) == STOCK
    home.settled()
    assert home.records.said(guest.id) == [("user", text), ("assistant", STOCK)]


def test_4096_emoji_are_answered_and_remembered_whole(home: House) -> None:
    guest = home.guest()
    assert home.ask(guest, "😀" * 4096).startswith(STOCK)
    home.settled()
    assert home.records.said(guest.id)[0] == ("user", "😀" * 4096)


@pytest.mark.parametrize("text", ["\0", "\u202e\u202c", "\u200b"])
def test_a_text_of_nothing_visible_is_met_with_a_question(home: House, text: str) -> None:
    assert home.ask(home.guest(), text) in PHRASES["empty"]["ru"]


def test_lone_surrogates_are_answered(home: House) -> None:
    guest = home.guest()
    home.ask(guest, "Добрый день.")
    message = {
        "message_id": 900,
        "date": 1,
        "chat": {"id": guest.id, "type": "private"},
        "from": guest.user,
        "text": "половина \ud83d эмодзи",
    }
    home.playground.world.inject({"message": message})
    assert guest.wait_reply()["text"] == STOCK
    home.settled()
    assert home.records.said(guest.id)[2] == ("user", "половина \ufffd эмодзи")


@pytest.mark.parametrize("text", ["😀" * 4096, "\u200fнаоборот", "a\0b", "x" * 9000])
def test_odd_answers_of_the_llm_are_sent_and_remembered(open_house: OpenHouse, text: str) -> None:
    home = open_house(answer=lambda _: text)
    guest = home.guest()
    guest.say("Скажите что-нибудь.")
    guest.wait_reply()
    home.settled()
    shown = "".join(m["text"] for m in bot_messages(home, guest))
    assert shown.replace("\n", "") == text.replace("\0", "")
    assert len(home.records.said(guest.id)) == 2


@pytest.mark.parametrize("user_id", [1, 2**31, 2**40, 2**52 - 1])
def test_ids_up_to_52_bits_are_stored_and_answered(home: House, user_id: int) -> None:
    guest = home.guest(user_id=user_id)
    assert home.ask(guest, "Здравствуйте.") == STOCK
    home.settled()
    assert home.records.profile(user_id)["user_id"] == str(user_id)


def test_an_over_long_letter_in_parts_is_answered_as_one(open_house: OpenHouse) -> None:
    home = open_house()
    guest = home.guest()
    home.llm.behave(delay=0.5)
    guest.say("Начну издалека.")
    assert home.llm.arrived.wait(10)
    for number in range(3):
        guest.say(f"{number} " + "слово " * 600)
    texts = [guest.wait_reply()["text"] for _ in range(2)]
    assert texts[0] == STOCK
    assert texts[1].startswith(STOCK)
    home.settled()
    assert len(home.records.said(guest.id)) == 6


# Haste


def test_messages_sent_in_haste_are_answered_as_one_turn(open_house: OpenHouse) -> None:
    home = open_house()
    guest = home.guest()
    home.llm.behave(delay=0.5)
    guest.say("Раз.")
    assert home.llm.arrived.wait(10)
    for text in ("Два.", "Три.", "Четыре."):
        guest.say(text)
    home.wait_metric("telegram_updates_total", 4, kind="text")
    guest.wait_reply()
    guest.wait_reply()
    home.settled()
    assert len(home.prompts()) == 2
    said = [content for role, content in home.records.said(guest.id) if role == "user"]
    assert said == ["Раз.", "Два.", "Три.", "Четыре."]
    assert home.metric("personalized_requests_total", source="text", status="success") == 2


def test_an_edit_replaces_a_message_that_waits(open_house: OpenHouse) -> None:
    home = open_house()
    guest = home.guest()
    home.llm.behave(delay=0.5)
    guest.say("Сначала это.")
    assert home.llm.arrived.wait(10)
    second = guest.say("Купите риса.")
    guest.edit(second["message_id"], "Купите ириса.")
    guest.wait_reply()
    guest.wait_reply()
    home.settled()
    said = [content for role, content in home.records.said(guest.id) if role == "user"]
    assert said == ["Сначала это.", "Купите ириса."]


def test_an_edit_of_what_was_answered_changes_nothing(home: House) -> None:
    guest = home.guest()
    first = guest.say("Купите риса.")
    guest.wait_reply()
    guest.edit(first["message_id"], "Купите ириса.")
    fence(home, guest)
    assert home.records.said(guest.id) == [("user", "Купите риса."), ("assistant", STOCK)]
    assert len(bot_messages(home, guest)) == 2


def test_stop_ends_the_answer_under_way(open_house: OpenHouse) -> None:
    home = open_house()
    guest = home.guest()
    home.llm.behave(kind="hang")
    guest.say("Расскажите длинную историю.")
    assert home.llm.arrived.wait(10)
    assert home.ask(guest, "/stop") in PHRASES["stopped"]["ru"]
    assert home.llm.dropped.wait(10)
    home.llm.behave()
    assert home.ask(guest, "Короткую?") == STOCK
    home.settled()
    assert home.witness.of(RequestFinished)[-1].status == "success"


def test_typing_is_shown_while_he_thinks(open_house: OpenHouse) -> None:
    home = open_house()
    guest = home.guest()
    home.llm.behave(delay=1.5)
    guest.say("Подумайте.")
    guest.wait_event("action")
    assert guest.wait_reply()["text"] == STOCK


def test_one_update_delivered_again_is_answered_once(open_house: OpenHouse) -> None:
    home = open_house()
    guest = home.guest()
    home.playground.faults.add(Fault("duplicate", method="getUpdates", count=5))
    home.ask(guest, "Один раз, пожалуйста.")
    home.ask(guest, "И это тоже.")
    home.settled()
    said = [content for role, content in home.records.said(guest.id) if role == "user"]
    assert said == ["Один раз, пожалуйста.", "И это тоже."]
    assert len(bot_messages(home, guest)) == 2


# Doors


def test_strangers_get_one_polite_refusal(open_house: OpenHouse) -> None:
    home = open_house()
    anna = home.guest("Анна")
    home.restart(BUTLER_ALLOWED_USERS=str(anna.id))
    boris = home.guest("Борис")
    refusal = home.ask(boris, "Впустите меня.")
    assert refusal == PHRASES["stranger"]["ru"][0].format(user_id=boris.id)
    for text in ("Прошу вас!", "/start", "/language en"):
        boris.say(text)
    boris.send_media("voice", audio.corrupt())
    home.witness.wait(UpdatesAccepted, lambda e: "voice" in e.kinds)
    assert home.ask(anna, "Кто там?") == STOCK
    home.settled()
    assert len(bot_messages(home, boris)) == 1
    assert home.records.rows("user_profiles", boris.id) == []
    assert home.records.rows("user_memory", boris.id) == []


def test_a_guest_who_blocks_the_bot_hurts_nobody(open_house: OpenHouse) -> None:
    home = open_house()
    anna, boris = home.guest("Анна"), home.guest("Борис")
    home.llm.behave(delay=0.5)
    anna.say("Я ухожу.")
    assert home.llm.arrived.wait(10)
    anna.block()
    home.llm.behave()
    assert home.ask(boris, "А я остаюсь.") == STOCK
    home.settled()
    anna.unblock()
    assert home.ask(anna, "Я вернулась.") == STOCK


def test_a_voice_message_to_a_deaf_house_is_told_so(home: House) -> None:
    guest = home.guest()
    guest.send_voice(audio.corrupt())
    assert guest.wait_reply()["text"] == PHRASES["voice_off"]["ru"][0]

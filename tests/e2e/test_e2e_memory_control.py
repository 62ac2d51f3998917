"""The guest in control of their memory: over real HTTP, in both languages, buttons pressed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from butler.domain.phrasebook import PHRASES
from butler.playground import Guest
from butler.telemetry import MemoryEventsStored
from tests.e2e.conftest import OpenHouse
from tests.support.house import House, Row
from tests.support.waiting import eventually


def phrases(key: str, language: str, **values: object) -> list[str]:
    variants = PHRASES[key]["ru" if language == "ru" else "en"]
    return [variant.format(**values) for variant in variants]


def phrase(key: str, language: str, **values: object) -> str:
    return phrases(key, language, **values)[0]


def rows(message: Row) -> list[list[str]]:
    keyboard = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [[button["text"] for button in row] for row in keyboard]


def asked(guest: Guest, text: str) -> Row:
    """The bot's next message after `text`."""
    guest.say(text)
    return guest.wait_reply()


def pressed(guest: Guest, button: str) -> Row:
    """The message as it stands after a press that edits it."""
    guest.press(button)
    return dict(guest.wait_event("edit")["message"])


def press_unseen(home: House, guest: Guest, data: str) -> None:
    """A press of a button that no message has (any more), as a client of one's own may send."""
    chat = {"id": guest.id, "type": "private"}
    message = {"message_id": 1, "date": 1, "chat": chat, "text": "?"}
    query = {"id": f"made-up-{data}", "from": guest.user, "message": message, "data": data}
    home.playground.world.inject({"callback_query": query})


def talked(home: House, guest: Guest, *texts: str) -> None:
    """Each text in memory, with its answer."""
    for number, text in enumerate(texts, 1):
        home.ask(guest, text)
        home.witness.wait(MemoryEventsStored, lambda e: e.user_id == str(guest.id), count=number)


def facts(home: House, guest: Guest) -> list[dict[str, Any]]:
    found = home.records.rows("user_profiles", guest.id)
    if not found:
        return []
    held: list[dict[str, Any]] = json.loads(found[0]["facts"])
    return held


SAID = {
    "ru": {
        "remember": "Запомни, что мой кот Барсик",
        "cat": "Барсик",
        "about": "Что ты обо мне знаешь?",
        "forget": "Забудь, пожалуйста, про Барсика",
        "again": "Какой сегодня чай?",
        "city": "Запомни: мой город: Томск",
        "old": "Томск",
        "correct": "исправь мой город: Рим",
        "new": "Рим",
    },
    "en": {
        "remember": "Remember that my cat is called Barsik",
        "cat": "Barsik",
        "about": "What do you know about me?",
        "forget": "Could you please forget about Barsik?",
        "again": "Which tea is it today?",
        "city": "Remember: my city: Tomsk",
        "old": "Tomsk",
        "correct": "correct my city: Rome",
        "new": "Rome",
    },
}


@pytest.fixture(params=["ru", "en"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def anna(home: House, language: str) -> Guest:
    guest = home.guest("Anna", language)
    if language == "en":
        home.ask(guest, "/language en")
    return guest


@pytest.fixture
def words(language: str) -> dict[str, str]:
    return SAID[language]


def test_remembered_at_once_and_told_without_the_llm(
    home: House, anna: Guest, words: dict[str, str], language: str
) -> None:
    before = home.llm.asked
    assert words["cat"] in home.ask(anna, words["remember"])
    home.settled()
    known = home.ask(anna, words["about"])
    assert home.llm.asked == before
    assert words["cat"] in known
    assert words["remember"] in known
    assert phrase("memory_pinned", language).strip(", ") in known
    (fact,) = facts(home, anna)
    assert fact["pinned"]
    event = home.records.rows("user_memory", anna.id)[0]
    assert (fact["source_seq"], event["content"]) == (event["seq"], words["remember"])
    home.ask(anna, words["again"])
    assert words["cat"] in home.prompt()


def test_forgotten_in_plain_words_it_is_out_of_store_and_prompts(
    home: House, anna: Guest, words: dict[str, str], language: str
) -> None:
    home.ask(anna, words["remember"])
    home.settled()
    question = asked(anna, words["forget"])
    assert words["cat"] in question["text"]
    assert rows(question) == [[phrase("forget_yes", language), phrase("forget_no", language)]]
    done = pressed(anna, phrase("forget_yes", language))
    assert done["text"] in phrases("forgotten", language)
    assert rows(done) == []
    home.settled()
    assert facts(home, anna) == []
    assert words["cat"] not in str(home.records.said(anna.id))
    assert words["cat"] not in str(home.records.rows("inbox"))
    home.ask(anna, words["again"])
    assert words["cat"] not in home.prompt()
    assert words["cat"] not in home.ask(anna, words["about"])
    assert words["forget"] not in str(home.records.said(anna.id))


def test_what_is_not_confirmed_stays(
    home: House, anna: Guest, words: dict[str, str], language: str
) -> None:
    home.ask(anna, words["remember"])
    asked(anna, words["forget"])
    kept = pressed(anna, phrase("forget_no", language))
    assert kept["text"] == phrase("left_as_it_was", language)
    assert len(facts(home, anna)) == 1


def test_a_press_that_comes_twice_or_is_made_up_changes_nothing(
    home: House, anna: Guest, words: dict[str, str], language: str
) -> None:
    home.ask(anna, words["remember"])
    for data in ("ask:yes:00000000", "memory:pin:0000000000:1", "memory:forget:../..", "ask:"):
        press_unseen(home, anna, data)
        told = anna.wait_reply()["text"].split("\n")[0]
        keys = ("stale_question", "fact_gone", "stale_button")
        assert told in {phrase(key, language) for key in keys}
    assert len(facts(home, anna)) == 1
    question = asked(anna, words["forget"])
    data = question["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    anna.press(data)
    press_unseen(home, anna, data)
    assert anna.wait_reply()["text"] == phrase("stale_question", language)
    assert facts(home, anna) == []


def test_a_fact_is_corrected_in_plain_words_by_button_and_by_command(
    home: House, anna: Guest, words: dict[str, str], language: str
) -> None:
    home.ask(anna, words["city"])
    assert words["new"] in home.ask(anna, words["correct"])
    home.settled()
    old, new = facts(home, anna)
    assert (old["value"], new["value"]) == (words["old"], words["new"])
    assert old["superseded_by"] == new["source_seq"]
    sheet = asked(anna, "/memory")
    assert words["old"] in sheet["text"]  # as what it was before
    anna.press(phrase("correct_button", language, number=1))
    assert words["new"] in anna.wait_reply()["text"]
    assert "Oslo" in home.ask(anna, "Oslo")
    home.settled()
    assert facts(home, anna)[-1]["value"] == "Oslo"
    key = facts(home, anna)[-1]["key"]
    assert "Bonn" in home.ask(anna, f"/correct {key}: Bonn")
    before = home.llm.asked
    stale = pressed(anna, phrase("correct_button", language, number=1))
    assert stale["text"].startswith(phrase("fact_gone", language))
    anna.press(phrase("correct_button", language, number=1))
    anna.wait_reply()
    assert home.ask(anna, "/cancel") == phrase("left_as_it_was", language)
    home.ask(anna, "Paris")
    assert home.llm.asked == before + 1
    home.settled()
    assert facts(home, anna)[-1]["value"] == "Bonn"


def test_a_fact_is_pinned_unpinned_and_forgotten_by_its_buttons(
    home: House, anna: Guest, words: dict[str, str], language: str
) -> None:
    home.ask(anna, words["remember"])
    sheet = asked(anna, "/memory")
    assert rows(sheet) == [
        [
            phrase("unpin", language, number=1),
            phrase("correct_button", language, number=1),
            phrase("forget_button", language, number=1),
        ]
    ]
    unpinned = pressed(anna, phrase("unpin", language, number=1))
    assert rows(unpinned)[0][0] == phrase("pin", language, number=1)
    assert not facts(home, anna)[0].get("pinned", False)
    pressed(anna, phrase("pin", language, number=1))
    assert facts(home, anna)[0]["pinned"]
    question = pressed(anna, phrase("forget_button", language, number=1))
    assert words["cat"] in question["text"]
    assert pressed(anna, phrase("forget_yes", language))["text"] in phrases("forgotten", language)
    home.settled()
    assert facts(home, anna) == []


def test_many_facts_are_shown_in_sheets_that_turn(home: House, anna: Guest, language: str) -> None:
    order = (
        "Запомни, что моя книга {} — том {}"
        if language == "ru"
        else ("Remember that my book {} is volume {}")
    )
    for number in range(1, 9):
        home.ask(anna, order.format("абвгдежз"[number - 1] * 3, number))
    sheet = asked(anna, "/memory")
    assert len(rows(sheet)) == 7
    assert rows(sheet)[-1] == ["‹", "›"]
    second = pressed(anna, "›")
    assert len(rows(second)) == 3
    assert phrase("memory_page", language, page=2, pages=2) in second["text"]
    data = [b["callback_data"] for row in second["reply_markup"]["inline_keyboard"] for b in row]
    assert all(len(each.encode()) <= 64 for each in data)
    assert not any("книга" in each or "book" in each for each in data)


def test_while_paused_a_turn_leaves_no_trace(home: House, anna: Guest, language: str) -> None:
    talked(home, anna, "Alpha")
    stored = home.records.said(anna.id)
    assert home.ask(anna, "/pause") == phrase("paused", language)
    home.ask(anna, "Zanzibar")
    assert "Alpha" in home.prompt()
    home.ask(anna, "Omega")
    assert "Zanzibar" not in home.prompt()
    home.settled()
    assert home.records.said(anna.id) == stored
    assert "Zanzibar" not in str(home.records.rows("inbox"))
    for command in ("/start", "/memory", "/help"):
        assert phrase("pause_note", language) in home.ask(anna, command)
    home.restart()
    home.ask(anna, "Kilimanjaro")
    home.settled()
    assert home.records.said(anna.id) == stored
    assert pressed(anna, phrase("resume_button", language))["text"] == phrase("resumed", language)
    talked(home, anna, "Sigma")
    assert "Zanzibar" not in home.prompt()
    assert ("user", "Sigma") in home.records.said(anna.id)


def test_the_export_is_one_json_file_with_everything(
    home: House, anna: Guest, words: dict[str, str]
) -> None:
    home.ask(anna, words["remember"])
    home.settled()
    anna.say("/export")
    message = anna.wait_reply()
    document = message["document"]
    assert document["file_name"].endswith(".json")
    kept = json.loads(anna.download(document["file_id"]))
    assert kept["profile"]["facts"][0]["value"]
    assert words["remember"] in json.dumps(kept, ensure_ascii=False)
    home.settled()
    assert all(not row["parts"] or row["parts"] == "[]" for row in home.records.rows("inbox"))


def test_who_leaves_is_a_stranger_afterwards(
    home: House, anna: Guest, words: dict[str, str], language: str
) -> None:
    home.ask(anna, words["remember"])
    first = asked(anna, "/delete_me")
    second = pressed(anna, phrase("delete_yes", language))
    assert not {b for row in rows(first) for b in row} & {b for row in rows(second) for b in row}
    assert len(facts(home, anna)) == 1
    gone = pressed(anna, phrase("delete_sure_yes", language))
    assert gone["text"] == phrase("deleted", language)
    home.settled()
    for name in ("user_profiles", "user_memory", "user_memory_archive", "dead_letters"):
        assert home.records.rows(name, anna.id) == []
    assert words["cat"] not in str(home.records.rows("inbox"))
    home.ask(anna, "Phoenix")
    assert words["cat"] not in home.prompt()
    eventually("a new beginning", lambda: len(home.records.said(anna.id)) == 2)


def test_a_guests_whole_way_on_either_store(
    open_house: OpenHouse, store_settings: dict[str, str]
) -> None:
    home = open_house(**store_settings)
    anna, words = home.guest(), SAID["ru"]
    talked(home, anna, "Zanzibar")
    home.ask(anna, words["remember"])
    home.ask(anna, words["city"])
    assert words["new"] in home.ask(anna, words["correct"])
    anna.say("/export")
    kept = json.loads(anna.download(anna.wait_reply()["document"]["file_id"]))
    values = [fact["value"] for fact in kept["profile"]["facts"]]
    assert values[1:] == [words["old"], words["new"]]
    assert words["remember"] in [event["content"] for event in kept["window"]]
    asked(anna, words["forget"])
    pressed(anna, phrase("forget_yes", "ru"))
    home.settled()
    home.restart()
    home.ask(anna, words["again"])
    assert words["cat"] not in home.prompt()
    assert words["new"] in home.prompt()
    for name in ("user_profiles", "user_memory", "inbox"):
        assert words["cat"] not in str(home.records.rows(name))
    home.ask(anna, "/pause")
    home.ask(anna, "Kilimanjaro")
    home.settled()
    assert "Kilimanjaro" not in str(home.records.rows("user_memory"))
    asked(anna, "/delete_me")
    pressed(anna, phrase("delete_yes", "ru"))
    pressed(anna, phrase("delete_sure_yes", "ru"))
    home.settled()
    assert home.records.rows("user_memory", anna.id) == []
    home.ask(anna, words["again"])
    assert "Zanzibar" not in home.prompt()
    assert words["new"] not in home.prompt()


def test_what_is_to_be_remembered_needs_no_llm(open_house: OpenHouse) -> None:
    home = open_house()
    home.llm.behave(kind="status", status=503)
    anna = home.guest()
    assert SAID["ru"]["cat"] in home.ask(anna, SAID["ru"]["remember"])
    assert SAID["ru"]["cat"] in home.ask(anna, SAID["ru"]["about"])


def test_who_thinks_better_of_it_stays(home: House, anna: Guest, language: str) -> None:
    talked(home, anna, "Alpha")
    asked(anna, "/delete_me")
    pressed(anna, phrase("delete_yes", language))
    stays = pressed(anna, phrase("delete_sure_no", language))
    assert stays["text"] == phrase("delete_cancelled", language)
    assert len(home.records.said(anna.id)) == 2


def test_everything_is_forgotten_but_who_the_guest_is(
    home: House, anna: Guest, words: dict[str, str], language: str
) -> None:
    home.ask(anna, words["remember"])
    talked(home, anna, "Zanzibar")
    asked(anna, "/forget")
    question = pressed(anna, phrase("forget_everything", language))
    assert phrase("forget_ask_all", language, found="").strip() in question["text"]
    done = pressed(anna, phrase("forget_yes", language))
    assert done["text"] == phrase("forgotten_all", language)
    home.settled()
    assert (facts(home, anna), home.records.said(anna.id)) == ([], [])
    assert home.records.profile(anna.id)["language"] == language
    home.ask(anna, words["again"])
    assert "Zanzibar" not in home.prompt()


@pytest.mark.parametrize(
    "order", ["/forget 2000-01-01 2099-01-01", "забудь сегодняшний разговор", "forget today"]
)
def test_days_are_forgotten(home: House, order: str) -> None:
    anna = home.guest()
    talked(home, anna, "Zanzibar")
    question = asked(anna, order)
    assert "Zanzibar" in question["text"]
    pressed(anna, phrase("forget_yes", "ru"))
    home.settled()
    assert "Zanzibar" not in str(home.records.said(anna.id))
    home.ask(anna, "Omega")
    assert "Zanzibar" not in home.prompt()


@pytest.mark.parametrize(
    "text",
    ["Не забудь купить молоко.", "Forget it, let's talk about tea.", "Remember when we met?"],
)
def test_idioms_are_talk(home: House, text: str) -> None:
    anna = home.guest()
    before = home.llm.asked
    home.ask(anna, text)
    assert home.llm.asked == before + 1


def test_secrets_are_not_noted(home: House, anna: Guest, language: str) -> None:
    text = (
        "Запомни, что мой пароль hunter2"
        if language == "ru"
        else ("Remember that my password is hunter2")
    )
    assert home.ask(anna, text) == phrase("secret_refused", language)
    home.settled()
    assert facts(home, anna) == []
    assert "hunter2" not in str(home.records.rows("inbox"))


def test_a_secret_that_the_llm_repeats_is_in_no_event_but_the_guests_own(
    open_house: OpenHouse,
) -> None:
    home = open_house(answer=lambda messages: f"Вы сказали: {messages[-1]['content']}")
    anna = home.guest()
    talked(home, anna, "мой пароль: hunter2")
    said, answer = home.records.said(anna.id)
    assert ("hunter2" in said[1], "hunter2" in answer[1]) == (True, False)


@pytest.mark.parametrize("order", ["/forget 2026-01-01 9999-12-31", "забудь 31.12.9999"])
def test_days_that_have_no_next_are_no_crash(home: House, order: str) -> None:
    anna = home.guest()
    home.ask(anna, order)
    home.settled()
    assert home.records.rows("dead_letters", anna.id) == []


def test_in_a_group_it_is_a_private_matter(home: House) -> None:
    anna = home.guest()
    group = home.playground.world.add_group("Клуб", [anna.id])
    for text in ("/pause", "/export", "@{} забудь всё"):
        anna.say(text.format(home.playground.bot.username), chat_id=group.id)
        assert anna.wait_reply(chat_id=group.id)["text"] == phrase("private_only", "ru")

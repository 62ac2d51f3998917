"""Commands and buttons, as a guest meets them."""

from __future__ import annotations

import pytest

from butler.domain.phrasebook import COMMANDS, PHRASES
from butler.playground import Guest
from butler.telemetry import MemoryEventsStored
from tests.support.house import House, Row
from tests.support.waiting import eventually

STOCK = "Разумеется. Чай подан, сэр."


def phrase(key: str, language: str = "ru") -> str:
    return PHRASES[key]["ru" if language == "ru" else "en"][0]


def buttons(message: Row) -> list[str]:
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [button["text"] for row in rows for button in row]


def shown(guest: Guest) -> list[str]:
    """The bot's messages as they stand in the chat now."""
    return [m["text"] for m in guest.chat()["messages"] if m["from"]["is_bot"]]


def test_the_menu_is_set_for_both_languages(home: House) -> None:
    for language in ("ru", "en"):
        guest = home.guest(language=language)
        home.ask(guest, "/help")
        menu = [(c["command"], c["description"]) for c in guest.chat()["commands"]]
        assert menu == [(name, words[language]) for name, words in COMMANDS.items()]


def test_start_greets_by_name_and_knows_who_returns(home: House) -> None:
    anna = home.guest("Анна")
    assert home.ask(anna, "/start").startswith("Здравствуйте, Анна. Я ваш дворецкий")
    home.ask(anna, "Добрый день.")
    home.settled()
    again = home.ask(anna, "/start")
    assert again in [v.format(name=", Анна") for v in PHRASES["start_again"]["ru"]]


@pytest.mark.parametrize(("language", "word"), [("ru", "Пишите мне"), ("en", "Write to me")])
def test_help_lists_every_command(home: House, language: str, word: str) -> None:
    guest = home.guest(language=language)
    text = home.ask(guest, "/help")
    assert text.startswith(word) or language == "en"
    for command in COMMANDS:
        assert f"/{command}" in text


def test_privacy_says_what_is_kept_and_for_how_long(home: House) -> None:
    text = home.ask(home.guest(), "/privacy")
    assert "90 дней" in text
    assert "/reset" in text


def test_an_unknown_command_is_named_and_help_offered(home: House) -> None:
    text = home.ask(home.guest(), "/abracadabra")
    assert "/abracadabra" in text
    assert "/help" in text


def test_language_asks_by_buttons_and_switches_the_persona(home: House) -> None:
    anna = home.guest()
    anna.say("/language")
    question = anna.wait_reply()
    assert question["text"] == phrase("language_ask")
    assert buttons(question) == ["Русский", "English"]
    anna.press("English")
    anna.wait_event("edit")
    home.settled()
    assert shown(anna) == [phrase("language_set", "en")]
    assert home.records.profile(anna.id)["language"] == "en"
    home.ask(anna, "Hello!")
    assert "You are a butler" in home.prompt()
    assert home.ask(anna, "/abc").endswith("/help.")
    assert home.ask(anna, "/language ru") == phrase("language_set")
    home.ask(anna, "Привет!")
    assert "Вы дворецкий" in home.prompt()


def test_a_language_that_is_not_spoken_is_refused_politely(home: House) -> None:
    anna = home.guest()
    anna.say("/language клингонский")
    answer = anna.wait_reply()
    assert "клингонский" in answer["text"]
    assert buttons(answer) == ["Русский", "English"]


def test_a_button_pressed_twice_changes_nothing(home: House) -> None:
    anna = home.guest()
    anna.say("/language")
    question = anna.wait_reply()
    home.playground.guests.press(anna.id, question["message_id"], "language:en")
    home.playground.guests.press(anna.id, question["message_id"], "language:en")
    anna.wait_event("answer")
    anna.wait_event("answer")
    home.settled()
    assert shown(anna) == [phrase("language_set", "en")]
    assert home.records.profile(anna.id)["language"] == "en"


def talked(home: House) -> Guest:
    """A guest with one pair in memory."""
    anna = home.guest()
    home.ask(anna, "Мой любимый цветок: ландыш.")
    home.witness.wait(MemoryEventsStored, lambda e: e.user_id == str(anna.id))
    return anna


def test_reset_asks_first_and_then_begins_the_window_anew(home: House) -> None:
    anna = talked(home)
    anna.say("/reset")
    question = anna.wait_reply()
    assert question["text"] == phrase("reset_ask")
    assert buttons(question) == [phrase("reset_yes"), phrase("reset_no")]
    assert len(home.records.said(anna.id)) == 2
    anna.press(phrase("reset_yes"))
    assert anna.wait_event("edit")["message"]["text"] == phrase("reset_done")
    eventually("an empty window", lambda: home.records.said(anna.id) == [])
    home.ask(anna, "О чём мы говорили?")
    assert "ландыш" not in str(home.prompts()[-1][1:-1])
    assert len(home.records.said(anna.id)) == 2


def test_reset_may_be_cancelled(home: House) -> None:
    anna = talked(home)
    home.ask(anna, "/reset")
    anna.press(phrase("reset_no"))
    assert anna.wait_event("edit")["message"]["text"] == phrase("reset_cancelled")
    home.settled()
    assert len(home.records.said(anna.id)) == 2
    home.ask(anna, "О чём мы говорили?")
    assert "ландыш" in home.prompt()


def test_a_question_after_reset_does_not_confirm_it(home: House) -> None:
    anna = talked(home)
    home.ask(anna, "/reset")
    assert home.ask(anna, "Какая сегодня погода?") == STOCK
    assert "ландыш" in home.prompt()


def test_memory_shows_what_is_kept(home: House) -> None:
    anna = talked(home)
    text = home.ask(anna, "/memory")
    assert phrase("memory_head") in text
    assert "2" in text
    assert home.ask(home.guest(), "/memory") == phrase("memory_none")


def test_commands_leave_no_trace_in_memory_and_ask_no_llm(home: House) -> None:
    asked = home.llm.asked
    anna = home.guest()
    for command in ("/start", "/help", "/privacy", "/memory", "/stop", "/nothing"):
        home.ask(anna, command)
    home.settled()
    assert home.records.said(anna.id) == []
    assert home.llm.asked == asked

"""What is asked in plain words, and what only sounds like it."""

from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from butler.domain.requests import (
    Correct,
    ForgetAll,
    ForgetPeriod,
    ForgetWords,
    Remember,
    Tell,
    understand,
)

TODAY = date(2026, 5, 13)
REMEMBER = (
    ("запомни это: код 1234", "код 1234"),
    ("Remember this: the door code is 1234", "the door code is 1234"),
    ("Запомни, что меня зовут Анна", "меня зовут Анна"),
    ("Запомни: сегодня годовщина. Мы женаты 5 лет", "сегодня годовщина. Мы женаты 5 лет"),
    ("Запомни, что мой кот Барсик", "мой кот Барсик"),
    ("Добрый вечер! Запомни, что мой кот Барсик.", "мой кот Барсик"),
    ("Good evening, Alfred. Remember that my cat is Rex", "my cat is Rex"),
    ("запомните: день рождения жены 3 мая", "день рождения жены 3 мая"),
    ("Запомни, пожалуйста, что я не ем мясо", "я не ем мясо"),
    ("Запомни, у меня аллергия на орехи", "у меня аллергия на орехи"),
    ("запомни на будущее: парковка во дворе", "парковка во дворе"),
    ("можешь запомнить, что я живу в Риме?", "я живу в Риме"),
    ("Запомни мой адрес: Тверская, 5", "мой адрес: Тверская, 5"),
    ("Remember that my dog is called Rex", "my dog is called Rex"),
    ("remember: my wife's birthday is May 3", "my wife's birthday is May 3"),
    ("Please remember I'm allergic to nuts", "I'm allergic to nuts"),
    ("Could you remember that I like tea?", "I like tea"),
    ("remember my birthday is May 3", "my birthday is May 3"),
    ("Alfred, remember that we moved to Rome", "we moved to Rome"),
)
FORGET_WORDS = (
    ("забудь, что мне 30 лет", "мне 30 лет"),
    ("Забудь, что меня зовут Анна", "меня зовут Анна"),
    ("forget about time travel", "time travel"),
    ("forget that it's my birthday", "it's my birthday"),
    ("забудь, что я живу в Томске", "я живу в Томске"),
    ("Забудь про мою собаку.", "мою собаку"),
    ("Привет! Забудь про мою собаку.", "мою собаку"),
    ("Пожалуйста, забудьте, что я работал в банке!", "я работал в банке"),
    ("Альфред, забудь о моём переезде", "моём переезде"),
    ("не могли бы вы забыть про Барсика?", "Барсика"),
    ("можешь забыть, что у меня аллергия?", "у меня аллергия"),
    ("забудь все, что я говорил про работу", "работу"),
    ("забудь мой адрес", "мой адрес"),
    ("Забудь имя моей собаки", "имя моей собаки"),
    ("сотри из памяти мой телефон", "мой телефон"),
    ("forget that my cat is called Barsik", "my cat is called Barsik"),
    ("Forget about my dog", "my dog"),
    ("could you please forget that I live in Rome?", "I live in Rome"),
    ("Please forget my address", "my address"),
    ("forget everything I said about work", "work"),
    ("Alfred, would you forget about Barsik?", "Barsik"),
    ("Я хочу, чтобы ты забыл про развод", "развод"),
    ("forget the fact that I smoke", "I smoke"),
    ("could you delete the fact that I smoke?", "I smoke"),
    ("удали тот факт, что я курю", "я курю"),
)
FORGET_DAYS = (
    ("забудь вчерашний разговор", "2026-05-12", "2026-05-12"),
    ("забудь сегодняшний разговор", "2026-05-13", "2026-05-13"),
    ("Забудь, пожалуйста, всё, что я говорил вчера", "2026-05-12", "2026-05-12"),
    ("забудь прошлую неделю", "2026-05-04", "2026-05-10"),
    ("забудь все за последнюю неделю", "2026-05-07", "2026-05-13"),
    ("забудь 3 мая", "2026-05-03", "2026-05-03"),
    ("забудь с 1 по 7 мая", "2026-05-01", "2026-05-07"),
    ("забудь этот разговор", "2026-05-13", "2026-05-13"),
    ("забудь разговор за 01.05.2026", "2026-05-01", "2026-05-01"),
    ("forget last week", "2026-05-04", "2026-05-10"),
    ("forget today", "2026-05-13", "2026-05-13"),
    ("forget yesterday's conversation", "2026-05-12", "2026-05-12"),
    ("forget what I said yesterday", "2026-05-12", "2026-05-12"),
    ("forget everything from last week", "2026-05-04", "2026-05-10"),
    ("forget 2026-05-01 to 2026-05-07", "2026-05-01", "2026-05-07"),
    ("forget May 3", "2026-05-03", "2026-05-03"),
    ("forget what I said on Monday", "2026-05-11", "2026-05-11"),
    ("забудь всё, что я говорил в понедельник", "2026-05-11", "2026-05-11"),
    ("forget everything since Monday", "2026-05-11", "2026-05-13"),
    ("забудь всё с 3 мая", "2026-05-03", "2026-05-13"),
    ("забудь, что было с понедельника по вторник", "2026-05-11", "2026-05-12"),
    ("forget what I told you two days ago", "2026-05-11", "2026-05-11"),
    ("забудь всё за апрель", "2026-04-01", "2026-04-30"),
)
FORGET_ALL = (
    "удали из памяти всё",
    "забудь всё",
    "Забудьте всё, что вы обо мне знаете",
    "забудь все обо мне",
    "ЗАБУДЬ ВСЁ!!!",
    "forget everything",
    "Forget everything you know about me.",
    "delete everything you know about me",
    "сотри всё, что ты обо мне знаешь",
    "Please clear your memory of me",
    "очистите свою память",
)
TELL = (
    "Что ты обо мне знаешь?",
    "что вы знаете обо мне",
    "А что ты помнишь про меня?",
    "Расскажи, что ты обо мне знаешь",
    "что тебе обо мне известно?",
    "What do you know about me?",
    "what do you remember about me",
    "Tell me what you know about me, please",
    "Show me everything you know about me",
    "what have you learned about me?",
)
CORRECT = (
    ("исправь мой город: Рим", "город", "Рим"),
    ("Исправь: город: Рим", "город", "Рим"),
    ("исправьте город на Рим", "город", "Рим"),
    ("correct my city: Rome", "city", "Rome"),
    ("correct: city: Rome", "city", "Rome"),
    ("Please change my city to Rome", "city", "Rome"),
)
TALK = (
    "remember that it's raining",
    "запомни меня",
    "забудь, что я сказал",
    "забудь о нас",
    "forget that I said it",
    "забудь про все это, пожалуйста",
    "не забудь купить молоко",
    "Пожалуйста, не забудь про встречу",
    "I can't forget that day",
    "don't forget that I like tea",
    "never forget that",
    "forget it, let's talk about tea",
    "Forget it.",
    "forget that, let's talk about tea",
    "forget about it",
    "Forget that!",
    "forget about the tea, tell me about coffee",
    "забудь",
    "забудь, проехали",
    "забудь об этом",
    "забудь про это",
    "Забудь об этом, давай поговорим о чае",
    "забудь про чай, давай о кофе",
    "я забыл, что хотел сказать",
    "я забыла ключи",
    "Как забыть о нём?",
    "как мне забыть про неё",
    "ты забыл, что я живу в Риме?",
    "вы не забыли про мою просьбу?",
    "remember when we went to Rome?",
    "Do you remember that I like tea?",
    "remember that time we met?",
    "remember that day in Rome",
    "I remember that film",
    "remember to buy milk",
    "remember me to your wife",
    "remember the Alamo",
    "Do you remember what I said?",
    "запомни этот день",
    "запомни меня таким",
    "ты запомнил, что я сказал?",
    "Запомнишь?",
    "я запомню, что ты сказал",
    "Что ты знаешь о Риме?",
    "что ты знаешь обо мне и о Риме",
    "What do you know about mechanics?",
    "What do you know about me and my dog, and why?",
    "correct me if I'm wrong",
    "correct, my city is Rome",
    "that is correct",
    "Is this correct?",
    "исправь ошибки в тексте",
    "я хочу забыть",
    "мне нужно всё забыть",
    "Забыл сказать, что завтра еду",
    "I forgot that you can talk",
    "forget me not is a flower",
    "Unforgettable",
    "забудь прошлое",
    "forget the past",
    "I want to forget everything",
    "forget everything and relax",
    "Забудь. Расскажи про Рим.",
    "Забудь про Рим. Какая погода?",
    "Запомни: чай в шкафу. Что посоветуешь?",
    "Can you remember?",
    "You should remember that tea is hot",
    "он сказал: забудь про меня",
    "Не запоминай, что я сказал",
    "what about me?",
    "расскажи про меня анекдот",
    "She told me to forget that",
    "Forget you!",
    "Can't you forget that song?",
    "I'd like to forget that",
    "remember, remember, the fifth of November",
    "запомни это",
    "Remember it",
    "удали файл",
    "delete my account please?",
    "забудь, как страшный сон",
    "clear the table",
    "wipe your shoes",
    "remove my name from the list",
    "удали факт",
    "my memory is bad",
    "erase my memory of that film",
    "я забыл про встречу в понедельник",
    "забыл сказать: я курю",
    "ты забыл про мой день рождения",
)


@pytest.mark.parametrize(("text", "words"), REMEMBER)
def test_remember_takes_the_words_as_they_are(text: str, words: str) -> None:
    assert understand(text, TODAY) == Remember(words)


@pytest.mark.parametrize(("text", "words"), FORGET_WORDS)
def test_forget_takes_what_is_meant(text: str, words: str) -> None:
    assert understand(text, TODAY) == ForgetWords(words)


@pytest.mark.parametrize(("text", "first", "last"), FORGET_DAYS)
def test_days_are_reckoned_from_when_it_was_said(text: str, first: str, last: str) -> None:
    found = understand(text, TODAY)
    assert isinstance(found, ForgetPeriod)
    assert (str(found.period.first), str(found.period.last)) == (first, last)


@pytest.mark.parametrize("text", FORGET_ALL)
def test_everything_is_everything(text: str) -> None:
    assert understand(text, TODAY) == ForgetAll()


@pytest.mark.parametrize("text", TELL)
def test_what_is_known_may_be_asked(text: str) -> None:
    assert understand(text, TODAY) == Tell()


@pytest.mark.parametrize(("text", "key", "value"), CORRECT)
def test_a_correction_names_what_and_how(text: str, key: str, value: str) -> None:
    assert understand(text, TODAY) == Correct(key, value)


@pytest.mark.parametrize("text", TALK)
def test_talk_is_left_alone(text: str) -> None:
    assert understand(text, TODAY) is None


@pytest.mark.parametrize(
    "change", [str.upper, str.capitalize, lambda t: t.replace("е", "ё"), lambda t: f"  {t} !! "]
)
@pytest.mark.parametrize("text", [*FORGET_ALL, *TELL])
def test_case_yo_and_marks_change_nothing(text: str, change: object) -> None:
    assert callable(change)
    assert type(understand(change(text), TODAY)) is type(understand(text, TODAY))


def test_a_long_letter_is_talk() -> None:
    assert understand("Запомни, что " + "чай " * 300, TODAY) is None


@pytest.mark.parametrize(
    "text",
    ["а " * 450 + "забудь", "please " * 140 + "forget", "забудь все, что " * 60, "remember " * 110,
     "correct " + "my " * 300 + ": x", "remember that " + "my " * 200 + "is",
     "forget " + "what i " * 120, "не мог бы ты " * 70 + "забыть"],
)  # fmt: skip
def test_no_message_takes_long_to_understand(text: str) -> None:
    began = time.thread_time()
    understand(text, TODAY)
    assert time.thread_time() - began < 0.2


@given(st.text(max_size=60), st.sampled_from(["забудь ", "forget ", "запомни ", "correct ", ""]))
def test_any_text_is_understood_or_left(text: str, order: str) -> None:
    understand(order + text, TODAY)

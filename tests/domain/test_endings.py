from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from butler.domain.endings import endings
from butler.domain.event import Event, Role
from butler.domain.facts import brought_up, told
from butler.domain.profile import Fact, Language

NOW = datetime(2026, 5, 12, 12, tzinfo=UTC)
KNOWN: dict[Language, tuple[tuple[str, str], ...]] = {
    "ru": (
        *(("город", "в Лондоне"), ("работа", "врачом"), ("место работы", "в Яндексе")),
        *(("семейное положение", "женат"), ("питание", "веган"), ("любит", "кофе")),
        *(("имя", "Иван"), ("увлечение", "играю на гитаре"), ("аллергия", "орехи")),
        *(("учит", "японский"), ("кот", "Том")),
    ),
    "en": (
        *(("city", "London"), ("job", "doctor"), ("employer", "Google")),
        *(("marital status", "married"), ("diet", "vegan"), ("likes", "tea"), ("name", "Ivan")),
        *(("hobby", "play chess"), ("allergy", "nuts"), ("learning", "Japanese")),
        *(("dog", "Tom"), ("favourite colour", "blue")),
    ),
}


def said(text: str, role: Role = "user") -> Event:
    return Event("11", "7", 100, role, text, "text", 100, NOW)


def after(text: str, *, pinned: bool = False) -> tuple[list[str], list[str]]:
    """Values that have ended, and new ones."""
    language: Language = "en" if text.isascii() else "ru"
    known = [
        Fact(key, value, n, NOW, pinned=pinned) for n, (key, value) in enumerate(KNOWN[language])
    ]
    facts = brought_up(known, told([said(text)], language), endings([said(text)]))
    return (
        [fact.value for fact in facts if fact.superseded_by == 100],
        [fact.value for fact in facts if fact.source_seq == 100],
    )


@pytest.mark.parametrize(
    ("text", "ended", "new"),
    [
        ("Я больше не живу в Лондоне", ["в Лондоне"], []),
        ("Уже не живу в Лондоне, если честно", ["в Лондоне"], []),
        ("Я не живу в Лондоне", ["в Лондоне"], []),
        ("Раньше жил в Лондоне", ["в Лондоне"], []),
        ("Живу не в Лондоне, а в Перми", ["в Лондоне"], ["в Перми"]),
        ("Я уволился", ["врачом", "в Яндексе"], []),
        ("Вчера меня уволили!", ["врачом", "в Яндексе"], []),
        ("Больше не работаю врачом", ["врачом"], []),
        ("Развелась", ["женат"], ["Развелась"]),
        ("Больше не веган", ["веган"], []),
        ("Разлюбил кофе", ["кофе"], ["кофе"]),
        ("Больше не люблю кофе", ["кофе"], ["кофе"]),
        ("Меня зовут не Иван, а Пётр", ["Иван"], ["Пётр"]),
        ("Моего нового кота зовут Барсик", ["Том"], ["Барсик"]),
        ("Бросил играть на гитаре", ["играю на гитаре"], []),
        ("Аллергии на орехи больше нет", ["орехи"], []),
        ("Больше не учу японский", ["японский"], []),
        ("I don't live in London anymore", ["London"], []),
        ("I no longer live in London, you know", ["London"], []),
        ("I moved out of London", ["London"], []),
        ("I used to live in London", ["London"], []),
        ("I quit my job", ["doctor", "Google"], []),
        ("I got fired", ["doctor", "Google"], []),
        ("I no longer work at Google", ["Google"], []),
        ("We got divorced", ["married"], ["divorced"]),
        ("I'm not vegan anymore", ["vegan"], []),
        ("I don't like tea anymore", ["tea"], ["tea"]),
        ("My name is not Ivan but Peter", ["Ivan"], ["Peter"]),
        ("My new dog is called Rex", ["Tom"], ["Rex"]),
        ("My favorite color is red", ["blue"], ["red"]),
        ("I stopped playing chess", ["play chess"], []),
        ("I'm no longer allergic to nuts", ["nuts"], []),
    ],
)
def test_what_is_so_no_more_is_history(text: str, ended: list[str], new: list[str]) -> None:
    assert after(text) == (ended, new)


@pytest.mark.parametrize(
    "text",
    [
        "Больше не хочу говорить о Лондоне", "Сестра уволилась", "Не работаю сегодня",
        "Он больше не живёт в Лондоне", "Как и раньше живу в Лондоне", "Больше не живу в Лондоне?",
        "Бросил курить", "Больше не работаю поваром", "Мама говорит, что я больше не врач",
        "I don't want to talk about London anymore", "I don't work today", "He quit his job",
        "My sister doesn't live in London anymore", "I stopped by the shop and love tea",
        "I no longer work at Yandex", "They fired my boss",
    ],
)  # fmt: skip
def test_other_talk_ends_nothing(text: str) -> None:
    assert after(text)[0] == []


def test_what_is_pinned_and_what_is_said_later_do_not_end() -> None:
    assert after("Я больше не живу в Лондоне", pinned=True) == ([], [])
    later = Fact("город", "Лондон", 101, NOW)
    assert brought_up([later], [], endings([said("Я больше не живу в Лондоне")])) == [later]
    assert list(endings([said("Я больше не живу в Лондоне", "assistant")])) == []


def test_what_is_pinned_holds_beside_what_is_newer() -> None:
    old, new = Fact("город", "Томск", 1, NOW, pinned=True), Fact("город", "Пермь", 2, NOW)
    newest = Fact("город", "Омск", 3, NOW)
    facts = brought_up([old], [new, newest], [])
    assert [fact.value for fact in facts if fact.superseded_by is None] == ["Томск", "Омск"]


@given(st.text(max_size=100))
def test_any_text_is_read(text: str) -> None:
    assert all(each.seq == 100 for each in endings([said(text)]))

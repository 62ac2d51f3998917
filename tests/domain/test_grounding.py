from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from butler.domain.event import Event
from butler.domain.grounding import invented, knows, source_of

SAID = datetime(2026, 3, 4, 12, tzinfo=UTC)


SOURCE = source_of(
    [
        Event("1", "7", 1, "user", text, "text", 1, SAID)
        for text in (
            "Меня зовут Ада, я живу в Лондоне, мне 36, пиши на ada@example.org",
            "Завтра еду к Анне-Марии, сайт https://tea.example/menu, в мае отпуск",
            "My friend John lives in Leeds",
        )
    ],
    ["Раньше гость жил в Томске, дом 15."],
)


@pytest.mark.parametrize(
    "text",
    [
        "Гость Ада живёт в Лондоне, ей 36 лет.",
        "Жил в Томске, в доме 15; пишет с ada@example.org.",
        "Еду к Анне-Марии 5 марта 2026 года.",
        "She travels on March 5, 2026 (05.03.2026, 2026-03-05).",
        "Говорили 4 марта; отпуск в мае.",
        "Меню на https://tea.example/menu.",
        "Рассказала о себе. Обсудили отпуск! Поездка: Лондон.",
        "Вы и Ваш друг John; I think I'll say so.",
        "the guest may march on",
    ],
)
def test_what_was_said_is_grounded_in_any_form(text: str) -> None:
    assert invented(text, SOURCE) is None


@pytest.mark.parametrize(
    ("text", "thing"),
    [
        ("Ей 37 лет.", "number 37"),
        ("У гостьи 4 кота.", "number 4"),
        ("Встреча 6 марта.", "number 6"),
        ("Отпуск в июне.", "name июне"),
        ("She comes on Friday.", "name Friday"),
        ("Дружит с Ольгой.", "name Ольгой"),
        ("The guest knows Bob.", "name Bob"),
        ("Сайт https://evil.example/x", "address https://evil.example/x"),
        ("Пишите на bob@example.org", "address bob@example.org"),
        ("Смотрите evil.com", "address evil.com"),
        ("Пишите @stranger", "address @stranger"),
    ],
)
def test_what_was_not_said_is_found(text: str, thing: str) -> None:
    assert invented(text, SOURCE) == thing


def test_a_compound_is_known_by_its_parts() -> None:
    assert knows(SOURCE, "Анна-Мария")
    assert not knows(SOURCE, "Анна-София")
    assert knows(SOURCE, "John's")


@given(st.text(max_size=60))
def test_a_text_is_grounded_in_itself(text: str) -> None:
    event = Event("1", "7", 1, "user", text, "text", 1, SAID)
    assert invented(text, source_of([event])) is None


@given(st.text(max_size=60))
def test_any_text_is_judged(text: str) -> None:
    invented(text, SOURCE)

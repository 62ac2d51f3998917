from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from butler.domain.event import Event
from butler.domain.grounding import invented, knows, source_of, without_strangers

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
        "У неё 36 лет за плечами, и тридцать шесть — не возраст; живёт в доме 15.",
        "Любит светлые стены, снежные степи и бросать кости.",
        "Говорили о разном: Лондон, Томск и т. д.; т.е. обо всём.",
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
        ("Купить на evil.shop", "address evil.shop"),
        ("Платит через evil.xyz/pay", "address evil.xyz/pay"),
        ("Смотрит зло.рф", "address зло.рф"),
        ("У гостьи три кота.", "number три"),
        ("The guest has three kids.", "number three"),
        ("Ей двадцать лет.", "number двадцать"),
        ("Ходит в бассейн по субботам.", "name субботам"),
        ("Works on mondays.", "name mondays"),
        ("Уезжает в июнь.", "name июнь"),
        ("She leaves in march.", "name march"),
        ("She lives with martha.", "name martha"),
        ("Дружит с ольгой.", "name ольгой"),
        ("Martha lives in Leeds.", "name Martha"),
        ("Любит чай. Наполеон ей друг.", "name Наполеон"),
        ("С ней живёт grolf.", "name grolf"),
        ("She lives with грольф.", "name грольф"),
        ("Смотрела «Титаник».", "name Титаник"),
        ('Reads "Ulysses".', "name Ulysses"),
    ],
)
def test_what_was_not_said_is_found(text: str, thing: str) -> None:
    assert invented(text, SOURCE) == thing


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Любит чай. Зорблакс живёт рядом.", "Любит чай."),
        ("Grolf is a friend. The guest lives in Leeds.", "The guest lives in Leeds."),
        ("Likes tea: Grolf brings it.", ""),
        ("- Grolf\n- Leeds", "- Leeds"),
        ("Друзья — Грольф и Ада.", ""),
        ("Bristol is far. Tea is near.", "Tea is near."),
        ("Марта пьёт чай. Иванов ждёт. Пушкин жив. Чай остыл.", "Чай остыл."),
        ("Mark drinks tea. Rose too. Beijing is next.", ""),
    ],
)
def test_sentences_begun_by_a_stranger_are_left_out(text: str, left: str) -> None:
    assert without_strangers(text, SOURCE) == left


@pytest.mark.parametrize(
    "text",
    [
        "Гость живёт в Лондоне. Планирует отпуск. Обсуждали поездку. Интересуется чаем.",
        "Недавно переехала. Любимое место: Лондон. Предпочитает чай. Её друг — John.",
        "Работает дома. Хочет выспаться. Также просила совет. Упоминала сайт. Мечтает о море.",
        "Увлечение садом. Общее настроение хорошее. Вчера ездила. Собирается в гости.",
        "The guest lives in Leeds. Enjoys tea. They discussed a trip. Recently moved.",
        "Planning a holiday. Mentioned a friend. Asked for advice. Her mood is good.",
        "Currently lives there. Prefers tea. Topics: tea, travel. Also, wants rest.",
        "Spouse is away. Household: a dog. Culinary interest was shown. Someone ate it.",
        "Sounds tired. Polite tone. Families met. Rain is expected. Dog-lover.",
        "Супруга уехала. Хозяйство: гараж. Кухня: грибной суп. Собака хулиганит. Орехи вредны.",
        "Вечерний разговор. Из-за отчёта задержалась. Пока занята. Любитель чая. Аллергик.",
        "Вопросов не было. Жаловалась на дождь. Мужчина ждёт. Вместо отдыха — ремонт. Шутили.",
    ],
)
def test_a_notes_own_way_of_telling_is_no_stranger(text: str) -> None:
    assert without_strangers(text, SOURCE) == text


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

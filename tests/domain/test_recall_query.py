"""What a question is taken to ask for."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from butler.domain.recall.query import name_stems, tells_time, terms, understood
from butler.domain.recall.spans import Span, spans

ASKED = date(2026, 5, 20)  # a Wednesday
NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)


def asked(text: str, *speakers: str) -> tuple[set[str], set[str]]:
    query = understood(text, NOW, {who: name_stems(who) for who in speakers})
    return set(query.terms), set(query.named)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("что было вчера?", "2026-05-19", "2026-05-19"),
        ("what did I do yesterday", "2026-05-19", "2026-05-19"),
        ("о чём говорили на прошлой неделе", "2026-05-11", "2026-05-17"),
        ("what happened last week?", "2026-05-11", "2026-05-17"),
        ("куда я ездил в апреле?", "2026-04-01", "2026-04-30"),
        ("куда я ездил в июне?", "2025-06-01", "2025-06-30"),
        ("where did we go in May 2023?", "2023-05-01", "2023-05-31"),
        ("what did she say on 7 May 2023?", "2023-05-07", "2023-05-07"),
        ("what did she say on May 7th, 2023?", "2023-05-07", "2023-05-07"),
        ("что было 9 мая?", "2026-05-09", "2026-05-09"),
        ("что было 2026-02-03?", "2026-02-03", "2026-02-03"),
        ("what happened in 2024?", "2024-01-01", "2024-12-31"),
        ("три дня назад", "2026-05-17", "2026-05-17"),
        ("что было в прошлом месяце?", "2026-04-01", "2026-04-30"),
        ("trips of last year", "2025-01-01", "2025-12-31"),
    ],
)
def test_days_are_understood_by_when_it_is_asked(text: str, first: str, last: str) -> None:
    found, _ = spans(text, ASKED)
    assert Span(date.fromisoformat(first), date.fromisoformat(last)) in found


@pytest.mark.parametrize(
    "text", ["you may go", "march on", "мама мыла раму", "31 февраля", "0000-00-00", "in 12", ""]
)
def test_what_names_no_day_is_none(text: str) -> None:
    assert spans(text, ASKED)[0] == ()


def test_words_for_days_are_no_words_to_look_for_but_written_dates_are() -> None:
    assert asked("дождь на прошлой неделе")[0] == {"дожд"}
    assert "7" in asked("rain on 7 May 2023")[0]


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("猫", "猫の名前はタマです"), ("東京に行った?", "昨日、東京へ行きました"),
        ("crepes", "Crêpes au beurre"), ("Zürich", "a train to Zurich"),
        ("45000", "стоит 45 000 рублей"), ("45,000", "it was 45000"), ("1 200 000", "1.200.000 €"),
    ],
)  # fmt: skip
def test_scripts_without_spaces_accents_and_parted_numbers_are_met(
    question: str, said: str
) -> None:
    assert set(terms(said)) & asked(question)[0]


def test_numbers_beside_each_other_stay_apart() -> None:
    assert {"5", "2024"} <= set(terms("room 5 in 2024 100 people"))
    assert "79161234567" not in terms("+7 916 123-45-67")


def test_what_makes_it_a_question_is_not_looked_for() -> None:
    assert asked("Напомни, когда и где мы пили какао?")[0] == asked("пили какао")[0]
    assert asked("Tell me when and where we drank cocoa")[0] == asked("drank cocoa")[0]


def test_irregular_forms_are_one_word() -> None:
    assert terms("went") == terms("go") == terms("gone")
    assert terms("люди пришли") == terms("человек пришёл")


def test_who_is_named_is_known_in_any_form_and_is_no_word_of_the_matter() -> None:
    assert asked("What does Melanie's dog eat?", "Caroline", "Melanie") == (
        {"dog", "eat"},
        {"Melanie"},
    )
    assert asked("Что Марине подарили?", "Марина", "Олег")[1] == {"Марина"}
    assert asked("Who likes tea?", "Caroline", "Melanie")[1] == set()


def test_a_name_that_all_share_tells_none_apart() -> None:
    assert asked("speaker news", "speaker 1", "speaker 2") == ({"speaker", "news"}, set())


def test_a_name_alone_is_looked_for() -> None:
    assert asked("Melanie?", "Caroline", "Melanie")[0] == {"melani"}


def test_my_words_are_the_guests() -> None:
    assert asked("Как зовут моего кота?", "user", "assistant")[1] == {"user"}
    assert asked("Как зовут моего кота?", "Олег", "Марина")[1] == set()


@pytest.mark.parametrize("text", ["When was it?", "Какого числа это было?", "Когда это было?"])
def test_questions_for_a_time_are_known(text: str) -> None:
    assert understood(text, NOW, {}).wants_time


@pytest.mark.parametrize("text", ["вчера", "In March", "at 5", "на той неделе", "last night"])
def test_what_tells_of_time_is_known(text: str) -> None:
    assert tells_time(text)
    assert not tells_time("чай остыл, the tea is cold")

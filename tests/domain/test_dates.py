from __future__ import annotations

import itertools
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from butler.domain.dates import dated, moments

TUESDAY = date(2026, 5, 12)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Завтра экзамен", "Завтра (2026-05-13) экзамен"),
        ("вчера и послезавтра", "вчера (2026-05-11) и послезавтра (2026-05-14)"),
        ("в пятницу концерт", "в пятницу (2026-05-15) концерт"),
        ("во вторник", "во вторник (2026-05-19)"),
        ("в пятницу ходили в кино", "в пятницу (2026-05-08) ходили в кино"),
        ("в прошлую среду", "в прошлую среду (2026-05-06)"),
        ("в следующую среду", "в следующую среду (2026-05-20)"),
        ("через три дня", "через три дня (2026-05-15)"),
        ("через неделю", "через неделю (2026-05-19)"),
        ("2 дня назад", "2 дня назад (2026-05-10)"),
        ("месяц назад", "месяц назад (2026-04)"),
        ("на следующей неделе", "на следующей неделе (2026-05-18 – 2026-05-24)"),
        ("в эти выходные", "в эти выходные (2026-05-16 – 2026-05-17)"),
        ("в прошлом году", "в прошлом году (2025)"),
        ("Tomorrow I fly", "Tomorrow (2026-05-13) I fly"),
        ("on Friday", "on Friday (2026-05-15)"),
        ("we went on Friday", "we went on Friday (2026-05-08)"),
        ("next Friday", "next Friday (2026-05-22)"),
        ("last Friday", "last Friday (2026-05-08)"),
        ("in two weeks", "in two weeks (2026-05-26)"),
        ("in a couple of weeks", "in a couple of weeks (2026-05-26)"),
        ("a week ago", "a week ago (2026-05-05)"),
        ("next month", "next month (2026-06)"),
        ("this weekend", "this weekend (2026-05-16 – 2026-05-17)"),
        ("the day after tomorrow", "the day after tomorrow (2026-05-14)"),
        ("day after tomorrow", "day after tomorrow (2026-05-14)"),
        ("the day before yesterday", "the day before yesterday (2026-05-10)"),
        ("day before yesterday", "day before yesterday (2026-05-10)"),
        ("a week from Friday", "a week from Friday (2026-05-22)"),
        ("two weeks from now", "two weeks from now (2026-05-26)"),
        ("a week from tomorrow", "a week from tomorrow (2026-05-20)"),
        ("in a fortnight", "in a fortnight (2026-05-26)"),
        ("a fortnight ago", "a fortnight ago (2026-04-28)"),
        ("через полгода", "через полгода (2026-11)"),
        ("через двенадцать дней", "через двенадцать дней (2026-05-24)"),
        ("a couple of days ago", "a couple of days ago (2026-05-10)"),
        ("in 3 days' time", "in 3 days' time (2026-05-15)"),
        ("в выходные едем", "в выходные (2026-05-16 – 2026-05-17) едем"),
        ("в будущую пятницу", "в будущую пятницу (2026-05-22)"),
        ("полгода назад", "полгода назад (2025-11)"),
        ("in half a year", "in half a year (2026-11)"),
        ("следующая пятница", "следующая пятница (2026-05-22)"),
        ("прошлая пятница", "прошлая пятница (2026-05-08)"),
        ("на выходных едем", "на выходных (2026-05-16 – 2026-05-17) едем"),
        ("на выходных ездили", "на выходных (2026-05-09 – 2026-05-10) ездили"),
    ],
)
def test_days_named_by_their_distance_are_written_out(text: str, written: str) -> None:
    assert dated(text, TUESDAY) == written


AHEAD, PAST = "(2026-05-15)", "(2026-05-08)"


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("В пятницу играем в футбол", AHEAD), ("В пятницу у меня дела", AHEAD),
        ("В пятницу идём в зал", AHEAD), ("Купил билеты, в пятницу лечу", AHEAD),
        ("В пятницу, если успею, приеду", AHEAD), ("Начало в пятницу", AHEAD),
        ("В пятницу финал", AHEAD), ("На пятницу заказал стол", AHEAD),
        ("Договорились встретиться в пятницу", AHEAD), ("Решили ехать в пятницу", AHEAD),
        ("Купил билеты на пятницу", AHEAD), ("В пятницу школа закрыта", AHEAD),
        ("В пятницу пошли в кино", PAST), ("В пятницу я был в школе", PAST),
        ("В пятницу играли в футбол", PAST), ("Ходили в кино, в пятницу", PAST),
        ("Купил в пятницу стол", PAST), ("В пятницу меня уволили", PAST),
        ("В пятницу отвёз дочь, она пела", PAST), ("В пятницу мы с братом делали стол", PAST),
        ("On Friday I need to see the dentist", AHEAD), ("I'm getting married on Friday", AHEAD),
        ("I booked a flight, I fly on Friday", AHEAD), ("I booked a table for Friday", AHEAD),
        ("We agreed to meet on Friday", AHEAD), ("It is scheduled for Friday", AHEAD),
        ("I've got an exam on Friday", AHEAD), ("I am invited on Friday", AHEAD),
        ("My parents arrive on Friday", AHEAD), ("I feed the cat on Friday", AHEAD),
        ("On Friday I saw the dentist", PAST), ("She visited me on Friday", PAST),
        ("It was fun, on Friday", PAST), ("I got married on Friday", PAST),
        ("On Friday we didn't sleep", PAST), ("I bought a car on Friday", PAST),
    ],
)  # fmt: skip
def test_a_day_of_the_week_is_the_next_or_the_last_as_its_clause_tells(
    text: str, when: str
) -> None:
    assert when in dated(text, TUESDAY)


@pytest.mark.parametrize(
    "text",
    ["по средам", "on Sundays", "среди друзей", "среда обитания", "an hour a week", "недельный",
     "13 мая", "Friday week", "every Monday", "завтрак", "через дорогу", "in town"],
)  # fmt: skip
def test_other_words_are_left_alone(text: str) -> None:
    assert dated(text, TUESDAY) == text


def test_what_is_dated_is_not_dated_again() -> None:
    once = dated("завтра экзамен", TUESDAY)
    assert dated(once, TUESDAY) == once


def test_a_month_and_a_year_turn_over() -> None:
    assert dated("next month", date(2026, 12, 5)) == "next month (2027-01)"
    assert dated("через 2 месяца", date(2026, 11, 5)) == "через 2 месяца (2027-01)"
    assert dated("завтра", date(2026, 12, 31)) == "завтра (2027-01-01)"


@given(st.text(max_size=80), st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_any_text_is_read_and_no_moment_lies_within_another(text: str, said: date) -> None:
    found = moments(text, said)
    assert all(one.end <= other.start for one, other in itertools.pairwise(found))

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from butler.domain.periods import Period, period

TODAY = date(2026, 5, 13)  # a Wednesday


def days(first: str, last: str) -> tuple[date, date]:
    return date.fromisoformat(first), date.fromisoformat(last)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("today", "2026-05-13", "2026-05-13"),
        ("Сегодня.", "2026-05-13", "2026-05-13"),
        ("вчера", "2026-05-12", "2026-05-12"),
        ("the day before yesterday", "2026-05-11", "2026-05-11"),
        ("last week", "2026-05-04", "2026-05-10"),
        ("за прошлую неделю", "2026-05-04", "2026-05-10"),
        ("эту неделю", "2026-05-11", "2026-05-13"),
        ("за последнюю неделю", "2026-05-07", "2026-05-13"),
        ("last 7 days", "2026-05-07", "2026-05-13"),
        ("last 3 days", "2026-05-11", "2026-05-13"),
        ("последние три дня", "2026-05-11", "2026-05-13"),
        ("the past two weeks", "2026-04-30", "2026-05-13"),
        ("за последние 2 месяца", "2026-03-15", "2026-05-13"),
        ("прошлый месяц", "2026-04-01", "2026-04-30"),
        ("this month", "2026-05-01", "2026-05-13"),
        ("2026-05-01", "2026-05-01", "2026-05-01"),
        ("2026-05-01 2026-05-07", "2026-05-01", "2026-05-07"),
        ("from 2026-05-01 to 2026-05-07", "2026-05-01", "2026-05-07"),
        ("01.05.2026 - 07.05.2026", "2026-05-01", "2026-05-07"),
        ("с 1 по 7 мая", "2026-05-01", "2026-05-07"),
        ("3 мая", "2026-05-03", "2026-05-03"),
        ("May 3", "2026-05-03", "2026-05-03"),
        ("3rd of May 2025", "2025-05-03", "2025-05-03"),
        ("за 20 декабря", "2025-12-20", "2025-12-20"),
        ("31.12", "2025-12-31", "2025-12-31"),
        ("on Monday", "2026-05-11", "2026-05-11"),
        ("last Wednesday", "2026-05-06", "2026-05-06"),
        ("в прошлую пятницу", "2026-05-08", "2026-05-08"),
        ("from Monday", "2026-05-11", "2026-05-11"),
        ("since Monday", "2026-05-11", "2026-05-13"),
        ("с понедельника", "2026-05-11", "2026-05-13"),
        ("с прошлой недели", "2026-05-04", "2026-05-13"),
        ("from May 3 on", "2026-05-03", "2026-05-13"),
        ("со вчера", "2026-05-12", "2026-05-13"),
        ("from Monday to yesterday", "2026-05-11", "2026-05-12"),
        ("с пятницы по среду", "2026-05-01", "2026-05-06"),
        ("two days ago", "2026-05-11", "2026-05-11"),
        ("3 дня назад", "2026-05-10", "2026-05-10"),
        ("last weekend", "2026-05-09", "2026-05-10"),
        ("за май", "2026-05-01", "2026-05-31"),
        ("за июнь", "2025-06-01", "2025-06-30"),
        ("in December 2024", "2024-12-01", "2024-12-31"),
        ("в мае", "2026-05-01", "2026-05-31"),
        ("в августе", "2025-08-01", "2025-08-31"),
        ("за 2025 год", "2025-01-01", "2025-12-31"),
        ("in 2024", "2024-01-01", "2024-12-31"),
        ("the last hour", "2026-05-13", "2026-05-13"),
        ("последние два часа", "2026-05-13", "2026-05-13"),
        ("last 10 minutes", "2026-05-13", "2026-05-13"),
        ("the last 24 hours", "2026-05-12", "2026-05-13"),
        ("последние сутки", "2026-05-12", "2026-05-13"),
        ("this morning", "2026-05-13", "2026-05-13"),
        ("вчера вечером", "2026-05-12", "2026-05-12"),
        ("after May 3", "2026-05-04", "2026-05-13"),
        ("после понедельника", "2026-05-12", "2026-05-13"),
    ],
)
def test_days_that_are_named_are_found(text: str, first: str, last: str) -> None:
    found = period(text, TODAY)
    assert found is not None
    assert (found.first, found.last) == days(first, last)


def test_a_day_lasts_from_midnight_to_midnight() -> None:
    midnight = datetime(2026, 5, 13, tzinfo=UTC)
    assert period("today", TODAY) == Period(midnight, midnight.replace(day=14))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("before May 1", "2026-05-01"),
        ("до 1 мая", "2026-05-01"),
        ("before yesterday", "2026-05-12"),
        ("до вчерашнего дня", "2026-05-12"),
        ("до прошлой недели", "2026-05-04"),
        ("before May", "2026-05-01"),
        ("до 2026 года", "2026-01-01"),
        ("older than a month", "2026-04-13"),
        ("older than two weeks", "2026-04-29"),
        ("старше года", "2025-05-13"),
    ],
)
def test_all_before_a_day_has_no_beginning(text: str, day: str) -> None:
    until = datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC)
    assert period(text, TODAY) == Period(None, until)


@pytest.mark.parametrize(
    "text",
    ["", "tea", "завтра", "2026-02-30", "31 апреля", "2026-05-07 2026-05-01", "32.13", "май",
     "today and tea", "вчера в Риме", "0000-01-01", "5", "9999-12-31",
     "31.12.9999", "2026-05-01 9999-12-31", "last 0 days",
     "in two days", "в следующую среду", "from tea to milk", "since tea", "с мая",
     "since tomorrow", "in May 9999", "за май 0000", "с 7 мая по 3 мая", "Monday morning",
     "before", "before tea", "before tomorrow", "after today", "last hours of summer", "2024",
     "older than tea", "last"],
)  # fmt: skip
def test_anything_else_is_no_period(text: str) -> None:
    assert period(text, TODAY) is None


@given(
    st.text(alphabet="0123456789.- мая сопдневза maytolsthуdince", max_size=30),
    st.dates(date(2000, 1, 1)),
)
def test_nonsense_raises_nothing(text: str, today: date) -> None:
    found = period(text, today)
    assert found is None or found.since is None or found.since < found.until

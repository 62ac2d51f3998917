"""The days a question speaks of: "вчера", "last week", "в мае", "in May 2023"."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from datetime import date, timedelta

import attrs

from butler.domain.dates import moments
from butler.domain.stems import plain
from butler.domain.text import holds_any

_MONTH_NAMES = (
    ("январ", "january"), ("феврал", "february"), ("март", "march"), ("апрел", "april"),
    ("ма", "may"), ("июн", "june"), ("июл", "july"), ("август", "august"),
    ("сентябр", "september"), ("октябр", "october"), ("ноябр", "november"), ("декабр", "december"),
)  # fmt: skip
_MONTH = (
    r"(?P<month>январ|феврал|март|апрел|ма(?=[йяе]\b)|июн|июл|август|сентябр|октябр|ноябр|декабр|"
    r"january|february|march|april|may|june|july|august|september|october|november|december)"
    r"(?:[а-я]{0,2})"
)
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_ISO = re.compile(r"\b(?P<year>\d{4})-(?P<number>\d{1,2})(?:-(?P<day>\d{1,2}))?\b")
_BY_NAME = re.compile(
    rf"\b(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? )?{_MONTH}\b"
    rf"(?: (?P<after>\d{{1,2}})(?:st|nd|rd|th)?\b(?! (?:раз|лет)))?(?:,? (?:of )?{_YEAR}\b)?"
)
_ONLY_YEAR = re.compile(rf"\b(?:in|during|of|в|за|с) {_YEAR}\b")
# Without four digits nothing but `_BY_NAME` applies, and without one of these not even that.
_DIGITS = re.compile(r"\d{4}")
_MONTH_HINTS = tuple(name for names in _MONTH_NAMES for name in names)
# Where "may" and "march" are months and not verbs.
_BARE = re.compile(r"\b(?:in|of|on|during|since|last|by|until|early|late|mid|this)\s+$")


@attrs.frozen
class Span:
    """From the day `first` to the day `last`, both within."""

    first: date
    last: date


def spans(text: str, asked: date) -> tuple[tuple[Span, ...], str]:
    """The days that a text of that day speaks of, and the text without the relative ones.

    A month without a year is the latest that has begun. Dates that stand written ("7 May") stay in
    the text: they may stand so in what was said, too.
    """
    found: list[Span] = []
    rest = text
    for moment in reversed(moments(text, asked)):
        span = Span(moment.days[0], moment.days[-1]) if moment.days else _stamped(moment.stamp)
        if span is not None:
            found.append(span)
            rest = rest[: moment.start] + " " + rest[moment.end :]
    found += _written(plain(text), asked)
    return tuple(found), rest


def _stamped(stamp: str) -> Span | None:
    year, _, month = stamp.partition("-")
    return _span(int(year), int(month) if month else None, None)


def _written(text: str, asked: date) -> Iterator[Span]:
    digits = _DIGITS.search(text) is not None
    for match in _ISO.finditer(text) if digits else ():
        span = _span(int(match["year"]), int(match["number"]), _number(match["day"]))
        if span is not None:
            yield span
    named = holds_any(text, _MONTH_HINTS)
    for match in _BY_NAME.finditer(text) if named else ():
        day = _number(match["day"] or match["after"])
        bare = day is None and match["year"] is None
        if bare and match["month"] in ("may", "march") and not _BARE.search(text, 0, match.start()):
            continue
        month = next(n for n, names in enumerate(_MONTH_NAMES, 1) if match["month"] in names)
        year = _number(match["year"]) or asked.year - ((month, day or 1) > (asked.month, asked.day))
        span = _span(year, month, day)
        if span is not None:
            yield span
    for match in _ONLY_YEAR.finditer(text) if digits else ():
        span = _span(int(match["year"]), None, None)
        if span is not None:
            yield span


def _span(year: int, month: int | None, day: int | None) -> Span | None:
    try:
        if month is None:
            return Span(date(year, 1, 1), date(year, 12, 31))
        if day is None:
            length = calendar.monthrange(year, month)[1]
            return Span(date(year, month, 1), date(year, month, length))
        return Span(date(year, month, day), date(year, month, day))
    except (ValueError, calendar.IllegalMonthError, OverflowError):
        return None


def _number(digits: str | None) -> int | None:
    return None if digits is None else int(digits)


def widened(span: Span, days: int) -> Span:
    """The span with days after it."""
    return Span(span.first, min(span.last, date.max - timedelta(days)) + timedelta(days))

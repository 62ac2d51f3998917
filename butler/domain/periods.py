"""Past days that a guest names: "yesterday", "since Monday", "last week", "с 1 по 7 мая"."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TypeAlias

import attrs

from butler.domain.dates import moments, weekday
from butler.domain.stems import plain

_MONTHS: Mapping[str, int] = {
    name: number
    for number, names in enumerate(
        (("янв", "jan"), ("фев", "feb"), ("мар", "mar"), ("апр", "apr"),
         ("мая", "май", "мае", "may"),
         ("июн", "jun"), ("июл", "jul"), ("авг", "aug"), ("сен", "sep"), ("окт", "oct"),
         ("ноя", "nov"), ("дек", "dec")), 1)
    for name in names
}  # fmt: skip
_MONTH = (
    r"(?:январ[ья]|феврал[ья]|марта?|апрел[ья]|ма[йя]|июн[ья]|июл[ья]|августа?|сентябр[ья]|"
    r"октябр[ья]|ноябр[ья]|декабр[ья]|january|february|march|april|may|june|july|august|"
    r"september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)"
)
_LOCATIVE = r"(?:январе|феврале|марте|апреле|мае|июне|июле|августе|сентябре|октябре|ноябре|декабре)"
_ISO = r"\d{4}-\d{1,2}-\d{1,2}"
_DOTTED = r"\d{1,2}\.\d{1,2}(?:\.\d{4})?"
_NAMED = rf"\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH}(?:,? \d{{4}}(?: года?)?)?"
_AMERICAN = rf"{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?(?:,? \d{{4}})?"
_DAY = rf"(?:{_ISO}|{_DOTTED}|{_NAMED}|{_AMERICAN})"
_ONE_DAY = re.compile(_DAY)
_RANGE = re.compile(
    rf"(?:с |со |from |between )?({_DAY}|\d{{1,2}})"
    rf"\s*(?:-|–|—| по | до | to | till | until | and | )\s*({_DAY})"
)
# What may stand around the days, in which case they alone are meant.
_AROUND = re.compile(
    r"(?:за|на|во?|from|of|on|in|for|during|the|весь|всю|whole|entire|all|день|day) +"
)
_SINCE = re.compile(
    r"(?:начиная |starting )?(?:since|со?|from|after|после) (?P<day>.+?)(?P<on> on(?:wards?)?)?"
)
_BEFORE = re.compile(r"(?:before|until|till|up to|prior to|до|раньше) (?P<day>.+)")
_WHOLE_YEAR = re.compile(r"((?:19|20)\d\d)")
_IN_YEAR = frozenset(("за", "в", "весь", "in", "from", "for", "during", "all of"))
_BETWEEN = re.compile(
    r"(?:с |со |from |between )?(?P<first>.+?) "
    r"(?:по|до|to|till|until|through|and|-|–|—) (?P<last>.+)"
)
# A month alone may be a name, or a verb.
_WHOLE_MONTH = re.compile(
    rf"(?:за|весь|во?|in|during|from|for|all of) (?:{_MONTH}|{_LOCATIVE})(?: (?P<year>\d{{4}}))?"
)
_LAST = frozenset(("", "прошлый", "прошлую", "прошлое", "последний", "последнюю", "last", "past"))
_RELATIVE: Mapping[str, tuple[int, int]] = {
    # (first day, day after the last), in days from today
    **dict.fromkeys(
        ("сегодня", "сегодняшний день", "today", "this day", "сегодня утром", "сегодня днем",
         "сегодня вечером", "сегодняшнее утро", "сегодняшний вечер", "this morning",
         "this afternoon", "this evening"), (0, 1)),
    **dict.fromkeys(
        ("вчера", "вчерашний день", "вчерашнего дня", "yesterday", "вчера утром", "вчера днем",
         "вчера вечером", "вчерашний вечер", "yesterday morning", "yesterday afternoon",
         "yesterday evening"), (-1, 0)),
    **dict.fromkeys(("позавчера", "the day before yesterday", "day before yesterday"), (-2, -1)),
    **dict.fromkeys(
        ("последнюю неделю", "неделю", "last 7 days", "past week", "last seven days",
         "последние 7 дней", "последние семь дней"), (-6, 1)),
    **dict.fromkeys(("последние сутки", "сутки", "последний день", "last day"), (-1, 1)),
    **dict.fromkeys(
        ("последний месяц", "месяц", "last 30 days", "past month", "последние 30 дней"), (-29, 1)),
}  # fmt: skip
_NUMBERS: Mapping[str, int] = {
    name: number
    for number, names in enumerate(
        ("два две two пару couple", "три three", "четыре four", "пять five", "шесть six",
         "семь seven", "восемь eight", "девять nine", "десять ten"), 2)
    for name in names.split()
}  # fmt: skip
_LASTING = re.compile(
    rf"(?:последние|past|last) (\d{{1,3}}|{'|'.join(_NUMBERS)})(?: of)? "
    r"(?:(дня|дней|days)|(?:недели|недель|weeks)|(месяца|месяцев|months))"
)
_OLDER = re.compile(
    rf"(?:older than|более чем|старше|давнее) (?:(\d{{1,3}}|{'|'.join(_NUMBERS)}|an?|one) )?"
    r"(?:(дня|дней|days?)|(?:недели|недель|weeks?)|(месяцев|месяца|months?)|(года|лет|years?))"
)
_LAST_HOURS = re.compile(
    rf"(?:(?:последние|последний|past|last) )(?:(?:(?P<hours>\d{{1,3}}|{'|'.join(_NUMBERS)}) )?"
    r"(?:час|часа|часов|hours?)|(?:\d{1,3} |\w+ )?(?:минут|minutes)|полчаса|half (?:an )?hour)|"
    r"(?:последних )?полчаса|half (?:an )?hour|(?:полчаса|час) назад|(?:half )?an hour ago|"
    r"(?:пару |несколько |\d\d? )?минут(?:у)? назад|(?:a|a few|\d\d?) minutes? ago"
)
_THIS_WEEK = frozenset(("эту неделю", "this week"))
_LAST_WEEK = frozenset(("прошлую неделю", "last week"))
_THIS_MONTH = frozenset(("этот месяц", "this month"))
_LAST_MONTH = frozenset(("прошлый месяц", "last month"))


@attrs.frozen
class Period:
    """From `since` on (None: from the beginning), up to but without `until`; UTC midnights."""

    since: datetime | None
    until: datetime

    @property
    def first(self) -> date:
        """The first day; of all that a date can be, where it has no beginning."""
        return self.since.date() if self.since else date.min

    @property
    def last(self) -> date:
        """The last day."""
        return self.until.date() - timedelta(days=1)


def period(text: str, today: date) -> Period | None:
    """The days that `text` names and nothing else; None where it names none, or impossible ones."""
    words = " ".join(plain(text).strip(" .,!?:;«»\"'").split())
    if not words.startswith(("older", "старше")):
        words = re.sub(r"\s+(?:года?|day|день)$", "", words)
    while True:
        found = _first_of(_ALL, words, today)
        around = _AROUND.match(words)
        if found or around is None:
            return found
        words = words[around.end() :]


def _relative(words: str, today: date) -> Period | None:
    if span := _RELATIVE.get(words):
        return _days(today + timedelta(span[0]), today + timedelta(span[1]))
    if lasting := _LASTING.fullmatch(words):
        number, in_days, in_months = lasting.groups()
        count = _NUMBERS.get(number) or int(number)
        length = count * (1 if in_days else 30 if in_months else 7)
        return _days(today - timedelta(length - 1), today + timedelta(1)) if count else None
    monday = today - timedelta(today.weekday())
    first = today.replace(day=1)
    if words in _THIS_WEEK:
        return _days(monday, today + timedelta(1))
    if words in _LAST_WEEK:
        return _days(monday - timedelta(7), monday)
    if words in _THIS_MONTH:
        return _days(first, today + timedelta(1))
    if words in _LAST_MONTH:
        return _days((first - timedelta(1)).replace(day=1), first)
    return None


def _told(words: str, today: date) -> Period | None:
    """By their distance, like "two days ago"; never those to come."""
    found = moments(words, today)
    if len(found) != 1 or (found[0].start, found[0].end) != (0, len(words)) or not found[0].days:
        return None
    first, last = found[0].days[0], found[0].days[-1]
    return _days(first, last + timedelta(1)) if last <= today else None


def _weekday(words: str, today: date) -> Period | None:
    """The latest day of that name before today."""
    which, _, name = words.rpartition(" ")
    number = weekday(name)
    if number is None or which not in _LAST:
        return None
    day = today - timedelta((today.weekday() - number) % 7 or 7)
    return _days(day, day + timedelta(1))


def _month(words: str, today: date) -> Period | None:
    """The whole of a month; without a year, the latest that has begun."""
    found = _WHOLE_MONTH.fullmatch(words)
    if found is None:
        return None
    name = words.split()[-2 if found["year"] else -1]
    month = _MONTHS[name[:3]]
    year = int(found["year"]) if found["year"] else today.year - (month > today.month)
    if not 0 < year < date.max.year:
        return None
    return _days(date(year, month, 1), date(year + month // 12, month % 12 + 1, 1))


def _year(words: str, _today: date) -> Period | None:
    found = _WHOLE_YEAR.fullmatch(words)
    return _days(date(int(found[1]), 1, 1), date(int(found[1]) + 1, 1, 1)) if found else None


def _whole_year(words: str, today: date) -> Period | None:
    """A year alone may be any number."""
    prefix, _, year = words.rpartition(" ")
    return _year(year, today) if prefix in _IN_YEAR else None


def _hours(words: str, today: date) -> Period | None:
    """Whole days again: today, and as many before as the hours may reach back."""
    found = _LAST_HOURS.fullmatch(words)
    if found is None:
        return None
    count = found["hours"] or "0"
    hours = _NUMBERS.get(count) or int(count)
    return _days(today - timedelta(hours // 24), today + timedelta(1))


def _since(words: str, today: date) -> Period | None:
    """From some day until now."""
    found = _SINCE.fullmatch(words)
    if found is None or (words.startswith("from") and not found["on"]):
        return None
    begun = _first_of(_ONE, found["day"], today)
    if begun is None:
        return None
    first = begun.until.date() if words.startswith(("after", "после")) else begun.first
    return _days(first, today + timedelta(1)) if first <= today else None


def _before(words: str, today: date) -> Period | None:
    """All until some day, without it."""
    if older := _OLDER.fullmatch(words):
        number, in_days, in_months, in_years = older.groups()
        count = int(number) if number and number.isdecimal() else _NUMBERS.get(number or "", 1)
        length = count * (1 if in_days else 30 if in_months else 365 if in_years else 7)
        return Period(None, _midnight(today - timedelta(length)))
    found = _BEFORE.fullmatch(words)
    if found is None:
        return None
    ended = _first_of((*_ONE, _year), found["day"], today) or _month(f"in {found['day']}", today)
    return Period(None, _midnight(ended.first)) if ended and ended.first <= today else None


def _between(words: str, today: date) -> Period | None:
    found = _BETWEEN.fullmatch(words)
    if found is None:
        return None
    first, last = (_first_of(_ONE, found[which], today) for which in ("first", "last"))
    if first is None or last is None:
        return None
    begun = first.first
    if begun > last.first and weekday(found["first"].split()[-1]) is not None:
        begun -= timedelta(7)
    return _days(begun, last.until.date()) if begun <= last.first else None


def _dated(words: str, today: date) -> Period | None:
    if _ONE_DAY.fullmatch(words):
        day = _day(words, today)
        return _days(day, day + timedelta(1)) if day else None
    if found := _RANGE.fullmatch(words):
        last = _day(found.group(2), today)
        first = _day(found.group(1), today, last)
        if first and last and first <= last:
            return _days(first, last + timedelta(1))
    return None


def _day(words: str, today: date, last: date | None = None) -> date | None:
    """One day; the latest that is past where no year is told, in the month of `last` if bare."""
    numbers = [int(number) for number in re.findall(r"\d+", words)]
    month = re.search(r"[^\W\d_]{3,}", re.sub(r"\b(?:of)\b|(?<=\d)(?:st|nd|rd|th)\b", "", words))
    try:
        if re.fullmatch(_ISO, words):
            return _with_a_next(date(*numbers))
        if re.fullmatch(_DOTTED, words):
            return _past(numbers[0], numbers[1], numbers[2:], today)
        if month:
            return _past(numbers[0], _MONTHS[month.group()[:3]], numbers[1:], today)
        return last.replace(day=numbers[0]) if last else None
    except ValueError:
        return None


def _past(day: int, month: int, year: list[int], today: date) -> date:
    if year:
        return _with_a_next(date(year[0], month, day))
    this = date(today.year, month, day)
    return this if this <= today else date(today.year - 1, month, day)


def _with_a_next(day: date) -> date:
    """The day; ValueError for the last that a date can be, for no period could end with it."""
    if day == date.max:
        raise ValueError("the last of all days")
    return day


def _days(first: date, after: date) -> Period:
    return Period(_midnight(first), _midnight(after))


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


_Named: TypeAlias = Callable[[str, date], Period | None]
_ONE: Sequence[_Named] = (_relative, _dated, _weekday, _told)
_ALL: Sequence[_Named] = (*_ONE, _hours, _month, _whole_year, _before, _since, _between)


def _first_of(rules: Sequence[_Named], words: str, today: date) -> Period | None:
    return next((found for rule in rules if (found := rule(words, today))), None)

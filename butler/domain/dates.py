"""Days that are spoken of by their distance: "завтра", "next Friday", "через три дня".

All are reckoned from the day (UTC) on which they were said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import islice

import attrs

from butler.domain.stems import plain
from butler.domain.tense import is_past
from butler.domain.text import holds_any

_DAYS = (
    ("понедельник", "monday"), ("вторник", "tuesday"), ("сред", "wednesday"),
    ("четверг", "thursday"), ("пятниц", "friday"), ("суббот", "saturday"),
    ("воскресень", "sunday"),
)  # fmt: skip
_WEEKDAY = {form: number for number, forms in enumerate(_DAYS) for form in forms}
# Of more days than this one message does not speak, but for a joke.
_MOST = 50
_RU_DAY = r"(?P<day>понедельник|вторник|четверг|сред|пятниц|суббот|воскресень)(?:а|у|ы|е|ю|я|ьем)?"
_EN_DAY = r"(?P<day>monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
_NUMBERS = {
    word: number
    for number, names in enumerate(
        (
            *("один одну a an one", "два две two couple пару", "три three", "четыре four"),
            *("пять five", "шесть six", "семь seven", "восемь eight", "девять nine", "десять ten"),
            *("одиннадцать eleven", "двенадцать twelve", "тринадцать thirteen"),
            *("четырнадцать fourteen", "пятнадцать fifteen", "шестнадцать sixteen"),
            *("семнадцать seventeen", "восемнадцать eighteen", "девятнадцать nineteen"),
            "двадцать twenty",
        ),
        start=1,
    )
    for word in names.split()
}
_COUNT = rf"(?P<n>\d{{1,3}}|{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})"
_UNITS = (
    (r"дн(?:я|ей)|день|days?", "day"),
    (r"недел(?:ю|и|ь|я)|weeks?", "week"),
    (r"месяц(?:а|ев)?|months?", "month"),
    (r"лет|год(?:а)?|years?", "year"),
)
_UNIT = "(?:" + "|".join(f"(?P<{name}>{forms})" for forms, name in _UNITS) + ")"


@attrs.frozen
class Moment:
    """A day or time spoken of in a text: where it stands, its days, and how it is written out.

    `days` are the first and the last; a month or a year has none, but a `stamp`.
    """

    start: int
    end: int
    stamp: str
    days: tuple[date, ...] = ()


def moments(text: str, said: date) -> list[Moment]:
    """The relative days in a text said on that day, in order, none within another."""
    folded = plain(text)
    if len(folded) != len(text):
        folded = text.lower()
    if not holds_any(folded, _HINTS):
        return []
    found = sorted(
        (moment for rule, read in _RULES for moment in _read(rule, read, folded, said)),
        key=lambda moment: (moment.start, -moment.end),
    )
    chosen: list[Moment] = []
    for moment in found:
        if not chosen or moment.start >= chosen[-1].end:
            chosen.append(moment)
    return chosen


def weekday(word: str) -> int | None:
    """Which day of the week a word (as `plain` gives it) names, Monday being 0."""
    found = re.fullmatch(_EN_DAY, word) or re.fullmatch(_RU_DAY, word)
    return _WEEKDAY[found["day"]] if found else None


def dated(text: str, said: date) -> str:
    """The text with the date written behind each relative one: "завтра (2026-05-13)"."""
    written = text
    for moment in reversed(moments(text, said)):
        if moment.stamp not in text:
            written = f"{written[: moment.end]} ({moment.stamp}){written[moment.end :]}"
    return written


def _read(
    rule: re.Pattern[str], read: Callable[[re.Match[str], date], Moment | None], text: str, d: date
) -> Iterator[Moment]:
    for match in islice(rule.finditer(text), _MOST):
        moment = read(match, d)
        if moment is not None:
            yield moment


def _day(match: re.Match[str], day: date) -> Moment:
    return Moment(match.start(), match.end(), day.isoformat(), (day,))


def _near(match: re.Match[str], said: date) -> Moment:
    return _day(match, said + timedelta(days=_NEAR[match.group()]))


def _weekday(match: re.Match[str], said: date) -> Moment:
    """The coming day of that name; the one past where so said; "next": of the next week."""
    wanted = _WEEKDAY[match.group("day")]
    ahead = (wanted - said.weekday()) % 7 or 7
    which = match.group("which") or ""
    if which.startswith(("следующ", "будущ", "next")):
        monday = said - timedelta(days=said.weekday()) + timedelta(days=7)
        return _day(match, monday + timedelta(days=wanted))
    past = not which and not match.groupdict().get("meant") and is_past(*match.span(), match.string)
    if which.startswith(("прошл", "last")) or past:
        return _day(match, said - timedelta(days=7 - ahead % 7 if ahead != 7 else 7))
    return _day(match, said + timedelta(days=ahead))


def _from(match: re.Match[str], said: date) -> Moment:
    """For example "two weeks from Friday"."""
    from_day = match.group("day")
    ahead = (_WEEKDAY[from_day] - said.weekday()) % 7 or 7 if from_day else _NEAR[match["near"]]
    weeks = _counted(match.group("n")) * (2 if match.group("fortnight") else 1)
    return _day(match, said + timedelta(days=ahead + 7 * weeks))


def _fortnight(match: re.Match[str], said: date) -> Moment:
    return _day(match, said + timedelta(days=-14 if match.group("ago") else 14))


def _half_year(match: re.Match[str], said: date) -> Moment:
    month = said.month - 1 + (-6 if match.group("ago") else 6)
    return Moment(match.start(), match.end(), f"{said.year + month // 12}-{month % 12 + 1:02}")


def _week(match: re.Match[str], said: date) -> Moment:
    which = match.groupdict().get("which")
    if which is None:
        which = "last" if is_past(*match.span(), match.string) else "this"
    weeks = _turn(which)
    monday = said - timedelta(days=said.weekday()) + timedelta(days=7 * weeks)
    first, last = monday, monday + timedelta(days=6)
    if match.groupdict().get("end") or match.groupdict().get("end_"):
        first = monday + timedelta(days=5)
    stamp = f"{first.isoformat()} – {last.isoformat()}"
    return Moment(match.start(), match.end(), stamp, (first, last))


def _month(match: re.Match[str], said: date) -> Moment:
    month = said.month - 1 + _turn(match.group("which"))
    stamp = f"{said.year + month // 12}-{month % 12 + 1:02}"
    return Moment(match.start(), match.end(), stamp)


def _year(match: re.Match[str], said: date) -> Moment:
    return Moment(match.start(), match.end(), str(said.year + _turn(match.group("which"))))


def _turn(which: str) -> int:
    if which.startswith(("следующ", "next")):
        return 1
    return -1 if which.startswith(("прошл", "last")) else 0


def _distance(match: re.Match[str], said: date) -> Moment | None:
    """For example "через три дня", "in two weeks", "5 дней назад"."""
    count = _counted(match.group("n"))
    count *= -1 if match.groupdict().get("ago") else 1
    unit = next(name for _, name in _UNITS if match.group(name))
    if unit in ("day", "week"):
        return _day(match, said + timedelta(days=count * (7 if unit == "week" else 1)))
    if unit == "month":
        month = said.month - 1 + count
        stamp = f"{said.year + month // 12}-{month % 12 + 1:02}"
        return Moment(match.start(), match.end(), stamp)
    year = said.year + count
    return Moment(match.start(), match.end(), str(year)) if 0 < year < 10_000 else None


def _counted(said: str | None) -> int:
    said = said or "1"
    return int(said) if said.isdecimal() else _NUMBERS[said]


# Without any of these no rule below applies.
_HINTS = (
    *(
        "завтра",
        "вчера",
        "сегодня",
        "полгода",
        "fortnight",
        "недел",
        "месяц",
        "год",
        "лет",
        "дня",
        "дней",
        "день",
        "дн",
    ),
    *("выходн", "понедельник", "вторник", "сред", "четверг", "пятниц", "суббот", "воскресень"),
    *("tomorrow", "yesterday", "today", "tonight", "last night", "week", "month", "year", "day"),
)
_NEAR = {
    "позавчера": -2, "вчера": -1, "сегодня": 0, "завтра": 1, "послезавтра": 2,
    "послепослезавтра": 3, "позапозавчера": -3,
    "the day before yesterday": -2, "day before yesterday": -2, "yesterday": -1, "last night": -1,
    "today": 0, "now": 0, "tonight": 0, "tomorrow": 1, "the day after tomorrow": 2,
    "day after tomorrow": 2,
}  # fmt: skip
_NEARS = "|".join(sorted(_NEAR, key=len, reverse=True))
_WHICH_RU = r"(?P<which>следующ\w+|будущ\w+|прошл\w+|эт(?:ой|у|от|ом|а|о)|ближайш\w+)"
_WHICH_EN = r"(?P<which>next|last|this|coming)"
_RULES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], Moment | None]], ...] = tuple(
    (re.compile(pattern), read)
    for pattern, read in (
        (rf"\b(?:{_NEARS})\b(?<!now)", _near),
        (
            rf"\b(?:{_COUNT} )?(?:weeks?|(?P<fortnight>fortnights?)) from "
            rf"(?:(?P<near>{_NEARS})|{_EN_DAY})\b",
            _from,
        ),
        (r"\b(?:in )?a fortnight(?P<ago> ago)?\b", _fortnight),
        (r"\bчерез полгода\b|\bполгода (?P<ago>назад)\b", _half_year),
        (r"\bin half a year\b|\bhalf a year (?P<ago>ago)\b", _half_year),
        (rf"\b(?:(?:(?:во?|к|до|с|(?P<meant>на)) )(?:{_WHICH_RU} )?){_RU_DAY}\b", _weekday),
        (rf"\b{_WHICH_RU} {_RU_DAY}\b", _weekday),
        (
            rf"(?<!every )(?<!each )\b(?:on |by |until |"
            rf"(?P<meant>for ))?(?:{_WHICH_EN} )?{_EN_DAY}\b(?!s| after next"
            rf"| week)",
            _weekday,
        ),
        (r"\b(?:на |в )?(?P<which>следующ\w+|прошл\w+|этой) недел[еию]\b", _week),
        (r"\b(?P<which>next|last|this) week\b", _week),
        (r"\b(?:на |в )?(?P<which>следующ\w+|прошл\w+|эти|этих) (?P<end>выходн\w+)", _week),
        (r"\b(?P<which>next|last|this) (?P<end>weekend)\b", _week),
        (r"\b(?:на (?P<end>выходных)|в (?P<end_>выходные))\b", _week),
        (r"\b(?:at|on|over) the (?P<end>weekend)\b", _week),
        (r"\bв (?P<which>следующем|прошлом|этом) месяце\b", _month),
        (r"\b(?P<which>next|last|this) month\b", _month),
        (r"\bв (?P<which>следующем|прошлом|этом) году\b", _year),
        (r"\b(?P<which>next|last|this) year\b", _year),
        (rf"\bчерез (?:{_COUNT} )?{_UNIT}\b", _distance),
        (rf"\bin (?:a )?{_COUNT} (?:of )?{_UNIT}\b(?:['’]? time\b)?", _distance),
        (rf"\b(?:a )?{_COUNT} (?:of )?{_UNIT} (?P<ago>назад|ago)\b", _distance),
        (rf"\b(?:(?P<n>)){_UNIT} (?P<ago>назад)\b", _distance),
    )
)

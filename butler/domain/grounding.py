"""Whether a text says only what its source says: no number, date, address or name of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache

import attrs

from butler.domain.dates import moments
from butler.domain.event import Event
from butler.domain.stems import plain, stem, words

_NUMBER = re.compile(r"\d+")
_ADDRESS = re.compile(
    r"\b[a-z][a-z0-9+.-]*://[^\s«»\"'<>()]+|\bwww\.\S+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?<!\w)@\w{3,}"
    r"|\b[\w-]+\.(?:com|org|net|ru|io|dev|рф|info|me|uk|de)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
_SENTENCE_END = re.compile(r"(?:^|[.!?…:;\n«“\"(—–•*#]|- )\s*$")
_MONTHS = (
    "января январь январе january", "февраля февраль феврале february", "марта март марте march",
    "апреля апрель апреле april", "мая май мае may", "июня июнь июне june", "июля июль июле july",
    "августа август августе august", "сентября сентябрь сентябре september",
    "октября октябрь октябре october", "ноября ноябрь ноябре november",
    "декабря декабрь декабре december",
)  # fmt: skip
_WEEKDAYS = (
    "понедельник понедельника понедельнику вторник вторника вторнику среда среду среды четверг "
    "четверга пятница пятницу пятницы суббота субботу субботы воскресенье воскресенья "
    "monday tuesday wednesday thursday friday saturday sunday"
)
# Small, "may" and "march" are other words.
_DATE_WORDS = frozenset(" ".join((*_MONTHS, _WEEKDAYS)).split()) - {"may", "march"}
# Capitalised by manners or grammar, not as names.
_COURTESY = frozenset(
    (
        *("вы", "вас", "вам", "вами", "ваш", "ваша", "ваше", "ваши", "вашего", "вашей"),
        *("гость", "гостя", "гостю", "дворецкий", "дворецкого", "дворецкому"),
        *("guest", "butler", "user", "assistant", "i", "i'm", "i'll", "i've", "i'd"),
    )
)
_APOSTROPHE = re.compile("['’]")
_ENDING = re.compile("[аеиоуыэюяйьaeiouy]{1,2}$")


@attrs.frozen
class Source:
    """What a text may draw upon, prepared for comparison."""

    text: str
    stems: frozenset[str]
    numbers: frozenset[str]
    days: frozenset[date]
    stamps: frozenset[str] = frozenset()


def source_of(events: Iterable[Event], others: Sequence[str] = ()) -> Source:
    """The source made of events (with the days they were said on and speak of) and other texts."""
    texts, days, stamps = list(others), set(), set()
    for event in events:
        texts.append(event.content)
        said = event.created_at.date()
        days.add(said)
        for moment in moments(event.content, said):
            days.update(moment.days)
            stamps.add(moment.stamp)
    whole = plain("\n".join(texts))
    roots = frozenset(root for part in set(_parts(whole)) for root in (stem(part), _root(part)))
    numbers = frozenset(number.lstrip("0") for number in _NUMBER.findall(whole))
    return Source(whole, roots, numbers, frozenset(days), frozenset(stamps))


def invented(text: str, source: Source) -> str | None:
    """The first thing in the text that its source lacks, as a reason; None if all is grounded."""
    for address in _ADDRESS.findall(text):
        if plain(address).rstrip(".,;:!?)/") not in source.text:
            return f"address {address}"
    text = undated(text, source)
    for number in _NUMBER.findall(text):
        if number.lstrip("0") not in source.numbers:
            return f"number {number}"
    for match in _WORD.finditer(text):
        word, before = match.group(), text[max(0, match.start() - 8) : match.start()]
        if _checked(word, before) and not knows(source, word):
            return f"name {word}"
    return None


def knows(source: Source, word: str) -> bool:
    """Whether the source has this word in some form; of a compound, each part."""
    return all(
        stem(part) in source.stems or _root(part) in source.stems
        for part in _parts(word)
        if len(part) > 1
    )


def _parts(text: str) -> list[str]:
    """The words as they are compared, and the parts of those with an apostrophe."""
    parts = words(text)
    if "'" in text or "’" in text:
        return [part for word in parts for part in _APOSTROPHE.split(word)]
    return parts


def _checked(word: str, before: str) -> bool:
    """Whether a word must be in the source: names, and the names of days and months.

    `before`: the eight characters before it.
    """
    if plain(word) in _DATE_WORDS:
        return True
    if not word[0].isupper() or plain(word).replace("’", "'") in _COURTESY:
        return False
    return not _SENTENCE_END.search(before)


@lru_cache(maxsize=1 << 16)
def _root(word: str) -> str:
    """The stem without its last vowels: names keep more of their endings than other words."""
    stemmed = stem(word)
    root = _ENDING.sub("", stemmed)
    return root if len(root) > 2 else stemmed


def undated(text: str, source: Source) -> str:
    """The text without the dates that its source speaks of, however they are written."""
    for stamp in source.stamps:
        text = re.sub(rf"(?<![\d-]){re.escape(stamp)}(?![\d-])", "", text)
    for day in source.days:
        names = "|".join(_MONTHS[day.month - 1].split())
        year = rf"(?:,? {day.year}(?: года| г\.)?)?"
        forms = (
            day.isoformat(),
            rf"0?{day.day}\.0?{day.month}\.{day.year}",
            rf"0?{day.day}(?:st|nd|rd|th)? (?:{names}){year}",
            rf"(?:{names}) 0?{day.day}(?:st|nd|rd|th)?{year}",
        )
        text = re.sub(rf"(?<!\d)(?:{'|'.join(forms)})(?!\d)", "", text, flags=re.IGNORECASE)
    return text

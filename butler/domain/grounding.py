"""Whether a text says only what its source says: no number, date, address or name of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import pairwise

import attrs

from butler.domain.dates import moments
from butler.domain.event import Event
from butler.domain.stems import bare, plain, stem, words
from butler.domain.vocabulary import given_name, ordinary, plain_word

_NUMBER = re.compile(r"\d+|[¹²³¼-¾⅐-⅞Ⅰ-ↂ]")
_ADDRESS = re.compile(
    r"\b[a-z][a-z0-9+.-]*://[^\s«»\"'<>()]+|\bwww\.\S+|(?<![\w.+-])[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+|(?<!\w)@\w{3,}"
    r"|\b(?:[\w-]{2,}\.)+(?:(?-i:[a-z]{2,}|[A-Z]{2,})|рф|рус|бел|укр|онлайн|сайт)\b(?!')(?:/\S*)?",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
# Behind these a capital is grammar's; behind a quotation mark it may be a title's.
_OPENING = re.compile(r"(?:^|[.!?…:;\n(—–•*#]|- )[\s«“\"]*$")
_SENTENCE = re.compile(r"[^.!?…\n]+[.!?…\n]*\s*")
_MONTHS = (
    "января январь январе january", "февраля февраль феврале february", "марта март марте march",
    "апреля апрель апреле april", "мая май мае may", "июня июнь июне june", "июля июль июле july",
    "августа август августе august", "сентября сентябрь сентябре september",
    "октября октябрь октябре october", "ноября ноябрь ноябре november",
    "декабря декабрь декабре december",
)  # fmt: skip
_WEEKDAYS = (
    "понедельник вторник среда среду среды средам четверг пятница суббота воскресенье воскресений "
    "monday tuesday wednesday thursday friday saturday sunday"
)
# Small, "may" and "march" are other words, but not behind these.
_DATE_STEMS = frozenset(map(stem, " ".join((*_MONTHS, _WEEKDAYS)).split())) - {"may", "march"}
_MAY = re.compile(r"\b(?:in|since|until|till|by|during|last|next|this|early|late|of) (may|march)\b")
_NUMERALS = {
    form: value
    for value, forms in (
        ("2", "два две двух двум двумя двое двоих дважды two twice"),
        ("3", "три трех трем тремя трое троих трижды three thrice"),
        ("4", "четыре четырех четырем четырьмя четверо четверых four"),
        ("5", "пять пяти пятью пятеро five"), ("6", "шесть шести шестью шестеро six"),
        ("7", "семь семи семью семеро seven"), ("8", "восемь восьми восемью восьмеро eight"),
        ("9", "девять девяти девятью nine"), ("10", "десять десяти десятью ten"),
        ("11", "одиннадцать одиннадцати eleven"), ("12", "двенадцать двенадцати twelve"),
        ("13", "тринадцать тринадцати thirteen"), ("14", "четырнадцать четырнадцати fourteen"),
        ("15", "пятнадцать пятнадцати fifteen"), ("16", "шестнадцать шестнадцати sixteen"),
        ("17", "семнадцать семнадцати seventeen"), ("18", "восемнадцать восемнадцати eighteen"),
        ("19", "девятнадцать девятнадцати nineteen"), ("20", "двадцать двадцати twenty"),
        ("30", "тридцать тридцати thirty"), ("40", "сорок сорока forty"),
        ("50", "пятьдесят пятидесяти fifty"), ("60", "шестьдесят шестидесяти sixty"),
        ("70", "семьдесят семидесяти seventy"), ("80", "восемьдесят восьмидесяти eighty"),
        ("90", "девяносто ninety"), ("100", "сто ста hundred"), ("200", "двести"),
        ("1000", "тысяча тысячи тысяч тысячу thousand"), ("1000000", "миллион million"),
    )
    for form in forms.split()
}  # fmt: skip
# Capitalised by manners or grammar, not as names.
_COURTESY = frozenset(
    (
        *("вы", "вас", "вам", "вами", "ваш", "ваша", "ваше", "ваши", "вашего", "вашей"),
        *("гость", "гостя", "гостю", "дворецкий", "дворецкого", "дворецкому"),
        *("guest", "butler", "user", "assistant", "i", "i'm", "i'll", "i've", "i'd"),
    )
)
_LATIN, _CYRILLIC, _LETTER = map(re.compile, ("[A-Za-z]", "[\u0400-\u052f]", r"[^\W\d_]"))
_QUOTES = ("«", "“", '"')
_APOSTROPHE = re.compile("['’]")


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
    roots = frozenset(
        root for part in set(_parts(whole)) for root in (stem(part), bare(stem(part)))
    )
    numbers = frozenset(number.lstrip("0") for number in _NUMBER.findall(whole))
    numbers |= {value for _, value in _spelt(whole)}
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
    for word, value in _spelt(text):
        if value not in source.numbers:
            return f"number {word}"
    for month in _MAY.findall(plain(text)):
        if not knows(source, month):
            return f"name {month}"
    foreign = _foreign_to(text)
    for match in _WORD.finditer(text):
        word, before = match.group(), text[max(0, match.start() - 8) : match.start()]
        checked = _checked(word, before) or (foreign.match(word) and not ordinary(word))
        if checked and not knows(source, word):
            return f"name {word}"
    return None


def without_strangers(text: str, source: Source) -> str:
    """The text without the sentences that have a `stranger`."""
    return "".join(s for s in _SENTENCE.findall(text) if not stranger(s, source)).strip()


def stranger(text: str, source: Source) -> str | None:
    """The first word that nobody said and that stands as a name may.

    With a capital that grammar asks for, and no plain word.
    """
    for match in _WORD.finditer(text):
        word = match.group()
        if word[0].isupper() and _OPENING.search(text[max(0, match.start() - 8) : match.start()]):
            courtesy = plain(word).replace("’", "'") in _COURTESY
            if not (courtesy or knows(source, word) or plain_word(word)):
                return word
    return None


def knows(source: Source, word: str) -> bool:
    """Whether the source has this word in some form; of a compound, each part."""
    return all(
        stem(part) in source.stems or bare(stem(part)) in source.stems
        for part in _parts(word)
        if len(part) > 1
    )


def _foreign_to(text: str) -> re.Pattern[str]:
    """How words in another alphabet than most of the text begin: as good as names, however small.

    Between Cyrillic and Latin alone.
    """
    return _LATIN if 2 * len(_CYRILLIC.findall(text)) > len(_LETTER.findall(text)) else _CYRILLIC


def _spelt(text: str) -> Iterator[tuple[str, str]]:
    """The numbers in words, each with its value in digits; "thirty six" is 36."""
    spoken = [*words(text), ""]
    after_tens = False
    for word, following in pairwise(spoken):
        value, unit = _NUMERALS.get(word, ""), _NUMERALS.get(following, "")
        if after_tens and len(value) == 1:
            after_tens = False
            continue
        after_tens = len(value) == 2 and value > "19" and len(unit) == 1
        if after_tens:
            yield f"{word} {following}", value[0] + unit
        elif value:
            yield word, value


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
    folded = plain(word).replace("’", "'")
    if folded not in ("may", "march") and stem(folded) in _DATE_STEMS:
        return True
    if given_name(folded.split("'")[0]):
        return True
    if not word[0].isupper() or folded in _COURTESY:
        return False
    if not _OPENING.search(before):
        return True
    return before.rstrip().endswith(_QUOTES) and not ordinary(word)


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

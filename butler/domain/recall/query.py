"""What a question asks for: its words, whose words, and of which time."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache

import attrs

from butler.domain.recall.forms import base_form
from butler.domain.recall.spans import Span, spans
from butler.domain.stems import content_stems, plain, signs, stem, stems_of, words
from butler.domain.text import holds_any

# Words that make a sentence a question, or a request to remember; they tell nothing of its matter.
_ASKING_WORDS = (
    "when where why how much many whose whom would could should might can will remember remind "
    "recall tell когда где куда откуда почему зачем сколько какой какая какое какие каком какую "
    "каких кто кого кому кем чей чья чье чьи чем чего чему ли помнишь помните напомни напомните "
    "вспомни расскажи скажи"
)
# Words for whatever was done or said: beside the days asked about they tell nothing, either.
_HAPPENING_WORDS = (
    "happen happened happening event events do doing talk talked discuss discussed mention "
    "mentioned said say tell up news делать делал делала делали занимался занималась занимались "
    "происходило происходит случилось случалось было говорили говорил говорила обсуждали "
    "рассказывал рассказывала события новости"
)
_HAPPENING = frozenset(stem(word) for word in _HAPPENING_WORDS.split())
# With the butler it is the guest who asks: "my" is about what the guest said.
GUEST = "user"
_OF_ME_WORDS = (
    "i me my mine our us we я мне меня мной мой моя мое мои моего моей моему моих моим мою моем "
    "мы нас нам наш наша наше наши нашего нашей нашу"
)
_OF_ME = frozenset(_OF_ME_WORDS.split())
_WHEN = re.compile(
    r"\b(?:when|how long|what (?:date|day|month|year|time)|когда|как(?:ого|ой|ом|ую)? "
    r"(?:числ|дат|ден|дня|месяц|год)|сколько времени|как давно|с каких пор)"
)
_TIME = re.compile(
    r"\d|\b(?:yesterday|today|tonight|tomorrow|ago|last|next|weeks?|weekends?|months?|years?|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?|january|february|march|april|may|june|july|"
    r"august|september|october|november|december|recently|just|soon|"
    r"вчера|позавчера|сегодня|завтра|послезавтра|недел\w*|выходн\w+|месяц\w*|год\w*|лет|назад|"
    r"понедельник\w*|вторник\w*|сред[уые]|четверг\w*|пятниц\w+|суббот\w+|воскресень\w+|"
    r"январ\w+|феврал\w+|март\w*|апрел\w+|ма[йяе]|июн\w+|июл\w+|август\w*|сентябр\w+|октябр\w+|"
    r"ноябр\w+|декабр\w+|недавно|скоро|через|утром|вечером|прошл\w+|следующ\w+)\b"
)
_ASKING = frozenset(map(stem, (*_ASKING_WORDS.split(), *_OF_ME)))
_THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?:[ \u00a0\u202f,.']\d{3})+(?![\d.,]*\d)")
_PARTING = re.compile(r"\D")
# Without any of these `_WHEN` finds nothing.
_WHEN_HINTS = ("when", "how long", "what ", "когда", "как", "сколько", "с каких")


@attrs.frozen
class Query:
    """A question taken apart.

    `terms` with their counts; `named`: those of the speakers it names; `wants_time`: it asks when;
    `spans`: the days it speaks of.
    """

    terms: Mapping[str, int]
    named: frozenset[str]
    wants_time: bool
    spans: tuple[Span, ...]


def terms(text: str) -> list[str]:
    """The words of a text as they are indexed: stems of what carries meaning, by base form.

    Numbers without what parts their thousands; signs of scripts without spaces one by one, too.
    """
    return [form for stemmed in content_stems(_joined(text)) for form in _forms(stemmed)]


def _forms(stemmed: str) -> Sequence[str]:
    return (base_form(stemmed),) if stemmed.isascii() else (base_form(stemmed), *signs(stemmed))


def _joined(text: str) -> str:
    return _THOUSANDS.sub(lambda found: _PARTING.sub("", found.group()), text)


def tells_time(text: str) -> bool:
    """Whether a text holds a number or speaks of days, weeks, months or years."""
    return _TIME.search(plain(text)) is not None


def understood(text: str, when: datetime, speakers: Mapping[str, frozenset[str]]) -> Query:
    """Take a question apart, asked at `when` of those speakers (each with the stems of its name).

    A name that all speakers share tells none apart, and is a word like others.
    """
    said_of, rest = spans(text, when.date())
    text = _joined(text)
    spoken = words(text)
    stems = {stem(word) for word in spoken}
    common = frozenset.intersection(*speakers.values()) if speakers else frozenset()
    named = {who for who, name in speakers.items() if (name - common) & stems}
    names = frozenset().union(*(speakers[who] - common for who in named))
    if not named and GUEST in speakers and not _OF_ME.isdisjoint(spoken):
        named = {GUEST}
    counts: dict[str, int] = {}
    idle = _ASKING | names | (_HAPPENING if said_of else frozenset())
    meant = content_stems(rest) if said_of else stems_of(spoken)
    for term in meant:
        for form in _forms(term) if term not in idle else ():
            counts[form] = counts.get(form, 0) + 1
    if not counts and not said_of:
        counts = dict.fromkeys(map(base_form, names & set(content_stems(text))), 1)
    return Query(counts, frozenset(named), _asks_when(plain(text)), said_of)


def _asks_when(text: str) -> bool:
    return holds_any(text, _WHEN_HINTS) and _WHEN.search(text) is not None


@lru_cache(maxsize=1024)
def name_stems(who: str) -> frozenset[str]:
    """The stems by which a speaker is called; single letters and function words are no names."""
    return frozenset(part for part in content_stems(who) if len(part) > 1)

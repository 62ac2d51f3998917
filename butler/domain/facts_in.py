"""What a guest says of themselves, found by the plain patterns of Russian and English.

Beside the language model's finding, so that nothing plainly said depends on its care. A value is
always a piece of the message itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from butler.domain.dates import moments
from butler.domain.fact_rules import COMPILED, HINTS, OWN, SHORTENED, SMALL_NAME
from butler.domain.keys import called
from butler.domain.profile import Language
from butler.domain.stems import plain, words
from butler.domain.subject import of_another
from butler.domain.tense import is_past
from butler.domain.text import holds_any
from butler.domain.vocabulary import given_name

_ACCUSATIVE = (("пса", "пес"), ("отца", "отец"), ("дочь", "дочь"), ("мать", "мать"))
_QUESTION = re.compile(r"\?[\s)»\"]*$")
_WHOLE = "".join(rf"(?<!\b{short}\.)" for short in SHORTENED)
_SENTENCES = re.compile(rf"(?<=[.!?…\n]){_WHOLE}\s+", re.IGNORECASE)
_IF = re.compile(
    r"^(?:если|допустим|представь|бы|if|suppose|imagine|say i)\b|\bесли бы\b|\bif i (?:were|was)\b"
)
_SAID_BY_OTHERS = re.compile(
    r"\b(?:дочь|дочка|сын|мама|папа|жена|муж|брат|сестра|друг|подруга|он|она|wife|husband|mom|mum|"
    r"dad|sister|brother|son|daughter|he|she):\s*[«\"“]|[»\"”],?\s*[—–-]?\s*(?:сказал|говорит"
    r"|ответил|said|says)|"
    r"\b(?:сказал|сказала|говорит|говорил|говорила|said|says|told me|tells)\b[^.]{0,12}[:«\"“]"
)
_CLAUSES = re.compile(rf"(?<=[!?;…\n])\s*|(?<=\.){_WHOLE}(?!\d)\s*|\n", re.IGNORECASE)
_MONTHS = (
    r"(?:января|февраля|марта|апреля|мая|июня|июля|августа|сентября|октября|ноября|декабря|january|"
    r"february|march|april|may|june|july|august|september|october|november|december)"
)
_CALENDAR = re.compile(
    rf"\b\d{{1,2}}(?:-?го|st|nd|rd|th)? (?:of )?{_MONTHS}\b|\b{_MONTHS} \d{{1,2}}\b|"
    rf"\b\d{{4}}-\d\d-\d\d\b"
)
_BORN = re.compile(r"\b(?:родил\w+|born|birthday|день рождения)\b")
_FIRST_PERSON = re.compile(
    r"\b(?:я|мы|меня|нас|мне|нам|мой|моя|мое|мои|моей|моего|наш|наша|i|we|my|our|me|us)\b|"
    r"\bi['’]|\bwe['’]"
    r"|\b(?:еду|иду|лечу|поеду|пойду|полечу|буду|будем|\w{3,}(?:аю|ею|яю|ую|ем|им|жу|чу|шу|лю))\b"
)
_PLAN_WORDS = 14
_LEADING = re.compile(r"^(?:очень|просто|really|just|that|что|it when|to be)\s+", re.IGNORECASE)
_TRAILING = re.compile(r"\s+(?:any ?more|больше|теперь|now|these days)$", re.IGNORECASE)
_EMPTY = frozenset(
    words(
        "это этот эту так там тут его ее их вас тебя тебе вам вами когда если что чтобы как it "
        "that this "
        "them you him her when if how what there here so to your"
    )
)


def facts_in(text: str, language: Language) -> Iterator[tuple[str, str]]:
    """(key, value) of what a message plainly tells of its writer; keys in the profile's language.

    Questions, suppositions and quoted speech of others tell nothing.
    """
    for sentence in _SENTENCES.split(text):
        folded = plain(sentence)
        if not holds_any(folded, HINTS):
            continue
        if _QUESTION.search(sentence) or _IF.search(folded) or _SAID_BY_OTHERS.search(folded):
            continue
        for name, rule in COMPILED:
            for found in rule.finditer(sentence):
                value = _value(found)
                if value and not of_another(folded, _at(found)):
                    yield called(name, language), value
        if (small := SMALL_NAME.search(sentence)) and given_name(small["v"]):
            yield called("name", language), small["v"]
        for rule in OWN:
            for found in rule.finditer(sentence):
                if value := _value(found):
                    yield _nominative(plain(found.group("k"))), value


def plans_in(text: str, said: date) -> Iterator[str]:
    """What the writer has before them, on a day that is named: whole clauses."""
    for clause in _CLAUSES.split(text):
        folded = plain(clause)
        if not _FIRST_PERSON.search(folded) or len(folded.split()) > _PLAN_WORDS:
            continue
        if _QUESTION.search(clause) or _IF.search(folded) or _SAID_BY_OTHERS.search(folded):
            continue
        ahead = any(not m.days or m.days[-1] > said for m in moments(clause, said))
        if ahead or _planned(folded):
            yield clause.strip(" ,—–-«»\"'.!…")


def _planned(folded: str) -> bool:
    """Whether a day of the calendar is named for what is ahead; a birthday is no plan."""
    found = _CALENDAR.search(folded)
    return found is not None and not _BORN.search(folded) and not is_past(*found.span(), folded)


def _at(found: re.Match[str]) -> int:
    """Where the value stands."""
    return max(found.start(group) for group in ("v", "w") if group in found.re.groupindex)


def _value(found: re.Match[str]) -> str:
    groups = found.groupdict()
    value = _LEADING.sub("", (groups.get("v") or groups.get("w") or "").strip(" ,—–-«»\"'"))
    value = _TRAILING.sub("", value)
    first = plain(value).split()[0] if value else ""
    if first in _EMPTY:
        return ""
    # A Russian place stands in the case that its preposition asks for, and reads ill without it.
    before = plain(groups.get("p") or "")
    bare = before not in ("в ", "во ", "на ") or value == value.rstrip("еуюи")
    return value if bare or not value else f"{groups['p']}{value}"


def _nominative(key: str) -> str:
    """A Russian noun as after "my" (accusative) in its first form, as well as endings tell."""
    head, _, noun = key.rpartition(" ")
    for form, first in _ACCUSATIVE:
        if noun == form:
            return f"{head} {first}".strip()
    for ending, instead in (("ую", "ая"), ("его", "ий"), ("ого", "ый")):
        if head.endswith(ending):
            head = head[: -len(ending)] + instead
    if re.search("[а-я]", noun) and len(noun) > 3:
        if noun.endswith(("у", "ю")):
            noun = noun[:-1] + ("а" if noun.endswith("у") else "я")
        elif noun.endswith("а") and head == "" and noun in _MASCULINE:
            noun = noun[:-1]
        elif noun.endswith("я") and noun in _MASCULINE:
            noun = noun[:-1] + "й"
    return f"{head} {noun}".strip()


_MASCULINE = frozenset(
    words(
        "кота сына брата мужа друга внука деда кролика хомяка попугая щенка начальника соседа "
        "племянника шефа коня отчима партнера жениха коллегу тестя зятя крестника"
    )
)

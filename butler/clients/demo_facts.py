"""What a guest said of themselves, found by simple patterns in Russian and English.

The demo brain's memory: a real model reads for itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import attrs

_END = r"(?=[.,;!?\n()]|$| и меня| и я| and I\b| а | but | но )"
_NAME = r"(?P<v>[^\W\d_][\w'’-]{0,30}(?: (?-i:[А-ЯЁA-Z])[\w'’-]{1,30})?)"
_SHORT = r"(?P<v>[\w'’+#%-]+(?: [\w'’+#%-]+){0,7}?)" + _END
_PETS_RU = r"кот|кошк[аиу]|кота|собак[аиу]|п[её]с|пса|попуга[йя]|хомяк[а]?|щен(?:ок|ка)"
_PETS_EN = r"cat|dog|kitten|puppy|parrot|hamster|horse"

_PATTERNS: tuple[tuple[str, str], ...] = (
    ("name", r"(?:меня зовут|мо[её] имя(?: —| -)?|зовите меня|зови меня) " + _NAME),
    ("name", r"(?:my name is|my name's|call me) " + _NAME),
    ("age", r"мне (?P<v>\d{1,3} (?:лет|года?))\b"),
    ("age", r"(?:i am|i'm|i’m) (?P<v>\d{1,3}) years? old"),
    ("city", r"(?:я )?(?:живу|переехала?) в(?:о)? (?P<v>[\w-]+(?: (?-i:[А-ЯЁ])[\w-]+)?)"),
    ("city", r"\bя (?:родом )?из (?P<v>(?-i:[А-ЯЁ])[\w-]+(?: (?-i:[А-ЯЁ])[\w-]+)?)"),
    ("city", r"i(?: now)? (?:live in|moved to) (?P<v>[\w'’-]+(?: (?-i:[A-Z])[\w'’-]+){0,2})"),
    ("city", r"(?:i'm|i’m|i am|i come) from (?P<v>[\w'’-]+(?: (?-i:[A-Z])[\w'’-]+){0,2})"),
    ("work", r"\bя (?:работаю|тружусь)(?: как)? " + _SHORT),
    ("work", r"i work (?:as (?:an? )?)?" + _SHORT),
    ("dislikes", r"\bя (?:очень )?(?:не люблю|не выношу|ненавижу) " + _SHORT),
    ("dislikes", r"i (?:really )?(?:don't like|don’t like|do not like|dislike|hate) " + _SHORT),
    ("likes", r"\bя (?:очень )?(?:люблю|обожаю) " + _SHORT),
    ("likes", r"мне (?:очень )?нрав(?:ится|ятся) " + _SHORT),
    ("likes", r"i (?:really |also )?(?:like|love|enjoy|adore) " + _SHORT),
    ("birthday", r"(?:мой день рождения|my birthday is)(?: —| -|:)? " + _SHORT),
    (
        "pet",
        rf"у меня (?:есть |жив[её]т )?"
        rf"(?P<v>(?:{_PETS_RU})(?: по имени| по кличке|,? зовут)? (?-i:[А-ЯЁ])\w+)",
    ),
    ("pet", rf"мо(?:его|ю|ей|я|й) (?P<v>(?:{_PETS_RU}),? зовут (?-i:[А-ЯЁ])\w+)"),
    ("pet", rf"i have an? (?P<v>(?:{_PETS_EN})(?: named| called)? (?-i:[A-Z])\w+)"),
    (
        "pet",
        rf"my (?P<v>(?:{_PETS_EN})(?:(?:'s|’s) name is| is called) (?-i:[A-Z])\w+)",
    ),
    ("note", r"запомни(?:те)?[,:]?(?: пожалуйста,?)?(?: что)?:? (?P<v>[^.!?\n]{3,120})"),
    ("note", r"\bremember(?: please)?(?: that|:)(?P<v> [^.!?\n]{3,120})"),
)
# Case counts only where a name goes on or begins: (?-i:…).
_COMPILED = tuple((key, re.compile(pattern, re.IGNORECASE)) for key, pattern in _PATTERNS)
_FAVOURITE = re.compile(
    r"мо(?:й|я|[её]|и) (?P<k>любим\w+ \w+)(?: —| -|:| это)+ (?P<v>[\w'’-]+(?: [\w'’-]+){0,3})"
    r"|my (?P<k2>favou?rite \w+)(?: is|:) (?P<v2>[\w'’-]+(?: [\w'’-]+){0,3})",
    re.IGNORECASE,
)
_ROW = re.compile(
    r"^[ \t]*(?:[-*•][ \t]*)?«?(?P<k>[^\W\d][\w '’-]{1,40}?)»?[ \t]*[:=—][ \t]+"
    r"«?(?P<v>[^«»\n]{1,300}?)»?(?: \(\d{4}-\d\d-\d\d\))?[.;]?$",
    re.MULTILINE,
)
_OWN_WORDS = re.compile(r"^- \d{4}-\d\d-\d\d, (?:вы|you): .*$", re.MULTILINE)
_UNQUOTED = str.maketrans({"«": "\n", "»": ".\n"})
_TELEGRAM_NAME = ("имя в telegram", "name in telegram")
_KEYS = {
    "name": ("name", "имя", "guest's name", "имя гостя", "зовут", *_TELEGRAM_NAME),
    "city": ("city", "город", "место жительства", "home", "lives in", "живёт"),
    "age": ("age", "возраст"),
    "work": ("work", "job", "работа", "профессия", "profession", "occupation"),
    "likes": ("likes", "like", "любит", "любите", "нравится", "hobby", "увлечения"),
    "dislikes": ("dislikes", "не любит", "не любите"),
    "pet": ("pet", "питомец", "pets", "питомцы", "кот", "cat", "dog", "собака"),
    "birthday": ("birthday", "день рождения"),
    "note": ("to remember", "на память"),
}
_SYNONYMS = {word: key for key, words in _KEYS.items() for word in words}
_NOBODY = ("alfred", "альфред", "unknown", "неизвестно", "none", "—", "-")
_QUESTION = re.compile(r"\?\s*$")
_LISTED = ("likes", "dislikes", "note", "pet")  # these gather; of the others the newest holds


@attrs.frozen
class Said:
    """One thing said; `key` is one of ours ("name", …) or "favourite colour" and the like."""

    key: str
    value: str


def said(text: str) -> Iterator[Said]:
    """What one message tells of its writer. Questions tell nothing."""
    for sentence in re.split(r"(?<=[.!?\n])\s+", text):
        if _QUESTION.search(sentence):
            continue
        for key, pattern in _COMPILED:
            for found in pattern.finditer(sentence):
                value = found.group("v").strip(" ,—-")
                yield Said(key, value[0].upper() + value[1:] if key in ("name", "city") else value)
        for found in _FAVOURITE.finditer(sentence):
            key = (found.group("k") or found.group("k2")).lower()
            yield Said(key, found.group("v") or found.group("v2"))


def noted(system: str) -> Iterator[Said]:
    """What a system prompt tells of the guest, the surest last.

    That is: the name in Telegram, first-person sentences (a summary, recalled words), and rows such
    as "- «city»: «Казань» (2026-11-22)".
    """
    rows = list(_rows(system))
    yield from (Said("name", value) for key, value in rows if key in _TELEGRAM_NAME)
    yield from said(_OWN_WORDS.sub("", system).translate(_UNQUOTED))
    for key, value in reversed(rows):  # the newest stands first
        if key not in _TELEGRAM_NAME:
            yield Said(_SYNONYMS.get(key, key), value)


def _rows(system: str) -> Iterator[tuple[str, str]]:
    for found in _ROW.finditer(system):
        key, value = found["k"].strip().lower(), found["v"].strip()
        known = key in _SYNONYMS or "любим" in key or "favo" in key
        if known and value.lower() not in _NOBODY:
            yield key, value


class Knowledge:
    """All that is known, the newest of each kind first in line."""

    def __init__(self, things: Iterable[Said]) -> None:
        self._known: dict[str, list[str]] = {}
        for thing in things:
            values = self._known.setdefault(thing.key, [])
            if thing.key not in _LISTED:
                values.clear()
            if thing.value in values:
                values.remove(thing.value)
            values.append(thing.value)

    def __getitem__(self, key: str) -> str:
        """The values under `key`, joined; empty if none."""
        return ", ".join(self._known.get(key, ())[-4:])

    def favourite(self, question: str) -> tuple[str, str] | None:
        """(key, value) of the favourite that `question` is about."""
        words = set(re.findall(r"\w+", question.lower()))
        for key, values in self._known.items():
            noun = key.split()[-1]
            if " " in key and any(_same(noun, word) for word in words):
                return key, values[-1]
        return None

    def everything(self) -> list[tuple[str, str]]:
        """(key, values) of all there is."""
        return [(key, self[key]) for key in self._known]


def _same(one: str, other: str) -> bool:
    """Whether two words are the same but for an ending."""
    length = max(3, len(one) - 2)
    return one[:length] == other[:length]

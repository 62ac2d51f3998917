"""Plain words that ask for what a command does: remember, forget, correct, what do you know.

A message is a request only as a whole; whatever else it holds, idioms included, is talk. All that
erases is asked back, so a misreading here costs a question, and no memory.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import TypeAlias

import attrs

from butler.domain.forget_words import (
    ALL,
    CLAUSE,
    ERASE_WORDS,
    ERASED_DAYS,
    FORGET_WORDS,
    FORGOTTEN_DAYS,
    GO_ON,
    NAMED,
    NAMES,
    POINTING,
)
from butler.domain.own_questions import key_asked, named_in, told_in
from butler.domain.periods import Period
from butler.domain.request_words import (
    CORRECT_WORDS,
    HINT,
    OF_MINE,
    OF_ONESELF,
    OF_THE_MOMENT,
    REMEMBER_WORDS,
    REMINISCENCE,
    SCHEDULE,
    SENTENCES,
    STATEMENT,
    TAG,
)
from butler.domain.spoken_days import spoken_days
from butler.domain.stems import content_stems, plain
from butler.domain.tell_words import TELL

LIMIT = 1_000


@attrs.frozen
class Remember:
    """Keep `words`, as the guest wrote them: "remember that …"."""

    words: str


@attrs.frozen
class ForgetWords:
    """Forget what `words` point at: "forget that …", "forget about …"."""

    words: str


@attrs.frozen
class ForgetPeriod:
    """Forget some days: "forget last week"."""

    period: Period


@attrs.frozen
class ForgetAll:
    """Forget all: "forget everything"."""


@attrs.frozen
class Correct:
    """Correct a fact: "correct my city: Rome". Talk, unless something is known under `key`."""

    key: str
    value: str


@attrs.frozen
class Tell:
    """Tell what is known: "what do you know about me?"."""


Request: TypeAlias = Remember | ForgetWords | ForgetPeriod | ForgetAll | Correct | Tell


def understand(text: str, today: date) -> Request | None:
    """What a guest's message asks for; None for talk. `today` (UTC) is the day it was said."""
    said = _straight(text)
    folded = plain(said)
    if len(said) > LIMIT or len(folded) != len(said) or not HINT.search(folded):
        return None
    for rule in _RULES:
        found = rule(said, folded, today)
        if found is not None:
            return found
    return None


def _straight(text: str) -> str:
    """On one line, with straight apostrophes and no closing marks but a question's."""
    line = " ".join(text.replace("’", "'").split())
    return re.sub(r"[\s.!…)(]+$", "", line)


def _tell(_said: str, folded: str, _today: date) -> Request | None:
    return Tell() if TELL.fullmatch(folded.rstrip("? ")) else None


def _forget_all(_said: str, folded: str, _today: date) -> Request | None:
    found = ALL.fullmatch(_unasked(folded))
    return ForgetAll() if found and _an_order(found, folded) else None


def _forget_period(_said: str, folded: str, today: date) -> Request | None:
    asked = _unasked(folded)
    found = FORGOTTEN_DAYS.fullmatch(asked)
    erased = None if found else ERASED_DAYS.fullmatch(asked)
    found = found or erased
    if found is None or not _an_order(found, folded):
        return None
    named = spoken_days(found.group("when"), today, of_talk=bool(erased))
    return ForgetPeriod(named) if named else None


def _forget_asked(said: str, folded: str, _today: date) -> Request | None:
    """As "forget where I live": the words are those under which it is known."""
    found = CLAUSE.fullmatch(_unasked(folded))
    if found is None or not _an_order(found, folded):
        return None
    clause = found.group("words")
    if key := key_asked(clause):
        return ForgetWords(key)
    if POINTING.fullmatch(clause) or not (part := told_in(clause)):
        return None
    return _words(said, found.start("words") + part[0], found.start("words") + part[1])


def _forget_words(said: str, folded: str, _today: date) -> Request | None:
    asked = _unasked(folded)
    for pattern in (FORGET_WORDS, ERASE_WORDS):
        found = pattern.fullmatch(asked)
        if found is None or not _an_order(found, folded):
            continue
        group = next(name for name in _WHAT if name in pattern.groupindex and found.group(name))
        return _words(said, *found.span(group))
    return None


def _forget_named(said: str, folded: str, _today: date) -> Request | None:
    """As "forget Kate"."""
    found = NAMED.fullmatch(_unasked(folded))
    if found is None or not _an_order(found, folded):
        return None
    words = said[found.start("words") : found.end("words")]
    empty = any(not content_stems(each) for each in re.split(r",? and | и |[ ,]+", words))
    return None if empty or not NAMES.fullmatch(words) else _words(said, *found.span("words"))


def _words(said: str, start: int, end: int) -> Request | None:
    """What these words of the message point at, if they name it."""
    words = said[start:end].strip(" ,.:;-")
    meant = plain(words)
    if POINTING.fullmatch(meant) or GO_ON.search(meant) or SENTENCES.search(meant):
        return None
    if part := named_in(meant):
        words = words[part[0] : part[1]]
    return ForgetWords(words) if content_stems(words) else None


def _remember(said: str, folded: str, _today: date) -> Request | None:
    found = REMEMBER_WORDS.fullmatch(_unasked(folded) if _asks(folded) else folded)
    if found is None or (_asks(folded) and not found.group("modal")) or "?" in found.group():
        return None
    words = said[found.start("words") : found.end("words")]
    words = _PLEASE_LAST.sub("", words).strip(" ,:;")
    meant = plain(words)
    ordered = bool(found.group("that")) or ":" in found.group("gap") + (found.group("once") or "")
    least = 1 if ordered or _I_AM.match(meant) else 2
    if REMINISCENCE.match(meant) or len(content_stems(words)) < least:
        return None
    if found.group("mind"):
        fit = ordered and _of_oneself(meant)
    elif found.group("note"):
        fit = ordered or bool(OF_MINE.match(meant))
    else:
        russian = "remember" not in found.group("remember")
        fit = ordered or russian or bool(STATEMENT.match(meant))
    return Remember(words) if fit else None


def _of_oneself(meant: str) -> bool:
    """Whether it may be borne in mind for longer than this talk."""
    passing = OF_THE_MOMENT.search(meant) or SENTENCES.search(meant) or GO_ON.search(meant)
    return bool(OF_ONESELF.search(meant)) and not passing


def _correct(said: str, folded: str, _today: date) -> Request | None:
    found = CORRECT_WORDS.fullmatch(_unasked(folded))
    if found is None or not _an_order(found, folded) or SENTENCES.search(folded):
        return None
    group = "key" if found.group("key") else "one"
    if found.group("to") and SCHEDULE.match(found.group(group)):
        return None
    key = said[found.start(group) : found.end(group)].strip(" ,:")
    value = _PLEASE_LAST.sub("", said[found.start("value") : found.end("value")])
    return Correct(key, value.strip())


def _asks(folded: str) -> bool:
    return folded.endswith("?")


def _unasked(folded: str) -> str:
    return folded.rstrip("? ")


def _an_order(found: re.Match[str], folded: str) -> bool:
    """A question is an order only where it is a polite one; an infinitive needs its modal."""
    modal = bool(found.group("modal")) and not _OWN_WISH.search(folded)
    if _NO_ORDER.search(folded):
        return modal
    return modal or not _asks(folded) or bool(TAG.search(folded))


_NO_ORDER = re.compile(
    r"\b(?:забыть|забыл[аи]?|стереть|стер(?:л[аи])?|удалить|удалил[аи]?|очистить|обнулить|сбросить|"
    r"почистить|исправить|поправить|поменять|изменить|сменить|заменить|обновить|"
    r"(?:forgett|eras|delet|remov|updat)ing)\b"
)
# "I want to forget her", "I want to change my job": not the butler is to do that.
_OWN_WISH = re.compile(
    r"\b(?:хочу|нужно|хотел[аи]? бы|хотелось бы)[\s,]+"
    r"(?:забыть|поменять|изменить|сменить|заменить)\b"
)
_PLEASE_LAST = re.compile(r",?\s(?:пожалуйста|please)$", re.IGNORECASE)
_I_AM = re.compile(r"(?:я|мы|у меня|у нас|i|i'm|we|we're)\s")
_WHAT = ("words", "detail", "mine", "said", "kept")
_RULES: Sequence[Callable[[str, str, date], Request | None]] = (
    _tell, _forget_all, _forget_period, _forget_asked, _forget_words, _forget_named, _remember,
    _correct,
)  # fmt: skip

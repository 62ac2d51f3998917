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

from butler.domain.periods import Period, period
from butler.domain.request_words import (
    ALL,
    CORRECT_WORDS,
    FORGET,
    FORGET_WORDS,
    GO_ON,
    HINT,
    OPENING,
    PLEASE,
    POINTING,
    POSSESSED,
    REMEMBER_WORDS,
    REMINISCENCE,
    SAID_WHEN,
    SENTENCES,
    STATEMENT,
    TALK_OF,
    TELL,
    THIS_TALK,
    WHICH,
)
from butler.domain.stems import content_stems, plain

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
    found = re.fullmatch(rf"{OPENING}{FORGET}{PLEASE}?[\s,:]+(?P<when>.+?){PLEASE}?",
                         _unasked(folded))  # fmt: skip
    if found is None or not _an_order(found, folded):
        return None
    when = re.sub(r"^(?:про|о|об|about) ", "", found.group("when"))
    if THIS_TALK.fullmatch(when):
        when = "сегодня"
    named = period(when, today) or _spoken_then(when, today)
    return ForgetPeriod(named) if named else None


def _spoken_then(when: str, today: date) -> Period | None:
    """Days by what was said on them: "yesterday's talk", "what I said last week"."""
    if found := POSSESSED.fullmatch(when):
        return period(found.group("whose"), today)
    if found := TALK_OF.fullmatch(when):
        which = WHICH.get(found.group("which") or "")
        rest = found.group("when")
        if which and not rest:
            return period(which, today)
        if rest and not which:
            return period(rest, today)
    found = SAID_WHEN.fullmatch(when)
    return period(found.group("when"), today) if found else None


def _forget_words(said: str, folded: str, _today: date) -> Request | None:
    found = FORGET_WORDS.fullmatch(_unasked(folded))
    if found is None or not _an_order(found, folded):
        return None
    words = said[found.start("words") : found.end("words")].strip(" ,.:;-")
    meant = plain(words)
    if POINTING.fullmatch(meant) or GO_ON.search(meant) or SENTENCES.search(meant):
        return None
    return ForgetWords(words) if content_stems(words) else None


def _remember(said: str, folded: str, _today: date) -> Request | None:
    found = REMEMBER_WORDS.fullmatch(_unasked(folded) if _asks(folded) else folded)
    if found is None or (_asks(folded) and not found.group("modal")) or "?" in found.group():
        return None
    words = said[found.start("words") : found.end("words")].strip(" ,:;")
    meant = plain(words)
    english = "remember" in folded[: found.start("words")]
    ordered = bool(found.group("that")) or ":" in found.group("gap") + (found.group("once") or "")
    if REMINISCENCE.match(meant) or len(content_stems(words)) < 1 + (not ordered):
        return None
    if english and not ordered and not STATEMENT.match(meant):
        return None
    return Remember(words)


def _correct(said: str, folded: str, _today: date) -> Request | None:
    found = CORRECT_WORDS.fullmatch(_unasked(folded))
    if found is None or not _an_order(found, folded) or SENTENCES.search(folded):
        return None
    key = said[found.start("key") : found.end("key")].strip(" ,:")
    return Correct(key, said[found.start("value") : found.end("value")].strip())


def _asks(folded: str) -> bool:
    return folded.endswith("?")


def _unasked(folded: str) -> str:
    return folded.rstrip("? ")


def _an_order(found: re.Match[str], folded: str) -> bool:
    """A question is an order only where it is a polite one; an infinitive needs its modal."""
    modal = bool(found.group("modal"))
    if re.search(
        r"\b(?:забыть|забыл[аи]?|стереть|удалить|очистить|исправить|поправить|forgetting)\b", folded
    ):
        return modal
    return modal or not _asks(folded)


_RULES: Sequence[Callable[[str, str, date], Request | None]] = (
    _tell, _forget_all, _forget_period, _forget_words, _remember, _correct,
)  # fmt: skip

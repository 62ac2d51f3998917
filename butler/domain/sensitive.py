"""Passwords, card numbers, keys: found in a text, and masked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from butler.domain.secret_forms import (
    DIGIT,
    DIGITS,
    DOCUMENT,
    DOCUMENT_HINTS,
    HINTS,
    IBAN,
    IN_FOURS,
    KEY,
    KEY_HINT,
    LONG,
    NAME_HINTS,
    NAMED_FORMS,
    REST,
    SECRET,
)
from butler.domain.stems import plain, stems
from butler.domain.text import holds_any

MASK = "•••"

_ASKED = frozenset(stems("запомни запомните запомнить remember"))


def secret(text: str) -> bool:
    """Whether the text holds or names a password, a card number, a key or the like."""
    return bool(SECRET.search(plain(text))) or tells_secret(text)


def tells_secret(text: str) -> bool:
    """Whether a password, a card or document number, a key or the like stands in the text."""
    return next(_spans(text), None) is not None


def secrets_in(text: str) -> frozenset[str]:
    """The secrets that stand in the text, as written, in lower case."""
    return frozenset(text[start:end].casefold() for start, end in _spans(text))


def masked(text: str) -> str:
    """The text with every secret in it replaced by •••; all else as it is."""
    end, kept = 0, []
    for start, stop in sorted(_spans(text)):
        if stop > end:
            kept += [text[end : max(start, end)], MASK if start >= end else ""]
            end = stop
    return "".join((*kept, text[end:])) if kept else text


def guarded(text: str) -> str:
    """`masked`, and so is whatever follows the name of a secret in its clause, meant or not.

    For notes, which can do without: "мой пароль мама мыла раму" has no mark of being one.
    """
    text = masked(text)
    folded = _folded(text)
    if not holds_any(folded, NAME_HINTS):
        return text
    end, kept = 0, []
    for found in REST.finditer(folded):
        said = text[found.start("v") : found.end("v")]
        if any(map(str.isalnum, said)):
            before = len(said) - len(said.lstrip())
            kept += [text[end : found.start("v") + before], MASK]
            end = found.start("v") + len(said.rstrip())
    return "".join((*kept, text[end:]))


def unrepeated(text: str, said: Iterable[str]) -> str:
    """The text with every secret in it, and every one that was `said`, replaced by •••."""
    for told in frozenset().union(*map(secrets_in, said)):
        text = re.sub(re.escape(told), MASK, text, flags=re.IGNORECASE)
    return masked(text)


def asked_to_remember(text: str) -> bool:
    """Whether a guest's message says "remember"."""
    return not _ASKED.isdisjoint(stems(text))


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Where secrets stand, in no order."""
    folded = _folded(text)
    names = holds_any(folded, NAME_HINTS)
    if not (names or holds_any(text, HINTS) or DIGIT.search(text)):
        return
    named = NAMED_FORMS if names else ()
    documents = (DOCUMENT,) if holds_any(folded, DOCUMENT_HINTS) else ()
    for pattern in (*named, *documents):
        for found in pattern.finditer(folded):
            group = found.lastgroup
            if group is not None:
                start, end = found.span(group)
                yield start, start + len(text[start:end].rstrip(".!?)…"))
    for found in DIGITS.finditer(text):
        if _is_card(found.group()):
            yield found.span()
    for found in IN_FOURS.finditer(text):
        yield found.span()
    for pattern in (KEY, IBAN, LONG) if KEY_HINT.search(text) else ():
        for found in pattern.finditer(text):
            yield found.span()


def _folded(text: str) -> str:
    """`plain`, but of the same length, so that spans hold."""
    folded = text.lower().replace("ё", "е")
    return folded if len(folded) == len(text) else text


def _is_card(digits: str) -> bool:
    """Whether a run of digits is a card's (Luhn, ISO/IEC 7812), or an account's by its length."""
    numbers = [int(digit) for digit in digits if digit.isdecimal()]
    if len(numbers) in (13, 14, 15, 16, 19):
        doubled = (sum(divmod(2 * n, 10)) if at % 2 else n for at, n in enumerate(numbers[::-1]))
        if sum(doubled) % 10 == 0:
            return True
    # Written in fours, a slip of the pen is still a card.
    return len(numbers) >= 16

"""How many tokens a text costs, estimated and learned from what servers report."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from functools import lru_cache

import attrs

from butler.domain.chat import ChatMessage

# A chat template's own tokens around each message, and before the answer.
PER_MESSAGE = 4
PER_PROMPT = 3

_CYRILLIC = re.compile("[\u0400-\u052f]+")
_LATIN = re.compile("[A-Za-z \n]+")
_MARKS = re.compile("[\t\x21-\x40\x5b-\x60\x7b-\xbf\u2010-\u2027\u2030-\u203e\u2116]+")
# Tokens per character for Cyrillic, Latin with spaces, digits and marks, and all else (hieroglyphs,
# emoji); the first two as measured for multilingual vocabularies such as Qwen's.
_RATES = (1 / 2.4, 1 / 4, 0.7, 1.5)
_SWIFTNESS = 0.5
_LEAST, _MOST = 0.3, 3.0


@attrs.frozen
class Tokens:
    """An estimate for one model: a factor for each kind of character, learned from usage."""

    factors: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)

    def count(self, text: str) -> int:
        """Tokens of a text, rounded up; 0 only for the empty text."""
        return math.ceil(sum(self._shares(text)))

    def prompt(self, messages: Iterable[ChatMessage]) -> int:
        """Tokens of a whole prompt with what the chat template adds."""
        return PER_PROMPT + sum(self.count(turn.content) + PER_MESSAGE for turn in messages)

    def learned(self, messages: Iterable[ChatMessage], actual: int) -> Tokens:
        """The estimate after a server counted `actual` tokens for this prompt.

        Each factor moves by the part it had in the error, so that Russian turns leave the English
        factor alone. A count that can't be true (under 1) teaches nothing.
        """
        turns = tuple(messages)
        shares = self._shares("\n".join(turn.content for turn in turns))
        total, actual = sum(shares), actual - PER_PROMPT - PER_MESSAGE * len(turns)
        if total < 1 or actual < 1:
            return self
        error = math.log(actual / total)
        a, b, c, d = (
            min(max(factor * math.exp(_SWIFTNESS * error * share / total), _LEAST), _MOST)
            for factor, share in zip(self.factors, shares, strict=True)
        )
        return Tokens((a, b, c, d))

    def _shares(self, text: str) -> tuple[float, float, float, float]:
        cyrillic, latin, marks, other = _kinds(text)
        a, b, c, d = self.factors
        return (
            cyrillic * _RATES[0] * a,
            latin * _RATES[1] * b,
            marks * _RATES[2] * c,
            other * _RATES[3] * d,
        )


@lru_cache(maxsize=4096)
def _kinds(text: str) -> tuple[int, int, int, int]:
    """How many characters of each kind; a window's messages are counted with every prompt."""
    rest = _CYRILLIC.sub("", text)
    cyrillic = len(text) - len(rest)
    rest, before = _LATIN.sub("", rest), len(rest)
    latin = before - len(rest)
    other = len(_MARKS.sub("", rest))
    return cyrillic, latin, len(rest) - other, other

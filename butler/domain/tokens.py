"""How many tokens a text costs, estimated and learned from what servers report."""

from __future__ import annotations

import math
import operator
import string
from collections.abc import Iterable
from functools import lru_cache

import attrs

from butler.domain.chat import ChatMessage

# A chat template's own tokens around each message, and before the answer.
PER_MESSAGE = 4
PER_PROMPT = 3

_LATIN = string.ascii_letters.encode() + b" \n"
_MARKS = bytes((9, *range(0x21, 0x41), *range(0x5B, 0x61), *range(0x7B, 0xC0)))
# Tokens per character for Cyrillic, Latin with spaces, digits and marks, and all else (hieroglyphs,
# emoji); the first two as measured for multilingual vocabularies such as Qwen's.
_RATES = (1 / 2.4, 1 / 4, 0.7, 1.5)
_SWIFTNESS = 0.5
_LEAST, _MOST = 0.3, 3.0
# One prompt holds mostly what the one before it held: so many texts shorter than that are known.
_KEPT, _SHORT = 1 << 14, 500


# What a tokenizer is asked to count: everyday Russian, everyday English, figures and marks.
SAMPLES = (
    "Вчера вечером мы долго гуляли по набережной и говорили о том, куда поехать летом. Хочется "
    "тихого места у моря, где можно читать, плавать и никуда не спешить. Ещё надо купить билеты, "
    "предупредить соседей и договориться, кто будет кормить кошку. А завтра с утра придут друзья, "
    "и нужно успеть испечь пирог с яблоками.",
    "Yesterday evening we took a long walk along the river and discussed where to go in summer. "
    "We would prefer a quiet place by the sea, suitable for reading, swimming and never hurrying. "
    "Unfortunately the restaurant recommended by colleagues requires a reservation in advance. "
    "Tomorrow morning several friends are arriving, and there is an apple pie to be prepared.",
    "12:30; 45 - 2026-03-04, 1 500 + 7 = 1507 (98.6%) / #12 [3] & 19:05... 2 * 24 = 48! 8-800-555?",
)


@attrs.frozen
class Tokens:
    """An estimate for one model: a factor for each kind of character, learned from usage."""

    factors: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)
    _weights: tuple[float, float, float, float] = attrs.field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        weights = tuple(map(operator.mul, _RATES, self.factors))
        object.__setattr__(self, "_weights", weights)

    def count(self, text: str) -> int:
        """Tokens of a text, rounded up; 0 only for the empty text."""
        cyrillic, latin, marks, other = _known(text) if len(text) < _SHORT else _kinds(text)
        a, b, c, d = self._weights
        return math.ceil(cyrillic * a + latin * b + marks * c + other * d)

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

    def weighed(self, counts: Iterable[tuple[str, int]]) -> Tokens:
        """The estimate after a tokenizer counted texts, each mostly of one kind: see `SAMPLES`.

        Counts that can't be true (under 1) teach nothing.
        """
        factors = list(self.factors)
        for text, actual in counts:
            shares = Tokens(tuple(factors))._shares(text)  # type: ignore[arg-type]  # four of them
            main = max(range(len(shares)), key=shares.__getitem__)
            own = actual - sum(shares) + shares[main]
            if actual > 0 and own > 0:
                factors[main] = min(max(factors[main] * own / shares[main], _LEAST), _MOST)
        return Tokens(tuple(factors))  # type: ignore[arg-type]  # four of them

    def _shares(self, text: str) -> tuple[float, float, float, float]:
        a, b, c, d = map(operator.mul, _kinds(text), self._weights)
        return a, b, c, d


def forget() -> None:
    """Let go of the texts counted lately: some of their words are to be forgotten. Any thread."""
    _known.cache_clear()


def _kinds(text: str) -> tuple[int, int, int, int]:
    """How many characters of each kind: Cyrillic, Latin with spaces, digits and marks, the rest.

    By bytes, which costs a microsecond or two: a window's messages are counted with every prompt.
    The upper byte in UTF-16 tells Cyrillic (U+04xx) and typographers' marks (U+20xx).
    """
    narrow = text.encode("latin-1", "ignore")
    unread = narrow.translate(None, _LATIN)
    latin = len(narrow) - len(unread)
    marks = len(unread) - len(unread.translate(None, _MARKS)) if unread else 0
    if text.isascii():
        return 0, latin, marks, len(text) - latin - marks
    upper = text.encode("utf-16-le", "surrogatepass")[1::2]
    cyrillic = upper.count(0x04)
    marks += upper.count(0x20)
    return cyrillic, latin, marks, len(text) - cyrillic - latin - marks


_known = lru_cache(maxsize=_KEPT)(_kinds)

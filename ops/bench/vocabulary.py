"""Counts tokens as tokenizers do: by pieces of words, not by a rate of characters.

A word is one piece where it is short, else pieces of a usual length, a little more or fewer by the
luck of the word; digits and marks are one each. `latin` and `cyrillic` are letters to a piece: 5
and 3 for a vocabulary good at both, 5 and 1.5 for one that hardly knows Russian.
"""

from __future__ import annotations

import re
import zlib
from functools import lru_cache

import attrs

_PIECE = re.compile(r" ?[^\W\d_]+|\d|[^\w\s]|\s")
_CYRILLIC = re.compile("[\u0400-\u052f]")


@attrs.frozen
class Vocabulary:
    """A tokenizer that counts."""

    latin: float = 5.0
    cyrillic: float = 3.0

    def count(self, text: str) -> int:
        """Tokens of a text."""
        return sum(
            _pieces(piece, self.cyrillic if _CYRILLIC.search(piece) else self.latin)
            for piece in _PIECE.findall(text)
        )


@lru_cache(maxsize=1 << 16)
def _pieces(word: str, usual: float) -> int:
    luck = zlib.crc32(word.encode()) % 100 / 100 - 0.5
    return max(1, round(len(word) / usual + luck))

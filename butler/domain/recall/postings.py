"""Which term stands in which message, in flat arrays: about 5 bytes for each word said.

A term is a 64-bit key: the hash of its first letters in the upper half, its own in the lower. So
words with the same beginning lie side by side, and no word can be read back.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Docs = npt.NDArray[np.uint32]
Keys = npt.NDArray[np.uint64]

# Letters that words share whose beginnings count as alike.
PREFIX = 4
# Words not yet in the sorted arrays, which every search looks through.
_TAIL = 16_384
# Nor more than this part of those that are, nor any beside few: sorting them in is quicker than
# looking through them.
_TAIL_SHARE = 16
_FEW = 1 << 16
_HALF = 0xFFFFFFFF
_NONE: Docs = np.zeros(0, np.uint32)


@lru_cache(maxsize=1 << 15)
def key_of(term: str) -> int:
    """A term's key; it holds within one process."""
    return (hash(term[:PREFIX]) & _HALF) << 32 | hash(term) & _HALF


class Postings:
    """Messages by term. `add` in the order of their numbers; a word said twice is there twice."""

    def __init__(self) -> None:
        self._keys = np.zeros(0, np.uint64)
        self._starts = np.zeros(1, np.uint32)
        self._docs = _NONE
        self._new_keys = array("Q")
        self._new_docs = array("I")

    def add(self, doc: int, words: Iterable[Sequence[int]]) -> None:
        """The words of message number `doc` and of those after it."""
        for number, keys in enumerate(words, start=doc):
            self._new_keys.extend(keys)
            self._new_docs.extend([number] * len(keys))
        if len(self._new_keys) > _TAIL:
            self._settle()

    def holding(self, keys: Sequence[int]) -> list[Docs]:
        """For each term the messages that have it; then for each those with a beginning like it.

        Each message is there once for each time that the word stands in it.
        """
        known = len(self._docs)
        if self._new_keys and (known < _FEW or len(self._new_keys) * _TAIL_SHARE > known):
            self._settle()
        wanted = np.array(keys, np.uint64)
        first = wanted & ~np.uint64(_HALF)
        last = first | np.uint64(_HALF)
        return self._between(np.concatenate((wanted, first)), np.concatenate((wanted, last)))

    def drop(self, gone: npt.NDArray[np.bool_]) -> None:
        """Forget the messages that are `gone` (by number); the rest close the gaps."""
        self._settle()
        number = (np.cumsum(~gone) - 1).astype(np.uint32)
        kept = ~gone[self._docs]
        owners = np.repeat(self._keys, np.diff(self._starts))[kept]
        self._docs = number[self._docs[kept]]
        self._keys, self._starts = _grouped(owners)

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        settled = self._keys.nbytes + self._starts.nbytes + self._docs.nbytes
        return settled + 12 * len(self._new_keys)

    def _between(self, first: Keys, last: Keys) -> list[Docs]:
        """The messages of all keys from `first` to `last`, for each pair of these."""
        low = self._starts[self._keys.searchsorted(first)].tolist()
        high = self._starts[self._keys.searchsorted(last, side="right")].tolist()
        settled = [self._docs[start:end] for start, end in zip(low, high, strict=True)]
        if not self._new_keys:
            return settled
        keys = np.frombuffer(self._new_keys, np.uint64)
        docs = np.frombuffer(self._new_docs, np.uint32)
        new = (docs[(keys >= a) & (keys <= b)] for a, b in zip(first, last, strict=True))
        return [np.concatenate(both) for both in zip(settled, new, strict=True)]

    def _settle(self) -> None:
        """Merge what is new into the sorted arrays."""
        keys = np.frombuffer(self._new_keys, np.uint64)
        order = keys.argsort(kind="stable")
        owners = np.repeat(self._keys, np.diff(self._starts))
        places = owners.searchsorted(keys[order], side="right")
        self._docs = np.insert(self._docs, places, np.frombuffer(self._new_docs, np.uint32)[order])
        self._keys, self._starts = _grouped(np.insert(owners, places, keys[order]))
        self._new_keys, self._new_docs = array("Q"), array("I")


def _grouped(
    owners: npt.NDArray[np.uint64],
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint32]]:
    """Sorted keys once each, and where each one's stretch begins; the end stands last."""
    first = np.ones(len(owners), np.bool_)
    np.not_equal(owners[1:], owners[:-1], out=first[1:])
    starts = np.flatnonzero(first)
    return owners[starts], np.append(starts, len(owners)).astype(np.uint32)

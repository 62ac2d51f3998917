"""Finding what was once said: BM25 over pairs of a message and its answer."""

from __future__ import annotations

import heapq
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime

import attrs

from butler.domain.event import Event
from butler.domain.stems import content_stems
from butler.domain.tokens import Tokens

# The usual constants of BM25 (Robertson and Zaragoza, 2009).
_K1, _B = 1.2, 0.75
# What was said today counts this much more than what was said long ago, at equal words.
_RECENCY, _RECENCY_DAYS = 0.1, 30.0
# A word in more than this share of many pairs finds nothing and costs most of the time.
_COMMON, _MANY = 0.2, 200
# More pairs than any budget holds.
_CANDIDATES = 200
_ESTIMATE = Tokens().count


@attrs.define
class _Pair:
    when: datetime
    said: list[tuple[int, int]]
    length: int = 0


class Recall:
    """An index of one guest's covered events; not thread-safe, knows no store and no clock.

    Built by `add` in the order of saying, at any time; `search` ranks what was added so far.
    """

    def __init__(self, count: Callable[[str], int] = _ESTIMATE) -> None:
        self._count = count
        self._pairs: list[_Pair] = []
        self._postings: defaultdict[str, dict[int, int]] = defaultdict(dict)
        self._length = 0
        self._last_who = ""

    def __len__(self) -> int:
        return sum(len(pair.said) for pair in self._pairs)

    def add(self, seq: int, who: str, when: datetime, text: str) -> None:
        """Take in one message; `who` is "user" for the guest. A guest's message opens a pair."""
        if not self._pairs or (who == "user" and self._last_who != "user"):
            self._pairs.append(_Pair(when, []))
        self._last_who = who
        number, pair = len(self._pairs) - 1, self._pairs[-1]
        terms = content_stems(text)
        pair.said.append((seq, self._count(text)))
        pair.length += len(terms)
        self._length += len(terms)
        for term, times in Counter(terms).items():
            postings = self._postings[term]
            postings[number] = postings.get(number, 0) + times

    def add_events(self, events: Iterable[Event]) -> None:
        """Take in events by seq."""
        for event in events:
            self.add(event.seq, event.role, event.created_at, event.content)

    def search(self, text: str, when: datetime, budget: int) -> list[int]:
        """The seqs of messages about `text`, best first, of at most `budget` tokens together."""
        scores = self._scores(content_stems(text))
        best = heapq.nlargest(_CANDIDATES, scores, key=lambda n: (scores[n], n))
        # The newer first among equals.
        best.sort(key=lambda n: (scores[n] * self._freshness(n, when), n), reverse=True)
        found: list[int] = []
        for number in best:
            for seq, cost in self._pairs[number].said:
                if cost <= budget:
                    found.append(seq)
                    budget -= cost
            if budget <= 0:
                break
        return found

    def _scores(self, terms: Iterable[str]) -> dict[int, float]:
        total = len(self._pairs)
        average = self._length / total if total else 1.0
        known = [term for term in dict.fromkeys(terms) if term in self._postings]
        rare = [t for t in known if total < _MANY or len(self._postings[t]) < total * _COMMON]
        scores: defaultdict[int, float] = defaultdict(float)
        for term in rare or known:
            postings = self._postings[term]
            idf = math.log(1 + (total - len(postings) + 0.5) / (len(postings) + 0.5))
            for number, times in postings.items():
                norm = _K1 * (1 - _B + _B * self._pairs[number].length / (average or 1.0))
                scores[number] += idf * times * (_K1 + 1) / (times + norm)
        return scores

    def _freshness(self, number: int, when: datetime) -> float:
        days = max((when - self._pairs[number].when).total_seconds(), 0.0) / 86400
        return 1 + _RECENCY * math.exp(-days / _RECENCY_DAYS)

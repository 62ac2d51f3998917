"""Finding what was once said: BM25 over messages within their talk, and what speaks beside it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

import numpy as np
import numpy.typing as npt

from butler.domain.recall import vectors
from butler.domain.recall.messages import Message, Messages
from butler.domain.recall.postings import PREFIX, Docs, Postings, key_of
from butler.domain.recall.query import Query, name_stems, tells_time, terms, understood
from butler.domain.recall.spans import Span, widened
from butler.domain.recall.weights import Weights
from butler.domain.tokens import Tokens

Floats = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.intp]
# The keys of a message's words, and whether it tells of days or numbers.
Reading = tuple[tuple[int, ...], bool]

_AFTER_DAYS = 7
_RECENCY_DAYS = 30.0
# Cosines so close together tell nothing apart.
_EQUAL = 1e-6
# Messages that are looked at closely; over a hundred times what a prompt holds of them.
_CANDIDATES = 1_000
# Counts of words by message that are held at a time.
_AT_ONCE = 1 << 17
# From so many words on, equal words are no chance.
_TELLING = 3
_ESTIMATE = Tokens().count
_WEIGHTS = Weights()


class Recall:
    """An index of what was said: messages in, seqs out. Holds no text, no store and no clock.

    Anybody's talk can be put through it: `who` is any name. Not thread-safe. It lives in the RAM of
    the process that asks, whatever the store behind it is, SQLite or MongoDB (whose `$text` knows
    neither neighbours nor time, and would be asked over the network).
    """

    def __init__(
        self, count: Callable[[str], int] = _ESTIMATE, weights: Weights = _WEIGHTS
    ) -> None:
        """`count`: the tokens of a text, as the budget of `search` is reckoned."""
        self._weights = weights
        self._count = count
        self._messages = Messages()
        self._postings = Postings()
        self._vectors = vectors.Vectors()

    def __len__(self) -> int:
        return len(self._messages)

    def add(self, seq: int, who: str, when: datetime, text: str) -> None:
        """Take in one message, in the order of saying; `seq` is its name, and not known yet.

        Naive times are taken for UTC.
        """
        self.add_all([(seq, who, when, text)])

    def add_all(
        self,
        said: Iterable[tuple[int, str, datetime, str]],
        known: Mapping[str, Reading] | None = None,
    ) -> None:
        """Take in messages, each as `add` does: many at once for less.

        `known`: what `read` made of some of the texts before.
        """
        messages: list[Message] = []
        for seq, who, when, text in said:
            keys, timely = (known and known.get(text)) or read(text)
            messages.append((seq, who, _aware(when), self._count(text), keys, timely))
        self._postings.add(len(self._messages), [message[4] for message in messages])
        self._messages.add(messages)

    def add_vectors(self, packed: Mapping[int, bytes]) -> None:
        """Vectors of messages by seq, from `vectors.packed`, all of one model.

        Those of messages not known are passed over.
        """
        known = set(self._messages.column("seq").tolist())
        self._vectors.add({seq: stored for seq, stored in packed.items() if seq in known})

    def without_vector(self, most: int) -> list[int]:
        """The seqs of the newest messages that have no vector yet, in order."""
        newest = self._messages.column("seq")[-vectors.MOST :].tolist()
        return [seq for seq in newest if seq not in self._vectors][-most:]

    def remove(self, seqs: Iterable[int]) -> None:
        """Forget messages for good; those not known are passed over."""
        wanted = set(seqs)
        self._vectors.drop(wanted)
        gone = self._messages.numbers(wanted)
        if gone.any():
            self._postings.drop(gone)
            self._messages.drop(gone)

    def search(
        self, text: str, when: datetime, budget: int, vector: bytes | None = None
    ) -> list[int]:
        """The seqs of messages about `text`, best first, of at most `budget` tokens together.

        `when` it is asked: what "last week" means, and how old the messages are. With the
        question's `vector` (from `vectors.packed`), and vectors of the messages, the score is 0.6
        of BM25 by its best plus 0.4 of the cosine by its least and best: the convex combination of
        Bruch, Gai and Ingber (2023).
        """
        if not len(self) or budget <= 0:
            return []
        asked = _aware(when)
        speakers = dict.fromkeys(filter(None, self._messages.speakers))
        query = understood(text, asked, {who: name_stems(who) for who in speakers})
        search = _Search(self._messages, self._postings, query, asked, self._weights)
        numbers, scores = search.best()
        if vector is not None and len(self._vectors):
            numbers, scores = self._joined(numbers, scores, vector)
        return self._within(budget, numbers, scores)

    @property
    def oldest(self) -> datetime | None:
        """When the first of the messages was said."""
        when = self._messages.column("when")
        return datetime.fromtimestamp(float(when[0]), UTC) if len(when) else None

    @property
    def nbytes(self) -> int:
        """Bytes of RAM that the index takes, near enough."""
        return self._messages.nbytes + self._postings.nbytes + self._vectors.nbytes

    def _joined(self, numbers: Numbers, scores: Floats, vector: bytes) -> tuple[Numbers, Floats]:
        seqs, cosines = self._vectors.near(vector)
        if not len(seqs):
            return numbers, scores
        known = self._messages.column("seq")
        order = known.argsort(kind="stable")
        place = order[np.searchsorted(known, seqs, sorter=order)]
        low, high = float(cosines.min()), float(cosines.max())
        if high - low < _EQUAL:
            low, high = 0.0, 1.0
        nearness = np.zeros(len(self), np.float32)
        nearness[place] = self._weights.nearness * (cosines - low) / (high - low)
        joined = nearness
        if len(scores):
            joined[numbers] += (1 - self._weights.nearness) * scores / float(scores.max())
        best = _largest(joined, _CANDIDATES)
        return best, joined[best]

    def _within(self, budget: int, numbers: Numbers, scores: Floats) -> list[int]:
        """The best that fit, nothing said in the same words twice; the newer first of equals."""
        if not len(numbers):
            return []
        columns = [
            self._messages.column(name)[numbers] for name in ("seq", "cost", "mark", "length")
        ]
        order = np.lexsort((-numbers, -scores))
        order = order[scores[order] >= self._weights.least * scores[order[0]]]
        found: list[int] = []
        known: set[int] = set()
        smallest = int(columns[1].min())
        for seq, cost, mark, length in zip(
            *(column[order].tolist() for column in columns), strict=True
        ):
            if budget < smallest:
                break
            if cost > budget or (length >= _TELLING and mark in known):
                continue
            known.add(mark)
            found.append(seq)
            budget -= cost
        return found


def read(text: str) -> Reading:
    """A message as it is taken in; most of what that costs. Any thread; holds in this process."""
    return tuple(key_of(term) for term in terms(text)), tells_time(text)


class _Search:
    """One question put to the columns and postings."""

    def __init__(
        self,
        messages: Messages,
        postings: Postings,
        query: Query,
        asked: datetime,
        weights: Weights,
    ) -> None:
        self._weights = weights
        self._messages = messages
        self._query = query
        self._asked = asked
        self._total = len(messages)
        self._possible = 0.0
        self._found = list(self._looked_up(postings))

    def _looked_up(self, postings: Postings) -> Iterable[tuple[Docs, float]]:
        """For each term, and what is like it: the messages, and what it is worth."""
        terms = self._query.terms
        held = postings.holding([key_of(term) for term in terms])
        both = zip(held[: len(terms)], held[len(terms) :], strict=True)
        for (exact, alike), (term, times) in zip(both, terms.items(), strict=True):
            worth = times * self._rarity(exact)
            self._possible += worth
            if len(exact):
                yield exact, worth
            if len(alike) and len(term) >= PREFIX:
                yield alike, self._weights.alike * times * self._rarity(alike)

    def _rarity(self, docs: Docs) -> float:
        holding = min(len(docs), self._total)
        return math.log(1 + (self._total - holding + 0.5) / (holding + 0.5))

    def best(self) -> tuple[Numbers, Floats]:
        """The numbers of the best messages, in no order, and their scores."""
        weight, then = self._factors()
        if self._total > _CANDIDATES:
            rough = np.zeros(self._total, np.float32)
            for docs, worth in self._found:
                np.add.at(rough, docs, np.float32(worth))
            numbers = _largest((_smeared(rough, self._weights.around) + then) * weight, _CANDIDATES)
            scores = (self._exact(numbers) + then[numbers]) * weight[numbers]
        else:
            numbers = np.arange(self._total)
            scores = (self._exact(slice(None)) + then) * weight
        least = self._weights.least_of_all * self._possible
        matching = scores > (0 if self._query.spans and then.any() else least)
        return numbers[matching], scores[matching]

    def _exact(self, numbers: Numbers | slice) -> Floats:
        average = self._messages.words / self._total or 1.0
        length = self._messages.column("length")[numbers].astype(np.float32)
        # BM25's norm, k1 · (1 − b + b · length / average).
        norm = length * np.float32(self._weights.k1 * self._weights.b / average)
        norm += np.float32(self._weights.k1 * (1 - self._weights.b))
        scores = np.zeros(len(norm), np.float32)
        at_once = max(1, _AT_ONCE // self._total)
        for start in range(0, len(self._found), at_once):
            found = self._found[start : start + at_once]
            times = self._counted([docs for docs, _ in found])
            near = self._with_neighbours(times)[:, numbers]
            worth = np.array([worth for _, worth in found], np.float32)
            near /= near + norm
            near *= worth[:, None]
            scores += near.sum(axis=0)
        scores *= self._weights.k1 + 1
        return scores

    def _counted(self, found: Sequence[Docs]) -> Floats:
        """For each of `found` how often each message is in it."""
        total, lengths = self._total, [len(docs) for docs in found]
        rows = np.repeat(np.arange(0, total * len(found), total), lengths)
        counts = np.bincount(rows + np.concatenate(found), minlength=len(found) * total)
        return counts.astype(np.float32).reshape(len(found), total)

    def _with_neighbours(self, times: Floats) -> Floats:
        """How often words stand in each message, with shares of its neighbours in the same talk."""
        near = times.copy()
        for distance, share in enumerate(self._weights.around[: self._total - 1], start=1):
            shares = self._messages.together(distance) * np.float32(share)
            near[:, distance:] += times[:, :-distance] * shares
            near[:, :-distance] += times[:, distance:] * shares
        return near

    def _factors(self) -> tuple[Floats, Floats]:
        """For all messages: what multiplies the score of their words, and what adds to it."""
        query, when = self._query, self._messages.column("when")
        days = np.maximum(self._asked.timestamp() - when, 0) / 86400
        weight = (1 + self._weights.recency / (1 + days / _RECENCY_DAYS)).astype(np.float32)
        then = np.zeros(self._total, np.float32)
        if query.named:
            who = self._messages.column("who")
            for number, speaker in enumerate(self._messages.speakers):
                if speaker in query.named:
                    weight[who == number] *= 1 + self._weights.named
        if query.wants_time:
            weight *= 1 + self._weights.timely * self._messages.column("timely")
        if query.spans:
            inside = _inside(when, query.spans)
            after = _inside(when, [widened(span, _AFTER_DAYS) for span in query.spans])
            weight *= 1 + np.where(
                inside, self._weights.spanned, np.where(after, self._weights.after, 0)
            )
            then[inside] = self._weights.then
        return weight, then


def _smeared(rough: Floats, shares: tuple[float, ...]) -> Floats:
    """Each score with the shares of its neighbours'."""
    smeared = rough.copy()
    for distance, share in enumerate(shares, start=1):
        smeared[distance:] += share * rough[:-distance]
        smeared[:-distance] += share * rough[distance:]
    return smeared


def _largest(scores: Floats, most: int) -> Numbers:
    """The numbers of the largest scores above 0, in no order."""
    above = np.flatnonzero(scores)
    if len(above) <= most:
        return above
    values = scores[above]
    return above[np.argpartition(values, len(values) - most)[len(values) - most :]]


def _inside(when: npt.NDArray[Any], spans: Iterable[Span]) -> npt.NDArray[np.bool_]:
    inside = np.zeros(len(when), np.bool_)
    for span in spans:
        inside |= (when >= _midnight(span.first)) & (when < _midnight(span.last) + 86400)
    return inside


def _midnight(day: date) -> float:
    return datetime.combine(day, time(), UTC).timestamp()


def _aware(when: datetime) -> datetime:
    return when if when.tzinfo else when.replace(tzinfo=UTC)

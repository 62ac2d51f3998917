"""A guest's covered events in RAM, to be recalled when a message is about them."""

from __future__ import annotations

import marshal
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache

from butler.domain.event import Event, Role, Source
from butler.domain.recall import Reading, Recall
from butler.domain.writes import EventVector

# Events that are packed together: more pack better, fewer unpack sooner.
_TOGETHER = 16
# Blocks of all guests that are kept unpacked, about 7 KiB each: talk goes on about the same things.
_UNPACKED = 2_048
# Events whose vectors are asked for at once; of more, those left out are when it is read again.
_EMBEDDED_AT_ONCE = 2_000
_Row = tuple[int, str, Role, Source, float, int, str]


class Archive:
    """Events, packed, with the index over them; empty until something is covered.

    Belongs to its guest's actor and goes with it. Takes about 200 bytes for an event of 20 words;
    every store is indexed here alike (see `Recall`).
    """

    def __init__(self, events: Iterable[Event] = ()) -> None:
        # Most guests at most times have none: what is empty is shared.
        self._packed, self._index = _NO_EVENTS, _NO_INDEX
        self._last = 0
        self._looked_through = 0
        self._ids = array("q")
        self.add(events)

    def __len__(self) -> int:
        return len(self._index)

    def add(self, events: Iterable[Event], known: Mapping[str, Reading] | None = None) -> None:
        """Take in events that are covered now, by seq; those known already are passed over.

        `known`: see `Recall.add_all`.
        """
        new = []
        for event in events:
            if event.seq > self._last:
                self._last = event.seq
                self._ids.append(hash(event.event_id))
                if event.content:
                    new.append(event)
        if new and self._index is _NO_INDEX:
            self._packed, self._index = PackedEvents(), Recall()
        for event in new:
            self._packed.add(event)
        said = ((e.seq, e.role, e.created_at, e.content) for e in new)
        self._index.add_all(said, known)

    def holds(self, event_id: str) -> bool:
        """Whether an event was ever taken in; a false yes comes once in 2⁶⁴."""
        return hash(event_id) in self._ids

    def load_vectors(self, vectors: Mapping[int, bytes]) -> None:
        """Take in stored vectors by seq; those of unknown events are passed over."""
        if len(self):
            self._index.add_vectors(vectors)

    def add_vectors(self, vectors: Iterable[EventVector]) -> None:
        """Take in vectors that were made meanwhile, of those events that are still the same."""
        if not len(self):
            return
        made = {vector.seq: vector for vector in vectors}
        known = {event.seq: event.event_id for event in self._packed.get(made)}
        same = (v for v in made.values() if known.get(v.seq) == v.event_id)
        self._index.add_vectors({v.seq: v.vector for v in same})

    @property
    def unembedded(self) -> bool:
        """Whether events came that were never looked through for vectors."""
        return self._last > self._looked_through

    def take_unembedded(self) -> tuple[Event, ...]:
        """The newest events without a vector, each only once."""
        lacking = self._index.without_vector(_EMBEDDED_AT_ONCE)
        seqs = [seq for seq in lacking if seq > self._looked_through]
        self._looked_through = self._last
        return tuple(self._packed.get(seqs))

    @property
    def oldest(self) -> datetime | None:
        """When the first of them was said."""
        return self._index.oldest

    def events(self) -> Iterator[Event]:
        """All of them, by seq."""
        return iter(self._packed)

    def get(self, seqs: Iterable[int]) -> list[Event]:
        """The events of these seqs; those not held are passed over."""
        return self._packed.get(sorted(seqs))

    def remove(self, seqs: Iterable[int]) -> None:
        """Forget events, their words and vectors."""
        gone = frozenset(seqs) if len(self) else frozenset()
        if not gone:
            return
        self._packed.remove(gone)
        self._index.remove(gone)

    def search(
        self, text: str, when: datetime, budget: int, vector: bytes | None = None
    ) -> list[Event]:
        """Events about `text`, best first, of at most `budget` tokens together."""
        return self._packed.get(self._index.search(text, when, budget, vector))

    @property
    def nbytes(self) -> int:
        """Bytes of RAM, near enough."""
        return self._packed.nbytes + self._index.nbytes + 8 * len(self._ids)


class PackedEvents:
    """Whole events of one guest, compressed a few dozen together. Added by seq."""

    def __init__(self) -> None:
        self._user_id = ""
        self._lasts = array("q")
        self._blocks: list[bytes] = []
        self._open: dict[int, _Row] = {}

    def __iter__(self) -> Iterator[Event]:
        for number in range(len(self._blocks) + 1):
            for row in self._rows(number).values():
                yield _event(self._user_id, row)

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        closed = sum(map(len, self._blocks)) + 8 * len(self._lasts)
        return closed + sum(len(row[1]) for row in self._open.values())

    def add(self, event: Event) -> None:
        """Take in an event of a later seq than all before."""
        self._user_id = event.user_id
        self._open[event.seq] = _row(event)
        if len(self._open) == _TOGETHER:
            self._blocks.append(_packed(self._open.values()))
            self._lasts.append(event.seq)
            self._open = {}

    def get(self, seqs: Iterable[int]) -> list[Event]:
        """The events of these seqs, in their order; those not held are passed over."""
        found = []
        for seq in seqs:
            number = bisect_left(self._lasts, seq)
            if number < len(self._blocks):
                event = _events_of(self._user_id, self._blocks[number]).get(seq)
            else:
                row = self._open.get(seq)
                event = None if row is None else _event(self._user_id, row)
            if event is not None:
                found.append(event)
        return found

    def remove(self, seqs: frozenset[int]) -> None:
        """Forget events, also those kept unpacked."""
        forget_unpacked()
        numbers = {bisect_left(self._lasts, seq) for seq in seqs}
        for number in sorted(numbers, reverse=True):
            held = self._rows(number)
            kept = {seq: row for seq, row in held.items() if seq not in seqs}
            if number == len(self._blocks):
                self._open = kept
            elif kept:
                self._blocks[number] = _packed(kept.values())
            else:
                del self._blocks[number]
                del self._lasts[number]

    def _rows(self, number: int) -> Mapping[int, _Row]:
        if number == len(self._blocks):
            return self._open
        return {row[0]: row for row in _unpacked(self._blocks[number])}


def _row(event: Event) -> _Row:
    at, content = event.created_at.timestamp(), event.content
    return (event.seq, content, event.role, event.source, at, event.update_id, event.event_id)


def _packed(rows: Iterable[_Row]) -> bytes:
    # It never leaves this process, and holds text that UTF-8 can't, too.
    return zlib.compress(marshal.dumps(list(rows)))


def _unpacked(block: bytes) -> list[_Row]:
    rows: list[_Row] = marshal.loads(zlib.decompress(block))
    return rows


def _event(user_id: str, row: _Row) -> Event:
    seq, content, role, source, at, update_id, event_id = row
    created_at = datetime.fromtimestamp(at, UTC)
    return Event(event_id, user_id, seq, role, content, source, update_id, created_at)


@lru_cache(maxsize=_UNPACKED)
def _events_of(user_id: str, block: bytes) -> Mapping[int, Event]:
    return {row[0]: _event(user_id, row) for row in _unpacked(block)}


def forget_unpacked() -> None:
    """Let go of all that is kept unpacked, for some of it is to be forgotten. Any thread."""
    _events_of.cache_clear()


_NO_EVENTS, _NO_INDEX = PackedEvents(), Recall()

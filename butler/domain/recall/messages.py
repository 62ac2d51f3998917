"""What is known of each message beside its words, in flat arrays: about 30 bytes for each."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

_COLUMNS = {
    "seq": "q",
    "when": "d",
    "cost": "I",
    "length": "H",
    "who": "H",
    "mark": "I",
    "timely": "B",
}
_TYPES = {"q": np.int64, "d": np.float64, "I": np.uint32, "H": np.uint16, "B": np.uint8}
_LONGEST = 0xFFFF
# Neighbours are of one talk unless such a pause lies between them.
_PAUSE_SECONDS = 6 * 3600.0
# Of no more messages is kept what each search needs of their neighbourhood: 4 bytes for each.
_KEPT = 1_000

# seq, who, when, cost in tokens, keys of its terms, whether it tells of days or numbers
Message = tuple[int, str, datetime, int, Sequence[int], bool]


class Messages:
    """Columns by message number (0 is said first); each can be read as an array without a copy.

    `seq`; `when`: epoch seconds; `cost`: tokens; `length`: words; `who`: number in `speakers`;
    `mark`: equal for messages of the same words; `timely`: it tells of days or numbers.
    """

    def __init__(self) -> None:
        self._columns: dict[str, array[Any]] = {
            name: array(code) for name, code in _COLUMNS.items()
        }
        self.speakers: list[str] = []
        self.words = 0
        self._together: dict[int, npt.NDArray[np.float32]] = {}

    def __len__(self) -> int:
        return len(self._columns["seq"])

    def add(self, messages: Iterable[Message]) -> None:
        """Messages in the order of saying."""
        rows = [
            (
                seq,
                when.timestamp(),
                cost,
                min(len(keys), _LONGEST),
                self._number(who),
                hash(frozenset(keys)) & 0xFFFFFFFF,
                timely,
            )
            for seq, who, when, cost, keys, timely in messages
        ]
        for column, values in zip(self._columns.values(), zip(*rows, strict=True), strict=False):
            column.extend(values)
        self.words += sum(row[3] for row in rows)
        self._together = {}

    def _number(self, who: str) -> int:
        if who not in self.speakers:
            self.speakers.append(who)
        return min(self.speakers.index(who), _LONGEST)

    def column(self, name: str) -> npt.NDArray[Any]:
        """A column as an array; not to be kept, since nothing can be added meanwhile."""
        held = self._columns[name]
        return np.frombuffer(held, _TYPES[held.typecode]) if held else np.zeros(0)

    def together(self, distance: int) -> npt.NDArray[np.float32]:
        """1 for each message and the one so many after it that are of one talk; 0 for the rest."""
        known = self._together.get(distance)
        if known is not None:
            return known
        when = self.column("when")
        pause = np.abs(when[distance:] - when[:-distance])
        found: npt.NDArray[np.float32] = (pause <= _PAUSE_SECONDS).astype(np.float32)
        if len(self) <= _KEPT:
            self._together[distance] = found
        return found

    def numbers(self, seqs: Iterable[int]) -> npt.NDArray[np.bool_]:
        """For each message whether its seq is one of these."""
        wanted = np.fromiter(seqs, np.int64)
        return np.isin(self.column("seq"), wanted)

    def drop(self, gone: npt.NDArray[np.bool_]) -> None:
        """Forget the messages that are `gone`."""
        for name, held in self._columns.items():
            self._columns[name] = array(held.typecode, self.column(name)[~gone].tobytes())
        self._together = {}
        self.words = int(self.column("length").sum())
        present = set(np.unique(self.column("who")).tolist())
        # The number is another's place, so only the name goes.
        self.speakers = [
            who if number in present else "" for number, who in enumerate(self.speakers)
        ]

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return sum(len(held) * held.itemsize for held in self._columns.values())

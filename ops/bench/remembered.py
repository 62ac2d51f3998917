"""What a store remembers, read past the butler, and what is wrong with it."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pymongo

from butler.storage import SQLITE_FILE
from ops.bench.crowd import marks

Row = Mapping[str, Any]
MEMORY = ("user_memory_archive", "user_memory")


class Store:
    """Where a butler keeps things: the SQLite file in `data_dir`, or MongoDB if there is a URL."""

    def __init__(self, data_dir: Path, mongodb_url: str = "") -> None:
        self._file = data_dir / SQLITE_FILE
        self._url = mongodb_url

    def events(self) -> list[Row]:
        """All events of everybody: archive and window."""
        return [row for name in MEMORY for row in self._rows(name)]

    def states(self) -> Counter[str]:
        """How many updates of the inbox are in which state; nothing before there is an inbox."""
        return Counter(row["state"] for row in self._rows("inbox"))

    def unsettled(self) -> int:
        """How many updates have not come to their end."""
        found = self.states()
        return found["received"] + found["answered"]

    def under_way(self) -> int:
        """Replies that may be with Telegram and are not noted so.

        After a kill: SQLite's files are copied first, for the next butler is to recover them.
        """
        if self._url:
            return self.states()["answered"]
        with tempfile.TemporaryDirectory() as copy:
            for file in self._file.parent.glob(f"{SQLITE_FILE}*"):
                shutil.copy(file, copy)
            return Store(Path(copy)).states()["answered"]

    def await_settled(self, seconds: float) -> None:
        """Wait until all updates have come to their end, no longer than that."""
        pause = threading.Event()
        until = time.monotonic() + seconds
        while self.unsettled() and time.monotonic() < until:
            pause.wait(0.05)

    def _rows(self, name: str) -> list[Row]:
        if self._url:
            with pymongo.MongoClient[dict[str, Any]](self._url, tz_aware=True) as client:
                return list(client.get_default_database()[name].find())
        if not self._file.exists():
            return []
        with closing(sqlite3.connect(self._file, timeout=10)) as database:
            database.row_factory = sqlite3.Row
            query = "SELECT 1 FROM sqlite_master WHERE name = ?"
            if not database.execute(query, (name,)).fetchone():
                return []
            return [dict(row) for row in database.execute(f"SELECT * FROM {name}")]


def faults(found: Iterable[Row], told: Mapping[str, list[int]]) -> list[str]:
    """What is wrong with memory, in words; `told`: the questions answered, by user id.

    Right is: each question of a guest that was answered once and in order, each followed by its
    answer, the seqs without gaps from 1, the moments ascending, nothing of anybody else.
    """
    by_guest: dict[str, list[Row]] = {user_id: [] for user_id in told}
    for row in found:
        by_guest.setdefault(row["user_id"], []).append(row)
    wrong = []
    for user_id, rows in by_guest.items():
        wrong += [f"guest {user_id}: {fault}" for fault in _of(rows, told.get(user_id, []))]
    return wrong


def _of(rows: list[Row], told: list[int]) -> Iterable[str]:
    rows = sorted(rows, key=lambda row: row["seq"])
    seqs = [row["seq"] for row in rows]
    if seqs != list(range(1, len(rows) + 1)):
        yield f"the seqs go astray at {_astray(seqs, range(1, len(rows) + 1))}"
    moments = [row["created_at"] for row in rows]
    if moments != sorted(set(moments)):
        yield "the moments do not ascend"
    asked = [mark for row in rows if row["role"] == "user" for mark in marks(row["content"])]
    said = [mark for row in rows if row["role"] == "assistant" for mark in marks(row["content"])]
    if [number for _, number in asked] != told:
        yield f"the questions go astray at {_astray([n for _, n in asked], told)}"
    if asked != said:
        yield f"the answers go astray at {_astray(said, asked)}"


def _astray(found: Sequence[object], expected: Sequence[object]) -> str:
    """The first place where they differ, with what is around it."""
    pairs = enumerate(zip_longest(found, expected))
    place = next(place for place, (one, other) in pairs if one != other)
    around = slice(max(0, place - 1), place + 3)
    return f"{list(found[around])}, expected {list(expected[around])}"

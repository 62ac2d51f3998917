"""What a store remembers, read past the butler, and what is wrong with it."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from butler.storage import SQLITE_FILE
from ops.bench.crowd import marks

Row = Mapping[str, Any]
MEMORY = ("user_memory_archive", "user_memory")


def events(data_dir: Path) -> list[Row]:
    """All events of everybody from a SQLite file: archive and window."""
    with closing(sqlite3.connect(data_dir / SQLITE_FILE, timeout=10)) as database:
        database.row_factory = sqlite3.Row
        return [dict(r) for table in MEMORY for r in database.execute(f"SELECT * FROM {table}")]


def states(data_dir: Path) -> Counter[str]:
    """How many updates of the inbox are in which state; nothing before there is an inbox."""
    if not (data_dir / SQLITE_FILE).exists():
        return Counter()
    with closing(sqlite3.connect(data_dir / SQLITE_FILE, timeout=10)) as database:
        if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'inbox'").fetchone():
            return Counter()
        return Counter(dict(database.execute("SELECT state, count(*) FROM inbox GROUP BY state")))


def unsettled(data_dir: Path) -> int:
    """How many updates have not come to their end."""
    found = states(data_dir)
    return found["received"] + found["answered"]


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
        yield f"seqs {seqs}"
    moments = [row["created_at"] for row in rows]
    if moments != sorted(set(moments)):
        yield "moments do not ascend"
    asked = [marks(row["content"]) for row in rows if row["role"] == "user"]
    answered = [marks(row["content"]) for row in rows if row["role"] == "assistant"]
    if [number for each in asked for _, number in each] != told:
        yield f"remembers the questions {asked}, was answered {told}"
    if [mark for each in asked for mark in each] != [mark for each in answered for mark in each]:
        yield f"questions {asked} do not match the answers {answered}"

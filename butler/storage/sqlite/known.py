"""What the one writer of this process knows of rows without reading them."""

from __future__ import annotations

import sqlite3
from collections import OrderedDict
from collections.abc import Mapping
from typing import TypeVar

from butler.domain.inbox import UpdateKey
from butler.storage.rows import Row

# Rows of updates on their way, and revisions of guests' profiles.
_ROWS, _REVISIONS = 20_000, 50_000
K = TypeVar("K")
V = TypeVar("V")


class Known:
    """Rows that wait, and revisions, as the last batch has left them.

    Void as soon as another connection has written: the command line's, or one of our own.
    `others` counts how often that came about.
    """

    def __init__(self) -> None:
        self.rows: OrderedDict[UpdateKey, Row] = OrderedDict()
        self.revisions: OrderedDict[str, int] = OrderedDict()
        self.others = 0
        self._version: int | None = None

    def check(self, connection: sqlite3.Connection) -> None:
        """See whether others have written; inside a transaction, so that none can from now on."""
        (version,) = connection.execute("PRAGMA data_version").fetchone()
        if version != self._version:
            self._version = version
            self.clear()

    def clear(self) -> None:
        """Know nothing: others have written, or it was not by what is told here."""
        self.others += 1
        self.rows.clear()
        self.revisions.clear()

    def learn(self, rows: Mapping[UpdateKey, Row], revisions: Mapping[str, int]) -> None:
        """Take in what is committed now; of settled rows there is nothing more to know."""
        for key, row in rows.items():
            if row.settled_at is None:
                _put(self.rows, key, row, _ROWS)
            else:
                self.rows.pop(key, None)
        for user_id, revision in revisions.items():
            _put(self.revisions, user_id, revision, _REVISIONS)


def _put(held: OrderedDict[K, V], key: K, value: V, most: int) -> None:
    held[key] = value
    if len(held) > most:
        held.popitem(last=False)

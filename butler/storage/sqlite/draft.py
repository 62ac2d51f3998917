"""A batch of writes inside its transaction: decided in RAM, and written as few statements.

Each step of a statement gives up the interpreter lock, and gets it back behind all who wait for it.
One statement for the rows of many writes costs the journal a tenth of what one for each does.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import TypeVar

from butler.domain.event import Event
from butler.domain.inbox import InboxItem, UpdateKey
from butler.domain.profile import Profile
from butler.domain.writes import Accepted, Fenced, Result
from butler.storage.documents import NO_PARTS
from butler.storage.rows import Row
from butler.storage.sqlite import columns
from butler.storage.sqlite.known import Known
from butler.storage.sqlite.profiles import DONE, marks, read_profile

# Rows of one statement, so that few different ones are prepared: at most 512 values.
_AT_ONCE = (32, 8, 2, 1)

Statement = Callable[[int], str]
T = TypeVar("T")


def _rows(names: str, count: int) -> str:
    return ", ".join([f"({marks(names)})"] * count)


@cache
def _add_items(count: int) -> str:
    return f"INSERT INTO inbox ({columns.INBOX}) VALUES {_rows(columns.INBOX, count)}"


@cache
def add_events(count: int) -> str:
    """The statement that adds so many events to the window; those it has stay as they are."""
    values = _rows(columns.EVENT, count)
    return (
        f"INSERT INTO user_memory ({columns.EVENT}) VALUES {values} "
        "ON CONFLICT (event_id) DO NOTHING"
    )


@cache
def _put_profiles(count: int) -> str:
    names = columns.PROFILE
    new = ", ".join(f"excluded.{name}" for name in names.split(", "))
    return (
        f"INSERT INTO user_profiles ({names}) VALUES {_rows(names, count)} "
        f"ON CONFLICT (user_id) DO UPDATE SET ({names}) = ({new})"
    )


@cache
def put_rows(count: int) -> str:
    """The statement that changes so many rows of the inbox; a settled one keeps no payload."""
    names = f"{columns.ROW}, bot_id, update_id"
    number = len(names.split(", "))
    new = ", ".join(f"v.column{place}" for place in range(1, number - 1))
    settled = f"v.column{columns.ROW.split(', ').index('settled_at') + 1}"
    return (
        f"UPDATE inbox SET ({columns.ROW}) = ({new}), "
        f"payload = CASE WHEN {settled} IS NULL THEN payload ELSE '{{}}' END "
        f"FROM (VALUES {_rows(names, count)}) AS v "
        f"WHERE bot_id = v.column{number - 1} AND update_id = v.column{number}"
    )


ADD_ITEM = f"{_add_items(1)} ON CONFLICT (bot_id, update_id) DO NOTHING"
READ_ROW = f"SELECT {columns.ROW} FROM inbox WHERE bot_id = ? AND update_id = ?"
REVISION = "SELECT revision FROM user_profiles WHERE user_id = ?"


class Draft:
    """What the batch has changed so far; `flush` writes it, and before that nobody else sees it.

    Whoever reads or writes tables past it flushes first, and calls `forget` if the rows of inbox or
    profiles are not as it knows them any more. Once all is committed, `known` may `keep` it.
    """

    def __init__(self, connection: sqlite3.Connection, known: Known) -> None:
        """Inside a transaction that may write."""
        self.connection = connection
        self._known = known
        self._rows: dict[UpdateKey, Row] = {}
        self._revisions: dict[str, int] = {}
        self._changed: dict[UpdateKey, None] = {}
        self._profiles: dict[str, Profile] = {}
        self._events: list[Event] = []
        known.check(connection)

    def accept(self, items: Sequence[InboxItem]) -> Accepted:
        """Add items; those that are there already stay as they are."""
        new = tuple(item for some in _portions(items) for item in self._accepted(some))
        for item in new:
            self._rows[item.key] = Row("received", NO_PARTS, 0, 0)
        return Accepted(new, len(items) - len(new))

    def rows(self, keys: Iterable[UpdateKey]) -> dict[UpdateKey, Row]:
        """The rows of these updates, as far as there are any."""
        found = {}
        for key in keys:
            row = self._rows.get(key) or self._known.rows.get(key) or self._read(key)
            if row is not None:
                found[key] = self._rows[key] = row
        return found

    def change(self, key: UpdateKey, row: Row) -> None:
        """Replace a row that is there."""
        self._rows[key] = row
        self._changed[key] = None

    def put_profile(self, profile: Profile, expected: int) -> Result:
        """Write a profile over revision `expected`; `Done` also where just that is stored."""
        user_id = profile.user_id
        if self._revision(user_id) == expected:
            self._profiles[user_id] = profile
            self._revisions[user_id] = profile.revision
            return DONE
        self.flush()
        found = read_profile(self.connection, user_id)
        if found is None:
            return Fenced(stored_revision=0)
        return DONE if found == profile else Fenced(stored_revision=found.revision)

    def add_events(self, events: Iterable[Event]) -> None:
        """Add events to the window; those it has stay as they are."""
        self._events += events

    def flush(self) -> None:
        """Write what has changed."""
        profiles, self._profiles = self._profiles, {}
        self._write(_put_profiles, map(columns.profile_values, profiles.values()))
        events, self._events = self._events, []
        self._write(add_events, map(columns.event_values, events))
        changed, self._changed = self._changed, {}
        rows = ((*columns.row_values(self._rows[key]), *_name(key)) for key in changed)
        self._write(put_rows, rows)

    def forget(self) -> None:
        """Others have written to inbox or profiles: nothing is known of them any more."""
        self._rows.clear()
        self._revisions.clear()
        self._known.clear()

    def keep(self) -> None:
        """It is committed: the next batch need not read what this one knows."""
        self._known.learn(self._rows, self._revisions)

    def _accepted(self, items: Sequence[InboxItem]) -> Sequence[InboxItem]:
        rows = [columns.item_values(item) for item in items]
        try:
            self._execute(_add_items, rows)
        except sqlite3.IntegrityError:  # some are there: none was added
            add = self.connection.execute
            both = zip(items, rows, strict=True)
            return [item for item, row in both if add(ADD_ITEM, row).rowcount > 0]
        return items

    def _read(self, key: UpdateKey) -> Row | None:
        values = self.connection.execute(READ_ROW, _name(key)).fetchone()
        return None if values is None else columns.row_of(values)

    def _revision(self, user_id: str) -> int:
        known = self._revisions.get(user_id, self._known.revisions.get(user_id))
        if known is not None:
            return known
        found = self.connection.execute(REVISION, (user_id,)).fetchone()
        return 0 if found is None else int(found[0])

    def _write(self, statement: Statement, rows: Iterable[columns.Values]) -> None:
        for some in _portions(list(rows)):
            self._execute(statement, some)

    def _execute(self, statement: Statement, rows: Sequence[columns.Values]) -> None:
        self.connection.execute(statement(len(rows)), [value for row in rows for value in row])


def _portions(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    start = 0
    while start < len(rows):
        count = next(count for count in _AT_ONCE if count <= len(rows) - start)
        yield rows[start : start + count]
        start += count


def _name(key: UpdateKey) -> tuple[int, int]:
    return key.bot_id, key.update_id

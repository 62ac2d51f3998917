"""Each write as statements inside the batch's transaction. Called on the committing thread only."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from butler.domain.inbox import InboxItem, UpdateKey
from butler.domain.profile import Profile
from butler.domain.writes import (
    Accept,
    Accepted,
    AppendParts,
    Bury,
    CommitCompaction,
    CommitTurn,
    Done,
    EraseGuest,
    Fenced,
    ForgetMemory,
    NoteSent,
    NoteTranscript,
    Result,
    Revive,
    SaveProfile,
    Settle,
    Sweep,
    Write,
)
from butler.storage import rows
from butler.storage.documents import forgetful, stamp
from butler.storage.rows import Row, RowWrite
from butler.storage.sqlite import columns

SWEPT_AT_ONCE = 20_000  # rows of a table, so that no sweep holds the journal up for long
DONE = Done()


def _marks(names: str) -> str:
    return ", ".join("?" * len(names.split(", ")))


_ACCEPT = (
    f"INSERT INTO inbox ({columns.INBOX}) VALUES ({_marks(columns.INBOX)}) "
    "ON CONFLICT (bot_id, update_id) DO NOTHING"
)
READ_ITEM = f"SELECT {columns.INBOX} FROM inbox WHERE bot_id = ? AND update_id = ?"
READ_ROW = f"SELECT {columns.ROW} FROM inbox WHERE bot_id = ? AND update_id = ?"
_WRITE_ROW = (
    f"UPDATE inbox SET ({columns.ROW}) = ({_marks(columns.ROW)}) WHERE bot_id = ? AND update_id = ?"
)
_SETTLE_ROW = _WRITE_ROW.replace(" WHERE", ", payload = '{}' WHERE")
_READ_PROFILE = f"SELECT {columns.PROFILE} FROM user_profiles WHERE user_id = ?"
_ADD_PROFILE = (
    f"INSERT INTO user_profiles ({columns.PROFILE}) VALUES ({_marks(columns.PROFILE)}) "
    "ON CONFLICT (user_id) DO NOTHING"
)
WRITE_PROFILE = (
    f"UPDATE user_profiles SET ({columns.PROFILE}) = ({_marks(columns.PROFILE)}) "
    "WHERE user_id = ? AND revision = ?"
)
_ADD_EVENT = (
    f"INSERT INTO user_memory ({columns.EVENT}) VALUES ({_marks(columns.EVENT)}) "
    "ON CONFLICT (event_id) DO NOTHING"
)
_ARCHIVE = (
    f"INSERT INTO user_memory_archive ({columns.EVENT}) SELECT {columns.EVENT} FROM user_memory "
    "WHERE user_id = ? AND seq <= ? ON CONFLICT DO NOTHING"
)
UNSETTLED_OF = "SELECT bot_id, update_id FROM inbox WHERE settled_at IS NULL AND user_id = ?"
DROP_COVERED = "DELETE FROM user_memory WHERE user_id = ? AND seq <= ?"
_ADD_LETTER = (
    f"INSERT INTO dead_letters ({columns.LETTER}) VALUES ({_marks(columns.LETTER)}) "
    "ON CONFLICT (letter_id) DO NOTHING"
)
_DROP_LETTER = "DELETE FROM dead_letters WHERE letter_id = ?"
_DROP_ITEM = "DELETE FROM inbox WHERE bot_id = ? AND update_id = ?"


def apply(connection: sqlite3.Connection, write: Write, now: datetime) -> Result:
    """Apply one write inside the open transaction."""
    return _APPLY[type(write)](connection, write, now)


def _accept(connection: sqlite3.Connection, write: Accept, now: datetime) -> Result:
    new: list[InboxItem] = [
        item
        for item in write.items
        if connection.execute(_ACCEPT, columns.item_values(item)).rowcount > 0
    ]
    return Accepted(new=tuple(new), duplicates=len(write.items) - len(new))


def _change_rows(connection: sqlite3.Connection, write: RowWrite, now: datetime) -> Result:
    return _change(connection, write, _stored(connection, rows.keys_of(write)))


def _commit_turn(connection: sqlite3.Connection, write: CommitTurn, now: datetime) -> Result:
    stored = _stored(connection, write.keys)
    if write.keys and not any(map(rows.is_waiting, stored.values())):
        return DONE
    if write.profile is not None:
        result = _write_profile(connection, write.profile, write.expected)
        if isinstance(result, Fenced):
            return result
        connection.executemany(_ADD_EVENT, [columns.event_values(event) for event in write.events])
    return _change(connection, write, stored)


def _bury(connection: sqlite3.Connection, write: Bury, now: datetime) -> Result:
    letter = write.letter
    if letter.key is not None and not letter.payload:
        values = connection.execute(READ_ITEM, (letter.key.bot_id, letter.key.update_id)).fetchone()
        letter = letter if values is None else letter.about(columns.item_of(values))
    connection.execute(_ADD_LETTER, columns.letter_values(letter))
    return _change_rows(connection, write, now)


def _revive(connection: sqlite3.Connection, write: Revive, now: datetime) -> Result:
    key = write.item.key
    row = rows.revived(_stored(connection, (key,)).get(key))
    if row is None:
        values = connection.execute(READ_ITEM, (key.bot_id, key.update_id)).fetchone()
        mine = columns.item_of(values).accepted_at == write.item.accepted_at
        return Accepted((write.item,), 0) if mine else Accepted((), 1)
    if not connection.execute(_DROP_LETTER, (write.letter_id,)).rowcount:
        return Accepted((), 1)
    connection.execute(_DROP_ITEM, (key.bot_id, key.update_id))
    connection.execute(_ACCEPT, columns.item_values(write.item))
    connection.execute(_WRITE_ROW, (*columns.row_values(row), key.bot_id, key.update_id))
    return Accepted((write.item,), 0)


def _save_profile(connection: sqlite3.Connection, write: SaveProfile, now: datetime) -> Result:
    return _write_profile(connection, write.profile, write.expected)


def _commit_compaction(
    connection: sqlite3.Connection, write: CommitCompaction, now: datetime
) -> Result:
    result = _write_profile(connection, write.profile, write.expected)
    if isinstance(result, Done):
        covered = (write.profile.user_id, write.profile.covered_seq)
        connection.execute(_ARCHIVE, covered)
        connection.execute(DROP_COVERED, covered)
    return result


def _erase_guest(connection: sqlite3.Connection, write: EraseGuest, now: datetime) -> Result:
    unsettled = connection.execute(UNSETTLED_OF, (write.user_id,))
    keys = tuple(key for row in unsettled if (key := UpdateKey(*row)) not in write.sparing)
    _change_rows(connection, Settle(keys, "ignored", now), now)
    for table in ("dead_letters", "user_memory_archive", "user_memory", "user_profiles"):
        connection.execute(f"DELETE FROM {table} WHERE user_id = ?", (write.user_id,))
    return DONE


def _forget_memory(connection: sqlite3.Connection, write: ForgetMemory, now: datetime) -> Result:
    for table in ("user_memory_archive", "user_memory"):
        connection.execute(f"DELETE FROM {table} WHERE user_id = ?", (write.user_id,))
    stored = connection.execute(_READ_PROFILE, (write.user_id,)).fetchone()
    if stored is None:
        return DONE
    profile = columns.profile_of(stored)
    return _write_profile(connection, forgetful(profile, now), profile.revision)


def _sweep(connection: sqlite3.Connection, write: Sweep, now: datetime) -> Result:
    for table, column, before in (
        ("user_memory", "created_at", write.events_before),
        ("user_memory_archive", "created_at", write.events_before),
        ("inbox", "settled_at", write.settled_before),
    ):
        connection.execute(swept(table, column), (stamp(before),))
    return DONE


def swept(table: str, column: str) -> str:
    """The statement that drops rows of `table` older than a moment, a bounded number at once."""
    old = f"SELECT rowid FROM {table} WHERE {column} < ? LIMIT {SWEPT_AT_ONCE}"
    return f"DELETE FROM {table} WHERE rowid IN ({old})"


def _stored(connection: sqlite3.Connection, keys: Iterable[UpdateKey]) -> dict[UpdateKey, Row]:
    found = {}
    for key in keys:
        values = connection.execute(READ_ROW, (key.bot_id, key.update_id)).fetchone()
        if values is not None:
            found[key] = columns.row_of(values)
    return found


def _change(
    connection: sqlite3.Connection, write: RowWrite, stored: dict[UpdateKey, Row]
) -> Result:
    for key, change in rows.changes(write, stored):
        row = change(stored[key])
        if row is not stored[key]:
            statement = _WRITE_ROW if row.settled_at is None else _SETTLE_ROW
            connection.execute(statement, (*columns.row_values(row), key.bot_id, key.update_id))
    return DONE


def _write_profile(connection: sqlite3.Connection, profile: Profile, expected: int) -> Result:
    values = columns.profile_values(profile)
    if expected == 0:
        written = connection.execute(_ADD_PROFILE, values).rowcount
    else:
        written = connection.execute(WRITE_PROFILE, (*values, values[0], expected)).rowcount
    if written > 0:
        return DONE
    stored = connection.execute(_READ_PROFILE, (profile.user_id,)).fetchone()
    if stored is None:
        return Fenced(stored_revision=0)
    found = columns.profile_of(stored)
    return DONE if found == profile else Fenced(stored_revision=found.revision)


_APPLY: dict[type[Any], Callable[[sqlite3.Connection, Any, datetime], Result]] = {
    Accept: _accept,
    NoteTranscript: _change_rows,
    AppendParts: _change_rows,
    CommitTurn: _commit_turn,
    NoteSent: _change_rows,
    Settle: _change_rows,
    Bury: _bury,
    Revive: _revive,
    SaveProfile: _save_profile,
    CommitCompaction: _commit_compaction,
    EraseGuest: _erase_guest,
    ForgetMemory: _forget_memory,
    Sweep: _sweep,
}

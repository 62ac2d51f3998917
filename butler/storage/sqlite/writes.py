"""Each write as statements inside the batch's transaction. Called on the committing thread only."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from butler.domain.held import in_place_of
from butler.domain.inbox import InboxItem, UpdateKey
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
    Forget,
    ImportGuest,
    KeepVectors,
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
from butler.storage.documents import stamp
from butler.storage.rows import Row, RowWrite
from butler.storage.sqlite import columns, forgetting
from butler.storage.sqlite.profiles import DONE, marks, read_profile, write_profile

SWEPT_AT_ONCE = 20_000  # rows of a table, so that no sweep holds the journal up for long

_ACCEPT = (
    f"INSERT INTO inbox ({columns.INBOX}) VALUES ({marks(columns.INBOX)}) "
    "ON CONFLICT (bot_id, update_id) DO NOTHING"
)
READ_ITEM = f"SELECT {columns.INBOX} FROM inbox WHERE bot_id = ? AND update_id = ?"
READ_ROW = f"SELECT {columns.ROW} FROM inbox WHERE bot_id = ? AND update_id = ?"
_WRITE_ROW = (
    f"UPDATE inbox SET ({columns.ROW}) = ({marks(columns.ROW)}) WHERE bot_id = ? AND update_id = ?"
)
_SETTLE_ROW = _WRITE_ROW.replace(" WHERE", ", payload = '{}' WHERE")
_ADD_EVENT = (
    f"INSERT INTO user_memory ({columns.EVENT}) VALUES ({marks(columns.EVENT)}) "
    "ON CONFLICT (event_id) DO NOTHING"
)
_ARCHIVE = (
    f"INSERT INTO user_memory_archive ({columns.EVENT}) SELECT {columns.EVENT} FROM user_memory "
    "WHERE user_id = ? AND seq <= ? AND content <> '' ON CONFLICT DO NOTHING"
)
UNSETTLED_OF = "SELECT bot_id, update_id FROM inbox WHERE settled_at IS NULL AND user_id = ?"
DROP_COVERED = "DELETE FROM user_memory WHERE user_id = ? AND seq <= ?"
_ADD_LETTER = (
    f"INSERT INTO dead_letters ({columns.LETTER}) VALUES ({marks(columns.LETTER)}) "
    "ON CONFLICT (letter_id) DO NOTHING"
)
_KEEP_VECTOR = (
    "INSERT INTO user_memory_vectors (event_id, user_id, seq, model, vector, created_at) "
    "SELECT event_id, user_id, seq, ?, ?, created_at FROM user_memory_archive "
    "WHERE event_id = ? AND user_id = ? ON CONFLICT (event_id) "
    "DO UPDATE SET model = excluded.model, vector = excluded.vector"
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
        result = write_profile(connection, write.profile, write.expected)
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
    return write_profile(connection, write.profile, write.expected)


def _commit_compaction(
    connection: sqlite3.Connection, write: CommitCompaction, now: datetime
) -> Result:
    result = write_profile(connection, write.profile, write.expected)
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


def _forget(connection: sqlite3.Connection, write: Forget, now: datetime) -> Result:
    result = write_profile(connection, write.profile, write.expected)
    if isinstance(result, Done):
        forgetting.let_go(connection, write)
    return result


def _import_guest(connection: sqlite3.Connection, write: ImportGuest, now: datetime) -> Result:
    held = write.held
    user_id = held.profile.user_id
    known = read_profile(connection, user_id)
    if known is not None and not write.replace:
        return Fenced(known.revision)
    if known is not None:
        _erase_guest(connection, EraseGuest(user_id), now)
    write_profile(connection, in_place_of(known, held), 0)
    for table, events in (("user_memory", held.window), ("user_memory_archive", held.archive)):
        statement = _ADD_EVENT.replace("user_memory", table)
        connection.executemany(statement, [columns.event_values(event) for event in events])
    connection.executemany(_ADD_LETTER, map(columns.letter_values, held.dead_letters))
    connection.executemany(_ACCEPT, map(columns.item_values, held.inbox))
    return DONE


def _keep_vectors(connection: sqlite3.Connection, write: KeepVectors, now: datetime) -> Result:
    rows_of = [(write.model, v.vector, v.event_id, write.user_id) for v in write.vectors]
    connection.executemany(_KEEP_VECTOR, rows_of)
    return DONE


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
    Forget: _forget,
    ImportGuest: _import_guest,
    KeepVectors: _keep_vectors,
    Sweep: _sweep,
}

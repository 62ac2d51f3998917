"""Each write as statements inside the batch's transaction. Called on the committing thread only."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
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
from butler.storage.sqlite.draft import ADD_ITEM, Draft, add_events
from butler.storage.sqlite.profiles import DONE, marks, read_profile

SWEPT_AT_ONCE = 20_000  # rows of a table, so that no sweep holds the journal up for long

READ_ITEM = f"SELECT {columns.INBOX} FROM inbox WHERE bot_id = ? AND update_id = ?"
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


def apply(draft: Draft, write: Write, now: datetime) -> Result:
    """Apply one write inside the open transaction."""
    return _APPLY[type(write)](draft, write, now)


def _accept(draft: Draft, write: Accept, now: datetime) -> Result:
    return draft.accept(write.items)


def _change_rows(draft: Draft, write: RowWrite, now: datetime) -> Result:
    return _change(draft, write, draft.rows(rows.keys_of(write)))


def _commit_turn(draft: Draft, write: CommitTurn, now: datetime) -> Result:
    stored = draft.rows(write.keys)
    if write.keys and not any(map(rows.is_waiting, stored.values())):
        return DONE
    if write.profile is not None:
        result = draft.put_profile(write.profile, write.expected)
        if isinstance(result, Fenced):
            return result
        draft.add_events(write.events)
    return _change(draft, write, stored)


def _bury(draft: Draft, write: Bury, now: datetime) -> Result:
    draft.flush()
    letter = write.letter
    if letter.key is not None and not letter.payload:
        item = _item(draft.connection, letter.key)
        letter = letter if item is None else letter.about(item)
    draft.connection.execute(_ADD_LETTER, columns.letter_values(letter))
    return _change_rows(draft, write, now)


def _revive(draft: Draft, write: Revive, now: datetime) -> Result:
    draft.flush()
    connection, key = draft.connection, write.item.key
    row = rows.revived(draft.rows((key,)).get(key))
    if row is None:
        known = _item(connection, key)
        mine = known is not None and known.accepted_at == write.item.accepted_at
        return Accepted((write.item,), 0) if mine else Accepted((), 1)
    if not connection.execute(_DROP_LETTER, (write.letter_id,)).rowcount:
        return Accepted((), 1)
    connection.execute(_DROP_ITEM, (key.bot_id, key.update_id))
    result = draft.accept((write.item,))
    draft.change(key, row)
    return result


def _save_profile(draft: Draft, write: SaveProfile, now: datetime) -> Result:
    return draft.put_profile(write.profile, write.expected)


def _commit_compaction(draft: Draft, write: CommitCompaction, now: datetime) -> Result:
    result = draft.put_profile(write.profile, write.expected)
    if isinstance(result, Done):
        draft.flush()
        covered = (write.profile.user_id, write.profile.covered_seq)
        draft.connection.execute(_ARCHIVE, covered)
        draft.connection.execute(DROP_COVERED, covered)
    return result


def _erase_guest(draft: Draft, write: EraseGuest, now: datetime) -> Result:
    draft.flush()
    unsettled = draft.connection.execute(UNSETTLED_OF, (write.user_id,))
    keys = tuple(key for row in unsettled if not write.spares(key := UpdateKey(*row)))
    _change_rows(draft, Settle(keys, "ignored", now), now)
    for table in ("dead_letters", "user_memory_archive", "user_memory", "user_profiles"):
        draft.connection.execute(f"DELETE FROM {table} WHERE user_id = ?", (write.user_id,))
    draft.flush()
    draft.forget()
    return DONE


def _forget(draft: Draft, write: Forget, now: datetime) -> Result:
    result = draft.put_profile(write.profile, write.expected)
    if isinstance(result, Done):
        draft.flush()
        forgetting.let_go(draft.connection, write)
    return result


def _import_guest(draft: Draft, write: ImportGuest, now: datetime) -> Result:
    draft.flush()
    connection, held = draft.connection, write.held
    user_id = held.profile.user_id
    known = read_profile(connection, user_id)
    if known is not None and not write.replace:
        return Fenced(known.revision)
    if known is not None:
        _erase_guest(draft, EraseGuest(user_id), now)
    draft.put_profile(in_place_of(known, held), 0)
    draft.add_events(held.window)
    archived = add_events(1).replace("user_memory", "user_memory_archive")
    connection.executemany(archived, map(columns.event_values, held.archive))
    connection.executemany(_ADD_LETTER, map(columns.letter_values, held.dead_letters))
    connection.executemany(ADD_ITEM, map(columns.item_values, held.inbox))
    return DONE


def _keep_vectors(draft: Draft, write: KeepVectors, now: datetime) -> Result:
    rows_of = [(write.model, v.vector, v.event_id, write.user_id) for v in write.vectors]
    draft.connection.executemany(_KEEP_VECTOR, rows_of)
    return DONE


def _sweep(draft: Draft, write: Sweep, now: datetime) -> Result:
    draft.flush()
    for table, column, before in (
        ("user_memory", "created_at", write.events_before),
        ("user_memory_archive", "created_at", write.events_before),
        ("inbox", "settled_at", write.settled_before),
    ):
        draft.connection.execute(swept(table, column), (stamp(before),))
    draft.forget()
    return DONE


def swept(table: str, column: str) -> str:
    """The statement that drops rows of `table` older than a moment, a bounded number at once."""
    old = f"SELECT rowid FROM {table} WHERE {column} < ? LIMIT {SWEPT_AT_ONCE}"
    return f"DELETE FROM {table} WHERE rowid IN ({old})"


def _item(connection: sqlite3.Connection, key: UpdateKey) -> InboxItem | None:
    values = connection.execute(READ_ITEM, (key.bot_id, key.update_id)).fetchone()
    return None if values is None else columns.item_of(values)


def _change(draft: Draft, write: RowWrite, stored: dict[UpdateKey, Row]) -> Result:
    for key, change in rows.changes(write, stored):
        row = change(stored[key])
        if row is not stored[key]:
            draft.change(key, row)
    return DONE


_APPLY: dict[type[Any], Callable[[Draft, Any, datetime], Result]] = {
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

"""What is read, as functions of a connection."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

from butler.domain.event import Event, Guest
from butler.domain.inbox import DeadLetter, InboxItem, UpdateKey
from butler.domain.profile import Profile
from butler.ports import StoreStatistics
from butler.storage.documents import moment
from butler.storage.exchange import exported
from butler.storage.sqlite import columns

PROFILE = f"SELECT {columns.PROFILE} FROM user_profiles WHERE user_id = ?"
REVISION = "SELECT revision FROM user_profiles WHERE user_id = ?"
WINDOW = (
    f"SELECT {columns.EVENT} FROM user_memory "
    "WHERE user_id = ? AND seq > ? AND seq <= ? ORDER BY seq"
)
ARCHIVE = (
    f"SELECT {columns.EVENT} FROM user_memory_archive "
    "WHERE user_id = ? AND seq > ? ORDER BY seq LIMIT ?"
)
VECTORS = "SELECT seq, vector FROM user_memory_vectors WHERE user_id = ? AND model = ?"
UNSETTLED = (
    f"SELECT {columns.INBOX} FROM inbox WHERE settled_at IS NULL "
    "AND (bot_id, update_id) > (?, ?) ORDER BY bot_id, update_id LIMIT ?"
)
WAITING_OF = (
    f"SELECT {columns.INBOX} FROM inbox WHERE settled_at IS NULL "
    "AND user_id = ? ORDER BY bot_id, update_id"
)
ITEM = f"SELECT {columns.INBOX} FROM inbox WHERE bot_id = ? AND update_id = ?"
PROFILES = f"SELECT {columns.PROFILE} FROM user_profiles WHERE user_id > ? ORDER BY user_id LIMIT ?"
LETTERS = (
    f"SELECT {columns.LETTER} FROM dead_letters WHERE letter_id > ? ORDER BY letter_id LIMIT ?"
)
LETTER = f"SELECT {columns.LETTER} FROM dead_letters WHERE letter_id = ?"
LETTERS_OF = f"SELECT {columns.LETTER} FROM dead_letters WHERE user_id = ? ORDER BY letter_id"
COUNTS = "SELECT name, value FROM counts"
WAITING = "SELECT count(*) FROM inbox WHERE settled_at IS NULL"
OLDEST = "SELECT accepted_at FROM inbox WHERE settled_at IS NULL ORDER BY accepted_at LIMIT 1"
BEFORE_ANY_BOT = UpdateKey(-1, -1)
ARCHIVE_PAGE = 500


def guest(connection: sqlite3.Connection, user_id: str) -> Guest | None:
    """Profile and window; the connection sees one state throughout."""
    row = connection.execute(PROFILE, (user_id,)).fetchone()
    if row is None:
        return None
    profile = columns.profile_of(row)
    span = (user_id, profile.covered_seq, profile.last_seq)
    return Guest(profile, tuple(map(columns.event_of, connection.execute(WINDOW, span))))


def revision(connection: sqlite3.Connection, user_id: str) -> int:
    """The revision of a profile; 0 where there is none."""
    row = connection.execute(REVISION, (user_id,)).fetchone()
    return 0 if row is None else int(row[0])


def unsettled(
    connection: sqlite3.Connection, after: UpdateKey | None, limit: int
) -> list[InboxItem]:
    """A page of the items that wait."""
    key = after or BEFORE_ANY_BOT
    found = connection.execute(UNSETTLED, (key.bot_id, key.update_id, limit))
    return [columns.item_of(row) for row in found]


def waiting_of(connection: sqlite3.Connection, user_id: str) -> list[InboxItem]:
    """A guest's items that wait."""
    return [columns.item_of(row) for row in connection.execute(WAITING_OF, (user_id,))]


def inbox_item(connection: sqlite3.Connection, key: UpdateKey) -> InboxItem | None:
    """One accepted update."""
    row = connection.execute(ITEM, (key.bot_id, key.update_id)).fetchone()
    return None if row is None else columns.item_of(row)


def profiles(connection: sqlite3.Connection, limit: int, after: str | None) -> list[Profile]:
    """A page of profiles."""
    found = connection.execute(PROFILES, (after or "", limit))
    return [columns.profile_of(row) for row in found]


def archive_page(connection: sqlite3.Connection, user_id: str, after_seq: int) -> list[Event]:
    """A page of covered events."""
    found = connection.execute(ARCHIVE, (user_id, after_seq, ARCHIVE_PAGE))
    return [columns.event_of(row) for row in found]


def dead_letters(connection: sqlite3.Connection, limit: int, after: str | None) -> list[DeadLetter]:
    """A page of dead letters."""
    found = connection.execute(LETTERS, (after or "", limit))
    return [columns.letter_of(row) for row in found]


def dead_letter(connection: sqlite3.Connection, letter_id: str) -> DeadLetter | None:
    """One dead letter."""
    row = connection.execute(LETTER, (letter_id,)).fetchone()
    return None if row is None else columns.letter_of(row)


def archive_of(connection: sqlite3.Connection, user_id: str) -> Iterator[Event]:
    """All covered events of a guest."""
    after = 0
    while page := archive_page(connection, user_id, after):
        yield from page
        after = page[-1].seq


def export(connection: sqlite3.Connection, user_id: str) -> dict[str, Any]:
    """All that is kept of a guest; the connection sees one state throughout."""
    known = guest(connection, user_id)
    letters = connection.execute(LETTERS_OF, (user_id,))
    return exported(
        profile=None if known is None else known.profile,
        window=() if known is None else known.window,
        archive=archive_of(connection, user_id),
        letters=[columns.letter_of(row) for row in letters],
        inbox=waiting_of(connection, user_id),
    )


def statistics(connection: sqlite3.Connection) -> StoreStatistics:
    """Counts from counters, and from indexes that hold only what waits."""
    counts = dict(connection.execute(COUNTS))
    oldest = connection.execute(OLDEST).fetchone()
    return StoreStatistics(
        profiles=counts["user_profiles"],
        events=counts["user_memory"],
        archived=counts["user_memory_archive"],
        unsettled=connection.execute(WAITING).fetchone()[0],
        dead_letters=connection.execute("SELECT count(*) FROM dead_letters").fetchone()[0],
        oldest_accepted=None if oldest is None else moment(oldest[0]),
    )

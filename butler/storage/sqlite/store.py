"""The store over one SQLite file."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from butler.domain.event import Event, Guest
from butler.domain.inbox import DeadLetter, InboxItem, UpdateKey
from butler.domain.profile import Profile
from butler.domain.writes import (
    CommitCompaction,
    EraseGuest,
    Forget,
    ImportGuest,
    Result,
    Sweep,
    Write,
)
from butler.ports import Clock, StoreStatistics
from butler.storage.documents import stamp
from butler.storage.sqlite import reads, schema
from butler.storage.sqlite.connections import Pool, connect, prepare
from butler.storage.sqlite.draft import Draft
from butler.storage.sqlite.errors import translated
from butler.storage.sqlite.known import Known
from butler.storage.sqlite.profiles import age_profiles
from butler.storage.sqlite.writes import apply
from butler.storage.steps import unwatched

LAZY = (CommitCompaction,)
ERASING = (EraseGuest, Forget, ImportGuest, Sweep)
TABLES = (
    "user_profiles",
    "user_memory",
    "user_memory_archive",
    "user_memory_vectors",
    "inbox",
    "dead_letters",
)


class SqliteStore:
    """`butler.ports.Store` in a file. A batch is one transaction, on disk when `commit` returns.

    `commit` holds a connection of its own; reads take pooled ones and never wait for it. Other
    processes (the command line) may use the same file meanwhile. `step` is called with the name of
    each step of a commit, so that tests can stop there.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self.path = path
        self.step: Callable[[str], None] = unwatched
        self._clock = clock
        self._swept = ""
        self._known = Known()
        self._synced = True
        self._writing = threading.Lock()
        with translated(path):
            prepare(path)
            self._writer = connect(path)
        self._pool = Pool(path)

    def migrate(self) -> list[str]:
        """Create or upgrade the schema; a line for each table and index as it stands."""
        with self._writing, translated(self.path):
            schema.upgrade(self._writer)
            return schema.described(self._writer)

    def ping(self) -> None:
        """Raise unless the file can be written: a small row is."""
        with translated(self.path), self._pool.connection() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO pings (id, at) VALUES (1, ?)", (stamp(self._clock.now()),)
            )

    @property
    def others(self) -> int | None:
        """How often rows were changed past `commit`, as the last one has found."""
        return self._known.others

    def commit(self, writes: Sequence[Write]) -> list[Result]:
        """Apply `writes` in one transaction: all of them or, on an exception, none.

        Compactions alone are synced to disk by the next batch: if the power fails before, they have
        not taken place, and all that they cover is still there.
        """
        now = self._clock.now()
        with self._writing, translated(self.path):
            self.step("commit.begin")
            self._sync(any(not isinstance(write, LAZY) for write in writes))
            try:
                with _transaction(self._writer) as connection:
                    draft = Draft(connection, self._known)
                    results = [self._apply(draft, write, now) for write in writes]
                    draft.flush()
                    self.step("commit.applied")
            except BaseException:  # nobody knows what became of it
                self._known.clear()
                raise
            draft.keep()
            self.step("commit.done")
            if any(isinstance(write, ERASING) for write in writes):
                self._scrub()
        return results

    def _sync(self, wanted: bool) -> None:
        """Let commits wait for the disk, or not; outside any transaction."""
        if wanted != self._synced:
            self._writer.execute(f"PRAGMA synchronous = {'FULL' if wanted else 'NORMAL'}")
            self._synced = wanted

    def _apply(self, draft: Draft, write: Write, now: datetime) -> Result:
        result = apply(draft, write, now)
        if isinstance(write, Sweep):
            put = draft.put_profile
            self._swept = age_profiles(draft.connection, put, write, now, self._swept)
        return result

    def guest(self, user_id: str) -> Guest | None:
        """A guest's profile and window, or None for a stranger."""
        with translated(self.path), self._pool.snapshot() as connection:
            return reads.guest(connection, user_id)

    def revision(self, user_id: str) -> int:
        """The revision of a guest's profile; 0 for a stranger."""
        with translated(self.path), self._pool.connection() as connection:
            return reads.revision(connection, user_id)

    def unsettled(self, after: UpdateKey | None, limit: int) -> list[InboxItem]:
        """Items received or answered, by (bot_id, update_id), after a key."""
        with translated(self.path), self._pool.connection() as connection:
            return reads.unsettled(connection, after, limit)

    def waiting_of(self, user_id: str) -> list[InboxItem]:
        """A guest's items received or answered, by (bot_id, update_id)."""
        with translated(self.path), self._pool.connection() as connection:
            return reads.waiting_of(connection, user_id)

    def inbox_item(self, key: UpdateKey) -> InboxItem | None:
        """One accepted update."""
        with translated(self.path), self._pool.connection() as connection:
            return reads.inbox_item(connection, key)

    def profiles(self, limit: int, after: str | None = None) -> list[Profile]:
        """Profiles by user id, after one."""
        with translated(self.path), self._pool.connection() as connection:
            return reads.profiles(connection, limit, after)

    def archive(self, user_id: str, after_seq: int = 0) -> Iterator[Event]:
        """A guest's covered events by seq, fetched in pages as they are taken."""
        while True:
            with translated(self.path), self._pool.connection() as connection:
                page = reads.archive_page(connection, user_id, after_seq)
            if not page:
                return
            yield from page
            after_seq = page[-1].seq

    def vectors(self, user_id: str, model: str) -> Iterator[tuple[int, bytes]]:
        """Vectors of that model of a guest's archived events: (seq, vector)."""
        with translated(self.path), self._pool.connection() as connection:
            yield from connection.execute(reads.VECTORS, (user_id, model))

    def dead_letters(self, limit: int, after: str | None = None) -> list[DeadLetter]:
        """Dead letters by letter id, after one."""
        with translated(self.path), self._pool.connection() as connection:
            return reads.dead_letters(connection, limit, after)

    def dead_letter(self, letter_id: str) -> DeadLetter | None:
        """One dead letter."""
        with translated(self.path), self._pool.connection() as connection:
            return reads.dead_letter(connection, letter_id)

    def take_dead_letter(self, letter_id: str) -> DeadLetter | None:
        """Remove and return one, for good; its update stays known. From any thread."""
        with (
            translated(self.path),
            self._pool.connection() as pooled,
            _transaction(pooled) as connection,
        ):
            letter = reads.dead_letter(connection, letter_id)
            connection.execute("DELETE FROM dead_letters WHERE letter_id = ?", (letter_id,))
            return letter

    def export(self, user_id: str) -> dict[str, Any]:
        """All that is kept of a guest, ready for JSON."""
        with translated(self.path), self._pool.snapshot() as connection:
            return reads.export(connection, user_id)

    def erase_all(self) -> None:
        """Erase everything of everybody; schema and indexes stay, the file shrinks."""
        with self._writing, translated(self.path):
            self._sync(True)
            with _transaction(self._writer) as connection:
                for table in TABLES:
                    connection.execute(f"DELETE FROM {table}")
            self._known.clear()
            self._writer.execute("VACUUM")
            self._scrub()

    def statistics(self) -> StoreStatistics:
        """Counts; a few microseconds however much is stored."""
        with translated(self.path), self._pool.snapshot() as connection:
            return reads.statistics(connection)

    def close(self) -> None:
        """Close all connections; the last process to do so folds the log into the file."""
        self._pool.close()
        with self._writing, translated(self.path):
            self._writer.close()

    def _scrub(self) -> None:
        """Empty the write-ahead log, which still holds what was erased.

        What was committed stays so if this fails (a long reader, a full disk); the next one tries.
        """
        with suppress(sqlite3.Error):
            self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise

"""Connections to the file: opened checked and tuned, pooled for readers."""

from __future__ import annotations

import os
import sqlite3
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from butler.errors import StoreRefused, StoreUnavailable, StoreVersion
from butler.storage.sqlite.schema import APPLICATION_ID, VERSION

BUSY_TIMEOUT_MS = 5_000
CACHE_KIB = 16_384
WAL_LIMIT_BYTES = 64 * 1024 * 1024


def connect(path: Path) -> sqlite3.Connection:
    """A connection in autocommit mode, durable and scrubbing, for one thread at a time."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        for pragma in (
            f"busy_timeout = {BUSY_TIMEOUT_MS}",
            "synchronous = FULL",
            "secure_delete = ON",
            "temp_store = MEMORY",
            f"cache_size = -{CACHE_KIB}",
            f"journal_size_limit = {WAL_LIMIT_BYTES}",
        ):
            connection.execute(f"PRAGMA {pragma}")
    except BaseException:
        connection.close()
        raise
    return connection


def prepare(path: Path) -> None:
    """See to it that `path` is ours or new (then private to its owner), and in WAL mode.

    Raises `StoreVersion` or `StoreRefused`, before anything is changed, for a file of a newer
    butler or of another program.
    """
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    connection = connect(path)
    try:
        _check(connection, path)
        connection.execute("PRAGMA journal_mode = WAL")
    finally:
        connection.close()


def _check(connection: sqlite3.Connection, path: Path) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if tables and application != APPLICATION_ID:
        raise StoreRefused(
            f"{path}: expected a butler's database, found another program's. "
            "Point BUTLER_DATA_DIR at another directory"
        )
    if version > VERSION:
        raise StoreVersion(
            f"{path}: expected schema version {VERSION} or older, found {version}. "
            "Start the newer butler that made it, or use another BUTLER_DATA_DIR"
        )


class Pool:
    """Connections for readers: taken and given back from any thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._idle: deque[sqlite3.Connection] = deque()
        self._closed = False

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """A connection in autocommit mode for the time of the block."""
        if self._closed:
            raise StoreUnavailable(f"{self._path}: the store is closed")
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = connect(self._path)
        try:
            yield connection
        finally:
            self._give_back(connection)

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """A connection whose statements all see the same state."""
        with self.connection() as connection:
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    def close(self) -> None:
        """Close what is idle now, and the rest as it comes back."""
        self._closed = True
        while self._idle:
            self._idle.pop().close()

    def _give_back(self, connection: sqlite3.Connection) -> None:
        if self._closed:
            connection.close()
        else:
            self._idle.append(connection)

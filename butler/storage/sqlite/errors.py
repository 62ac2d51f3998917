"""SQLite's errors as ours."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from butler.errors import StoreError, StoreFull, StoreRefused, StoreUnavailable

PRIMARY = 0xFF  # the low byte of an extended result code is the primary one
REFUSED = {
    sqlite3.SQLITE_PERM: "no permission for it",
    sqlite3.SQLITE_AUTH: "no permission for it",
    sqlite3.SQLITE_READONLY: "it is read-only",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened or created there",
    sqlite3.SQLITE_NOTADB: "it is not a database",
    sqlite3.SQLITE_CORRUPT: "it is damaged",
}
UNAVAILABLE = {
    sqlite3.SQLITE_BUSY: "another process holds it locked",
    sqlite3.SQLITE_LOCKED: "another process holds it locked",
    sqlite3.SQLITE_IOERR: "the disk failed to read or write it",
    sqlite3.SQLITE_NOMEM: "no memory left",
    sqlite3.SQLITE_PROTOCOL: "its lock protocol failed",
    sqlite3.SQLITE_INTERRUPT: "the call was interrupted",
}


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Raise `StoreError` and its kinds for whatever SQLite raises about `path`.

    The original is not chained: it may quote what was being written.
    """
    try:
        yield
    except (sqlite3.Error, OverflowError) as error:
        raise translation(error, path) from None
    except OSError as error:
        raise no_place(error, path) from None


def translation(error: Exception, path: Path) -> StoreError:
    """The error of ours that says what `error` means for the file at `path`."""
    code = getattr(error, "sqlite_errorcode", None)
    name = getattr(error, "sqlite_errorname", None) or type(error).__name__
    primary = None if code is None else code & PRIMARY
    if primary == sqlite3.SQLITE_FULL or code == sqlite3.SQLITE_IOERR_SHMSIZE:
        do = "Free some space; a butler that runs goes on by itself"
        return StoreFull(f"{path}: the disk is full. {do}")
    if primary in REFUSED:
        why = REFUSED[primary]
        return StoreRefused(
            f"{path}: {why} ({name}). Point BUTLER_DATA_DIR at a directory that you may write to, "
            "or restore the file from a backup"
        )
    if primary in UNAVAILABLE:
        return StoreUnavailable(f"{path}: {UNAVAILABLE[primary]} ({name})")
    return StoreError(f"{path}: the database refused a statement ({name})")


def no_place(error: OSError, path: Path) -> StoreError:
    """The error of ours for a file or directory that can't be made."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StoreFull(f"{path}: the disk is full. Free some space")
    return StoreRefused(
        f"{path}: cannot be created ({error.strerror}). "
        "Point BUTLER_DATA_DIR at a directory that you may write to"
    )

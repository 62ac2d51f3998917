"""The embedded store: one SQLite file."""

from butler.storage.sqlite.store import SqliteStore

__all__ = ["SqliteStore"]

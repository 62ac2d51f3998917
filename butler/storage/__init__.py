"""Where the butler keeps what he knows: SQLite and MongoDB behind one port."""

from butler.storage.opening import SQLITE_FILE, open_store

__all__ = ["SQLITE_FILE", "open_store"]

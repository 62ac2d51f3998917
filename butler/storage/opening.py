"""Which store is meant, opened."""

from __future__ import annotations

from pathlib import Path

from butler.ports import Clock, Store
from butler.storage.sqlite import SqliteStore
from butler.storage.sqlite.errors import translated

SQLITE_FILE = "butler.sqlite3"


def open_store(mongodb_url: str | None, data_dir: Path, ttl_days: int, clock: Clock) -> Store:
    """The MongoDB store at `mongodb_url`, or the SQLite file in `data_dir` (made if missing).

    Call `migrate()` before anything else: it makes the schema and finishes what a crash left
    halfway. SQLite is opened here, and a wrong place, version or file raises `StoreError`; MongoDB
    is first spoken to by `migrate` or `ping`.
    """
    if mongodb_url:
        # Imported here, since the driver's import costs a quarter of a second of every start.
        from butler.storage.mongo import MongoStore

        return MongoStore(mongodb_url, clock, ttl_days=ttl_days)
    with translated(data_dir):
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    return SqliteStore(data_dir / SQLITE_FILE, clock)

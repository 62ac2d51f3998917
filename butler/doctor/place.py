"""Where things are kept: disk and database."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from butler.clock import SystemClock
from butler.config import Settings
from butler.doctor.finding import Finding, Level
from butler.ports import StoreStatistics
from butler.storage import SQLITE_FILE, open_store

MIB, GIB = 1 << 20, 1 << 30
LEAST_FREE = 100 * MIB
SCARCE_FREE = GIB
OTHERS = 0o077


def check_disk(settings: Settings) -> Iterator[Finding]:
    """The data directory can be written and has room."""
    directory = settings.butler_data_dir
    there = _nearest(directory)
    try:
        with tempfile.TemporaryFile(dir=there):
            free = shutil.disk_usage(there).free
    except OSError as error:
        do = "Give the butler the right to write there, or set BUTLER_DATA_DIR."
        found = f"{there} cannot be written ({error.strerror})"
        yield Finding("FAIL", "disk", found, do)
        return
    found = f"{directory}: {_size(free)} free"
    if there != directory:
        found += " (made at the first start)"
    level = room(free)
    do = "" if level == "ok" else "Free some space, or set BUTLER_DATA_DIR elsewhere."
    yield Finding(level, "disk", found, do)


def room(free: int) -> Level:
    """How good `free` bytes are."""
    if free < LEAST_FREE:
        return "FAIL"
    return "warn" if free < SCARCE_FREE else "ok"


def check_database(settings: Settings) -> Iterator[Finding]:
    """The database opens and can be written; what it holds. Its errors say what to do."""
    file = settings.butler_data_dir / SQLITE_FILE
    if settings.mongodb_url is None and not file.exists():
        yield Finding("ok", "database", f"none yet; made at the first start: {file}")
        return
    data_dir, ttl_days = settings.butler_data_dir, settings.memory_ttl_days
    store = open_store(settings.mongodb_url, data_dir, ttl_days, SystemClock())
    try:
        lines = store.migrate()
        store.ping()
        held = store.statistics()
    finally:
        store.close()
    kind = "MongoDB" if settings.mongodb_url else f"SQLite {file}"
    indexes = sum("index" in line for line in lines)
    yield Finding("ok", "database", f"{kind}: {lines[0]}, {indexes} indexes, {_held(held)}")
    if settings.mongodb_url is None and file.stat().st_mode & OTHERS:
        do = f"chmod 600 {file}"
        yield Finding("warn", "database", "others on this machine may read the file", do)
    if held.dead_letters:
        do = "butler dead-letters list shows them; retry or drop them."
        yield Finding("warn", "database", f"dead letters: {held.dead_letters}", do)


def _held(held: StoreStatistics) -> str:
    return f"{held.profiles} guests, {held.events} recent events, {held.unsettled} updates waiting"


def _nearest(path: Path) -> Path:
    """The directory itself, or the one it would be made in."""
    return next(place for place in (path, *path.parents) if place.exists())


def _size(count: int) -> str:
    return f"{count / GIB:.1f} GiB" if count >= GIB else f"{count // MIB} MiB"

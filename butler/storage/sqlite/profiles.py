"""Profiles as rows, read; see `draft` for how they are written under their revision."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import datetime

from butler.domain.profile import Profile
from butler.domain.retention import aged
from butler.domain.writes import Done, Result, Sweep
from butler.storage.sqlite import columns

DONE = Done()
Put = Callable[[Profile, int], Result]
AGED_AT_ONCE = 200  # profiles looked at by one sweep


def marks(names: str) -> str:
    """A question mark for each of the names."""
    return ", ".join("?" * len(names.split(", ")))


_READ = f"SELECT {columns.PROFILE} FROM user_profiles WHERE user_id = ?"
_PAGE = f"SELECT {columns.PROFILE} FROM user_profiles WHERE user_id > ? ORDER BY user_id LIMIT ?"


def read_profile(connection: sqlite3.Connection, user_id: str) -> Profile | None:
    """A guest's profile."""
    row = connection.execute(_READ, (user_id,)).fetchone()
    return None if row is None else columns.profile_of(row)


def age_profiles(
    connection: sqlite3.Connection, put: Put, write: Sweep, now: datetime, after: str
) -> str:
    """Let go of what is too old in some profiles after a user id; where to go on next time."""
    rows = connection.execute(_PAGE, (after, AGED_AT_ONCE)).fetchall()
    for profile in map(columns.profile_of, rows):
        left = aged(profile, write.events_before, now)
        if left is not None:
            put(left, profile.revision)
    return rows[-1][0] if len(rows) == AGED_AT_ONCE else ""

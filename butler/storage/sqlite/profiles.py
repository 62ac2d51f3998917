"""Profiles as rows, written under their revision."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from butler.domain.profile import Profile
from butler.domain.retention import aged
from butler.domain.writes import Done, Fenced, Result, Sweep
from butler.storage.sqlite import columns

DONE = Done()
AGED_AT_ONCE = 200  # profiles looked at by one sweep


def marks(names: str) -> str:
    """A question mark for each of the names."""
    return ", ".join("?" * len(names.split(", ")))


_READ = f"SELECT {columns.PROFILE} FROM user_profiles WHERE user_id = ?"
_PAGE = f"SELECT {columns.PROFILE} FROM user_profiles WHERE user_id > ? ORDER BY user_id LIMIT ?"
_ADD = (
    f"INSERT INTO user_profiles ({columns.PROFILE}) VALUES ({marks(columns.PROFILE)}) "
    "ON CONFLICT (user_id) DO NOTHING"
)
WRITE = (
    f"UPDATE user_profiles SET ({columns.PROFILE}) = ({marks(columns.PROFILE)}) "
    "WHERE user_id = ? AND revision = ?"
)


def read_profile(connection: sqlite3.Connection, user_id: str) -> Profile | None:
    """A guest's profile."""
    row = connection.execute(_READ, (user_id,)).fetchone()
    return None if row is None else columns.profile_of(row)


def write_profile(connection: sqlite3.Connection, profile: Profile, expected: int) -> Result:
    """Write a profile over revision `expected`; `Done` also where just that is stored already."""
    values = columns.profile_values(profile)
    if expected == 0:
        written = connection.execute(_ADD, values).rowcount
    else:
        written = connection.execute(WRITE, (*values, values[0], expected)).rowcount
    if written > 0:
        return DONE
    found = read_profile(connection, profile.user_id)
    if found is None:
        return Fenced(stored_revision=0)
    return DONE if found == profile else Fenced(stored_revision=found.revision)


def age_profiles(connection: sqlite3.Connection, write: Sweep, now: datetime, after: str) -> str:
    """Let go of what is too old in some profiles after a user id; where to go on next time."""
    rows = connection.execute(_PAGE, (after, AGED_AT_ONCE)).fetchall()
    for profile in map(columns.profile_of, rows):
        left = aged(profile, write.events_before, now)
        if left is not None:
            write_profile(connection, left, profile.revision)
    return rows[-1][0] if len(rows) == AGED_AT_ONCE else ""

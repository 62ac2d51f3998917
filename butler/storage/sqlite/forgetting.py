"""What a guest had forgotten leaves the tables."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from butler.domain.inbox import DeadLetter
from butler.domain.matter import Matter
from butler.domain.writes import Forget
from butler.storage.documents import moment
from butler.storage.forgotten import letter_touched
from butler.storage.sqlite import columns
from butler.storage.text import unpack

EVENTS = "SELECT seq, content, created_at FROM {} WHERE user_id = ? AND seq <= ?"
BLANK = "UPDATE user_memory SET content = '' WHERE user_id = ? AND seq = ?"
DROP = "DELETE FROM user_memory_archive WHERE user_id = ? AND seq = ?"
DROP_ALL = "DELETE FROM {} WHERE user_id = ? AND seq <= ?"
LETTERS = f"SELECT {columns.LETTER} FROM dead_letters WHERE user_id = ?"
DROP_LETTER = "DELETE FROM dead_letters WHERE letter_id = ?"


def let_go(connection: sqlite3.Connection, write: Forget) -> None:
    """Blank and drop, inside the open transaction, whatever the write's matter touches."""
    user_id, last = write.profile.user_id, write.profile.last_seq
    if write.matter.everything:
        for table in ("user_memory", "user_memory_archive"):
            connection.execute(DROP_ALL.format(table), (user_id, last))
    else:
        known = set(write.seqs)
        for table, statement in (("user_memory", BLANK), ("user_memory_archive", DROP)):
            rows = connection.execute(EVENTS.format(table), (user_id, last))
            seqs = [seq for seq, *said in rows if seq in known or _touched(write.matter, *said)]
            connection.executemany(statement, [(user_id, seq) for seq in seqs])
    letters = _letters(connection, user_id)
    gone = [each for each in letters if letter_touched(each, write.matter)]
    connection.executemany(DROP_LETTER, [(letter.letter_id,) for letter in gone])


def _touched(matter: Matter, content: str | bytes, created_at: str) -> bool:
    return bool(content) and matter.touches(unpack(content), moment(created_at))


def _letters(connection: sqlite3.Connection, user_id: str) -> Iterable[DeadLetter]:
    return [columns.letter_of(row) for row in connection.execute(LETTERS, (user_id,))]

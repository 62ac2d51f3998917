"""Tables and indexes of the embedded store.

Collections bear the same names in MongoDB. Moments are ISO text in UTC; text that UTF-8 can't hold
is a blob (see `butler.storage.text`). Row counts that would need a scan are kept by triggers.
"""

from __future__ import annotations

import sqlite3

VERSION = 2
APPLICATION_ID = 0x42544C52  # "BTLR" in the file's header

_EVENT_COLUMNS = """
    event_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    role TEXT NOT NULL,
    content TEXT NOT NULL,
    source TEXT NOT NULL,
    update_id INTEGER NOT NULL,
    created_at TEXT NOT NULL
"""

TABLES = f"""
CREATE TABLE IF NOT EXISTS user_profiles (
    user_id TEXT NOT NULL,
    language TEXT NOT NULL,
    persona TEXT NOT NULL,
    tone TEXT NOT NULL,
    name TEXT NOT NULL,
    preferred_topics TEXT NOT NULL,
    memory_summary TEXT NOT NULL,
    facts TEXT NOT NULL,
    covered_seq INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    paused INTEGER NOT NULL DEFAULT 0,
    tombstones TEXT NOT NULL DEFAULT '[]',
    topic_evidence TEXT NOT NULL DEFAULT '[]'
);
CREATE TABLE IF NOT EXISTS user_memory ({_EVENT_COLUMNS});
CREATE TABLE IF NOT EXISTS user_memory_archive ({_EVENT_COLUMNS});
CREATE TABLE IF NOT EXISTS user_memory_vectors (
    event_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    model TEXT NOT NULL,
    vector BLOB NOT NULL,
    created_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS inbox (
    bot_id INTEGER NOT NULL,
    update_id INTEGER NOT NULL,
    user_id TEXT,
    chat_id INTEGER,
    payload TEXT NOT NULL,
    accepted_at TEXT NOT NULL,
    state TEXT NOT NULL,
    parts TEXT NOT NULL,
    parts_total INTEGER NOT NULL,
    sent_parts INTEGER NOT NULL,
    transcript TEXT,
    ends_as TEXT NOT NULL DEFAULT 'sent',
    attempts INTEGER NOT NULL,
    settled_at TEXT
);
CREATE TABLE IF NOT EXISTS dead_letters (
    letter_id TEXT NOT NULL,
    user_id TEXT,
    reason TEXT NOT NULL,
    detail TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    bot_id INTEGER,
    update_id INTEGER,
    payload TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS counts (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pings (id INTEGER PRIMARY KEY, at TEXT NOT NULL);
"""

COUNTED = ("user_profiles", "user_memory", "user_memory_archive")

# Columns that came after version 1, for files made before: (table, column, type and default).
ADDED = (
    ("user_profiles", "paused", "INTEGER NOT NULL DEFAULT 0"),
    ("user_profiles", "tombstones", "TEXT NOT NULL DEFAULT '[]'"),
    ("user_profiles", "topic_evidence", "TEXT NOT NULL DEFAULT '[]'"),
)

# (table, name, columns, unique, only rows where)
INDEXES = (
    ("user_profiles", "user_profiles_user", "user_id", True, ""),
    ("user_profiles", "user_profiles_created", "created_at", False, ""),
    ("user_memory", "user_memory_event", "event_id", True, ""),
    ("user_memory", "user_memory_seq", "user_id, seq", True, ""),
    ("user_memory", "user_memory_user_created", "user_id, created_at", False, ""),
    ("user_memory", "user_memory_created", "created_at", False, ""),
    ("user_memory_archive", "user_memory_archive_event", "event_id", True, ""),
    ("user_memory_archive", "user_memory_archive_seq", "user_id, seq", True, ""),
    ("user_memory_archive", "user_memory_archive_user_created", "user_id, created_at", False, ""),
    ("user_memory_archive", "user_memory_archive_created", "created_at", False, ""),
    ("user_memory_vectors", "user_memory_vectors_event", "event_id", True, ""),
    ("user_memory_vectors", "user_memory_vectors_user", "user_id", False, ""),
    ("inbox", "inbox_key", "bot_id, update_id", True, ""),
    ("inbox", "inbox_state", "bot_id, update_id, state", False, "settled_at IS NULL"),
    ("inbox", "inbox_user", "user_id", False, "settled_at IS NULL"),
    ("inbox", "inbox_accepted", "accepted_at", False, "settled_at IS NULL"),
    ("inbox", "inbox_settled", "settled_at", False, "settled_at IS NOT NULL"),
    ("dead_letters", "dead_letters_letter", "letter_id", True, ""),
    ("dead_letters", "dead_letters_user", "user_id", False, ""),
    ("dead_letters", "dead_letters_created", "created_at", False, ""),
)


def upgrade(connection: sqlite3.Connection) -> None:
    """Create what is missing, in one transaction; leaves the file stamped with `VERSION`."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statement in _statements():
            connection.execute(statement)
        _add_columns(connection)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def described(connection: sqlite3.Connection) -> list[str]:
    """One line for each table and each index, as they stand in the file."""
    lines = [f"schema version {connection.execute('PRAGMA user_version').fetchone()[0]}"]
    for table in dict.fromkeys(index[0] for index in INDEXES):
        lines.append(table)
        for _, name, unique, _, partial in connection.execute(f"PRAGMA index_list({table})"):
            columns = [row[2] for row in connection.execute(f"PRAGMA index_info({name})")]
            marks = (" unique" if unique else "") + (" partial" if partial else "")
            lines.append(f"{table}: index ({', '.join(columns)}){marks}")
    lines.append("retention: by sweep (SQLite has no TTL indexes)")
    return lines


def _add_columns(connection: sqlite3.Connection) -> None:
    for table, column, kind in ADDED:
        known = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
        if column not in known:
            connection.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")


def _statements() -> list[str]:
    created = [statement for statement in TABLES.split(";") if statement.strip()]
    for table, name, columns, unique, where in INDEXES:
        kind = "UNIQUE INDEX" if unique else "INDEX"
        only = f" WHERE {where}" if where else ""
        created.append(f"CREATE {kind} IF NOT EXISTS {name} ON {table} ({columns}){only}")
    # However an event leaves the archive, its vector leaves with it.
    created.append(
        "CREATE TRIGGER IF NOT EXISTS user_memory_archive_vectors AFTER DELETE "
        "ON user_memory_archive BEGIN DELETE FROM user_memory_vectors "
        "WHERE event_id = OLD.event_id; END"
    )
    for table in COUNTED:
        created.append(f"INSERT OR IGNORE INTO counts VALUES ('{table}', 0)")
        created += [_counter(table, "INSERT", "+"), _counter(table, "DELETE", "-")]
    return created


def _counter(table: str, change: str, sign: str) -> str:
    return (
        f"CREATE TRIGGER IF NOT EXISTS {table}_{change.lower()}_counted AFTER {change} ON {table} "
        f"BEGIN UPDATE counts SET value = value {sign} 1 WHERE name = '{table}'; END"
    )

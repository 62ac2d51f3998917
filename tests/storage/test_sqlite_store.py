"""What is special to the embedded store: its file, its errors, its plans."""

from __future__ import annotations

import errno
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from butler.domain.writes import (
    Accept,
    CommitCompaction,
    Done,
    EraseGuest,
    NoteSent,
    SaveProfile,
    Settle,
    Sweep,
)
from butler.errors import (
    StoreError,
    StoreFull,
    StoreRefused,
    StoreUnavailable,
    StoreVersion,
)
from butler.storage.sqlite import SqliteStore, draft, reads, schema, writes
from butler.storage.sqlite.errors import no_place, translated, translation
from tests.storage.builders import NOW, HandClock, item, key, later, profile, turn


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "butler.sqlite3"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    made = SqliteStore(path, HandClock())
    made.migrate()
    yield made
    made.close()


def test_the_file_is_in_wal_mode_and_fully_synchronous(store: SqliteStore) -> None:
    with store._pool.connection() as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
        assert connection.execute("PRAGMA secure_delete").fetchone() == (1,)


def test_only_a_compaction_alone_is_left_to_the_next_batch_to_sync(store: SqliteStore) -> None:
    def synced() -> bool:
        return bool(store._writer.execute("PRAGMA synchronous").fetchone()[0] == 2)

    def compaction(revision: int) -> CommitCompaction:
        return CommitCompaction(profile(revision=revision, covered_seq=revision), revision - 1)

    store.commit([SaveProfile(profile(), 0)])
    assert synced()
    assert store.commit([compaction(2)]) == [Done()]
    assert not synced()
    assert store.commit([compaction(3), Accept((item(1),))])[0] == Done()
    assert synced()


def test_the_tables_and_indexes_bear_the_public_names(store: SqliteStore) -> None:
    lines = store.migrate()
    for line in (
        "user_profiles: index (user_id) unique",
        "user_profiles: index (created_at)",
        "user_memory: index (user_id, created_at)",
        "user_memory: index (user_id, seq) unique",
        "user_memory: index (created_at)",
        "user_memory_archive: index (user_id, created_at)",
        "inbox: index (bot_id, update_id) unique",
        "dead_letters: index (user_id)",
        "dead_letters: index (created_at)",
    ):
        assert line in lines
    assert any("retention: by sweep" in line for line in lines)


def test_a_file_of_the_first_version_gains_its_columns_and_keeps_its_guests(
    store: SqliteStore, path: Path
) -> None:
    known = profile()
    assert store.commit([SaveProfile(known, 0)]) == [Done()]
    store.close()
    with sqlite3.connect(path) as connection:
        for _, column, _ in schema.ADDED:
            connection.execute(f"ALTER TABLE user_profiles DROP COLUMN {column}")
        connection.execute("PRAGMA user_version = 1")
    connection.close()
    upgraded = SqliteStore(path, HandClock())
    upgraded.migrate()
    found = upgraded.guest("7")
    upgraded.close()
    assert found is not None
    assert found.profile == known


def test_a_database_of_a_newer_butler_is_left_alone(store: SqliteStore, path: Path) -> None:
    store.close()
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreVersion, match="newer butler"):
        SqliteStore(path, HandClock())
    assert path.read_bytes() == before


def test_a_database_of_another_program_is_left_alone(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE theirs (a)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreRefused, match="another program"):
        SqliteStore(path, HandClock())
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_refused(path: Path) -> None:
    path.write_text("Dear diary, " * 500)
    with pytest.raises(StoreRefused, match="not a database"):
        SqliteStore(path, HandClock())


def test_a_directory_in_place_of_the_file_is_refused(path: Path) -> None:
    path.mkdir()
    with pytest.raises(StoreRefused, match="cannot be opened"):
        SqliteStore(path, HandClock())


def test_a_missing_directory_is_refused(path: Path) -> None:
    with pytest.raises(StoreRefused, match="cannot be created"):
        SqliteStore(path / "nowhere" / "b", HandClock())


def test_a_full_disk_rolls_the_batch_back_and_is_got_over(store: SqliteStore) -> None:
    store.commit([Accept((item(1),))])
    (pages,) = store._writer.execute("PRAGMA page_count").fetchone()
    store._writer.execute(f"PRAGMA max_page_count = {pages}")
    many = Accept(tuple(item(number, text="x" * 500) for number in range(2, 200)))
    with pytest.raises(StoreFull, match="disk is full"):
        store.commit([Settle((key(1),), "sent", NOW), many])
    assert [found.key.update_id for found in store.unsettled(None, 9)] == [1]
    store._writer.execute("PRAGMA max_page_count = 1000000")
    assert store.commit([many])[0] != Done()
    assert len(store.unsettled(None, 500)) == 199


def test_a_read_only_database_is_refused(store: SqliteStore) -> None:
    store._writer.execute("PRAGMA query_only = ON")
    with pytest.raises(StoreRefused, match="read-only"):
        store.commit([Accept((item(1),))])


def test_a_database_that_another_process_holds_is_unavailable(
    store: SqliteStore, path: Path
) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    store._writer.execute("PRAGMA busy_timeout = 1")
    with pytest.raises(StoreUnavailable, match="locked"):
        store.commit([Accept((item(1),))])
    other.execute("ROLLBACK")
    other.close()
    store.commit([Accept((item(1),))])


def test_a_closed_store_is_unavailable(store: SqliteStore) -> None:
    store.close()
    with pytest.raises(StoreUnavailable, match="closed"):
        store.guest("7")
    with pytest.raises(StoreError):
        store.commit([Accept((item(1),))])


def test_numbers_that_no_database_holds_are_a_store_error(store: SqliteStore) -> None:
    with pytest.raises(StoreError):
        store.commit([Accept((item(1),)), NoteSent(key(2**70), 1, NOW)])
    assert store.inbox_item(key(1)) is None


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_no_room_for_the_directory_is_a_full_disk(code: int) -> None:
    assert isinstance(no_place(OSError(code, "no space"), Path("here")), StoreFull)


def test_no_permission_for_the_place_is_refused() -> None:
    with pytest.raises(StoreRefused, match="Permission denied"), translated(Path("here")):
        raise PermissionError(errno.EACCES, "Permission denied")


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (sqlite3.SQLITE_FULL, StoreFull),
        (sqlite3.SQLITE_READONLY_DBMOVED, StoreRefused),
        (sqlite3.SQLITE_CORRUPT, StoreRefused),
        (sqlite3.SQLITE_IOERR_FSYNC, StoreUnavailable),
        (sqlite3.SQLITE_BUSY, StoreUnavailable),
        (sqlite3.SQLITE_CONSTRAINT, StoreError),
    ],
)
def test_every_code_has_its_error(code: int, kind: type[StoreError]) -> None:
    error = sqlite3.OperationalError("secret text")
    error.sqlite_errorcode = code
    made = translation(error, Path("here"))
    assert type(made) is kind
    assert "secret" not in str(made)


def test_an_exception_between_leaves_nothing_of_the_batch(store: SqliteStore) -> None:
    class CrashError(Exception):
        pass

    def step(name: str) -> None:
        if name == "commit.applied":
            raise CrashError

    store.step = step
    with pytest.raises(CrashError):
        store.commit([Accept((item(1),))])
    store.step = lambda name: None
    assert store.inbox_item(key(1)) is None
    store.commit([Accept((item(1),))])


def test_readers_do_not_wait_for_a_writer_and_do_not_see_its_unfinished_work(
    store: SqliteStore,
) -> None:
    seen: list[Any] = []

    def step(name: str) -> None:
        if name == "commit.applied":
            reader = threading.Thread(target=lambda: seen.append(store.guest("7")))
            reader.start()
            reader.join()

    store.step = step
    store.commit([SaveProfile(profile(), 0)])
    assert seen == [None]
    assert store.guest("7") is not None


def test_two_stores_on_one_file_see_each_others_work(store: SqliteStore, path: Path) -> None:
    other = SqliteStore(path, HandClock())
    other.commit([SaveProfile(profile(), 0)])
    assert store.guest("7") is not None
    other.close()


def test_what_is_erased_is_in_no_file(store: SqliteStore, path: Path) -> None:
    word = "Rumpelstiltskin"
    secret = item(1, text=word)
    store.commit([Accept((secret,)), SaveProfile(profile(name=word), 0)])
    assert any(word.encode() in each.read_bytes() for each in path.parent.iterdir())
    store.commit([EraseGuest("7")])
    assert not any(word.encode() in each.read_bytes() for each in path.parent.iterdir())


def test_erasing_everything_shrinks_the_file(store: SqliteStore, path: Path) -> None:
    store.commit([Accept(tuple(item(n, text="x" * 999) for n in range(1, 2000)))])
    store._scrub()
    before = path.stat().st_size
    store.erase_all()
    assert path.stat().st_size < before / 10


def test_a_sweep_takes_a_bounded_bite(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.commit([Accept(tuple(item(n) for n in range(1, 30)))])
    store.commit([Settle(tuple(key(n) for n in range(1, 30)), "sent", NOW)])
    monkeypatch.setattr(writes, "SWEPT_AT_ONCE", 10)
    sweep = Sweep(events_before=NOW, settled_before=later(1))
    left = []
    for _ in range(3):
        store.commit([sweep])
        with store._pool.connection() as connection:
            left.append(connection.execute("SELECT count(*) FROM inbox").fetchone()[0])
    assert left == [19, 9, 0]


def plan(store: SqliteStore, statement: str) -> str:
    values = ["1"] * statement.count("?")
    with store._pool.connection() as connection:
        rows = connection.execute(f"EXPLAIN QUERY PLAN {statement}", values).fetchall()
    return " | ".join(row[3] for row in rows)


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        (reads.PROFILE, "user_profiles_user"),
        (reads.WINDOW, "user_memory_seq"),
        (reads.ARCHIVE, "user_memory_archive_seq"),
        (reads.UNSETTLED, "inbox_state"),
        (reads.ITEM, "inbox_key"),
        (reads.PROFILES, "user_profiles_user"),
        (reads.LETTERS, "dead_letters_letter"),
        (reads.LETTERS_OF, "dead_letters_user"),
        (reads.WAITING, "inbox_"),
        (reads.OLDEST, "inbox_accepted"),
        (draft.READ_ROW, "inbox_key"),
        (draft.REVISION, "user_profiles_user"),
        (draft.put_rows(2), "inbox_key"),
        (writes.UNSETTLED_OF, "inbox_"),
        (writes.DROP_COVERED, "user_memory_seq"),
        (writes.swept("inbox", "settled_at"), "inbox_settled"),
        (writes.swept("user_memory", "created_at"), "user_memory_created"),
    ],
)
def test_hot_statements_use_an_index(store: SqliteStore, statement: str, index: str) -> None:
    store.commit([Accept((item(1),)), turn(1)])
    found = plan(store, statement)
    assert index in found
    assert "SCAN user_memory" not in found
    if statement not in (reads.OLDEST, reads.WAITING):
        values = ("SCAN v", "SCAN 2 CONSTANT ROWS")  # those of the statement itself
        assert "SCAN" not in found.replace(values[0], "").replace(values[1], "")
        assert "TEMP B-TREE" not in found or statement == reads.LETTERS_OF

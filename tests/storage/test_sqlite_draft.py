"""A batch that is decided in RAM leaves what its writes would leave one by one."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from butler.domain.profile import new_profile
from butler.domain.writes import (
    Accept,
    Accepted,
    AppendParts,
    Bury,
    CommitCompaction,
    CommitTurn,
    Done,
    EraseGuest,
    NoteSent,
    NoteTranscript,
    Result,
    Revive,
    SaveProfile,
    Settle,
    Sweep,
    Write,
)
from butler.errors import StoreError
from butler.storage.sqlite import SqliteStore
from butler.storage.sqlite.store import TABLES
from tests.storage.builders import NOW, HandClock, event, item, key, later, letter, part, profile

UPDATES, USERS = range(1, 4), ("7", "8")
FIRST: list[Write] = [Accept(tuple(map(item, UPDATES)))]
Put = tuple[int, Sequence[Write]]

keys = st.sampled_from(UPDATES).map(key)
users = st.sampled_from(USERS)
revisions = st.integers(0, 3)
parts = st.lists(st.sampled_from(("Good evening.", "Tea\ud800?")).map(part), max_size=2).map(tuple)


@st.composite
def turns(draw: st.DrawFn) -> CommitTurn:
    number, user, revision = draw(st.sampled_from(UPDATES)), draw(users), draw(revisions)
    after = profile(user, revision + 1, last_seq=2 * revision + 2)
    events = (
        event(number, 2 * revision + 1, "user", user),
        event(number, 2 * revision + 2, "assistant", user),
    )
    personal: dict[str, Any] = {"events": events, "profile": after, "expected": revision}
    told = tuple(dict.fromkeys((*draw(st.lists(keys, max_size=1)), key(number))))
    return CommitTurn(told, draw(parts), later(number), **(personal if draw(st.booleans()) else {}))


@st.composite
def compactions(draw: st.DrawFn) -> CommitCompaction:
    user, revision = draw(users), draw(revisions)
    after = profile(user, revision + 1, last_seq=2 * revision, covered_seq=revision)
    return CommitCompaction(after, revision)


writes: st.SearchStrategy[Write] = st.one_of(
    st.lists(st.sampled_from(UPDATES).map(item), min_size=1, max_size=3).map(
        lambda items: Accept(tuple(items))
    ),
    turns(),
    compactions(),
    st.builds(NoteTranscript, keys, st.sampled_from(("heard", "he\ud800rd"))),
    st.builds(AppendParts, keys, parts),
    st.builds(NoteSent, keys, st.integers(0, 3), st.just(later(9))),
    st.builds(Settle, st.lists(keys, max_size=2).map(tuple), st.just("ignored"), st.just(later(9))),
    st.builds(
        lambda n: Bury(attrs.evolve(letter(str(n), n), payload={})), st.sampled_from(UPDATES)
    ),
    st.builds(
        lambda n: Revive(str(n), attrs.evolve(item(n), accepted_at=NOW)), st.sampled_from(UPDATES)
    ),
    st.builds(
        lambda user, n: SaveProfile(profile(user, n + 1, language="en"), n), users, revisions
    ),
    st.builds(EraseGuest, users),
    st.just(Sweep(later(2), later(9.5))),
)


@contextmanager
def opened(*names: str) -> Iterator[Sequence[Callable[[], SqliteStore]]]:
    """For each file a way to open it once more; all is closed in the end."""
    made: list[SqliteStore] = []

    def opening(path: Path) -> SqliteStore:
        made.append(SqliteStore(path, HandClock()))
        return made[-1]

    with tempfile.TemporaryDirectory() as place:
        ways = [partial(opening, Path(place) / name) for name in names]
        for way in ways:
            way().migrate()
        yield ways
        for store in made:
            store.close()


def held(store: SqliteStore) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables."""
    with closing(sqlite3.connect(store.path)) as database:
        return {
            table: sorted(database.execute(f"SELECT * FROM {table}"), key=repr)
            for table in (*TABLES, "counts")
        }


def attempt(store: SqliteStore, batch: Sequence[Write]) -> list[Result] | type[Exception]:
    try:
        return store.commit(batch)
    except StoreError as error:  # two events for one place: no such batch is made
        return type(error)


@settings(deadline=None)
@given(st.lists(st.lists(writes, min_size=1, max_size=8), max_size=6))
def test_a_batch_is_as_its_writes_one_by_one(batches: list[list[Write]]) -> None:
    with opened("together", "singly") as (together, singly):
        store = together()
        for batch in (FIRST, *batches):
            found = attempt(store, batch)
            if not isinstance(found, list):
                return
            assert found == [singly().commit([write])[0] for write in batch]
            assert held(store) == held(singly())


@settings(deadline=None, max_examples=200)
@given(st.lists(st.tuples(st.integers(0, 1), st.lists(writes, min_size=1, max_size=3)), max_size=9))
def test_what_others_have_written_is_seen(puts: list[Put]) -> None:
    with opened("shared", "singly") as (shared, singly):
        stores = [shared(), shared()]
        for place, batch in ((0, FIRST), *puts):
            found = attempt(stores[place], batch)
            if not isinstance(found, list):
                return
            assert found == [singly().commit([write])[0] for write in batch]
        assert held(stores[0]) == held(singly())


@pytest.mark.parametrize("count", [1, 2, 7, 31, 32, 33, 100])
def test_any_number_of_rows_is_written(count: int) -> None:
    with opened("one") as (one,):
        store, numbers = one(), range(1, count + 1)
        users = [str(number) for number in numbers]
        items = tuple(item(number, str(number)) for number in numbers)
        again = (*items, item(count + 1, "1"))
        assert store.commit([Accept(items)]) == [Accepted(items, 0)]
        assert store.commit([Accept(again)]) == [Accepted(again[-1:], count)]
        turns = [
            CommitTurn(
                (key(number),),
                (part(),),
                NOW,
                (event(number, 1, "user", user),),
                profile(user, last_seq=1),
                0,
            )
            for number, user in zip(numbers, users, strict=True)
        ]
        store.commit(turns)
        store.commit([NoteSent(key(number), 1, NOW) for number in numbers])
        assert [found.key.update_id for found in store.unsettled(None, 500)] == [count + 1]
        assert {len(guest.window) for user in users if (guest := store.guest(user))} == {1}


def test_others_are_told_from_oneself() -> None:
    with opened("shared") as (shared,):
        mine, theirs = shared(), shared()
        mine.commit([Accept((item(1),)), SaveProfile(profile(), 0)])
        known = mine.others
        mine.commit([SaveProfile(profile(revision=2), 1)])
        assert mine.others == known
        theirs.commit([SaveProfile(profile(revision=3), 2)])
        mine.commit([Accept((item(2),))])
        assert mine.others != known
        known = mine.others
        mine.commit([Sweep(NOW, NOW)])
        assert mine.others != known


def test_what_was_rolled_back_is_not_known() -> None:
    with opened("one") as (one,):
        store = one()
        before = new_profile("7", NOW)
        store.step = lambda name: _fail() if name == "commit.applied" else None
        with pytest.raises(RuntimeError):
            store.commit([Accept((item(1),)), SaveProfile(attrs.evolve(before, revision=1), 0)])
        store.step = lambda _: None
        again: list[Write] = [Settle((key(1),), "ignored", NOW), Accept((item(1),))]
        assert store.commit(again) == [Done(), Accepted((item(1),), 0)]
        assert store.commit([SaveProfile(attrs.evolve(before, revision=1), 0)]) == [Done()]
        assert store.guest("7") is not None
        assert len(store.unsettled(None, 9)) == 1


def _fail() -> None:
    raise RuntimeError("as asked")

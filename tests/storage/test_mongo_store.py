"""What is special to MongoDB: its errors, its indexes, a server that dies."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import attrs
import pymongo
import pytest
from bson.errors import InvalidDocument
from pymongo import errors as driver

from butler.domain.writes import (
    Accept,
    Accepted,
    CommitCompaction,
    Done,
    EraseGuest,
    NoteSent,
    SaveProfile,
    Write,
)
from butler.errors import (
    StoreError,
    StoreFull,
    StoreRefused,
    StoreUnavailable,
    StoreVersion,
)
from butler.storage.mongo import MongoStore
from butler.storage.mongo.documents import event_document
from butler.storage.mongo.errors import translated, translation
from butler.storage.mongo.place import Place, client_of, place_of
from tests.storage.builders import NOW, HandClock, event, item, key, later, part, profile, turn
from tests.storage.servers import TTL_DAYS, SecantusServer, free_port

PLACE = Place("db.example:27017", "alfred", "butler", "admin")
_databases = itertools.count(1)


@attrs.define
class Own:
    """A database of the test's own on the session's server."""

    server: SecantusServer
    url: str
    opened: list[MongoStore] = attrs.field(factory=list)

    def store(self, ttl_days: int = TTL_DAYS) -> MongoStore:
        self.opened.append(MongoStore(self.url, HandClock(), ttl_days))
        return self.opened[-1]

    def raw(self) -> Any:
        return self.opened[0]._client[self.opened[0].place.database]


@pytest.fixture
def own(secantus: SecantusServer) -> Iterator[Own]:
    made = Own(secantus, secantus.url(f"special{next(_databases)}"))
    yield made
    secantus.fail(0)
    for store in made.opened:
        store.close()


@pytest.fixture
def store(own: Own) -> MongoStore:
    made = own.store()
    made.migrate()
    return made


def test_the_indexes_are_those_of_the_design(own: Own) -> None:
    lines = own.store(90).migrate()
    assert {line for line in lines if "index" in line and "(_id)" not in line} == {
        "user_profiles: index (user_id) unique",
        "user_profiles: index (created_at)",
        "inbox: index (bot_id, update_id) unique",
        "inbox: index (state)",
        "user_memory: index (created_at) TTL 90 days",
        "user_memory: index (user_id, created_at)",
        "user_memory: index (user_id, seq) unique",
        "user_memory_archive: index (created_at) TTL 90 days",
        "user_memory_archive: index (user_id, created_at)",
        "user_memory_vectors: index (created_at) TTL 90 days",
        "user_memory_vectors: index (user_id, seq)",
        "dead_letters: index (user_id)",
        "dead_letters: index (created_at)",
    }


def test_another_ttl_replaces_the_index(own: Own) -> None:
    own.store(90).migrate()
    assert "user_memory: index (created_at) TTL 30 days" in own.store(30).migrate()


def test_a_server_without_ttl_gets_a_plain_index_and_the_sweep(own: Own) -> None:
    store = own.store()
    own.server.fail(1, failCommands=["createIndexes"], errorCode=238)
    lines = store.migrate()
    assert "user_memory: index (created_at)" in lines
    assert any("refuses TTL indexes (code 238); the retention sweep" in line for line in lines)
    again = own.store().migrate()
    assert f"user_memory: index (created_at) TTL {TTL_DAYS} days" in again


def test_a_database_of_a_newer_butler_is_left_alone(own: Own, store: MongoStore) -> None:
    own.raw()["butler_meta"].update_one({"_id": "schema"}, {"$set": {"version": 99}})
    with pytest.raises(StoreVersion, match="newer butler"):
        store.migrate()


def test_documents_look_as_the_design_says(own: Own, store: MongoStore) -> None:
    store.commit([Accept((item(1),)), turn(1)])
    found = own.raw()["user_profiles"].find_one({"user_id": "7"})
    assert (found["language"], found["tone"], found["persona"]) == (
        "ru",
        "witty",
        "Alfred-style дворецкий",
    )
    assert "pending" not in found
    said = list(own.raw()["user_memory"].find({"user_id": "7"}).sort("created_at", 1))
    assert [(each["role"], each["source"]) for each in said] == [
        ("user", "voice"),
        ("assistant", "voice"),
    ]
    assert isinstance(said[0]["created_at"], datetime)


def test_a_dead_port_is_unavailable_and_named() -> None:
    port = free_port()
    url = f"mongodb://alfred:s3cret@127.0.0.1:{port}/butler?serverSelectionTimeoutMS=50"
    store = MongoStore(url, HandClock())
    calls: list[Callable[[], Any]] = [
        store.ping,
        store.migrate,
        store.statistics,
        store.erase_all,
        lambda: store.commit([Accept((item(1),))]),
        lambda: store.commit([turn(1)]),
        lambda: store.commit([SaveProfile(profile(), 0)]),
        lambda: store.commit([EraseGuest("7")]),
        lambda: store.guest("7"),
        lambda: store.unsettled(None, 1),
        lambda: store.inbox_item(key(1)),
        lambda: store.profiles(1),
        lambda: list(store.archive("7")),
        lambda: store.dead_letters(1),
        lambda: store.take_dead_letter("a"),
        lambda: store.export("7"),
    ]
    for call in calls:
        with pytest.raises(StoreUnavailable, match=f"127.0.0.1:{port} does not answer") as caught:
            call()
        assert "s3cret" not in str(caught.value)
    store.close()
    with pytest.raises(StoreUnavailable, match="closed"):
        store.ping()


def test_our_patience_is_short_unless_the_url_says_otherwise() -> None:
    with client_of("mongodb://127.0.0.1:1/b") as client:
        assert client.options.server_selection_timeout == 5
        assert client.options.write_concern.document == {
            "w": "majority",
            "j": True,
            "wtimeout": 10_000,
        }
    with client_of("mongodb://127.0.0.1:1/b?serverSelectionTimeoutMS=70000") as client:
        assert client.options.server_selection_timeout == 70


@pytest.mark.parametrize(
    "url", ["mongo://host", "mongodb://", "mongodb://a:p@ss@host/", "mongodb://host:port/", ""]
)
def test_an_url_that_cannot_be_read_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(StoreRefused, match="MONGODB_URL") as caught:
        MongoStore(url, HandClock())
    assert "p@ss" not in str(caught.value)


def test_an_url_without_a_database_means_butler() -> None:
    assert place_of("mongodb://host").database == "butler"
    assert place_of("mongodb://host:5/jeeves").database == "jeeves"
    assert place_of("mongodb://a,b:2/").address == "a:27017,b:2"


def test_a_database_name_that_cannot_be_is_refused() -> None:
    with pytest.raises(StoreRefused):
        MongoStore("mongodb://127.0.0.1:1/my%20base", HandClock())


def test_a_wrong_password_names_the_user_and_missing_rights_the_database(
    own_secantus: Callable[..., SecantusServer],
) -> None:
    server = own_secantus()
    server.start()
    with pymongo.MongoClient[dict[str, Any]](server.url()) as client:
        roles = [{"role": "readWrite", "db": "butler"}]
        client["butler"].command("createUser", "alfred", pwd="right", roles=roles)
    server.stop()
    locked = attrs.evolve(server, options=("--auth",), process=None, log=None)
    locked.start()
    try:
        good = MongoStore(locked.url("butler", "alfred:right@"), HandClock())
        good.migrate()
        good.close()
        bad = MongoStore(locked.url("butler", "alfred:wr0ng@"), HandClock())
        with pytest.raises(StoreRefused, match="refuses user 'alfred'") as caught:
            bad.ping()
        assert "wr0ng" not in str(caught.value)
        bad.close()
        nobody = MongoStore(locked.url("butler"), HandClock())
        with pytest.raises(StoreRefused, match="no right to database 'butler'"):
            nobody.ping()
        nobody.close()
    finally:
        locked.stop()


@pytest.mark.parametrize("code", [6, 89, 262])
def test_a_server_in_trouble_is_unavailable_and_the_batch_may_be_repeated(
    own: Own, store: MongoStore, code: int
) -> None:
    batch: list[Write] = [Accept((item(1),)), turn(1)]
    for command in ("insert", "update", "find"):
        own.server.fail(2, failCommands=[command], errorCode=code)
        with pytest.raises(StoreUnavailable):
            store.commit(batch)
        own.server.fail(0)
    assert store.commit(batch) == [Accepted((item(1),), 0), Done()]
    assert [said.seq for said in store.guest("7").window] == [1, 2]  # type: ignore[union-attr]


def test_a_connection_cut_at_any_command_loses_and_doubles_nothing(
    own: Own, store: MongoStore
) -> None:
    before = profile(revision=0)
    for number in range(1, 13):
        written = turn(number, before)
        batch: list[Write] = [Accept((item(number),)), written, NoteSent(key(number - 1), 1, NOW)]
        command = ("insert", "update", "find")[number % 3]
        own.server.fail(2, failCommands=[command], closeConnection=True)
        with pytest.raises(StoreUnavailable):
            store.commit(batch)
        own.server.fail(0)
        assert store.commit(batch) == [Accepted((item(number),), 0), Done(), Done()]
        assert written.profile is not None
        before = written.profile
    found = store.guest("7")
    assert found is not None
    assert [said.seq for said in found.window] == list(range(1, 25))
    assert [each.key.update_id for each in store.unsettled(None, 99)] == [12]


def test_a_failed_write_concern_is_not_taken_for_success(own: Own, store: MongoStore) -> None:
    concern = {"code": 64, "errmsg": "waiting for replication timed out"}
    own.server.fail(1, failCommands=["insert"], writeConcernError=concern)
    with pytest.raises(StoreUnavailable):
        store.commit([Accept((item(1),))])
    assert store.commit([Accept((item(1),))]) == [Accepted((item(1),), 0)]
    assert store.commit([Accept((item(1),))]) == [Accepted((), 1)]


def test_a_server_killed_and_started_again_has_each_of_the_batch_once(
    own_secantus: Callable[..., SecantusServer],
) -> None:
    server = own_secantus()
    server.start()
    store = MongoStore(f"{server.url()}?serverSelectionTimeoutMS=500", HandClock(), TTL_DAYS)
    store.migrate()
    steps = ("accept.stored", "guests.profiles", "turn.events", "turn.answered")
    before = profile(revision=0)
    for number, fatal in enumerate(steps, start=1):
        written = turn(number, before)
        batch: list[Write] = [Accept((item(number),)), written]
        store.step = lambda name, fatal=fatal: server.kill() if name == fatal else None  # type: ignore[misc]
        with pytest.raises(StoreUnavailable):
            store.commit(batch)
        store.step = lambda name: None
        server.start()
        assert store.commit(batch) == [Accepted((item(number),), 0), Done()]
        assert written.profile is not None
        before = written.profile
    found = store.guest("7")
    assert found is not None
    assert found.profile == before
    assert [said.update_id for said in found.window] == [1, 1, 2, 2, 3, 3, 4, 4]
    assert len(store.unsettled(None, 99)) == 4
    store.close()


def test_accepted_by_another_process_is_no_news_after_a_failed_try(
    own: Own, store: MongoStore
) -> None:
    own.store().commit([Accept((item(1),))])
    own.server.fail(2, failCommands=["insert"], errorCode=89)
    with pytest.raises(StoreUnavailable):
        store.commit([Accept((item(1), item(2)))])
    own.server.fail(0)
    assert store.commit([Accept((item(1), item(2)))]) == [Accepted((item(2),), 1)]


def test_an_event_left_over_from_before_an_erasure_gives_way(own: Own, store: MongoStore) -> None:
    left_over = {"_id": "old", "event_id": "old", "user_id": "7", "seq": 1}
    own.raw()["user_memory"].insert_one(left_over)
    store.commit([Accept((item(1),)), turn(1)])
    found = store.guest("7")
    assert found is not None
    assert found.window == turn(1).events


def test_a_row_changed_by_another_process_is_looked_at_again(own: Own, store: MongoStore) -> None:
    store.commit([Accept((item(1),)), turn(1, parts=(part("a"), part("b"), part("c")))])
    other = own.store()
    meddled: list[str] = []

    def step(name: str) -> None:
        if name == "rows.begin" and not meddled:
            meddled.append(name)
            other.commit([NoteSent(key(1), 1, NOW)])

    store.step = step
    store.commit([NoteSent(key(1), 2, NOW)])
    assert store.inbox_item(key(1)).sent_parts == 2  # type: ignore[union-attr]


def test_a_window_read_across_a_compaction_is_read_anew(own: Own, store: MongoStore) -> None:
    """The profile is read before the compaction and the window after it."""
    start = profile(last_seq=4)
    store.commit([SaveProfile(start, 0)])
    store._collections.memory.insert_many(
        [event_document(event(number, number)) for number in range(1, 5)]
    )
    other = own.store()
    after = start.revised(later(9), covered_seq=2, memory_summary="They talked.")
    memory = store._collections.memory
    compacted: list[bool] = []

    class Meddling:
        def find(self, *arguments: Any) -> Any:
            if not compacted:
                compacted.append(True)
                other.commit([CommitCompaction(after, 1)])
            return memory.find(*arguments)

    store._collections.memory = Meddling()  # type: ignore[assignment]
    found = store.guest("7")
    store._collections.memory = memory
    assert found is not None
    assert found.profile == after
    assert [said.seq for said in found.window] == [3, 4]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (driver.ServerSelectionTimeoutError("x"), StoreUnavailable),
        (driver.NetworkTimeout("x"), StoreUnavailable),
        (driver.ExecutionTimeout("x", 50), StoreUnavailable),
        (driver.WaitQueueTimeoutError("x"), StoreUnavailable),
        (driver.WTimeoutError("x", 64), StoreUnavailable),
        (driver.CursorNotFound("x", 43), StoreUnavailable),
        (driver.NotPrimaryError("x"), StoreUnavailable),
        (driver.OperationFailure("x", 18), StoreRefused),
        (driver.OperationFailure("x", 13), StoreRefused),
        (driver.OperationFailure("x", 14031), StoreFull),
        (driver.OperationFailure("x", 9), StoreError),
        (driver.BulkWriteError({"writeErrors": [{"code": 121}]}), StoreError),
        (driver.BulkWriteError({"writeErrors": [{"code": 11000}]}), StoreError),
        (driver.BulkWriteError({"writeErrors": [{"code": 91}]}), StoreUnavailable),
        (driver.ConfigurationError("x"), StoreRefused),
        (driver.InvalidOperation("x"), StoreUnavailable),
        (driver.DocumentTooLarge("x"), StoreError),
        (InvalidDocument("secret text"), StoreError),
        (OverflowError("x"), StoreError),
    ],
)
def test_every_error_of_the_driver_has_ours(error: Exception, kind: type[StoreError]) -> None:
    assert type(translation(error, PLACE)) is kind
    with pytest.raises(kind) as caught, translated(PLACE):
        raise error
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_moments_keep_the_millisecond(store: MongoStore) -> None:
    precise = datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)
    saved = attrs.evolve(profile(), updated_at=precise)
    assert store.commit([SaveProfile(saved, 0), SaveProfile(saved, 0)]) == [Done(), Done()]
    found = store.guest("7")
    assert found is not None
    assert found.profile.updated_at == precise.replace(microsecond=678_000)

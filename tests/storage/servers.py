"""Real and in-memory databases for tests, as pytest fixtures.

`secantus` is a server that speaks MongoDB's protocol, one for the whole session; `stores` opens
butler stores of one kind over data of the test's own, again and again if need be.
"""

from __future__ import annotations

import itertools
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import attrs
import mongomock
import mongomock.collection
import pymongo
import pytest
from mongomock.store import ServerStore
from pymongo.errors import PyMongoError

from butler.ports import Store
from butler.storage.mongo import MongoStore
from butler.storage.sqlite import SqliteStore
from tests.storage.builders import HandClock

START_SECONDS = 30
STOP_SECONDS = 15
TTL_DAYS = 20_000  # the moments of tests lie in the past, and a server drops what is too old
_names = itertools.count(1)


class _BulkOperations(mongomock.collection.BulkOperationBuilder):  # type: ignore[misc]  # untyped
    """mongomock's, which does not know the `sort` that newer drivers pass along (always None)."""

    def add_update(self, *args: Any, sort: None = None, **options: Any) -> None:
        super().add_update(*args, **options)


mongomock.collection.BulkOperationBuilder = _BulkOperations


def free_port() -> int:
    """A port of this machine that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def secantus_program() -> str | None:
    """Where the server's program is: beside the running Python, or on the path."""
    beside = Path(sys.executable).with_name("secantusd-py")
    return str(beside) if beside.exists() else shutil.which("secantusd-py")


@attrs.define
class SecantusServer:
    """A server process over a directory: may be killed and started again on the same port."""

    program: str
    directory: Path
    options: tuple[str, ...] = ()
    port: int = attrs.field(factory=free_port)
    _process: subprocess.Popen[bytes] | None = None
    _log: IO[bytes] | None = None

    def url(self, database: str = "butler", credentials: str = "") -> str:
        """A connection string for `database`; credentials as "user:password@"."""
        return f"mongodb://{credentials}127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start and wait until it answers; fails with its log."""
        self._log = (self.directory.parent / f"{self.directory.name}.log").open("ab")
        command = [
            *(self.program, "--host", "127.0.0.1", "--port", str(self.port)),
            *("--storage-path", str(self.directory), "--sync-on-commit"),
            *("--log-level", "WARNING", *self.options),
        ]
        self._process = subprocess.Popen(command, stdout=self._log, stderr=self._log)
        self._await_answer(self._process)

    def kill(self) -> None:
        """SIGKILL: what was not on disk is lost."""
        if self._process is not None:
            self._process.kill()
            self._reap()

    def stop(self) -> None:
        """SIGTERM, then SIGKILL after a while."""
        if self._process is not None:
            self._process.terminate()
            self._reap()

    def fail(self, times: int, **data: Any) -> None:
        """Let the next `times` commands fail as the failCommand failpoint does with `data`."""
        mode: Any = {"times": times} if times else "off"
        with pymongo.MongoClient[dict[str, Any]](self.url()) as client:
            client.admin.command("configureFailPoint", "failCommand", mode=mode, data=data)

    def _await_answer(self, process: subprocess.Popen[bytes]) -> None:
        with pymongo.MongoClient[dict[str, Any]](
            self.url(), serverSelectionTimeoutMS=START_SECONDS * 1000
        ) as client:
            try:
                client.admin.command("hello")
            except PyMongoError:
                pytest.fail(f"the server did not answer (exit code {process.poll()})")

    def _reap(self) -> None:
        if self._process is None:
            return
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None
        if self._log is not None:
            self._log.close()


def _program() -> str:
    program = secantus_program()
    if program is None:
        pytest.skip("secantusd-py is missing: pip install secantusdb")
    return program


@pytest.fixture(scope="session")
def secantus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecantusServer]:
    """The session's server, with failpoints; use a database of your own name."""
    directory = tmp_path_factory.mktemp("secantus") / "data"
    server = SecantusServer(_program(), directory, ("--enable-test-commands",))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def own_secantus(tmp_path: Path) -> Iterator[Callable[..., SecantusServer]]:
    """Makes servers of the test's own (not started), with options; stops them afterwards."""
    program = _program()
    made: list[SecantusServer] = []

    def make(*options: str) -> SecantusServer:
        made.append(SecantusServer(program, tmp_path / f"secantus{len(made)}", options))
        return made[-1]

    yield make
    for server in made:
        server.stop()


@attrs.define
class Stores:
    """Opens stores of one kind over the same data."""

    kind: str
    _open: Callable[[HandClock], Store]
    clock: HandClock = attrs.field(factory=HandClock)
    _opened: list[Store] = attrs.field(factory=list)

    def open(self) -> Any:
        """A new store object, migrated, as a started process has it."""
        store = self.bare()
        store.migrate()
        return store

    def bare(self) -> Any:
        """A new store object before `migrate`."""
        self._opened.append(self._open(self.clock))
        return self._opened[-1]

    def close(self) -> None:
        """Close whatever was opened."""
        while self._opened:
            self._opened.pop().close()


KINDS = ("sqlite", "mongomock", "secantus")


def opener(kind: str, request: pytest.FixtureRequest) -> Callable[[HandClock], Store]:
    """How to open a store of `kind` over data of the requesting test's own."""
    if kind == "sqlite":
        path: Path = request.getfixturevalue("tmp_path") / "butler.sqlite3"
        return lambda clock: SqliteStore(path, clock)
    if kind == "mongomock":
        held = ServerStore()
        return lambda clock: MongoStore(
            "mongodb://mock/butler",
            clock,
            TTL_DAYS,
            mongomock.MongoClient(tz_aware=True, _store=held),
        )
    server: SecantusServer = request.getfixturevalue("secantus")
    url = server.url(f"test{next(_names)}")
    return lambda clock: MongoStore(url, clock, TTL_DAYS)


@pytest.fixture(params=KINDS)
def stores(request: pytest.FixtureRequest) -> Iterator[Stores]:
    """Every kind of store in turn."""
    made = Stores(request.param, opener(request.param, request))
    yield made
    made.close()


@pytest.fixture
def store(stores: Stores) -> Any:
    """One migrated store of every kind in turn."""
    return stores.open()

"""A whole butler in this process: the service as `butler run` makes it, between real parts.

The playground stands for Telegram, over HTTP; the LLM is a scripted server or the demo brain; the
store is a SQLite file, or whatever `MONGODB_URL` names.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any, TypeVar
from urllib.error import HTTPError
from urllib.request import urlopen

import pymongo

from butler.app import Service
from butler.config import Settings, read_settings
from butler.playground import Guest, PlaygroundServer, World
from butler.storage import SQLITE_FILE
from butler.telemetry import TelemetryEvent
from ops.bench.llm_server import Body, LlmServer
from tests.support.waiting import SECONDS, eventually

E = TypeVar("E", bound=TelemetryEvent)
Row = dict[str, Any]
USUAL = {
    "HTTP_PORT": "0",
    "STT_ENGINE": "off",
    "TELEGRAM_RATE_LIMIT": "0",
    "TELEGRAM_CHAT_RATE_LIMIT": "0",
    "LLM_TIMEOUT_SECONDS": "10",
}


class Witness:
    """Keeps every telemetry event, and waits for those that are yet to come."""

    def __init__(self) -> None:
        self._events: list[TelemetryEvent] = []
        self._changed = threading.Condition()

    def __call__(self, event: TelemetryEvent) -> None:
        with self._changed:
            self._events.append(event)
            self._changed.notify_all()

    def of(self, kind: type[E]) -> list[E]:
        """What has happened of one kind, in order."""
        with self._changed:
            return [event for event in self._events if isinstance(event, kind)]

    def wait(
        self,
        kind: type[E],
        wanted: Callable[[E], bool] = lambda _: True,
        *,
        count: int = 1,
        seconds: float = SECONDS,
    ) -> E:
        """The `count`-th event of that kind that is `wanted`, past ones included."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while True:
                found = [e for e in self._events if isinstance(e, kind) and wanted(e)]
                if len(found) >= count:
                    return found[count - 1]
                left = deadline - time.monotonic()
                if left <= 0 or not self._changed.wait(left):
                    seen = [e for e in self._events if isinstance(e, kind)]
                    raise AssertionError(
                        f"expected {kind.__name__} x {count} within {seconds:g} s, got {seen[-5:]}"
                    )


class Records:
    """What a store holds, read past the butler: by sqlite3 or pymongo."""

    def __init__(self, settings: Settings) -> None:
        self._url = settings.mongodb_url
        self._file = settings.butler_data_dir / SQLITE_FILE

    def rows(self, name: str, user_id: object = None) -> list[Row]:
        """A table's or collection's rows, of one guest if `user_id` is given; by time and seq."""
        found = self._documents(name) if self._url else self._table(name)
        if user_id is not None:
            found = [row for row in found if row["user_id"] == str(user_id)]
        when = "created_at" if found and "created_at" in found[0] else "update_id"
        return sorted(found, key=lambda row: row[when])

    def profile(self, user_id: object) -> Row:
        """The one profile of a guest."""
        (row,) = self.rows("user_profiles", user_id)
        return row

    def said(self, user_id: object, name: str = "user_memory") -> list[tuple[str, str]]:
        """(role, content) in the order of `created_at`."""
        return [(row["role"], row["content"]) for row in self.rows(name, user_id)]

    def states(self) -> list[str]:
        """The states of the inbox, by update id."""
        return [row["state"] for row in self.rows("inbox")]

    def _table(self, name: str) -> list[Row]:
        with closing(sqlite3.connect(self._file, timeout=10)) as database:
            database.row_factory = sqlite3.Row
            return [dict(row) for row in database.execute(f"SELECT * FROM {name}")]

    def _documents(self, name: str) -> list[Row]:
        with pymongo.MongoClient[Row](self._url, tz_aware=True) as client:
            return list(client.get_default_database()[name].find())


class House:
    """A running service and its surroundings; `restart` makes a new service over the same data."""

    def __init__(
        self,
        playground: PlaygroundServer,
        llm: LlmServer | None,
        environment: Mapping[str, str],
        make: Callable[[Settings], Service] = Service,
    ) -> None:
        self.playground = playground
        self._llm = llm
        self._make = make
        self._environment = dict(environment)
        self.settings = read_settings(environment)
        self.records = Records(self.settings)
        self.witness = Witness()
        self.service: Service

    @property
    def llm(self) -> LlmServer:
        """The scripted LLM."""
        assert self._llm is not None
        return self._llm

    def start(self, **settings: str) -> None:
        """Start a service, with these settings changed from now on."""
        self._environment |= settings
        self.settings = read_settings(self._environment)
        self.witness = Witness()
        self.service = self._make(self.settings)
        self.service.telemetry.subscribe(self.witness)
        self.service.start()

    def stop(self) -> None:
        """Stop as SIGTERM does."""
        self.service.drain()
        self.service.stop()

    def restart(self, **settings: str) -> None:
        """Stop, and start anew over the same data."""
        self.stop()
        self.start(**settings)

    # Guests

    def guest(self, name: str = "Анна", language: str = "ru", **details: Any) -> Guest:
        """A new guest at the playground."""
        return self.playground.guest(name, language, **details)

    def ask(self, guest: Guest, text: str, *, seconds: float = SECONDS) -> str:
        """Say `text`, and the text of the next reply."""
        guest.say(text)
        return str(guest.wait_reply(seconds)["text"])

    # What can be seen from outside

    def get(self, path: str) -> str:
        """The body of a page of the web server."""
        with urlopen(self.service.web.address + path, timeout=10) as answer:
            return str(answer.read().decode())

    def ready(self) -> tuple[int, dict[str, Any]]:
        """Status and body of /ready."""
        try:
            return 200, json.loads(self.get("/ready"))
        except HTTPError as refused:
            return refused.code, json.loads(refused.read())

    def serves(self) -> dict[str, Any]:
        """Returns once /ready says that all is well, with what it says."""
        eventually("/ready with 200", lambda: self.ready()[0] == 200)
        return self.ready()[1]

    def metric(self, name: str, **labels: str) -> float:
        """A sample's value as /metrics shows it; AssertionError if it is not there."""
        value = self.sample(name, **labels)
        assert value is not None, f"expected {name}{labels} in /metrics"
        return value

    def sample(self, name: str, **labels: str) -> float | None:
        """A sample's value as the registry has it, or None."""
        return self.service.registry.get_sample_value(name, labels)

    def wait_metric(self, name: str, value: float, **labels: str) -> None:
        """Returns once a sample has at least that value."""
        eventually(f"{name}{labels} >= {value}", lambda: self.metric(name, **labels) >= value)

    def settled(self) -> None:
        """Returns once every accepted update has come to its end in the store."""
        eventually(
            "a settled inbox",
            lambda: not set(self.records.states()) & {"received", "answered"},
        )

    def prompts(self) -> list[list[Body]]:
        """The messages of each talk request that the LLM got (compactions left out)."""
        return [list(r["messages"]) for r in self.llm.requests if "response_format" not in r]

    def prompt(self, number: int = -1) -> str:
        """All words of one such request."""
        return "\n".join(str(message["content"]) for message in self.prompts()[number])


def environment(
    data_dir: Path, playground: PlaygroundServer, llm: LlmServer | None, **settings: str
) -> dict[str, str]:
    """The settings of a butler between these servers, on any free port."""
    own = {
        "BUTLER_DATA_DIR": str(data_dir),
        "TELEGRAM_BOT_TOKEN": playground.token,
        "TELEGRAM_API_URL": playground.base_url,
    }
    if llm is not None:
        own["LLM_API_URL"] = llm.url
    return {**USUAL, **own, **settings}


@contextmanager
def house(
    data_dir: Path,
    *,
    demo: bool = False,
    answer: Callable[[list[Body]], str] | None = None,
    world: World | None = None,
    make: Callable[[Settings], Service] = Service,
    **settings: str,
) -> Iterator[House]:
    """A house with everything running; `demo` puts the demo brain in the LLM server's place,
    `make` another service in that of `Service`."""
    with ExitStack() as stack:
        playground = stack.enter_context(PlaygroundServer(world))
        llm = None if demo else stack.enter_context(LlmServer(answer=answer))
        made = House(playground, llm, environment(data_dir, playground, llm, **settings), make)
        made.start()
        try:
            yield made
        finally:
            made.service.stop()

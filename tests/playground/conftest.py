"""A playground for each test: its state alone, or a server."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import attrs
import pytest
import urllib3

from butler.playground import Guests, PlaygroundServer, World
from butler.playground.methods import Methods
from butler.playground.params import Params


class HandClock:
    """Seconds that move only by hand."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


class Bench:
    """A world with one guest who has written, and the bot's methods, without HTTP."""

    def __init__(self, **options: Any) -> None:
        self.clock = HandClock()
        self.world = World(clock=self.clock, seed=7, first_id=100, **options)
        self.bot = self.world.add_bot()
        self.guests = Guests(self.world)
        self.methods = Methods(self.world)
        self.world.add_guest("Анна", user_id=1)
        self.guests.write(1, "Привет!")

    def call(self, method: str, **values: Any) -> Any:
        return self.methods.call(self.bot, method.lower(), Params({"chat_id": 1, **values}))

    def updates(self) -> list[dict[str, Any]]:
        return self.bot.queue.take(0, 100)

    def events(self, chat_id: int = 1) -> list[dict[str, Any]]:
        return self.world.chat(chat_id).events.after(0) or []


@pytest.fixture
def bench() -> Bench:
    return Bench()


@attrs.frozen
class Client:
    """A bare Bot API client for one server."""

    server: PlaygroundServer
    pool: urllib3.PoolManager = attrs.Factory(
        lambda: urllib3.PoolManager(retries=False, maxsize=8, timeout=30)
    )

    def raw(self, method: str, path: str, **options: Any) -> urllib3.BaseHTTPResponse:
        return self.pool.request(method, self.server.base_url + path, **options)

    def call(self, method: str, **fields: Any) -> dict[str, Any]:
        """The whole answer of a call with a JSON body."""
        response = self.raw(
            "POST",
            f"/bot{self.server.token}/{method}",
            body=json.dumps(fields).encode(),
            headers={"Content-Type": "application/json"},
        )
        answer: dict[str, Any] = json.loads(response.data)
        assert answer["ok"] is (response.status == 200)
        assert answer["ok"] or answer["error_code"] == response.status
        return answer

    def result(self, method: str, **fields: Any) -> Any:
        answer = self.call(method, **fields)
        assert answer["ok"], answer
        return answer["result"]


@pytest.fixture
def server() -> Iterator[PlaygroundServer]:
    world = World(seed=7)
    world.add_bot()
    with PlaygroundServer(world) as server:
        yield server


@pytest.fixture
def client(server: PlaygroundServer) -> Client:
    return Client(server)


def wait_for_poll(server: PlaygroundServer) -> None:
    """Wait until a poll of the first bot is under way: its waker has come."""
    arrived = threading.Event()

    class Wakers(set[Any]):
        def add(self, item: Any) -> None:
            super().add(item)
            arrived.set()

    with server.world.lock:
        if server.bot.wakers:
            return
        server.bot.wakers = Wakers()
    assert arrived.wait(20)

"""A butler's web without a butler, over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import attrs
import requests
from prometheus_client import CollectorRegistry

from butler.web import WebServer, create_app

DEPENDENCIES = {"telegram": {"up": True, "detail": "@alfred"}, "llm": {"up": None, "detail": ""}}


def node(name: str, *children: dict[str, Any], **changes: Any) -> dict[str, Any]:
    usual = {"state": "running", "restarts": 0, "mailbox": 0, "oldest_age": 0.0}
    return {"name": name, **usual, "last_failure": None, "children": list(children), **changes}


@attrs.define
class Steward:
    """A `StatusSource` that says what the test wants."""

    healthy: bool = True
    is_ready: bool = True
    root: dict[str, Any] = attrs.field(factory=lambda: node("root", node("journal")))
    figures: dict[str, Any] = attrs.field(factory=dict)
    dependencies: dict[str, Any] = attrs.field(factory=lambda: dict(DEPENDENCIES))
    broken: bool = False

    def health(self) -> tuple[bool, dict[str, Any]]:
        if self.broken:
            raise ValueError("a guest's words")
        return self.healthy, {"uptime": 5}

    def ready(self) -> tuple[bool, dict[str, Any]]:
        return self.is_ready, self.dependencies

    def tree(self) -> dict[str, Any]:
        return self.root

    def overview(self) -> dict[str, Any]:
        overview = {"mode": "playground", "version": "0.1.0", "uptime": 90_061.0}
        statistics = {"profiles": 3, "dead_letters": 1}
        return {**overview, "statistics": statistics, "figures": self.figures}


@attrs.define
class Site:
    """Requests to one server."""

    address: str

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.ask("GET", path, **options)

    def ask(self, method: str, path: str, **options: Any) -> requests.Response:
        options = {"timeout": 20, "allow_redirects": False, **options}
        return requests.request(method, self.address + path, **options)


@contextmanager
def serving(
    steward: Steward | None = None,
    token: str | None = None,
    registry: CollectorRegistry | None = None,
    **more: Any,
) -> Iterator[Site]:
    """A server on a free port for the time of the block."""
    app = create_app(steward or Steward(), registry or CollectorRegistry(), token, **more)
    server = WebServer(app, "127.0.0.1", 0)
    server.start()
    try:
        yield Site(server.address)
    finally:
        assert server.stop(5)

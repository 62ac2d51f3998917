"""The butler as an operator sees it: what was last said and measured."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from butler import __version__
from butler.ports import StoreStatistics
from butler.telemetry import DependencyChanged, TelemetryEvent
from supervision import Node

NEEDED = ("telegram", "store")
SHOWN_CHILDREN = 50
STATES = {"idle": "running", "queued": "running", "new": "starting", "down": "restarting"}


class Board:
    """A subscriber of telemetry, and the web's `StatusSource`. Any thread; nothing blocks."""

    def __init__(self, mode: str, capabilities: dict[str, str]) -> None:
        self._mode = mode
        self._began = time.monotonic()
        self._dependencies: dict[str, dict[str, Any]] = {
            name: {"up": None, "detail": detail} for name, detail in capabilities.items()
        }
        self._statistics: StoreStatistics | None = None
        self._failure = ""
        self.look: Callable[[int], Node] | None = None

    def __call__(self, event: TelemetryEvent) -> None:
        """Note how a dependency is."""
        if isinstance(event, DependencyChanged):
            self._dependencies[event.dependency] = {"up": event.up, "detail": event.detail}

    def measured(self, statistics: StoreStatistics) -> None:
        """Note the store's counts."""
        self._statistics = statistics

    def give_up(self, why: str) -> None:
        """The tree has given up: the process is about to end."""
        self._failure = why

    def health(self) -> tuple[bool, dict[str, Any]]:
        """See `StatusSource`."""
        if self._failure:
            return False, {"reason": self._failure}
        return True, {"version": __version__, "uptime_seconds": round(self._uptime(), 1)}

    def ready(self) -> tuple[bool, dict[str, Any]]:
        """See `StatusSource`; an LLM that is down is told to guests politely, so we still serve."""
        good = all(self._dependencies[name]["up"] is True for name in NEEDED)
        return good and not self._failure, dict(self._dependencies)

    def overview(self) -> dict[str, Any]:
        """See `StatusSource`."""
        overview: dict[str, Any] = {
            "mode": self._mode,
            "version": __version__,
            "uptime": round(self._uptime(), 1),
        }
        if self._statistics is not None:
            counted = self._statistics
            overview["statistics"] = {
                "profiles": counted.profiles,
                "events": counted.events,
                "archived": counted.archived,
                "unsettled": counted.unsettled,
                "dead_letters": counted.dead_letters,
            }
        return overview

    def tree(self) -> dict[str, Any]:
        """See `StatusSource`."""
        if self.look is None:
            return {"name": "root", "state": "starting", "restarts": 0, "children": []}
        return _as_json(self.look(SHOWN_CHILDREN))

    def _uptime(self) -> float:
        return time.monotonic() - self._began


def _as_json(node: Node) -> dict[str, Any]:
    failure = node.last_failure
    name = "/".join(map(str, node.name)) if isinstance(node.name, tuple) else str(node.name)
    return {
        "name": name,
        "state": STATES.get(node.state, node.state),
        "restarts": node.restarts,
        "mailbox": node.depth if node.kind == "worker" else None,
        "oldest_age": round(node.oldest_age, 3) if node.kind == "worker" else None,
        "last_failure": type(failure.exception).__name__ if failure else None,
        "count": len(node.children) + node.omitted,
        "children": [_as_json(child) for child in node.children],
    }

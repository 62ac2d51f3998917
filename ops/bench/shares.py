"""Where the processor time of a reply goes: HTTP, JSON, store, actors, logs, metrics.

The butler runs in this process, over SQLite on disk, serving the closed loop of `world.py`. The
functions in which each kind of work begins are wrapped by a clock that counts their thread's own
processor time, less what is counted within them; what is left of the process's time is the actor
runtime, threads and the rest. Prints a table and, as its last line, one JSON object.
"""

from __future__ import annotations

import argparse
import functools
import json
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from actors import intake, router, user
from actors.guest import rules, talk
from actors.guest.archive import Archive
from actors.guest.keeper import Keeper
from actors.journal import Journal
from actors.llm_pool import LlmPool, LlmWorker
from actors.poller import Poller
from actors.router import Router
from actors.sender import Sender, SenderWorker
from actors.user import UserActor
from butler.app import Service, configure_logs
from butler.clients import bot_api, http
from butler.config import read_settings
from butler.domain import prompt, replies
from butler.logs import Logs
from butler.metrics import Metrics
from butler.status import Board
from butler.storage import text
from butler.storage.sqlite import SqliteStore
from ops.bench.house import QUIET
from ops.bench.pipeline import world

BEGINNINGS: dict[str, tuple[tuple[Any, str], ...]] = {
    "HTTP": ((http.HttpClient, "request"), (bot_api.BotApi, "call")),
    "JSON": (
        *((http, "_encode_json"), (http.Reply, "json")),
        *((text, "_encode"), (text, "_decode")),
    ),
    "store": tuple((SqliteStore, name) for name in ("commit", "guest", "waiting_of", "statistics")),
    "reading updates": tuple((module, "understand") for module in (intake, router, user)),
    "composing prompts": ((prompt, "compose"), (rules.Meter, "learn")),
    "recalling": ((Archive, "search"),),
    "compressing memory": ((Keeper, "consider"), (Keeper, "completed")),
    "rendering replies": ((replies, "reply"), (talk, "cleaned")),
    "logs": ((Logs, "__call__"),),
    "metrics": ((Metrics, "__call__"), (Board, "__call__")),
    "actors: guests": ((UserActor, "on_receive"),),
    "actors: the others": tuple(
        (actor, "on_receive")
        for actor in (Journal, LlmPool, LlmWorker, Poller, Router, Sender, SenderWorker)
    ),
}
SETTLE_SECONDS = 9.0  # until everybody has something to recall
REST = "actor runtime, threads, rest"


class Shares:
    """Processor seconds by kind of work. Any thread."""

    def __init__(self) -> None:
        self._here = threading.local()
        self._all: list[dict[str, float]] = []

    def wrap(self, kind: str, place: Any, name: str) -> None:
        """Count calls of a function of a module or class as `kind`."""
        function: Callable[..., Any] = getattr(place, name)

        @functools.wraps(function)
        def counted(*args: Any, **options: Any) -> Any:
            spent, stack = self._mine()
            now = time.thread_time()
            if stack:
                spent[stack[-1][0]] += now - stack[-1][1]
            stack.append([kind, now])
            try:
                return function(*args, **options)
            finally:
                now = time.thread_time()
                mine = stack.pop()
                spent[kind] += now - mine[1]
                if stack:
                    stack[-1][1] = now

        setattr(place, name, counted)

    def taken(self) -> dict[str, float]:
        """What has been counted since the last time."""
        found: dict[str, float] = defaultdict(float)
        for spent in self._all:
            for kind, seconds in list(spent.items()):
                found[kind] += seconds
            spent.clear()
        return found

    def _mine(self) -> tuple[dict[str, float], list[list[Any]]]:
        try:
            mine: tuple[dict[str, float], list[list[Any]]] = self._here.mine
        except AttributeError:
            mine = self._here.mine = (defaultdict(float), [])
            self._all.append(mine[0])
        return mine


def measure(guests: int, seconds: float) -> dict[str, Any]:
    """Milliseconds a reply by kind, after settling."""
    shares = Shares()
    for kind, places in BEGINNINGS.items():
        for place, name in places:
            shares.wrap(kind, place, name)
    with world(guests) as made, tempfile.TemporaryDirectory() as data:
        service = _service(made.where, Path(data))
        made.run(SETTLE_SECONDS)
        shares.taken()
        began = time.process_time()
        row = made.run(seconds)
        worked = time.process_time() - began
        spent = shares.taken()
        service.stop()
    by_kind = {**spent, REST: worked - sum(spent.values())}
    return {
        "replies": row["replies"],
        "per_second": row["per_second"],
        "ms_a_reply": round(1000 * worked / row["replies"], 2),
        "by_kind": {
            kind: round(1000 * each / row["replies"], 3)
            for kind, each in sorted(by_kind.items(), key=lambda item: -item[1])
        },
    }


def _service(where: dict[str, Any], data: Path) -> Service:
    settings = read_settings(
        {
            **QUIET,
            "TELEGRAM_BOT_TOKEN": where["token"],
            "TELEGRAM_API_URL": where["api"],
            "LLM_API_URL": where["llm"],
            "BUTLER_DATA_DIR": str(data),
        }
    )
    configure_logs(settings)
    service = Service(settings)
    service.start()
    return service


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--guests", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--quick", action="store_true", help="5 seconds")
    args = parser.parse_args()
    result = measure(args.guests, 5.0 if args.quick else args.seconds)
    for kind, each in result["by_kind"].items():
        print(f"{kind:30}{each:8.3f} ms{100 * each / result['ms_a_reply']:6.1f} %")
    print(f"{'a reply':30}{result['ms_a_reply']:8.3f} ms, {result['per_second']} a second")
    print(json.dumps(result))


if __name__ == "__main__":
    main()

"""A million generated updates, whole and broken, through the real intake, inbox, router and guests.

In each of a few processes: the butler's actors over SQLite on disk, an instant LLM, and a Bot API
that takes everything. Must be: no actor failed or restarted, nothing refused by the store, and
every update that has an id settled. Prints a table and, as its last line, one JSON object; exits
with 1 if not.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sqlite3
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

from actors.gate import Gate
from actors.guest.rules import Bot, Rules
from actors.tree import Plan, Tree, World
from butler.clock import SystemClock
from butler.domain.chat import Audio, Completion, CompletionRequest, Transcript
from butler.domain.outgoing import Part
from butler.domain.prompt import Budget
from butler.ports import BotIdentity, Store
from butler.storage import SQLITE_FILE, open_store
from butler.telemetry import DeadLettered, Telemetry, TelemetryEvent, UpdateMalformed
from ops.bench.llm_server import compaction
from ops.bench.odd_updates import BOT_ID, Updates
from supervision import Directory, Intensity, Root, events

SETTLE_SECONDS = 120.0


class Api:
    """`butler.ports.Transport`: so many updates, a batch at a time; takes all that is sent."""

    def __init__(self, updates: Updates, count: int) -> None:
        self._updates = updates
        self._left = count
        self._more = threading.Event()
        self.exhausted = threading.Event()
        self.sent = 0

    def identity(self) -> BotIdentity:
        return BotIdentity(BOT_ID, "alfred_bot")

    def updates(self, offset: int | None, limit: int, timeout: float) -> list[dict[str, Any]]:
        count = min(limit, self._left)
        self._left -= count
        if not count:
            self.exhausted.set()
            self._more.wait(0.2)
        return self._updates.batch(count)

    def send(self, part: Part) -> int:
        self.sent += 1
        return self.sent

    def draft(self, chat_id: int, draft_id: int, text: str) -> None: ...

    def typing(self, chat_id: int) -> None: ...

    def answer_callback(self, callback_id: str) -> None: ...

    def download(self, file_id: str, limit: int) -> bytes:
        return b"sound"

    def set_commands(self, commands: Sequence[tuple[str, str]], language: str | None) -> None: ...

    def set_webhook(self, url: str, secret: str | None) -> None: ...

    def delete_webhook(self) -> None: ...

    def close(self) -> None: ...


class Mind:
    """`butler.ports.Model` and `Transcriber`: answers at once."""

    name = "instant"

    def complete(
        self,
        request: CompletionRequest,
        timeout: float,
        on_text: Callable[[str], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Completion:
        if request.schema is None:
            return Completion("Very good. The weather is English.")
        return Completion(compaction([{"content": request.messages[-1].content}]))

    def transcribe(self, audio: Audio, language: str, timeout: float) -> Transcript:
        return Transcript("What is for tea?", language)

    def count_tokens(self, text: str) -> int | None:
        return None

    def probe(self) -> str:
        return self.name

    def close(self) -> None: ...


class Watch:
    """Counts what must not happen, and what may."""

    def __init__(self) -> None:
        self.failed: Counter[str] = Counter()
        self.restarts = 0
        self.malformed: Counter[str] = Counter()
        self.dead_letters = 0

    def told(self, event: TelemetryEvent) -> None:
        if isinstance(event, UpdateMalformed):
            self.malformed[event.what] += 1
        self.dead_letters += isinstance(event, DeadLettered)

    def heed(self, event: events.Event) -> None:
        if isinstance(event, events.ChildFailed):
            self.failed[f"{event.name}: {event.failure.exception!r:.200}"] += 1
        elif isinstance(event, events.MessageDied):
            self.failed[f"a message to {event.letter.name} died"] += 1
        self.restarts += isinstance(event, events.ChildStarted) and event.restarts > 0


def house(store: Store, api: Api, watch: Watch) -> tuple[Root, Tree]:
    """The butler's actors between these."""
    directory, telemetry, gate = Directory(), Telemetry(watch.told), Gate()
    rules = Rules(Bot(BOT_ID), True, 50, 20, 60.0, Budget())
    plan = Plan(rules, frozenset(), 0, 0, 4, 10.0, timedelta(days=90), commands=1 << 40)
    mind = Mind()
    world = World(store, api, api, [mind], mind, {})
    tree = Tree(world, plan, gate, directory, telemetry, SystemClock())
    root: Root
    root = Root(
        tree.children(lambda _: None, lambda: root.tree(8)),
        strategy="rest_for_one",
        intensity=Intensity(20, 60.0),
        directory=directory,
        on_event=watch.heed,
    )
    return root, tree


def fuzz(count: int, seed: int, data: Path) -> dict[str, Any]:
    """Send so many updates; what became of them."""
    updates, watch = Updates(seed), Watch()
    api = Api(updates, count)
    store = open_store(None, data, 90, SystemClock())
    store.migrate()
    root, tree = house(store, api, watch)
    began = time.perf_counter()
    root.start()
    api.exhausted.wait()
    settled = _settled(store)
    seconds = time.perf_counter() - began
    root.stop(10.0)
    for dispatcher in tree.dispatchers:
        dispatcher.stop(0.1)
    store.close()
    states = _states(data / SQLITE_FILE)
    return {
        "seed": seed,
        "updates": count,
        "with_id": len(updates.ids),
        "states": dict(sorted(states.items())),
        "unsettled": len(updates.ids) - sum(states[state] for state in _ENDS),
        "settled_in_time": settled,
        "failures": dict(watch.failed.most_common(5)),
        "restarts": watch.restarts,
        "unstorable": watch.malformed["unstorable"],
        "malformed": watch.malformed.total(),
        "dead_letters": watch.dead_letters,
        "sent": api.sent,
        "seconds": round(seconds, 1),
    }


def fuzz_apart(count: int, seed: int) -> dict[str, Any]:
    """`fuzz` in a place of its own."""
    with tempfile.TemporaryDirectory() as place:
        return fuzz(count, seed, Path(place))


def fuzz_side_by_side(count: int, seed: int, processes: int) -> dict[str, Any]:
    """`fuzz` in so many processes, each with its share and a seed of its own; all together."""
    share = -(-count // processes)
    began = time.perf_counter()
    apart = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=apart) as pool:
        seeds = range(seed, seed + processes)
        results = list(pool.map(fuzz_apart, [share] * processes, seeds))
    seconds = time.perf_counter() - began
    whole = together(results)
    whole["seconds"] = round(seconds, 1)
    whole["per_second"] = round(whole["updates"] / seconds)
    return whole


def together(results: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Sums of numbers and of counters, lists of seeds; true where it is true of all."""
    whole: dict[str, Any] = {}
    for name, first in results[0].items():
        values = [result[name] for result in results]
        if name == "seed":
            whole[name] = values
        elif isinstance(first, bool):
            whole[name] = all(values)
        elif isinstance(first, dict):
            whole[name] = dict(sum((Counter(value) for value in values), Counter()))
        else:
            whole[name] = sum(values)
    return whole


_ENDS = ("sent", "ignored", "undeliverable", "dead")


def _settled(store: Store) -> bool:
    """Wait until nothing waits; whether that came about."""
    pause, until = threading.Event(), time.monotonic() + SETTLE_SECONDS
    while store.statistics().unsettled:
        if time.monotonic() > until:
            return False
        pause.wait(0.1)
    return True


def _states(file: Path) -> Counter[str]:
    with closing(sqlite3.connect(file)) as database:
        return Counter(dict(database.execute("SELECT state, count(*) FROM inbox GROUP BY state")))


def broken(result: dict[str, Any]) -> list[str]:
    """Which promises a result does not keep."""
    return [
        name
        for name in ("unsettled", "failures", "restarts", "unstorable", "dead_letters")
        if result[name]
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--updates", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--quick", action="store_true", help="20,000 updates")
    args = parser.parse_args()
    count = 20_000 if args.quick else args.updates
    result = fuzz_side_by_side(count, args.seed, args.processes)
    for name, value in result.items():
        print(f"{name:20}{value}")
    print(json.dumps(result))
    sys.exit(1 if broken(result) else 0)


if __name__ == "__main__":
    main()

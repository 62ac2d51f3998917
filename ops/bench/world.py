"""The world around a butler, in a process of its own: Bot API, instant LLM, guests in closed loop.

Ruled by lines on standard input, each answered by one JSON line: `run SECONDS` lets so many guests
at once write and wait for the reply, upon which the next in the row writes; `quit` ends. The first
line printed says where everything is.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import threading
import time
from collections import deque
from functools import partial
from typing import Any

from butler.playground import PlaygroundServer
from ops.bench.llm_server import LlmServer

THINGS = (
    *(
        "umbrella",
        "garden",
        "piano",
        "river",
        "bicycle",
        "library",
        "teapot",
        "parrot",
        "staircase",
    ),
    *("lantern", "orchard", "telescope", "railway", "marmalade", "thunder", "violin", "harbour"),
    *("chimney", "tapestry", "greenhouse", "overcoat", "chess", "lighthouse", "carriage", "novel"),
)


class ClosedLoop:
    """`at_once` guests who wait for a reply at any time. Any thread.

    They speak of different things, so that there is something to recall and to compress.
    """

    def __init__(self, server: PlaygroundServer, guests: int, at_once: int) -> None:
        self._server = server
        self._running = False
        self._at_once = at_once
        self._asked: dict[int, float] = {}
        self._row: deque[int] = deque()
        self._number = 0
        self._chance = random.Random(1)
        self._lock = threading.Lock()
        self.latencies: list[float] = []
        bot = server.bot
        for _ in range(guests):
            user_id = int(server.world.add_guest("Guest", "en")["id"])
            self._row.append(user_id)
            chat = server.world.private_chat(bot, user_id)
            chat.events.watch(partial(self._heard, user_id, chat))

    def run(self, seconds: float) -> dict[str, Any]:
        self.latencies = []
        self._running = True
        began, worked = time.perf_counter(), time.process_time()
        while self._write_next():
            pass
        threading.Event().wait(seconds)
        self._running = False
        took = time.perf_counter() - began
        share = (time.process_time() - worked) / took
        return {**summary(self.latencies, took), "world_cpu": round(share, 2)}

    @property
    def users(self) -> list[int]:
        """Everybody who does not wait for a reply; before the first run, all."""
        return list(self._row)

    def _write_next(self) -> bool:
        """Let the next in the row write; false if enough wait for a reply."""
        with self._lock:
            if len(self._asked) >= self._at_once or not self._row:
                return False
            user_id = self._row.popleft()
            self._number += 1
            one, other = self._chance.sample(THINGS, 2)
            text = f"message {self._number}: what of the {one}, now that the {other} is here?"
            self._asked[user_id] = time.perf_counter()
        self._server.guests.write(user_id, text)
        return True

    def _heard(self, user_id: int, chat: Any) -> None:
        event = chat.events.after(chat.events.seq - 1)[0]
        sender = event.get("message", {}).get("from", {})
        if event["type"] != "message" or not sender.get("is_bot"):
            return
        with self._lock:
            asked = self._asked.pop(user_id, None)
            if asked is None:
                return  # more than one message for a reply
            self.latencies.append(time.perf_counter() - asked)
            self._row.append(user_id)
        if self._running:
            self._write_next()


def summary(latencies: list[float], seconds: float) -> dict[str, Any]:
    """Replies a second and their latencies in milliseconds."""
    ordered = sorted(latencies)

    def at(share: float) -> float:
        return round(1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)

    if not ordered:
        return {"replies": 0, "per_second": 0.0, "p50_ms": None, "p95_ms": None, "p99_ms": None}
    return {
        "replies": len(ordered),
        "per_second": round(len(ordered) / seconds, 1),
        "p50_ms": at(0.50),
        "p95_ms": at(0.95),
        "p99_ms": at(0.99),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--guests", type=int, default=100)
    parser.add_argument("--at-once", type=int, default=0, help="0: all")
    parser.add_argument("--llm-delay", type=float, default=0.0)
    args = parser.parse_args()
    with LlmServer() as llm, PlaygroundServer() as server:
        llm.behave(record=False, delay=args.llm_delay)
        loop = ClosedLoop(server, args.guests, args.at_once or args.guests)
        where: dict[str, Any] = {"api": server.base_url, "token": server.token, "llm": llm.url}
        where["users"] = loop.users
        print(json.dumps(where), flush=True)
        for line in sys.stdin:
            words = line.split()
            if not words or words[0] == "quit":
                return
            print(json.dumps(loop.run(float(words[1]))), flush=True)


if __name__ == "__main__":
    main()

"""The world around a butler, in a process of its own: Bot API, instant LLM, guests in closed loop.

Ruled by lines on standard input, each answered by one JSON line:
`run SECONDS` lets every guest write, wait for the reply, and write again; `quit` ends. The first
line printed says where everything is.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
from functools import partial
from typing import Any

from butler.playground import PlaygroundServer
from ops.bench.llm_server import LlmServer


class ClosedLoop:
    """Guests who each write again as soon as they are answered. Called on the server's thread."""

    def __init__(self, server: PlaygroundServer, guests: int) -> None:
        self._server = server
        self._running = False
        self._asked: dict[int, float] = {}
        self._number = 0
        self.latencies: list[float] = []
        bot = server.bot
        for _ in range(guests):
            user_id = int(server.world.add_guest("Guest", "en")["id"])
            self._asked[user_id] = 0.0
            chat = server.world.private_chat(bot, user_id)
            chat.events.watch(partial(self._heard, user_id, chat))

    def run(self, seconds: float) -> dict[str, Any]:
        self.latencies = []
        self._running = True
        began = time.perf_counter()
        for user_id in list(self._asked):
            self._write(user_id)
        threading.Event().wait(seconds)
        self._running = False
        took = time.perf_counter() - began
        return summary(self.latencies, took)

    def _write(self, user_id: int) -> None:
        self._number += 1
        self._asked[user_id] = time.perf_counter()
        self._server.guests.write(user_id, f"message {self._number}: how is the weather today?")

    def _heard(self, user_id: int, chat: Any) -> None:
        event = chat.events.after(chat.events.seq - 1)[0]
        sender = event.get("message", {}).get("from", {})
        if event["type"] != "message" or not sender.get("is_bot"):
            return
        self.latencies.append(time.perf_counter() - self._asked[user_id])
        if self._running:
            self._write(user_id)


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
    parser.add_argument("--llm-delay", type=float, default=0.0)
    args = parser.parse_args()
    with LlmServer() as llm, PlaygroundServer() as server:
        llm.behave(record=False, delay=args.llm_delay, text="Very good. The weather is English.")
        loop = ClosedLoop(server, args.guests)
        where = {"api": server.base_url, "token": server.token, "llm": llm.url}
        print(json.dumps(where), flush=True)
        for line in sys.stdin:
            words = line.split()
            if not words or words[0] == "quit":
                return
            print(json.dumps(loop.run(float(words[1]))), flush=True)


if __name__ == "__main__":
    main()

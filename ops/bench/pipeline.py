"""Replies a second through the whole butler, beside bare loops that keep nothing, in one run.

100 guests in closed loop, an instant LLM and the Bot API in one process (`world.py`); the butler
(SQLite on disk, `synchronous=FULL`) or the bare loop in another. Prints a table and, as its last
line, one JSON object. Also: the butler's own share of a reply at one guest, and the time from
start to the first getUpdates.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import urllib3

from butler.playground import Guest

HERE = Path(__file__).parent
SETTLE_SECONDS = 1.5


class World:
    """The world's process."""

    def __init__(self, guests: int, llm_delay: float = 0.0) -> None:
        command = [sys.executable, str(HERE / "world.py"), "--guests", str(guests)]
        self._process = subprocess.Popen(
            [*command, "--llm-delay", str(llm_delay)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.where: dict[str, str] = self._read()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def run(self, seconds: float) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(f"run {seconds}\n")
        self._process.stdin.flush()
        return self._read()

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("quit\n")
        self._process.stdin.close()
        self._process.wait(10)


@contextmanager
def world(guests: int, llm_delay: float = 0.0) -> Iterator[World]:
    made = World(guests, llm_delay)
    try:
        yield made
    finally:
        made.close()


@contextmanager
def butler(where: dict[str, str], data: Path, **settings: str) -> Iterator[str]:
    """A butler of its own process; the address of its web."""
    environment = {
        "PATH": os.environ["PATH"],
        "TELEGRAM_BOT_TOKEN": where["token"],
        "TELEGRAM_API_URL": where["api"],
        "LLM_API_URL": where["llm"],
        "TELEGRAM_RATE_LIMIT": "0",
        "TELEGRAM_CHAT_RATE_LIMIT": "0",
        "BUTLER_DATA_DIR": str(data),
        "STT_ENGINE": "off",
        "HTTP_PORT": "0",
        "LOG_LEVEL": "WARNING",
        **settings,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "butler", "run"],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        yield line.split()[-1].rstrip("/")
    finally:
        process.terminate()
        process.wait(15)


@contextmanager
def bare(where: dict[str, str], http: str) -> Iterator[None]:
    arguments = [f"--{name}={where[name]}" for name in ("api", "token", "llm")]
    process = subprocess.Popen(
        [sys.executable, str(HERE / "bare.py"), *arguments, f"--http={http}"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    try:
        yield
    finally:
        process.kill()
        process.wait(10)


def counters(address: str) -> dict[str, float]:
    """The butler's metrics without labels."""
    found = {}
    for line in urllib3.request("GET", f"{address}/metrics").data.decode().splitlines():
        if line and not line.startswith("#") and "{" not in line:
            name, value = line.split()
            found[name] = float(value)
    return found


def measure_butler(guests: int, seconds: float, **settings: str) -> dict[str, Any]:
    with world(guests) as made, tempfile.TemporaryDirectory() as data:  # noqa: SIM117  # the data outlives the butler
        with butler(made.where, Path(data), **settings) as address:
            made.run(SETTLE_SECONDS)
            before = counters(address)
            result = made.run(seconds)
            after = counters(address)
            commits = after["butler_store_commits_total"] - before["butler_store_commits_total"]
            result["commits_a_reply"] = round(commits / max(1, result["replies"]), 2)
            return result


def measure_bare(guests: int, seconds: float, http: str) -> dict[str, Any]:
    with world(guests) as made, bare(made.where, http):
        made.run(SETTLE_SECONDS)
        return made.run(seconds)


def measure_start() -> float:
    """Seconds from starting the process to its first getUpdates."""
    with world(1) as made, tempfile.TemporaryDirectory() as data:
        # An update that waits, so that the first getUpdates is answered, and listed, at once.
        Guest.create(made.where["api"]).say("hello")
        began = time.perf_counter()
        with butler(made.where, Path(data)):
            calls = f"{made.where['api']}/playground/api/calls"
            while True:
                made_calls = urllib3.request("GET", calls).json()["calls"]
                if any(call["method"].lower() == "getupdates" for call in made_calls):
                    return time.perf_counter() - began
                if time.perf_counter() - began > 30:
                    raise TimeoutError("expected getUpdates within 30 s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--guests", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--mongodb-url", default="", help="measure over MongoDB as well")
    parser.add_argument("--quick", action="store_true", help="3 seconds each")
    args = parser.parse_args()
    seconds = 3.0 if args.quick else args.seconds
    rows = {
        "butler, SQLite": measure_butler(args.guests, seconds),
        "bare, requests": measure_bare(args.guests, seconds, "requests"),
        "bare, urllib3": measure_bare(args.guests, seconds, "urllib3"),
    }
    if args.mongodb_url:
        settings = {"MONGODB_URL": args.mongodb_url}
        rows["butler, MongoDB"] = measure_butler(args.guests, seconds, **settings)
    rows["butler, one guest"] = measure_butler(1, seconds)
    rows["bare, one guest"] = measure_bare(1, seconds, "requests")
    start = round(measure_start(), 2)
    columns = ("per_second", "p50_ms", "p95_ms", "p99_ms", "commits_a_reply")
    print(f"{'':20}" + "".join(f"{column:>16}" for column in columns))
    for name, row in rows.items():
        print(f"{name:20}" + "".join(f"{row.get(column, '')!s:>16}" for column in columns))
    ratio = round(rows["butler, SQLite"]["per_second"] / rows["bare, requests"]["per_second"], 2)
    print(f"butler to bare requests: {ratio}; start to first getUpdates: {start} s")
    print(json.dumps({"rows": rows, "ratio": ratio, "start_seconds": start}))


if __name__ == "__main__":
    main()

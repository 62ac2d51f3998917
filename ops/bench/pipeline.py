"""Replies a second through the whole butler, beside bare loops that keep nothing, in one run.

100 guests in closed loop, an instant LLM and the Bot API in one process (`world.py`); the butler
(SQLite on disk, `synchronous=FULL`) or the bare loop in another. Each round measures all three one
after the other; the ratios are medians over the rounds. Also: the butler over MongoDB's protocol
(`secantusd-py`, if it is there), his own share of a reply at one guest, and the time from start to
the first getUpdates. Prints a table and, as its last line, one JSON object.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import attrs
import urllib3

from butler.playground import Guest
from ops.bench.house import QUIET, ButlerProcess, DatabaseProcess, cpu_seconds

SETTLE_SECONDS = 1.5
COLUMNS = (
    *("per_second", "p50_ms", "p95_ms", "p99_ms", "p99_to_p50"),
    *("cpu_ms_a_reply", "world_cpu", "commits_a_reply"),
)

Row = dict[str, Any]


class World:
    """The world's process."""

    def __init__(self, *arguments: object) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "ops.bench.world", *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.where: dict[str, Any] = self._read()

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
def world(guests: int, at_once: int = 0, llm_delay: float = 0.0) -> Iterator[World]:
    """So many guests, and how many of them wait for a reply at a time (0: all)."""
    made = World("--guests", guests, "--at-once", at_once, "--llm-delay", llm_delay)
    try:
        yield made
    finally:
        made.close()


@attrs.frozen
class Butler:
    """A running one."""

    pid: int
    address: str

    def counted(self, name: str) -> float:
        """One of his metrics that has no labels."""
        lines = urllib3.request("GET", f"{self.address}/metrics").data.decode().splitlines()
        return next(float(line.split()[1]) for line in lines if line.startswith(f"{name} "))


@contextmanager
def butler(where: dict[str, Any], data: Path, **settings: str) -> Iterator[Butler]:
    """A butler of its own process."""
    environment = {
        **QUIET,
        "TELEGRAM_BOT_TOKEN": where["token"],
        "TELEGRAM_API_URL": where["api"],
        "LLM_API_URL": where["llm"],
        "BUTLER_DATA_DIR": str(data),
        **settings,
    }
    process = ButlerProcess(environment, sys.stderr.buffer)
    try:
        yield Butler(process.pid, process.address())
    finally:
        process.terminate()


@contextmanager
def bare(where: dict[str, Any], http: str) -> Iterator[int]:
    """A bare loop of its own process; its process id."""
    arguments = [f"--{name}={where[name]}" for name in ("api", "token", "llm")]
    process = subprocess.Popen(
        [sys.executable, "-m", "ops.bench.bare", *arguments, f"--http={http}"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    try:
        yield process.pid
    finally:
        process.kill()
        process.wait(10)


def run(made: World, pid: int, seconds: float) -> Row:
    """Measure a process that serves this world."""
    made.run(SETTLE_SECONDS)
    before = cpu_seconds(pid)
    row = made.run(seconds)
    worked = cpu_seconds(pid) - before
    if row["replies"]:
        row["cpu_ms_a_reply"] = round(1000 * worked / row["replies"], 2)
        row["p99_to_p50"] = round(row["p99_ms"] / row["p50_ms"], 1)
    return row


def measure_butler(guests: int, seconds: float, *, mongodb: bool = False) -> Row:
    with ExitStack() as stack:
        made = stack.enter_context(world(guests))
        data, settings = Path(stack.enter_context(tempfile.TemporaryDirectory())), {}
        if mongodb:
            database = stack.enter_context(DatabaseProcess(data / "mongo"))
            settings["MONGODB_URL"] = database.url
        served = stack.enter_context(butler(made.where, data, **settings))
        commits = served.counted("butler_store_commits_total")
        row = run(made, served.pid, seconds)
        commits = served.counted("butler_store_commits_total") - commits
        share = seconds / (seconds + SETTLE_SECONDS)
        row["commits_a_reply"] = round(commits * share / max(1, row["replies"]), 2)
        return row


def measure_bare(guests: int, seconds: float, http: str) -> Row:
    with world(guests) as made, bare(made.where, http) as pid:
        return run(made, pid, seconds)


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


def median(rows: list[Row]) -> Row:
    """The middle of each figure over the rounds."""
    names = {name for row in rows for name in row}
    found = {name: [row[name] for row in rows if row.get(name) is not None] for name in names}
    return {name: round(statistics.median(values), 2) for name, values in found.items() if values}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--guests", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="one round of 3 seconds, many guests")
    args = parser.parse_args()
    seconds, rounds = (3.0, 1) if args.quick else (args.seconds, args.rounds)
    measures: dict[str, Callable[[], Row]] = {
        "butler, SQLite": lambda: measure_butler(args.guests, seconds),
        "bare, requests": lambda: measure_bare(args.guests, seconds, "requests"),
        "bare, urllib3": lambda: measure_bare(args.guests, seconds, "urllib3"),
    }
    taken = [{name: measure() for name, measure in measures.items()} for _ in range(rounds)]
    rows = {name: median([row[name] for row in taken]) for name in measures}
    if DatabaseProcess.PROGRAM.exists():
        rows["butler, MongoDB"] = measure_butler(args.guests, seconds, mongodb=True)
    if not args.quick:
        rows["butler, one guest"] = measure_butler(1, seconds)
        rows["bare, one guest"] = measure_bare(1, seconds, "requests")
    start = round(measure_start(), 2)
    ratios = {
        name: [
            round(row["butler, SQLite"]["per_second"] / row[name]["per_second"], 2) for row in taken
        ]
        for name in ("bare, requests", "bare, urllib3")
    }
    print(f"{'':20}" + "".join(f"{column:>16}" for column in COLUMNS))
    for name, row in rows.items():
        print(f"{name:20}" + "".join(f"{row.get(column, '')!s:>16}" for column in COLUMNS))
    for name, found in ratios.items():
        print(f"butler to {name}: {statistics.median(found)} (rounds: {found})")
    print(f"start to first getUpdates: {start} s")
    print(json.dumps({"rows": rows, "ratios": ratios, "start_seconds": start}))


if __name__ == "__main__":
    main()

"""A slow LLM: are its slots always full, and does waiting cost no threads?

The LLM answers after 2 seconds and the butler may ask it 64 things at once: at best 32 replies a
second. 300 guests in closed loop measure how near he comes; then 1,000 wait at once, and the
threads of his process are counted beside those with nobody waiting. Prints a table and, as its
last line, one JSON object; exits with 1 if the slots were not used or waiting took threads.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from ops.bench.house import status
from ops.bench.pipeline import World, butler, world

SLOTS = 64
LATENCY = 2.0
LEAST = 0.95  # of what the slots allow


def threads_while(made: World, pid: int, seconds: float) -> tuple[dict[str, Any], int]:
    """Run the closed loop; the most threads that the process had meanwhile."""
    most, over = 0, threading.Event()

    def look() -> None:
        nonlocal most
        while not over.wait(0.2):
            most = max(most, status(pid, "Threads"))

    looker = threading.Thread(target=look)
    looker.start()
    row = made.run(seconds)
    over.set()
    looker.join()
    return row, most


def measure(guests: int, seconds: float) -> dict[str, Any]:
    """Throughput and threads with so many guests in closed loop."""
    with world(guests, llm_delay=LATENCY) as made, tempfile.TemporaryDirectory() as data:  # noqa: SIM117  # the data outlives the butler
        with butler(made.where, Path(data), LLM_CONCURRENCY=str(SLOTS)) as served:
            made.run(2 * LATENCY)  # until every slot has been asked once
            row, most = threads_while(made, served.pid, seconds)
            return {
                "guests": guests,
                "per_second": row["per_second"],
                "of_slots": round(row["per_second"] / (SLOTS / LATENCY), 3),
                "p50_ms": row["p50_ms"],
                "threads": most,
            }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--quick", action="store_true", help="10 seconds each")
    args = parser.parse_args()
    seconds = 10.0 if args.quick else args.seconds
    rows = [measure(guests, seconds) for guests in (SLOTS, 300, 1000)]
    for name in rows[0]:
        print(f"{name:12}" + "".join(f"{row[name]!s:>12}" for row in rows))
    few, loop, many = rows
    wrong = []
    if loop["of_slots"] < LEAST:
        wrong.append("throughput")
    if many["threads"] > few["threads"]:
        wrong.append("threads")
    print(f"at best {SLOTS / LATENCY:g} a second" + (f"; BROKEN: {wrong}" if wrong else ""))
    print(json.dumps({"slots": SLOTS, "latency": LATENCY, "rows": rows, "broken": wrong}))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()

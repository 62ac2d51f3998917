"""Butler among failing servers: an LLM half of whose answers fail, a Bot API that errs, floods,
repeats, shuffles, drips and cuts connections; then both are well again, and he is left to finish.

Bot API, LLM and guests in one process (`crowd.py`), the butler in another over SQLite on disk. Must
be: lost 0, double events 0, wrong recipients 0, no actor restarted, and no reply seen twice but
those whose answer was cut off, each of which is counted (`telegram_replies_resent_total`). Prints a
table and, as its last line, one JSON object; exits with 1 if a promise was broken.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import attrs
import urllib3

from ops.bench.crowd import marks
from ops.bench.house import ButlerProcess, CrowdProcess
from ops.bench.remembered import Row, Store

PHASE_SECONDS = 3.0
FINISH_SECONDS = 120.0
SETTINGS = {"LLM_TIMEOUT_SECONDS": "2"}
TELEGRAM: tuple[dict[str, Any], ...] = (
    {"kind": "error", "method": "sendMessage", "probability": 0.10},
    {"kind": "error", "method": "sendMessage", "probability": 0.05, "retry_after": 1},
    {"kind": "error", "method": "getUpdates", "probability": 0.10, "status": 502},
    {"kind": "error", "method": "getUpdates", "probability": 0.02, "retry_after": 1},
    {"kind": "garbage", "probability": 0.01, "status": 502},
    {"kind": "reset", "probability": 0.02},
    {"kind": "lose_answer", "probability": 0.02},
    {"kind": "hang", "probability": 0.01, "seconds": 1.0},
    {"kind": "slow", "probability": 0.03, "seconds": 0.5},
    {"kind": "delay", "probability": 0.05, "seconds": 0.3},
    {"kind": "duplicate", "probability": 0.2},
    {"kind": "reorder", "probability": 0.5},
)
LLM: tuple[dict[str, Any], ...] = (
    {"kind": "status", "status": 500},
    {"kind": "reset"},
    {"kind": "status", "status": 429, "retry_after": "1"},
    {"kind": "close"},
    {"kind": "garbage"},
    {"kind": "status", "status": 503},
    {"kind": "hang"},
    {"kind": "cut"},
    {"kind": "overflow"},
)


@attrs.frozen
class Trouble:
    """The servers, and what is wrong with them."""

    api: str
    llm: str
    http: urllib3.PoolManager = attrs.field(factory=urllib3.PoolManager)

    def begin(self) -> None:
        """All of Telegram's troubles at once."""
        for fault in TELEGRAM:
            self.http.request("POST", f"{self.api}/playground/api/faults", json=fault)

    def ask_half(self, kind: dict[str, Any]) -> None:
        """Half of the LLM's answers fail in this way from now on."""
        self.http.request(
            "POST", f"{self.llm}/control", json={"record": False, "share": 0.5, **kind}
        )

    def end(self) -> int:
        """All is well again; how often Telegram's troubles struck."""
        place = f"{self.api}/playground/api/faults"
        struck = sum(fault["struck"] for fault in self.http.request("GET", place).json()["faults"])
        self.http.request("DELETE", place)
        self.http.request("POST", f"{self.llm}/control", json={"record": False})
        return int(struck)


@contextmanager
def butler(environment: dict[str, str], log: IO[bytes]) -> Iterator[ButlerProcess]:
    made = ButlerProcess(environment, log)
    try:
        yield made
    finally:
        made.terminate()


def trouble(seconds: float, guests: int, log: IO[bytes]) -> dict[str, Any]:
    """So many seconds of trouble, then the end; and judge."""
    with CrowdProcess(guests) as crowd, tempfile.TemporaryDirectory() as place:
        data = Path(place)
        rule = Trouble(crowd.where["api"], crowd.where["llm"])
        with butler(crowd.environment(data, **SETTINGS), log) as running:
            address = running.address()
            rule.begin()
            crowd.say("go")
            _suffer(rule, seconds)
            struck = rule.end()
            crowd.say("rest")
            quiet = crowd.say("quiet", FINISH_SECONDS)["quiet"]
            Store(data).await_settled(20.0)
            counted = _metrics(rule.http, address)
        verdict = crowd.say("verdict")
        wrong = astray(Store(data).events(), verdict.pop("told"))
    return {
        "seconds": seconds,
        **verdict,
        "double_events": len(wrong),
        "faults": wrong[:5],
        "struck": struck,
        "quiet": quiet,
        **counted,
    }


def astray(found: Sequence[Row], told: Mapping[str, list[int]]) -> list[str]:
    """What is wrong with memory, in words; `told`: the questions answered, by user id.

    A question that got an apology is remembered with it; else as in `remembered.faults`.
    """
    wrong = []
    for user_id, answered in told.items():
        rows = sorted((r for r in found if r["user_id"] == user_id), key=lambda row: row["seq"])
        said = [n for r in rows if r["role"] == "user" for _, n in marks(r["content"])]
        if [row["seq"] for row in rows] != list(range(1, len(rows) + 1)):
            wrong.append(f"guest {user_id}: gaps in the seqs")
        if said != sorted(set(said)):
            wrong.append(f"guest {user_id}: doubled or out of order: {said}")
        if missing := set(answered) - set(said):
            wrong.append(f"guest {user_id}: forgotten: {sorted(missing)}")
    return wrong


def _suffer(rule: Trouble, seconds: float) -> None:
    pause, until = threading.Event(), time.monotonic() + seconds
    for kind in itertools.cycle(LLM):
        left = until - time.monotonic()
        if left <= 0:
            return
        rule.ask_half(kind)
        pause.wait(min(left, seconds / len(LLM), PHASE_SECONDS))


def _metrics(http: urllib3.PoolManager, address: str) -> dict[str, float]:
    """Sums over labels of what the butler has counted."""
    sums = {"telegram_replies_resent_total": 0.0, "butler_actor_restarts_total": 0.0}
    for line in http.request("GET", f"{address}/metrics").data.decode().splitlines():
        name = line.partition("{")[0].partition(" ")[0]
        if name in sums:
            sums[name] += float(line.rpartition(" ")[2])
    counted, restarts = map(int, sums.values())
    return {"resends_counted": counted, "restarts": restarts}


def broken(row: dict[str, Any]) -> list[str]:
    """Which promises a run has broken."""
    found = [name for name in ("lost", "double_events", "wrong_recipient", "restarts") if row[name]]
    if row["resends"] > row["resends_counted"]:
        found.append("resends")
    return found


COLUMNS = (
    *("asked", "answered", "dead_letters", "apologies", "lost", "double_events", "resends"),
    *("resends_counted", "wrong_recipient", "restarts", "struck"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--guests", type=int, default=50)
    parser.add_argument("--quick", action="store_true", help="10 seconds")
    parser.add_argument("--log", default="/dev/null", help="a file for the butler's complaints")
    args = parser.parse_args()
    with Path(args.log).open("ab") as log:
        row = trouble(10.0 if args.quick else args.seconds, args.guests, log)
    for column in COLUMNS:
        print(f"{column:20}{row[column]!s:>10}")
    wrong = broken(row)
    if wrong:
        print(f"BROKEN: {wrong}")
    print(json.dumps({**row, "broken": wrong}))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()

"""Actors crashed at random for minutes, at so many messages a second; what it cost.

The butler runs in this process, so that its actors can be crashed; Bot API, LLM and guests run in
another (`crowd.py`). Each crash is drawn with a rate of its own for users, workers and the fixed
actors, the last within the root's intensity. Prints restarts, losses, RSS at start and end as a
table and, as its last line, one JSON object; exits with 1 if anything was lost.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# As a script it has its own directory on the path first, and in there is another `actors`.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from actors import messages as m
from actors.runtime.testing import crash
from actors.tree import LISTENERS, SENDERS
from butler import logs
from butler.app import Service
from butler.config import read_settings
from butler.telemetry import ActorRestarted, DeadLettered, SupervisionEscalated, TelemetryEvent
from ops.bench.house import CrowdProcess
from ops.bench.remembered import Store, faults
from supervision.errors import NotFound

FIXED = (m.JOURNAL, m.READER, m.SENDER, m.LLM, m.SPEECH, m.ROUTER, m.POLLER, m.MONITOR)
SLOTS = 8
WORKERS = tuple(
    f"{role}-{number}"
    for role, count in ((m.SENDER, SENDERS), (m.LLM, SLOTS), (m.SPEECH, LISTENERS))
    for number in range(count)
)
EVERY_SECONDS = {"user": 0.5, "worker": 4.0, "fixed": 15.0}
FINISH_SECONDS = 60.0


class Tally:
    """Counts what supervision says."""

    def __init__(self) -> None:
        self.restarts: Counter[str] = Counter()
        self.dead_letters = 0
        self.given_up = 0

    def __call__(self, event: TelemetryEvent) -> None:
        match event:
            case ActorRestarted(kind):
                self.restarts[kind] += 1
            case DeadLettered():
                self.dead_letters += 1
            case SupervisionEscalated():
                self.given_up += 1


class Crasher:
    """Crashes actors of a service, each kind at intervals spread evenly about its own."""

    def __init__(self, service: Service, users: list[int], seed: int) -> None:
        self._service = service
        self._users = users
        self._random = random.Random(seed)
        self.crashes: Counter[str] = Counter()

    def run(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        due = {kind: time.monotonic() + self._pause(kind) for kind in EVERY_SECONDS}
        pause = threading.Event()
        while time.monotonic() < until:
            kind = min(due, key=lambda each: due[each])
            pause.wait(max(0.0, min(due[kind], until) - time.monotonic()))
            if due[kind] < until:
                self._crash(kind)
            due[kind] += self._pause(kind)

    def _pause(self, kind: str) -> float:
        return EVERY_SECONDS[kind] * self._random.uniform(0.5, 1.5)

    def _crash(self, kind: str) -> None:
        name: object = self._random.choice(FIXED if kind == "fixed" else WORKERS)
        if kind == "user":
            name = m.user_name(str(self._random.choice(self._users)))
        try:
            crash(self._service.directory.get(name))
        except NotFound:
            return  # a guest who has not written yet
        self.crashes[kind] += 1


def rss_mib() -> float:
    """This process's resident memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return round(pages * 4096 / 2**20, 1)


@contextmanager
def service(crowd: CrowdProcess, data: Path, tally: Tally) -> Iterator[Service]:
    """A running butler of this process."""
    made = Service(read_settings(crowd.environment(data, LLM_CONCURRENCY=str(SLOTS))))
    made.telemetry.subscribe(tally)
    made.start()
    try:
        yield made
    finally:
        made.stop()


def soak(seconds: float, rate: float, guests: int, seed: int, *, calm: bool) -> dict[str, Any]:
    """Run, let everybody be answered, and judge; `calm`: nobody crashes."""
    tally = Tally()
    with CrowdProcess(guests) as crowd, tempfile.TemporaryDirectory() as place:
        data = Path(place)
        with service(crowd, data, tally) as butler:
            crowd.say("pace", rate, 5.0)
            threading.Event().wait(5.0)
            start, threads = rss_mib(), threading.active_count()
            crasher = Crasher(butler, crowd.where["users"], seed)
            crowd.say("pace", rate, seconds)
            if not calm:
                crasher.run(seconds)
            quiet = crowd.say("quiet", FINISH_SECONDS)["quiet"]  # after the last question
            Store(data).await_settled(10.0)
            end, threads_end = rss_mib(), threading.active_count()
            resent = butler.registry.get_sample_value("telegram_replies_resent_total")
        verdict = crowd.say("verdict")
        told = verdict.pop("told")
        wrong = faults(Store(data).events(), told)
    return {
        "seconds": seconds,
        "rate": rate,
        **verdict,
        "double_events": len(wrong),
        "faults": wrong[:5],
        "quiet": quiet,
        "resent_counted": resent,
        "crashes": dict(crasher.crashes),
        "restarts": dict(tally.restarts),
        "dead_lettered": tally.dead_letters,
        "given_up": tally.given_up,
        "rss_start_mib": start,
        "rss_end_mib": end,
        "threads_start": threads,
        "threads_end": threads_end,
    }


COLUMNS = (
    *("seconds", "rate", "asked", "answered", "dead_letters", "apologies", "lost"),
    *("double_events", "resends", "resent_counted", "wrong_recipient", "mixed_prompts"),
    *("p50_ms", "p99_ms", "crashes", "restarts", "given_up"),
    *("rss_start_mib", "rss_end_mib", "threads_start", "threads_end"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--rate", type=float, default=200.0, help="messages a second")
    parser.add_argument("--guests", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="20 seconds")
    parser.add_argument("--calm", action="store_true", help="without crashes, to compare with")
    args = parser.parse_args()
    logs.configure("console", "CRITICAL")
    seconds = 20.0 if args.quick else args.seconds
    row = soak(seconds, args.rate, args.guests, args.seed, calm=args.calm)
    for column in COLUMNS:
        print(f"{column:18}{row[column]!s:>16}")
    broken = [name for name in ("lost", "double_events", "wrong_recipient") if row[name]]
    if row["resends"] > row["resent_counted"]:
        broken.append("resends")
    if broken:
        print(f"BROKEN: {broken} {row['faults']}")
    print(json.dumps({**row, "broken": broken}))
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()

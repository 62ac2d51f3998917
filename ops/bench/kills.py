"""A butler killed (SIGKILL) at random moments under load, and what became of every message.

Bot API, LLM and guests in one process (`crowd.py`), the butler in another over SQLite on disk; then
left to finish. Then again with the LLM killed too, and over MongoDB's protocol (`secantusd-py`, if
it is there), alone and with database and LLM killed as well. Must be: lost 0, double events 0,
resends at most as many as replies were under way when killed, wrong recipients 0. Also the time
from start to the first getUpdates with 10,000 inbox rows waiting. Prints a table and, as its last
line, one JSON object; exits with 1 if a promise was broken.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import attrs

from butler.clock import SystemClock
from butler.domain.inbox import InboxItem, UpdateKey
from butler.domain.writes import Accept
from butler.storage import open_store
from ops.bench.house import ButlerProcess, CrowdProcess, DatabaseProcess
from ops.bench.remembered import Store, faults

LATEST = 1.5  # seconds of a life, after its start or after the answers it was let give
IN_WORK = 0.7  # the share of lives that are let come to their first getUpdates, and give answers
PATIENCE = 30.0  # seconds that a life has for those answers
FINISH_SECONDS = 120.0
ROWS = 10_000


@attrs.frozen
class Run:
    """How often to kill what, and how hard guests work meanwhile. `others`: LLM and, where the
    store is MongoDB, the database are killed as well."""

    kills: int
    guests: int
    seed: int = 1
    others: bool = False
    mongodb: bool = False


def kill_often(run: Run, log: IO[bytes]) -> dict[str, Any]:
    """Kill, let it finish, and judge."""
    with ExitStack() as stack:
        crowd = stack.enter_context(CrowdProcess(run.guests))
        data = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        database, settings = None, {}
        if run.mongodb:
            database = stack.enter_context(DatabaseProcess(data / "mongo"))
            settings["MONGODB_URL"] = database.url
        store = Store(data, database.url if database else "")
        environment = crowd.environment(data, **settings)
        crowd.say("go")
        under_way = _kill(run, crowd, environment, log, store, database)
        butler = ButlerProcess(environment, log)
        crowd.say("rest")
        quiet = crowd.say("quiet", FINISH_SECONDS)["quiet"]
        store.await_settled(10.0)
        code = butler.terminate()
        verdict = crowd.say("verdict")
        wrong = faults(store.events(), verdict.pop("told"))
    return {
        "kills": run.kills,
        **verdict,
        "double_events": len(wrong),
        "faults": wrong[:5],
        "under_way": under_way,
        "quiet": quiet,
        "exit_code": code,
    }


def _kill(
    run: Run,
    crowd: CrowdProcess,
    environment: dict[str, str],
    log: IO[bytes],
    store: Store,
    database: DatabaseProcess | None,
) -> int:
    """Kill as often as told; how many replies were under way then."""
    chance, pause, under_way = random.Random(run.seed), threading.Event(), 0
    for _ in range(run.kills):
        began = time.time()
        butler = ButlerProcess(environment, log)
        answers = 0
        if chance.random() < IN_WORK:
            answers = chance.randrange(run.guests)
            crowd.say("polled", began)
        if run.others:
            _kill_others(chance, crowd, database)
        crowd.say("answered", answers, PATIENCE)
        pause.wait(chance.uniform(0.2, LATEST))
        butler.kill()
        under_way += store.under_way()
    return under_way


def _kill_others(
    chance: random.Random, crowd: CrowdProcess, database: DatabaseProcess | None
) -> None:
    pause = threading.Event()
    if chance.random() < 0.5:
        crowd.say("llm", "down")
        pause.wait(chance.uniform(0.1, 1.0))
        crowd.say("llm", "up")
    if database is not None and chance.random() < 0.5:
        pause.wait(chance.uniform(0.0, 0.5))
        database.kill()
        pause.wait(chance.uniform(0.0, 0.5))
        database.start()


def start_late(rows: int, log: IO[bytes]) -> dict[str, Any]:
    """Seconds from start to the first getUpdates with so many rows waiting, and to their end."""
    with CrowdProcess(1000) as crowd, tempfile.TemporaryDirectory() as place:
        data = Path(place)
        _fill(data, rows, crowd.where)
        crowd.say("go")
        crowd.say("rest")
        began = time.time()
        butler = ButlerProcess(crowd.environment(data), log)
        polled = crowd.say("polled", began)["polled"]
        waiting = Store(data).states()["received"]
        quiet = crowd.say("quiet", FINISH_SECONDS)["quiet"]
        Store(data).await_settled(FINISH_SECONDS)
        settled = time.time() - began
        states = dict(Store(data).states())
        butler.terminate()
    return {
        "rows": rows,
        "waiting_at_first_poll": waiting,
        "first_poll_seconds": round(polled - began, 2) if polled else None,
        "settled_seconds": round(settled, 1),
        "quiet": quiet,
        "states": states,
    }


def _fill(data: Path, rows: int, where: dict[str, Any]) -> None:
    """Updates that were accepted and not answered, of all guests in turn."""
    bot_id = int(where["token"].partition(":")[0])
    now = datetime.now(UTC).replace(microsecond=0)
    store = open_store(None, data, 90, SystemClock())
    store.migrate()
    users = where["users"]
    items = []
    for number in range(1, rows + 1):
        place = number % len(users)
        person = {"id": users[place], "first_name": f"Guest {place}", "language_code": "en"}
        message = {
            "message_id": number,
            "date": int(now.timestamp()),
            "from": {**person, "is_bot": False},
            "chat": {**person, "type": "private"},
            "text": f"q{place}x{1_000_000 + number}: is tea served?",
        }
        key = UpdateKey(bot_id, number)
        payload = {"update_id": number, "message": message}
        items.append(InboxItem(key, str(users[place]), users[place], payload, now))
    store.commit([Accept(tuple(items))])
    store.close()


def broken(row: dict[str, Any]) -> list[str]:
    """Which promises a run has broken."""
    found = [name for name in ("lost", "double_events", "wrong_recipient") if row[name]]
    if row["resends"] > row["under_way"]:
        found.append("resends")
    return found


def _runs(args: argparse.Namespace) -> dict[str, Run]:
    if args.quick:
        return {"butler": Run(10, args.guests, args.seed)}
    few = max(5, args.kills // 4)
    runs = {
        "butler": Run(args.kills, args.guests, args.seed),
        "butler, LLM": Run(few, args.guests, args.seed + 1, others=True),
    }
    if DatabaseProcess.PROGRAM.exists():
        runs["on MongoDB"] = Run(few, args.guests, args.seed + 2, mongodb=True)
        runs["all three"] = Run(few, args.guests, args.seed + 3, others=True, mongodb=True)
    return runs


COLUMNS = (
    *("kills", "asked", "answered", "dead_letters", "apologies", "lost", "double_events"),
    *("resends", "under_way", "wrong_recipient", "mixed_prompts"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--guests", type=int, default=50)
    parser.add_argument("--rows", type=int, default=ROWS, help="inbox rows waiting at the start")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="10 kills of the butler, no others")
    parser.add_argument("--log", default="/dev/null", help="a file for the butlers' complaints")
    args = parser.parse_args()
    with Path(args.log).open("ab") as log:
        rows = {name: kill_often(run, log) for name, run in _runs(args).items()}
        start = start_late(args.rows, log)
    print(f"{'killed':14}" + "".join(f"{column:>16}" for column in COLUMNS))
    for name, row in rows.items():
        print(f"{name:14}" + "".join(f"{row[column]!s:>16}" for column in COLUMNS))
    print(
        f"start with {start['rows']} rows waiting: first getUpdates after"
        f" {start['first_poll_seconds']} s, all settled after {start['settled_seconds']} s"
    )
    wrong = {name: found for name, row in rows.items() if (found := broken(row))}
    if wrong:
        print(f"BROKEN: {wrong}")
    print(json.dumps({"rows": rows, "start": start, "broken": wrong}))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()

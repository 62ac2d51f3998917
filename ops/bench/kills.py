"""A butler killed (SIGKILL) at random moments under load, and what became of every message.

Bot API, LLM and guests in one process (`crowd.py`), the butler in another over SQLite on disk; then
left to finish. Must be: lost 0, double events 0, resends at most as many as replies were under way
when killed, wrong recipients 0. Also the time from start to the first getUpdates with 10,000
inbox rows waiting. Prints a table and, as its last line, one JSON object; exits with 1 if a
promise was broken.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from butler.clock import SystemClock
from butler.domain.inbox import InboxItem, UpdateKey
from butler.domain.writes import Accept
from butler.storage import SQLITE_FILE, open_store
from ops.bench import remembered
from ops.bench.house import ButlerProcess, CrowdProcess

EARLIEST, LATEST = 0.3, 2.5
FINISH_SECONDS = 120.0
ROWS = 10_000


def kill_often(
    kills: int, guests: int, seed: int, log: IO[bytes], *, llm_too: bool
) -> dict[str, Any]:
    """Kill so often, let it finish, and judge."""
    chance = random.Random(seed)
    pause = threading.Event()
    with CrowdProcess(guests) as crowd, tempfile.TemporaryDirectory() as place:
        data = Path(place)
        environment = crowd.environment(data)
        crowd.say("go")
        under_way = 0
        for _ in range(kills):
            butler = ButlerProcess(environment, log)
            if llm_too and chance.random() < 0.5:
                crowd.say("llm", "down")
                pause.wait(chance.uniform(0.1, 1.0))
                crowd.say("llm", "up")
            pause.wait(chance.uniform(EARLIEST, LATEST))
            butler.kill()
            under_way += _under_way(data)
        butler = ButlerProcess(environment, log)
        crowd.say("rest")
        quiet = crowd.say("quiet", FINISH_SECONDS)["quiet"]
        _settled(data, 10.0)
        code = butler.terminate()
        verdict = crowd.say("verdict")
        told = verdict.pop("told")
        faults = remembered.faults(remembered.events(data), told)
    return {
        "kills": kills,
        **verdict,
        "double_events": len(faults),
        "faults": faults[:5],
        "under_way": under_way,
        "quiet": quiet,
        "exit_code": code,
    }


def _under_way(data: Path) -> int:
    """Replies that may be with Telegram and are not noted so. Reads a copy: the files themselves
    are to be recovered by the next butler."""
    with tempfile.TemporaryDirectory() as copy:
        for file in data.glob(f"{SQLITE_FILE}*"):
            shutil.copy(file, copy)
        return remembered.states(Path(copy))["answered"]


def _settled(data: Path, seconds: float) -> None:
    """Wait until the last reply is noted as sent."""
    pause = threading.Event()
    until = time.monotonic() + seconds
    while remembered.unsettled(data) and time.monotonic() < until:
        pause.wait(0.05)


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
        quiet = crowd.say("quiet", FINISH_SECONDS)["quiet"]
        _settled(data, FINISH_SECONDS)
        settled = time.time() - began
        states = remembered.states(data)
        butler.terminate()
    return {
        "rows": rows,
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
    parser.add_argument("--quick", action="store_true", help="10 kills")
    parser.add_argument("--log", default="/dev/null", help="a file for the butlers' complaints")
    args = parser.parse_args()
    kills = 10 if args.quick else args.kills
    with Path(args.log).open("ab") as log:
        rows = {
            "butler": kill_often(kills, args.guests, args.seed, log, llm_too=False),
            "butler, LLM": kill_often(
                max(5, kills // 4), args.guests, args.seed + 1, log, llm_too=True
            ),
        }
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

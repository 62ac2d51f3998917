"""What a reply costs as guests and stored events grow, and how every statement finds its rows.

100 guests chat in closed loop with a butler over SQLite whose store knows 100 or 10,000 guests,
without a past or with 100 events each (80 of them archived): a million in all. The same processor
time a reply is expected. Then 10,000 guests are active at once, for the process's size; a small
run goes over MongoDB's protocol (`secantusd-py`, if it is there). At the end a turn's statements
are traced on the full store, and SQLite explains each: none may scan a table. Prints tables and, as
the last line, one JSON object; exits with 1 if a statement scans.
"""

from __future__ import annotations

import argparse
import json
import re
import sqlite3
import sys
import tempfile
from collections.abc import Iterable
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import attrs

from butler.clock import SystemClock
from butler.domain.event import Event
from butler.domain.inbox import InboxItem, UpdateKey
from butler.domain.outgoing import Part
from butler.domain.profile import new_profile
from butler.domain.writes import Accept, CommitCompaction, CommitTurn, NoteSent, Write
from butler.ports import Store
from butler.storage import SQLITE_FILE, open_store
from butler.storage.sqlite import SqliteStore
from ops.bench.house import DatabaseProcess, status
from ops.bench.pipeline import Row, World, butler, median, run, world

CHATTING = 100
KEPT = 20  # of a guest's events, how many the window keeps
BATCH = 100  # guests filled in with one commit
COLUMNS = ("per_second", "p50_ms", "p99_ms", "cpu_ms_a_reply")


@attrs.frozen
class Level:
    """How much the store holds when the chatting begins; `events` of each guest."""

    guests: int
    events: int

    @property
    def name(self) -> str:
        return f"{self.guests:,} guests, {self.guests * self.events:,} events"


def fill(store: Store, users: Iterable[str], events: int) -> None:
    """Make guests known, with a past of so many events."""
    store.migrate()
    writes: list[Write] = []
    for user_id in users:
        writes += _past(user_id, events)
        if len(writes) >= 2 * BATCH:
            store.commit(writes)
            writes = []
    store.commit(writes)
    store.close()


def _past(user_id: str, count: int) -> list[Write]:
    began = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
    known = attrs.evolve(new_profile(user_id, began, "en", "Guest"), revision=1, last_seq=count)
    events = tuple(
        Event(
            f"{user_id}-{seq}", user_id, seq, "user" if seq % 2 else "assistant",
            f"about matter {seq % 17}: {user_id} and the weather of the year {1900 + seq}",
            "text", seq, began + timedelta(seconds=seq),
        )
        for seq in range(1, count + 1)
    )  # fmt: skip
    turn = CommitTurn((), (), began, events, known)
    if count <= KEPT:
        return [turn]
    summary = "The guest has asked about the weather many times."
    after = known.revised(began, covered_seq=count - KEPT, memory_summary=summary)
    return [turn, CommitCompaction(after, 1)]


def everybody(made: World, count: int) -> list[str]:
    """Those who chat, and others who don't, in the order of their ids."""
    chatting = [str(user_id) for user_id in made.where["users"]]
    return sorted([*chatting, *(str(2 * 10**9 + n) for n in range(count - len(chatting)))])


def flatness(levels: list[Level], place: Path, rounds: int, seconds: float) -> dict[str, Row]:
    """A row for each level: the medians of its rounds."""
    taken: dict[str, list[Row]] = {level.name: [] for level in levels}
    with world(CHATTING) as made:
        for number, level in enumerate(levels):
            folder = place / str(number)
            folder.mkdir()
            store = open_store(None, folder, 90, SystemClock())
            fill(store, everybody(made, level.guests), level.events)
        for _ in range(rounds):
            for number, level in enumerate(levels):
                with butler(made.where, place / str(number)) as served:
                    taken[level.name].append(run(made, served.pid, seconds))
    return {name: median(rows) for name, rows in taken.items()}


def over_mongodb(levels: list[Level], seconds: float) -> dict[str, Row]:
    """The same over MongoDB's protocol."""
    rows = {}
    for level in levels:
        with ExitStack() as stack:
            made = stack.enter_context(world(CHATTING))
            data = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            database = stack.enter_context(DatabaseProcess(data / "mongo"))
            store = open_store(database.url, data, 90, SystemClock())
            fill(store, everybody(made, level.guests), level.events)
            served = stack.enter_context(butler(made.where, data, MONGODB_URL=database.url))
            rows[f"MongoDB: {level.name}"] = run(made, served.pid, seconds)
    return rows


def active(guests: int, at_once: int, longest: float) -> Row:
    """The process's size when so many guests have just been spoken to, each once."""
    with world(guests, at_once) as made, tempfile.TemporaryDirectory() as data:  # noqa: SIM117  # the data outlives the butler
        with butler(made.where, Path(data)) as served:
            before = status(served.pid, "VmRSS")
            replies, slices = 0, 0.0
            while replies < guests and slices < longest:
                replies += made.run(2.0)["replies"]
                slices += 2.0
            after = status(served.pid, "VmRSS")
    return {
        "active_guests": min(replies, guests),
        "rss_mib_before": round(before / 1024, 1),
        "rss_mib": round(after / 1024, 1),
        "kib_a_guest": round((after - before) / min(replies, guests), 1),
    }


def plans(place: Path) -> dict[str, list[str]]:
    """How SQLite finds the rows of each statement that a guest's coming and a turn take."""
    store = SqliteStore(place / SQLITE_FILE, SystemClock())
    user_id = next(iter(store.profiles(1))).user_id
    seen: dict[str, None] = {}
    store._writer.set_trace_callback(lambda statement: seen.setdefault(statement))
    with store._pool.connection() as reading:
        reading.set_trace_callback(lambda statement: seen.setdefault(statement))
    _turn(store, user_id)
    store.close()
    with closing(sqlite3.connect(place / SQLITE_FILE)) as database:
        return {
            _short(statement): [
                row[3]
                for row in database.execute(f"EXPLAIN QUERY PLAN {statement}")
                if row[3] not in _OF_ITSELF
            ]
            for statement in seen
            if statement.split()[0] in ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")
        }


# Steps over the values that stand in a statement, not over what is stored.
_OF_ITSELF = ("MATERIALIZE v", "SCAN v", "SCAN CONSTANT ROW")


def _short(statement: str) -> str:
    """Without long lists of columns and values."""
    text = re.sub(r"SELECT .*? FROM", "SELECT … FROM", " ".join(statement.split()))
    return re.sub(r"\((?:[^()]|\(\))*,[^()]*,[^()]*\)", "(…)", text)


def _turn(store: SqliteStore, user_id: str) -> None:
    """What the store is asked for from a guest's coming to the end of a turn, and a compaction."""
    now, key = datetime.now(UTC).replace(microsecond=0), UpdateKey(1, 2**40)
    store.commit([Accept((InboxItem(key, user_id, 1, {"update_id": 2**40}, now),))])
    store.unsettled(None, 500)
    store.waiting_of(user_id)
    guest = store.guest(user_id)
    assert guest is not None
    list(store.archive(user_id))
    profile = guest.profile
    seq = profile.last_seq + 1
    event = Event(f"1:{key.update_id}:user", user_id, seq, "user", "x", "text", key.update_id, now)
    after = profile.revised(now, last_seq=seq)
    turn = CommitTurn((key,), (Part(1, "x"),), now, (event,), after, profile.revision)
    store.commit([turn])
    store.commit([NoteSent(key, 1, now)])
    store.commit([CommitCompaction(after.revised(now, covered_seq=seq), after.revision)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--guests", type=int, default=10_000)
    parser.add_argument("--events", type=int, default=1_000_000, help="stored, of all guests")
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="1,000 guests, 50,000 events, 1 round")
    args = parser.parse_args()
    guests, events, rounds, seconds = args.guests, args.events, args.rounds, args.seconds
    if args.quick:
        guests, events, rounds, seconds = 1_000, 50_000, 1, 3.0
    each = events // guests
    levels = [Level(CHATTING, 0), Level(guests, 0), Level(CHATTING, each), Level(guests, each)]
    with tempfile.TemporaryDirectory() as place:
        rows = flatness(levels, Path(place), rounds, seconds)
        found = plans(Path(place) / str(len(levels) - 1))
    if DatabaseProcess.PROGRAM.exists() and not args.quick:
        rows |= over_mongodb([Level(CHATTING, 0), Level(1_000, 20)], seconds)
    size = active(guests, CHATTING, longest=guests / 50)
    cost = {level: rows[level.name]["cpu_ms_a_reply"] for level in levels}
    ratios = {
        "guests": round(cost[levels[1]] / cost[levels[0]], 2),
        "events": round(cost[levels[3]] / cost[levels[2]], 2),
    }
    print(f"{'':40}" + "".join(f"{column:>16}" for column in COLUMNS))
    for name, row in rows.items():
        print(f"{name:40}" + "".join(f"{row.get(column, '')!s:>16}" for column in COLUMNS))
    print(f"processor time a reply, many to few guests: {ratios['guests']}")
    print(f"the same, where each has a past: {ratios['events']}")
    print(f"{size['active_guests']} guests active: {size['rss_mib']} MiB")
    for statement, steps in found.items():
        print(f"{statement}\n    {'; '.join(steps) or '(by the row at hand)'}")
    scans = [statement for statement, steps in found.items() if any("SCAN" in s for s in steps)]
    if scans:
        print(f"BROKEN: these scan: {scans}")
    told = {"rows": rows, "ratios": ratios, "active": size, "plans": found, "scans": scans}
    print(json.dumps(told))
    sys.exit(1 if scans else 0)


if __name__ == "__main__":
    main()

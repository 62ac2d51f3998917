"""Figures of the actor runtime, side by side with `pykka.ThreadingActor`, in one run.

    python ops/bench/actors.py            all of it, some minutes
    python ops/bench/actors.py --quick    smaller numbers, some seconds
    python ops/bench/actors.py --soak 600 random crashes at 200 messages a second

Prints a table, and as its last line one JSON object.
"""

import argparse
import cProfile
import gc
import json
import os
import pstats
import random
import resource
import statistics
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pykka

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from actors.runtime import Dispatcher, PooledActor
from actors.runtime.testing import crash
from supervision import Backoff, ChildSpec, DeadLetter, Intensity, Root, Supervisor
from supervision.events import ChildStarted, Event

Row = tuple[str, str, Any, Any]
WORK = "work"
PAGE = os.sysconf("SC_PAGE_SIZE")


def rss() -> int:
    """Resident bytes of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


class Countdown:
    """Set when it has been called ``n`` times."""

    def __init__(self, n: int) -> None:
        self._left = n
        self._lock = threading.Lock()
        self.done = threading.Event()

    def hit(self) -> None:
        with self._lock:
            self._left -= 1
            if not self._left:
                self.done.set()


class _Handles:
    """What both kinds of actor do here: count, or note how late a message is."""

    def on_receive(self, message: Any) -> Any:
        if isinstance(message, Countdown):
            message.hit()
        elif isinstance(message, list):
            message.append(time.perf_counter())
        elif message == WORK:
            sum(range(500))
        return message


class Pooled(_Handles, PooledActor):
    registered = False
    mailbox_bound = 1_000_000


class Threaded(_Handles, pykka.ThreadingActor):
    use_daemon_thread = True


Start = Callable[[], pykka.ActorRef[Any]]


def percentile(values: list[float], fraction: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * fraction))]


def memory_each(start: Start, n: int) -> float:
    """KiB of resident memory per idle actor."""
    gc.collect()
    before = rss()
    refs = [start() for _ in range(n)]
    countdown = Countdown(n)
    for ref in refs:
        ref.tell(countdown)
    countdown.done.wait()
    gc.collect()
    used = (rss() - before) / n / 1024
    stop_all(refs)
    return used


def stop_all(refs: list[pykka.ActorRef[Any]]) -> None:
    for future in [ref.stop(block=False) for ref in refs]:
        future.get(timeout=120)


def message_to_each(start: Start, n: int, rounds: int) -> float:
    """Microseconds per message, one to each of ``n`` actors; the best round."""
    refs = [start() for _ in range(n)]
    times = []
    for _ in range(rounds):
        countdown = Countdown(n)
        begin = time.perf_counter()
        for ref in refs:
            ref.tell(countdown)
        countdown.done.wait()
        times.append((time.perf_counter() - begin) / n * 1e6)
    stop_all(refs)
    return min(times)


def many_live(start: Start, n: int) -> dict[str, float]:
    """Start, message and stop ``n`` actors; seconds for each part."""
    begin = time.perf_counter()
    refs = [start() for _ in range(n)]
    started = time.perf_counter()
    countdown = Countdown(n)
    for ref in refs:
        ref.tell(countdown)
    countdown.done.wait()
    messaged = time.perf_counter()
    stop_all(refs)
    stopped = time.perf_counter()
    return {
        "live": n,
        "start_s": round(started - begin, 2),
        "message_s": round(messaged - started, 2),
        "stop_s": round(stopped - messaged, 2),
    }


def start_stop(start: Start, live: int, rounds: int) -> float:
    """Microseconds to start and stop one actor while ``live`` others are live (median)."""
    refs = [start() for _ in range(live)]
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        start().stop()
        times.append(time.perf_counter() - begin)
    stop_all(refs)
    return statistics.median(times) * 1e6


def throughput(start: Start, n: int) -> float:
    """Messages a second told to one actor, until it has handled the last."""
    ref = start()
    countdown = Countdown(1)
    begin = time.perf_counter()
    for i in range(n - 1):
        ref.tell(i)
    ref.tell(countdown)
    countdown.done.wait()
    rate = n / (time.perf_counter() - begin)
    ref.stop()
    return rate


def ask_round_trip(start: Start, n: int) -> float:
    """Microseconds for one ask and its answer (median)."""
    ref = start()
    times = []
    for i in range(n):
        begin = time.perf_counter()
        ref.ask(i)
        times.append(time.perf_counter() - begin)
    ref.stop()
    return statistics.median(times) * 1e6


def by_turns(
    measure: Callable[[Start, int], float], ours: Start, theirs: Start, n: int
) -> tuple[float, float]:
    """Medians of five runs each, taken in turns, since other work on the machine comes and goes."""
    pairs = [(measure(ours, n), measure(theirs, n)) for _ in range(5)]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)


def crash_to_next(pool: Dispatcher, n: int) -> float:
    """Milliseconds from a crash being told to the next message handled (p99), backoff aside."""
    up = threading.Event()
    plan = Intensity(10 * n, 60.0)
    root = Root(
        [ChildSpec("one", Pooled.on(pool))],
        intensity=plan,
        backoff=Backoff(first=0, base=0, jitter=0),
        on_event=lambda _: None,
    )
    root.start()
    ref = root.directory.get("one")
    times = []
    for _ in range(n):
        countdown = Countdown(1)
        begin = time.perf_counter()
        crash(ref)
        ref.tell(countdown)
        countdown.done.wait()
        times.append((time.perf_counter() - begin) * 1e3)
    up.set()
    root.stop()
    return percentile(times, 0.99)


def lateness(refs: list[pykka.ActorRef[Any]], rounds: int, pause: float) -> list[float]:
    """Milliseconds between telling each of ``refs`` and its handling, in steady rounds."""
    late = []
    for _ in range(rounds):
        begin = time.perf_counter()
        notes: list[list[float]] = [[] for _ in refs]
        for ref, note in zip(refs, notes, strict=True):
            ref.tell(note)
        time.sleep(pause)
        for note in notes:
            while not note:
                time.sleep(0.0005)
            late.append((note[0] - begin) * 1e3)
    return late


def flood(start: Start, messages: int) -> tuple[float, float]:
    """p99 lateness of 100 others, without and with one actor flooded (milliseconds)."""
    others = [start() for _ in range(100)]
    flooded = start()
    calm = percentile(lateness(others, 40, 0.01), 0.99)
    countdown = Countdown(1)
    for _ in range(messages):
        flooded.tell(WORK)
    flooded.tell(countdown)
    busy: list[float] = []
    while not countdown.done.is_set():
        busy.extend(lateness(others, 1, 0.01))
    stop_all([*others, flooded])
    return calm, percentile(busy, 0.99)


def spin(pool: Dispatcher, actors: int, messages: int) -> float:
    """Messages a second through handlers that only compute."""

    class Spinner(PooledActor):
        registered = False

        def on_receive(self, message: Any) -> None:
            sum(range(500))
            if isinstance(message, Countdown):
                message.hit()

    refs = [Spinner.start_on(pool) for _ in range(actors)]
    countdown = Countdown(actors)
    begin = time.perf_counter()
    for i in range(messages):
        for ref in refs:
            ref.tell(i)
    for ref in refs:
        ref.tell(countdown)
    countdown.done.wait()
    rate = actors * (messages + 1) / (time.perf_counter() - begin)
    stop_all(list(refs))
    return rate


class Guest(PooledActor):
    """What the soak crashes: notes each message it has handled."""

    registered = False

    def __init__(self, handled: set[int]) -> None:
        super().__init__()
        self.handled = handled

    def on_receive(self, message: int) -> None:
        if message % 97 == 0:
            raise ValueError("poison")
        self.handled.add(message)


class Soak:
    """Messages at a steady rate to 200 supervised actors, of which some crash all the time."""

    def __init__(self, seconds: float, rate: int = 200) -> None:
        self.seconds, self.rate = seconds, rate
        self.handled: set[int] = set()
        self.dead: set[int] = set()
        self.restarts = 0
        self.pool = Dispatcher("soak", 2)
        users = Supervisor(
            intensity=Intensity(1_000_000, 60.0, per="child"),
            backoff=Backoff(base=0.01, ceiling=0.1),
        )
        self.root = Root(
            [ChildSpec("users", users)], on_event=self._heard, on_dead_letter=self._died
        )

    def _heard(self, event: Event) -> None:
        if isinstance(event, ChildStarted) and event.restarts:
            self.restarts += 1

    def _died(self, letter: DeadLetter) -> None:
        self.dead.add(letter.message)

    def run(self) -> dict[str, Any]:
        rng = random.Random(4)
        self.root.start()
        users = self.root.supervisor("users")
        for i in range(200):
            users.start_child(ChildSpec(i, Guest.on(self.pool, self.handled)))
        gc.collect()
        before, sent = rss(), 0
        begin = time.monotonic()
        while (elapsed := time.monotonic() - begin) < self.seconds:
            while sent < elapsed * self.rate:
                sent += 1
                self.root.directory.tell(rng.randrange(200), sent)
                if rng.random() < 0.05:
                    crash(self.root.directory.get(rng.randrange(200)))
            time.sleep(0.005)
        report = self._settle(sent)
        gc.collect()
        report["rss_start_mib"], report["rss_end_mib"] = before >> 20, rss() >> 20
        self.root.stop()
        self.pool.stop()
        return report

    def _settle(self, sent: int) -> dict[str, Any]:
        end = time.monotonic() + 30
        while time.monotonic() < end and len(self.handled) + len(self.dead) < sent:
            time.sleep(0.05)
        return {
            "seconds": round(self.seconds),
            "messages": sent,
            "handled": len(self.handled),
            "dead_letters": len(self.dead),
            "lost": sent - len(self.handled | self.dead),
            "restarts": self.restarts,
        }


def figures(quick: bool) -> list[Row]:
    """Rows of name, aim, pooled, threading."""
    pool = Dispatcher("bench", 2)

    def pooled() -> pykka.ActorRef[Any]:
        return Pooled.start_on(pool)

    def threaded() -> pykka.ActorRef[Any]:
        return Threaded.start()

    big = 20_000 if quick else 100_000
    most = 30_000 if quick else 300_000
    each = 2_000 if quick else 10_000
    n = 10_000 if quick else 50_000
    rounds = 300 if quick else 1_000
    rows: list[Row] = []

    def row(name: str, aim: str, ours: Any, theirs: Any = None) -> None:
        rows.append((name, aim, ours, theirs))

    row(f"memory per idle actor at {big:,}, KiB", "<= 4", memory_each(pooled, big), None)
    row("memory per idle actor at 2,000, KiB", "", None, memory_each(threaded, 2_000))
    ours, theirs = message_to_each(pooled, each, 3), message_to_each(threaded, each, 3)
    row(f"a message to each of {each:,}, µs", "10 x faster", ours, theirs)
    row("  so many times faster", ">= 10", theirs / ours)
    row("live actors", ">= 300,000", many_live(pooled, most), None)
    few, many = start_stop(pooled, 1_000, rounds), start_stop(pooled, big, rounds)
    row("start + stop of one at 1,000 live, µs", "", few, start_stop(threaded, 1_000, 50))
    row(f"start + stop of one at {big:,} live, µs", "", many)
    row("  ratio", "<= 3", many / few)
    row(
        "messages/s to one actor (median of 5)",
        ">= theirs",
        *by_turns(throughput, pooled, threaded, n),
    )
    row("ask round trip, µs (median of 5)", "<= theirs",
        *by_turns(ask_round_trip, pooled, threaded, n // 10))  # fmt: skip
    row("crash to next message, p99 ms", "< 5", crash_to_next(pool, rounds))
    floods = sorted((flood(pooled, big) for _ in range(5)), key=lambda pair: pair[1] / pair[0])
    calm, busy = floods[2]
    their_calm, their_busy = flood(threaded, big)
    row("lateness of others, p99 ms", "", calm, their_calm)
    row(f"  while one is flooded with {big:,}", "", busy, their_busy)
    row("  ratio (median of 5 runs)", "<= 2", busy / calm, their_busy / their_calm)
    one, two = Dispatcher("one", 1), Dispatcher("two", 2)
    row("computing handlers, messages/s, 1 thread", "report", spin(one, 100, n // 500))
    row("computing handlers, messages/s, 2 threads", "report", spin(two, 100, n // 500))
    for each_pool in (pool, one, two):
        each_pool.stop()
    return rows


def shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict):
        return " ".join(f"{key}={part:,}" for key, part in value.items())
    return f"{value:,.0f}" if value >= 1000 else f"{value:,.2f}"


def profile(quick: bool) -> None:
    """Where the time of telling goes: the profile of a sender to one actor."""
    pool = Dispatcher("profile", 1)
    watch = cProfile.Profile()
    watch.enable()
    throughput(lambda: Pooled.start_on(pool), 10_000 if quick else 100_000)
    watch.disable()
    pstats.Stats(watch).sort_stats("tottime").print_stats(12)
    pool.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller numbers")
    parser.add_argument("--soak", type=float, metavar="SECONDS", help="only the soak")
    parser.add_argument("--profile", action="store_true", help="only a profile of telling")
    options = parser.parse_args()
    if options.profile:
        profile(options.quick)
        return
    if options.soak:
        report = Soak(options.soak).run()
        for key, value in report.items():
            print(f"{key:<16} {value}")
        print(json.dumps({"bench": "actors-soak", **report}))
        return
    # A thread each needs address space, not memory; the limit on files is not touched.
    threading.stack_size(256 * 1024)
    rows = figures(options.quick)
    print(f"{'':<46} {'aim':<12} {'PooledActor':<44} ThreadingActor")
    for name, aim, ours, theirs in rows:
        print(f"{name:<46} {aim:<12} {shown(ours):<44} {shown(theirs)}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} cores, peak memory {peak:,} MiB")
    result = {
        name: {"aim": aim, "pooled": ours, "threading": theirs} for name, aim, ours, theirs in rows
    }
    print(json.dumps({"bench": "actors", "quick": options.quick, "figures": result}))


if __name__ == "__main__":
    main()

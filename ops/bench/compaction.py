"""What compaction costs: replies while everybody compacts, calls, prompts, shared prefixes.

A few guests in closed loop before one butler that compacts (default settings: over 50 events, 20
stay) and one that has stopped doing so, in turn, both with the same long past, so that what the
first adds to it meanwhile changes little; the LLM takes its time over both kinds of request. The
ratio of their p99 is the median over the rounds. Then, in this process: composing a prompt at the
full budget, and how many of a prompt's tokens begin it as they began the one before, which is what
a server's prompt cache saves. Prints a table and, as its last line, one JSON object.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import urllib3

from butler.clock import SystemClock
from butler.domain.chat import ChatMessage
from butler.domain.event import Event, Role
from butler.domain.persona import system_prompt
from butler.domain.profile import Fact, Profile, new_profile
from butler.domain.prompt import compose
from butler.domain.tokens import PER_MESSAGE, PER_PROMPT, Tokens
from butler.storage import open_store
from ops.bench.pipeline import SETTLE_SECONDS, Butler, World, butler, world
from ops.bench.scale import fill

GUESTS, AT_ONCE, PAST = 12, 3, 1_000
LLM_SECONDS = 0.03
NEVER = {"MEMORY_EVENT_CAP": "1000", "MEMORY_IDLE_COMPACTION_SECONDS": "3600"}
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
WORDS = (
    "сегодня завтра погода прогулка книга ужин чайник поезд вокзал сад собака вечер работа письмо "
    "музыка концерт озеро лодка утро кофе город дорога встреча подарок пирог яблоко окно снег"
)


def counted(served: Butler, name: str) -> float:
    """A metric of the butler's, over all its labels."""
    lines = urllib3.request("GET", f"{served.address}/metrics").data.decode().splitlines()
    rows = (line for line in lines if line.startswith((f"{name} ", f"{name}{{")))
    return sum(float(line.rpartition(" ")[2]) for line in rows)


def tally(served: Butler) -> tuple[float, float, float]:
    """Compactions kept, compactions failed, events remembered."""
    kept, failed = (
        counted(served, f'user_memory_compressions_total{{status="{status}"}}')
        for status in ("success", "error")
    )
    return kept, failed, counted(served, "user_memory_events_total")


@attrs.define
class Side:
    """One of the two butlers, with a world of its own."""

    made: World
    served: Butler
    before: tuple[float, float, float]
    runs: list[dict[str, Any]] = attrs.field(factory=list)

    def run(self, seconds: float) -> None:
        self.runs.append(self.made.run(seconds))


def measure_replies(seconds: float, rounds: int) -> dict[str, Any]:
    """p99 of replies with compaction to that without, and what compaction was like meanwhile."""
    with ExitStack() as stack:
        sides = {}
        for name, settings in (("with", {}), ("without", NEVER)):
            made = stack.enter_context(world(GUESTS, AT_ONCE, LLM_SECONDS))
            data = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            fill(open_store(None, data, 90, SystemClock()), map(str, made.where["users"]), PAST)
            with butler(made.where, data) as early:  # both begin with full windows
                made.run(seconds)
                before = tally(early)
            served = stack.enter_context(butler(made.where, data, **settings))
            made.run(SETTLE_SECONDS)
            sides[name] = Side(made, served, before)
        one, other = sides["with"], sides["without"]
        for number in range(rounds):
            for side in (one, other) if number % 2 else (other, one):
                side.run(seconds)
        now = tally(one.served)
        assert tally(other.served)[:2] == (0, 0)
    kept, failed, events = (a + b for a, b in zip(one.before, now, strict=True))
    ratios = [a["p99_ms"] / b["p99_ms"] for a, b in zip(one.runs, other.runs, strict=True)]
    return {
        "p99_ratio": round(statistics.median(ratios), 2),
        "p99_ratios": [round(ratio, 2) for ratio in ratios],
        "p50_with_ms": statistics.median(run["p50_ms"] for run in one.runs),
        "p50_without_ms": statistics.median(run["p50_ms"] for run in other.runs),
        "p99_with_ms": statistics.median(run["p99_ms"] for run in one.runs),
        "p99_without_ms": statistics.median(run["p99_ms"] for run in other.runs),
        "replies": sum(run["replies"] for run in one.runs),
        "compactions_meanwhile": now[0],
        "failed": failed,
        "calls_per_30_events": round(30 * (kept + failed) / events, 2),
    }


class Talk:
    """One guest's long conversation, as the prompt sees it."""

    def __init__(self, seed: int, facts: int = 30) -> None:
        self._dice = random.Random(seed)
        self.events: list[Event] = []
        self.profile: Profile = attrs.evolve(
            new_profile("7", START, name="Гость"),
            memory_summary=self.words(60),
            preferred_topics=("музыка", "сад", "поезда"),
            facts=tuple(
                Fact(self.words(2), self.words(4), n, START + timedelta(hours=n))
                for n in range(facts)
            ),
        )

    def words(self, count: int) -> str:
        return " ".join(self._dice.choices(WORDS.split(), k=count))

    def say(self, text: str) -> None:
        """A message and its answer enter the window."""
        for role, said in (("user", text), ("assistant", self.words(self._dice.randint(10, 40)))):
            self._add("user" if role == "user" else "assistant", said)

    def _add(self, role: Role, text: str) -> None:
        seq = len(self.events) + 1
        at = START + timedelta(days=2, minutes=seq)
        self.events.append(Event(f"1:{seq}:{role}", "7", seq, role, text, "text", seq, at))

    @property
    def window(self) -> list[Event]:
        return self.events[self.profile.covered_seq :]

    def compact(self) -> None:
        """What a compaction leaves: another summary, and twenty events."""
        self.profile = attrs.evolve(
            self.profile, memory_summary=self.words(60), covered_seq=len(self.events) - 20
        )

    def prompt(self, text: str) -> tuple[ChatMessage, ...]:
        past = self._dice.sample(self.events[:-40], 8) if len(self.events) > 60 else ()
        return compose(
            persona=system_prompt("ru"),
            messages=[text],
            profile=self.profile,
            window=self.window,
            recalled=past,
            today=START.date(),
        ).messages


def measure_prefix(turns: int) -> dict[str, float]:
    """The share of a prompt's tokens that begin it as they began the turn before's."""
    talk, count = Talk(1), Tokens().count
    shared = total = 0
    before: tuple[ChatMessage, ...] = ()
    for _ in range(turns):
        text = talk.words(talk._dice.randint(4, 25))
        now = talk.prompt(text)
        if before:
            shared += common(before, now)
            total += sum(count(turn.content) for turn in now)
        before = now
        talk.say(text)
        if len(talk.window) > 50:
            talk.compact()
    return {"prefix_shared": round(shared / total, 3)}


def common(one: tuple[ChatMessage, ...], other: tuple[ChatMessage, ...]) -> int:
    """Tokens of the beginning that two prompts share."""
    shared = 0
    for a, b in zip(one, other, strict=False):
        if a == b:
            shared += Tokens().count(a.content)
            continue
        if a.role == b.role:
            same = next(
                (n for n, (x, y) in enumerate(zip(a.content, b.content, strict=False)) if x != y),
                min(len(a.content), len(b.content)),
            )
            shared += Tokens().count(a.content[:same])
        break
    return shared


def measure_composition(turns: int) -> dict[str, float]:
    """Milliseconds of processor time for a prompt at the full budget, with 50 and 2,000 events."""
    figures = {}
    for name, uncovered in (("compose", 50), ("compose_2000", 2000)):
        talk = Talk(2, facts=60)
        while len(talk.events) < uncovered:
            talk.say(talk.words(20))
        seconds, tokens = [], []
        for _ in range(turns):
            text = talk.words(15)
            began = time.thread_time()
            made = talk.prompt(text)
            seconds.append(time.thread_time() - began)
            tokens.append(PER_PROMPT + sum(PER_MESSAGE + Tokens().count(m.content) for m in made))
            talk.say(text)
        seconds.sort()
        figures[f"{name}_p50_ms"] = round(1000 * seconds[len(seconds) // 2], 2)
        figures[f"{name}_p99_ms"] = round(1000 * seconds[int(len(seconds) * 0.99)], 2)
        figures[f"{name}_tokens"] = statistics.median(tokens)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="2 rounds of 4 seconds")
    args = parser.parse_args()
    seconds, rounds = (4.0, 2) if args.quick else (args.seconds, args.rounds)
    turns = 300 if args.quick else 1000
    result = {
        **measure_composition(turns),
        **measure_prefix(turns),
        **measure_replies(seconds, rounds),
    }
    for name, value in result.items():
        print(f"{name:24}{value!s:>24}")
    print(json.dumps(result))


if __name__ == "__main__":
    main()

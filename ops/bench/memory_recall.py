"""How much of the evidence recall finds within 800 tokens, and how quickly.

The rivals know the same stems: the newest messages; BM25 over messages; BM25 over pairs of a
guest's message and what follows. A question about what was never said counts by the share of the
budget that is left alone.
"""

from __future__ import annotations

import gc
import math
import random
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import Any

import attrs

from actors.guest.archive import Archive
from butler.domain.event import Event
from butler.domain.recall import Recall, Weights
from butler.domain.stems import content_stems
from butler.domain.tokens import Tokens
from ops.bench.memory_talk import KINDS, START, Question, Said, Talk, talks

BUDGET = 800
METHODS = ("recency", "bm25_turns", "bm25_pairs", "ours")
GUESTS, FEW = 20, 4
MANY, SOME = 100_000, 10_000
WEIGHTS = Weights()
_count = Tokens().count
Search = Callable[[Question], Sequence[int]]


def recall_table(
    seed: int, quick: bool, weights: Weights = WEIGHTS, methods: Sequence[str] = METHODS
) -> dict[str, dict[str, float]]:
    """Mean share found, for each method: by kind of question, and `all` over all with evidence."""
    shares: dict[str, dict[str, list[float]]] = {m: defaultdict(list) for m in methods}
    for talk in talks(seed, FEW if quick else GUESTS):
        searches = _methods(talk, weights)
        for method in methods:
            for question in talk.questions:
                share = _share(question, searches[method](question), talk)
                shares[method][question.kind].append(share)
                if question.evidence:
                    shares[method]["all"].append(share)
    return {
        method: {kind: statistics.fmean(found[kind]) for kind in ("all", *KINDS)}
        for method, found in shares.items()
    }


PARTS: dict[str, dict[str, Any]] = {
    "neighbours": {"around": ()},
    "beginnings": {"alike": 0.0},
    "who said it": {"named": 0.0},
    "asks when": {"timely": 0.0},
    "days asked about": {"spanned": 0.0, "after": 0.0, "then": 0.0},
    "recency": {"recency": 0.0},
    "floors": {"least": 0.0, "least_of_all": 0.0},
}


def ablation(seed: int, quick: bool) -> dict[str, dict[str, float]]:
    """Mean share found without each part of recall; printed, too."""
    results = {}
    print("\nWithout")
    for part, zeros in PARTS.items():
        table = recall_table(seed, quick, Weights(**zeros), ("ours",))["ours"]
        results[part] = {kind: round(share, 4) for kind, share in table.items()}
        print(f"{part:17}" + "".join(f"{table[kind]:10.3f}" for kind in ("all", *KINDS)))
    return results


def _share(question: Question, found: Sequence[int], talk: Talk) -> float:
    if question.evidence:
        return len(question.evidence & set(found)) / len(question.evidence)
    return 1 - sum(_count(talk.said[seq - 1].text) for seq in found) / BUDGET


def _methods(talk: Talk, weights: Weights) -> dict[str, Search]:
    ours = Recall(weights=weights)
    for said in talk.said:
        ours.add(said.seq, said.who, said.when, said.text)
    turns = _Bm25([(said,) for said in talk.said])
    pairs = _Bm25(_pairs(talk.said))
    return {
        "recency": lambda _: _filled(reversed(talk.said)),
        "bm25_turns": turns.search,
        "bm25_pairs": pairs.search,
        "ours": lambda question: ours.search(question.text, question.when, BUDGET),
    }


def _pairs(said: Sequence[Said]) -> list[tuple[Said, ...]]:
    pairs: list[list[Said]] = []
    for each in said:
        if not pairs or (each.who == "user" and pairs[-1][-1].who != "user"):
            pairs.append([])
        pairs[-1].append(each)
    return [tuple(pair) for pair in pairs]


def _filled(said: Iterable[Said]) -> list[int]:
    found, left = [], BUDGET
    for each in said:
        cost = _count(each.text)
        if cost <= left:
            found.append(each.seq)
            left -= cost
    return found


class _Bm25:
    """The textbook's (k1 1.2, b 0.75), over units of messages."""

    def __init__(self, units: Sequence[tuple[Said, ...]]) -> None:
        self._units = units
        self._times = [
            Counter(t for said in unit for t in content_stems(said.text)) for unit in units
        ]
        self._lengths = [times.total() for times in self._times]
        self._average = statistics.fmean(self._lengths)
        self._holding = Counter(term for times in self._times for term in times)

    def search(self, question: Question) -> list[int]:
        scores: dict[int, float] = defaultdict(float)
        for term in content_stems(question.text):
            holding = self._holding[term]
            idf = math.log(1 + (len(self._units) - holding + 0.5) / (holding + 0.5))
            for number, times in enumerate(self._times):
                if term in times:
                    norm = 1.2 * (0.25 + 0.75 * self._lengths[number] / self._average)
                    scores[number] += idf * times[term] * 2.2 / (times[term] + norm)
        best = sorted(scores, key=lambda number: (scores[number], number), reverse=True)
        return _filled(said for number in best for said in self._units[number])


@attrs.frozen
class Speed:
    """Recall by one guest with so many archived events: milliseconds, seconds, bytes an event.

    `p99_cpu_ms` of this thread alone: on a busy machine the rest is waiting for a processor.
    """

    events: int
    p50_ms: float
    p99_ms: float
    p99_cpu_ms: float
    build_s: float
    bytes_per_event: float


def speed(seed: int, quick: bool) -> Speed:
    """Search as the guest's actor does it, texts and all, common words and rare ones."""
    chance = random.Random(seed)
    spoken = [said.text for talk in talks(seed, 6) for said in talk.said]
    asked = [question.text for talk in talks(seed, 6) for question in talk.questions]
    names = [f"{chance.choice(spoken)[:4]}{number}" for number in range(20_000)]
    events = SOME if quick else MANY
    gc.collect()
    began = time.perf_counter()
    archive = Archive(
        Event(
            f"1:{seq}:user", "1", seq, "assistant" if seq % 2 else "user",
            f"{chance.choice(spoken)} {chance.choice(names)}", "text", seq,
            START + timedelta(minutes=seq),
        )
        for seq in range(1, events + 1)
    )  # fmt: skip
    built = time.perf_counter() - began
    now = START + timedelta(minutes=events)
    times, busy = [], []
    for _ in range(500):
        text = f"{chance.choice(asked)} {chance.choice(spoken)}"
        began, began_busy = time.perf_counter(), time.thread_time()
        archive.search(text, now, BUDGET)
        busy.append((time.thread_time() - began_busy) * 1_000)
        times.append((time.perf_counter() - began) * 1_000)
    cuts, of_busy = statistics.quantiles(times, n=100), statistics.quantiles(busy, n=100)
    return Speed(events, cuts[49], cuts[98], of_busy[98], built, archive.nbytes / events)


def printed(table: dict[str, dict[str, float]], took: Speed) -> dict[str, Any]:
    """Print both for people; the part of the JSON line that is theirs."""
    print(f"Evidence found within {BUDGET} tokens (absent: share of the budget left alone)")
    print(f"{'':12}" + "".join(f"{kind:>10}" for kind in ("all", *KINDS)))
    for method, found in table.items():
        print(f"{method:12}" + "".join(f"{found[kind]:10.3f}" for kind in ("all", *KINDS)))
    pairs, ours = table["bm25_pairs"], table["ours"]
    ratios = {kind: ours[kind] / pairs[kind] if pairs[kind] else math.inf for kind in ours}
    print(f"{'ours / pairs':12}" + "".join(f"{ratios[kind]:10.2f}" for kind in ("all", *KINDS)))
    print(
        f"\nRecall of {took.events:,} events: p50 {took.p50_ms:.1f} ms, p99 {took.p99_ms:.1f} ms "
        f"({took.p99_cpu_ms:.1f} ms of processor); "
        f"built in {took.build_s:.1f} s, {took.bytes_per_event:.0f} bytes an event"
    )
    return {
        "recall_800": {method: round(found["all"], 4) for method, found in table.items()},
        "recall_800_kinds": {
            method: {kind: round(share, 4) for kind, share in found.items()}
            for method, found in table.items()
        },
        "recall_speed": attrs.asdict(took),
    }

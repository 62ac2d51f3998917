"""The console's figures, taken from the metrics."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.samples import Sample

LATENCY = "butler_reply_latency_seconds"
SUMS: tuple[tuple[str, str, Mapping[str, str]], ...] = (
    ("Requests answered", "personalized_requests_total", {"status": "success"}),
    ("Requests failed", "personalized_requests_total", {"status": "error"}),
    ("Prompt tokens", "personalized_prompt_tokens_total", {}),
    ("Compressions", "user_memory_compressions_total", {"status": "success"}),
    ("Compressions failed", "user_memory_compressions_total", {"status": "error"}),
    ("Replies sent again", "telegram_replies_resent_total", {}),
    ("Restarts", "butler_actor_restarts_total", {}),
    ("Dead letters", "butler_dead_letters_total", {}),
    ("Inbox depth", "butler_inbox_depth", {}),
)


def figures(registry: CollectorRegistry) -> list[dict[str, Any]]:
    """What a person looks at first: `label`, `value`, `unit` ("" or "seconds").

    Metrics that the registry does not hold are left out. Quantiles are since the start.
    """
    samples = list(_samples(registry))
    shown: list[dict[str, Any]] = []
    for label, name, labels in SUMS:
        values = [s.value for s in samples if s.name == name and labels.items() <= s.labels.items()]
        if values:
            shown.append({"label": label, "value": sum(values), "unit": ""})
    for label, q in (("Reply time, median", 0.5), ("Reply time, p95", 0.95)):
        seconds = quantile(q, (s for s in samples if s.name == f"{LATENCY}_bucket"))
        if seconds is not None:
            shown.append({"label": label, "value": seconds, "unit": "seconds"})
    return shown


def quantile(q: float, buckets: Iterable[Sample]) -> float | None:
    """A histogram's quantile, linear within its bucket; None while nothing was observed.

    Beyond the last bound it is that bound, as in Prometheus's histogram_quantile.
    """
    bounds = sorted((float(bucket.labels["le"]), bucket.value) for bucket in buckets)
    if not bounds or not bounds[-1][1]:
        return None
    rank = q * bounds[-1][1]
    low, below = 0.0, 0.0
    for bound, count in bounds:
        if count >= rank and not math.isinf(bound):
            return low + (bound - low) * (rank - below) / (count - below)
        if not math.isinf(bound):
            low, below = bound, count
    return low


def _samples(registry: CollectorRegistry) -> Iterator[Sample]:
    for metric in registry.collect():
        yield from metric.samples

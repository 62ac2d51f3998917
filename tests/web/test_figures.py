from __future__ import annotations

import math

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.samples import Sample

from butler import telemetry
from butler.metrics import Metrics
from butler.web.figures import figures, quantile


def buckets(*pairs: tuple[float, float]) -> list[Sample]:
    return [
        Sample("x_bucket", {"le": "+Inf" if math.isinf(bound) else str(bound)}, count)
        for bound, count in pairs
    ]


def test_an_empty_registry_has_no_figures() -> None:
    assert figures(CollectorRegistry()) == []


def test_labels_are_summed_up() -> None:
    registry = CollectorRegistry()
    metrics = Metrics(registry)
    for source in ("text", "voice"):
        metrics(telemetry.RequestFinished(source, "error", "7"))
    metrics(telemetry.ReplySent(0.7))
    shown = {figure["label"]: figure["value"] for figure in figures(registry)}
    assert shown["Requests failed"] == 2
    assert shown["Requests answered"] == 0
    assert shown["Reply time, median"] == pytest.approx(0.75)


def test_a_quantile_lies_linear_within_its_bucket() -> None:
    assert quantile(0.5, buckets((1, 0), (2, 10), (math.inf, 10))) == 1.5
    assert quantile(0.25, buckets((1, 10), (2, 20), (math.inf, 20))) == 0.5


def test_beyond_the_last_bound_it_is_that_bound() -> None:
    assert quantile(0.9, buckets((1, 1), (2, 2), (math.inf, 20))) == 2


def test_without_observations_there_is_no_quantile() -> None:
    assert quantile(0.5, buckets((1, 0), (math.inf, 0))) is None
    assert quantile(0.5, []) is None

"""The prober: who answers and who does not, told now and then."""

from __future__ import annotations

import threading

from actors import messages as m
from actors.prober import PROBE_SECONDS, Prober
from butler.errors import ModelUnavailable
from butler.telemetry import DependencyChanged
from tests.actors.staging import stage


def test_a_dependency_is_probed_at_once_and_now_and_then() -> None:
    failing: list[str] = []

    def probe() -> str:
        if failing:
            raise ModelUnavailable("away")
        return "answers"

    with stage() as made:
        made.start((m.PROBER, Prober.on(made.io, {"llm": probe}, made.telemetry)))
        made.time.advance(0)
        assert made.events.wait(DependencyChanged) == DependencyChanged("llm", True, "answers")
        failing.append("yes")
        made.time.advance(PROBE_SECONDS)
        told = made.events.wait(DependencyChanged, count=2)
        assert told == DependencyChanged("llm", False, "ModelUnavailable: away")
        assert made.failures() == []


def test_nothing_to_probe_is_nothing_to_do() -> None:
    with stage() as made:
        made.start((m.PROBER, Prober.on(made.io, {}, made.telemetry)))
        made.time.advance(PROBE_SECONDS)
        made.flush(m.PROBER)
        assert made.events.of(DependencyChanged) == []


def test_a_probe_that_hangs_ends_with_the_house() -> None:
    hangs = threading.Event()

    def probe() -> str:
        hangs.wait()
        return "at last"

    with stage() as made:
        made.start((m.PROBER, Prober.on(made.io, {"llm": probe}, made.telemetry)))
        made.time.advance(0)
        hangs.set()
        assert made.events.wait(DependencyChanged).detail == "at last"

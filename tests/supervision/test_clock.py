"""Clocks call back when they said they would."""

import queue
import threading
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision import SystemClock
from supervision.clock import Agenda
from supervision.testing import ManualClock

PATIENCE = 10.0


def test_a_manual_clock_calls_in_order_of_time_and_then_of_asking() -> None:
    clock, calls = ManualClock(), list[tuple[str, float]]()

    def note(name: str) -> None:
        calls.append((name, clock.now()))

    for name, seconds in [("late", 2.0), ("early", 1.0), ("also early", 1.0)]:
        clock.call_later(seconds, partial(note, name))
    clock.advance(1.5)
    assert calls == [("early", 1.0), ("also early", 1.0)]
    clock.advance(1.5)

    assert calls[2:] == [("late", 2.0)]
    assert clock.now() == 3.0
    assert clock.pending() == 0


def test_a_call_made_during_an_advance_may_ask_for_another() -> None:
    clock, times = ManualClock(), list[float]()

    def again() -> None:
        times.append(clock.now())
        clock.call_later(1, again)

    clock.call_later(1, again)
    clock.advance(3.5)
    assert times == [1, 2, 3]


def test_a_cancelled_call_is_never_made() -> None:
    clock, calls = ManualClock(), list[str]()
    timer = clock.call_later(1, lambda: calls.append("no"))
    timer.cancel()
    timer.cancel()
    clock.advance(2)

    assert calls == []
    assert clock.pending() == 0


def test_a_callback_that_raises_does_not_stop_the_others(caplog: pytest.LogCaptureFixture) -> None:
    clock, calls = ManualClock(), list[str]()

    def broken() -> None:
        raise ZeroDivisionError

    clock.call_later(1, broken)
    clock.call_later(1, lambda: calls.append("yes"))
    clock.advance(1)

    assert calls == ["yes"]
    assert "A callback raised" in caplog.text


@given(st.lists(st.tuples(st.integers(0, 50), st.booleans()), max_size=300))
def test_an_agenda_keeps_what_is_not_cancelled_in_order(plan: list[tuple[int, bool]]) -> None:
    agenda, rung, kept = Agenda(), list[int](), list[tuple[int, int]]()
    for number, (at, cancelled) in enumerate(plan):
        alarm, _ = agenda.add(at, partial(rung.append, number))
        if cancelled:
            alarm.cancel()
        else:
            kept.append((at, number))
    assert len(agenda) == len(kept)
    while (callback := agenda.pop_due(50)) is not None:
        callback()

    assert rung == [number for _, number in sorted(kept)]
    assert agenda.next_at() is None


def test_cancelled_alarms_do_not_pile_up() -> None:
    agenda = Agenda()
    for _ in range(10_000):
        agenda.add(1e9, lambda: None)[0].cancel()

    assert len(agenda._heap) < 200


def test_a_system_clock_uses_one_thread_and_ends_it() -> None:
    clock = SystemClock("test-clock")
    calls: queue.SimpleQueue[str] = queue.SimpleQueue()
    clock.call_later(0.02, lambda: calls.put("second"))
    clock.call_later(0.0, lambda: calls.put("first"))
    never = clock.call_later(60, lambda: calls.put("never"))

    assert [calls.get(timeout=PATIENCE) for _ in range(2)] == ["first", "second"]
    assert [t.name for t in threading.enumerate()].count("test-clock") == 1
    assert clock.pending() == 1
    never.cancel()
    clock.close()
    clock.call_later(0, lambda: calls.put("after the end"))
    assert "test-clock" not in [t.name for t in threading.enumerate()]
    assert calls.empty()


def test_a_system_clock_may_be_closed_from_its_own_thread() -> None:
    clock, closed = SystemClock("own-clock"), threading.Event()

    def close() -> None:
        clock.close()
        closed.set()

    clock.call_later(0, close)
    assert closed.wait(PATIENCE)

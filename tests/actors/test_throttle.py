"""Each key has a budget of its own, which comes back with time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors import throttle as module
from actors.throttle import Throttle


def test_a_burst_is_let_through_and_then_the_rate() -> None:
    throttle = Throttle(3, 1.0)
    assert [throttle.allows("a", 0.0) for _ in range(5)] == [True] * 3 + [False] * 2
    assert throttle.allows("b", 0.0)
    assert [throttle.allows("a", 1.0) for _ in range(2)] == [True, False]
    assert not throttle.rested("a", 2.0)
    assert throttle.rested("a", 3.0)
    assert throttle.rested("nobody", 0.0)


def test_no_more_keys_are_kept_than_can_be_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REMEMBERED", 2)
    throttle = Throttle(1, 1.0)
    for key in "abc":
        assert throttle.allows(key, 0.0)
    assert throttle.allows("a", 0.0)
    assert not throttle.allows("c", 0.0)


@given(st.lists(st.floats(0.0, 5.0), max_size=60), st.integers(1, 10))
def test_never_more_than_the_burst_and_what_has_come_back(pauses: list[float], burst: int) -> None:
    throttle, now, allowed = Throttle(burst, 1.0), 0.0, 0
    for pause in pauses:
        now += pause
        allowed += throttle.allows("a", now)
        assert allowed <= burst + now + 1e-6

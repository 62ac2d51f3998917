from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from butler.domain.flood import Flood


def sent(flood: Flood, chat_id: int, count: int, now: float = 0.0) -> list[float]:
    moments = []
    for _ in range(count):
        now = flood.ready_at(chat_id, now)
        flood.take(chat_id, now)
        moments.append(now)
    return moments


def test_one_chat_gets_a_burst_and_then_its_rate() -> None:
    assert sent(Flood(rate=0), 7, 7) == [0, 0, 0, 3, 3, 3, 6]


def test_a_group_gets_twenty_a_minute() -> None:
    moments = sent(Flood(), -7, 41)
    assert moments[19] < 60 <= moments[20]
    assert moments[39] < 120 <= moments[40]


def test_all_chats_together_keep_the_overall_rate() -> None:
    flood = Flood(rate=30)
    moments = [sent(flood, chat, 1)[0] for chat in range(30)]
    assert moments == [0.0] * 30
    assert flood.ready_at(99, 0.5) == 1.0


def test_a_chat_at_its_limit_does_not_hold_up_another() -> None:
    flood = Flood()
    sent(flood, 7, 3)
    assert flood.ready_at(7, 0) == 3
    assert flood.ready_at(8, 0) == 0


def test_a_penalty_holds_back_one_chat_or_all() -> None:
    flood = Flood()
    flood.penalise(7, 5, now=10)
    assert (flood.ready_at(7, 10), flood.ready_at(8, 10)) == (15, 10)
    flood.penalise(None, 2, now=10)
    assert (flood.ready_at(7, 10), flood.ready_at(8, 10)) == (15, 12)
    flood.penalise(7, 1, now=10)
    assert flood.ready_at(7, 10) == 15


def test_the_overall_budget_alone_says_when_anything_may_leave() -> None:
    flood = Flood(rate=2)
    assert (sent(flood, 7, 2), flood.open_at(0), flood.open_at(5)) == ([0, 0], 1, 5)
    flood.penalise(7, 100, now=5)
    assert flood.open_at(5) == 5
    flood.penalise(None, 3, now=5)
    assert flood.open_at(5) == 8


def test_zero_rates_are_no_limit() -> None:
    assert sent(Flood(rate=0, chat_rate=0), -7, 500)[-1] == 0


def test_a_rate_below_one_is_spread_over_seconds() -> None:
    assert sent(Flood(rate=0.5), 7, 3) == [0, 2, 4]


def test_chats_at_rest_are_forgotten_and_busy_ones_are_not() -> None:
    flood = Flood(rate=0, remembered=10)
    flood.penalise(1, 10_000, now=0)
    for chat in range(100, 200):
        flood.take(chat, now=chat * 10.0)
    assert len(flood) <= 11
    assert flood.ready_at(1, 2000) == 10_000
    assert flood.ready_at(100, 2000) == 2000


@given(st.lists(st.tuples(st.sampled_from((1, 2, -3)), st.integers(0, 8)), max_size=120))
def test_no_second_ever_holds_more_than_the_rate(steps: list[tuple[int, int]]) -> None:
    flood, now = Flood(rate=5, chat_rate=2, burst=2), 0.0
    moments: dict[int | None, list[float]] = {None: []}
    for chat, pause in steps:
        now = flood.ready_at(chat, now + pause / 4)
        flood.take(chat, now)
        moments[None].append(now)
        moments.setdefault(chat, []).append(now)
    for key, times in moments.items():
        most = 5 if key is None else 2
        assert all(later - sooner >= 1 for sooner, later in zip(times, times[most:], strict=False))
    assert all(sooner <= later for sooner, later in pairwise(moments[None]))

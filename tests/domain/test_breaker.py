from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from butler.domain.breaker import Breaker


def opened(times: int = 1) -> tuple[Breaker, float]:
    breaker, now = Breaker(threshold=2, open_seconds=1, longest=5), 0.0
    for _ in range(2):
        breaker = breaker.failed(now)
    for _ in range(times - 1):
        now = breaker.ready_at(now)
        breaker = breaker.called(now).failed(now)
    return breaker, now


def test_it_opens_after_failures_in_a_row_only() -> None:
    breaker = Breaker(threshold=2).failed(0).succeeded().failed(0)
    assert (breaker.state(0), breaker.allows(0), breaker.ready_at(0)) == ("closed", True, 0)
    assert breaker.failed(0).state(0) == "open"


def test_open_it_lets_nothing_through_until_its_time() -> None:
    breaker, _ = opened()
    assert not breaker.allows(0.9)
    assert breaker.ready_at(0.5) == 1.0
    assert breaker.allows(1.0)
    assert breaker.state(1.0) == "half_open"


def test_half_open_it_lets_one_call_try() -> None:
    breaker, _ = opened()
    trying = breaker.called(1.0)
    assert not trying.allows(1.1)
    assert trying.state(1.1) == "half_open"
    assert trying.succeeded().state(1.1) == "closed"
    assert trying.failed(1.5).state(1.6) == "open"


def test_a_trial_that_is_never_reported_is_given_up() -> None:
    breaker, _ = opened()
    trying = breaker.called(1.0)
    assert trying.allows(1.0 + trying.trial_seconds)


def test_each_opening_doubles_the_pause_up_to_the_longest() -> None:
    pauses = []
    for times in range(1, 6):
        breaker, now = opened(times)
        pauses.append(breaker.until - now)
    assert pauses == [1, 2, 4, 5, 5]


def test_success_forgets_how_often_it_opened() -> None:
    breaker, now = opened(3)
    breaker = breaker.called(breaker.ready_at(now)).succeeded()
    assert breaker == Breaker(threshold=2, open_seconds=1, longest=5)


def test_late_failures_of_calls_begun_before_do_not_prolong_the_pause() -> None:
    breaker, _ = opened()
    assert breaker.failed(0.5) == breaker


def test_a_closed_breaker_notes_no_calls() -> None:
    assert Breaker().called(0) == Breaker()


@given(st.lists(st.sampled_from(("fail", "succeed", "call", "wait")), max_size=200))
def test_it_always_opens_again_in_time(acts: list[str]) -> None:
    breaker, now = Breaker(), 0.0
    for act in acts:
        if act == "fail":
            breaker = breaker.failed(now)
        elif act == "succeed":
            breaker = breaker.succeeded()
        elif act == "call" and breaker.allows(now):
            breaker = breaker.called(now)
        now += 0.5
        assert breaker.ready_at(now) - now <= breaker.trial_seconds
        assert breaker.allows(breaker.ready_at(now))


def test_a_trial_that_shows_nothing_lets_another_try_at_once() -> None:
    breaker, _ = opened()
    trying = breaker.called(1.0)
    assert not trying.allows(2.0)
    assert trying.undecided(2.0).allows(2.0)
    assert trying.undecided(2.0).state(2.0) == "half_open"
    assert breaker.undecided(0.5) is breaker

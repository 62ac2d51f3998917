"""Passivation: a message is handled once, by the old actor or by the new one."""

from collections import defaultdict, deque

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from actors.runtime import Passivation, Route


def test_the_first_message_starts_and_later_ones_are_delivered() -> None:
    live = Passivation[str, str](idle_after=10)

    assert live.route("a", "m1", now=0) is Route.START
    assert live.route("a", "m2", now=1) is Route.DELIVER
    assert "a" in live
    assert len(live) == 1


def test_only_the_idle_are_asked_longest_first_and_once() -> None:
    live = Passivation[str, str](idle_after=10)
    for now, key in enumerate("abc"):
        live.route(key, "m", now)
    live.route("a", "m", now=5)

    assert live.idle_candidates(now=9) == []
    assert live.idle_candidates(now=12, limit=1) == [("b", 1)]
    assert live.idle_candidates(now=12) == [("c", 2)]
    assert live.idle_candidates(now=15) == [("a", 3)]
    assert live.idle_candidates(now=22) == [("b", 4), ("c", 5)]


def test_a_message_since_the_question_keeps_the_actor() -> None:
    live = Passivation[str, str](idle_after=10)
    live.route("a", "m", now=0)
    [(_, token)] = live.idle_candidates(now=10)
    live.route("a", "m", now=11)

    assert not live.may_stop("a", token)
    assert live.route("a", "m", now=12) is Route.DELIVER


def test_nobody_is_stopped_unasked_or_twice() -> None:
    live = Passivation[str, str](idle_after=10)
    live.route("a", "m", now=0)

    assert not live.may_stop("a", 1)
    assert not live.may_stop("unknown", 0)
    live.idle_candidates(now=10)
    assert live.may_stop("a", 1)
    assert not live.may_stop("a", 1)
    assert live.idle_candidates(now=99) == []


def test_messages_during_the_end_wait_for_the_next_actor_in_order() -> None:
    live = Passivation[str, str](idle_after=0, held_bound=2)
    live.route("a", "m1", now=0)
    live.idle_candidates(now=0)
    live.may_stop("a", 1)

    assert live.route("a", "m2", now=1) is Route.HOLD
    assert live.route("a", "m3", now=1) is Route.HOLD
    assert live.route("a", "m4", now=1) is Route.REFUSE
    assert live.ended("a", now=2) == ["m2", "m3"]
    assert live.route("a", "m5", now=3) is Route.DELIVER
    assert live.ended("a", now=4) == []
    assert "a" not in live
    assert live.ended("a", now=4) == []


def test_an_answer_of_the_actor_before_ends_nobody() -> None:
    live = Passivation[str, str](idle_after=5)
    live.route("a", "m1", now=0)
    (first,), (second,) = live.idle_candidates(now=5), live.idle_candidates(now=10)
    assert not live.may_stop(*first)
    assert live.may_stop(*second)
    live.ended("a", now=11)
    live.route("a", "m2", now=11)
    live.idle_candidates(now=16)
    assert not live.may_stop(*first)
    assert not live.may_stop(*second)


@pytest.mark.parametrize(("idle", "bound"), [(-1, 1), (1, 0)])
def test_senseless_settings_are_refused(idle: float, bound: int) -> None:
    with pytest.raises(ValueError, match="expected idle_after"):
        Passivation[str, str](idle, bound)


class Arrivals(RuleBasedStateMachine):
    """A router, its actors and their mailboxes, with everything at any moment.

    An actor here has a mailbox (questions of the router among the messages) and may handle it
    late; told to end, it handles nothing more.
    """

    def __init__(self) -> None:
        super().__init__()
        self.live = Passivation[int, int](idle_after=5)
        self.now = 0.0
        self.number = 0
        self.mailboxes: dict[int, deque[object]] = {}
        self.ending: set[int] = set()
        self.answers: list[tuple[int, int]] = []
        self.sent: dict[int, list[int]] = defaultdict(list)
        self.handled: dict[int, list[int]] = defaultdict(list)

    @rule(key=st.integers(0, 3))
    def message(self, key: int) -> None:
        self.number += 1
        self.sent[key].append(self.number)
        route = self.live.route(key, self.number, self.now)
        if route is Route.START:
            assert key not in self.mailboxes
            self.mailboxes[key] = deque([self.number])
        elif route is Route.DELIVER:
            assert key not in self.ending
            self.mailboxes[key].append(self.number)
        else:
            assert route is Route.HOLD
            assert key in self.ending

    @rule(key=st.integers(0, 3))
    def handle(self, key: int) -> None:
        mailbox = self.mailboxes.get(key)
        if mailbox and key not in self.ending:
            entry = mailbox.popleft()
            if isinstance(entry, tuple):
                self.answers.append((key, entry[0]))
            else:
                assert isinstance(entry, int)
                self.handled[key].append(entry)

    @rule(seconds=st.sampled_from([1.0, 5.0]))
    def sweep(self, seconds: float) -> None:
        self.now += seconds
        for key, token in self.live.idle_candidates(self.now):
            self.mailboxes[key].append((token,))

    @precondition(lambda self: self.answers)
    @rule()
    def answer(self) -> None:
        key, token = self.answers.pop(0)
        if self.live.may_stop(key, token):
            assert not [each for each in self.mailboxes[key] if isinstance(each, int)]
            self.ending.add(key)

    @precondition(lambda self: self.ending)
    @rule()
    def end(self) -> None:
        key = self.ending.pop()
        del self.mailboxes[key]
        held = self.live.ended(key, self.now)
        if held:
            self.mailboxes[key] = deque(held)

    def teardown(self) -> None:
        while self.ending:
            self.end()
        for key in list(self.mailboxes):
            while self.mailboxes[key]:
                self.handle(key)
        assert {key: sent for key, sent in self.sent.items() if sent} == dict(self.handled)
        assert set(self.mailboxes) == {key for key in range(4) if key in self.live}


TestArrivals = Arrivals.TestCase
TestArrivals.settings = settings(max_examples=200, stateful_step_count=60, deadline=None)

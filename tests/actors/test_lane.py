"""Whose turn it is: nobody is served twice while somebody waits for their first answer."""

from __future__ import annotations

from collections import Counter

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors import lane as module
from actors.lane import Lane

PATIENCE = 60.0


@attrs.define(eq=False)
class Request:
    guest: str
    since: float = 0.0
    queued: bool = False


def add(lane: Lane[Request], guest: str, since: float = 0.0) -> Request:
    request = Request(guest, since)
    lane.add(request)
    return request


def take(lane: Lane[Request], now: float = 0.0) -> Request | None:
    request = lane.first(now)
    if request is not None:
        lane.take(request)
    return request


def served(lane: Lane[Request], now: float = 0.0) -> str:
    """The guests in the order of being served, until nobody waits."""
    order = []
    while (request := take(lane, now)) is not None:
        order.append(request.guest)
    return "".join(order)


def test_who_comes_later_with_a_first_request_goes_before_who_floods() -> None:
    lane: Lane[Request] = Lane(PATIENCE)
    for guest in "aaaabca":
        add(lane, guest)
    assert served(lane) == "abcaaaa"


def test_who_was_just_served_stands_behind_who_was_not() -> None:
    lane: Lane[Request] = Lane(PATIENCE)
    add(lane, "a")
    add(lane, "b")
    assert take(lane)
    add(lane, "a")
    add(lane, "c")
    assert served(lane) == "bca"


def test_who_has_waited_too_long_is_first() -> None:
    lane: Lane[Request] = Lane(PATIENCE)
    for _ in range(3):
        add(lane, "a")
    add(lane, "b", since=30.0)
    assert take(lane, 1.0)
    assert served(lane, PATIENCE + 1) == "aab"


def test_what_is_put_back_is_first_again_and_served_once() -> None:
    lane: Lane[Request] = Lane(PATIENCE)
    add(lane, "a")
    add(lane, "b")
    request = take(lane)
    assert request is not None
    lane.put_back(request)
    assert served(lane) == "ab"


def test_what_is_forgotten_is_not_served() -> None:
    lane: Lane[Request] = Lane(PATIENCE)
    requests = [add(lane, guest) for guest in "abab"]
    requests[0].queued = requests[3].queued = False
    assert served(lane) == "ba"


def test_no_guest_is_remembered_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REMEMBERED", 2)
    lane: Lane[Request] = Lane(PATIENCE)
    for guest in "abcde":
        add(lane, guest)
        assert take(lane)
        add(lane, "z")  # so that somebody always waits
    assert len(lane._next) == 2
    served(lane)
    assert not lane._next


@given(st.lists(st.sampled_from(["take", *"aaabcdefgh"]), max_size=200))
def test_between_a_first_request_and_its_answer_each_other_guest_is_served_once_at_most(
    steps: list[str],
) -> None:
    lane: Lane[Request] = Lane(PATIENCE)
    met: set[str] = set()
    waiting: dict[int, Counter[str]] = {}
    asked: list[Request] = []
    answered: list[Request] = []

    def answer() -> None:
        request = take(lane)
        if request is None:
            return
        waiting.pop(id(request), None)
        for others in waiting.values():
            others[request.guest] += 1
            assert others[request.guest] <= 1
        answered.append(request)

    for step in steps:
        if step == "take":
            answer()
            continue
        asked.append(add(lane, step))
        if step not in met:
            waiting[id(asked[-1])] = Counter()
            met.add(step)
    while lane.first(0.0) is not None:
        answer()
    assert Counter(map(id, answered)) == Counter(map(id, asked))
    for guest in met:  # each guest's in order
        assert [r for r in answered if r.guest == guest] == [r for r in asked if r.guest == guest]

"""Open questions: bounded in number and time, each answered by one update."""

from __future__ import annotations

from actors.guest.asked import KEPT_SECONDS, MOST, Asked
from butler.domain.commands import AskDelete, AskValue
from tests.actors.guest_room import key

CITY, CAT = AskValue("city"), AskValue("cat")


def test_a_question_is_open_to_whoever_comes_first_and_then_to_them_alone() -> None:
    asked = Asked()
    asked.put("a", AskDelete(), 0.0)
    assert asked.open_to(key(1), 1.0) == {"a": AskDelete()}
    asked.claim("a", key(1))
    assert asked.open_to(key(1), 1.0) == {"a": AskDelete()}
    assert asked.open_to(key(2), 1.0) == {}
    asked.closed([key(1)])
    assert not asked


def test_claiming_what_is_not_open_means_nothing() -> None:
    asked = Asked()
    asked.claim("made up", key(1))
    asked.closed([key(1)])
    assert not asked


def test_it_closes_in_time() -> None:
    asked = Asked()
    asked.put("a", AskDelete(), 0.0)
    assert asked.open_to(key(1), KEPT_SECONDS - 1)
    assert not asked.open_to(key(1), KEPT_SECONDS)
    assert not asked


def test_the_oldest_give_way() -> None:
    asked = Asked()
    for number in range(MOST + 2):
        asked.put(str(number), AskDelete(), 0.0)
    assert list(asked.open_to(key(1), 0.0)) == [str(n) for n in range(2, MOST + 2)]


def test_only_the_latest_wanted_value_counts() -> None:
    asked = Asked()
    asked.put("a", CITY, 0.0)
    asked.put("b", AskDelete(), 0.0)
    asked.put("c", CAT, 0.0)
    assert asked.value_wanted(key(1), 0.0) == ("c", CAT)
    asked.drop_values()
    assert asked.value_wanted(key(1), 0.0) is None
    assert asked.open_to(key(1), 0.0) == {"b": AskDelete()}


def test_all_but_what_is_being_answered_is_let_go() -> None:
    asked = Asked()
    asked.put("a", AskDelete(), 0.0)
    asked.put("b", CITY, 0.0)
    asked.claim("a", key(1))
    asked.clear(key(1))
    assert asked.open_to(key(1), 0.0) == {"a": AskDelete()}

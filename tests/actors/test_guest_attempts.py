"""What counts as an update's crash."""

from __future__ import annotations

from datetime import timedelta

from actors.guest.attempts import HUNG, Attempts
from tests.actors.guest_room import key
from tests.support.fakes import START


def begun() -> Attempts:
    attempts = Attempts()
    assert not attempts.incarnate()
    return attempts


def test_what_was_open_twice_at_a_failure_is_poison() -> None:
    attempts = begun()
    for _ in range(2):
        assert not attempts.is_poison(key(1))
        attempts.open.add(key(1))
        attempts.failed("ValueError")
        assert attempts.incarnate()
    assert attempts.is_poison(key(1))
    assert attempts.error == "ValueError"
    attempts.settled(key(1))
    assert not attempts.is_poison(key(1))
    assert not attempts.crashes


def test_a_restart_because_others_failed_blames_no_update() -> None:
    attempts = begun()
    for _ in range(5):
        attempts.open.add(key(1))
        attempts.rested()
        assert attempts.incarnate()
    assert not attempts.crashes


def test_an_incarnation_that_says_nothing_has_hung() -> None:
    attempts = begun()
    attempts.open.add(key(1))
    attempts.incarnate()
    assert attempts.crashes == {key(1): 1}
    assert attempts.error == HUNG


def test_incarnations_of_one_guests_actors_are_never_numbered_alike() -> None:
    first, second = begun(), begun()
    assert first.incarnation != second.incarnation


def test_only_who_ended_well_with_nothing_to_do_was_idle() -> None:
    attempts = Attempts()
    attempts.rested(idle=True)
    found = []
    for busy in (False, True, False):
        attempts.incarnate()
        found.append(attempts.idle)
        if busy:
            attempts.rested()
    assert found == [True, False, False]


def test_an_update_is_seen_once_by_all_incarnations_until_it_is_accepted_anew() -> None:
    attempts = Attempts()
    assert attempts.sees(key(1), START)
    attempts.incarnate()
    assert not attempts.sees(key(1), START)
    assert attempts.sees(key(1), START + timedelta(seconds=1))

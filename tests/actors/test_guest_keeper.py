"""When memory is compressed, and that nothing is lost or comes back by it."""

from __future__ import annotations

from typing import Any

from butler.domain.writes import EraseGuest, ForgetMemory
from butler.errors import ModelUnavailable
from butler.telemetry import CompressionFinished
from tests.actors.guest_room import Room
from tests.support.fakes import message, pressed

SUMMARY = "Про чай и прогулки."


def room(events: int, **changes: Any) -> Room:
    made = Room(**changes)
    if events:
        made.knows(events=events)
    made.read()
    return made


def compactions(guest: Room) -> list[str]:
    return [asked.request_id for asked in guest.hands.asked if not asked.urgent]


def test_over_the_cap_the_oldest_are_compressed_at_once() -> None:
    guest = room(events=8)
    assert len(compactions(guest)) == 1
    assert not guest.keeper.idle
    guest.summarise(SUMMARY)
    guest.write()
    assert [event.seq for event in guest.ledger.window] == [7, 8]
    assert guest.store.known["7"].memory_summary == SUMMARY
    assert len(guest.store.archived) == 6
    assert guest.hands.emitted(CompressionFinished)[0].events == 6
    assert guest.keeper.idle


def test_a_quiet_guest_is_compressed_and_a_busy_one_is_not() -> None:
    guest = room(events=4)
    assert compactions(guest) == []
    assert not guest.keeper.idle
    guest.ring("quiet")
    assert len(compactions(guest)) == 1


def test_a_short_window_is_left_alone() -> None:
    guest = room(events=2)
    assert "quiet" not in guest.hands.timers
    assert guest.keeper.idle


def test_a_window_that_cannot_be_parted_lets_its_guest_rest() -> None:
    guest = room(events=3)
    guest.ring("quiet")
    assert compactions(guest) == []
    assert guest.keeper.idle


def test_without_personalization_nothing_is_compressed() -> None:
    guest = Room(personalization=False)
    guest.knows(events=20)
    guest.read()
    assert compactions(guest) == []
    assert guest.keeper.idle


def test_an_untrue_summary_is_asked_for_once_more_then_given_up() -> None:
    guest = room(events=8)
    guest.summarise("Бюджет 12345 рублей у Наполеона.")
    assert len(compactions(guest)) == 2
    guest.summarise("")
    assert guest.hands.emitted(CompressionFinished)[0].status == "error"
    assert len(guest.ledger.window) == 8
    assert guest.store.archived == {}
    guest.ring("compress again")
    assert len(compactions(guest)) == 3
    guest.summarise(SUMMARY)
    guest.write()
    assert guest.store.known["7"].memory_summary == SUMMARY


def test_while_the_llm_is_away_it_is_tried_ever_more_seldom_and_the_guest_may_rest() -> None:
    guest = room(events=8)
    pauses = []
    for _ in range(5):
        assert not guest.keeper.idle
        guest.keeper.failed(ModelUnavailable("away"))
        pauses.append(guest.hands.timers["compress again"])
        if len(pauses) < 4:
            guest.ring("compress again")
        else:
            break
    assert pauses == [5.0, 30.0, 120.0, 600.0]
    assert guest.keeper.idle
    assert len(guest.ledger.window) == 8


def test_replies_do_not_wait_for_compression_and_it_does_not_miss_them() -> None:
    guest = room(events=8)
    guest.say(message(1, "Ещё чаю"))
    guest.answer("Извольте.")
    guest.summarise(SUMMARY)
    guest.write()
    assert guest.remembered()[-2:] == [("user", "Ещё чаю"), ("assistant", "Извольте.")]
    assert guest.store.known["7"].covered_seq == 6
    assert len(guest.ledger.window) == 4


def test_what_was_forgotten_while_it_was_compressed_stays_forgotten() -> None:
    guest = room(events=8)
    guest.store.commit([ForgetMemory("7")])
    guest.summarise(SUMMARY)
    guest.write()
    assert guest.store.known["7"].memory_summary == ""
    assert guest.ledger.window == []
    assert guest.keeper.idle


def test_a_guest_who_was_erased_while_being_compressed_stays_erased() -> None:
    guest = room(events=8)
    guest.store.commit([EraseGuest("7")])
    guest.summarise(SUMMARY)
    guest.write()
    assert guest.store.known == {}
    guest.say(message(1, "Здравствуйте"))
    guest.answer("Добрый день.")
    assert guest.store.known["7"].memory_summary == ""
    assert guest.talking.idle
    assert guest.keeper.idle


def test_an_erased_guest_who_is_back_gets_no_summary_of_before() -> None:
    guest = room(events=8)
    guest.store.commit([EraseGuest("7")])
    for number in range(1, 5):
        guest.say(message(number, "Здравствуйте"))
        guest.answer("Добрый день.")
    guest.summarise(SUMMARY)
    guest.write()
    assert guest.store.known["7"].memory_summary == ""
    assert guest.store.archived == {}


def test_a_window_begun_anew_while_it_was_compressed_is_not_covered_twice() -> None:
    guest = room(events=8)
    guest.say(pressed(1, "reset:yes"))
    guest.write()
    guest.summarise(SUMMARY)
    guest.write()
    assert guest.store.known["7"].covered_seq == 8
    assert guest.store.known["7"].memory_summary == ""
    assert guest.keeper.idle


def test_an_answer_to_a_summary_already_judged_is_nobodys() -> None:
    guest = room(events=8)
    (request_id,) = compactions(guest)
    guest.summarise(SUMMARY)
    assert not guest.keeper.owns(request_id)

"""When memory is compressed, and that nothing is lost or comes back by it."""

from __future__ import annotations

from typing import Any

from butler.domain.writes import EraseGuest
from butler.errors import ModelContextOverflow, ModelInvalid, ModelUnavailable
from butler.telemetry import CompressionFinished
from tests.actors.guest_room import Room
from tests.storage.builders import forgetting_all
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
    guest.ring("ask once more")
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
    guest.store.commit([forgetting_all(guest.store.known["7"])])
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
    (request_id,) = compactions(guest)
    guest.say(pressed(1, "reset:yes"))
    guest.write()
    assert guest.hands.cancelled == [request_id]
    assert not guest.keeper.owns(request_id)
    assert guest.store.known["7"].covered_seq == 8
    assert guest.store.known["7"].memory_summary == ""
    assert guest.keeper.idle


def test_an_answer_to_a_summary_already_judged_is_nobodys() -> None:
    guest = room(events=8)
    (request_id,) = compactions(guest)
    guest.summarise(SUMMARY)
    assert not guest.keeper.owns(request_id)


def quiet(guest: Room, times: int = 1) -> None:
    """The guest says nothing for so many idle times."""
    for _ in range(times):
        guest.ring("quiet")


def test_fifty_one_messages_and_then_quiet_leave_at_most_22_events() -> None:
    guest = room(events=0, event_cap=50, keep_events=20)
    for number in range(1, 52):
        guest.say(message(number, f"Про чай и прогулки номер {number}"))
        guest.answer("Извольте.")
        if not guest.keeper.idle and len(guest.ledger.window) > 50:
            guest.summarise(SUMMARY)
            guest.write()
    quiet(guest)
    guest.summarise(SUMMARY)
    guest.write()
    assert len(guest.ledger.window) <= 22
    assert len(guest.store.archived) + len(guest.ledger.window) == 102


def test_who_speaks_now_and_then_costs_no_call_after_every_few_words() -> None:
    guest = room(events=0, event_cap=50, keep_events=20)
    said = 0
    for _ in range(150):
        said += 1
        guest.say(message(said, f"Про чай и прогулки номер {said}"))
        guest.answer("Извольте.")
        if "quiet" in guest.hands.timers:
            quiet(guest)
        if len(compactions(guest)) > len(guest.hands.emitted(CompressionFinished)):
            guest.summarise(SUMMARY)
            guest.write()
    assert len(compactions(guest)) <= 2 * said / 30 + 1
    before = len(compactions(guest))
    for _ in range(10):
        if "quiet" in guest.hands.timers:
            quiet(guest)
    if len(compactions(guest)) > before:
        guest.summarise(SUMMARY)
        guest.write()
    assert len(guest.ledger.window) <= 22


def test_quiet_rings_no_more_where_nothing_is_due() -> None:
    guest = room(events=4)
    guest.ring("quiet")
    guest.keeper.consider()  # somebody has asked whether the guest is still the same
    guest.summarise(SUMMARY)
    guest.write()
    guest.ring("quiet")
    assert "quiet" not in guest.hands.timers


def test_a_request_that_overflows_the_context_is_halved_and_asked_again() -> None:
    guest = room(events=20)
    (first,) = [asked for asked in guest.hands.asked if not asked.urgent]
    guest.keeper.failed(ModelContextOverflow("too long"))
    guest.ring("ask once more")
    second = [asked for asked in guest.hands.asked if not asked.urgent][-1]
    before, now = (len(asked.request.messages[-1].content) for asked in (first, second))
    assert now < 0.6 * before
    guest.summarise(SUMMARY)
    guest.write()
    assert guest.store.known["7"].covered_seq == 9  # of 18


def test_an_answer_that_is_no_text_at_all_is_asked_for_once_more() -> None:
    guest = room(events=8)
    guest.keeper.failed(ModelInvalid("nothing but thoughts"))
    guest.ring("ask once more")
    assert len(compactions(guest)) == 2
    guest.keeper.failed(ModelInvalid("nothing but thoughts"))
    assert len(compactions(guest)) == 2
    assert guest.hands.emitted(CompressionFinished)[0].status == "error"
    assert len(guest.ledger.window) == 8


def test_what_no_summary_covers_is_kept_however_much_it_becomes() -> None:
    guest = room(events=2000, event_cap=50, keep_events=20)
    guest.keeper.failed(ModelUnavailable("away"))
    assert len(guest.ledger.window) == 2000
    guest.say(message(1, "Ещё чаю"))
    assert "номер 2000" in guest.prompt()
    assert "номер 1500" not in guest.prompt()
    guest.answer("Извольте.")
    assert len(guest.remembered()) == 2002

"""How a guest's updates are gathered, ordered, and led to their end."""

from __future__ import annotations

from typing import Any

import pytest

from butler.domain.chat import Completion
from butler.domain.phrasebook import PHRASES
from butler.domain.profile import new_profile
from butler.domain.writes import AppendParts, EraseGuest, NoteSent, SaveProfile
from butler.errors import ModelUnavailable
from butler.telemetry import DeadLettered, MemoryEventsStored, ProfileWritten, RequestFinished
from tests.actors.guest_room import Room, key
from tests.support.fakes import START, edited, group_message, message, pressed, recording


def room(**changes: Any) -> Room:
    """A guest whose actor has read them."""
    made = Room(**changes)
    made.read()
    return made


def is_phrase(text: str, name: str) -> bool:
    """Whether a text is one of the variants of a phrase without values."""
    return any(text in variants for variants in PHRASES[name].values())


# A turn


def test_a_message_is_asked_made_durable_remembered_and_only_then_sent() -> None:
    guest = room()
    guest.say(message(1, "Добрый вечер"))
    assert "Добрый вечер" in guest.prompt()
    guest.talking.talk.completed(guest.question.request_id, Completion("Добрый, *сэр*."))
    assert guest.hands.said == []
    guest.write()
    assert guest.remembered() == [("user", "Добрый вечер"), ("assistant", "Добрый, *сэр*.")]
    assert guest.hands.said == ["Добрый, сэр."]
    assert guest.state(1) == "answered"
    assert guest.talking.idle
    assert guest.hands.emitted(RequestFinished) == [RequestFinished("text", "success", "7")]
    assert guest.hands.emitted(MemoryEventsStored)[0].roles == ("user", "assistant")
    assert guest.hands.emitted(ProfileWritten) == [ProfileWritten("7", 1)]


def test_nothing_is_asked_before_the_guest_is_read() -> None:
    guest = Room()
    guest.say(message(1, "hello"))
    assert not guest.hands.asked
    assert not guest.talking.idle
    guest.read()
    assert len(guest.hands.asked) == 1


def test_messages_that_arrive_meanwhile_become_one_turn() -> None:
    guest = room()
    guest.say(message(1, "one"))
    guest.say(message(2, "two"))
    guest.say(message(3, "three"))
    assert len(guest.hands.asked) == 1
    guest.answer("first")
    assert len(guest.hands.asked) == 2
    guest.answer("second")
    assert [content for _, content in guest.remembered()] == [
        "one", "first", "two", "three", "second",
    ]  # fmt: skip
    guest.all_sent()
    assert [guest.state(n) for n in (1, 2, 3)] == ["sent", "sent", "sent"]


def test_an_update_that_arrives_twice_is_handled_once() -> None:
    guest = room()
    item = guest.say(message(1, "one"))
    guest.arrive(item)
    guest.answer()
    guest.arrive(item)
    assert len(guest.hands.asked) == 1
    assert guest.talking.idle


def test_an_update_that_an_operator_has_accepted_anew_is_handled_anew() -> None:
    guest = room()
    guest.say(message(1, "one"))
    guest.answer()
    guest.all_sent()
    guest.time.advance(60)
    del guest.store.rows[key(1)], guest.store.items[key(1)]
    guest.say(message(1, "one"))
    assert len(guest.hands.asked) == 2


def test_a_long_queue_is_gathered_in_turns_of_twenty() -> None:
    guest = room()
    for number in range(1, 43):
        guest.say(message(number, f"word{number}"))
    for _ in range(4):
        guest.answer()
    roles = [role for role, _ in guest.remembered()]
    assert len(guest.questions) == 4
    assert roles.count("user") == 42
    assert guest.talking.idle


def test_a_group_and_a_private_chat_are_answered_apart_and_the_group_has_no_memory() -> None:
    guest = room()
    guest.say(message(1, "между нами"))
    guest.say(group_message(2, "при всех"))
    guest.answer()
    assert "между нами" not in guest.prompt()
    guest.answer("Всем добрый вечер.")
    assert guest.hands.deliveries[-1].parts[0].chat_id == -100
    assert guest.hands.deliveries[-1].parts[0].reply_to_message_id == 2
    assert "при всех" not in str(guest.remembered())


def test_without_personalization_nothing_is_remembered() -> None:
    guest = room(personalization=False)
    guest.say(message(1, "hello"))
    guest.answer()
    assert guest.store.known == {}
    assert guest.hands.said == ["Very good, sir."]


def test_a_turn_that_another_writer_overtakes_is_written_on_what_is_there() -> None:
    guest = room()
    guest.say(message(1, "hello"))
    guest.store.commit([SaveProfile(new_profile("7", START).revised(START, tone="dry"), 0)])
    guest.answer()
    assert guest.store.known["7"].tone == "dry"
    assert guest.store.known["7"].revision == 2
    assert len(guest.remembered()) == 2
    assert guest.talking.idle


def test_events_are_in_order_even_when_the_clock_stands() -> None:
    guest = room()
    for number in (1, 2):
        guest.say(message(number, f"m{number}"))
        guest.answer()
    moments = [event.created_at for event in sorted(guest.ledger.window, key=lambda e: e.seq)]
    assert moments == sorted(set(moments))


# Edits


def test_an_edit_replaces_what_still_waits_and_ends_with_it() -> None:
    guest = room()
    guest.say(message(1, "one"))
    guest.say(message(2, "tow"))
    guest.say(edited(3, of=2, text="two"))
    guest.answer()
    assert "tow" not in guest.prompt()
    guest.answer()
    guest.all_sent()
    assert [guest.state(n) for n in (1, 2, 3)] == ["sent"] * 3
    assert guest.talking.idle
    assert not guest.attempts.open


def test_an_edit_of_what_was_asked_already_ends_in_silence() -> None:
    guest = room()
    guest.say(message(1, "one"))
    guest.say(edited(2, of=1, text="uno"))
    guest.write()
    assert guest.state(2) == "sent"
    assert guest.hands.said == []
    guest.answer()
    assert guest.talking.idle


def test_an_edit_that_comes_with_what_it_edits_before_the_guest_is_read() -> None:
    guest = Room()
    guest.say(message(1, "tow"))
    guest.say(edited(2, of=1, text="two"))
    guest.read()
    assert "two" in guest.prompt()
    assert "tow" not in guest.prompt()


# /stop


def test_stop_ends_the_turn_and_what_waits_behind_it() -> None:
    guest = room()
    guest.say(message(1, "one"))
    asked = guest.question.request_id
    guest.say(message(2, "two"))
    guest.say(message(3, "/stop"))
    guest.write()
    assert guest.hands.cancelled == [asked]
    assert len(guest.hands.asked) == 1
    assert len(guest.hands.said) == 1
    assert is_phrase(guest.hands.said[0], "stopped")
    guest.all_sent()
    assert [guest.state(n) for n in (1, 2, 3)] == ["sent"] * 3
    guest.answer("too late")
    assert len(guest.hands.said) == 1
    assert guest.talking.idle
    assert "typing" not in guest.hands.timers


def test_stop_lets_recordings_be() -> None:
    guest = room()
    guest.say(recording(1))
    assert len(guest.hands.listening) == 1
    guest.say(message(2, "/stop"))
    guest.write()
    assert guest.hands.listening == []
    guest.all_sent()
    assert (guest.state(1), guest.state(2)) == ("sent", "sent")


def test_stop_lets_the_commands_that_wait_be_answered() -> None:
    guest = room()
    guest.say(message(1, "one"))
    guest.say(message(2, "/help"))
    guest.say(message(3, "/stop"))
    guest.write()
    assert len(guest.hands.said) == 2
    assert guest.talking.idle


def test_stop_does_not_undo_what_is_being_made_durable() -> None:
    guest = room()
    guest.say(message(1, "one"))
    guest.talking.talk.completed(guest.question.request_id, Completion("answer"))
    guest.say(message(2, "/stop"))
    guest.write()
    assert guest.hands.said[0] == "answer"
    assert is_phrase(guest.hands.said[1], "nothing_to_stop")


def test_stop_speaks_the_language_of_a_guest_who_is_yet_to_be_read() -> None:
    guest = Room()
    guest.knows(language="en")
    guest.say(message(1, "/stop"))
    guest.read()
    guest.write()
    assert guest.hands.said[0] in PHRASES["nothing_to_stop"]["en"]


def test_stop_in_private_leaves_the_group_alone() -> None:
    guest = room()
    guest.say(message(1, "one"))
    guest.say(group_message(2, "two"))
    guest.say(message(3, "/stop"))
    guest.write()
    assert len(guest.hands.asked) == 2
    guest.answer("to the group")
    assert guest.hands.deliveries[-1].parts[0].chat_id == -100


# What needs no LLM


def test_a_command_is_answered_in_its_turn() -> None:
    guest = room()
    guest.say(message(1, "one"))
    guest.say(message(2, "/help"))
    guest.say(message(3, "three"))
    guest.answer("first")
    assert guest.hands.said[0] == "first"
    assert len(guest.hands.said) == 2
    guest.answer("third")
    assert guest.hands.said[2] == "third"


def test_a_language_is_set_and_spoken_at_once() -> None:
    guest = room()
    guest.say(message(1, "/language en"))
    guest.write()
    assert guest.store.known["7"].language == "en"
    guest.say(message(2, "/stop"))
    guest.write()
    assert guest.hands.said[-1] in PHRASES["nothing_to_stop"]["en"]


def test_a_change_that_was_made_meanwhile_leaves_the_profile_as_it_is() -> None:
    guest = Room()
    before = guest.knows(events=2, memory_summary="Любит чай.")
    guest.read()
    guest.say(message(1, "/language en"))
    changed = before.revised(START, language="en", tone="dry")
    guest.store.commit([SaveProfile(changed, 1)])
    guest.write()
    assert guest.store.known["7"] == changed
    guest.all_sent()
    assert guest.state(1) == "sent"
    assert guest.talking.idle


def test_a_button_in_the_language_menu_edits_its_message_and_stops_its_spinner() -> None:
    guest = room()
    guest.say(pressed(1, "language:en"))
    guest.write()
    assert guest.hands.courtesies == [("callback", "q1")]
    assert guest.hands.deliveries[0].parts[0].edit_message_id == 5
    assert guest.store.known["7"].language == "en"


def test_reset_begins_the_window_anew_and_keeps_the_archive() -> None:
    guest = Room()
    guest.knows(events=2)
    guest.read()
    guest.say(pressed(1, "reset:yes"))
    guest.write()
    assert guest.ledger.window == []
    assert guest.store.known["7"].covered_seq == 2
    assert len(guest.store.archived) == 2
    guest.all_sent()
    assert guest.state(1) == "sent"


def test_reset_of_a_stranger_is_answered() -> None:
    guest = room()
    guest.say(pressed(1, "reset:yes"))
    guest.write()
    assert len(guest.hands.said) == 1
    assert guest.talking.idle


def test_a_sticker_is_declined_and_an_album_only_once() -> None:
    guest = room()
    guest.say(message(1, sticker={"file_id": "s"}))
    guest.say(message(2, photo=[{"file_id": "p"}], media_group_id="album"))
    guest.say(message(3, photo=[{"file_id": "p"}], media_group_id="album"))
    guest.write()
    assert len(guest.hands.said) == 2
    assert guest.state(3) == "sent"
    assert guest.talking.idle


def test_an_unknown_command_in_a_group_is_met_with_silence() -> None:
    guest = room()
    place = {"id": -100, "type": "supergroup"}
    guest.say(message(1, "/weather", chat=place))
    guest.write()
    assert guest.hands.said == []
    assert guest.state(1) == "sent"


# An outage


def test_in_an_outage_the_guest_is_told_once_and_answered_later() -> None:
    guest = room()
    guest.say(message(1, "one"))
    guest.fail()
    assert is_phrase(guest.hands.said[0], "model_down_later")
    assert not guest.hands.deliveries[0].final
    guest.ring("retry")
    guest.fail()
    assert len(guest.hands.said) == 1
    guest.ring("retry")
    guest.answer("at last")
    assert guest.hands.said[1] == "at last"
    assert guest.hands.deliveries[1].first == 1
    guest.all_sent()
    assert guest.state(1) == "sent"
    statuses = [event.status for event in guest.hands.emitted(RequestFinished)]
    assert statuses == ["error", "success"]


def test_a_message_in_an_outage_joins_the_turn_and_tries_at_once() -> None:
    guest = room()
    guest.say(message(1, "one"))
    guest.fail()
    guest.say(message(2, "two"))
    assert len(guest.hands.asked) == 2
    guest.answer("both")
    assert [content for _, content in guest.remembered()] == ["one", "two", "both"]
    assert guest.hands.said[-1] == "both"


def test_commands_are_answered_in_an_outage() -> None:
    guest = room()
    guest.say(message(1, "one"))
    guest.say(message(2, "/help"))
    guest.fail()
    guest.say(message(3, "/language en"))
    guest.write()
    assert len(guest.hands.said) == 3
    assert guest.store.known["7"].language == "en"
    assert guest.talking.talk.waiting
    guest.ring("retry")
    guest.answer("at last")
    assert guest.hands.said[-1] == "at last"
    assert guest.talking.idle


def test_an_edit_in_an_outage_changes_what_will_be_asked() -> None:
    guest = room()
    guest.say(message(1, "tow"))
    guest.fail()
    guest.say(edited(2, of=1, text="two"))
    guest.ring("retry")
    assert "two" in guest.prompt()
    guest.answer()
    guest.all_sent()
    assert (guest.state(1), guest.state(2)) == ("sent", "sent")


def test_stop_in_an_outage_ends_it_for_the_guest() -> None:
    guest = room()
    guest.say(message(1, "one"))
    guest.fail()
    guest.say(message(2, "/stop"))
    guest.write()
    guest.all_sent()
    assert (guest.state(1), guest.state(2)) == ("sent", "sent")
    assert "retry" not in guest.hands.timers
    assert guest.talking.idle


def test_after_a_day_a_message_becomes_a_dead_letter_with_its_edits() -> None:
    guest = room()
    guest.say(message(1, "tow"))
    guest.fail()
    guest.say(edited(2, of=1, text="two"))
    guest.time.advance(86_500)
    guest.ring("retry")
    guest.fail()
    guest.all_sent()
    (letter,) = guest.store.letters.values()
    assert (letter.reason, letter.detail) == ("llm_unavailable", "ModelUnavailable")
    assert letter.payload["update_id"] == 1
    assert (guest.state(1), guest.state(2)) == ("dead", "dead")
    assert is_phrase(guest.hands.said[-1], "dead_letter")
    assert guest.hands.emitted(DeadLettered) == [DeadLettered("llm_unavailable", "7")]
    assert guest.talking.idle
    assert not guest.attempts.open


# Crashes


def test_what_was_under_way_is_taken_up_by_the_next_incarnation() -> None:
    guest = room()
    guest.say(message(1, "one"))
    guest.say(message(2, "two"))
    guest.crash()
    assert len(guest.hands.asked) == 1
    guest.answer()
    guest.all_sent()
    assert [content for _, content in guest.remembered()] == ["one", "two", "Very good, sir."]
    assert (guest.state(1), guest.state(2)) == ("sent", "sent")


def test_a_reply_that_became_durable_unheard_is_sent_by_the_next_incarnation() -> None:
    guest = room()
    guest.say(message(1, "one"))
    guest.talking.talk.completed(guest.question.request_id, Completion("answer"))
    guest.hands.committed(guest.store)
    guest.crash()
    assert guest.hands.said == ["answer"]
    assert (guest.hands.deliveries[0].first, guest.hands.deliveries[0].final) == (0, True)
    assert guest.hands.asked == []
    assert guest.talking.idle


def test_a_notice_that_became_durable_unheard_is_sent_and_not_said_again() -> None:
    guest = room()
    guest.say(message(1, "one"))
    guest.talking.talk.failed(guest.question.request_id, ModelUnavailable("away"))
    (write,) = guest.hands.take()
    assert isinstance(write, AppendParts)
    guest.hands.committed(guest.store)
    guest.crash()
    assert len(guest.hands.said) == 1
    guest.fail()
    assert len(guest.hands.said) == 1
    guest.ring("retry")
    guest.answer("at last")
    assert guest.hands.deliveries[-1].first == 1


def test_an_edit_is_found_again_after_a_crash() -> None:
    guest = room()
    guest.say(message(1, "one"))
    guest.say(message(2, "tow"))
    guest.say(edited(3, of=2, text="two"))
    guest.crash()
    assert "tow" not in guest.prompt()
    guest.answer()
    guest.all_sent()
    assert [guest.state(n) for n in (1, 2, 3)] == ["sent"] * 3


def test_a_stop_found_after_a_crash_still_stops() -> None:
    guest = room()
    guest.accept(message(1, "one"))
    guest.accept(message(2, "/stop"))
    guest.crash()
    guest.write()
    assert guest.hands.asked == []
    assert is_phrase(guest.hands.said[0], "stopped")


def test_what_arrives_before_the_guest_is_read_again_is_handled_once_and_last() -> None:
    guest = room()
    first = guest.say(message(1, "one"))
    guest.attempts.failed("ValueError")
    guest.begin()
    guest.say(message(2, "two"))
    guest.arrive(first)
    guest.read()
    guest.arrive(first)
    guest.answer()
    assert [content for _, content in guest.remembered()] == ["one", "two", "Very good, sir."]
    assert len(guest.hands.asked) == 1


@pytest.mark.parametrize("update", [message(1, "one"), message(1, "/help"), message(1, "/stop")])
def test_what_crashes_its_actor_twice_becomes_a_dead_letter(update: dict[str, Any]) -> None:
    guest = room()
    guest.say(update)
    guest.crash("KeyError")
    guest.crash("KeyError")
    guest.write()
    guest.all_sent()
    (letter,) = guest.store.letters.values()
    assert (letter.reason, letter.detail, letter.attempts) == ("poison", "KeyError", 2)
    assert guest.state(1) == "dead"
    assert is_phrase(guest.hands.said[-1], "dead_letter")
    guest.say(message(2, "still there?"))
    guest.answer()
    assert guest.hands.said[-1] == "Very good, sir."


def test_restarts_that_others_cause_make_no_dead_letters() -> None:
    guest = room()
    guest.say(message(1, "one"))
    for _ in range(5):
        guest.restart()
    guest.answer()
    assert guest.hands.said == ["Very good, sir."]
    assert not guest.store.letters


def test_an_edit_that_waits_is_not_blamed_for_a_crash() -> None:
    guest = room()
    guest.say(message(1, "one"))
    guest.say(message(2, "tow"))
    guest.say(edited(3, of=2, text="two"))
    guest.crash()
    assert key(3) not in guest.attempts.crashes


def test_a_guest_who_was_erased_meanwhile_is_a_stranger() -> None:
    guest = Room()
    guest.knows(events=2, memory_summary="Любит чай.")
    guest.read()
    guest.say(message(1, "hello"))
    guest.store.commit([EraseGuest("7")])
    guest.answer()
    assert guest.store.known == {}  # the question has ended with the rest
    guest.say(message(2, "and now?"))
    guest.answer()
    assert guest.store.known["7"].memory_summary == ""
    assert guest.remembered() == [("user", "and now?"), ("assistant", "Very good, sir.")]


def test_what_a_guest_has_said_is_soon_forgotten_by_the_actor() -> None:
    guest = room(personalization=False)
    for number in range(1, 700):
        guest.say(message(number, "hi"))
        guest.answer()
    assert len(guest.attempts._seen) <= 100
    assert not guest.talking._known
    assert not guest.attempts.open


@pytest.mark.parametrize("early", [True, False])
def test_what_an_earlier_incarnation_has_settled_is_nothing_new_when_it_comes_late(
    early: bool,
) -> None:
    """A mailbox, or a page that the router read a while ago, may hold it still."""
    guest = room()
    said = guest.say(message(1, "one"))
    guest.answer()
    guest.store.commit([NoteSent(said.key, 1, guest.time.now())])
    guest.attempts.rested()
    guest.begin()
    if early:
        guest.arrive(said)
    guest.read()
    guest.arrive(said)
    guest.say(message(2, "two"))
    guest.answer()
    assert [content for role, content in guest.remembered() if role == "user"] == ["one", "two"]
    stored = guest.store.guest("7")
    assert stored is not None
    assert [event.seq for event in stored.window] == [1, 2, 3, 4]


def test_an_update_whose_end_was_lost_with_the_journal_is_handled_again() -> None:
    guest = room()
    said = guest.say(message(1, "one"))
    guest.talking.talk.completed(guest.question.request_id, Completion("Gone.", "stop"))
    guest.hands.commits.clear()
    guest.attempts.rested()
    guest.begin()
    guest.arrive(said)
    guest.read()
    guest.answer()
    assert guest.remembered() == [("user", "one"), ("assistant", "Very good, sir.")]

"""Forgetting, noting, pausing and leaving: each once, whatever crashes between."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from actors.guest.asked import KEPT_SECONDS
from actors.guest.turn import TURN_MESSAGES
from butler.domain.chat import Transcript
from butler.domain.forgetting import fact_id, is_buried
from butler.domain.outgoing import Button, Document
from butler.domain.phrasebook import PHRASES
from butler.domain.profile import Fact, Profile, TopicEvidence
from butler.domain.writes import CommitTurn, EraseGuest, Forget
from butler.telemetry import MemoryEventsStored
from tests.actors.guest_room import Room, key
from tests.support.fakes import START, group_message, message, pressed, recording

CAT = Fact("кот", "Барсик", 1, START)


def room(**changes: Any) -> Room:
    """A guest whose actor has read them."""
    made = Room(**changes)
    made.read()
    return made


def known(**changes: Any) -> Room:
    """A guest with a cat, of which one message tells."""
    made = Room()
    made.knows(events=4, facts=(CAT,), **changes)
    first = made.store.events["700:1001:user"]
    made.store.events[first.event_id] = attrs.evolve(first, content="Моего кота зовут Барсик")
    made.read()
    return made


def profile(guest: Room) -> Profile:
    return guest.store.known["7"]


def phrase(name: str) -> set[str]:
    return set(PHRASES[name]["ru"])


def buttons(guest: Room) -> list[Button]:
    part = guest.hands.deliveries[-1].parts[-1]
    return [button for row in part.buttons for button in row]


def ask_to_forget(guest: Room, update_id: int = 1, text: str = "Забудь про Барсика") -> str:
    """The data of the button that confirms."""
    guest.say(message(update_id, text))
    guest.write()
    return buttons(guest)[0].data


# Noting


def test_what_is_to_be_remembered_is_a_fact_in_the_commit_of_its_two_events() -> None:
    guest = room()
    guest.say(message(1, "Запомни, что мой любимый чай — улун"))
    (turn,) = guest.hands.take()
    assert isinstance(turn, CommitTurn)
    assert turn.profile is not None
    assert [event.role for event in turn.events] == ["user", "assistant"]
    fact = Fact("любимый чай", "улун", 1, turn.events[0].created_at, pinned=True)
    assert turn.profile.facts == (fact,)
    guest.write()
    assert guest.hands.asked == []
    assert "улун" in guest.hands.said[0]
    assert guest.remembered()[0] == ("user", "Запомни, что мой любимый чай — улун")
    assert guest.hands.emitted(MemoryEventsStored)[0].roles == ("user", "assistant")


def test_a_crash_before_the_commit_notes_it_once() -> None:
    guest = room()
    guest.say(message(1, "Запомни, что мой любимый чай — улун"))
    guest.crash()
    guest.write()
    assert len(profile(guest).facts) == 1
    assert len(guest.remembered()) == 2


def test_it_is_noted_while_the_llm_is_away() -> None:
    guest = room()
    guest.say(message(1, "Привет"))
    guest.fail()
    guest.say(message(2, "Запомни, что мой любимый чай — улун"))
    guest.write()
    assert profile(guest).facts[0].value == "улун"
    assert guest.state(2) == "answered"
    guest.ring("retry")
    guest.answer("И вам.")
    assert [c for _, c in guest.remembered()][2:] == ["Привет", "И вам."]


def test_requests_between_messages_keep_their_place() -> None:
    guest = room()
    guest.say(message(1, "раз"))
    for update_id, text in enumerate(("два", "Запомни: чай это улун", "три"), 2):
        guest.say(message(update_id, text))
    for _ in range(3):
        guest.answer()
    said = [content for role, content in guest.remembered() if role == "user"]
    assert said == ["раз", "два", "Запомни: чай это улун", "три"]
    assert profile(guest).facts[0].value == "улун"


def test_a_recording_may_ask_for_it() -> None:
    guest = room()
    guest.say(recording(1))
    guest.talking.talk.heard(key(1), Transcript("Запомни, что мой любимый чай — улун"))
    guest.write()
    assert guest.hands.asked == []
    assert guest.talking.talk.turn is None
    assert profile(guest).facts[0].value == "улун"
    assert guest.store.known["7"].last_seq == 2
    assert guest.store.guest("7").window[0].source == "voice"  # type: ignore[union-attr]
    assert guest.talking.idle


def test_a_recording_that_asks_leaves_the_words_beside_it_to_the_llm() -> None:
    guest = room()
    guest.say(message(1, "раз"))
    guest.say(recording(2))
    guest.say(message(3, "два"))
    guest.answer()
    guest.talking.talk.heard(key(2), Transcript("Запомни: чай это улун"))
    guest.write()
    assert "два" in guest.prompt()
    assert "улун" not in guest.question.request.messages[-1].content
    guest.answer()
    assert guest.state(3) == "answered"


# Forgetting


def test_it_is_shown_asked_and_then_gone_with_its_words() -> None:
    guest = known()
    yes = ask_to_forget(guest)
    assert "Барсик" in guest.hands.said[-1]
    assert profile(guest).facts == (CAT,)
    guest.say(pressed(2, yes))
    (write,) = guest.hands.take()
    assert isinstance(write, Forget)
    guest.write()
    assert profile(guest).facts == ()
    assert guest.hands.said[-1] in phrase("forgotten")
    assert guest.hands.deliveries[-1].parts[0].edit_message_id == 5
    assert "Барсик" not in str(guest.remembered()) + str(guest.ledger.window)
    assert guest.talking.idle
    guest.say(message(3, "О чём мы говорили?"))
    assert "номер 3" in guest.prompt()


def test_the_request_itself_enters_no_memory() -> None:
    guest = known()
    before = guest.remembered()
    ask_to_forget(guest)
    assert guest.remembered() == before


def test_a_crash_between_forgetting_and_its_reply_forgets_once_and_replies() -> None:
    guest = known()
    guest.say(pressed(2, ask_to_forget(guest)))
    guest.write(1)
    assert profile(guest).facts == ()
    revision = profile(guest).revision
    guest.crash()
    guest.write()
    assert profile(guest).revision == revision
    assert guest.hands.said[-1] in phrase("forgotten")
    assert guest.state(2) == "answered"


def test_a_crash_before_forgetting_still_forgets() -> None:
    guest = known()
    guest.say(pressed(2, ask_to_forget(guest)))
    guest.crash()
    guest.write()
    assert profile(guest).facts == ()
    assert guest.hands.said[-1] in phrase("forgotten")


def test_after_a_new_start_of_the_process_the_button_is_too_old() -> None:
    guest = known()
    yes = ask_to_forget(guest)
    again = Room(guest.store)
    again.read()
    again.say(pressed(2, yes))
    again.write()
    assert again.hands.said[-1] in phrase("stale_question")
    assert profile(again).facts == (CAT,)


def test_after_a_while_the_button_is_too_old_and_nothing_of_it_is_held() -> None:
    guest = known()
    yes = ask_to_forget(guest)
    before = guest.talking.idle
    guest.time.advance(KEPT_SECONDS)
    guest.ring("asked")
    assert (before, guest.talking.idle) == (False, True)
    guest.say(pressed(2, yes))
    guest.write()
    assert guest.hands.said[-1] in phrase("stale_question")


def test_a_second_press_is_too_late_even_before_the_first_is_durable() -> None:
    guest = known()
    yes = ask_to_forget(guest)
    guest.say(pressed(2, yes))
    guest.say(pressed(3, yes))
    guest.write()
    assert [guest.state(2), guest.state(3)] == ["answered", "answered"]
    assert guest.hands.said[-1] in phrase("stale_question")


def test_a_fact_that_was_pinned_after_the_question_is_forgotten_all_the_same() -> None:
    guest = known()
    yes = ask_to_forget(guest)
    guest.say(pressed(2, f"memory:pin:{fact_id(CAT)}:1"))
    guest.write()
    assert profile(guest).facts[0].pinned
    guest.say(pressed(3, yes))
    guest.write()
    assert profile(guest).facts == ()


def test_another_writer_who_was_quicker_does_not_save_it() -> None:
    guest = known()
    guest.say(pressed(2, ask_to_forget(guest)))
    guest.store.known["7"] = profile(guest).revised(START, tone="dry")
    guest.write()
    assert (profile(guest).facts, profile(guest).tone) == ((), "dry")


@pytest.mark.parametrize("text", ["Забудь про Барсика", "Забудь сегодня", "Забудь всё"])
def test_what_a_compaction_has_made_of_it_since_the_question_is_gone_too(text: str) -> None:
    guest = known()
    yes = ask_to_forget(guest, text=text)
    guest.store.known["7"] = profile(guest).revised(
        START,
        facts=(CAT, Fact("питомец", "Барсик", 1, START)),
        preferred_topics=("барсик",),
        topic_evidence=(TopicEvidence("барсик", 2, START, START),),
        memory_summary="Кота гостя зовут Барсик.",
        covered_seq=2,
    )
    guest.say(pressed(2, yes))
    guest.write()
    assert guest.hands.said[-1] in phrase("forgotten") | phrase("forgotten_all")
    assert "арсик" not in str(profile(guest)) + str(guest.remembered())


def test_what_waits_for_an_llm_while_something_is_forgotten_leaves_no_trace() -> None:
    guest = known()
    yes = ask_to_forget(guest)
    guest.say(message(2, "Как там Барсик?"))
    guest.fail()
    guest.say(pressed(3, yes))
    guest.write()
    assert profile(guest).facts == ()
    guest.ring("retry")
    guest.answer("Кто?")
    assert guest.hands.said[-1] == "Кто?"
    assert "Барсик" not in str(guest.remembered())


def test_what_was_forgotten_may_be_noted_again() -> None:
    guest = known()
    guest.say(pressed(2, ask_to_forget(guest)))
    guest.write()
    guest.time.advance(60)
    guest.say(message(3, "Запомни, что моего кота зовут Барсик"))
    guest.write()
    assert "Барсик" in profile(guest).facts[0].value
    assert guest.remembered()[-2][1] == "Запомни, что моего кота зовут Барсик"
    assert not is_buried(profile(guest).tombstones, "Барсик")


def test_in_a_long_outage_what_waits_behind_the_turn_keeps_the_pause_it_was_said_in() -> None:
    guest = known(paused=True)
    before = guest.remembered()
    guest.say(message(1, "тайна"))
    guest.fail()
    for update_id in range(2, 2 + TURN_MESSAGES):
        guest.say(message(update_id, f"тайна {update_id}"))
        guest.fail()
    guest.say(message(90, "/resume"))
    guest.write()
    guest.ring("retry")
    guest.answer()
    guest.answer()
    assert guest.remembered() == before


def test_everything_leaves_name_and_language() -> None:
    guest = known(language="ru", name="Ада")
    guest.say(message(1, "Забудь всё"))
    guest.write()
    guest.say(pressed(2, buttons(guest)[0].data))
    guest.write()
    assert guest.hands.said[-1] in phrase("forgotten_all")
    assert (profile(guest).facts, profile(guest).name) == ((), "Ада")
    assert all(not content for _, content in guest.remembered())


# Correcting


def correcting(guest: Room) -> None:
    guest.say(pressed(1, f"memory:correct:{fact_id(CAT)}"))
    guest.write()


def test_the_next_message_is_the_value_and_supersedes() -> None:
    guest = known()
    correcting(guest)
    guest.say(message(2, "Мурзик"))
    guest.write()
    old, new = profile(guest).facts
    assert (old.value, old.superseded_by) == ("Барсик", new.source_seq)
    assert (new.value, new.source_seq) == ("Мурзик", 5)
    assert guest.hands.asked == []
    guest.say(message(3, "Как дела?"))
    assert len(guest.hands.asked) == 1


def test_a_crash_keeps_the_value_a_value() -> None:
    guest = known()
    correcting(guest)
    guest.say(message(2, "Мурзик"))
    guest.crash()
    guest.write()
    assert profile(guest).facts[-1].value == "Мурзик"
    assert len(profile(guest).facts) == 2
    assert guest.hands.asked == []


@pytest.mark.parametrize("command", ["/cancel", "/help", "/memory"])
def test_any_command_gives_it_up(command: str) -> None:
    guest = known()
    correcting(guest)
    guest.say(message(2, command))
    guest.write()
    if command == "/cancel":
        assert guest.hands.said[-1] in phrase("left_as_it_was")
    guest.say(message(3, "Мурзик"))
    assert "Мурзик" in guest.prompt()


def test_so_does_its_button_and_so_does_time() -> None:
    guest = known()
    correcting(guest)
    guest.say(pressed(2, buttons(guest)[0].data))
    guest.write()
    assert guest.hands.said[-1] in phrase("left_as_it_was")
    correcting_again = pressed(3, f"memory:correct:{fact_id(CAT)}")
    guest.say(correcting_again)
    guest.write()
    guest.time.advance(KEPT_SECONDS)
    guest.say(message(4, "Мурзик"))
    assert "Мурзик" in guest.prompt()


def test_of_two_messages_only_the_first_is_the_value() -> None:
    guest = known()
    correcting(guest)
    guest.say(message(2, "Мурзик"))
    guest.say(message(3, "Как дела?"))
    guest.write()
    assert profile(guest).facts[-1].value == "Мурзик"
    assert "Как дела?" in guest.prompt()


def test_a_value_may_be_said_aloud() -> None:
    guest = known()
    correcting(guest)
    guest.say(recording(2))
    guest.talking.talk.heard(key(2), Transcript("Мурзик"))
    guest.write()
    assert profile(guest).facts[-1].value == "Мурзик"


# Pausing


def test_what_is_said_in_a_pause_is_answered_and_leaves_no_trace() -> None:
    guest = known()
    before = guest.remembered()
    guest.say(message(1, "/pause"))
    guest.write()
    guest.say(message(2, "тайна"))
    assert "Барсик" in guest.prompt()
    guest.answer("Молчу.")
    assert guest.remembered() == before
    assert guest.hands.emitted(MemoryEventsStored) == []
    guest.say(message(3, "ещё"))
    assert "тайна" not in guest.prompt()
    guest.crash()
    guest.answer()
    assert guest.remembered() == before
    guest.say(message(4, "/resume"))
    guest.write()
    guest.say(message(5, "снова"))
    assert "тайна" not in guest.prompt()
    guest.answer()
    assert guest.remembered()[-2][1] == "снова"


def test_a_message_of_the_pause_that_is_answered_after_it_leaves_no_trace() -> None:
    guest = known(paused=True)
    before = guest.remembered()
    guest.say(message(1, "тайна"))
    guest.fail()
    guest.say(message(2, "/resume"))
    guest.write()
    assert not profile(guest).paused
    guest.ring("retry")
    guest.answer("Ответ.")
    assert guest.hands.said[-1] == "Ответ."
    assert guest.remembered() == before


def test_what_still_waits_when_the_pause_begins_leaves_no_trace_either() -> None:
    guest = known()
    before = guest.remembered()
    guest.say(message(1, "тайна"))
    guest.fail()
    guest.say(message(2, "/pause"))
    guest.write()
    guest.ring("retry")
    guest.answer()
    assert guest.remembered() == before


def test_a_pause_in_groups_is_no_matter_of_theirs() -> None:
    guest = known(paused=True)
    guest.say(group_message(1, "Привет"))
    guest.answer("Всем привет.")
    assert guest.hands.said[-1] == "Всем привет."


# Leaving and taking along


def leaving(guest: Room) -> str:
    """The data of the last button."""
    guest.say(message(1, "/delete_me"))
    guest.write()
    guest.say(pressed(2, buttons(guest)[0].data))
    guest.write()
    return buttons(guest)[1].data


def test_who_leaves_is_answered_and_gone() -> None:
    guest = known()
    guest.say(pressed(3, leaving(guest)))
    (write,) = guest.hands.take()
    assert write == EraseGuest("7", (key(3),))
    guest.write()
    assert guest.hands.said[-1] in phrase("deleted")
    assert guest.state(3) == "answered"
    assert (guest.store.known, guest.store.events) == ({}, {})
    guest.say(message(4, "Привет"))
    assert "Барсик" not in guest.prompt()
    guest.answer()
    assert profile(guest).last_seq == 2


def test_a_crash_between_leaving_and_the_farewell_still_says_it() -> None:
    guest = known()
    guest.say(pressed(3, leaving(guest)))
    guest.write(1)
    assert guest.store.known == {}
    guest.crash()
    guest.write()
    assert guest.hands.said[-1] in phrase("deleted")
    assert guest.store.known == {}


def test_what_is_said_after_the_last_press_is_a_new_beginning() -> None:
    guest = known()
    last = leaving(guest)
    guest.say(message(3, "Как там Барсик?"))
    guest.say(pressed(4, last))
    guest.say(message(5, "Привет"))
    guest.answer()
    assert "Барсик" not in guest.prompt()
    guest.answer()
    assert [content for _, content in guest.remembered()] == ["Привет", "Very good, sir."]


def test_who_leaves_takes_along_what_waits_for_an_llm() -> None:
    guest = known()
    last = leaving(guest)
    guest.say(message(4, "Как там Барсик?"))
    guest.fail()
    guest.say(pressed(5, last))
    guest.write()
    assert guest.store.known == {}
    assert guest.talking.talk.turn is None
    assert "Барсик" not in str(guest.store.item(key(4)).parts)
    assert guest.talking.idle


def test_an_export_is_read_beside_and_sent_as_a_document() -> None:
    guest = known()
    guest.say(message(1, "/export"))
    assert guest.hands.exports == [key(1)]
    guest.say(message(2, "Привет"))
    assert guest.hands.asked == []  # in the order of asking
    document = Document.of("memory.json", b"{}")
    guest.talking.orders.exported(key(1), document)
    guest.write()
    assert guest.hands.deliveries[-1].parts[0].document == document
    assert len(guest.hands.asked) == 1


def test_an_export_that_no_chat_can_carry_is_excused() -> None:
    guest = known()
    guest.say(message(1, "/export"))
    guest.talking.orders.exported(key(1), None)
    guest.write()
    assert "butler" in guest.hands.said[-1]
    assert guest.talking.idle


def test_an_export_is_asked_for_again_after_a_crash() -> None:
    guest = known()
    guest.say(message(1, "/export"))
    guest.crash()
    assert guest.hands.exports == [key(1)]

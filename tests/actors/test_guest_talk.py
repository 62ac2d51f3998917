"""One turn: recordings, partial answers, what fails, and what the guest is shown meanwhile."""

from __future__ import annotations

from typing import Any

import pytest

from actors.guest.talk import RETRY_SECONDS
from butler.domain.chat import Completion, Transcript
from butler.domain.phrasebook import PHRASES
from butler.errors import (
    AudioInvalid,
    AudioSilent,
    AudioTooLong,
    FileTooBig,
    ModelContextOverflow,
    ModelError,
    ModelInvalid,
    ModelOverloaded,
    ModelTimeout,
    SpeechUnavailable,
    TransportUnavailable,
)
from butler.telemetry import PromptComposed, RequestFinished
from tests.actors.guest_room import Room, key
from tests.support.fakes import group_message, message, recording


def room(**changes: Any) -> Room:
    made = Room(**changes)
    made.read()
    return made


def is_phrase(text: str, name: str) -> bool:
    return any(text in variants for variants in PHRASES[name].values())


# Recordings


def test_a_recording_is_heard_shown_asked_and_remembered_as_voice() -> None:
    guest = room()
    guest.say(recording(1))
    ((listened, attachment, language),) = guest.hands.listening
    assert (listened, attachment.file_id, language) == (key(1), "f1", "ru")
    guest.talking.talk.heard(key(1), Transcript("Который час?"))
    guest.write()
    assert "Который час?" in guest.hands.said[0]
    assert guest.store.item(key(1)).transcript == "Который час?"
    guest.answer("Полдень.")
    assert guest.hands.deliveries[1].first == 1
    assert [event.source for event in guest.ledger.window] == ["voice", "voice"]
    assert guest.hands.emitted(RequestFinished) == [RequestFinished("voice", "success", "7")]


def test_a_recording_that_was_heard_before_a_crash_is_not_heard_again() -> None:
    guest = room()
    guest.say(recording(1))
    guest.talking.talk.heard(key(1), Transcript("Который час?"))
    guest.write()
    guest.crash()
    assert guest.hands.listening == []
    assert "Который час?" in guest.prompt()
    guest.answer("Полдень.")
    guest.all_sent()
    assert guest.state(1) == "sent"


@pytest.mark.parametrize(
    ("error", "phrase"),
    [
        (AudioSilent("no words"), "voice_silent"),
        (AudioInvalid("odd"), "voice_invalid"),
        (AudioTooLong("long"), "voice_too_long"),
        (FileTooBig("big"), "voice_too_big"),
        (SpeechUnavailable("none"), "voice_down"),
        (TransportUnavailable("away"), "voice_down"),
    ],
)
def test_a_recording_that_stays_unheard_is_answered_with_why(error: Any, phrase: str) -> None:
    guest = room()
    guest.say(recording(1))
    guest.talking.talk.not_heard(key(1), error)
    guest.write()
    assert is_phrase(guest.hands.said[0], phrase)
    assert guest.hands.asked == []
    assert guest.remembered() == []
    guest.all_sent()
    assert guest.state(1) == "sent"
    assert guest.talking.idle
    assert guest.hands.emitted(RequestFinished)[0].status == "error"


def test_a_recording_over_the_limit_is_not_fetched() -> None:
    guest = room()
    guest.say(recording(1, size=21 * 1024 * 1024))
    guest.write()
    assert guest.hands.listening == []
    assert is_phrase(guest.hands.said[0], "voice_too_big")
    assert guest.talking.idle


def test_words_beside_an_unheard_recording_are_answered() -> None:
    guest = Room()
    guest.say(message(1, "Добрый вечер"))
    guest.say(recording(2))
    guest.say(recording(3, size=21 * 1024 * 1024))
    guest.read()
    guest.talking.talk.not_heard(key(2), AudioSilent("no words"))
    assert "Добрый вечер" in guest.prompt()
    guest.answer()
    guest.all_sent()
    assert [guest.state(n) for n in (1, 2, 3)] == ["sent"] * 3
    assert len(guest.hands.said) == 3
    assert guest.talking.idle


def test_what_is_heard_after_stop_means_nothing() -> None:
    guest = room()
    guest.say(recording(1))
    guest.say(message(2, "/stop"))
    guest.talking.talk.heard(key(1), Transcript("Который час?"))
    guest.talking.talk.not_heard(key(1), AudioSilent("no words"))
    guest.write()
    assert guest.hands.asked == []
    assert len(guest.hands.said) == 1


def test_a_recording_heard_twice_is_asked_once() -> None:
    guest = room()
    guest.say(recording(1))
    guest.talking.talk.heard(key(1), Transcript("Который час?"))
    guest.talking.talk.heard(key(1), Transcript("Который час?"))
    assert len(guest.hands.asked) == 1


def test_a_recording_in_an_outage_is_heard_and_joins_the_turn() -> None:
    guest = room()
    guest.say(message(1, "one"))
    guest.fail()
    guest.say(recording(2))
    guest.talking.talk.heard(key(2), Transcript("two"))
    guest.answer("both")
    assert [content for _, content in guest.remembered()] == ["one", "two", "both"]


# What is shown meanwhile


def test_typing_shows_until_the_answer_is_there() -> None:
    guest = room()
    guest.say(message(1, "one"))
    assert guest.hands.timers["typing"] == 1.0
    guest.ring("typing")
    guest.ring("typing")
    assert guest.hands.courtesies == [("typing", 7), ("typing", 7)]
    guest.answer()
    assert "typing" not in guest.hands.timers


def test_typing_shows_again_when_the_llm_is_asked_again() -> None:
    guest = room()
    guest.say(message(1, "one"))
    guest.fail()
    guest.ring("typing")
    assert guest.hands.courtesies == []
    guest.ring("retry")
    guest.ring("typing")
    assert guest.hands.courtesies == [("typing", 7)]


def test_a_partial_answer_is_a_draft_in_private_alone() -> None:
    guest = room()
    guest.say(message(1, "one"))
    guest.talking.talk.partial(guest.question.request_id, "Ve")
    guest.talking.talk.partial("another", "Ve")
    assert guest.hands.courtesies == [("draft", 7, 1, "Ve")]
    guest.answer()
    guest.say(group_message(2, "two"))
    guest.talking.talk.partial(guest.question.request_id, "Ve")
    assert len(guest.hands.courtesies) == 1


def test_timers_of_no_turn_ring_in_vain() -> None:
    guest = room()
    guest.talking.talk.tick("typing")
    guest.talking.talk.tick("retry")
    assert (guest.hands.asked, guest.hands.courtesies) == ([], [])


# Answers that are none


def test_an_overlong_prompt_is_asked_once_more_with_less() -> None:
    guest = Room(keep_events=40, event_cap=60)
    guest.knows(events=30)
    guest.read()
    guest.say(message(1, "one"))
    before = guest.hands.emitted(PromptComposed)[-1].tokens
    guest.fail(ModelContextOverflow("too long"))
    assert guest.hands.emitted(PromptComposed)[-1].tokens < before
    assert len(guest.questions) == 2
    guest.fail(ModelContextOverflow("still too long"))
    assert is_phrase(guest.hands.said[0], "model_nonsense")
    assert guest.talking.idle


def test_nonsense_ends_the_turn_with_an_apology() -> None:
    guest = room()
    guest.say(message(1, "one"))
    guest.fail(ModelInvalid("not JSON"))
    assert is_phrase(guest.hands.said[0], "model_nonsense")
    guest.all_sent()
    assert guest.state(1) == "sent"
    assert guest.hands.emitted(RequestFinished)[0].error == "ModelInvalid"


def test_an_answer_in_which_nothing_is_said_is_nonsense() -> None:
    guest = room()
    guest.say(message(1, "one"))
    guest.answer("  \n ")
    assert is_phrase(guest.hands.said[0], "model_nonsense")


def test_a_slow_llm_is_asked_three_times_and_then_excused() -> None:
    guest = room()
    guest.say(message(1, "one"))
    for _ in range(2):
        guest.fail(ModelTimeout("late"))
        guest.ring("retry")
    guest.fail(ModelTimeout("late"))
    assert len(guest.hands.asked) == 3
    assert is_phrase(guest.hands.said[-1], "model_slow")
    assert guest.talking.idle


def test_the_pauses_of_an_outage_grow_and_heed_what_the_server_asks() -> None:
    guest = room()
    guest.say(message(1, "one"))
    errors: list[ModelError] = [ModelOverloaded("busy")] * 7
    pauses = []
    for error in errors:
        guest.fail(error)
        pauses.append(guest.hands.timers["retry"] - guest.time.monotonic())
        guest.ring("retry")
    assert pauses == [*RETRY_SECONDS, RETRY_SECONDS[-1]]
    guest.fail(ModelOverloaded("busy", 99.0))
    assert guest.hands.timers["retry"] == 99.0


def test_an_answer_to_an_earlier_question_is_ignored() -> None:
    guest = room()
    guest.say(message(1, "one"))
    earlier = guest.question.request_id
    guest.fail()
    guest.ring("retry")
    guest.talking.talk.completed(earlier, Completion("stale"))
    guest.talking.talk.failed(earlier, ModelInvalid("stale"))
    guest.answer("fresh")
    assert guest.hands.said[-1] == "fresh"


def test_a_message_over_the_limit_is_cut_and_the_guest_is_told() -> None:
    guest = room()
    for number in range(1, 9):
        guest.say(message(number, "слово " * 600))
    guest.answer()
    guest.answer("answer")
    assert any(text in guest.hands.said[-1] for text in PHRASES["message_cut"]["ru"])


# What the prompt is made of


def test_tokens_are_learned_from_what_the_server_says() -> None:
    guest = room()
    guest.say(message(1, "Добрый вечер"))
    before = guest.rules.meter.tokens
    guest.answer(tokens=0)
    assert guest.rules.meter.tokens == before
    guest.say(message(2, "Добрый вечер"))
    guest.answer(tokens=400)
    assert guest.rules.meter.tokens != before


def test_a_plain_assistant_is_asked_without_persona() -> None:
    guest, plain = room(), room(personalization=False)
    for each in (guest, plain):
        each.say(message(1, "one"))
    assert guest.prompt() != plain.prompt()


def test_what_was_covered_is_recalled_when_the_message_is_about_it() -> None:
    guest = Room()
    guest.knows(events=4, memory_summary="О чае.")
    guest.store.known["7"] = guest.store.known["7"].revised(guest.time.now(), covered_seq=2)
    for event in list(guest.store.events.values()):
        if event.seq <= 2:
            guest.store.archived[event.event_id] = guest.store.events.pop(event.event_id)
    guest.read()
    guest.say(message(1, "Что там про чай?"))
    assert "номер 1" in guest.prompt()
    assert "О чае." in guest.prompt()

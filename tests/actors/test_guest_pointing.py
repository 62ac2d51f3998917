"""A reply waits a moment to know where its question points, and never longer."""

from __future__ import annotations

from actors.guest.archive import Archive
from actors.guest.talk import POINTED, POINTED_SECONDS
from butler.domain.recall.vectors import packed
from tests.actors.guest_room import Room
from tests.actors.test_guest_archive import said
from tests.support.fakes import message


def room(*, embeddings: bool = True) -> Room:
    made = Room(embeddings=embeddings)
    made.knows(events=4, covered_seq=2)
    made.read()
    made.ledger.archive = Archive([said(1, "Рекс грызёт тапки"), said(2, "погода дрянь")])
    made.ledger.archive.load_vectors({1: packed([1, 0]), 2: packed([0, 1])})
    return made


def test_the_vector_of_the_question_brings_back_what_was_meant() -> None:
    made = room()
    made.say(message(9, "как моя собака?"))
    assert made.questions == []
    ((request_id, text),) = made.hands.embedding
    assert text == "как моя собака?"
    made.talking.talk.embedded(request_id, packed([1, 0]))
    assert "Рекс" in made.prompt()
    assert POINTED not in made.hands.timers


def test_without_a_vector_in_time_words_have_to_do() -> None:
    made = room()
    made.say(message(9, "как моя собака?"))
    assert made.hands.timers[POINTED] == made.time.monotonic() + POINTED_SECONDS
    made.talking.talk.tick(POINTED)
    assert "Рекс" not in made.prompt()
    made.talking.talk.embedded(made.hands.embedding[0][0], packed([1, 0]))
    assert len(made.questions) == 1


def test_the_answer_to_an_earlier_question_is_not_taken() -> None:
    made = room()
    made.say(message(9, "как моя собака?"))
    made.talking.talk.embedded("another", packed([1, 0]))
    assert made.questions == []


def test_nothing_is_asked_where_no_model_is_named_or_nothing_is_archived() -> None:
    made = room(embeddings=False)
    made.say(message(9, "как моя собака?"))
    assert made.hands.embedding == []
    assert len(made.questions) == 1
    stranger = Room(embeddings=True)
    stranger.read()
    stranger.say(message(9, "привет"))
    assert stranger.hands.embedding == []
    assert len(stranger.questions) == 1


def test_a_second_try_asks_the_llm_at_once() -> None:
    made = room()
    made.say(message(9, "как моя собака?"))
    made.talking.talk.embedded(made.hands.embedding[0][0], packed([1, 0]))
    made.fail()
    made.talking.talk.tick("retry")
    assert len(made.questions) == 2
    assert len(made.hands.embedding) == 1

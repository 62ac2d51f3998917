"""A guest's actor has vectors made of what is archived: of each event once, anew after a read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from actors import messages as m
from actors.journal import Journal
from actors.reader import Reader
from actors.user import UserActor
from butler.domain.recall.vectors import packed
from butler.domain.understanding import understand
from butler.domain.writes import Accept, EventVector, KeepVectors
from tests.actors.guest_room import Room, rules
from tests.actors.staging import Stage, stage
from tests.actors.test_guest_archive import said
from tests.actors.test_user_actor import GUEST, Guesting
from tests.support.fakes import BOT, FakeStore, item, message


@pytest.fixture
def guesting() -> Iterator[Guesting]:
    with stage() as made:
        store = FakeStore()
        Room(store).knows(events=3, covered_seq=3)
        for seq in (1, 2, 3):
            store.archived[said(seq).event_id] = said(
                seq, "Рекс грызёт тапки" if seq == 1 else "чай"
            )
        store.commit([KeepVectors("7", "small", (EventVector("1:2:user", 2, packed([0, 1])),))])
        guest = Guesting(made, store)
        start(made, guest)
        yield guest


def start(made: Stage, guest: Guesting) -> None:
    common = (made.directory, made.telemetry)
    user = UserActor.on(made.pool, "7", rules(embeddings=True), *common, made.time, guest.attempts)
    made.start(
        (m.JOURNAL, Journal.on(made.io, guest.store, *common)),
        (m.READER, Reader.on(made.io, guest.store, made.directory, "small")),
        m.SENDER,
        m.LLM,
        m.EMBEDDINGS,
        m.QUESTIONS,
        (GUEST, user),
        m.ROUTER,
    )


def say(guesting: Guesting, number: int, text: str) -> None:
    accepted = item(message(number, text), at=guesting.stage.time.now())
    guesting.store.commit([Accept((accepted,))])
    incoming = understand(accepted.payload, "alfred_bot", BOT)
    guesting.stage.tell(GUEST, m.Arrived(accepted, incoming))


def test_what_has_no_vector_yet_is_asked_for_once(guesting: Guesting) -> None:
    say(guesting, 1, "привет")
    wanted = guesting.stage.told[m.EMBEDDINGS].wait(m.EmbedEvents)
    assert [event.seq for event in wanted.events] == [1, 3]
    assert wanted.anew
    asked = guesting.stage.told[m.QUESTIONS].wait(m.EmbedQuestion)
    guesting.stage.tell(GUEST, m.Embedded(asked.request_id, b""))
    guesting.answer("Здравствуйте")
    guesting.delivered()
    assert len(guesting.stage.told[m.EMBEDDINGS].of(m.EmbedEvents)) == 1


def test_vectors_made_meanwhile_serve_the_next_question(guesting: Guesting) -> None:
    say(guesting, 1, "как моя собака?")
    guesting.stage.told[m.EMBEDDINGS].wait(m.EmbedEvents)
    asked = guesting.stage.told[m.QUESTIONS].wait(m.EmbedQuestion)
    assert asked.text == "как моя собака?"
    vector = EventVector("1:1:user", 1, packed([1, 0]))
    guesting.stage.tell(GUEST, m.VectorsMade((vector,)))
    guesting.stage.tell(GUEST, m.Embedded(asked.request_id, packed([1, 0])))
    assert "Рекс" in str(guesting.prompt())

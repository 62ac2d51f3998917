"""A long archive is read in slices: complete, as it was covered, and nobody waits for all of it."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import pytest

from actors import messages as m
from actors import reader
from actors.reader import SLICE, Reader
from butler.domain.recall.vectors import packed
from butler.domain.writes import EventVector, KeepVectors
from butler.errors import StoreUnavailable
from tests.actors.guest_room import Room
from tests.actors.staging import Stage, stage
from tests.actors.test_guest_archive import said
from tests.support.fakes import FakeStore
from tests.support.waiting import eventually

LONG = 2 * SLICE + 500


@attrs.define
class Reading:
    stage: Stage
    store: FakeStore

    def ask(self, user_id: str = "7") -> None:
        self.stage.tell(m.READER, m.ReadGuest(user_id, "asker", True, False, token=user_id))

    def answers(self, count: int) -> list[m.GuestRead]:
        self.stage.told["asker"].wait(m.GuestRead, count=count)
        return self.stage.told["asker"].of(m.GuestRead)


@pytest.fixture
def reading() -> Iterator[Reading]:
    with stage() as made:
        store = FakeStore()
        Room(store).knows(covered_seq=LONG, language="ru")
        for seq in range(1, LONG + 101):
            event = said(seq, f"слово{seq}")
            store.archived[event.event_id] = event
        made.start("asker", (m.READER, Reader.on(made.io, store, made.directory, "small")))
        yield Reading(made, store)


def test_all_that_the_profile_knows_to_be_covered_is_read(reading: Reading) -> None:
    reading.ask()
    (answer,) = reading.answers(1)
    assert answer.archive is not None
    assert len(answer.archive) == LONG
    now = reading.stage.time.now()
    assert [e.seq for e in answer.archive.search(f"слово{LONG}", now, 9)][:1] == [LONG]


def test_others_are_read_between_the_slices(reading: Reading) -> None:
    reading.ask()
    reading.ask("8")
    assert [answer.token for answer in reading.answers(2)] == ["8", "7"]


def test_only_the_newest_are_kept_at_hand(
    reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "RECALLED_EVENTS", 10)
    reading.ask()
    (answer,) = reading.answers(1)
    assert answer.archive is not None
    assert len(answer.archive) == 10


def test_stored_vectors_come_with_the_archive(reading: Reading) -> None:
    vector = EventVector(said(3).event_id, 3, packed([1, 0]))
    reading.store.commit([KeepVectors("7", "small", (vector,))])
    reading.ask()
    (answer,) = reading.answers(1)
    assert answer.archive is not None
    now = reading.stage.time.now()
    assert answer.archive.search("ничего", now, 9, packed([1, 0]))[0].seq == 3


def test_a_store_that_goes_away_halfway_is_asked_again_from_the_start(reading: Reading) -> None:
    whole = reading.store.archive

    class Breaking:
        times = 0

        def __call__(self, user_id: str, after_seq: int = 0) -> Iterator[object]:
            self.times += 1
            for number, event in enumerate(whole(user_id, after_seq)):
                if self.times == 1 and number > SLICE:
                    raise StoreUnavailable("away")
                yield event

    reading.store.archive = Breaking()  # type: ignore[method-assign,assignment]  # goes away halfway
    reading.ask()

    def look() -> bool:
        reading.stage.time.advance(1.0)
        return bool(reading.stage.told["asker"].of(m.GuestRead))

    eventually("an answer", look)
    (answer,) = reading.answers(1)
    assert answer.archive is not None
    assert len(answer.archive) == LONG

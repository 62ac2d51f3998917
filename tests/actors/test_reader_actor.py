"""Reads: answered when the store can, and no guest's data fails the others."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from actors import messages as m
from actors.reader import Reader
from butler.domain.writes import Accept
from butler.errors import StoreRefused
from tests.actors.guest_room import Room, key
from tests.actors.staging import Stage, stage
from tests.support.fakes import FakeStore, item, message
from tests.support.waiting import eventually


@pytest.fixture
def set_up() -> Iterator[tuple[Stage, FakeStore]]:
    with stage() as made:
        store = FakeStore()
        made.start("asker", (m.READER, Reader.on(made.io, store, made.directory)))
        yield made, store


def read(*, recover: bool = False, personal: bool = True) -> m.ReadGuest:
    return m.ReadGuest("7", "asker", personal, recover, token=3)


def test_a_guest_is_read_with_window_archive_and_what_is_unsettled(
    set_up: tuple[Stage, FakeStore],
) -> None:
    made, store = set_up
    room = Room(store)
    room.knows(events=4, covered_seq=2)
    for event_id in list(store.events)[:2]:
        store.archived[event_id] = store.events.pop(event_id)
    store.commit([Accept((item(message(1, "hi")),))])
    made.tell(m.READER, read(recover=True))
    answer = made.told["asker"].wait(m.GuestRead)
    assert answer.guest is not None
    assert [event.seq for event in answer.guest.window] == [3, 4]
    assert [each.key for each in answer.unsettled] == [key(1)]
    assert answer.archive is not None
    assert len(answer.archive.search("чай", room.time.now(), 500)) == 2
    assert answer.token == 3


def test_what_need_not_be_read_is_not_read(set_up: tuple[Stage, FakeStore]) -> None:
    made, store = set_up
    Room(store).knows(events=4)
    store.commit([Accept((item(message(1, "hi")),))])
    made.tell(m.READER, read(personal=False))
    assert made.told["asker"].wait(m.GuestRead) == m.GuestRead(None, (), None, token=3)


def test_unsettled_items_come_in_pages(set_up: tuple[Stage, FakeStore]) -> None:
    made, store = set_up
    store.commit([Accept(tuple(item(message(n, "hi")) for n in (1, 2, 3)))])
    made.tell(m.READER, m.ReadUnsettled("asker", None, 2, "life"))
    page = made.told["asker"].wait(m.UnsettledRead)
    assert ([each.key for each in page.items], page.last, page.token) == (
        [key(1), key(2)],
        False,
        "life",
    )
    made.tell(m.READER, m.ReadUnsettled("asker", key(2), 2))
    assert made.told["asker"].wait(m.UnsettledRead, count=2).last


def later(made: Stage, kind: type[object]) -> None:
    """Returns once the asker was told, while time goes by."""

    def look() -> bool:
        made.time.advance(1.0)
        return bool(made.told["asker"].of(kind))

    eventually(f"a {kind.__name__}", look)


def test_a_store_that_is_away_is_asked_again(set_up: tuple[Stage, FakeStore]) -> None:
    made, store = set_up
    store.down = True
    made.tell(m.READER, read())
    made.tell(m.READER, m.ReadUnsettled("asker", None, 2))
    store.refused.wait(str, count=2)
    store.down = False
    later(made, m.GuestRead)
    later(made, m.UnsettledRead)
    assert made.failures() == []


def test_a_store_that_refuses_now_may_answer_later() -> None:
    class Refusing(FakeStore):
        refusals = 1

        def _check(self) -> None:
            if self.refusals:
                self.refusals -= 1
                raise StoreRefused("password changed")

    with stage() as made:
        made.start("asker", (m.READER, Reader.on(made.io, Refusing(), made.directory)))
        made.tell(m.READER, read())
        later(made, m.GuestRead)
        assert made.failures() == []


def test_a_guest_whose_data_makes_no_sense_fails_alone(set_up: tuple[Stage, FakeStore]) -> None:
    made, store = set_up
    store.broken.add("7")
    made.tell(m.READER, read())
    failed = made.told["asker"].wait(m.ReadFailed)
    assert (type(failed.error), failed.token, failed.unsettled) == (KeyError, 3, ())
    assert made.failures() == []


def test_a_guest_who_has_left_meanwhile_is_not_missed(set_up: tuple[Stage, FakeStore]) -> None:
    made, _ = set_up
    made.tell(m.READER, m.ReadGuest("7", "nobody", True, False))
    made.tell(m.READER, read())
    made.told["asker"].wait(m.GuestRead)

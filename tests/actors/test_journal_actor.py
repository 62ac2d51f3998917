"""The journal: in order, together, and nobody fails for another."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from actors import messages as m
from actors.journal import BATCH, CALM_SECONDS, LET_BY, Journal
from butler.domain.writes import Accept, NoteTranscript, Settle, Write
from butler.errors import StoreFull, StoreUnavailable
from butler.telemetry import DependencyChanged, StoreCommitted, StoreFailed
from tests.actors.guest_room import key
from tests.actors.staging import FullDirectory, Stage, stage
from tests.runtime import parts
from tests.runtime.parts import Scripted, dispatcher
from tests.support.fakes import START, FakeStore, item, message


class GatedStore(FakeStore):
    """Commits only while `open` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.open = threading.Event()
        self.open.set()
        self.entered = threading.Event()

    def commit(self, writes: Any) -> Any:
        self.entered.set()
        assert self.open.wait(20)
        return super().commit(writes)


@pytest.fixture
def set_up() -> Iterator[tuple[Stage, GatedStore]]:
    with stage() as made:
        store = GatedStore()
        made.directory = FullDirectory()
        journal = Journal.on(made.io, store, made.directory, made.telemetry)
        made.start("asker", "other", (m.JOURNAL, journal))
        yield made, store


def accept(number: int) -> Accept:
    return Accept((item(message(number, "hi")),))


def ask(made: Stage, number: int, to: str = "asker") -> None:
    made.tell(m.JOURNAL, m.Commit(accept(number), to, number))


def at_leisure(made: Stage, number: int) -> None:
    made.tell(m.JOURNAL, m.Commit(accept(number), "asker", number, unhurried=True))
    made.flush(m.JOURNAL)


def tags(made: Stage, to: str = "asker") -> list[Any]:
    return [each.tag for each in made.told[to].of(m.Committed)]


def test_a_write_is_answered_once_it_is_durable(set_up: tuple[Stage, GatedStore]) -> None:
    made, store = set_up
    ask(made, 1)
    answer = made.told["asker"].wait(m.Committed)
    assert (answer.tag, store.item(key(1)).state) == (1, "received")
    assert made.events.wait(StoreCommitted).writes == 1


def test_what_gathers_during_a_commit_goes_together_and_in_order(
    set_up: tuple[Stage, GatedStore],
) -> None:
    made, store = set_up
    store.open.clear()
    ask(made, 0)
    assert store.entered.wait(20)
    for number in range(1, BATCH + 20):
        ask(made, number)
    store.open.set()
    made.told["asker"].wait(m.Committed, count=BATCH + 20)
    assert tags(made) == list(range(BATCH + 20))
    assert [len(batch) for batch in store.batches] == [1, BATCH, 19]


def test_a_barrier_is_passed_on_only_after_the_writes_before_it(
    set_up: tuple[Stage, GatedStore],
) -> None:
    made, store = set_up
    store.open.clear()
    ask(made, 1)
    made.tell(m.JOURNAL, m.Barrier("asker", "now"))
    made.tell(m.JOURNAL, m.Barrier("nobody", "lost"))
    assert store.entered.wait(20)
    assert made.told["asker"].of(str) == []
    store.open.set()
    made.told["asker"].wait(str)
    assert tags(made) == [1]


def test_what_is_unhurried_waits_for_a_calm_moment(set_up: tuple[Stage, GatedStore]) -> None:
    made, store = set_up
    at_leisure(made, 1)
    ask(made, 2)
    made.told["asker"].wait(m.Committed)
    made.time.advance(CALM_SECONDS)  # somebody has come meanwhile: another moment
    made.flush(m.JOURNAL)
    assert tags(made) == [2]
    made.time.advance(CALM_SECONDS)
    made.told["asker"].wait(m.Committed, count=2)
    assert tags(made) == [2, 1]
    assert [len(batch) for batch in store.batches] == [1, 1]


def test_where_somebody_comes_as_the_moment_ends_another_is_waited_for() -> None:
    with stage() as made, dispatcher("io", 1, clock=made.time.manual, blocking=True) as io:
        journal = Journal.on(io, FakeStore(), made.directory, made.telemetry)
        made.start("asker", (m.JOURNAL, journal), ("other", Scripted.on(io, parts.Journal())))
        at_leisure(made, 1)
        gate = parts.Gate()
        made.tell("other", lambda _: gate.stand())
        gate.wait()
        made.time.advance(CALM_SECONDS)
        ask(made, 2)
        gate.open()
        made.told["asker"].wait(m.Committed)
        made.flush(m.JOURNAL)
        assert tags(made) == [2]
        made.time.advance(CALM_SECONDS)
        made.told["asker"].wait(m.Committed, count=2)
        made.stop()


def test_what_is_unhurried_goes_at_last_though_others_keep_coming(
    set_up: tuple[Stage, GatedStore],
) -> None:
    made, store = set_up
    at_leisure(made, 0)
    for number in range(1, LET_BY + 2):
        ask(made, number)
        made.told["asker"].wait(m.Committed, count=number)
    made.told["asker"].wait(m.Committed, count=LET_BY + 2)
    assert tags(made)[-2:] == [0, LET_BY + 1]
    assert len(store.batches[-1]) == 2


def test_what_is_unhurried_goes_at_once_when_somebody_waits_for_it(
    set_up: tuple[Stage, GatedStore],
) -> None:
    made, _ = set_up
    at_leisure(made, 1)
    made.tell(m.JOURNAL, m.Hurry())
    made.told["asker"].wait(m.Committed)
    at_leisure(made, 2)
    made.tell(m.JOURNAL, m.Barrier("asker", "now"))
    made.told["asker"].wait(str)
    assert tags(made) == [1, 2]


def test_what_is_unhurried_is_written_before_the_end(set_up: tuple[Stage, GatedStore]) -> None:
    made, store = set_up
    at_leisure(made, 1)
    made.stop()
    assert store.item(key(1)).state == "received"


def test_while_the_store_is_away_writes_wait_and_then_go_in_order(
    set_up: tuple[Stage, GatedStore],
) -> None:
    made, store = set_up
    store.down = True
    ask(made, 1)
    made.events.wait(StoreFailed)
    ask(made, 2)
    for count in range(2, 5):
        made.time.advance(2.0)
        made.events.wait(StoreFailed, count=count)
    assert tags(made) == []
    store.down = False
    made.time.advance(2.0)
    made.told["asker"].wait(m.Committed, count=2)
    assert tags(made) == [1, 2]
    ups = [event.up for event in made.events.of(DependencyChanged)]
    assert ups == [False, True]
    assert "StoreUnavailable" in made.events.of(DependencyChanged)[0].detail


def test_a_batch_that_was_written_before_the_store_went_away_is_repeated_harmlessly(
    set_up: tuple[Stage, GatedStore],
) -> None:
    made, store = set_up
    store.down_after_next = True
    ask(made, 1)
    made.events.wait(StoreFailed)
    store.down = False
    made.time.advance(0.1)
    answer = made.told["asker"].wait(m.Committed)
    assert answer.tag == 1
    assert len(store.items) == 1


def test_a_write_that_no_store_can_take_is_told_and_holds_up_nobody(
    set_up: tuple[Stage, GatedStore],
) -> None:
    made, store = set_up

    def spoilt(write: Write) -> bool:
        return isinstance(write, Accept) and write.items[0].key == key(2)

    store.spoilt = spoilt
    store.open.clear()
    for number in (0, 1, 2, 3):
        ask(made, number)
    store.open.set()
    made.told["asker"].wait(m.Committed, count=3)
    assert tags(made) == [0, 1, 3]
    failed = made.told["asker"].wait(m.CommitFailed)
    assert (failed.tag, type(failed.error)) == (2, ValueError)
    assert made.failures() == []


def test_an_asker_who_is_gone_or_full_does_not_fail_the_journal(
    set_up: tuple[Stage, GatedStore],
) -> None:
    made, _ = set_up
    assert isinstance(made.directory, FullDirectory)
    made.directory.full.add("other")
    made.tell(m.JOURNAL, m.Commit(accept(1), "other", 1))
    made.tell(m.JOURNAL, m.Commit(accept(2), "nobody", 2))
    made.tell(m.JOURNAL, m.Commit(accept(3)))
    ask(made, 4)
    made.told["asker"].wait(m.Committed)
    assert made.failures() == []


def test_what_was_told_before_the_end_is_written() -> None:
    with stage() as made:
        store = GatedStore()
        store.open.clear()
        journal = Journal.on(made.io, store, made.directory, made.telemetry)
        made.start((m.JOURNAL, journal))
        made.tell(m.JOURNAL, m.Commit(accept(1)))
        assert store.entered.wait(20)
        for number in range(2, 1500):
            made.tell(m.JOURNAL, m.Commit(NoteTranscript(key(1), str(number))))
        made.tell(m.JOURNAL, m.Commit(Settle((key(1),), "ignored", START)))
        stopping = threading.Thread(target=made.stop)
        stopping.start()
        # The drain has its own clock: it must not matter how slow the store was.
        made.time.advance(3.0)
        store.open.set()
        stopping.join(20)
        assert store.item(key(1)).state == "ignored"


def test_a_store_that_is_away_at_the_end_is_asked_once_more_and_not_waited_for() -> None:
    with stage() as made:
        store = FakeStore()
        store.down = True
        journal = Journal.on(made.io, store, made.directory, made.telemetry)
        made.start((m.JOURNAL, journal))
        made.tell(m.JOURNAL, m.Commit(accept(1)))
        made.events.wait(StoreFailed)
        made.stop()
        assert store.items == {}


@pytest.mark.parametrize("error", [StoreUnavailable("away"), StoreFull("disk")])
def test_every_kind_of_absence_is_waited_out(error: Exception) -> None:
    with stage() as made:
        store = FakeStore()
        errors = [error]

        def fails(_: Write) -> bool:
            if errors:
                raise errors.pop()
            return False

        store.spoilt = fails
        made.start("asker", (m.JOURNAL, Journal.on(made.io, store, made.directory, made.telemetry)))
        ask(made, 1)
        assert made.events.wait(StoreFailed).error == type(error).__name__
        made.time.advance(0.1)
        made.told["asker"].wait(m.Committed)

"""Writes of one guest: in order, one profile change at a time, built on what is there."""

from __future__ import annotations

from actors.guest.ledger import Ledger
from actors.messages import Committed
from butler.domain.event import Guest
from butler.domain.finding import of_all
from butler.domain.forgetting import without
from butler.domain.profile import new_profile
from butler.domain.writes import CommitCompaction, CommitTurn, Done, Fenced, Forget, SaveProfile
from tests.actors.guest_room import key, said
from tests.support.fakes import START, FakeHands


class Writing:
    """A ledger, and what it has been asked to do in which order."""

    def __init__(self) -> None:
        self.hands = FakeHands()
        self.ledger = Ledger(self.hands)
        self.done: list[str] = []

    def change(self, name: str) -> None:
        def build() -> SaveProfile:
            before = self.ledger.profile or new_profile("7", START)
            return SaveProfile(before.revised(START, name=name), before.revision)

        self.ledger.write(build, lambda: self.done.append(name))

    def answer(self, result: Done | Fenced | None = None) -> None:
        tag = self.hands.commits.popleft().tag
        committed = Committed(tag, result or Done())
        self.ledger.committed(committed.tag, committed.result)


def compacting() -> Writing:
    """Two of a guest's four events are being covered."""
    writing = Writing()
    profile = new_profile("7", START).revised(START, last_seq=4)
    writing.ledger.take(Guest(profile, tuple(map(said, range(1, 5)))))
    writing.ledger.write(lambda: CommitCompaction(profile.revised(START, covered_seq=2), 1))
    return writing


def test_nothing_is_built_before_the_guest_is_read() -> None:
    writing = Writing()
    writing.change("a")
    assert not writing.hands.commits
    writing.ledger.take(None)
    assert len(writing.hands.commits) == 1


def test_each_change_is_built_on_the_one_before() -> None:
    writing = Writing()
    writing.ledger.take(None)
    writing.change("a")
    writing.change("b")
    assert len(writing.hands.commits) == 1
    writing.answer()
    (second,) = writing.hands.take()
    assert isinstance(second, SaveProfile)
    assert (second.profile.name, second.expected) == ("b", 1)
    writing.answer()
    assert writing.done == ["a", "b"]
    assert not writing.ledger.busy


def test_a_fenced_write_is_built_again_from_what_is_there() -> None:
    writing = Writing()
    writing.ledger.take(None)
    writing.change("a")
    writing.answer(Fenced(5))
    assert (writing.hands.reads, writing.done, writing.ledger.loaded) == (1, [], False)
    newer = new_profile("7", START).revised(START, revision=5, tone="dry")
    writing.ledger.take(Guest(newer))
    (write,) = writing.hands.take()
    assert isinstance(write, SaveProfile)
    assert write.profile.tone == "dry"
    writing.answer()
    assert writing.done == ["a"]


def test_a_write_that_finds_nothing_to_do_lets_the_next_go() -> None:
    writing = Writing()
    writing.ledger.take(None)
    writing.ledger.write(lambda: None, lambda: writing.done.append("never"))
    assert not writing.ledger.busy
    writing.change("a")
    writing.ledger.write(lambda: None, lambda: writing.done.append("never"))
    writing.change("b")
    writing.answer()
    writing.answer()
    assert writing.done == ["a", "b"]
    assert not writing.ledger.busy


def test_other_writes_do_not_wait_for_the_profile() -> None:
    writing = Writing()
    writing.ledger.post(CommitTurn((key(1),), (), START), lambda: writing.done.append("sent"))
    assert writing.ledger.busy
    writing.answer()
    assert writing.done == ["sent"]
    assert not writing.ledger.busy


def test_an_answer_to_nobodys_write_means_nothing() -> None:
    writing = Writing()
    writing.ledger.take(None)
    writing.change("a")
    writing.ledger.committed(99, Done())
    assert writing.done == []


def test_covered_events_leave_the_window_for_the_archive() -> None:
    writing = compacting()
    writing.answer()
    assert [event.seq for event in writing.ledger.window] == [3, 4]
    assert {e.seq for e in writing.ledger.archive.search("чай", START, 500)} == {1, 2}


def test_who_stands_behind_a_compaction_hurries_it() -> None:
    writing = compacting()
    assert writing.hands.hurried == 0
    writing.change("a")
    assert writing.hands.hurried == 1
    writing.answer()
    writing.change("b")
    assert writing.hands.hurried == 1


def test_doubt_during_a_write_asks_the_store_after_it() -> None:
    writing = Writing()
    writing.ledger.take(None)
    writing.change("a")
    assert not writing.ledger.doubt()
    writing.change("b")
    writing.answer()
    assert (writing.done, writing.hands.reads) == (["a"], 1)
    assert not writing.hands.commits
    writing.ledger.confirm()
    (second,) = writing.hands.take()
    assert isinstance(second, SaveProfile)
    assert second.profile.name == "b"


def test_doubt_hurries_a_compaction() -> None:
    writing = compacting()
    assert not writing.ledger.doubt()
    assert writing.hands.hurried == 1
    writing.answer(Fenced(stored_revision=2))
    assert (writing.ledger.loaded, writing.hands.reads) == (False, 1)


def test_after_forgetting_one_reading_is_enough() -> None:
    writing = Writing()
    profile = new_profile("7", START).revised(START, last_seq=4)
    writing.ledger.take(Guest(profile, ()))
    found = of_all(profile, ())
    after = without(profile, (), found, START)
    writing.ledger.write(lambda: Forget(after, 1, found.seqs, found.matter))
    assert not writing.ledger.doubt()
    writing.answer()
    assert (writing.ledger.loaded, writing.hands.reads) == (False, 1)

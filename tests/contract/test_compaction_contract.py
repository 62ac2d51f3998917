"""Compactions and turns beside readers: what a reader sees is whole at every moment."""

from __future__ import annotations

import itertools
import threading
from typing import Any

import attrs
import pytest

from butler.domain.profile import Profile, new_profile
from butler.domain.writes import CommitCompaction, CommitTurn, Done, Fenced
from tests.storage.builders import NOW, event, later
from tests.storage.servers import Stores

ROUNDS = 12
_numbers = itertools.count(900_001)


@attrs.define
class Scribe:
    """Writes a guest's turns and compactions, one after the other."""

    store: Any
    user: str
    profile: Profile

    def turn(self) -> None:
        seq = self.profile.last_seq
        number = int(self.user) * 1000 + seq
        events = (
            event(number, seq + 1, "user", self.user),
            event(number, seq + 2, "assistant", self.user),
        )
        after = self.profile.revised(later(seq), last_seq=seq + 2)
        self._commit(CommitTurn((), (), NOW, events, after, self.profile.revision))
        self.profile = after

    def compact(self, to: int) -> None:
        after = self.profile.revised(later(to), covered_seq=to, memory_summary=f"up to {to}")
        self._commit(CommitCompaction(after, self.profile.revision))
        self.profile = after

    def _commit(self, write: CommitTurn | CommitCompaction) -> None:
        assert self.store.commit([write]) == [Done()]


@pytest.fixture
def scribe(stores: Stores) -> Scribe:
    user = str(next(_numbers))
    return Scribe(stores.open(), user, new_profile(user, NOW))


def whole(store: Any, user: str) -> bool:
    """Whether a reader sees summary and window that fit each other; raises where they do not."""
    guest = store.guest(user)
    if guest is None:
        return False
    profile, seqs = guest.profile, [each.seq for each in guest.window]
    assert seqs == list(range(profile.covered_seq + 1, profile.last_seq + 1))
    summary = f"up to {profile.covered_seq}" if profile.covered_seq else ""
    assert profile.memory_summary == summary
    return True


def test_a_reader_beside_sees_the_summary_and_what_it_does_not_cover(
    stores: Stores, scribe: Scribe
) -> None:
    wrong: list[BaseException] = []
    looks, done = [0], threading.Event()

    def read() -> None:
        try:
            while not done.is_set():
                looks[0] += whole(scribe.store, scribe.user)
        except BaseException as error:  # noqa: BLE001  # handed to the test's own thread
            wrong.append(error)

    reader = threading.Thread(target=read)
    if stores.kind != "mongomock":  # whose collections can't be read while they are written
        reader.start()
    for number in range(1, ROUNDS + 1):
        for _ in range(3):
            scribe.turn()
            looks[0] += whole(scribe.store, scribe.user)
        scribe.compact(6 * number - 2)
        looks[0] += whole(scribe.store, scribe.user)
    done.set()
    if reader.ident is not None:
        reader.join()
    assert wrong == []
    assert looks[0] > 0
    covered = 6 * ROUNDS - 2
    archived = [each.seq for each in scribe.store.archive(scribe.user)]
    assert archived == list(range(1, covered + 1))


def test_what_is_covered_is_not_covered_again_by_a_writer_that_is_behind(scribe: Scribe) -> None:
    for _ in range(3):
        scribe.turn()
    behind = scribe.profile
    scribe.compact(4)
    again = behind.revised(later(9), covered_seq=4, memory_summary="another")
    (result,) = scribe.store.commit([CommitCompaction(again, behind.revision)])
    assert isinstance(result, Fenced)
    assert whole(scribe.store, scribe.user)
    assert [each.seq for each in scribe.store.archive(scribe.user)] == [1, 2, 3, 4]

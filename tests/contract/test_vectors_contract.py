"""What every store does with vectors: they live and go with the archived events they are of."""

from __future__ import annotations

from typing import Any

from butler.domain.matter import Matter
from butler.domain.writes import (
    CommitCompaction,
    Done,
    EraseGuest,
    EventVector,
    Forget,
    KeepVectors,
    Sweep,
)
from tests.contract.test_guests_contract import converse, covered
from tests.storage.builders import NOW, forgetting_all, later


def vectors(store: Any, user_id: str = "7", model: str = "small") -> dict[int, bytes]:
    return dict(store.vectors(user_id, model))


def archive(store: Any, user_id: str = "7", first_update: int = 1) -> list[Any]:
    now = converse(store, 3, user_id, first_update)
    assert store.commit([covered(now, to=4)]) == [Done()]
    return list(store.archive(user_id))


def kept(store: Any, events: list[Any], user_id: str = "7", model: str = "small") -> None:
    made = tuple(EventVector(event.event_id, event.seq, bytes([event.seq, 0])) for event in events)
    assert store.commit([KeepVectors(user_id, model, made)]) == [Done()]


def test_vectors_are_kept_beside_archived_events_alone(store: Any) -> None:
    events = archive(store)
    window = list(store.guest("7").window)
    kept(store, [*events, *window])
    assert vectors(store) == {1: b"\1\0", 2: b"\2\0", 3: b"\3\0", 4: b"\4\0"}
    assert vectors(store, model="another") == {}
    assert vectors(store, "404") == {}


def test_a_vector_of_another_model_gives_way(store: Any) -> None:
    events = archive(store)
    kept(store, events)
    kept(store, events[:1], model="better")
    assert vectors(store, model="better") == {1: b"\1\0"}
    assert set(vectors(store)) == {2, 3, 4}


def test_nobody_keeps_vectors_for_anothers_events(store: Any) -> None:
    mine, theirs = archive(store), archive(store, "8", first_update=100)
    kept(store, theirs, user_id="7")
    kept(store, mine)
    assert set(vectors(store)) == {1, 2, 3, 4}
    assert vectors(store, "8") == {}


def test_who_is_erased_leaves_no_vectors_and_late_ones_are_not_kept(store: Any) -> None:
    events, others = archive(store), archive(store, "8", first_update=100)
    kept(store, events)
    kept(store, others, "8")
    store.commit([EraseGuest("7")])
    kept(store, events)
    assert vectors(store) == {}
    assert len(vectors(store, "8")) == 4


def test_forgotten_memory_leaves_no_vectors(store: Any) -> None:
    kept(store, archive(store))
    store.commit([forgetting_all(store.guest("7").profile)])
    assert vectors(store) == {}


def test_a_forgotten_event_takes_its_vector_along(store: Any) -> None:
    kept(store, archive(store))
    now = store.guest("7").profile
    write = Forget(now.revised(later(950)), now.revision, (2,), Matter())
    assert store.commit([write]) == [Done()]
    assert set(vectors(store)) == {1, 3, 4}


def test_retention_takes_vectors_with_their_events(store: Any) -> None:
    kept(store, archive(store))
    store.commit([Sweep(events_before=later(100_000), settled_before=NOW)])
    assert list(store.archive("7")) == []
    assert vectors(store) == {}


def test_further_compaction_leaves_vectors_alone(store: Any) -> None:
    kept(store, archive(store))
    now = store.guest("7").profile
    further = now.revised(later(950), covered_seq=6, memory_summary="More.")
    assert store.commit([CommitCompaction(further, now.revision)]) == [Done()]
    assert set(vectors(store)) == {1, 2, 3, 4}


def test_nothing_of_vectors_is_left_when_all_is_erased(store: Any) -> None:
    kept(store, archive(store))
    store.erase_all()
    assert vectors(store) == {}

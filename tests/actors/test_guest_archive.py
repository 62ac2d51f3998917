"""A guest's archive: whole events come back, and what is gone is gone."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from actors.guest.archive import Archive, PackedEvents
from butler.domain.event import Event, Role
from butler.domain.recall.vectors import packed
from butler.domain.writes import EventVector
from tests.support.fakes import START


def said(seq: int, text: str = "чай", role: Role = "user") -> Event:
    at = START + timedelta(hours=seq)
    return Event(f"1:{seq}:{role}", "7", seq, role, text, "text", seq, at)


texts = st.text(max_size=20) | st.just("\ud800 broken") | st.just("two\nlines")


@given(st.lists(texts, min_size=1, max_size=80), st.sets(st.integers(1, 80)), st.integers(0, 80))
def test_packed_events_come_back_as_they_were(
    contents: list[str], gone: set[int], wanted: int
) -> None:
    events = [said(seq, text) for seq, text in enumerate(contents, start=1)]
    held = PackedEvents()
    for event in events:
        held.add(event)
    held.remove(frozenset(gone))
    left = [event for event in events if event.seq not in gone]
    assert list(held) == left
    assert held.get([wanted]) == [event for event in left if event.seq == wanted]
    held.add(said(1_000))
    assert held.get([1_000]) == [said(1_000)]


def test_what_is_found_is_the_whole_event_best_first() -> None:
    archive = Archive([said(1, "рыжий кот"), said(9, "да", "assistant"), said(20, "кот и кот")])
    assert archive.search("кот", START, 500) == [said(20, "кот и кот"), said(1, "рыжий кот")]


def test_an_event_is_taken_in_once_and_a_blank_one_is_not_found() -> None:
    archive = Archive([said(1), said(2, "")])
    archive.add([said(1), said(2, ""), said(3)])
    assert len(archive) == 2
    assert archive.holds("1:3:user")
    assert not archive.holds("1:4:user")


def test_what_is_removed_is_held_nowhere() -> None:
    archive = Archive(said(seq, f"слово{seq}") for seq in range(1, 101))
    before = archive.nbytes
    archive.remove(range(1, 100))
    assert archive.search("слово50", START, 500) == []
    assert [e.seq for e in archive.search("слово100", START, 500)] == [100]
    assert archive.nbytes < before / 5


def test_a_hundred_messages_take_little() -> None:
    words = "мы вчера долго говорили о погоде и о том как варить какао"
    archive = Archive(said(seq, f"{words} {seq}") for seq in range(1, 161))
    assert archive.nbytes < 160 * 250


def test_events_are_looked_through_for_vectors_once() -> None:
    archive = Archive([said(1), said(2), said(3)])
    archive.load_vectors({2: packed([1, 0])})
    assert [event.seq for event in archive.take_unembedded()] == [1, 3]
    assert archive.take_unembedded() == ()
    archive.add([said(4)])
    assert archive.unembedded
    assert [event.seq for event in archive.take_unembedded()] == [4]


def test_a_vector_made_of_another_event_of_that_seq_is_not_taken() -> None:
    archive = Archive([said(1), said(2)])
    late = EventVector("1:99:user", 1, packed([1, 0]))
    archive.add_vectors([late, EventVector("1:2:user", 2, packed([1, 0])), of_nobody()])
    assert [event.seq for event in archive.take_unembedded()] == [1]


def of_nobody() -> EventVector:
    return EventVector("1:404:user", 404, packed([1, 0]))

"""Vectors as recall's second signal."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from butler.domain.recall import Recall, vectors
from butler.domain.recall.vectors import Vectors, packed

NOW = datetime(2026, 3, 4, tzinfo=UTC)
numbers = st.lists(st.floats(-100, 100, width=32), min_size=3, max_size=3)


def said(*texts: str) -> Recall:
    recall = Recall()
    for seq, text in enumerate(texts, start=1):
        recall.add(seq, "user", NOW + timedelta(days=seq), text)
    return recall


@given(numbers, numbers)
def test_nearness_is_the_cosine_as_good_as_bytes_can_hold_it(
    a: list[float], b: list[float]
) -> None:
    lengths = math.hypot(*a), math.hypot(*b)
    if min(lengths) < 1e-3:
        return
    held = Vectors()
    held.add({5: packed(a)})
    seqs, cosines = held.near(packed(b))
    assert seqs.tolist() == [5]
    dot = sum(x * y for x, y in zip(a, b, strict=True))
    assert cosines[0] == pytest.approx(dot / math.prod(lengths), abs=0.02)


def test_a_vector_without_direction_is_none() -> None:
    assert packed([0.0, 0.0]) == packed([math.nan, 1.0]) == packed([math.inf, 1.0]) == b""
    held = Vectors()
    held.add({1: b""})
    assert len(held) == 0


def test_of_another_dimension_nothing_is_near() -> None:
    held = Vectors()
    held.add({1: packed([1, 0]), 2: packed([1, 0, 0])})
    assert len(held) == 1
    assert held.near(packed([1, 0, 0]))[0].tolist() == []


def test_only_the_newest_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "MOST", 2)
    held = Vectors()
    held.add({3: packed([1, 0]), 1: packed([1, 0]), 2: packed([0, 1])})
    assert sorted(held.near(packed([1, 0]))[0].tolist()) == [2, 3]


def test_what_is_meant_alike_is_found_without_a_word_in_common() -> None:
    recall = said("Рекс грызёт тапки", "погода дрянь", "цены растут")
    assert recall.search("как там собака", NOW, 100) == []
    recall.add_vectors({1: packed([1, 0.1]), 2: packed([0, 1]), 3: packed([0, 1])})
    assert recall.search("как там собака", NOW, 100, packed([1, 0]))[0] == 1


def test_words_and_meaning_are_weighed_together() -> None:
    recall = said("собака Рекс", "собака соседа", "погода дрянь")
    recall.add_vectors({1: packed([1, 0]), 2: packed([0, 1]), 3: packed([0.9, 0.1])})
    assert recall.search("собака", NOW, 100, packed([1, 0]))[0] == 1


def test_without_vectors_a_question_goes_by_its_words() -> None:
    recall = said("чай", "кофе")
    assert recall.search("чай", NOW, 100, packed([1, 0])) == recall.search("чай", NOW, 100)


def test_vectors_of_the_unknown_and_the_forgotten_are_not_held() -> None:
    recall = said("чай", "кофе", "какао")
    recall.add_vectors({1: packed([1, 0]), 2: packed([1, 0]), 404: packed([1, 0])})
    assert recall.without_vector(10) == [3]
    recall.remove([2])
    assert recall.search("ничего", NOW, 100, packed([1, 0])) == [1]

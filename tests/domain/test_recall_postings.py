"""The index's flat arrays hold what a dictionary of lists would."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from butler.domain.recall import postings
from butler.domain.recall.postings import Postings, key_of

WORDS = ("чай", "чайник", "чайная", "кофе", "tea", "teapot", "teapots", "rain")
messages = st.lists(st.lists(st.sampled_from(WORDS), max_size=6), max_size=12)


@pytest.fixture(autouse=True)
def _small_tail(monkeypatch: pytest.MonkeyPatch) -> None:
    """Merging happens every few words."""
    monkeypatch.setattr(postings, "_TAIL", 5)


def filled(said: list[list[str]]) -> Postings:
    made = Postings()
    for number, words in enumerate(said):
        made.add(number, [[key_of(word) for word in words]])
    return made


def times(found: postings.Docs) -> dict[int, int]:
    return dict(Counter(found.tolist()))


def expected(said: list[list[str]], word: str, letters: int | None = None) -> dict[int, int]:
    counted = {
        number: sum(other[:letters] == word[:letters] for other in words)
        for number, words in enumerate(said)
    }
    return {number: count for number, count in counted.items() if count}


@given(messages)
def test_every_word_is_found_where_it_stands(said: list[list[str]]) -> None:
    made = filled(said)
    for word in WORDS:
        exact, alike = made.holding([key_of(word)])
        assert times(exact) == expected(said, word)
        assert times(alike) == expected(said, word, postings.PREFIX)


@given(messages, st.sets(st.integers(0, 11)))
def test_what_is_dropped_is_as_if_never_said(said: list[list[str]], drop: set[int]) -> None:
    made = filled(said)
    made.drop(np.array([number in drop for number in range(len(said))], np.bool_))
    left = [words for number, words in enumerate(said) if number not in drop]
    for word in WORDS:
        exact, alike = made.holding([key_of(word)])
        assert times(exact) == expected(left, word)
        assert times(alike) == expected(left, word, postings.PREFIX)


def test_a_word_takes_few_bytes_once_it_is_merged() -> None:
    made = filled([list(WORDS)] * 1_000)
    assert made.nbytes < 5 * len(WORDS) * 1_000

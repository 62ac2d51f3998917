"""The memory bench: its data holds its own evidence, and recall is better than its rivals on it."""

from __future__ import annotations

import pytest

from butler.domain.recall import Weights
from ops.bench import memory_recall
from ops.bench.memory_talk import KINDS, talk, talks


@pytest.mark.parametrize("language", ["ru", "en"])
def test_a_talk_is_the_same_for_the_same_seed_and_holds_what_is_asked(language: str) -> None:
    made = talk(3, "ru" if language == "ru" else "en")
    assert made == talk(3, "ru" if language == "ru" else "en")
    assert made != talk(4, "ru" if language == "ru" else "en")
    assert [said.seq for said in made.said] == list(range(1, len(made.said) + 1))
    assert all(one.when < other.when for one, other in zip(made.said, made.said[1:], strict=False))
    assert {question.kind for question in made.questions} == set(KINDS)
    for question in made.questions:
        assert bool(question.evidence) is (question.kind != "absent")
        assert all(made.said[seq - 1].who == "user" for seq in question.evidence)
        assert question.when > made.said[-1].when


def test_half_of_the_guests_speak_russian() -> None:
    firsts = [made.said[0].text for made in talks(1, 4)]
    assert [first.isascii() for first in firsts] == [False, True, False, True]


def test_recall_beats_its_rivals_and_is_nowhere_much_worse() -> None:
    table = memory_recall.recall_table(1, quick=True)
    ours, pairs = table["ours"], table["bm25_pairs"]
    assert ours["all"] >= 1.05 * pairs["all"]
    assert {kind for kind in KINDS if ours[kind] < 0.95 * pairs[kind]} == set()
    assert table["recency"]["all"] < table["bm25_turns"]["all"] <= ours["all"]


def test_the_floor_below_which_nothing_is_about_the_question_can_be_lifted() -> None:
    """A weight at 0 leaves its part out, and the table shows it."""
    none = Weights(least=0.0, least_of_all=0.0)
    strict = memory_recall.recall_table(1, True, methods=("ours",))["ours"]
    loose = memory_recall.recall_table(1, True, none, ("ours",))["ours"]
    assert loose["absent"] < strict["absent"]


def test_speed_is_told_with_what_an_event_takes() -> None:
    took = memory_recall.speed(1, quick=True)
    assert took.events == memory_recall.SOME
    assert 0 < took.p50_ms <= took.p99_ms
    assert 0 < took.bytes_per_event < 250

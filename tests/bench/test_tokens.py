"""The token estimate against a real tokenizer; how much of a prompt begins as the last did."""

from __future__ import annotations

import pytest

from ops.bench.compaction import measure_prefix


def test_after_twenty_turns_the_estimate_is_within_a_tenth_of_a_real_tokenizer() -> None:
    pytest.importorskip("tokenizers", reason="no tokenizer: butler[speech] is not installed")
    from ops.bench import tokens  # it needs that library

    file = tokens.bundled()
    if file is None:
        pytest.skip("no tokenizer: the speech weights are not installed")
    found = tokens.errors(tokens.counter(file), seed=4)
    assert found["ru"]["worst"] < 0.1
    assert found["en"]["worst"] < 0.1


def test_an_estimate_that_never_learns_would_be_seen() -> None:
    pytest.importorskip("tokenizers", reason="no tokenizer: butler[speech] is not installed")
    from ops.bench import tokens

    found = tokens.errors(lambda text: 2 * len(text.split()), seed=4)
    assert found["ru"]["before"] > 0.1


def test_a_good_part_of_a_prompt_begins_as_the_one_before() -> None:
    assert measure_prefix(60)["prefix_shared"] > 0.4

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from butler.domain.answers import object_in


@pytest.mark.parametrize(
    "text",
    [
        '{"summary": "чай"}',
        '```json\n{"summary": "чай"}\n```',
        '```\n{"summary": "чай"}',
        'Извольте:\n{"summary": "чай"}\nВсегда рад.',
        '{"summary": "чай",}',
        "{'summary': 'чай'}",
        '{summary: "чай"}',
        '{“summary”: “чай”}',
        '{"summary": "чай" // so\n}',
        '// so\n{"summary": "чай"}',
        '[{"summary": "чай"}]',
        '{"result": {"summary": "чай"}}',
        '{"Summary": "чай"}',
        '{"response": [{"SUMMARY": "чай"}]}',
        '{"summary": "чай"',
        'Here: {"summary": "чай"}} and {more}',
    ],
)  # fmt: skip
def test_an_object_is_found_and_mended(text: str) -> None:
    assert object_in(text, "summary") == {"summary": "чай"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"summary": "a", "facts": [{"key": "k", "value": "v"',
         {"summary": "a", "facts": [{"key": "k", "value": "v"}]}),
        ('{"summary": "он сказал "да" и ушёл", "facts": []}',
         {"summary": 'он сказал "да" и ушёл', "facts": []}),
        ("{'summary': 'it's a cat', 'topics': ['x',]}", {"summary": "it's a cat", "topics": ["x"]}),
        ('{"summary": "a", "facts": None, "ok": True}',
         {"summary": "a", "facts": None, "ok": True}),
        ('{"summary": "a\nb"}', {"summary": "a\nb"}),
        ('{"summary": "a, ] b",}', {"summary": "a, ] b"}),
    ],
)  # fmt: skip
def test_what_is_mended_keeps_its_words(text: str, found: dict[str, Any]) -> None:
    assert object_in(text, "summary") == found


@pytest.mark.parametrize(
    "text",
    ["", "сводка: чай", "{", '["чай"]', '{"summary": "ча', '{"summary": 5}', "{" * 3000,
     '{"a":' * 3000, "null"],
)  # fmt: skip
def test_what_is_no_object_or_was_cut_within_a_word_is_not_guessed_at(text: str) -> None:
    assert object_in(text, "summary") is None


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=8), VALUES), st.text(max_size=20))
def test_valid_json_is_read_as_it_is(rest: dict[str, Any], summary: str) -> None:
    value = {**rest, "summary": summary}
    assert object_in(json.dumps(value), "summary") == value


@given(st.text("{}[]\"'`,:summary\\ \n/#0", max_size=120))
def test_any_text_is_read_without_an_error(text: str) -> None:
    object_in(text, "summary")

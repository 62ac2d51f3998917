"""Whatever comes, the server answers in its own words and goes on."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from butler.playground import GuestError, Refusal
from butler.playground.methods import _METHODS
from tests.playground.conftest import Bench

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
ENTITY = st.fixed_dictionaries(
    {"type": st.sampled_from(["bold", "pre", "text_link", "url"]) | VALUES},
    optional={"offset": st.integers(-2, 9) | VALUES, "length": st.integers(-2, 9) | VALUES},
)
BUTTON = st.fixed_dictionaries(
    {}, optional={"text": VALUES, "callback_data": VALUES, "url": VALUES}
)
MARKUP = st.fixed_dictionaries({"inline_keyboard": st.lists(st.lists(BUTTON))})
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "chat_id": st.just(1) | VALUES,
        "text": st.text() | VALUES,
        "parse_mode": st.sampled_from(["HTML", "MarkdownV2", "none"]) | VALUES,
        "entities": st.lists(ENTITY, max_size=5) | VALUES,
        "reply_markup": MARKUP | VALUES,
        "reply_parameters": st.fixed_dictionaries({"message_id": VALUES}) | VALUES,
        "message_id": st.sampled_from([100, 101]) | VALUES,
        "action": VALUES,
        "draft_id": VALUES,
        "commands": VALUES,
        "scope": VALUES,
        "file_id": VALUES,
        "document": VALUES,
        "caption": VALUES,
        "callback_query_id": VALUES,
        "link_preview_options": VALUES,
    },
)
RELAXED = settings(
    deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@RELAXED
@given(method=st.sampled_from(sorted(_METHODS)), fields=FIELDS)
def test_a_method_answers_or_refuses_whatever_it_is_given(
    method: str, fields: dict[str, Any]
) -> None:
    bench = Bench()
    bench.call("sendMessage", text="x")
    try:
        answer = bench.call(method, **fields)
    except Refusal as refusal:
        answer = refusal.body()
    assert not isinstance(answer, dict) or 400 <= answer.get("error_code", 400) < 500
    json.dumps(answer)


@RELAXED
@given(
    source=st.text(alphabet="<>/bia=\"' &;#x1*_~`|[]()!>\\\nж🎩.-{}", max_size=40),
    mode=st.sampled_from(["HTML", "MarkdownV2"]),
)
def test_marked_up_text_is_read_or_refused(source: str, mode: str) -> None:
    bench = Bench()
    try:
        message = bench.call("sendMessage", text=source, parse_mode=mode)
    except Refusal:
        return
    end = len(message["text"].encode("utf-16-le")) // 2
    assert all(one["offset"] + one["length"] <= end for one in message.get("entities", []))


@RELAXED
@given(content=VALUES)
def test_a_guests_content_is_taken_or_refused(content: Any) -> None:
    bench = Bench()
    try:
        bench.guests.send(1, content)
    except GuestError:
        return
    json.dumps(bench.updates())


def test_deep_nesting_is_refused(bench: Bench) -> None:
    with pytest.raises(Refusal):
        bench.call("sendMessage", text="x", entities="[" * 200_000)

"""Packing of text and JSON."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from butler.storage.text import pack, pack_json, unpack, unpack_json

ANY_TEXT = st.text(st.characters(exclude_categories=()))


@given(ANY_TEXT)
def test_any_text_comes_back(text: str) -> None:
    assert unpack(pack(text)) == text


@given(st.text())
def test_text_that_utf8_can_hold_stays_text(text: str) -> None:
    assert pack(text) == text


@given(ANY_TEXT)
def test_what_is_packed_is_utf8_or_bytes(text: str) -> None:
    packed = pack(text)
    assert isinstance(packed, bytes) or packed.encode().decode() == text


@given(st.dictionaries(ANY_TEXT, st.lists(ANY_TEXT | st.integers() | st.none())))
def test_any_json_comes_back(value: dict[str, Any]) -> None:
    assert unpack_json(pack_json(value)) == value


def test_two_surrogates_are_not_joined_into_one_character() -> None:
    assert unpack_json(pack_json(["\ud83d\ude00"])) == ["\ud83d\ude00"]

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from butler.playground import Refusal
from butler.playground.entities import check_bounds, find, parse, settle, unit_offsets, units

Json = dict[str, Any]


def entity(kind: str, offset: int, length: int, **more: Any) -> Json:
    return {"type": kind, "offset": offset, "length": length, **more}


def spans(entities: list[Json]) -> list[tuple[str, int, int]]:
    return [(one["type"], one["offset"], one["length"]) for one in entities]


@given(st.text())
def test_lengths_are_those_of_utf_16(text: str) -> None:
    assert units(text) == len(text.encode("utf-16-le", "surrogatepass")) // 2
    offsets = unit_offsets(text)
    assert offsets is None or offsets[-1] == units(text)


def test_a_lone_surrogate_counts_one() -> None:
    assert units("a\ud800b") == 3


@pytest.mark.parametrize(
    ("text", "offset", "length", "complaint"),
    [
        ("tea", 3, 1, "entity begins after the end of the text at UTF-16 offset 3"),
        ("tea", 1, 3, "entity beginning at UTF-16 offset 1 ends after the end of the text at"
         " UTF-16 offset 4"),
        ("🫖 tea", 1, 3, "entity begins in a middle of a UTF-16 symbol at byte offset 4"),
        ("tea 🫖", 0, 5, "entity beginning at UTF-16 offset 0 ends in a middle of a UTF-16 symbol"
         " at byte offset 8"),
    ],
)  # fmt: skip
def test_entities_outside_of_the_text_or_within_a_pair_are_refused(
    text: str, offset: int, length: int, complaint: str
) -> None:
    with pytest.raises(Refusal) as caught:
        check_bounds(text, [entity("bold", offset, length)])
    assert caught.value.description == f"Bad Request: {complaint}"


def test_an_entity_over_emoji_counts_two_units_each() -> None:
    check_bounds("🫖🫖", [entity("bold", 0, 4), entity("italic", 2, 2)])


@pytest.mark.parametrize(
    ("raw", "complaint"),
    [
        ("bold", "can't parse entities: expected an Array of MessageEntity"),
        ([1], "can't parse MessageEntity: expected an Object"),
        ([{"type": "bold", "length": 1}], 'Field "offset" must be of type Number'),
        ([entity("bold", True, 1)], 'Field "offset" must be of type Number'),
        ([entity("bold", 0, -1)], "receive an entity with incorrect length -1"),
        ([entity("glitter", 0, 1)], "Unsupported type specified"),
        ([entity("text_link", 0, 1)], 'Field "url" must be of type String'),
        ([entity("text_mention", 0, 1, user=5)], 'Field "user" must be of type Object'),
    ],
)
def test_malformed_entities_are_refused_by_name(raw: Any, complaint: str) -> None:
    with pytest.raises(Refusal) as caught:
        parse(raw)
    assert complaint in caught.value.description
    assert caught.value.code == 400


def test_entities_the_server_finds_itself_are_not_taken_from_the_bot() -> None:
    assert parse([entity("mention", 0, 3), entity("bold", 0, 3)]) == [entity("bold", 0, 3)]


def test_at_most_a_hundred_entities_are_kept() -> None:
    assert len(parse([entity("bold", i, 1) for i in range(150)])) == 100


def test_no_entities_are_none_of_them() -> None:
    assert parse(None) == []
    assert parse("") == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("/start", [("bot_command", 0, 6)]),
        ("🎩 /help@my_bot now", [("bot_command", 3, 12)]),
        ("ask @alfred_bot", [("mention", 4, 11)]),
        ("see https://example.com/a.b.", [("url", 4, 23)]),
        ("see example.org", [("url", 4, 11)]),
        ("mail a.b@example.com", [("email", 5, 15)]),
        ("#чай и 5 #1", [("hashtag", 0, 4)]),
        ("и/или a/b 1/2 //x", []),
        ("nothing here", []),
    ],
)
def test_links_commands_and_mentions_are_found(
    text: str, found: list[tuple[str, int, int]]
) -> None:
    assert spans(find(text)) == found


def test_code_holds_no_other_entities() -> None:
    settled = settle("a code b", [entity("code", 2, 4), entity("bold", 0, 8)])
    assert spans(settled) == [("bold", 0, 2), ("code", 2, 4), ("bold", 6, 2)]


def test_formatting_nests() -> None:
    entities = [entity("bold", 0, 5), entity("italic", 1, 2), entity("blockquote", 0, 5)]
    assert sorted(spans(settle("abcde", entities))) == sorted(spans(entities))


def test_crossing_formatting_is_split() -> None:
    settled = settle("abcdef", [entity("bold", 0, 4), entity("italic", 2, 4)])
    assert spans(settled) == [("bold", 0, 4), ("italic", 2, 2), ("italic", 4, 2)]


def test_quotations_and_links_do_not_nest() -> None:
    settled = settle(
        "abcdef",
        [
            entity("blockquote", 0, 6),
            entity("expandable_blockquote", 1, 2),
            entity("text_link", 0, 3, url="http://a.b"),
            entity("text_link", 1, 3, url="http://c.d"),
        ],
    )
    assert spans(settled) == [("blockquote", 0, 6), ("text_link", 0, 3)]


def test_an_entity_over_nothing_but_space_is_dropped() -> None:
    assert settle("a  b", [entity("bold", 1, 2)]) == []


def test_nothing_is_found_within_code() -> None:
    assert spans(settle("/start", [entity("code", 0, 6)])) == [("code", 0, 6)]


@given(
    st.text(alphabet="ab 🫖\n", max_size=12),
    st.lists(
        st.tuples(
            st.sampled_from(["bold", "italic", "code", "pre", "blockquote"]),
            st.integers(0, 10),
            st.integers(1, 10),
        ),
        max_size=6,
    ),
)
def test_settled_entities_always_lie_within_the_text_and_never_cross(
    text: str, raw: list[tuple[str, int, int]]
) -> None:
    entities = [entity(*one) for one in raw]
    try:
        check_bounds(text, entities)
    except Refusal:
        return
    settled = settle(text, entities)
    check_bounds(text, settled)
    ranges = [(one["offset"], one["offset"] + one["length"]) for one in settled]
    for first, last in ranges:
        assert not any(first < start < last < end for start, end in ranges)

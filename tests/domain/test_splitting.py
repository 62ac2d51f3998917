from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from butler.domain.outgoing import Entity
from butler.domain.splitting import fits, split
from butler.domain.text import utf16_length, utf16_slice, visible


def entity(kind: str, text: str, part: str, **rest: str) -> Entity:
    start = text.index(part)
    return Entity(kind, utf16_length(text[:start]), utf16_length(part), **rest)


def test_a_short_text_is_one_piece_without_white_space_around() -> None:
    assert [piece.text for piece in split("\n\nпривет  \n")] == ["привет"]


def test_blank_texts_make_no_piece() -> None:
    assert split("") == split(" \n\u200f\u2800") == []


def test_paragraphs_are_kept_together_where_they_fit() -> None:
    text = "a" * 60 + "\n\n" + "b" * 30 + "\n" + "c" * 30
    assert [piece.text for piece in split(text, limit=100)] == [
        "a" * 60,
        "b" * 30 + "\n" + "c" * 30,
    ]


def test_lines_then_sentences_then_words_are_kept_together() -> None:
    assert [p.text for p in split("aaa bbb\nccc ddd", limit=9)] == ["aaa bbb", "ccc ddd"]
    assert [p.text for p in split("Aa bb. Cc dd ee", limit=10)] == ["Aa bb.", "Cc dd ee"]
    assert [p.text for p in split("aaaa bbbb cccc", limit=10)] == ["aaaa bbbb", "cccc"]
    assert [p.text for p in split("a" * 25, limit=10)] == ["a" * 10, "a" * 10, "a" * 5]


def test_a_code_block_that_fits_is_not_cut() -> None:
    code = "x = 1\n\ny = 2\nz = 3"
    text = "Вот 😀 код:\n" + code + "\nи всё."
    pieces = split(text, [entity("pre", text, code, language="python")], limit=24)
    assert [piece.text for piece in pieces] == ["Вот 😀 код:", code, "и всё."]
    assert pieces[1].entities == (Entity("pre", 0, len(code), language="python"),)
    assert not pieces[0].entities


def test_a_code_block_longer_than_a_message_is_opened_again() -> None:
    code = "\n".join(f"    line{n}" for n in range(10))
    pieces = split(code, [Entity("pre", 0, len(code), language="python")], limit=30)
    assert len(pieces) > 1
    for piece in pieces:
        assert piece.text.startswith("    line")
        assert piece.entities == (Entity("pre", 0, len(piece.text), language="python"),)


def test_a_word_in_bold_inside_a_long_quotation_is_not_cut() -> None:
    text = "a" * 15 + " bold bold " + "c" * 15
    quote, bold = Entity("blockquote", 0, len(text)), entity("bold", text, "bold bold")
    pieces = split(text, [quote, bold], limit=20)
    assert [piece.text for piece in pieces] == ["a" * 15, "bold bold", "c" * 15]
    assert [entity.type for entity in pieces[1].entities] == ["blockquote", "bold"]


def test_an_unbreakable_text_ends_before_an_entity_that_would_be_cut() -> None:
    text = "a" * 8 + "bbbb" + "c" * 3
    pieces = split(text, [entity("bold", text, "bbbb")], limit=10)
    assert [piece.text for piece in pieces] == ["a" * 8, "bbbbccc"]


def test_a_sign_of_several_characters_is_not_cut() -> None:
    family = "👨\u200d👩\u200d👧"
    pieces = split(family * 6, limit=20)
    assert {piece.text for piece in pieces} == {family * 2}
    assert [piece.text for piece in split("👍🏽" * 3, limit=7)] == ["👍🏽", "👍🏽", "👍🏽"]
    assert "".join(piece.text for piece in split("\u0301" * 30 + "a", limit=10)).endswith("a")


def test_four_thousand_emoji_are_two_messages() -> None:
    pieces = split("😀" * 4096)
    assert [len(piece.text) for piece in pieces] == [2048, 2048]
    assert all(fits(piece.text) for piece in pieces)
    assert not fits("😀" * 2049)


TEXT = st.text(st.sampled_from("ab \n.!😀é\u200d\u0301я\u202e\u2066"), max_size=200) | st.text(
    max_size=80
)
RANGES = st.lists(st.tuples(st.integers(0, 200), st.integers(1, 60)), max_size=6)


@settings(max_examples=300, deadline=None)
@given(TEXT, RANGES, st.integers(4, 60))
def test_pieces_hold_the_whole_text_and_their_entities_lie_within(
    text: str, ranges: list[tuple[int, int]], limit: int
) -> None:
    entities = [
        Entity("bold", utf16_length(text[:first]), utf16_length(text[first : first + length]))
        for first, length in ranges
        if first + length <= len(text)
    ]
    pieces = split(text, entities, limit)
    whole = "".join(piece.text for piece in pieces)
    assert list(filter(visible, whole)) == list(filter(visible, text))
    for piece in pieces:
        assert utf16_length(piece.text) <= limit
        for share in piece.entities:
            assert share.length > 0
            assert share.offset + share.length <= utf16_length(piece.text)
            utf16_slice(piece.text, share.offset, share.length)[1].encode("utf-8")

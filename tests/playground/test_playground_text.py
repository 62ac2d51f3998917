from __future__ import annotations

from typing import Any

import pytest

from butler.playground import Refusal
from butler.playground.text import read_caption, read_draft, read_text


def shape(parsed: tuple[str, list[dict[str, Any]]]) -> tuple[str, list[tuple[Any, ...]]]:
    text, entities = parsed
    extra = ("url", "language", "custom_emoji_id", "user")
    return text, [
        (one["type"], one["offset"], one["length"], *(one[name] for name in extra if name in one))
        for one in entities
    ]


def refusal(raw: str, mode: str = "", entities: Any = None) -> str:
    with pytest.raises(Refusal) as caught:
        read_text(raw, mode, entities)
    assert caught.value.code == 400
    return caught.value.description.removeprefix("Bad Request: ")


def test_text_is_limited_by_characters_and_not_by_units() -> None:
    assert read_text("🎩" * 4096, "", None)[0] == "🎩" * 4096
    assert refusal("🎩" * 4097) == "message is too long"
    assert refusal("a" * 40_000) == "text is too long"


def test_empty_text_is_refused() -> None:
    assert refusal("") == "message text is empty"
    assert refusal(" \n ") == "text must be non-empty"


def test_a_lone_surrogate_is_refused() -> None:
    assert refusal("a\ud800") == "strings must be encoded in UTF-8"


def test_an_unknown_parse_mode_is_refused() -> None:
    assert refusal("a", "bbcode") == "unsupported parse_mode"
    assert "legacy Markdown" in refusal("a", "Markdown")


def test_a_caption_may_be_empty_and_has_its_own_limit() -> None:
    assert read_caption("", "", None) == ("", [])
    with pytest.raises(Refusal, match="message caption is too long"):
        read_caption("a" * 1025, "", None)


def test_an_empty_draft_is_a_thought() -> None:
    assert read_draft("", "", None) == ("", [])
    assert read_draft("Hm", "", None) == ("Hm", [])


def test_edges_are_trimmed_and_entities_move_along() -> None:
    entities = [{"type": "bold", "offset": 4, "length": 5}]
    assert shape(read_text("\n 🎩bold \n", "", entities)) == ("🎩bold", [("bold", 2, 4)])


def test_leading_space_within_an_entity_stays() -> None:
    entities = [{"type": "bold", "offset": 0, "length": 3}]
    assert shape(read_text("  a", "", entities)) == ("  a", [("bold", 0, 3)])


def test_control_characters_become_spaces_and_carriage_returns_vanish() -> None:
    entities = [{"type": "bold", "offset": 4, "length": 1}]
    assert shape(read_text("a\0b\r\nc\u202ed", "", [])) == ("a b\ncd", [])
    assert shape(read_text("a\0b\rc", "", entities)) == ("a bc", [("bold", 3, 1)])


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("<b>x</b> <i>y</i>", "x y", [("bold", 0, 1), ("italic", 2, 1)]),
        ("<b>🎩<u>b</u></b>", "🎩b", [("bold", 0, 3), ("underline", 2, 1)]),
        ("a &lt;b&gt; &amp; &#x1F3A9;", "a <b> & 🎩", []),
        ("&nosuch; &#0;", "&nosuch; &#0;", []),
        ('<a href="https://e.org/?a=1&amp;b">x</a>', "x",
         [("text_link", 0, 1, "https://e.org/?a=1&b")]),
        ("<a>e.org</a>", "e.org", [("text_link", 0, 5, "http://e.org")]),
        ('<a href="nowhere">x</a>', "x", []),
        ('<a href="tg://user?id=42">x</a>', "x",
         [("text_mention", 0, 1, {"id": 42, "is_bot": False, "first_name": ""})]),
        ('<pre><code class="language-python">x=1</code></pre>', "x=1", [("pre", 0, 3, "python")]),
        ("<pre>x</pre>", "x", [("pre", 0, 1)]),
        ("<code>x</code>", "x", [("code", 0, 1)]),
        ("<blockquote expandable>q</blockquote>", "q", [("expandable_blockquote", 0, 1)]),
        ("<tg-spoiler>s</tg-spoiler><span class='tg-spoiler'>s</span>", "ss",
         [("spoiler", 0, 1), ("spoiler", 1, 1)]),
        ('<tg-emoji emoji-id="5">🎩</tg-emoji>', "🎩", [("custom_emoji", 0, 2, "5")]),
        ("<b></b>x", "x", []),
    ],
)  # fmt: skip
def test_html_becomes_entities(source: str, text: str, entities: list[Any]) -> None:
    assert shape(read_text(source, "HTML", None)) == (text, entities)


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("тс <x>", 'Unsupported start tag "x" at byte offset 5'),
        ("a < b", "Unclosed tag at byte offset 2"),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<b><i>x</b></i>",
         'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ],
)  # fmt: skip
def test_broken_html_is_refused(source: str, complaint: str) -> None:
    assert refusal(source, "html") == f"can't parse entities: {complaint}"


def test_a_custom_emoji_needs_a_number() -> None:
    assert "custom emoji" in refusal('<tg-emoji emoji-id="x">a</tg-emoji>', "HTML")


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("*x* _y_ __z__", "x y z", [("bold", 0, 1), ("italic", 2, 1), ("underline", 4, 1)]),
        ("~s~ ||h||", "s h", [("strikethrough", 0, 1), ("spoiler", 2, 1)]),
        ("*🎩 _b_*", "🎩 b", [("bold", 0, 4), ("italic", 3, 1)]),
        (r"1\. a\-b", "1. a-b", []),
        ("`a*b`", "a*b", [("code", 0, 3)]),
        ("```python\nx = 1```", "x = 1", [("pre", 0, 5, "python")]),
        ("```\nx```", "x", [("pre", 0, 1)]),
        ("[t](https://e.org/\\)x)", "t", [("text_link", 0, 1, "https://e.org/)x")]),
        ("[t](nowhere)", "t", []),
        ("[e\\.org]", "e.org", [("text_link", 0, 5, "http://e.org")]),
        (">quote\n>more\nout", "quote\nmore\nout", [("blockquote", 0, 10)]),
        ("a\n>q", "a\nq", [("blockquote", 2, 1)]),
        ("![🎩](tg://emoji?id=7)", "🎩", [("custom_emoji", 0, 2, "7")]),
    ],
)
def test_markdown_becomes_entities(source: str, text: str, entities: list[Any]) -> None:
    assert shape(read_text(source, "MarkdownV2", None)) == (text, entities)


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("Hi.", "Character '.' is reserved and must be escaped with the preceding '\\'"),
        ("ё *x", "Can't find end of Bold entity at byte offset 3"),
        ("[x](http://e.org", "Can't find end of a URL at byte offset 4"),
        ("![x](http://e.org)", "Custom emoji entity must contain a tg://emoji URL"),
        (">*q\nx", "Can't find end of Bold entity at byte offset 1"),
        ("`x", "Can't find end of Code entity at byte offset 0"),
    ],
)
def test_broken_markdown_is_refused(source: str, complaint: str) -> None:
    assert refusal(source, "MarkdownV2") == f"can't parse entities: {complaint}"

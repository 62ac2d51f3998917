from __future__ import annotations

import re

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from butler.domain import markdown as rendering
from butler.domain.markdown import rendered
from butler.domain.outgoing import Button, Entity
from butler.domain.replies import Address, cleaned, notice, plain, reply, shortened, transcript
from butler.domain.text import utf16_length, utf16_slice, visible

HERE = Address(7, thread_id=3, reply_to_message_id=11)
BUTTONS = ((Button("Да", "yes"),),)


def test_markdown_becomes_entities_in_utf16_units() -> None:
    text, entities = rendered("😀 **жирный** и [ссылка](https://a.b/c)\n\n```python\nx = 1\n```")
    assert text == "😀 жирный и ссылка\n\nx = 1"
    assert entities == (
        Entity("bold", 3, 6),
        Entity("text_link", 12, 6, url="https://a.b/c"),
        Entity("pre", 20, 5, language="python"),
    )


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("Vec<String> и <b>", "Vec<String> и <b>"),
        ("`List<int>`", "List<int>"),
        ("2*3*4 = 24", "2*3*4 = 24"),
        ("`2*3*4`", "2*3*4"),
        ("**", "**"),
        ("# Заголовок", "Заголовок"),
        ("- a\n- b", "• a\n• b"),
        ("a\x00b\ud800", "ab\ufffd"),
    ],
)
def test_nothing_of_the_text_is_lost(markdown: str, text: str) -> None:
    assert rendered(markdown)[0].rstrip() == text


def test_links_that_telegram_would_refuse_are_text() -> None:
    assert rendered("[a](javascript:alert) [b](tg://user?id=1) [c](/x)") == ("a b c", ())


def test_code_within_a_style_and_quotes_within_quotes_are_not_nested() -> None:
    assert [e.type for e in rendered("**a `b` c**")[1]] == ["bold"]
    assert [e.type for e in rendered("> a\n>> b")[1]] == ["blockquote"]
    assert [e.type for e in rendered("> a `b`")[1]] == ["blockquote", "code"]


def test_no_more_entities_than_telegram_reads() -> None:
    assert len(rendered("**a** b " * 300)[1]) == 100


@pytest.mark.parametrize(
    ("answer", "speech"),
    [
        ("  Добрый вечер. \n", "Добрый вечер."),
        ("Assistant: Good evening.", "Good evening."),
        ("**Дворецкий:** Добрый вечер.", "Добрый вечер."),
        ("Butler: Yes.\nUser: And then?\nButler: No.", "Yes."),
        ("Да.\nПользователь: пример диалога", "Да.\nПользователь: пример диалога"),
        ("Yes.<|im_end|>\n<|im_start|>user\nmore", "Yes."),
        ("<|im_start|>assistant\nYes.", "Yes."),
        ("<|im_end|>", ""),
        ("Assistant:", ""),
        (" \n\u200b", ""),
        ("", ""),
    ],
)
def test_what_is_no_speech_is_taken_off_an_answer(answer: str, speech: str) -> None:
    assert cleaned(answer) == speech


def test_a_reply_answers_the_message_and_carries_its_buttons_at_the_end() -> None:
    parts = reply("слово " * 1500, HERE, BUTTONS)
    assert [part.reply_to_message_id for part in parts] == [11, None, None]
    assert [part.buttons for part in parts] == [(), (), BUTTONS]
    assert {(part.chat_id, part.thread_id) for part in parts} == {(7, 3)}
    assert reply(" \n", HERE) == ()


def test_the_butlers_own_sentences_are_not_read_as_markdown() -> None:
    (part,) = notice("a *b* `c` _d_", HERE)
    assert (part.text, part.entities) == ("a *b* `c` _d_", ())
    (heard,) = transcript("ru", " *чай* ", HERE)
    assert heard.text == "Вы сказали: *чай*"


def test_a_refused_message_can_be_sent_plain_or_in_halves() -> None:
    (part,) = reply("**жирный** текст " * 20, HERE, BUTTONS)
    assert part.entities
    assert plain(part) == attrs.evolve(part, entities=())
    halves = shortened(part)
    assert len(halves) >= 2
    assert "".join("".join(h.text.split()) for h in halves) == "".join(part.text.split())
    assert halves[-1].buttons == BUTTONS


SIGNS = "ab *_`#>|[]()<-\n~$\\1.😀я\ud800\x00\u202e!&"
ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=60)
MARKDOWN = st.text(st.sampled_from(SIGNS), max_size=120) | ANY_TEXT


def seen(text: str) -> str:
    return "".join(char for char in text if visible(char))


@settings(max_examples=400, deadline=None)
@given(MARKDOWN)
def test_any_answer_becomes_messages_that_telegram_takes(markdown: str) -> None:
    text, _ = rendered(markdown)
    parts = reply(markdown, HERE)
    assert (
        "".join("".join(part.text.split()) for part in parts) == "".join(text.split()) or not parts
    )
    for part in parts:
        assert part.text.strip()
        part.text.encode("utf-8")
        assert utf16_length(part.text) <= 4096
        for entity in part.entities:
            assert entity.length > 0
            assert entity.offset + entity.length <= utf16_length(part.text)
            utf16_slice(part.text, entity.offset, entity.length)[1].encode("utf-8")


PLAIN = st.text(st.characters(exclude_characters="\n\r\t*_~`#[]<>|\\&${}=@/^+"), max_size=40)
ODD = st.lists(
    st.sampled_from(
        (
            *("www.example.com", "http:", "a", "-", "--", " ", "  ", "...", "!", "(", ")"),
            *(":smile:", "'", '"', "1.", "1)", "%", "?", ";", "Привет", "mailto:a", "ftp:"),
        )
    ),
    max_size=12,
).map("".join)


@given(PLAIN | ODD)
def test_what_holds_no_mark_is_as_the_parser_would_leave_it(text: str) -> None:
    found = rendered(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rendering, "_UNMARKED", re.compile("(?!)"))
        assert rendered(text) == found

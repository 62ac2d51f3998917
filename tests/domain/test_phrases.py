from __future__ import annotations

import string

import pytest

from butler.domain.phrasebook import COMMANDS, PHRASES
from butler.domain.phrases import greeting, menu, menu_text, named, say, unsupported
from butler.domain.profile import Language

# Nothing in them but what is filled in.
WORDLESS = {"memory_fact", "forget_fact", "forget_sample"}
LANGUAGES: tuple[Language, ...] = ("ru", "en")


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("key", PHRASES)
def test_every_phrase_exists_in_both_languages_with_the_same_placeholders(key: str) -> None:
    variants = [text for language in LANGUAGES for text in PHRASES[key][language]]
    assert set(PHRASES[key]) == set(LANGUAGES)
    assert len(PHRASES[key]["ru"]) == len(PHRASES[key]["en"])
    assert len({frozenset(placeholders(text)) for text in variants}) == 1
    assert all(text.strip() and len(text) < 1500 for text in variants)


@pytest.mark.parametrize("key", sorted(set(PHRASES) - WORDLESS))
def test_russian_is_cyrillic_and_english_is_not(key: str) -> None:
    def cyrillic(text: str) -> bool:
        return any("а" <= char <= "я" for char in text.lower())

    assert all(cyrillic(text) for text in PHRASES[key]["ru"])
    assert not any(cyrillic(text) for text in PHRASES[key]["en"])


def test_the_transcript_is_shown_as_promised() -> None:
    assert say("ru", "transcript", text="чай {x}") == "Вы сказали: чай {x}"
    assert say("en", "transcript", text="tea") == "You said: tea"


def test_an_apology_varies_with_the_update_and_stays_the_same_for_it() -> None:
    said = {say("ru", "model_down", seed) for seed in range(50)}
    assert said == set(PHRASES["model_down"]["ru"])
    assert say("ru", "model_down", 7) == say("ru", "model_down", 7)


def test_a_missing_value_and_an_unknown_key_are_errors() -> None:
    with pytest.raises(KeyError):
        say("ru", "transcript")
    with pytest.raises(KeyError):
        say("ru", "no such phrase")


@pytest.mark.parametrize("what", ["sticker", "venue", "audio", "game", "never heard of", "empty"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_content_has_a_sentence(what: str, language: Language) -> None:
    assert unsupported(language, what)


def test_a_guest_is_greeted_by_name_where_it_is_known() -> None:
    assert greeting("ru", "Ада", known=False).startswith("Здравствуйте, Ада. ")
    assert greeting("en", "", known=False).startswith("Good day. ")
    assert "Ада" in greeting("ru", "Ада", known=True)
    assert named("") == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_menu_fits_telegrams_rules(language: Language) -> None:
    assert [name for name, _ in menu(language)] == list(COMMANDS)
    for name, words in menu(language):
        assert name.isascii()
        assert name.islower()
        assert 1 <= len(words) <= 256
    assert "/memory" not in menu_text(language, frozenset({"memory"}))

from __future__ import annotations

import pytest

from butler.domain.persona import plain_prompt, system_prompt
from butler.domain.profile import Language


@pytest.mark.parametrize(("language", "characters"), [("ru", 500), ("en", 800)])
@pytest.mark.parametrize("group", [False, True])
def test_the_persona_stays_under_two_hundred_tokens(
    language: Language, characters: int, group: bool
) -> None:
    assert len(system_prompt(language, group=group)) <= characters


def test_the_persona_speaks_its_language() -> None:
    assert "дворецкий" in system_prompt("ru")
    assert "butler" in system_prompt("en")
    assert plain_prompt("ru") != plain_prompt("en")
    assert "дворецк" not in plain_prompt("ru")


def test_a_persona_and_tone_of_the_operators_choice_are_spoken() -> None:
    prompt = system_prompt("en", "a pirate\ncaptain", "gruff")
    assert "a pirate captain" in prompt
    assert prompt.endswith("Tone: gruff.")
    assert "Тон" not in system_prompt("ru")


def test_a_group_is_reminded_that_others_listen() -> None:
    assert system_prompt("ru", group=True).startswith(system_prompt("ru"))
    assert "private" in system_prompt("en", group=True)

"""/language: what the guest is spoken to in."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from butler.domain.commands.case import Case, Decision
from butler.domain.outgoing import Button
from butler.domain.phrases import say
from butler.domain.profile import Language

_LANGUAGES: Mapping[Language, str] = {"ru": "Русский", "en": "English"}
_ASKED: Mapping[str, Language] = {
    **dict.fromkeys(("ru", "rus", "russian", "русский", "по-русски", "рус"), "ru"),
    **dict.fromkeys(("en", "eng", "english", "английский", "по-английски", "англ"), "en"),
}


def command(case: Case) -> Decision:
    """Switch to the language that is named, or ask."""
    asked = case.incoming.text.strip()
    choices = (tuple(Button(name, f"language:{code}") for code, name in _LANGUAGES.items()),)
    if not asked:
        return Decision(case.say("language_ask"), choices)
    if (language := _ASKED.get(asked.lower())) is None:
        return Decision(case.say("language_unknown", asked=asked[:40]), choices)
    return _switched(case, language)


def button(case: Case, choice: str) -> Decision | None:
    """Switch."""
    if choice not in _ASKED:
        return None
    return attrs.evolve(_switched(case, _ASKED[choice]), edit_message_id=case.shown)


def _switched(case: Case, language: Language) -> Decision:
    changed = case.profile.language != language or not case.known
    profile = case.profile.revised(case.now, language=language) if changed else None
    return Decision(say(language, "language_set", case.incoming.update_id), profile=profile)

"""Commands and buttons: what the butler answers without the LLM, and what changes by it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime

import attrs

from butler.domain.incoming import Incoming
from butler.domain.outgoing import Button
from butler.domain.phrases import greeting, menu_text, say
from butler.domain.profile import Language, Profile, new_profile
from butler.domain.replies import Buttons

_LANGUAGES: Mapping[Language, str] = {"ru": "Русский", "en": "English"}
_ASKED: Mapping[str, Language] = {
    **dict.fromkeys(("ru", "rus", "russian", "русский", "по-русски", "рус"), "ru"),
    **dict.fromkeys(("en", "eng", "english", "английский", "по-английски", "англ"), "en"),
}
# Asked for in a group they would show or change what is private.
_PRIVATE = frozenset(("language", "reset", "memory"))
_MEMORY = frozenset(("memory", "language", "reset"))


@attrs.frozen
class House:
    """How the butler is kept: whether he has a memory, and for how many days."""

    personal: bool = True
    retention_days: int = 90


@attrs.frozen
class Decision:
    """What follows from a command or a button.

    `profile` set: to be written with `expected = profile.revision - 1`. `reset`: its `covered_seq`
    has moved past the whole window, which begins anew. `edit_message_id` set: the message with the
    buttons is replaced by `text`, so that they can't be pressed again.
    """

    text: str
    buttons: Buttons = ()
    profile: Profile | None = None
    reset: bool = False
    edit_message_id: int | None = None


@attrs.frozen
class _Case:
    """One command with all it may depend on."""

    incoming: Incoming
    profile: Profile
    known: bool
    events: int
    now: datetime
    house: House

    @property
    def language(self) -> Language:
        return self.profile.language

    def say(self, key: str, /, **values: object) -> str:
        return say(self.language, key, self.incoming.update_id, **values)


def allowed(user_id: str, allowed_users: Collection[str]) -> bool:
    """Whether this house receives the guest; an empty list is an open door."""
    return not allowed_users or user_id in allowed_users


def decide(
    incoming: Incoming,
    profile: Profile | None,
    *,
    events: int,
    now: datetime,
    house: House = House(),
) -> Decision | None:
    """What a "command" or "callback" comes to; None: silence is the answer.

    `profile` None for a stranger, or without memory; `events` counts the window. /stop is not
    decided here, for it concerns the turn under way.
    """
    guest = profile or new_profile(incoming.user_id or "", now, incoming.language, incoming.name)
    case = _Case(incoming, guest, profile is not None, events, now, house)
    if incoming.kind == "callback":
        return _button(case)
    command = incoming.command
    handler = _COMMANDS.get(command)
    if handler is None:
        # In a group it was most likely meant for another bot.
        private = incoming.private
        return Decision(case.say("unknown_command", command=command)) if private else None
    if not incoming.private and command in _PRIVATE:
        return Decision(case.say("private_only"))
    if not house.personal and command in _MEMORY:
        return Decision(case.say("memory_off"))
    return handler(case)


def _start(case: _Case) -> Decision:
    if not case.house.personal:
        return Decision(case.say("start_plain"))
    known = case.known and case.profile.last_seq > 0
    name = case.profile.name or case.incoming.name
    return Decision(greeting(case.language, name, known, case.incoming.update_id))


def _help(case: _Case) -> Decision:
    if not case.house.personal:
        return Decision(case.say("help_plain", commands=menu_text(case.language, _MEMORY)))
    return Decision(case.say("help", commands=menu_text(case.language)))


def _privacy(case: _Case) -> Decision:
    if not case.house.personal:
        return Decision(case.say("privacy_plain"))
    return Decision(case.say("privacy", days=case.house.retention_days))


def _language(case: _Case) -> Decision:
    asked = case.incoming.text.strip()
    choices = (tuple(Button(name, f"language:{code}") for code, name in _LANGUAGES.items()),)
    if not asked:
        return Decision(case.say("language_ask"), choices)
    if (language := _ASKED.get(asked.lower())) is None:
        return Decision(case.say("language_unknown", asked=asked[:40]), choices)
    return _switched(case, language)


def _switched(case: _Case, language: Language) -> Decision:
    changed = case.profile.language != language or not case.known
    profile = case.profile.revised(case.now, language=language) if changed else None
    return Decision(say(language, "language_set", case.incoming.update_id), profile=profile)


def _reset(case: _Case) -> Decision:
    yes, no = case.say("reset_yes"), case.say("reset_no")
    choices = ((Button(yes, "reset:yes"), Button(no, "reset:no")),)
    return Decision(case.say("reset_ask"), choices)


def _memory(case: _Case) -> Decision:
    profile = case.profile
    facts = [fact for fact in profile.facts if fact.superseded_by is None]
    if not (facts or profile.memory_summary or profile.preferred_topics or profile.last_seq):
        return Decision(case.say("memory_none"))
    blocks = [case.say("memory_head")]
    if facts:
        lines = [case.say("memory_facts")]
        for fact in facts:
            pinned = case.say("memory_pinned") if fact.pinned else ""
            day = fact.valid_from.date().isoformat()
            line = case.say("memory_fact", key=fact.key, value=fact.value, date=day, pinned=pinned)
            lines.append(line)
        blocks.append("\n".join(lines))
    if profile.preferred_topics:
        blocks.append(case.say("memory_topics", topics=", ".join(profile.preferred_topics)))
    if profile.memory_summary:
        blocks.append(case.say("memory_summary", summary=profile.memory_summary))
    blocks.append(case.say("memory_counts", events=case.events, total=profile.last_seq))
    return Decision("\n\n".join(blocks))


_COMMANDS: Mapping[str, Callable[[_Case], Decision]] = {
    "start": _start,
    "help": _help,
    "privacy": _privacy,
    "language": _language,
    "reset": _reset,
    "memory": _memory,
}


def _button(case: _Case) -> Decision | None:
    """Buttons may be pressed twice, late, or be made up: then they change nothing or say so."""
    if not case.incoming.private:
        return None
    shown = case.incoming.message_id or None
    if not case.house.personal:
        return Decision(case.say("memory_off"), edit_message_id=shown)
    subject, _, choice = case.incoming.text.partition(":")
    if subject == "language" and choice in _ASKED:
        return attrs.evolve(_switched(case, _ASKED[choice]), edit_message_id=shown)
    if (subject, choice) == ("reset", "no"):
        return Decision(case.say("reset_cancelled"), edit_message_id=shown)
    if (subject, choice) == ("reset", "yes"):
        profile = case.profile.revised(case.now, covered_seq=case.profile.last_seq)
        text = case.say("reset_done")
        return Decision(text, profile=profile, reset=True, edit_message_id=shown)
    return Decision(case.say("stale_button"), edit_message_id=shown)

"""What of a guest's events may be told to the LLM that keeps the notes, and be believed."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from butler.domain.event import Event
from butler.domain.instructions import injected
from butler.domain.profile import Language
from butler.domain.requests import Remember, understand
from butler.domain.sensitive import guarded

_WITHHELD: dict[Language, str] = {
    "ru": "[просьба сменить правила; опущена]",
    "en": "[a request to change the rules; left out]",
}


def admissible(events: Sequence[Event], language: Language) -> tuple[Event, ...]:
    """The events with secrets masked, and without the words of attacks on the butler's rules.

    The answer to an attack is left out with it, for it may be what the attack was after.
    """
    told, attacked = [], False
    for event in events:
        if not event.content:
            continue  # forgotten
        attacked = injected(event.content) or (attacked and event.role == "assistant")
        words = _WITHHELD[language] if attacked else guarded(event.content)
        told.append(event if words == event.content else attrs.evolve(event, content=words))
    return tuple(told)


def statement(event: Event) -> str:
    """What an event tells: of "remember that my cat is Rex" the cat, for a note gives no orders."""
    if event.role != "user":
        return event.content
    asked = understand(event.content, event.created_at.date())
    return asked.words if isinstance(asked, Remember) else event.content

"""What both stores ask of a matter that is to be forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from butler.domain.inbox import DeadLetter
from butler.domain.matter import Matter


def letter_touched(letter: DeadLetter, matter: Matter) -> bool:
    """Whether a dead letter goes: something that it quotes, or its moment, is to be forgotten."""
    texts = (letter.reason, letter.detail, *strings(letter.payload))
    return matter.touches("", letter.created_at) or any(map(matter.touches, texts))


def strings(value: Any) -> Iterator[str]:
    """All strings inside a JSON value, names of fields left out."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from strings(each)

"""All that is kept of one guest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from butler.domain.event import Event
from butler.domain.inbox import DeadLetter, InboxItem
from butler.domain.profile import Profile


@attrs.frozen
class Held:
    """What an export holds: `window` and `archive` by seq, `inbox` the updates that wait."""

    profile: Profile
    window: tuple[Event, ...] = ()
    archive: tuple[Event, ...] = ()
    dead_letters: tuple[DeadLetter, ...] = ()
    inbox: tuple[InboxItem, ...] = ()


def in_place_of(known: Profile | None, held: Held) -> Profile:
    """The profile to write: its revision is over any that writers may still have in hand."""
    if known is None:
        return held.profile
    revision = max(known.revision, held.profile.revision) + 1
    return attrs.evolve(held.profile, revision=revision)


def is_empty(export: Mapping[str, Any]) -> bool:
    """Whether an export, as a document, holds nothing of anybody."""
    return not any(export[field.name] for field in attrs.fields(Held))

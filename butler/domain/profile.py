"""What the butler knows of a guest for good: the profile and its facts."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import attrs

Language = Literal["ru", "en"]
PERSONA = "Alfred-style дворецкий"
TONE = "witty"


@attrs.frozen
class Fact:
    """One thing a guest said of themselves.

    `source_seq` is the `seq` of the event it was said in, `superseded_by` the `source_seq` of the
    newer fact with the same key, or None while the fact holds.
    """

    key: str
    value: str
    source_seq: int
    valid_from: datetime
    superseded_by: int | None = None
    pinned: bool = False


@attrs.frozen
class Tombstone:
    """What a guest had forgotten and what must not be learned again; holds no readable text.

    `marks` are keyed hashes (key: `salt`) of the word stems that were forgotten together.
    """

    salt: str
    marks: tuple[str, ...]
    at: datetime


@attrs.frozen
class TopicEvidence:
    """How often, and from when to when, a topic was seen in a guest's own words."""

    topic: str
    times: int
    first: datetime
    last: datetime


@attrs.frozen
class Profile:
    """A guest's profile, as stored.

    `covered_seq`: events up to this seq are covered by `memory_summary` (or were let go by the
    guest); `last_seq`: the newest seq given out; `revision` grows by one with each write and fences
    off writers that are behind. `name` is what Telegram calls the guest. `paused`: nothing is to be
    remembered until the guest says so.
    """

    user_id: str
    created_at: datetime
    updated_at: datetime
    language: Language = "ru"
    persona: str = PERSONA
    tone: str = TONE
    name: str = ""
    preferred_topics: tuple[str, ...] = ()
    memory_summary: str = ""
    facts: tuple[Fact, ...] = ()
    covered_seq: int = 0
    last_seq: int = 0
    revision: int = 0
    paused: bool = False
    tombstones: tuple[Tombstone, ...] = ()
    topic_evidence: tuple[TopicEvidence, ...] = ()

    def revised(self, now: datetime, **changes: object) -> Profile:
        """The next revision with `changes`; the caller writes it with `expected=self.revision`."""
        changes = {**changes, "revision": self.revision + 1, "updated_at": now}
        return attrs.evolve(self, **changes)  # type: ignore[arg-type]  # names checked by attrs


def new_profile(user_id: str, now: datetime, language: Language = "ru", name: str = "") -> Profile:
    """A stranger's profile; revision 0 means that it is not stored yet."""
    return Profile(user_id=user_id, created_at=now, updated_at=now, language=language, name=name)

"""What the guest told in the present talk, and no compaction has noted yet."""

from __future__ import annotations

from butler.domain.commands.case import Case
from butler.domain.endings import endings
from butler.domain.event import Event
from butler.domain.facts import brought_up, told
from butler.domain.forgetting import is_buried
from butler.domain.profile import Fact
from butler.domain.testimony import admissible

# Characters of the newest messages that are read again.
_FROM = 8_000


def heard(case: Case) -> list[Fact]:
    """The facts that the guest plainly told since the last compaction, and the next would note."""
    profile, recent, length = case.profile, list[Event](), 0
    for event in reversed(case.said.window):
        length += len(event.content)
        if event.seq <= profile.covered_seq or length > _FROM:
            break
        recent.append(event)
    said = admissible(recent[::-1], profile.language)
    known = brought_up(profile.facts, told(said, profile.language), endings(said))
    return [
        fact
        for fact in known
        if fact.superseded_by is None
        and fact not in profile.facts
        and not is_buried(profile.tombstones, f"{fact.key} {fact.value}")
    ]

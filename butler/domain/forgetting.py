"""Forgetting for good: what leaves the profile, and the marks that keep it from coming back.

What is meant is found by `search`, `of_fact`, `of_period` or `of_all`, or in steps by `searching`
and `looking_…`, where others wait for their turn; `without` is the profile
that remains; the write is `butler.domain.writes.Forget`.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from datetime import datetime
from hashlib import blake2b

import attrs

from butler.domain.event import Event
from butler.domain.finding import (
    fact_id,
    looking_at_all,
    looking_for_fact,
    looking_in_period,
    mentioned,
    mentioning,
    named_fact,
    of_all,
    of_fact,
    of_period,
    search,
    searching,
    still,
)
from butler.domain.matter import Found, Matter
from butler.domain.profile import Profile, Tombstone, TopicEvidence
from butler.domain.stems import content_stems
from butler.domain.stems import stems as all_stems

__all__ = [
    "Epoch",
    "Found",
    "Matter",
    "epoch",
    "fact_id",
    "heeding",
    "is_buried",
    "lifted",
    "looking_at_all",
    "looking_for_fact",
    "looking_in_period",
    "mentioned",
    "mentioning",
    "named_fact",
    "of_all",
    "of_fact",
    "of_period",
    "rid",
    "search",
    "searching",
    "sentences",
    "still",
    "tombstone",
    "without",
]

Epoch = tuple[datetime, int, datetime | None]
_MARK_BYTES = 8
_SENTENCE = re.compile(r"[^.!?…\n]+[.!?…\n]*\s*")


def tombstone(texts: Iterable[str], at: datetime, salt: str | None = None) -> Tombstone:
    """A tombstone over the words of `texts`, forgotten together; `salt` is drawn if not given."""
    return _stone((root for text in texts for root in content_stems(text)), at, salt)


def is_buried(tombstones: Iterable[Tombstone], text: str) -> bool:
    """Whether all that some tombstone covers stands in the text again."""
    return any(True for _ in _over(tombstones, text))


def lifted(tombstones: Iterable[Tombstone], text: str) -> tuple[Tombstone, ...]:
    """The tombstones without those that bury the text: the guest says "remember" of it anew."""
    tombstones = tuple(tombstones)
    gone = tuple(map(id, _over(tombstones, text)))
    # One without marks buries nothing; it takes the place, so that an epoch never comes back.
    return tuple(
        attrs.evolve(stone, marks=()) if id(stone) in gone else stone for stone in tombstones
    )


def rid(tombstones: Iterable[Tombstone], text: str) -> str:
    """The text without the sentences that a tombstone buries."""
    tombstones = tuple(tombstones)
    if not is_buried(tombstones, text):
        return text
    kept = (each for each in sentences(text) if not is_buried(tombstones, each))
    rest = "".join(kept).strip()
    return "" if is_buried(tombstones, rest) else rest


def sentences(text: str) -> list[str]:
    """The sentences of a text, each with what stands between it and the next."""
    return _SENTENCE.findall(text)


def epoch(profile: Profile | None) -> Epoch | None:
    """Changes whenever something is forgotten: what was begun in another epoch is out of date."""
    if profile is None:
        return None
    stones = profile.tombstones
    return profile.created_at, len(stones), stones[-1].at if stones else None


def heeding(event: Event, profile: Profile, asked_in: Epoch | None) -> Event:
    """The event as it may enter memory: blank where it would bring back what was forgotten.

    So is a guest's message that was said before its words were forgotten, and an answer that the
    LLM was asked for in an earlier epoch (None: it was shown nothing of memory).
    """
    if event.role == "assistant":
        late = asked_in is not None and asked_in != epoch(profile)
    else:
        since = (stone for stone in profile.tombstones if stone.at >= event.created_at)
        late = is_buried(since, event.content)
    return attrs.evolve(event, content="") if late else event


def without(profile: Profile, events: Iterable[Event], found: Found, now: datetime) -> Profile:
    """The next revision of the profile, with nothing in it of what was found.

    A summary that may hold it is dropped whole. What was found by its words is buried under
    tombstones; so are the facts of a period. Each forgetting leaves one at least.
    """
    gone = set(found.facts)
    matter = found.matter
    if matter.everything:
        return _emptied(profile, now)
    salt = profile.tombstones[0].salt if profile.tombstones else secrets.token_hex(16)
    topics = set(found.topics)
    return profile.revised(
        now,
        facts=tuple(fact for fact in profile.facts if fact not in gone),
        preferred_topics=tuple(each for each in profile.preferred_topics if each not in topics),
        topic_evidence=tuple(
            left
            for each in profile.topic_evidence
            if each.topic not in topics and (left := _unseen(each, matter)) is not None
        ),
        memory_summary="" if found.in_summary else profile.memory_summary,
        tombstones=(*profile.tombstones, *_stones(found, now, salt)),
    )


def _unseen(evidence: TopicEvidence, matter: Matter) -> TopicEvidence | None:
    """What is left of a topic's sightings; of those in a period, the one outside it, if any."""
    first, last = matter.holds(evidence.first), matter.holds(evidence.last)
    if matter.touches(evidence.topic) or (first and last):
        return None
    if not (first or last):
        return evidence
    known = evidence.last if first else evidence.first
    return attrs.evolve(evidence, times=evidence.times - 1, first=known, last=known)


def _emptied(profile: Profile, now: datetime) -> Profile:
    return profile.revised(
        now,
        facts=(),
        preferred_topics=(),
        topic_evidence=(),
        memory_summary="",
        covered_seq=profile.last_seq,
        tombstones=(*profile.tombstones, Tombstone("", (), now)),
    )


def _stones(found: Found, now: datetime, salt: str) -> Iterable[Tombstone]:
    matter = found.matter
    buried = [frozenset((stem,)) for stem in sorted(matter.stems)]
    buried += [matter.together] if matter.together else []
    if matter.period:
        told = (frozenset(content_stems(f"{fact.key} {fact.value}")) for fact in found.facts)
        buried += [stems for stems in dict.fromkeys(told) if stems]
    return [_stone(stems, now, salt) for stems in buried] or [Tombstone("", (), now)]


def _stone(stems: Iterable[str], at: datetime, salt: str | None = None) -> Tombstone:
    key = salt if salt is not None else secrets.token_hex(16)
    return Tombstone(key, tuple(sorted({_mark(key, stem) for stem in stems})), at)


def _over(tombstones: Iterable[Tombstone], text: str) -> Iterable[Tombstone]:
    """The tombstones that bury the text; function words count, as some of old may hold them."""
    stems: frozenset[str] | None = None
    marks: dict[str, frozenset[str]] = {}
    for stone in tombstones:
        if not stone.marks:
            continue
        if stems is None:
            stems = frozenset(all_stems(text))
        if stone.salt not in marks:
            marks[stone.salt] = frozenset(_mark(stone.salt, stem) for stem in stems)
        if marks[stone.salt].issuperset(stone.marks):
            yield stone


def _mark(salt: str, stem: str) -> str:
    return blake2b(stem.encode(), key=salt.encode()[:64], digest_size=_MARK_BYTES).hexdigest()

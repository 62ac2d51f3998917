"""A guest's interests: few, stable, and changed only by what is seen again and again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import attrs

from butler.domain.delicate import delicate
from butler.domain.event import Event
from butler.domain.profile import Profile, TopicEvidence
from butler.domain.sensitive import secret
from butler.domain.stems import content_stems, plain
from butler.domain.text import one_line

MOST = 7
# Seen in this many of the guest's messages, a topic is an interest.
_ENOUGH = 2
# With no room, one that was not heard of for so long gives way to one seen more often than this.
_STALE, _PRESSING = timedelta(days=30), 3
_LIMIT, _WORDS = 40, 3
_REMEMBERED = 40


def seen(
    named: Iterable[object], events: Sequence[Event], profile: Profile
) -> tuple[TopicEvidence, ...]:
    """Sightings in the guest's own words of what the LLM `named`, and of what is known.

    `times` counts messages. Nothing delicate, nothing secret, nothing that the guest did not say.
    """
    known = (*profile.preferred_topics, *(each.topic for each in profile.topic_evidence))
    topics: dict[frozenset[str], str] = {}
    for item in (*known, *named):
        topic = plain(one_line(item)) if isinstance(item, str) else ""
        meant = frozenset(content_stems(topic))
        if meant and len(meant) <= _WORDS and len(topic) <= _LIMIT:
            topics.setdefault(meant, topic)
    said = [(event, set(content_stems(event.content))) for event in events if event.role == "user"]
    found = []
    for meant, topic in topics.items():
        when = [event.created_at for event, stems in said if meant <= stems]
        if when and not secret(topic) and not delicate(topic):
            found.append(TopicEvidence(topic, len(when), min(when), max(when)))
    return tuple(found)


def after(profile: Profile, sightings: Sequence[TopicEvidence], now: datetime) -> Profile:
    """The profile with what was seen; at most one interest gives way at a time."""
    evidence = {_about(each.topic): each for each in profile.topic_evidence}
    for sight in sightings:
        before = evidence.pop(_about(sight.topic), None)
        evidence[_about(sight.topic)] = _more(before, sight) if before else sight
    topics = list(profile.preferred_topics)
    held = {_about(topic) for topic in topics}
    ready = [each for about, each in evidence.items() if about not in held]
    ready = [each for each in ready if each.times >= _ENOUGH]
    for each in sorted(ready, key=lambda each: (-each.times, each.first)):
        if len(topics) < MOST:
            topics.append(each.topic)
    stale = _stalest(topics, evidence, now)
    pressing = [each for each in ready if each.topic not in topics and each.times >= _PRESSING]
    if len(topics) >= MOST and stale is not None and pressing:
        topics[topics.index(stale)] = max(pressing, key=lambda each: each.times).topic
    kept = sorted(evidence.values(), key=lambda each: each.last)[-_REMEMBERED:]
    return attrs.evolve(profile, preferred_topics=tuple(topics), topic_evidence=tuple(kept))


def _stalest(
    topics: Sequence[str], evidence: dict[frozenset[str], TopicEvidence], now: datetime
) -> str | None:
    """The interest not heard of for longest, if that is long; one without evidence first."""
    silent = []
    for topic in topics:
        found = evidence.get(_about(topic))
        if found is None or now - found.last > _STALE:
            silent.append((found is not None, found.last if found else now, topic))
    return min(silent)[2] if silent else None


def _more(before: TopicEvidence, sight: TopicEvidence) -> TopicEvidence:
    return TopicEvidence(
        before.topic,
        before.times + sight.times,
        min(before.first, sight.first),
        max(before.last, sight.last),
    )


def _about(topic: str) -> frozenset[str]:
    return frozenset(content_stems(topic))

"""What of a profile is let go of with time."""

from __future__ import annotations

from datetime import datetime

import attrs

from butler.domain.profile import Profile


def aged(profile: Profile, before: datetime, now: datetime) -> Profile | None:
    """The next revision without what is too old; None where nothing is.

    Superseded facts from earlier than `before` go. Of a guest who was not heard of since, the
    summary, the topics and the facts go, too: all that covered messages which are gone themselves.
    What is pinned stays.
    """
    facts = tuple(
        fact for fact in profile.facts if fact.superseded_by is None or fact.valid_from >= before
    )
    changes: dict[str, object] = {"facts": facts}
    if profile.updated_at < before:
        changes = {
            "facts": tuple(fact for fact in facts if fact.pinned),
            "memory_summary": "",
            "preferred_topics": (),
            "topic_evidence": (),
        }
    if all(getattr(profile, name) == value for name, value in changes.items()):
        return None
    # Nobody was heard of by this: the moment of the last writing stays.
    return attrs.evolve(profile.revised(now, **changes), updated_at=profile.updated_at)

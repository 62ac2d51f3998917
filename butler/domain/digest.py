"""What is accepted of an LLM's compaction, and what becomes of the profile."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from datetime import datetime
from typing import Any

import attrs

from butler.domain import facts, interests
from butler.domain.answers import object_in
from butler.domain.chat import Completion
from butler.domain.compaction import unpaused
from butler.domain.endings import Ending, endings
from butler.domain.event import Event
from butler.domain.forgetting import is_buried, rid, sentences
from butler.domain.grounding import Source, invented, source_of, stranger, without_strangers
from butler.domain.instructions import commanding
from butler.domain.profile import Fact, Profile, Tombstone, TopicEvidence
from butler.domain.replies import cleaned
from butler.domain.sensitive import secrets_in, tells_secret
from butler.domain.stems import content_stems, plain
from butler.domain.testimony import admissible
from butler.domain.text import one_line, visible
from butler.domain.tokens import Tokens

SUMMARY_TOKENS = 250
_FACTS_AT_ONCE, _TOPICS_AT_ONCE = 20, 10
# The rest is a summary's own way of telling.
_SHARE_SAID = 0.25
_COUNT = Tokens().count
_LINE = re.compile(r"#\d+ (?:user|assistant):")
_THING = re.compile(r"\b(address|number|name) .+(?= that was not said)", re.DOTALL)
_SENTENCE = re.compile(r"[^.!?…]+[.!?…]*")
# How models begin, whatever they are asked.
_PREAMBLE = re.compile(
    r"^(?:(?:конечно|разумеется|хорошо|извольте|sure|certainly|of course|okay|ok)[!.,:]\s*"
    r"|(?:вот|here is|here['’]s)\b[^.!?:]{0,60}:\s*|(?:summary|запись|итог)\s*:\s*)+",
    re.IGNORECASE,
)
_CYRILLIC, _LATIN = re.compile("[\u0400-\u052f]+"), re.compile("[A-Za-z]+")
_LETTERS = re.compile(r"[^\W\d_]+")


@attrs.frozen
class Digest:
    """A compaction that may enter the profile; `topics` and what has `ended` as in its events."""

    summary: str
    facts: tuple[Fact, ...] = ()
    topics: tuple[TopicEvidence, ...] = ()
    ended: tuple[Ending, ...] = ()


@attrs.frozen
class Rejected:
    """An answer that may not; `reason` is for the LLM's second try, and `unquoted` for the log."""

    reason: str


def unquoted(reason: str) -> str:
    """The reason without the very words, which may be those that a guest had forgotten."""
    return _THING.sub(r"\1", reason)


def accept(
    completion: Completion,
    events: Sequence[Event],
    profile: Profile,
    *,
    last: bool = False,
    pause: Callable[[], None] = unpaused,
) -> Digest | Rejected:
    """What of the LLM's answer to `compaction.request(profile, events)` holds.

    The summary stands or falls as a whole; facts and topics that are not the guest's own are
    dropped one by one, and facts that the guest plainly stated are added. An answer in plain prose
    is a summary alone. On the `last` try sentences that give orders are left out: else a guest who
    talks in orders would have an LLM that copies them fail for ever. Sentences whose first word may
    be a name that nobody said are left out on any try. It takes some milliseconds,
    and calls `pause` several times meanwhile.
    """
    if completion.finish != "stop":
        return Rejected(f"it did not end cleanly ({completion.finish})")
    answer = _parsed(completion.text)
    if isinstance(answer, Rejected):
        return answer
    summary = one_line(str(answer.get("summary") or ""))
    summary = (_without_orders(summary) or summary) if last else summary
    told = admissible(events, profile.language)
    pause()
    known = [profile.memory_summary, profile.name, *profile.preferred_topics]
    known += [text for fact in profile.facts for text in (fact.key, fact.value)]
    if _repeats_secret(summary, events, told):
        return Rejected("the summary holds a secret")
    spoken: set[str] = {profile.language}
    if _script(summary) not in spoken:  # else there is no need to read all that was said
        spoken.add(_script(" ".join(event.content for event in events)))
    source = source_of(told, known)
    pause()
    if reason := _unfit(summary, spoken, source):
        return Rejected(reason)
    if (name := stranger(summary, source)) is not None:
        summary = without_strangers(summary, source)
        if not summary:
            return Rejected(f"the summary has a name {name} that was not said")
    pause()
    own = list(facts.told(told, profile.language))
    pause()
    kept = facts.together(own, _answered(_list(answer.get("facts")), told))
    pause()
    topics = interests.seen(_list(answer.get("topics"))[:_TOPICS_AT_ONCE], told, profile)
    return Digest(summary, kept, topics, tuple(endings(told)))


def apply(profile: Profile, digest: Digest, covered_to: int, now: datetime) -> Profile:
    """The next revision of the profile with the digest in it; events up to `covered_to` covered.

    The newest fact with a key wins and the older is kept as superseded, unless it is pinned: what a
    guest has pinned holds beside it until the guest changes it. What the guest had forgotten is
    left out. How many are kept is bounded (see `facts.bounded`).
    """
    digest = _unburied(digest, profile.tombstones)
    known = facts.brought_up(profile.facts, digest.facts, digest.ended)
    return interests.after(profile, digest.topics, now).revised(
        now,
        memory_summary=digest.summary,
        facts=facts.bounded(known),
        covered_seq=max(profile.covered_seq, covered_to),
    )


def _unburied(digest: Digest, tombstones: Sequence[Tombstone]) -> Digest:
    """The digest without what the guest had forgotten; of the summary, sentence by sentence."""
    if not tombstones:
        return digest
    return attrs.evolve(
        digest,
        summary=rid(tombstones, digest.summary),
        facts=tuple(f for f in digest.facts if not is_buried(tombstones, f"{f.key} {f.value}")),
        topics=tuple(t for t in digest.topics if not is_buried(tombstones, t.topic)),
    )


def _parsed(text: str) -> Mapping[str, Any] | Rejected:
    """The answer's object, wherever it stands; prose counts as {"summary": prose}."""
    found = object_in(text, "summary")
    if found is not None:
        return found
    if any(sign in text for sign in ('"summary"', "{", "[", "```")):
        return Rejected("it is not the JSON object that was asked for")
    return {"summary": _PREAMBLE.sub("", cleaned(text))}


def _without_orders(summary: str) -> str:
    kept = (each for each in sentences(summary) if not commanding(each))
    return "".join(kept).strip()


def _unfit(summary: str, languages: Set[str], source: Source) -> str | None:
    if not visible(summary) or not _LETTERS.search(summary):
        return "the summary is empty"
    if _COUNT(summary) > SUMMARY_TOKENS:
        return "the summary is too long"
    if _LINE.search(summary):
        return "the summary repeats the lines"
    parts = [s for found in _SENTENCE.findall(plain(summary)) if (s := found.strip(" .!?…"))]
    if len(parts) - len(set(parts)) > 1:
        return "the summary repeats itself"
    if _script(summary) not in languages:
        return f"the summary is not in the guest's language ({', '.join(sorted(languages))})"
    if tells_secret(summary):
        return "the summary holds a secret"
    if commanding(summary):
        return "the summary gives orders to the butler"
    if not _about(summary, source):
        return "the summary is not about what was said"
    if thing := invented(summary, source):
        return f"the summary has a {thing} that was not said"
    return None


def _repeats_secret(summary: str, events: Iterable[Event], told: Iterable[Event]) -> bool:
    """Whether a secret that was said, and so not `told`, is in the summary, however put there."""
    folded, plainly = summary.casefold(), {event.seq: event.content for event in told}
    masked = (event.content for event in events if event.content != plainly.get(event.seq))
    return any(secret in folded for content in masked for secret in secrets_in(content))


def _about(summary: str, source: Source) -> bool:
    """Whether a fair part of the summary's words was said; true where nothing was said in words."""
    meant = set(content_stems(summary))
    return not source.stems or (
        bool(meant) and len(meant & source.stems) >= _SHARE_SAID * len(meant)
    )


def _script(text: str) -> str:
    """The language that most letters suggest: "ru", "en" or another."""
    cyrillic, latin, letters = (
        sum(map(len, kind.findall(text))) for kind in (_CYRILLIC, _LATIN, _LETTERS)
    )
    other = letters - cyrillic - latin
    if cyrillic >= max(latin, other):
        return "ru"
    return "en" if latin >= other else "other"


def _answered(items: Sequence[object], events: Sequence[Event]) -> Iterable[Fact]:
    """The facts of the answer that hold."""
    own = {event.seq: event for event in events if event.role == "user"}
    for item in items[:_FACTS_AT_ONCE]:
        if not isinstance(item, dict):
            continue
        event = own.get(_seq(item.get("source_seq")))
        key, value = item.get("key"), item.get("value")
        if event is None or not isinstance(key, str) or not isinstance(value, str):
            continue
        if fact := facts.believed(key, value, event):
            yield fact


def _seq(value: object) -> int:
    """A seq, also as models write it ("#12", "12"); 0 for anything else."""
    if isinstance(value, str) and value.lstrip("#").isdecimal() and len(value) < 16:
        return int(value.lstrip("#"))
    return value if type(value) is int else 0


def _list(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else ()

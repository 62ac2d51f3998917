"""What is accepted of an LLM's compaction, and what becomes of the profile."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import attrs

from butler.domain.chat import Completion
from butler.domain.event import Event
from butler.domain.grounding import Source, invented, source_of
from butler.domain.profile import Fact, Language, Profile
from butler.domain.replies import cleaned
from butler.domain.sensitive import asked_to_remember, delicate, secret, tells_secret
from butler.domain.stems import content_stems, plain, stems
from butler.domain.text import one_line, visible
from butler.domain.tokens import Tokens

SUMMARY_TOKENS = 250
_KEY_LIMIT, _VALUE_LIMIT, _TOPIC_LIMIT = 40, 300, 40
_FACTS_AT_ONCE, _TOPICS = 20, 7
# The rest is a summary's own way of telling.
_SHARE_SAID = 0.25
# Superseded facts beyond this many are dropped, the oldest first.
_HISTORY = 100
_COUNT = Tokens().count
_FENCE = re.compile(r"```[a-zA-Z]*\s*\n?(.*?)```", re.DOTALL)
_LINE = re.compile(r"#\d+ (?:user|assistant):")
_KEY = re.compile(r"[^\W\d_]+(?:[ -][^\W\d_]+){0,2}")
_SENTENCE = re.compile(r"[^.!?…]+")
_LETTER = re.compile(r"([\u0400-\u052f])|([A-Za-z])|[^\W\d_]")
_CLAUSE = re.compile(r"[.,;:!?…\n—–]|\b(?:но|а|зато|but)\b")
_NEGATIONS = frozenset(stems("не нет никогда not no never don't doesn't didn't isn't can't won't"))


@attrs.frozen
class Digest:
    """A compaction that may enter the profile."""

    summary: str
    facts: tuple[Fact, ...] = ()
    topics: tuple[str, ...] = ()


@attrs.frozen
class Rejected:
    """An answer that may not; `reason` is for the log and for the LLM's second try."""

    reason: str


def accept(completion: Completion, events: Sequence[Event], profile: Profile) -> Digest | Rejected:
    """What of the LLM's answer to `compaction.request(profile, events)` holds.

    The summary stands or falls as a whole; facts and topics that are not the guest's own are
    dropped one by one. An answer in plain prose is a summary alone.
    """
    if completion.finish != "stop":
        return Rejected(f"it did not end cleanly ({completion.finish})")
    answer = _parsed(completion.text)
    if isinstance(answer, Rejected):
        return answer
    summary = one_line(str(answer.get("summary") or ""))
    known = [profile.memory_summary, profile.name, *profile.preferred_topics]
    known += [text for fact in profile.facts for text in (fact.key, fact.value)]
    source = source_of(events, known)
    if reason := _unfit(summary, events, profile.language, source):
        return Rejected(reason)
    facts = _facts(_list(answer.get("facts")), events)
    return Digest(summary, facts, _topics(_list(answer.get("topics")), source))


def apply(profile: Profile, digest: Digest, covered_to: int, now: datetime) -> Profile:
    """The next revision of the profile with the digest in it; events up to `covered_to` covered.

    The newest fact with a key wins and the older is kept as superseded, unless it is pinned: what a
    guest has pinned only the guest changes.
    """
    facts = list(profile.facts)
    for fact in digest.facts:
        facts = _merged(facts, fact)
    superseded = [fact for fact in facts if fact.superseded_by is not None]
    dropped = set(map(id, superseded[: max(len(superseded) - _HISTORY, 0)]))
    return profile.revised(
        now,
        memory_summary=digest.summary,
        facts=tuple(fact for fact in facts if id(fact) not in dropped),
        preferred_topics=_stable(profile.preferred_topics, digest.topics),
        covered_seq=max(profile.covered_seq, covered_to),
    )


def _parsed(text: str) -> Mapping[str, Any] | Rejected:
    """The answer's object, wherever it stands; prose counts as {"summary": prose}."""
    text = text.strip()
    fenced = _FENCE.search(text)
    for candidate in (text, fenced.group(1) if fenced else "", text[text.find("{") :]):
        if "{" not in candidate:
            continue
        try:
            value, _ = json.JSONDecoder(strict=False).raw_decode(candidate.strip())
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict) and isinstance(value.get("summary"), str):
            return value
    if any(sign in text for sign in ('"summary"', "{", "[", "```")):
        return Rejected("it is not the JSON object that was asked for")
    return {"summary": cleaned(text)}


def _unfit(summary: str, events: Sequence[Event], language: Language, source: Source) -> str | None:
    if not visible(summary):
        return "the summary is empty"
    if _COUNT(summary) > SUMMARY_TOKENS:
        return "the summary is too long"
    if _LINE.search(summary):
        return "the summary repeats the lines"
    sentences = [stripped for s in _SENTENCE.findall(plain(summary)) if (stripped := s.strip())]
    if len(sentences) - len(set(sentences)) > 1:
        return "the summary repeats itself"
    if _script(summary) not in {language, _script(" ".join(event.content for event in events))}:
        return f"the summary is not in the guest's language ({language})"
    if tells_secret(summary):
        return "the summary holds a secret"
    if not _about(summary, source):
        return "the summary is not about what was said"
    if thing := invented(summary, source):
        return f"the summary has a {thing} that was not said"
    return None


def _about(summary: str, source: Source) -> bool:
    """Whether a fair part of the summary's words was said; true where nothing was said in words."""
    meant = set(content_stems(summary))
    return not source.stems or (
        bool(meant) and len(meant & source.stems) >= _SHARE_SAID * len(meant)
    )


def _script(text: str) -> str:
    """The language that most letters suggest: "ru", "en" or another."""
    cyrillic = latin = other = 0
    for letter in _LETTER.finditer(text):
        cyrillic += letter.group(1) is not None
        latin += letter.group(2) is not None
        other += letter.group(1) is None and letter.group(2) is None
    if cyrillic >= max(latin, other):
        return "ru"
    return "en" if latin >= other else "other"


def _facts(items: Sequence[object], events: Sequence[Event]) -> tuple[Fact, ...]:
    own = {event.seq: event for event in events if event.role == "user"}
    facts = []
    for item in items[:_FACTS_AT_ONCE]:
        if not isinstance(item, dict):
            continue
        event = own.get(_seq(item.get("source_seq")))
        key, value = item.get("key"), item.get("value")
        if event is None or not isinstance(key, str) or not isinstance(value, str):
            continue
        key, value = plain(one_line(key)), one_line(value)
        if _holds(key, value, event):
            facts.append(Fact(key, value, event.seq, event.created_at))
    return tuple(facts)


def _seq(value: object) -> int:
    """A seq, also as models write it ("#12", "12"); 0 for anything else."""
    if isinstance(value, str) and value.lstrip("#").isdecimal() and len(value) < 16:
        return int(value.lstrip("#"))
    return value if type(value) is int else 0


def _holds(key: str, value: str, event: Event) -> bool:
    """Whether the guest said so in that message, and it is a thing to keep."""
    if not _KEY.fullmatch(key) or len(key) > _KEY_LIMIT or len(value) > _VALUE_LIMIT:
        return False
    meant = content_stems(value)
    said = set(stems(event.content))
    if not meant or not said.issuperset(meant) or invented(value, source_of([event])):
        return False
    if _denied(meant, event.content) and _NEGATIONS.isdisjoint(stems(f"{key} {value}")):
        return False
    whole = f"{key} {value}"
    return not secret(whole) and (not delicate(whole) or asked_to_remember(event.content))


def _denied(meant: Sequence[str], said: str) -> bool:
    """Whether a clause with one of these words says no: "I don't like tea" is no liking for tea."""
    clauses = (set(stems(clause)) for clause in _CLAUSE.split(plain(said)))
    return any(
        not clause.isdisjoint(meant) and not clause.isdisjoint(_NEGATIONS) for clause in clauses
    )


def _topics(items: Sequence[object], source: Source) -> tuple[str, ...]:
    topics: dict[str, None] = {}
    for item in items:
        topic = plain(one_line(item)) if isinstance(item, str) else ""
        meant = content_stems(topic)
        short = len(topic) <= _TOPIC_LIMIT and len(meant) <= 3
        if meant and short and source.stems.issuperset(meant) and not _unspoken(topic):
            topics[topic] = None
    return tuple(topics)[:_TOPICS]


def _unspoken(topic: str) -> bool:
    return secret(topic) or delicate(topic)


def _stable(before: Sequence[str], new: Sequence[str]) -> tuple[str, ...]:
    """Interests with the new ones; where there is no room, those not heard of again give way."""
    topics = list(dict.fromkeys((*before, *new)))
    for topic in before:
        if len(topics) <= _TOPICS:
            break
        if topic not in new:
            topics.remove(topic)
    return tuple(topics[:_TOPICS])


def _merged(facts: Sequence[Fact], new: Fact) -> list[Fact]:
    merged = []
    for fact in facts:
        if fact.superseded_by is not None or plain(fact.key) != plain(new.key):
            merged.append(fact)
        elif (
            fact.pinned or plain(fact.value) == plain(new.value) or fact.source_seq > new.source_seq
        ):
            return list(facts)
        else:
            merged.append(attrs.evolve(fact, superseded_by=new.source_seq))
    return [*merged, new]


def _list(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else ()

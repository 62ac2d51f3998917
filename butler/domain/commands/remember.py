"""Being told to remember: a pinned fact at once, in the guest's own words."""

from __future__ import annotations

import re
from datetime import date, datetime

import attrs

from butler.domain.commands import pause
from butler.domain.commands.case import Case, Decision, TakeDown
from butler.domain.dates import dated, moments
from butler.domain.facts import without_old_history
from butler.domain.facts_in import facts_in
from butler.domain.forgetting import fact_id, lifted
from butler.domain.instructions import injected
from butler.domain.keys import concept, gathers
from butler.domain.profile import Fact, Language, Profile
from butler.domain.sensitive import secret
from butler.domain.stems import content_stems, plain, words
from butler.domain.text import one_line

KEY_LIMIT, VALUE_LIMIT = 40, 300
# All are weighed at every turn and written with it: one guest's are not to slow the house.
MOST = 500
_KEY_WORDS = 4
_OWN = re.compile(
    r"(?:мой|моя|моё|мое|мои|моего|моей|моих|наш|наша|наше|наши|my|our|the|это|у меня|у нас)\s+",
    re.IGNORECASE,
)
_IS = re.compile(
    r"\s*[:=]\s+|\s+[-—–]\s+(?:это\s+)?|,?\s+это\s+|\s+(?:is|are|was|were)\s+(?:called\s+)?",
    re.IGNORECASE,
)
# What recurs has no one day.
_EVERY = re.compile(r"\b(?:every|each|кажд\w+)\b", re.IGNORECASE)
_NAME = re.compile(r"(?<=\s)[A-ZА-ЯЁ][\w'’-]*")
# Between the thing and its name: "моего кота зовут …".
_LINKS = frozenset(content_stems("мой моя мое мои моего мою моей моих зовут called named name"))


def request(case: Case, said: str) -> Decision | None:
    """Keep what the guest wants remembered; None for what is no note but an order to the butler."""
    if injected(said):
        return None
    if case.profile.paused:
        return pause.refused(case)
    if secret(said):
        return Decision(case.say("secret_refused"))
    if sum(fact.superseded_by is None for fact in case.profile.facts) >= MOST:
        return Decision(case.say("memory_full"))
    key, value = named(said, case.language, case.now.date())
    text = case.say("remembered", key=key, value=value)
    return Decision(text, act=TakeDown(key, value, said))


def named(said: str, language: Language, day: date) -> tuple[str, str]:
    """Key and value: "my dog is Rex" → ("dog", "Rex"); else the first words, and all of them.

    In the value the days that are told by their distance are written out, reckoned from `day`.
    """
    said = one_line(said, VALUE_LIMIT)
    key, value = _named(said, language, day)
    written = value if _EVERY.search(value) else dated(value, day)
    return key, written if len(written) <= VALUE_LIMIT else value


def _named(said: str, language: Language, day: date) -> tuple[str, str]:
    parts = _split(said)
    if parts and _OWN.match(said):
        return parts
    told = list(dict.fromkeys(facts_in(said, language)))
    if len(told) == 1 and _covers(*told[0], said):
        return plain(one_line(told[0][0], KEY_LIMIT)), told[0][1]
    if parts:
        return parts
    meant = _first_words(_lasting(said, day)) or _first_words(said)
    return one_line(meant or plain(said), KEY_LIMIT), said


def _first_words(said: str) -> str:
    return " ".join([word for word in words(said) if content_stems(word)][:2])


def _lasting(said: str, day: date) -> str:
    """Without the days that are told by their distance: a key is to hold longer."""
    for moment in reversed(moments(said, day)):
        said = said[: moment.start] + said[moment.end :]
    return said


def _covers(key: str, value: str, said: str) -> bool:
    """Whether little else is said: a fact must not lose half of the sentence."""
    rest = set(content_stems(said)) - set(content_stems(f"{key} {value}")) - _LINKS
    names = {root for name in _NAME.findall(said) for root in content_stems(name)}
    return len(rest) <= 1 and rest.isdisjoint(names) and not any(map(str.isdigit, rest))


def _split(said: str) -> tuple[str, str] | None:
    found = _IS.search(said)
    if found is None:
        return None
    key, value = said[: found.start()], said[found.end() :].strip(" .!,;")
    while own := _OWN.match(key):
        key = key[own.end() :]
    key = plain(key.strip(" ,.:;«»\"'"))
    fits = key and len(key) <= KEY_LIMIT and len(words(key)) <= _KEY_WORDS and content_stems(key)
    return (key, value) if fits and value else None


def with_fact(profile: Profile, act: TakeDown, seq: int, at: datetime) -> Profile:
    """The profile (its revision as it is) with the fact, said in the event `seq`.

    It supersedes the one that it replaces, and any about the same single thing, pinned or not: only
    the guest changes what a guest has pinned. What was forgotten of it may be known again.
    """
    new = Fact(act.key, act.value, seq, at, pinned=act.pinned)
    about, many = concept(act.key), gathers(act.key)
    facts = []
    for fact in profile.facts:
        replaced = act.replaces is not None and fact_id(fact) == fact_id(act.replaces)
        same = plain(fact.key) == plain(act.key) or concept(fact.key) == about
        if fact.superseded_by is None and (replaced or (same and not many)):
            fact = attrs.evolve(fact, superseded_by=seq)
        facts.append(fact)
    tombstones = lifted(profile.tombstones, f"{act.said} {act.key} {act.value}")
    kept = without_old_history((*facts, new))
    return attrs.evolve(profile, facts=kept, tombstones=tombstones)

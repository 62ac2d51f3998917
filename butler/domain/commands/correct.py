"""Correcting a fact: by its button and the next message, by /correct, or in plain words."""

from __future__ import annotations

import re

import attrs

from butler.domain.commands import pause
from butler.domain.commands.case import AskValue, Case, Decision, TakeDown
from butler.domain.commands.heard import heard
from butler.domain.commands.remember import VALUE_LIMIT
from butler.domain.forgetting import fact_id
from butler.domain.keys import concept
from butler.domain.outgoing import Button
from butler.domain.profile import Fact, Profile
from butler.domain.requests import Correct
from butler.domain.sensitive import secret
from butler.domain.stems import content_stems, plain
from butler.domain.text import one_line, visible

_PARTS = re.compile(r"(?P<key>[^:=]{1,80}?)\s*[:=]\s*(?P<value>.+)")


def command(case: Case) -> Decision:
    """/correct key: value."""
    found = _PARTS.fullmatch(one_line(case.incoming.text))
    if found is None:
        return Decision(case.say("correct_how"))
    fact = _known(case, found.group("key"))
    if fact is None:
        return Decision(case.say("correct_unknown", key=one_line(found.group("key"), 40)))
    said = one_line(case.incoming.text)
    return _corrected(case, fact, found.group("value"), said)


def request(case: Case, asked: Correct, said: str) -> Decision | None:
    """Plain words: a request only if something is known under that key."""
    fact = _known(case, asked.key)
    return None if fact is None else _corrected(case, fact, asked.value, said)


def ask(case: Case, wanted: str) -> Decision:
    """The fact's button: ask for the new value."""
    fact = current(case.profile, wanted)
    if fact is None:
        return case.tell("fact_gone")
    if case.profile.paused:
        return pause.refused(case)
    text = case.say("correct_ask", key=fact.key, value=one_line(fact.value, VALUE_LIMIT))
    choices = ((Button(case.say("leave_it"), f"ask:no:{case.nonce}"),),)
    return Decision(text, choices, asks=AskValue(wanted))


def valued(case: Case, asked: AskValue, said: str) -> Decision:
    """The guest's next message is the value."""
    fact = current(case.profile, asked.fact_id)
    if fact is None:
        return Decision(case.say("fact_gone"))
    return _corrected(case, fact, said, said)


def current(profile: Profile, wanted: str) -> Fact | None:
    """The fact with this id, if it holds."""
    facts = (fact for fact in profile.facts if fact.superseded_by is None)
    return next((fact for fact in facts if fact_id(fact) == wanted), None)


def known(profile: Profile, key: str) -> Fact | None:
    """The newest fact that holds under a key, however it is put."""
    held = [fact for fact in profile.facts if fact.superseded_by is None]
    stems = content_stems(key)
    for found in (
        [fact for fact in held if plain(fact.key) == plain(key.strip())],
        [fact for fact in held if stems and content_stems(fact.key) == stems],
        [fact for fact in held if concept(fact.key) == concept(key)],
    ):
        if found:
            return found[-1]
    return None


def _known(case: Case, key: str) -> Fact | None:
    """What is noted under the key, or else what was told in the present talk."""
    return known(case.profile, key) or known(
        attrs.evolve(case.profile, facts=tuple(heard(case))), key
    )


def _corrected(case: Case, fact: Fact, value: str, said: str) -> Decision:
    value = one_line(value, VALUE_LIMIT).strip(" ;,")
    if case.profile.paused:
        return pause.refused(case)
    if secret(f"{fact.key}: {value}"):
        return Decision(case.say("secret_refused"))
    if not visible(value):
        return Decision(case.say("correct_how"))
    text = case.say("corrected", key=fact.key, value=value)
    if value == fact.value:  # as it is: no history is made of that
        return Decision(text)
    return Decision(text, act=TakeDown(fact.key, value, said, fact.pinned, fact))

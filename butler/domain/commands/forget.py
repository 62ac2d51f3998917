"""/forget and its plain words: found, shown, asked, and only then forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import attrs

from butler.domain import forgetting
from butler.domain.commands.case import AskForget, Case, Decision, LetGo, LookThrough
from butler.domain.event import Event
from butler.domain.forgetting import Found
from butler.domain.outgoing import Button
from butler.domain.periods import Period, period
from butler.domain.replies import Buttons
from butler.domain.requests import ForgetAll, ForgetPeriod, ForgetWords, understand
from butler.domain.sensitive import masked
from butler.domain.steps import Steps
from butler.domain.text import one_line

_FACTS, _SAMPLES = 8, 3
_VALUE, _SAMPLE = 120, 80
_ALL = frozenset(("всё", "все", "all", "everything"))


def command(case: Case) -> Decision:
    """What the words after /forget point at; alone, how it is done."""
    words = one_line(case.incoming.text)
    if not words:
        return _explained(case)
    if words.lower() in _ALL:
        return everything(case)
    if days := period(words, case.now.date()):
        return of_period(case, days)
    if not any(map(str.isalpha, words)):
        return Decision(case.say("forget_dates"))
    match understand(f"забудь {words}", case.now.date()):
        case ForgetPeriod(named):
            return of_period(case, named)
        case ForgetAll():
            return everything(case)
        case ForgetWords(meant):
            return of_words(case, meant)
    return of_words(case, words)


def button(case: Case, choice: str) -> Decision | None:
    """The days that /forget offers."""
    today = case.now.date()
    named = {"today": "today", "yesterday": "yesterday", "week": "last 7 days"}.get(choice)
    if named and (days := period(named, today)):
        return of_period(case, days)
    return everything(case) if choice == "all" else None


def of_words(case: Case, words: str) -> Decision:
    """Ask about what the words point at."""
    return _looked_through(_of_words(case, words))


def of_fact(case: Case, fact_id: str) -> Decision:
    """Ask about one fact and what mentions it."""
    return _looked_through(_of_fact(case, fact_id))


def of_period(case: Case, days: Period) -> Decision:
    """Ask about what was said on those days."""
    events = case.said.events()
    found = forgetting.looking_in_period(case.profile, events, days.since, days.until)
    return _looked_through(_asked(case, found))


def everything(case: Case) -> Decision:
    """Ask about all."""
    found = forgetting.looking_at_all(case.profile, case.said.events())
    return _looked_through(_asked(case, found, everything=True))


def _looked_through(steps: Steps[Decision]) -> Decision:
    return Decision("", act=LookThrough(steps))


def _of_words(case: Case, words: str) -> Steps[Decision]:
    found = yield from forgetting.searching(case.profile, case.said.events(), words)
    if not found and (yield from forgetting.mentioning(case.said.events(), words)):
        return case.tell("forget_too_common")
    return (yield from _question(case, found))


def _of_fact(case: Case, fact_id: str) -> Steps[Decision]:
    events = case.said.events()
    found = yield from forgetting.looking_for_fact(case.profile, events, fact_id)
    if not found.facts:
        return case.tell("fact_gone")
    return (yield from _question(case, found))


def answered(case: Case, asked: AskForget, choice: str) -> Decision | None:
    """Forget what was shown, or leave it."""
    back: Buttons = ()
    if asked.found.matter.fact:
        back = ((Button(case.say("to_memory"), "memory:page:1"),),)
    if choice == "no":
        return attrs.evolve(case.tell("left_as_it_was"), buttons=back)
    if choice != "yes":
        return None
    text = case.say("forgotten_all" if asked.everything else "forgotten")
    return Decision(text, back, act=LetGo(asked.found), edit_message_id=case.shown)


def _explained(case: Case) -> Decision:
    today, yesterday, week, everything_ = (
        Button(case.say(f"forget_{name}"), f"forget:{data}")
        for name, data in (
            ("today", "today"),
            ("yesterday", "yesterday"),
            ("week", "week"),
            ("everything", "all"),
        )
    )
    return Decision(case.say("forget_how"), ((today, yesterday), (week, everything_)))


def _asked(case: Case, looking: Steps[Found], *, everything: bool = False) -> Steps[Decision]:
    found = yield from looking
    return (yield from _question(case, found, everything=everything))


def _question(case: Case, found: Found, *, everything: bool = False) -> Steps[Decision]:
    if not found:
        return case.tell("forget_nothing")
    key = "forget_ask_all" if everything else "forget_ask"
    samples = yield from _samples(case, found)
    return Decision(
        case.say(key, found=_shown(case, found, samples)),
        _choices(case),
        edit_message_id=case.shown,
        asks=AskForget(found, everything),
    )


def _choices(case: Case) -> Buttons:
    return (
        (
            Button(case.say("forget_yes"), f"ask:yes:{case.nonce}"),
            Button(case.say("forget_no"), f"ask:no:{case.nonce}"),
        ),
    )


def _shown(case: Case, found: Found, samples: Sequence[str]) -> str:
    lines = [_days(case, found)] if found.matter.period else []
    facts = [fact for fact in found.facts if fact.superseded_by is None] or list(found.facts)
    for fact in facts[:_FACTS]:
        value = one_line(fact.value, _VALUE)
        lines.append(case.say("forget_fact", key=one_line(fact.key, _VALUE), value=value))
    if len(facts) > _FACTS:
        lines.append(case.say("forget_more", count=len(facts) - _FACTS))
    if found.topics:
        lines.append(case.say("forget_topics", topics=", ".join(found.topics)))
    if found.seqs:
        lines += [case.say("forget_messages", count=len(found.seqs)), *samples]
    if found.in_summary and not found.matter.everything:
        lines.append(case.say("forget_summary"))
    return "\n".join(lines)


def _samples(case: Case, found: Found) -> Steps[list[str]]:
    """The guest's own words first: they know these again."""
    if found.matter.everything:
        return []
    own: list[Event] = []
    for events in case.said.parts(found.seqs):
        yield
        own += (event for event in events if event.role == "user" and event.content)
        if len(own) >= _SAMPLES:
            break
    said = (masked(event.content) for event in own[:_SAMPLES])
    return [case.say("forget_sample", words=one_line(words, _SAMPLE)) for words in said]


def _days(case: Case, found: Found) -> str:
    since, until = found.matter.since, found.matter.until
    first = since.date() if since else case.profile.created_at.date()
    last = (until - timedelta(days=1)).date() if until else case.now.date()
    if first == last:
        return case.say("forget_day", first=first.isoformat())
    return case.say("forget_days", first=first.isoformat(), last=last.isoformat())

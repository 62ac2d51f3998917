"""/memory: what is known, sheet by sheet, with buttons for each fact."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import attrs

from butler.domain.commands import correct, forget
from butler.domain.commands.case import Case, Decision
from butler.domain.commands.heard import heard
from butler.domain.forgetting import fact_id
from butler.domain.outgoing import Button
from butler.domain.profile import Fact
from butler.domain.replies import Buttons
from butler.domain.sensitive import masked
from butler.domain.text import one_line, utf16_length

FACTS_A_PAGE = 6
_FULL = 3_600  # UTF-16 units; what Telegram takes is 4,096
_KEY, _VALUE, _WORDS, _WAS, _SUMMARY, _TOPICS, _HEARD = 60, 220, 120, 80, 1_800, 600, 600


def command(case: Case) -> Decision:
    """The first sheet."""
    return page(case, 1)


def page(case: Case, number: int) -> Decision:
    """One sheet; the last, where there are not that many."""
    sheets = _sheets(case)
    if not sheets:
        return case.tell("memory_none")
    number = min(max(number, 1), len(sheets))
    text, facts = sheets[number - 1]
    blocks = [case.say("memory_head")]
    if case.profile.paused:
        blocks.append(case.say("pause_note"))
    if len(sheets) > 1:
        blocks.append(case.say("memory_page", page=number, pages=len(sheets)))
    buttons = (*_fact_buttons(case, facts, number), *_turning(number, len(sheets)))
    return Decision("\n\n".join((*blocks, text)), buttons, edit_message_id=case.shown)


def button(case: Case, choice: str) -> Decision | None:
    """A sheet turned; a fact pinned, unpinned, to be corrected or forgotten.

    Data: `page:<number>`, or `pin|unpin|correct|forget:<fact id>:<number>`; none of its words.
    """
    what, _, rest = choice.partition(":")
    if what == "page":
        return page(case, _number(rest)) if _number(rest) else None
    wanted, _, sheet = rest.partition(":")
    if what in ("correct", "forget", "pin", "unpin") and not correct.current(case.profile, wanted):
        return _gone(case)
    if what == "correct":
        return correct.ask(case, wanted)
    if what == "forget":
        return forget.of_fact(case, wanted)
    if what in ("pin", "unpin"):
        return _pinned(case, wanted, _number(sheet), pinned=what == "pin")
    return None


def _gone(case: Case) -> Decision:
    """The button is of a sheet that is out of date: said so, over what there is now."""
    first = page(case, 1)
    return attrs.evolve(first, text=f"{case.say('fact_gone')}\n\n{first.text}")


def _pinned(case: Case, wanted: str, number: int, *, pinned: bool) -> Decision:
    fact = correct.current(case.profile, wanted)
    changed = fact is not None and fact.pinned != pinned
    facts = tuple(
        attrs.evolve(each, pinned=pinned) if each is fact else each for each in case.profile.facts
    )
    profile = case.profile.revised(case.now, facts=facts) if changed else None
    seen = attrs.evolve(case, profile=profile or case.profile)
    return attrs.evolve(page(seen, number), profile=profile)


def _sheets(case: Case) -> list[tuple[str, Sequence[tuple[int, Fact]]]]:
    """Each sheet's text with its numbered facts; what is not of facts stands on the last."""
    profile = case.profile
    held = [fact for fact in profile.facts if fact.superseded_by is None]
    # What is pinned first, then the newest.
    held.sort(key=lambda fact: (fact.pinned, fact.valid_from, fact.source_seq), reverse=True)
    if not (held or profile.memory_summary or profile.preferred_topics or profile.last_seq):
        return []
    numbered = list(enumerate(held, 1))
    groups = [numbered[at : at + FACTS_A_PAGE] for at in range(0, len(numbered), FACTS_A_PAGE)]
    entries = _Entries(case)
    sheets = [(entries.of(group), group) for group in groups]
    rest = _overview(case)
    if sheets and utf16_length(sheets[-1][0]) + utf16_length(rest) < _FULL:
        return [*sheets[:-1], (f"{sheets[-1][0]}\n\n{rest}", sheets[-1][1])]
    return [*sheets, (rest, ())]


class _Entries:
    """Facts as lines: what, since when, from which words, and what it was before."""

    def __init__(self, case: Case) -> None:
        self._case = case
        facts = case.profile.facts
        sources = {fact.source_seq for fact in facts if fact.superseded_by is None}
        self._words = case.said.words(sources)
        self._was: dict[tuple[str, int], list[Fact]] = defaultdict(list)
        for fact in facts:
            if fact.superseded_by is not None:
                self._was[fact.key, fact.superseded_by].append(fact)

    def of(self, group: Sequence[tuple[int, Fact]]) -> str:
        """A sheet's facts."""
        lines = [line for number, fact in group for line in self._lines(number, fact)]
        return "\n".join((self._case.say("memory_facts"), *lines))

    def _lines(self, number: int, fact: Fact) -> list[str]:
        say = self._case.say
        lines = [
            say(
                "memory_fact",
                number=number,
                key=one_line(fact.key, _KEY),
                value=one_line(fact.value, _VALUE),
                date=fact.valid_from.date().isoformat(),
                pinned=say("memory_pinned") if fact.pinned else "",
            )
        ]
        if words := one_line(masked(self._words.get(fact.source_seq, "")), _WORDS):
            lines.append(say("memory_fact_words", words=words))
        was = self._was.get((fact.key, fact.source_seq))
        if was and was[-1].value != fact.value:
            lines.append(say("memory_fact_was", was=one_line(was[-1].value, _WAS)))
        return lines


def _overview(case: Case) -> str:
    profile = case.profile
    blocks = []
    if profile.preferred_topics:
        topics = one_line(", ".join(profile.preferred_topics), _TOPICS)
        blocks.append(case.say("memory_topics", topics=topics))
    if profile.memory_summary:
        summary = one_line(profile.memory_summary, _SUMMARY)
        blocks.append(case.say("memory_summary", summary=summary))
    if told := "; ".join(f"{fact.key}: {fact.value}" for fact in heard(case)):
        blocks.append(case.say("memory_heard", heard=one_line(told, _HEARD)))
    counted = sum(1 for event in case.said.window if event.content)
    archived = case.said.archived
    blocks.append(case.say("memory_counts", events=counted, archived=archived))
    blocks.append(case.say("memory_how"))
    return "\n\n".join(blocks)


def _fact_buttons(case: Case, facts: Sequence[tuple[int, Fact]], sheet: int) -> Buttons:
    rows = []
    for number, fact in facts:
        wanted, pin = fact_id(fact), "unpin" if fact.pinned else "pin"
        rows.append(
            (
                Button(case.say(pin, number=number), f"memory:{pin}:{wanted}:{sheet}"),
                Button(case.say("correct_button", number=number), f"memory:correct:{wanted}"),
                Button(case.say("forget_button", number=number), f"memory:forget:{wanted}"),
            )
        )
    return tuple(rows)


def _turning(number: int, count: int) -> Buttons:
    if count < 2:
        return ()
    before, after = (number - 2) % count + 1, number % count + 1
    return ((Button("‹", f"memory:page:{before}"), Button("›", f"memory:page:{after}")),)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0

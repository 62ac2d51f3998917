"""Facts: which may be kept of a message, and how a new one meets those that are known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import attrs

from butler.domain.dates import dated
from butler.domain.delicate import delicate
from butler.domain.endings import Ending
from butler.domain.event import Event
from butler.domain.facts_in import facts_in, plans_in
from butler.domain.grounding import invented, source_of, undated
from butler.domain.instructions import commanding
from butler.domain.keys import called, concept, gathers, plausible, single
from butler.domain.profile import Fact, Language
from butler.domain.sensitive import asked_to_remember, secret, secrets_in
from butler.domain.stems import content_stems, plain, stems
from butler.domain.subject import of_another
from butler.domain.text import one_line

_KEY_LIMIT, _VALUE_LIMIT = 40, 300
# Of what gathers, more than this many at once is a list and no knowledge: the oldest give way.
_TOGETHER = 15
# Superseded facts beyond this many are dropped, the oldest first.
_HISTORY = 100
# Facts that nobody has pinned, history among them: of the 500 at which the guest can have no more
# noted (see `remember`), they leave a good part to what is noted on request.
_UNPINNED = 300
_KEY = re.compile(r"[^\W\d_]+(?:['’ -][^\W\d_]+){0,2}")
_CLAUSE = re.compile(r"[.,;:!?…\n—–]|\b(?:но|а|зато|but)\b")
_NEGATIONS = frozenset(stems("не нет никогда not no never don't doesn't didn't isn't can't won't"))
_FORMERLY = re.compile(r"\b(?:used to|formerly|раньше|когда-то|прежде|в прошлом)\b")
# Who is about to move still lives where they did.
_MOVING = re.compile(
    r"\b(?:am|['’]m|are|['’]re|going to|will|['’]ll|want to|might|may|plan to) (?:be )?"
    r"(?:moving?|relocating|relocate)\b|\bпереезжа(?:ю|ем)|\bпереед(?:у|ем)\b|\bпереехать\b|"
    r"\bперебира(?:юсь|емся)|\bпереберусь"
)
_OPPOSITE = {"likes": "dislikes", "dislikes": "likes"}


def told(events: Iterable[Event], language: Language) -> Iterator[Fact]:
    """What the guest plainly said of themselves in these events, by our own reading."""
    for event in events:
        if event.role != "user":
            continue
        said = event.created_at.date()
        found = list(facts_in(event.content, language))
        plans = list(plans_in(event.content, said))
        found += [(called("plan", language), p) for p in plans if not any(v in p for _, v in found)]
        for key, value in found:
            fact = believed(key, value, event)
            if fact is not None:
                yield fact


def believed(key: str, value: str, event: Event) -> Fact | None:
    """The fact, if the guest said so in that message and it is a thing to keep; days resolved."""
    key, value = plain(one_line(key)), one_line(value)
    if not _KEY.fullmatch(key) or len(key) > _KEY_LIMIT or len(value) > _VALUE_LIMIT:
        return None
    source = source_of([event])
    said = frozenset(stems(event.content))
    meant = content_stems(undated(value, source))
    if not meant or not said.issuperset(meant) or invented(value, source):
        return None
    negative = concept(key) == "dislikes" or not _NEGATIONS.isdisjoint(stems(f"{key} {value}"))
    if _denied(meant, event.content, single(key)) and not negative:
        return None
    if single(key) and _of_another(value, event.content):
        return None
    if concept(key) == "home" and _MOVING.search(plain(event.content)):
        return None
    whole = f"{key} {value}"
    if not plausible(key, said) or secret(whole) or commanding(value):
        return None
    if any(told in value.casefold() for told in secrets_in(event.content)):
        return None
    if delicate(whole) and not asked_to_remember(event.content):
        return None
    day = event.created_at.date()
    return Fact(key, dated(value, day)[:_VALUE_LIMIT], event.seq, event.created_at)


def _of_another(value: str, said: str) -> bool:
    """Whether the message tells this of somebody else, wherever it stands in it."""
    folded = plain(said)
    first = plain(value).split()[0]
    places = [found.start() for found in re.finditer(rf"(?<!\w){re.escape(first)}", folded)]
    return bool(places) and all(of_another(folded, at) for at in places)


def _denied(meant: Sequence[str], said: str, now: bool) -> bool:
    """Whether a clause with one of these words says no: "I don't like tea" is no liking for tea.

    So does "I used to live there" where the fact is of what is `now`.
    """
    for clause in _CLAUSE.split(plain(said)):
        having = set(stems(clause))
        no_more = not having.isdisjoint(_NEGATIONS) or (now and _FORMERLY.search(clause))
        if no_more and not having.isdisjoint(meant):
            return True
    return False


def together(own: Iterable[Fact], answered: Iterable[Fact]) -> tuple[Fact, ...]:
    """Our own findings and the LLM's, by time; of one thing found by both, the LLM's spelling."""
    facts: list[Fact] = []
    for fact in own:
        if not any(_same(fact, known) for known in facts):
            facts.append(fact)
    for fact in answered:
        at = next((n for n, known in enumerate(facts) if _same(fact, known)), None)
        if at is None:
            facts.append(fact)
        elif concept(facts[at].key) == concept(fact.key):
            facts[at] = fact
    return tuple(sorted(facts, key=lambda fact: fact.source_seq))


def _same(one: Fact, other: Fact) -> bool:
    """Whether both say one thing of one message, under whatever key."""
    return one.source_seq == other.source_seq and _meaning(one) == _meaning(other)


def _meaning(fact: Fact) -> frozenset[str]:
    return frozenset(content_stems(fact.value)) or frozenset((plain(fact.value),))


def brought_up(
    facts: Sequence[Fact], new: Iterable[Fact], ended: Iterable[Ending]
) -> Sequence[Fact]:
    """The facts after what was said of new ones and of ends, in the order in which it was said."""
    said: list[tuple[int, Fact | Ending]] = [(end.seq, end) for end in ended]
    said += [(fact.source_seq, fact) for fact in new]
    for _, each in sorted(said, key=lambda pair: pair[0]):
        facts = merged(facts, each) if isinstance(each, Fact) else without(facts, each)
    return facts


def without(facts: Sequence[Fact], end: Ending) -> list[Fact]:
    """The facts with those as history that have ended; what is pinned only the guest changes."""
    return [
        attrs.evolve(fact, superseded_by=end.seq)
        if fact.superseded_by is None
        and not fact.pinned
        and fact.source_seq < end.seq
        and end.ends(concept(fact.key), _meaning(fact))
        else fact
        for fact in facts
    ]


def merged(facts: Sequence[Fact], new: Fact) -> list[Fact]:
    """The facts after a new one: the newest under a key holds, the older is kept as superseded.

    Pinned facts are never touched, and hold beside what is newer. Under keys that gather, several
    hold; a dislike ends a liking.
    """
    about, meaning = concept(new.key), _meaning(new)
    held = [fact for fact in facts if fact.superseded_by is None]
    if any(fact.pinned and meaning <= _meaning(fact) for fact in held):
        return list(facts)
    if any(_was_corrected(fact, new) for fact in facts):
        return list(facts)
    same = [fact for fact in held if concept(fact.key) == about]
    if any(_meaning(fact) == meaning for fact in same):
        return list(facts)
    if gathers(new.key):
        ended = [
            f for f in held if concept(f.key) == _OPPOSITE.get(about) and _meaning(f) == meaning
        ]
        loose = [fact for fact in same if not fact.pinned]
        ended += loose[: max(0, len(same) + 1 - _TOGETHER)]
    else:
        if any(fact.source_seq > new.source_seq for fact in same):
            return list(facts)
        ended = same
    over = {id(fact) for fact in ended if not fact.pinned and fact.source_seq <= new.source_seq}
    return [
        *(attrs.evolve(f, superseded_by=new.source_seq) if id(f) in over else f for f in facts),
        new,
    ]


def _was_corrected(fact: Fact, new: Fact) -> bool:
    """Whether the new one is this superseded one, read once more in the message it came from."""
    return (
        fact.superseded_by is not None
        and fact.source_seq == new.source_seq
        and concept(fact.key) == concept(new.key)
        and _meaning(fact) == _meaning(new)
    )


def without_old_history(facts: Sequence[Fact]) -> tuple[Fact, ...]:
    """The facts, of the superseded ones the latest alone."""
    superseded = [fact for fact in facts if fact.superseded_by is not None]
    return _except(facts, superseded[: max(len(superseded) - _HISTORY, 0)])


def bounded(facts: Sequence[Fact]) -> tuple[Fact, ...]:
    """The facts without those that are too many: those pinned, and 300 others, history included.

    The oldest history gives way first, then the oldest facts that hold; pinned ones never.
    """
    facts = without_old_history(facts)
    loose = [fact for fact in facts if fact.superseded_by is None and not fact.pinned]
    loose.sort(key=lambda fact: (fact.valid_from, fact.source_seq))
    giving_way = [fact for fact in facts if fact.superseded_by is not None] + loose
    return _except(facts, giving_way[: max(len(giving_way) - _UNPINNED, 0)])


def _except(facts: Sequence[Fact], dropped: Iterable[Fact]) -> tuple[Fact, ...]:
    """The facts without these very ones."""
    gone = set(map(id, dropped))
    return tuple(fact for fact in facts if id(fact) not in gone)

"""What a guest's words point at, of all that is remembered."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import blake2b

import attrs

from butler.domain.common import COMMON
from butler.domain.event import Event
from butler.domain.keys import asked_by, concept, meant
from butler.domain.matter import Found, Matter, Written
from butler.domain.profile import Fact, Profile
from butler.domain.stems import bare, content_stems, plain, stem
from butler.domain.steps import Steps, finished

_ID_BYTES = 5
# A word in more than this share of all messages does not tell what is meant, unless they are few.
_SHARE, _FEW = 0.3, 8
_TOGETHER_SHARE = 0.3
# How much of what is asked, by rarity, a fact must have: by its key alone, or with its value.
_BY_KEY, _BY_VALUE = 0.5, 0.25
_COMMON_WEIGHT = 0.25
_SHORT_NUMBER = 3
_NAMES_SEEN = 50
# Events a step: even the longest take it some milliseconds only.
_A_STEP = 8
_WORD = re.compile(r"[^\W_]+")
_SENTENCE_END = re.compile(r"(?:^|[.!?…:;\n«“\"(—–•*#]|- )\s*$")


def fact_id(fact: Fact) -> str:
    """A fact's name for buttons and commands: ten letters and digits, none of its words.

    It stays while key, value and source do: what was corrected since is not meant by it any more.
    """
    said = f"{fact.key}\0{fact.value}\0{fact.source_seq}".encode(errors="surrogatepass")
    return blake2b(said, digest_size=_ID_BYTES).hexdigest()


def named_fact(profile: Profile, wanted: str) -> Fact | None:
    """The fact with this id."""
    return next((fact for fact in profile.facts if fact_id(fact) == wanted), None)


def search(profile: Profile, events: Iterable[Event], words: str) -> Found:
    """What `words` ("that my cat is called Barsik", «про мой переезд») point at.

    The facts that they are about, and by the values of these facts, or else by the rarest of the
    words, everything that mentions it. Words that half the memory shares find nothing.
    """
    return finished(searching(profile, events, words))


def searching(profile: Profile, events: Iterable[Event], words: str) -> Steps[Found]:
    """`search` in steps."""
    asked = meant(each for each in dict.fromkeys(content_stems(words)) if each not in _ASKING)
    # Of a key without a word that carries meaning, like "from", the whole is what is asked.
    keyed = [] if asked else [f for f in profile.facts if concept(f.key) == concept(words)]
    if not (asked or keyed):
        return Found()
    memory = yield from _read(profile, events)
    yield from memory.count(asked)
    facts = keyed or (yield from memory.facts_about(asked))
    matter = yield from _matter(memory, facts, asked, words)
    return (yield from _found(memory, facts, matter))


def _matter(
    memory: _Memory, facts: Sequence[Fact], asked: Sequence[str], words: str
) -> Steps[Matter]:
    """By which words what is `asked`, in the guest's `words`, is met wherever it stands."""
    told = [root for fact in facts for root in content_stems(fact.value)]
    yield from memory.count(told)
    covered = {root for fact in facts for root in memory.stems_of(fact)}
    left = [root for root in asked if root not in covered]
    names = memory.telling((yield from memory.names(left, words)))
    if facts:
        stems = memory.telling(told) | names
        return Matter(stems, frozenset() if stems else frozenset(told))
    stems = names or memory.telling(asked)
    if not stems and len(asked) > 1 and (yield from memory.share(asked)) <= _TOGETHER_SHARE:
        return Matter(together=frozenset(asked))
    return Matter(stems)


def mentioned(events: Iterable[Event], words: str) -> bool:
    """Whether any of the words stands in the events, be it in so many that they tell nothing."""
    return finished(mentioning(events, words))


def mentioning(events: Iterable[Event], words: str) -> Steps[bool]:
    """`mentioned` in steps."""
    asked = frozenset(each for each in content_stems(words) if each not in _ASKING)
    matter = Matter(asked)
    for number, event in enumerate(events):
        if not number % _A_STEP:
            yield
        if matter.touches(event.content):
            return True
    return False


def of_fact(profile: Profile, events: Iterable[Event], wanted: str) -> Found:
    """One fact with its history, and everything that mentions it."""
    return finished(looking_for_fact(profile, events, wanted))


def looking_for_fact(profile: Profile, events: Iterable[Event], wanted: str) -> Steps[Found]:
    """`of_fact` in steps."""
    fact = named_fact(profile, wanted)
    if fact is None:
        return Found(matter=Matter(fact=wanted))
    chain = _with_history(profile.facts, fact)
    told = [root for each in chain for root in content_stems(each.value)]
    memory = yield from _read(profile, events)
    yield from memory.count(told)
    stems, together = memory.telling(told), frozenset[str]()
    if not stems:
        together = frozenset(content_stems(fact.value)) or frozenset(content_stems(fact.key))
    return (yield from _found(memory, chain, Matter(stems, together, fact=wanted)))


def of_period(
    profile: Profile, events: Iterable[Event], since: datetime | None, until: datetime | None
) -> Found:
    """What was said from `since` on and before `until`, and what was learned from that."""
    return finished(looking_in_period(profile, events, since, until))


def looking_in_period(
    profile: Profile, events: Iterable[Event], since: datetime | None, until: datetime | None
) -> Steps[Found]:
    """`of_period` in steps."""
    if since is None and until is None:
        raise ValueError("expected the beginning or the end of a period, got neither")
    matter = Matter(since=since, until=until)
    seqs = set()
    for number, event in enumerate(events):
        if not number % _A_STEP:
            yield
        if event.content and matter.holds(event.created_at):
            seqs.add(event.seq)
    facts = [f for f in profile.facts if f.source_seq in seqs or matter.holds(f.valid_from)]
    covered = any(seq <= profile.covered_seq for seq in seqs | {f.source_seq for f in facts})
    in_summary = covered and bool(profile.memory_summary)
    topics = _topics(profile, matter)
    said = tuple(sorted(seqs))
    return Found(tuple(facts), topics, in_summary, said, matter, profile.covered_seq)


def of_all(profile: Profile, events: Iterable[Event]) -> Found:
    """All that was said and learned."""
    return finished(looking_at_all(profile, events))


def looking_at_all(profile: Profile, events: Iterable[Event]) -> Steps[Found]:
    """`of_all` in steps."""
    seqs = []
    for number, event in enumerate(events):
        if not number % _A_STEP:
            yield
        if event.content:
            seqs.append(event.seq)
    return Found(
        profile.facts,
        profile.preferred_topics,
        bool(profile.memory_summary),
        tuple(sorted(seqs)),
        Matter(everything=True),
        profile.covered_seq,
    )


def still(profile: Profile, covered: Iterable[Event], found: Found) -> Found:
    """What was found, in the profile as it is by now; `covered`: the events covered since.

    Between a question and its answer more may have been learned of what was said, and told by a
    summary. The events are not looked through anew: the store does that itself.
    """
    matter, known, seqs = found.matter, set(map(fact_id, found.facts)), set(found.seqs)
    facts = tuple(
        fact
        for fact in profile.facts
        if fact_id(fact) in known
        or matter.touches(f"{fact.key} {fact.value}", fact.valid_from)
        or (matter.period and fact.source_seq in seqs)
    )
    told = (
        matter.touches(profile.memory_summary)
        or any(seq <= profile.covered_seq for seq in (*seqs, *(f.source_seq for f in facts)))
        or any(matter.touches(event.content, event.created_at) for event in covered)
    )
    in_summary = bool(profile.memory_summary) and (found.in_summary or told)
    topics = _topics(profile, matter)
    return attrs.evolve(found, facts=facts, topics=topics, in_summary=in_summary)


def _topics(profile: Profile, matter: Matter) -> tuple[str, ...]:
    """The interests that are meant: by their words, or since they were seen in the period alone."""
    seen = {
        each.topic: matter.holds(each.first) and matter.holds(each.last)
        for each in profile.topic_evidence
    }
    return tuple(
        topic for topic in profile.preferred_topics if matter.touches(topic) or seen.get(topic)
    )


def _found(memory: _Memory, facts: Sequence[Fact], matter: Matter) -> Steps[Found]:
    profile, meant = memory.profile, set(facts)
    gone = tuple(f for f in profile.facts if f in meant or matter.touches(f"{f.key} {f.value}"))
    sources = {fact.source_seq for fact in gone if not matter.stems}
    seqs = []
    for number, (seq, _, text) in enumerate(memory.said):
        if not number % _A_STEP:
            yield
        if seq in sources or matter.stands_in(Written(text)):
            seqs.append(seq)
    covered = any(seq <= profile.covered_seq for seq in (*seqs, *(f.source_seq for f in gone)))
    in_summary = bool(profile.memory_summary) and (
        covered or matter.touches(profile.memory_summary)
    )
    topics = _topics(profile, matter)
    return Found(gone, topics, in_summary, tuple(seqs), matter, profile.covered_seq)


def _with_history(facts: Sequence[Fact], fact: Fact) -> list[Fact]:
    """The fact and those that it has superseded, one after the other."""
    chain, seqs = {fact}, {fact.source_seq}
    while before := {
        each
        for each in facts
        if each.key == fact.key and each.superseded_by in seqs and each not in chain
    }:
        chain |= before
        seqs |= {each.source_seq for each in before}
    return [each for each in facts if each in chain]


def _read(profile: Profile, events: Iterable[Event]) -> Steps[_Memory]:
    """What was said, blank events left out, made ready to be looked through several times."""
    said = []
    for number, event in enumerate(events):
        if not number % _A_STEP:
            yield
        if event.content:
            said.append((event.seq, event.content, plain(event.content)))
    return _Memory(profile, said)


@attrs.frozen
class _Memory:
    """A guest's events and facts, with how often words stand in them.

    `said`: seq, words and the same words made plain; no events, since these would take the garbage
    collector long.
    """

    profile: Profile
    said: Sequence[tuple[int, str, str]]
    _counts: dict[str, int] = attrs.field(factory=dict, init=False)

    def count(self, roots: Iterable[str]) -> Steps[None]:
        """Find out in how many events each of the words stands; the others here need to know."""
        counts = {root: 0 for root in roots if root not in self._counts}
        for number, (_, _, text) in enumerate(self.said if counts else ()):
            if not number % _A_STEP:
                yield
            written = Written(text)
            for root in counts:
                if written.has(root):
                    counts[root] += 1
        self._counts.update(counts)

    def share(self, roots: Sequence[str]) -> Steps[float]:
        """The share of events that have all of the words."""
        having = 0
        for number, (_, _, text) in enumerate(self.said):
            if not number % _A_STEP:
                yield
            having += all(map(Written(text).has, roots))
        return having / len(self.said) if self.said else 0.0

    def telling(self, roots: Iterable[str]) -> frozenset[str]:
        """Those of the words that give the matter away when they stand alone."""
        limit = max(_FEW, _SHARE * len(self.said))
        return frozenset(
            root
            for root in roots
            if root not in COMMON
            and not (root.isdigit() and len(root) < _SHORT_NUMBER)
            and len(root) > 1
            and self._counts[root] <= limit
        )

    def weight(self, root: str) -> float:
        """How much a word tells: the rarer, the more."""
        rarity = math.log(1 + (len(self.said) + 1) / (self._counts[root] + 0.5))
        return rarity * (_COMMON_WEIGHT if root in COMMON else 1.0)

    def stems_of(self, fact: Fact) -> frozenset[str]:
        """The words of a fact, its key by all its names."""
        return frozenset(content_stems(fact.value)) | asked_by(fact.key)

    def facts_about(self, asked: Sequence[str]) -> Steps[list[Fact]]:
        """The facts that together cover what is asked, best first; ties are all meant."""
        weights = {root: self.weight(root) for root in asked}
        total = sum(weights.values())
        chosen: list[Fact] = []
        open_roots = set(asked)
        while open_roots:
            yield
            best = self._best(open_roots, weights, total)
            if not best:
                break
            chosen += best
            open_roots -= {root for fact in best for root in self.stems_of(fact)}
        return chosen

    def _best(self, asked: set[str], weights: Mapping[str, float], total: float) -> list[Fact]:
        best: list[Fact] = []
        most = 0.0
        for fact in self.profile.facts:
            met = self.stems_of(fact) & asked
            if not any(root not in COMMON or len(asked) == len(met) for root in met):
                continue
            share = sum(weights[root] for root in met) / total
            by_value = any(r not in COMMON for r in met & set(content_stems(fact.value)))
            if share < (_BY_VALUE if by_value else _BY_KEY) or share < most - 1e-9:
                continue
            if share > most + 1e-9:
                best, most = [], share
            best.append(fact)
        # "My cat" is the cat rather than the cat's food.
        just = [fact for fact in best if asked.issuperset(content_stems(fact.key))]
        return just or best

    def names(self, roots: Iterable[str], words: str) -> Steps[set[str]]:
        """Those of the words that are written as names, by the guest or in what was said."""
        found = set()
        for root in roots:
            if root not in COMMON and (yield from self._is_name(root, words)):
                found.add(root)
        return found

    def _is_name(self, root: str, words: str) -> Steps[bool]:
        if _as_name(root, words):
            return True
        seen = 0
        for number, (_, content, text) in enumerate(self.said):
            if not number % _A_STEP:
                yield
            if bare(root) in text:
                seen += 1
                if _as_name(root, content):
                    return True
            if seen > _NAMES_SEEN:
                break
        return False


def _as_name(root: str, text: str) -> bool:
    return any(
        match.group()[0].isupper()
        and stem(plain(match.group())) == root
        and not _SENTENCE_END.search(text[max(0, match.start() - 8) : match.start()])
        for match in _WORD.finditer(text)
    )


_ASKING = frozenset(
    stem(word)
    for word in (
        "забудь забудьте забыть удали удалите удалить сотри сотрите стереть убери уберите про "
        "пожалуйста больше никогда помнить помни вспоминай вспоминать говорил говорила сказал "
        "сказала рассказал рассказала упоминал упоминала знаешь знать факт всё все что-то "
        "где куда откуда когда сколько кто where when how who why "
        "forget delete erase remove drop please about everything anything something never "
        "remember mention mentioned told said tell know fact stuff thing things"
    )
    .replace("ё", "е")
    .replace("-", " ")
    .split()
)

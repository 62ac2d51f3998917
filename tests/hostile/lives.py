"""What must hold of guests who use their rights: a simple model, and an LLM that tells all."""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import date

import attrs

from butler.domain.chat import CompletionRequest
from butler.domain.event import Event
from butler.domain.profile import Fact, Profile
from butler.errors import ModelUnavailable

GUESTS = "абв"
_WORD = re.compile("жыр[абв][клмн]*рыж")
_LINE = re.compile(r"^#(\d+) user: (.*)$", re.MULTILINE)
_KEYS = ("слово", "кот")  # the second is also what guests have noted
_REPEATED = 2  # or else a word were too common to be forgotten by it
_TOLD = 12


def words_in(*texts: object) -> list[str]:
    """The words in these texts, each once."""
    return list(dict.fromkeys(word for text in texts for word in _WORD.findall(str(text))))


def owners(*texts: object) -> set[int]:
    """The guests whose words are in these texts."""
    return {GUESTS.index(word[3]) for word in words_in(*texts)}


def new_words(guest: int) -> Iterator[str]:
    """Words of this guest's own, each a new one."""
    for number in itertools.count(1):
        spelt = "".join("клмн"[number >> shift & 3] for shift in (6, 4, 2, 0))
        yield f"жыр{GUESTS[guest]}{spelt}рыж"


class Gossip:
    """The LLM: answers with what it is told and what it knows, and names all in its summaries."""

    def __init__(self) -> None:
        self.failures: list[Callable[[str], Exception]] = []
        self.away = False
        self._repeated: Counter[str] = Counter()

    def __call__(self, request: CompletionRequest) -> str:
        *before, last = (each.content for each in request.messages)
        if self.failures:
            raise self.failures.pop()("as it was told to")
        if request.schema is not None:
            return self._summary(last)
        if self.away:
            raise ModelUnavailable("away")
        known = [word for word in words_in(*before) if self._repeated[word] < _REPEATED][:1]
        self._repeated.update(known)
        return "Извольте: " + " ".join([*words_in(last), *known])

    def _summary(self, text: str) -> str:
        said = [(int(seq), words_in(line)) for seq, line in _LINE.findall(text)]
        own = [(seq, word) for seq, words in said for word in words]
        facts = [
            {"key": _KEYS[seq // 2 % 2], "value": word, "source_seq": seq} for seq, word in own
        ]
        summary = "Гость сказал: " + " ".join(words_in(text)[-_TOLD:])
        topics = [word for _, word in own]
        return json.dumps({"summary": summary, "facts": facts, "topics": topics})


@attrs.frozen
class Question:
    """What is forgotten if the guest says yes, and the data of the two buttons.

    Unless it is `sure`, a new start of the house may have closed it.
    """

    yes: str
    no: str
    sure: bool = True
    words: frozenset[str] = frozenset()
    day: date | None = None
    everything: bool = False

    def means(self, text: str, day: date) -> bool:
        """Whether what was said, or is known since that day, is meant."""
        return self.everything or day == self.day or not self.words.isdisjoint(words_in(text))


@attrs.define
class Life:
    """What must hold of one guest, and what must not.

    `lines`: what was said, by both; `pinned`: the facts that hold, come what may; `was`: what was
    corrected; both by key and value, with their day. `hidden`: what must be nowhere, with the
    number of prompts that were made before.
    """

    lines: dict[int, tuple[str, date]] = attrs.field(factory=dict)
    pinned: dict[tuple[str, str], date] = attrs.field(factory=dict)
    was: dict[tuple[str, str], date] = attrs.field(factory=dict)
    hidden: dict[str, int] = attrs.field(factory=dict)
    paused: bool = False
    asked: list[Question] = attrs.field(factory=list)

    @property
    def words(self) -> list[str]:
        """All that is remembered."""
        return words_in(*(text for text, _ in self.lines.values()), *self.pinned, *self.was)

    def hear(self, events: Iterable[Event]) -> None:
        """These were said."""
        self.lines.update({each.seq: (each.content, each.created_at.date()) for each in events})

    def note(self, new: Fact, facts: Iterable[Fact]) -> None:
        """The fact is known from now on, in place of those that it has superseded."""
        for old in facts:
            if old.superseded_by == new.source_seq and old.value != new.value:
                self.pinned.pop((old.key, old.value), None)
                self.was[old.key, old.value] = old.valid_from.date()
        if new.pinned:
            self.pinned[new.key, new.value] = new.valid_from.date()

    def forget(self, question: Question, prompts: int) -> None:
        """What was asked about is gone."""
        before = {*self.words, *question.words}
        self.lines = {s: each for s, each in self.lines.items() if not question.means(*each)}
        for facts in (self.pinned, self.was):
            for (key, value), day in list(facts.items()):
                if question.means(value, day):
                    del facts[key, value]
        self.hide(before.difference(self.words), prompts)
        self.asked.clear()

    def leave(self, words: Iterable[str], prompts: int) -> None:
        """The guest is gone, with all these words."""
        gone = self.hidden
        self.__init__()  # type: ignore[misc]  # as new
        self.hidden = gone
        self.hide(words, prompts)

    def hide(self, words: Iterable[str], prompts: int) -> None:
        """These must be nowhere."""
        for word in words:
            self.hidden.setdefault(word, prompts)

    def check(self, profile: Profile | None, events: Iterable[Event]) -> None:
        """Nothing is lost, nothing is there that was forgotten."""
        said = {each.seq: each.content for each in events if each.content}
        assert said == {seq: text for seq, (text, _) in self.lines.items()}
        facts = profile.facts if profile else ()
        current = {(f.key, f.value) for f in facts if f.superseded_by is None and f.pinned}
        history = {(f.key, f.value) for f in facts if f.superseded_by is not None}
        assert self.pinned.keys() <= current, f"lost: {self.pinned.keys() - current}"
        assert self.was.keys() <= history, f"lost: {self.was.keys() - history}"
        assert self.paused == bool(profile and profile.paused)

"""What is to be forgotten, and where it is met."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

import attrs

from butler.domain.profile import Fact
from butler.domain.stems import IRREGULAR, bare, plain, stem, unspaced, words

# From this length on a root is looked for inside longer words and addresses, too.
_TELLING = 5
_PARTS = re.compile("['’]")


@attrs.frozen
class Matter:
    """What is to be forgotten: all of its members add up.

    `stems`: each alone gives it away. `together`: only all of them in one text do. `since` and
    `until`: what was said from one moment on and before another. `fact`: one fact, by its id.
    `everything`: whatever was said and learned.
    """

    stems: frozenset[str] = frozenset()
    together: frozenset[str] = frozenset()
    since: datetime | None = None
    until: datetime | None = None
    fact: str = ""
    everything: bool = False

    @property
    def period(self) -> bool:
        """Whether a stretch of time is to be forgotten."""
        return self.since is not None or self.until is not None

    def touches(self, text: str, when: datetime | None = None) -> bool:
        """Whether the text, said at `when` if that is known, is to be forgotten."""
        if self.everything or self.holds(when):
            return True
        if not text or not (self.stems or self.together):
            return False
        return self.stands_in(Written(plain(text)))

    def stands_in(self, text: Written) -> bool:
        """Whether the text is to be forgotten for its words."""
        if any(map(text.has, self.stems)):
            return True
        return bool(self.together) and all(map(text.has, self.together))

    def holds(self, when: datetime | None) -> bool:
        """Whether the moment lies in the period, if there is one."""
        if when is None or not self.period:
            return False
        early = self.since is not None and when < self.since
        return not early and (self.until is None or when < self.until)


@attrs.frozen
class Found:
    """What of a guest's memory is meant; false where that is nothing.

    `facts` with their history; `seqs` of the events, blank ones left out; `in_summary`: the summary
    may hold it, which covered all up to `covered_seq` then.
    """

    facts: tuple[Fact, ...] = ()
    topics: tuple[str, ...] = ()
    in_summary: bool = False
    seqs: tuple[int, ...] = ()
    matter: Matter = Matter()
    covered_seq: int = 0

    def __bool__(self) -> bool:
        return bool(self.facts or self.topics or self.in_summary or self.seqs)


class Written:
    """A text, made plain, to be looked through for several words."""

    __slots__ = ("_roots", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._roots: frozenset[str] | None = None

    def has(self, stemmed: str) -> bool:
        """Whether the word with this stem stands in the text in any form."""
        root = bare(stemmed)
        if len(root) >= _TELLING or unspaced(root):
            return root in self._text
        if root not in _IRREGULAR and root[: max(1, len(root) - 1)] not in self._text:
            return False
        if self._roots is None:
            self._roots = frozenset(bare(stem(word)) for word in parts(self._text))
        return root in self._roots


def parts(text: str) -> Iterable[str]:
    """The words of a text, those with an apostrophe also by their parts."""
    for word in words(text):
        yield word
        if "'" in word or "’" in word:
            yield from filter(None, _PARTS.split(word))


_IRREGULAR = frozenset(map(bare, IRREGULAR))

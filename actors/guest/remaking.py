"""Makes a summary anew, from what is left, after one was dropped with what was forgotten."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import attrs

from actors.guest.hands import Hands
from actors.guest.ledger import Ledger
from actors.guest.rules import Rules
from actors.runtime.courtesy import breathe
from butler.domain import compaction
from butler.domain.digest import Digest, Rejected
from butler.domain.event import Event
from butler.domain.forgetting import Epoch, rid
from butler.domain.profile import Profile
from butler.domain.summarising import Summarising
from butler.domain.writes import SaveProfile

ONCE_MORE = "ask once more"
TRIES = 2
LOOKED_AT = 300  # events, more than any prompt holds


@attrs.define(eq=False)
class _Work:
    """A summary in the making: of which events, in which epoch, after what was left of the old.

    `request_id`: empty while it is about to be asked for once more, since the last was `rejected`.
    """

    before: Profile
    events: Sequence[Event]
    epoch: Epoch | None
    request_id: str = ""
    tries: int = 0
    rejected: str = ""


class Remaking:
    """Asked of the LLM at low priority, twice at most for each forgetting.

    If none answers, or none that holds, the summary stays empty until the next compaction: what it
    told of can still be recalled from the archive.
    """

    def __init__(self, nonce: str, hands: Hands, ledger: Ledger, rules: Rules) -> None:
        self._nonce = nonce
        self._hands = hands
        self._ledger = ledger
        self._rules = rules
        self._requests = itertools.count(1)
        self._tried: Epoch | None = None
        self._work: _Work | None = None

    @property
    def idle(self) -> bool:
        """Whether nothing is asked."""
        return self._work is None

    def consider(self) -> None:
        """The guest has changed: is there a summary to be made?"""
        profile, epoch = self._ledger.profile, self._ledger.epoch
        if self._work is not None or not self._ledger.loaded or epoch == self._tried:
            return
        if profile is None or profile.memory_summary or not profile.tombstones:
            return
        events = self._newest(profile.covered_seq)
        if not events:
            return
        self._tried = epoch
        left = rid(profile.tombstones, self._ledger.left_of_summary)
        self._work = _Work(attrs.evolve(profile, memory_summary=left), events, epoch)
        self._ask(self._work)

    def _newest(self, covered: int) -> tuple[Event, ...]:
        """Covered events, the newest that one compaction can read."""
        count = self._rules.meter.tokens.count
        left = compaction.readable(self._rules.budget.context)
        newest: list[Event] = []
        seqs = range(max(1, covered - LOOKED_AT), covered + 1)
        for event in reversed(self._ledger.archive.get(seqs)):
            left -= count(event.content)
            if left < 0 and newest:
                break
            newest.append(event)
        return tuple(reversed(newest))

    def check(self) -> None:
        """Ask no longer about what was forgotten meanwhile."""
        if self._work is not None and self._ledger.epoch != self._work.epoch:
            self._hands.cancel(self._work.request_id)
            self._work = None

    def once_more(self) -> None:
        """The time for a second try has come, and nobody is known to have written meanwhile."""
        self.check()
        if self._work is not None and not self._work.request_id:
            self._ask(self._work)

    def _ask(self, work: _Work) -> None:
        work.tries += 1
        work.request_id = f"{self._nonce}/remaking/{next(self._requests)}"
        last = work.tries >= TRIES
        wanted = Summarising(work.before, work.events, work.rejected, last, breathe)
        self._hands.summarise(work.request_id, wanted)

    def owns(self, request_id: str) -> bool:
        """Whether an LLM answer is for this."""
        return self._work is not None and self._work.request_id == request_id

    def judged(self, judged: Digest | Rejected) -> None:
        """The LLM's summary: kept if it holds, and nothing else was forgotten meanwhile."""
        self.check()
        work = self._work
        if work is None:
            return
        if isinstance(judged, Rejected):
            self._rejected(work, judged.reason)
            return
        self._work = None

        def build() -> SaveProfile | None:
            profile = self._ledger.profile
            if profile is None or profile.memory_summary or self._ledger.epoch != work.epoch:
                return None
            summary = rid(profile.tombstones, judged.summary)
            if not summary:
                return None
            now = self._hands.clock.now()
            return SaveProfile(profile.revised(now, memory_summary=summary), profile.revision)

        self._ledger.write(build)

    def _rejected(self, work: _Work, reason: str) -> None:
        work.rejected, work.request_id = reason, ""
        if work.tries < TRIES:
            self._hands.after(0.0, ONCE_MORE)
        else:
            self._work = None

    def failed(self) -> None:
        """The LLM gave none: the summary stays empty."""
        self._work = None

"""Keeps a guest's window short: compaction, asked of the LLM beside the conversation."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import attrs

from actors.guest.hands import Hands
from actors.guest.ledger import Ledger
from actors.guest.remaking import ONCE_MORE, Remaking
from actors.guest.rules import Rules
from actors.runtime.courtesy import breathe
from butler.domain import compaction, digest
from butler.domain.chat import Completion
from butler.domain.digest import Digest, Rejected
from butler.domain.event import Event
from butler.domain.forgetting import Epoch, epoch
from butler.domain.profile import Profile
from butler.domain.recall import Reading, read
from butler.domain.summarising import Summarising
from butler.domain.writes import CommitCompaction
from butler.errors import ModelContextOverflow, ModelError, ModelInvalid
from butler.telemetry import CompressionFinished

QUIET, AGAIN = "quiet", "compress again"
KEEPING = (QUIET, AGAIN, ONCE_MORE)
TRIES = 2
AGAIN_SECONDS = (5.0, 30.0, 120.0, 600.0)
# One quiet guest's compaction and the next are so many events, or quiet times, apart.
EVENTS_A_CALL = 30
VERY_QUIET = 10
READ_AT_ONCE = 16


@attrs.define(eq=False)
class Work:
    """A compaction under way: the events it will cover, and why the last answer was rejected.

    `again`: it is about to be asked once more.
    """

    events: Sequence[Event]
    began: float
    idle: bool
    epoch: Epoch | None
    request_id: str = ""
    tries: int = 0
    again: bool = False
    rejected: str = ""
    readings: dict[str, Reading] = attrs.field(factory=dict)

    @property
    def covers(self) -> int:
        """The seq up to which its summary covers all."""
        return self.events[-1].seq

    def fits(self, profile: Profile | None, window: Sequence[Event]) -> bool:
        """Whether it is still these events that come next: the guest may have had them forgotten.

        Seqs do not tell, for those of a guest who was erased begin anew; nor do events alone, for
        the summary is made of the earlier one, too.
        """
        known = [event.event_id for event in window[: len(self.events)]]
        same = known == [event.event_id for event in self.events]
        return profile is not None and same and epoch(profile) == self.epoch


@attrs.frozen
class _Covering(Summarising):
    """The events will go to the archive: they are read for that, too."""

    readings: dict[str, Reading] = attrs.field(kw_only=True)

    def judged(self, completion: Completion) -> Digest | Rejected:
        for number, event in enumerate(self.events, start=1):
            self.readings[event.content] = read(event.content)
            if number % READ_AT_ONCE == 0:
                self.pause()
        return super().judged(completion)


class Keeper:
    """Compacts one guest's window: past the cap at once, or down to what is kept when quiet.

    The summary is made while the conversation goes on; only its commit is ordered with the
    guest's other writes. What fails keeps everything and is tried again later.
    """

    def __init__(
        self, user_id: str, nonce: str, hands: Hands, ledger: Ledger, rules: Rules
    ) -> None:
        self._user_id = user_id
        self._nonce = nonce
        self._hands = hands
        self._ledger = ledger
        self._rules = rules
        self._requests = itertools.count(1)
        self._work: Work | None = None
        self._remaking = Remaking(nonce, hands, ledger, rules)
        self._failures = 0
        self._backing_off = False
        self._readable = compaction.readable(rules.budget.context)
        self._paid_from = 0
        self._seen = 0
        self._quiet_times = 0

    @property
    def idle(self) -> bool:
        """Whether nothing is under way, nor due when the guest stays quiet."""
        hopeless = self._failures >= len(AGAIN_SECONDS)
        resting = self._work is None and self._remaking.idle
        return resting and (hopeless or self._due(idle=True) is None)

    def _over_kept(self) -> bool:
        return len(self._ledger.window) > self._rules.keep_events

    def consider(self) -> None:
        """The window has changed: compact it if it is over the cap, else wait for quiet.

        What is asked about words that were forgotten meanwhile is no longer asked.
        """
        if self._work is not None and not self._fits(self._work):
            self._drop(self._work)
        self._remaking.check()
        if not (self._rules.personalization and self._ledger.loaded):
            return
        if self._work is None:
            self._remaking.consider()
        if not self._over_kept():
            return
        newest = self._ledger.window[-1].seq
        if newest != self._seen:
            self._seen, self._quiet_times = newest, 0
        if not self._backing_off:
            self._hands.after(self._rules.idle_seconds, QUIET)
            self._begin(idle=False)

    def tick(self, name: str) -> None:
        """A timer of the keeper's has run out, and nobody is known to have written meanwhile."""
        if name == ONCE_MORE:
            self._once_more()
            return
        if name == AGAIN:
            self._backing_off = False
        elif self._backing_off or not self._over_kept():
            return  # `AGAIN` will ring, or the window has to grow
        elif not self._affordable():
            self._hands.after(self._rules.idle_seconds, QUIET)
            return
        self._begin(idle=True)

    def _affordable(self) -> bool:
        """Whether it is time for a quiet guest's compaction.

        Not after every few words of one who speaks now and then: the next one is to cover as much
        as that of one who speaks without a pause, unless the guest is gone for long.
        """
        self._quiet_times += 1
        spoken = self._seen - self._paid_from
        return self._paid_from == 0 or spoken >= EVENTS_A_CALL or self._quiet_times >= VERY_QUIET

    def _begin(self, *, idle: bool) -> None:
        free = self._work is None and self._remaking.idle
        if not (free and self._ledger.loaded) or self._ledger.profile is None:
            return
        seqs = self._due(idle=idle)
        if seqs:
            events = tuple(event for event in self._ledger.window if event.seq in seqs)
            self._work = Work(events, self._hands.clock.monotonic(), idle, self._ledger.epoch)
            if idle:
                self._paid_from = self._ledger.window[-1].seq
            if any(event.content for event in events):
                self._ask(self._work)
            else:  # all is forgotten: there is nothing to ask about
                self._cover(self._work, Digest(self._ledger.profile.memory_summary))

    def _due(self, *, idle: bool) -> range | None:
        if not self._over_kept():
            return None
        cap, keep = self._rules.event_cap, self._rules.keep_events
        count = self._rules.meter.tokens.count
        tokens = self._readable
        return compaction.due(self._ledger.window, cap, keep, idle=idle, tokens=tokens, count=count)

    def _fits(self, work: Work) -> bool:
        return work.fits(self._ledger.profile, self._ledger.window)

    def _once_more(self) -> None:
        if self._work is None:
            self._remaking.once_more()
        elif self._work.again:
            self._ask(self._work)

    def _ask(self, work: Work) -> None:
        profile = self._ledger.profile
        if profile is None or not self._fits(work):
            self._drop(work)
            return
        work.tries += 1
        work.again = False
        work.request_id = f"{self._nonce}/compaction/{next(self._requests)}"
        last = work.tries >= TRIES
        what = (profile, work.events, work.rejected, last, breathe)
        wanted = _Covering(*what, readings=work.readings)
        self._hands.summarise(work.request_id, wanted)

    def owns(self, request_id: str) -> bool:
        """Whether an LLM answer is for the keeper."""
        own = self._work is not None and self._work.request_id == request_id
        return own or self._remaking.owns(request_id)

    def judged(self, judged: Digest | Rejected) -> None:
        """The LLM's summary: kept if it is true to its source, else asked for once more."""
        if not self._remaking.idle:
            self._remaking.judged(judged)
            self.consider()
            return
        work = self._work
        assert work is not None  # see `owns`
        if not self._fits(work):
            self._drop(work)
            return
        if isinstance(judged, Rejected):
            self._rejected(work, judged.reason)
            return
        self._cover(work, judged)

    def _cover(self, work: Work, judged: Digest) -> None:
        # Answered: nothing that the LLM says of it from now on is wanted.
        work.request_id = ""

        def build() -> CommitCompaction | None:
            current = self._ledger.profile
            if current is None or not self._fits(work):
                self._drop(work)
                return None
            self._ledger.readings = work.readings
            after = digest.apply(current, judged, work.covers, self._hands.clock.now())
            return CommitCompaction(after, current.revision)

        self._ledger.write(build, lambda: self._kept(work))

    def failed(self, error: ModelError) -> None:
        """The LLM gave no summary: nothing is lost, it is tried again later.

        Only once and soon, where it was asked too much or answered nonsense.
        """
        if not self._remaking.idle:
            self._remaking.failed()
            self.consider()
            return
        work = self._work
        assert work is not None
        if isinstance(error, ModelContextOverflow) and len(work.events) > 1:
            work.events = work.events[: len(work.events) // 2]
            self._readable //= 2
        if isinstance(error, ModelContextOverflow | ModelInvalid):
            self._rejected(work, type(error).__name__)
        else:
            self._give_up(work, type(error).__name__)

    def _rejected(self, work: Work, reason: str) -> None:
        work.rejected, work.request_id = reason, ""
        if work.tries < TRIES:
            work.again = True
            self._hands.after(0.0, ONCE_MORE)
        else:
            self._give_up(work, reason)

    def _drop(self, work: Work) -> None:
        """What was to be covered is gone; what is left is looked at anew when it changes."""
        if self._work is work:
            self._work = None
            self._hands.cancel(work.request_id)
            self._remaking.consider()

    def _kept(self, work: Work) -> None:
        self._failures = 0
        self._finish(work, "success")
        self.consider()
        if work.idle:
            self._begin(idle=True)

    def _give_up(self, work: Work, reason: str) -> None:
        delay = AGAIN_SECONDS[min(self._failures, len(AGAIN_SECONDS) - 1)]
        self._failures += 1
        self._backing_off = True
        self._hands.after(delay, AGAIN)
        self._finish(work, "error", digest.unquoted(reason))

    def _finish(self, work: Work, status: str, reason: str = "") -> None:
        self._work = None
        seconds = self._hands.clock.monotonic() - work.began
        good = status == "success"
        self._hands.emit(
            CompressionFinished(
                self._user_id,
                "success" if good else "error",
                seconds,
                len(work.events) if good else 0,
                reason,
            )
        )

"""Keeps a guest's window short: compaction, asked of the LLM beside the conversation."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import attrs

from actors.guest.hands import Hands
from actors.guest.ledger import Ledger
from actors.guest.rules import Rules
from butler.domain import compaction, digest
from butler.domain.chat import Completion
from butler.domain.event import Event
from butler.domain.writes import CommitCompaction
from butler.errors import ModelError
from butler.telemetry import CompressionFinished

QUIET, AGAIN = "quiet", "compress again"
TRIES = 2
AGAIN_SECONDS = (5.0, 30.0, 120.0, 600.0)


@attrs.define(eq=False)
class Work:
    """A compaction under way: the events it will cover, and why the last answer was rejected."""

    events: Sequence[Event]
    began: float
    idle: bool
    request_id: str = ""
    tries: int = 0
    rejected: str = ""


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
        self._failures = 0
        self._backing_off = False

    @property
    def idle(self) -> bool:
        """Whether nothing is under way, nor due when the guest stays quiet."""
        hopeless = self._failures >= len(AGAIN_SECONDS)
        return self._work is None and (hopeless or not self._over_kept())

    def _over_kept(self) -> bool:
        return len(self._ledger.window) > self._rules.keep_events

    def consider(self) -> None:
        """The window has changed: compact it if it is over the cap, else wait for quiet."""
        if not self._rules.personalization or not self._over_kept():
            return
        if not self._backing_off:
            self._hands.after(self._rules.idle_seconds, QUIET)
            self._begin(idle=False)

    def tick(self, name: str) -> None:
        """A timer of the keeper's has run out."""
        if name == AGAIN:
            self._backing_off = False
        self._begin(idle=True)

    def _begin(self, *, idle: bool) -> None:
        if self._work is not None or self._ledger.profile is None:
            return
        window, count = self._ledger.window, self._rules.meter.tokens.count
        cap, keep = self._rules.event_cap, self._rules.keep_events
        seqs = compaction.due(window, cap, keep, idle=idle, count=count)
        if seqs:
            events = tuple(event for event in window if event.seq in seqs)
            self._work = Work(events, self._hands.clock.monotonic(), idle)
            self._ask(self._work)

    def _ask(self, work: Work) -> None:
        profile = self._ledger.profile
        assert profile is not None
        work.tries += 1
        work.request_id = f"{self._nonce}/compaction/{next(self._requests)}"
        request = compaction.request(profile, work.events, work.rejected)
        self._hands.ask(work.request_id, request, urgent=False)

    def owns(self, request_id: str) -> bool:
        """Whether an LLM answer is for the keeper."""
        return self._work is not None and self._work.request_id == request_id

    def completed(self, completion: Completion) -> None:
        """The LLM's summary: kept if it is true to its source, else asked for once more."""
        work, profile = self._work, self._ledger.profile
        assert work is not None
        assert profile is not None
        judged = digest.accept(completion, work.events, profile)
        if isinstance(judged, digest.Rejected):
            work.rejected = judged.reason
            if work.tries < TRIES:
                self._ask(work)
            else:
                self._give_up(work, judged.reason)
            return
        covered = work.events[-1].seq

        def build() -> CommitCompaction:
            current = self._ledger.profile
            assert current is not None
            now = self._hands.clock.now()
            after = digest.apply(current, judged, max(covered, current.covered_seq), now)
            return CommitCompaction(after, current.revision)

        self._ledger.write(build, lambda: self._kept(work))

    def failed(self, error: ModelError) -> None:
        """The LLM gave no summary: nothing is lost, it is tried again later."""
        assert self._work is not None
        self._give_up(self._work, type(error).__name__)

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
        self._finish(work, "error", reason)

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

"""A circuit breaker: a service that keeps failing is left alone for a while."""

from __future__ import annotations

from typing import Literal

import attrs

State = Literal["closed", "open", "half_open"]


@attrs.frozen
class Breaker:
    """The state of one service, as a value; moments in seconds of one clock that only grows.

    `threshold` failures in a row open it for `open_seconds`, doubled with each opening up to
    `longest`. After that one call is let through to try (half open): its success closes the
    breaker, its failure opens it again. A trial that is never reported is given up after
    `trial_seconds`.
    """

    threshold: int = 3
    open_seconds: float = 1.0
    longest: float = 60.0
    trial_seconds: float = 120.0
    failures: int = 0
    openings: int = 0
    until: float = 0.0
    trying: bool = False

    def state(self, now: float) -> State:
        """Closed: call at will; open: do not; half open: one call may try, or is trying."""
        if self.openings == 0:
            return "closed"
        return "half_open" if self.trying or now >= self.until else "open"

    def allows(self, now: float) -> bool:
        """Whether a call may be made now; if so, note it with `called`."""
        return self.openings == 0 or now >= self.until

    def ready_at(self, now: float) -> float:
        """When a call may be made: `now`, or the later moment that is known now."""
        return now if self.openings == 0 else max(now, self.until)

    def called(self, now: float) -> Breaker:
        """A call begins."""
        if self.openings == 0:
            return self
        return attrs.evolve(self, trying=True, until=now + self.trial_seconds)

    def succeeded(self) -> Breaker:
        """A call came back well: closed, and all is forgotten."""
        return attrs.evolve(self, failures=0, openings=0, until=0.0, trying=False)

    def undecided(self, now: float) -> Breaker:
        """A call ended without showing how the service is: another may try instead."""
        return attrs.evolve(self, trying=False, until=now) if self.trying else self

    def failed(self, now: float) -> Breaker:
        """A call failed. While open, failures of calls begun before count for nothing."""
        if self.openings and not self.trying:
            return self
        failures = self.failures + 1
        if not self.openings and failures < self.threshold:
            return attrs.evolve(self, failures=failures)
        # Capped exponent: 2.0**n overflows.
        pause = min(self.open_seconds * 2.0 ** min(self.openings, 60), self.longest)
        return attrs.evolve(
            self, failures=failures, openings=self.openings + 1, until=now + pause, trying=False
        )

"""Searches through all that a guest ever said: in slices, between which others have their turn."""

from __future__ import annotations

from collections.abc import Callable

from actors.guest.hands import Hands
from actors.runtime.courtesy import courteous
from butler.domain.commands import Decision
from butler.domain.steps import Steps

LOOKING = "looking"
SLICE_SECONDS = 0.01


class Search:
    """At most one at a time; most are over within their first slice.

    While one is `busy`, its actor puts by whatever else comes, as if it was still at the message
    that began it: the guest may not change under a search, and their updates stay in order.
    """

    __slots__ = ("_hands", "_steps", "_then")

    def __init__(self, hands: Hands) -> None:
        self._hands = hands
        self._steps: Steps[Decision] | None = None
        self._then: Callable[[Decision], None] | None = None

    @property
    def busy(self) -> bool:
        """Whether there is more to look through."""
        return self._steps is not None

    def begin(self, steps: Steps[Decision], then: Callable[[Decision], None]) -> None:
        """Look for the length of a slice; `then` with the result, be it now or after later ones."""
        assert self._steps is None, "one search was begun within another"
        self._steps, self._then = steps, then
        self.go_on()

    def go_on(self) -> None:
        """The next slice."""
        steps, then = self._steps, self._then
        if steps is None or then is None:
            return
        now = self._hands.clock.monotonic
        end = now() + SLICE_SECONDS
        with courteous():
            try:
                while now() <= end:
                    next(steps)
            except StopIteration as found:
                self._steps = self._then = None
                decision: Decision = found.value
            else:
                # By a timer: a message to oneself would be handled in the same turn.
                self._hands.after(0.0, LOOKING)
                return
        then(decision)

"""How much of one kind each guest may ask for, so that none crowds out the others."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable

REMEMBERED = 100_000


class Throttle:
    """A token bucket for each key: `burst` at once, then `rate` a second.

    A plain object; `now` is passed in. Who has been quiet for long enough is forgotten.
    """

    def __init__(self, burst: int, rate: float) -> None:
        self._burst = burst
        self._rate = rate
        self._spent: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def allows(self, key: Hashable, now: float) -> bool:
        """Whether there is room for one more; if so, it is taken."""
        spent, since = self._spent.pop(key, (0.0, now))
        spent = max(0.0, spent - (now - since) * self._rate)
        allowed = spent + 1 <= self._burst
        self._spent[key] = (spent + allowed, now)
        if len(self._spent) > REMEMBERED:
            self._spent.popitem(last=False)
        return allowed

    def rested(self, key: Hashable, now: float) -> bool:
        """Whether at least half of the burst is to be had."""
        spent, since = self._spent.get(key, (0.0, now))
        return spent - (now - since) * self._rate <= self._burst / 2

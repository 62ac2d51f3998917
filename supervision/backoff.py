"""How long to wait before a restart."""

import random

import attrs

from supervision.errors import SpecError


@attrs.frozen
class Backoff:
    """Exponential backoff with jitter and reset. All times are seconds.

    The first failure of a streak is answered after ``first``; the n-th after
    ``base * factor ** (n - 2)``, at most ``ceiling``; either is then spread evenly over
    ±``jitter`` (a fraction). Who does not fail for ``reset_after`` once back from its own last
    failure begins a new streak; restarts because of others do not count.
    """

    first: float = 0.0
    base: float = 0.05
    factor: float = 2.0
    ceiling: float = 30.0
    jitter: float = 0.2
    reset_after: float = 60.0

    def __attrs_post_init__(self) -> None:
        if min(self.first, self.base, self.ceiling, self.reset_after) < 0:
            raise SpecError(f"expected times of 0 seconds or more, got {self}")
        if not 1 <= self.factor <= 100 or not 0 <= self.jitter <= 1:
            raise SpecError(f"expected 1 <= factor <= 100 and 0 <= jitter <= 1, got {self}")

    def delay(self, streak: int, rng: random.Random) -> float:
        """Seconds to wait before the restart after the ``streak``-th failure in a row (from 1)."""
        # A larger power may overflow a float; the ceiling was reached long before.
        power = self.factor ** min(streak - 2, 150)
        plain = self.first if streak <= 1 else self.base * power
        return min(plain, self.ceiling) * (1 + self.jitter * rng.uniform(-1, 1))

"""How many restarts within which time are too many."""

from collections import deque
from typing import Literal

import attrs

from supervision.errors import SpecError

Scope = Literal["level", "child"]


@attrs.frozen
class Intensity:
    """At most ``restarts`` within any ``seconds``; one more is too many.

    ``per="level"`` counts all children of a supervisor together, as OTP does, and too many make
    the supervisor give up. ``per="child"`` counts each child alone, and too many make the
    supervisor give up that child only: right where children are strangers to each other.
    """

    restarts: int = 3
    seconds: float = 5.0
    per: Scope = "level"

    def __attrs_post_init__(self) -> None:
        if self.restarts < 0 or self.seconds <= 0:
            raise SpecError(f"expected restarts >= 0 and seconds > 0, got {self}")
        if self.per not in ("level", "child"):
            raise SpecError(f"expected per='level' or per='child', got {self.per!r}")


class RestartWindow:
    """The restarts of late. Not thread-safe."""

    __slots__ = ("_times",)

    def __init__(self) -> None:
        self._times: deque[float] = deque()

    def add(self, now: float, intensity: Intensity) -> bool:
        """Note a restart at ``now``; False if that is one more than ``intensity`` allows."""
        times = self._times
        times.append(now)
        while times[0] <= now - intensity.seconds:
            times.popleft()
        return len(times) <= intensity.restarts

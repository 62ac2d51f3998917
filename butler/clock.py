"""The system's time."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class SystemClock:
    """`butler.ports.Clock` by the machine's clocks."""

    def now(self) -> datetime:
        """The wall clock, timezone-aware UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that only grow."""
        return time.monotonic()

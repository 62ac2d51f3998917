"""What happens in one chat, numbered, for whoever watches it: the page, a test, a terminal."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from butler.playground.refusals import Json

Waker = Callable[[], None]


class EventLog:
    """The last events of a chat and who is to be woken by the next.

    Each event is an object with ``seq`` (from 1) and ``type``: ``message``, ``edit``, ``delete``,
    ``action``, ``draft``, ``answer``, ``commands`` or ``state``. Not locked: its owner is.
    """

    def __init__(self, kept: int) -> None:
        self._events: deque[Json] = deque(maxlen=kept)
        self._wakers: set[Waker] = set()
        self.seq = 0

    def add(self, kind: str, **fields: object) -> None:
        """Append an event and wake the watchers, on the calling thread."""
        self.seq += 1
        self._events.append({"seq": self.seq, "type": kind, **fields})
        for wake in tuple(self._wakers):
            wake()

    def after(self, seq: int) -> list[Json] | None:
        """The events past *seq*, or ``None`` when some of them are gone: read the chat anew."""
        if not 0 <= seq <= self.seq:
            return None
        missing = self.seq - seq
        if missing > len(self._events):
            return None
        return list(self._events)[len(self._events) - missing :]

    def watch(self, wake: Waker) -> None:
        """Call *wake* at each event. It must not block, and may come from any thread."""
        self._wakers.add(wake)

    def unwatch(self, wake: Waker) -> None:
        """Stop calling *wake*."""
        self._wakers.discard(wake)

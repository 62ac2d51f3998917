"""Whether more updates may come in."""

from __future__ import annotations


class Gate:
    """Shut while too many updates wait (the monitor says) or the store takes none (the journal).

    Once it is left for good, a call cut short is no failure. Any thread.
    """

    def __init__(self) -> None:
        self.full = False
        self.store_down = False
        self._leaving = False

    @property
    def open(self) -> bool:
        """Whether more updates may be accepted."""
        return not (self.full or self.store_down)

    def leave(self) -> None:
        """Nothing is asked for any more."""
        self._leaving = True

    def left(self) -> bool:
        """Whether `leave` was called; another thread may do so at any time."""
        return self._leaving

"""Two lanes of letters: the bulk, which is bounded, and control, which is not."""

from collections import deque
from typing import Any

from actors.runtime.future import PooledFuture

Letter = tuple[Any, PooledFuture[Any] | None, float]
"""A message, where the answer goes, and when it was sent."""


class Mailbox:
    """Letters of one actor, in order within each lane. Not thread-safe: its owner locks.

    While both lanes hold letters they take turns, so neither starves the other.
    """

    __slots__ = ("_bulk", "_control", "_control_was_last", "bound", "refused")

    def __init__(self, bound: int) -> None:
        self.bound = bound
        self.refused = 0
        # An empty deque takes 600 bytes, so that idle actors have none.
        self._bulk: deque[Letter] | None = None
        self._control: deque[Letter] | None = None
        self._control_was_last = False

    def __len__(self) -> int:
        return (len(self._bulk) if self._bulk else 0) + (len(self._control) if self._control else 0)

    def offer(self, letter: Letter) -> bool:
        """Put at the end of the bulk; False, and counted, if that is at its bound."""
        bulk = self._bulk
        if bulk is None:
            self._bulk = deque((letter,))
            return True
        if len(bulk) >= self.bound:
            self.refused += 1
            return False
        bulk.append(letter)
        return True

    def urge(self, letter: Letter) -> None:
        """Put at the end of the control lane."""
        if self._control is None:
            self._control = deque()
        self._control.append(letter)

    def take(self) -> Letter | None:
        """The next letter; None if both lanes are empty."""
        bulk = self._bulk
        if self._control is not None and not (self._control_was_last and bulk):
            letter = self._control.popleft()
            if not self._control:
                self._control = None
            self._control_was_last = True
            return letter
        self._control_was_last = False
        if not bulk:
            self._bulk = None
            return None
        return bulk.popleft()

    def last(self) -> Letter | None:
        """The letter at the end of the bulk."""
        return self._bulk[-1] if self._bulk else None

    def oldest(self) -> float | None:
        """When the letter that has waited longest was sent."""
        heads = [lane[0][2] for lane in (self._bulk, self._control) if lane]
        return min(heads, default=None)

    def drain(self) -> list[Letter]:
        """All letters, control first; afterwards the mailbox is empty."""
        letters = [*(self._control or ()), *(self._bulk or ())]
        self._bulk = self._control = None
        return letters

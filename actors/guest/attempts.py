"""How often the handling of an update has crashed; outlives the actor's incarnations."""

from __future__ import annotations

import itertools

import attrs

from butler.domain.inbox import UpdateKey

POISON = 2
HUNG = "HandlerHung"  # what is left unsaid: a hung incarnation is abandoned without a word
_numbers = itertools.count(1)


@attrs.define
class Attempts:
    """Shared by all incarnations of one user actor, and touched by one at a time.

    What is `open` when a new incarnation starts was being handled when the old one failed.
    `incarnation` is unlike that of any other user actor of this process, past or present: answers
    to a guest's earlier actor mean nothing to the present one.
    """

    incarnation: int = 0
    error: str = ""
    open: set[UpdateKey] = attrs.field(factory=set)
    crashes: dict[UpdateKey, int] = attrs.field(factory=dict)
    _ended: str | None = HUNG

    def incarnate(self) -> bool:
        """Count a new incarnation; whether there was an earlier one."""
        before, self.incarnation = self.incarnation, next(_numbers)
        if self._ended is not None:
            self.error = self._ended
            for key in self.open:
                self.crashes[key] = self.crashes.get(key, 0) + 1
        self._ended = HUNG
        self.open.clear()
        return before > 0

    def failed(self, error: str) -> None:
        """This incarnation ends by an exception of that type."""
        self._ended = error

    def rested(self) -> None:
        """This incarnation ends, or is restarted, because others failed."""
        self._ended = None

    def is_poison(self, key: UpdateKey) -> bool:
        """Whether an update has crashed its actor too often to be tried again."""
        return self.crashes.get(key, 0) >= POISON

    def settled(self, *keys: UpdateKey) -> None:
        """These updates are handled."""
        for key in keys:
            self.open.discard(key)
            self.crashes.pop(key, None)

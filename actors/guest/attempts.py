"""How often the handling of an update has crashed; outlives the actor's incarnations."""

from __future__ import annotations

import itertools
from datetime import datetime

import attrs

from actors.guest.asked import Asked
from butler.domain.inbox import UpdateKey

POISON = 2
REMEMBERED = 100
HUNG = "HandlerHung"  # what is left unsaid: a hung incarnation is abandoned without a word
_numbers = itertools.count(1)


@attrs.define
class Attempts:
    """Shared by all incarnations of one user actor, and touched by one at a time.

    What is `open` when a new incarnation starts was being handled when the old one failed.
    `incarnation` is unlike that of any other user actor of this process, past or present: answers
    to a guest's earlier actor mean nothing to the present one. `idle`: the incarnation before had
    nothing to do when it ended, so that the store has nothing that could not wait. `unreadable`
    counts the times in a row that what is stored of the guest made no sense.
    """

    incarnation: int = 0
    idle: bool = False
    error: str = ""
    unreadable: int = 0
    open: set[UpdateKey] = attrs.field(factory=set)
    crashes: dict[UpdateKey, int] = attrs.field(factory=dict)
    asked: Asked = attrs.field(factory=Asked)
    _seen: dict[tuple[UpdateKey, datetime], None] = attrs.field(factory=dict)
    _ended: str | None = HUNG
    _ends_idle: bool = False

    def incarnate(self) -> bool:
        """Count a new incarnation; whether there was an earlier one."""
        before, self.incarnation = self.incarnation, next(_numbers)
        if self._ended is not None:
            self.error = self._ended
            for key in self.open:
                self.crashes[key] = self.crashes.get(key, 0) + 1
        self.idle, self._ends_idle = self._ends_idle, False
        self._ended = HUNG
        self.open.clear()
        return before > 0

    def failed(self, error: str) -> None:
        """This incarnation ends by an exception of that type."""
        self._ended = error

    def rested(self, *, idle: bool = False) -> None:
        """This incarnation ends, or is restarted, because others failed."""
        self._ended, self._ends_idle = None, idle

    def is_poison(self, key: UpdateKey) -> bool:
        """Whether an update has crashed its actor too often to be tried again."""
        return self.crashes.get(key, 0) >= POISON

    def settled(self, *keys: UpdateKey) -> None:
        """These updates are handled."""
        for key in keys:
            self.open.discard(key)
            self.crashes.pop(key, None)

    def sees(self, key: UpdateKey, accepted: datetime) -> bool:
        """Note an update that has come; False if it came before, to whichever incarnation.

        What came before and is not settled is found in the store. A router that restarts may send
        on what it read there a while ago, and a mailbox outlives the incarnation that has settled
        what waits in it.
        """
        if (key, accepted) in self._seen:
            return False
        self._seen[key, accepted] = None
        if len(self._seen) > REMEMBERED:
            del self._seen[next(iter(self._seen))]
        return True

"""How often the handling of an update has crashed; outlives the actor's incarnations."""

from __future__ import annotations

import attrs

from butler.domain.inbox import UpdateKey

POISON = 2


@attrs.define
class Attempts:
    """Shared by all incarnations of one user actor, and touched by one at a time.

    What is `open` when a new incarnation starts was being handled when the old one failed.
    """

    incarnation: int = 0
    error: str = ""
    open: set[UpdateKey] = attrs.field(factory=set)
    crashes: dict[UpdateKey, int] = attrs.field(factory=dict)

    def incarnate(self) -> bool:
        """Count a new incarnation; whether an earlier one has failed."""
        self.incarnation += 1
        for key in self.open:
            self.crashes[key] = self.crashes.get(key, 0) + 1
        self.open.clear()
        return self.incarnation > 1

    def is_poison(self, key: UpdateKey) -> bool:
        """Whether an update has crashed its actor too often to be tried again."""
        return self.crashes.get(key, 0) >= POISON

    def settled(self, *keys: UpdateKey) -> None:
        """These updates are handled."""
        for key in keys:
            self.open.discard(key)
            self.crashes.pop(key, None)

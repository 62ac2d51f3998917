"""URNs for many actors: as unique as `uuid.uuid4`, at the price of a number each."""

import itertools
import os
import uuid


class _Urns:
    def __init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        """Draw the random half anew: at the start, and in a forked child."""
        self._random = uuid.uuid4().int & ~((1 << 48) - 1)
        self._numbers = itertools.count(1)

    def number(self) -> int:
        """The next number of this process."""
        return next(self._numbers)

    def urn(self, number: int) -> str:
        """The URN of a number: 74 random bits of the process, then the number (48 bits)."""
        return uuid.UUID(int=self._random | number).urn


urns = _Urns()
os.register_at_fork(after_in_child=urns.renew)

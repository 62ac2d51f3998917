"""Guests whom the LLM has refused while it was away, and who are to be told that it is back."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

REMEMBERED = 100_000


class Waiters:
    """Who was refused, longest ago first; and who was told to ask again and has not yet.

    Telling is paced by the caller, so that who comes with something new need not stand behind all
    of them. Each asks again by a timer of their own besides: whom this forgets is not lost.
    """

    def __init__(self) -> None:
        self._guests: OrderedDict[Any, None] = OrderedDict()
        self._told: set[Any] = set()

    def __len__(self) -> int:
        return len(self._guests)

    @property
    def told(self) -> int:
        """How many have been told and have not asked yet."""
        return len(self._told)

    def refused(self, guest: Any) -> None:
        """A guest waits from now on."""
        self._guests[guest] = None
        if len(self._guests) > REMEMBERED:
            self._guests.popitem(last=False)

    def asked(self, guest: Any) -> None:
        """A guest asks: told to, or by themselves."""
        self._guests.pop(guest, None)
        self._told.discard(guest)

    def tell(self) -> Any:
        """The next to be told. KeyError if nobody waits."""
        guest, _ = self._guests.popitem(last=False)
        self._told.add(guest)
        return guest

    def give_up(self) -> None:
        """Those who were told have something else to do by now."""
        self._told.clear()

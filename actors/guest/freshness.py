"""Whether what is known of a guest is what the store holds, and what has to wait until it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from actors.guest.hands import Hands
from actors.guest.ledger import Ledger
from actors.guest.rules import Rules

ASKED_AGAIN = 3


def _ignore(_: list[str]) -> None:
    pass


class Freshness:
    """Has the store asked where others may have written meanwhile.

    Otherwise words that the operator had forgotten would go into a prompt. When the store has
    answered, `go_on` is called with the names of what was put off.
    """

    def __init__(self, hands: Hands, ledger: Ledger, rules: Rules) -> None:
        self._hands = hands
        self._ledger = ledger
        self._rules = rules
        self._as_of: int | None = None
        self._doubted = False
        self._asked_again = 0
        self._put_off: list[str] = []
        self.go_on: Callable[[list[str]], None] = _ignore

    @property
    def certain(self) -> bool:
        """Whether the store holds of the guest just what is known here."""
        seen = self._rules.others.seen
        return seen is not None and seen == self._as_of and not self.outlived

    @property
    def outlived(self) -> bool:
        """Whether the store's retention may have dropped something that is known here."""
        days = timedelta(days=self._rules.house.retention_days)
        return self._ledger.outlived(self._hands.clock.now() - days)

    def put_off(self, name: str) -> None:
        """Let what makes a prompt wait until nobody is known to have written meanwhile."""
        self._put_off.append(name)
        self.doubt()

    def doubt(self) -> None:
        """Let nothing be made of what is known here until the store has been asked from now on."""
        if not self._rules.personalization:
            self.answered()
        elif not self._ledger.loaded:
            self._doubted = True
        elif self._ledger.doubt():
            self._hands.make_sure()

    def asked(self) -> None:
        """The store is being asked, now."""
        self._as_of, self._doubted = self._rules.others.seen, False

    def answered(self) -> None:
        """The guest is as the store had them when it was asked; who came since may know better.

        Asked again only so often, or one who never stops talking would never be answered.
        """
        if self._doubted and self._asked_again < ASKED_AGAIN:
            self._asked_again += 1
            self.doubt()
        self._doubted = False
        if self._ledger.loaded:
            self._asked_again = 0
            put_off, self._put_off = self._put_off, []
            self.go_on(put_off)

"""The two lanes of a mailbox against a plain model."""

from collections import deque
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from actors.runtime.mailbox import Mailbox


class MailboxMachine(RuleBasedStateMachine):
    """Offers, urgent letters and takings in any order."""

    @initialize(bound=st.integers(1, 5))
    def make(self, bound: int) -> None:
        self.mailbox = Mailbox(bound)
        self.bound = bound
        self.bulk: deque[Any] = deque()
        self.control: deque[Any] = deque()
        self.refused = 0
        self.number = 0
        self.lanes: list[str] = []

    def _letter(self) -> Any:
        self.number += 1
        return (f"letter {self.number}", None, float(self.number))

    @rule()
    def offer(self) -> None:
        letter = self._letter()
        room = len(self.bulk) < self.bound
        assert self.mailbox.offer(letter) is room
        if room:
            self.bulk.append(letter)
            assert self.mailbox.last() is letter
        else:
            self.refused += 1

    @rule()
    def urge(self) -> None:
        letter = self._letter()
        self.mailbox.urge(letter)
        self.control.append(letter)

    @rule()
    def take(self) -> None:
        both = bool(self.bulk and self.control)
        letter = self.mailbox.take()
        if letter is None:
            assert not self.bulk
            assert not self.control
            self.lanes.clear()
            return
        lane = "control" if self.control and letter is self.control[0] else "bulk"
        assert letter is (self.control if lane == "control" else self.bulk).popleft()
        self.lanes.append(lane if both else "alone")
        # While both lanes hold letters neither comes twice in a row.
        assert self.lanes[-2:] not in (["bulk", "bulk"], ["control", "control"])

    @rule()
    def drain(self) -> None:
        assert self.mailbox.drain() == [*self.control, *self.bulk]
        self.bulk.clear()
        self.control.clear()
        self.lanes.clear()

    @invariant()
    def counts_and_ages_are_right(self) -> None:
        waiting = [*self.bulk, *self.control]
        assert len(self.mailbox) == len(waiting)
        assert self.mailbox.refused == self.refused
        assert self.mailbox.oldest() == min((letter[2] for letter in waiting), default=None)


TestMailbox = MailboxMachine.TestCase
TestMailbox.settings = settings(max_examples=100, deadline=None)

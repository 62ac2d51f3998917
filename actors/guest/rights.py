"""What a guest may do with their own memory: add to it, have it forgotten, take it along, leave."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from actors.guest.closing import Closing, Then, nothing
from actors.guest.ledger import Ledger
from actors.guest.turn import Pending
from butler.domain import forgetting
from butler.domain.commands import Decision, LetGo, Said, TakeDown, with_fact
from butler.domain.event import Event
from butler.domain.forgetting import Found
from butler.domain.inbox import UpdateKey
from butler.domain.outgoing import Document
from butler.domain.profile import Profile
from butler.domain.writes import EraseGuest, Forget
from butler.ports import Clock


class Rights:
    """Carries out what was decided; each act is durable before its reply is."""

    def __init__(self, user_id: str, ledger: Ledger, closing: Closing, clock: Clock) -> None:
        self._user_id = user_id
        self._ledger = ledger
        self._closing = closing
        self._clock = clock

    def take_down(self, pending: Pending, decision: Decision, act: TakeDown) -> None:
        """A fact, what was said and the reply become durable together."""

        def learned(profile: Profile, events: Sequence[Event]) -> Profile:
            said = next((event for event in events if event.role == "user"), None)
            if said is None:  # an operator has had the update tried anew
                return profile
            return with_fact(profile, act, said.seq, said.created_at)

        if pending.text is None:
            pending.text = act.said
        self._closing.noted(pending, decision.text, decision.buttons, learned)

    def forget(self, pending: Pending, decision: Decision, act: LetGo, then: Then) -> None:
        """Forget what was found; then say so. What is gone already is not forgotten twice."""

        def done() -> None:
            then()
            self._reply(pending, decision)

        def build() -> Forget | None:
            profile = self._ledger.profile
            found = None if profile is None else self._left(profile, act.found)
            if profile is None or not found:
                done()
                return None
            after = forgetting.without(profile, self._events(), found, self._clock.now())
            return Forget(after, profile.revision, found.seqs, found.matter)

        self._ledger.write(build, done)

    def erase(
        self, pending: Pending, decision: Decision, sparing: tuple[UpdateKey, ...], then: Then
    ) -> None:
        """Erase the guest but for the updates that are still to be answered; then say farewell."""

        def done() -> None:
            then()
            self._reply(pending, decision)

        self._ledger.write(lambda: EraseGuest(self._user_id, sparing), done)

    def hand_over(self, pending: Pending, caption: str, document: Document) -> None:
        """Send an export."""
        self._closing.document(pending, caption, document)

    def _reply(self, pending: Pending, decision: Decision) -> None:
        edit = decision.edit_message_id
        self._closing.reply([pending], decision.text, decision.buttons, nothing, edit)

    def _events(self) -> Iterator[Event]:
        return chain(self._ledger.archive.events(), self._ledger.window)

    def _left(self, profile: Profile, found: Found) -> Found | None:
        """What of it is there as it is now: more may have been learned of it meanwhile."""
        since = range(found.covered_seq + 1, profile.covered_seq + 1)
        left = forgetting.still(profile, self._ledger.archive.get(since), found)
        said = Said(self._ledger.window, find=self._ledger.archive.get)
        events = any(event.content for part in said.parts(found.seqs) for event in part)
        return left if left.facts or left.topics or left.in_summary or events else None

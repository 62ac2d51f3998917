"""Commands, buttons and requests in plain words: decided, then carried out."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import partial

from actors.guest.asked import KEPT_SECONDS, Asked
from actors.guest.closing import Closing, nothing
from actors.guest.hands import Hands
from actors.guest.ledger import Ledger
from actors.guest.rights import Rights
from actors.guest.rules import Rules
from actors.guest.search import Search
from actors.guest.turn import Pending
from butler.domain.commands import (
    AskValue,
    BeginAnew,
    Case,
    Decision,
    EraseMe,
    ExportMe,
    LetGo,
    LookThrough,
    Said,
    TakeDown,
    case_of,
    decide,
    grant,
    value_told,
)
from butler.domain.inbox import UpdateKey
from butler.domain.outgoing import Document
from butler.domain.phrases import say
from butler.domain.profile import Profile
from butler.domain.requests import Request, understand

ASKED = "asked"
Deciding = Callable[[Case], Decision | None]


class Orders:
    """What needs no LLM; the conversation decides when its turn comes.

    While `search` is busy, nothing else may be obeyed or granted. `forgotten` is called when
    something was forgotten; `leaving` when the guest is to be erased, for the updates that stay to
    be answered.
    """

    def __init__(
        self,
        user_id: str,
        hands: Hands,
        ledger: Ledger,
        closing: Closing,
        asked: Asked,
        rules: Rules,
    ) -> None:
        self._user_id = user_id
        self._hands = hands
        self._ledger = ledger
        self._closing = closing
        self._asked = asked
        self._rules = rules
        self.search = Search(hands)
        self._rights = Rights(user_id, ledger, closing, hands.clock)
        self._exports: dict[UpdateKey, tuple[Pending, Decision]] = {}
        self.forgotten: Callable[[], None] = nothing
        self.leaving: Callable[[], tuple[UpdateKey, ...]] = tuple

    def recovered(self) -> None:
        """Questions that an earlier incarnation has asked end in time, too."""
        if self._asked:
            self._hands.after(KEPT_SECONDS, ASKED)

    def obey(self, pending: Pending) -> None:
        """End a command or a pressed button."""
        incoming = pending.incoming
        decision = self._decided(pending, decide)
        if incoming.kind == "command":
            self._asked.drop_values()
        elif incoming.text.startswith("ask:"):
            self._asked.claim(incoming.text.rpartition(":")[2], pending.key)
        if decision is None:
            self._closing.ignore([pending])
        else:
            self._carry_out(pending, decision, decide)

    def request(self, pending: Pending) -> Request | AskValue | None:
        """What a message may ask for in plain words, or answer; None for talk."""
        if pending.text is None:
            return None
        if pending.incoming.private:
            now = self._hands.clock.monotonic()
            if wanted := self._asked.value_wanted(pending.key, now):
                return wanted[1]
        return understand(pending.text, pending.item.accepted_at.date())

    def grant(self, pending: Pending) -> bool:
        """End a message that is a request, or a value that was asked for; False if it is talk."""
        request, words = self.request(pending), pending.text or ""
        if request is None:
            return False

        def deciding(case: Case) -> Decision | None:
            if isinstance(request, AskValue):
                return value_told(case, request, words)
            return grant(case, request, words)

        decision = self._decided(pending, deciding)
        if decision is None:
            return False
        now = self._hands.clock.monotonic()
        if wanted := self._asked.value_wanted(pending.key, now):
            self._asked.claim(wanted[0], pending.key)
        self._carry_out(pending, decision, deciding)
        return True

    def exported(self, key: UpdateKey, document: Document | None) -> None:
        """All that is kept, as a file; None if it is too large for a chat."""
        pending, decision = self._exports.pop(key)
        if document is not None:
            self._rights.hand_over(pending, decision.text, document)
        else:
            words = say(self._closing.language, "export_too_big", user_id=self._user_id)
            self._closing.reply([pending], words)

    def _decided(self, pending: Pending, deciding: Deciding) -> Decision | None:
        known = self._ledger.profile if self._closing.personal(pending) else None
        return deciding(self._case(pending, known))

    def _case(self, pending: Pending, profile: Profile | None) -> Case:
        clock, archive = self._hands.clock, self._ledger.archive
        return case_of(
            pending.incoming,
            profile,
            now=clock.now(),
            house=self._rules.house,
            said=Said(self._ledger.window, archive.events, archive.get, len(archive)),
            open=self._asked.open_to(pending.key, clock.monotonic()),
            nonce=secrets.token_hex(4),
        )

    def _carry_out(self, pending: Pending, decision: Decision, deciding: Deciding) -> None:
        self._ask_back(decision)
        match decision.act:
            case LookThrough(steps):
                self.search.begin(steps, lambda found: self._carry_out(pending, found, deciding))
            case BeginAnew():
                self._closing.reset(pending, decision)
            case TakeDown() as act:
                self._rights.take_down(pending, decision, act)
            case LetGo() as act:
                self._rights.forget(pending, decision, act, partial(self._let_go, pending))
            case EraseMe():
                sparing = (pending.key, *self.leaving())
                clear = partial(self._asked.clear, pending.key)
                self._rights.erase(pending, decision, sparing, clear)
            case ExportMe():
                self._exports[pending.key] = pending, decision
                self._hands.export(pending.key)
            case None if decision.profile is not None:
                self._closing.change(pending, decision, partial(self._changed, pending, deciding))
            case None:
                edit = decision.edit_message_id
                self._closing.reply([pending], decision.text, decision.buttons, edit=edit)

    def _ask_back(self, decision: Decision) -> None:
        if decision.asks is None:
            return
        data = (button.data for row in decision.buttons for button in row)
        nonce = next(each.rpartition(":")[2] for each in data if each.startswith("ask:"))
        self._asked.put(nonce, decision.asks, self._hands.clock.monotonic())
        self._hands.after(KEPT_SECONDS, ASKED)

    def _changed(
        self, pending: Pending, deciding: Deciding, profile: Profile | None
    ) -> Profile | None:
        """What the same words make of the profile as it is when the write's turn comes."""
        decision = deciding(self._case(pending, profile))
        return decision.profile if decision else None

    def _let_go(self, pending: Pending) -> None:
        """What was asked, and what waits, may hold what is forgotten now."""
        self._asked.clear(pending.key)
        self.forgotten()

"""A guest's updates: gathered, put in order, and each led to its end."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from actors.guest.attempts import Attempts
from actors.guest.closing import Closing, with_edit
from actors.guest.hands import Hands
from actors.guest.ledger import Ledger
from actors.guest.orders import ASKED, Orders
from actors.guest.rules import Rules
from actors.guest.search import LOOKING
from actors.guest.talk import Talk
from actors.guest.turn import TURN_MESSAGES, Pending
from butler.domain.inbox import InboxItem, UpdateKey
from butler.domain.incoming import Incoming
from butler.domain.phrases import say, unsupported

FLOOD = 30


class Conversation:
    """Decides for one guest, one turn at a time, in the order of arrival.

    Messages that arrive while a reply is in the making become one next turn; an edit replaces the
    words of a message that still waits; /stop ends what is not being made durable yet; commands do
    not wait for an LLM that is away, nor do plain words that ask for what a command does; who
    floods is told so, once a burst. What is accepted ends as answered, settled, or a dead letter.
    """

    def __init__(
        self, user_id: str, hands: Hands, ledger: Ledger, attempts: Attempts, rules: Rules
    ) -> None:
        self.user_id = user_id
        self._hands = hands
        self._ledger = ledger
        self._attempts = attempts
        self._rules = rules
        self._closing = Closing(user_id, hands, ledger, attempts, rules)
        self._closing.closed = self._closed
        nonce = f"{user_id}/{attempts.incarnation}"
        self.talk = Talk(user_id, nonce, hands, ledger, self._closing, rules)
        self.talk.ended = self.advance
        self.talk.paused = self._obey_waiting
        self.talk.granted = self._granted
        self.orders = Orders(user_id, hands, ledger, self._closing, attempts.asked, rules)
        self.orders.forgotten = self.talk.off_the_record
        self.orders.leaving = self._leave
        self._asked = attempts.asked
        self._early: list[Pending] = []
        self._queue: deque[Pending] = deque()
        self._ending: set[UpdateKey] = set()
        self._known: set[UpdateKey] = set()
        self._album = ""
        self._flooded = False

    @property
    def idle(self) -> bool:
        """Whether nothing is under way or waits, and no question is open."""
        return not (self._known or self._ledger.busy or self._asked)

    def tick(self, name: str) -> None:
        """A timer has run out: of the conversation, or of the turn under way."""
        if name == ASKED:
            self._asked.expire(self._hands.clock.monotonic())
        elif name == LOOKING:
            self.orders.search.go_on()
            self.advance()
        else:
            self.talk.tick(name)

    def arrived(self, item: InboxItem, incoming: Incoming) -> None:
        """An accepted update, for `advance`.

        One that is here already, or was dealt with lately, means nothing.
        """
        new = self._attempts.sees(item.key, item.accepted_at)
        if new and item.key not in self._known:
            self._known.add(item.key)
            self._early.append(Pending.of(item, incoming))

    def recovered(self, found: Iterable[tuple[InboxItem, Incoming]]) -> None:
        """Unsettled updates found after a crash, oldest first, for `advance`.

        They come before what waits.
        """
        late, self._early = self._early, []
        self._known.clear()
        settled = set()
        for item, incoming in found:
            self._attempts.sees(item.key, item.accepted_at)
            self._closing.deliver_unsent(item)
            pending = Pending.of(item, incoming)
            if item.state != "received":
                settled.add(item.key)
                continue
            self._known.add(item.key)
            if self._attempts.is_poison(item.key):
                self._closing.bury([pending], "poison", self._attempts.error)
            else:
                self._early.append(pending)
        self.orders.recovered()
        self._early += (each for each in late if each.key not in self._known | settled)
        self._known.update(pending.key for pending in self._early)

    def unreadable(self, found: Iterable[tuple[InboxItem, Incoming]], error: str) -> None:
        """What is stored of the guest makes no sense, once more: what waits is given up."""
        self.recovered(found)
        early, self._early = self._early, []
        if early:
            self._closing.bury([self._open(pending) for pending in early], "unreadable", error)

    def advance(self) -> None:
        """Begin with the next update, if none is under way and the guest is known."""
        if not (self._ledger.loaded and self._admitted()):
            return
        self._hasten()
        while self._queue and not (self.talk.turn or self._ending):
            pending = self._next()
            if not pending.spoken:
                self._obey(pending)
            elif not self._granted(pending):
                self.talk.begin([pending, *self._following(pending, TURN_MESSAGES - 1)])
        if not self.orders.search.busy:
            self._heed_flood()

    def _admitted(self) -> bool:
        """Whether all that has come is admitted; it waits while a search goes on."""
        early, self._early = deque(self._early), []
        while early and not self.orders.search.busy:
            self._admit(early.popleft())
        self._early = [*early, *self._early]
        return not self.orders.search.busy

    def _heed_flood(self) -> None:
        """More waits than anybody can want answered at once; a burst ends when nothing waits."""
        if not self._queue:
            self._flooded = False
        elif len(self._queue) > FLOOD and not self._flooded:
            self._flooded = True
            last = self._queue[-1]
            # Told already, if this is what a crash has left of a burst.
            if not any(pending.parts for pending in self._queue):
                words = say(self._closing.language, "flood", seed=last.key.update_id)
                self._closing.show(last, words)

    def _admit(self, pending: Pending) -> None:
        incoming = pending.incoming
        if incoming.kind == "edit":
            self._open(pending)
            self._edit(pending)
        elif incoming.kind == "command" and incoming.command == "stop":
            self._open(pending)
            self._stop(pending)
        elif not (self.talk.waiting and self._obeyed(pending)):
            self._queue.append(pending)

    def _obeyed(self, pending: Pending) -> bool:
        """Whether it needs no LLM, and is dealt with before what waits for one."""
        for waiting in self._queue:
            waiting.off_record |= self._paused
        if pending.spoken:
            return self._granted(pending)
        self._obey(self._open(pending))
        return True

    def _open(self, pending: Pending) -> Pending:
        self._attempts.open.add(pending.key)
        return pending

    def _next(self) -> Pending:
        pending = self._open(self._queue.popleft())
        pending.off_record |= self._paused
        return pending

    @property
    def _paused(self) -> bool:
        return self._ledger.profile is not None and self._ledger.profile.paused

    def _following(self, pending: Pending, limit: int) -> list[Pending]:
        gathered: list[Pending] = []
        while (
            self._queue
            and len(gathered) < limit
            and self._queue[0].spoken
            and self._queue[0].follows(pending)
            and self.orders.request(self._queue[0]) is None
        ):
            gathered.append(self._next())
        return gathered

    def _hasten(self) -> None:
        """A message during an outage joins the turn that waits, which is tried again at once."""
        turn = self.talk.turn
        if turn is None or not self.talk.waiting:
            return
        more = self._following(turn.last, TURN_MESSAGES - len(turn.pendings))
        if more:
            turn.pendings.extend(more)
            self.talk.hasten()

    def _closed(self, keys: tuple[UpdateKey, ...]) -> None:
        self._ending.difference_update(keys)
        self._known.difference_update(keys)
        self._asked.closed(keys)
        self.advance()

    # What needs no LLM

    def _obey_waiting(self) -> None:
        """The LLM is away: what needs none is not held up by the turn that waits for it."""
        waiting, self._queue = self._queue, deque()
        while waiting and not self.orders.search.busy:
            pending = waiting.popleft()
            if not self._obeyed(pending):
                self._queue.append(pending)
        self._early = [*waiting, *self._early]

    def _obey(self, pending: Pending) -> None:
        self._ending.add(pending.key)
        incoming = pending.incoming
        if incoming.callback_id:
            self._hands.answer_callback(incoming.callback_id)
        if incoming.kind in ("command", "callback"):
            self.orders.obey(pending)
        elif incoming.kind == "unsupported" and not self._repeated_album(incoming):
            seed = pending.key.update_id
            words = unsupported(self._closing.language, incoming.what, seed)
            self._closing.reply([pending], words)
        else:
            self._closing.ignore([pending])

    def _repeated_album(self, incoming: Incoming) -> bool:
        """Whether another picture of the same album was answered just now."""
        repeated = bool(incoming.album) and incoming.album == self._album
        self._album = incoming.album
        return repeated

    def _granted(self, pending: Pending) -> bool:
        """Whether a message was no talk but a request, which is dealt with now."""
        granted = self.orders.grant(pending)
        if granted:
            self._ending.add(self._open(pending).key)
        return granted

    def _leave(self) -> tuple[UpdateKey, ...]:
        """Who leaves takes along what waits for an LLM; what was said since is a new beginning."""
        waiting = self.talk.cancel()
        if waiting:
            self._closing.ignore(waiting)
        return tuple(each.key for each in (*self._queue, *self._early))

    # What changes what waits

    def _edit(self, edit: Pending) -> None:
        incoming = edit.incoming
        turn = self.talk.turn
        for waiting in (self._queue, turn.pendings if turn and turn.phase == "waiting" else []):
            for place, pending in enumerate(waiting):
                said = pending.incoming
                same = (said.chat_id, said.message_id) == (incoming.chat_id, incoming.message_id)
                if same and pending.text is not None and said.kind == "text":
                    waiting[place] = with_edit(pending, edit)
                    self._attempts.open.discard(edit.key)
                    return
        self._closing.ignore([edit])

    def _stop(self, pending: Pending) -> None:
        cancelled = self.talk.cancel()
        kept: deque[Pending] = deque()
        for waiting in self._queue:
            (cancelled if waiting.spoken and waiting.follows(pending) else kept).append(waiting)
        self._queue = kept
        phrase = "stopped" if cancelled else "nothing_to_stop"
        words = say(self._closing.language, phrase, seed=pending.key.update_id)
        self._closing.reply([*cancelled, pending], words)

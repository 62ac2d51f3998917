"""How an update ends: a durable turn with its reply, or a dead letter."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import attrs

from actors.guest.attempts import Attempts
from actors.guest.hands import Hands
from actors.guest.ledger import Ledger
from actors.guest.rules import Rules
from actors.guest.turn import Pending
from butler.domain import replies
from butler.domain.commands import Decision
from butler.domain.event import Event, Role, Source
from butler.domain.forgetting import Epoch, heeding
from butler.domain.inbox import DeadLetter, InboxItem, UpdateKey
from butler.domain.outgoing import Document, Part
from butler.domain.phrases import say
from butler.domain.profile import Language, Profile, new_profile
from butler.domain.replies import Address, Buttons
from butler.domain.sensitive import unrepeated
from butler.domain.writes import (
    AppendParts,
    Bury,
    CommitCompaction,
    CommitTurn,
    NoteTranscript,
    Settle,
)
from butler.telemetry import DeadLettered, MemoryEventsStored, ProfileWritten

Change = Callable[[Profile | None], Profile | None]
Learned = Callable[[Profile, Sequence[Event]], Profile]
Then = Callable[[], None]
STEP = timedelta(milliseconds=1)  # MongoDB keeps milliseconds; order must survive it


def nothing() -> None:
    """For those who need not know."""


def as_it_is(profile: Profile, _events: Sequence[Event]) -> Profile:
    """Nothing is learned from the events yet."""
    return profile


class Closing:
    """Makes the ends of one guest's updates durable, then has their replies sent.

    `closed` is called with the keys once they are durable.
    """

    def __init__(
        self, user_id: str, hands: Hands, ledger: Ledger, attempts: Attempts, rules: Rules
    ) -> None:
        self._user_id = user_id
        self._hands = hands
        self._ledger = ledger
        self._attempts = attempts
        self._rules = rules
        self.closed: Callable[[tuple[UpdateKey, ...]], None] = lambda _keys: None

    @property
    def language(self) -> Language:
        """What the guest is spoken to in."""
        return self._ledger.profile.language if self._ledger.profile else "ru"

    def personal(self, pending: Pending) -> bool:
        """Whether profile and memory may be used: switched on, and nobody reads along."""
        return self._rules.personalization and pending.incoming.private

    def reply(
        self,
        pendings: Sequence[Pending],
        text: str,
        buttons: Buttons = (),
        then: Then = nothing,
        edit: int | None = None,
    ) -> None:
        """End updates with words that are none of the conversation's."""
        self._without_memory(pendings, self._notice(pendings[-1], text, buttons, edit), then)

    def change(self, pending: Pending, decision: Decision, change: Change) -> None:
        """End a command that changes the profile.

        `change` is asked when the write's turn comes, with the profile as it is then.
        """
        parts = self._notice(pending, decision.text, decision.buttons, decision.edit_message_id)
        done = self._when_durable([pending], parts, nothing)
        now = self._hands.clock.now()
        if not self.personal(pending):
            self._ledger.post(CommitTurn((pending.key,), parts, now), done)
            return

        def build() -> CommitTurn:
            before = self._ledger.profile
            # Another writer may have made the same change meanwhile: then there is none.
            after = change(before)
            expected = before.revision if before and after else 0
            return CommitTurn((pending.key,), parts, now, (), after, expected)

        self._ledger.write(build, done)

    def reset(self, pending: Pending, decision: Decision) -> None:
        """Begin the window anew, what was in it going to the archive; then end the command."""

        def build() -> CommitCompaction:
            profile = self._ledger.profile
            if profile is None:
                profile = new_profile(self._user_id, self._hands.clock.now())
            now = self._hands.clock.now()
            after = profile.revised(now, covered_seq=profile.last_seq)
            return CommitCompaction(after, profile.revision)

        edit = decision.edit_message_id
        self._ledger.write(
            build, lambda: self.reply([pending], decision.text, decision.buttons, edit=edit)
        )

    def answer(
        self,
        pendings: Sequence[Pending],
        text: str,
        then: Then = nothing,
        asked_in: Epoch | None = None,
    ) -> None:
        """End a turn with its answer (Markdown); both sides enter memory where that is allowed.

        What was forgotten since the LLM was asked, in the epoch `asked_in`, does not come back by
        its answer.
        """
        parts = replies.reply(text, _address(pendings[-1]))
        if self._on_record(pendings):
            self._with_memory(pendings, parts, text, then, asked_in=asked_in)
        else:
            self._without_memory(pendings, parts, then)

    def noted(self, pending: Pending, text: str, buttons: Buttons, learned: Learned) -> None:
        """End an update with the butler's own words; both sides, and a fact, enter memory."""
        parts = self._notice(pending, text, buttons)
        self._with_memory([pending], parts, text, nothing, learned)

    def document(self, pending: Pending, caption: str, document: Document) -> None:
        """End an update with a file."""
        parts = tuple(attrs.evolve(p, document=document) for p in self._notice(pending, caption))
        self._without_memory([pending], parts, nothing)

    def _on_record(self, pendings: Sequence[Pending]) -> bool:
        profile = self._ledger.profile
        paused = (profile is not None and profile.paused) or any(p.off_record for p in pendings)
        return self.personal(pendings[-1]) and not paused

    def deliver_unsent(self, item: InboxItem) -> None:
        """Send what is durable of an item, and what a failed incarnation may have left unsaid.

        The sender knows what it was told already.
        """
        unsent = item.parts[item.sent_parts :]
        if unsent:
            accepted = item.accepted_at.timestamp()
            final = item.state == "answered"
            self._hands.deliver(item.key, unsent, item.sent_parts, accepted, final=final)

    def ignore(self, pendings: Sequence[Pending]) -> None:
        """End updates in silence."""
        self._without_memory(pendings, (), nothing)

    def show(self, pending: Pending, text: str) -> None:
        """Send something before the answer is ready."""
        parts = self._notice(pending, text)
        first, pending.parts = pending.parts, pending.parts + len(parts)
        self._ledger.post(
            AppendParts(pending.key, parts),
            lambda: self._deliver(pending, parts, first, final=False),
        )

    def transcribed(self, pending: Pending) -> None:
        """Keep a recording's words and show them."""
        text = pending.text or ""
        self._ledger.post(NoteTranscript(pending.key, text))
        self.show(pending, say(self.language, "transcript", text=text))

    def bury(self, pendings: Sequence[Pending], reason: str, detail: str) -> None:
        """End updates as dead letters; the guest is told once."""
        now = self._hands.clock.now()
        last = pendings[-1]
        words = say(self.language, "dead_letter", seed=last.key.update_id)
        for pending in pendings:
            parts = self._notice(pending, words) if pending is last else ()
            letter = DeadLetter(
                letter_id=uuid.uuid4().hex,
                user_id=self._user_id,
                reason=reason,
                detail=detail,
                attempts=self._attempts.crashes.get(pending.key, 0),
                created_at=now,
                key=pending.key,
                payload=pending.item.payload,
            )
            done = self._when_durable([pending], parts, nothing)
            if pending.edits:
                self._ledger.post(Settle(pending.edits, "dead", now))
            self._ledger.post(Bury(letter, parts), done)
            self._hands.emit(DeadLettered(reason, self._user_id))

    def _notice(
        self, pending: Pending, text: str, buttons: Buttons = (), edit: int | None = None
    ) -> tuple[Part, ...]:
        parts = replies.notice(text, _address(pending), buttons)
        if edit is not None and parts:
            parts = (attrs.evolve(parts[0], edit_message_id=edit), *parts[1:])
        return parts

    def _without_memory(
        self, pendings: Sequence[Pending], parts: tuple[Part, ...], then: Then
    ) -> None:
        turn = CommitTurn(keys_of(pendings), parts, self._hands.clock.now())
        self._ledger.post(turn, self._when_durable(pendings, parts, then))

    def _with_memory(
        self,
        pendings: Sequence[Pending],
        parts: tuple[Part, ...],
        answer: str,
        then: Then,
        learned: Learned = as_it_is,
        asked_in: Epoch | None = None,
    ) -> None:
        durable = self._when_durable(pendings, parts, then)
        roles: tuple[Role, ...] = ()

        def build() -> CommitTurn:
            nonlocal roles
            before = self._ledger.profile
            now = self._hands.clock.now()
            known = before or new_profile(self._user_id, now)
            said = self._events(pendings, answer, known, now)
            events = tuple(heeding(event, known, asked_in) for event in said)
            roles = tuple(event.role for event in events)
            after = known.revised(
                now,
                name=pendings[-1].incoming.name or known.name,
                last_seq=known.last_seq + len(events),
            )
            expected = before.revision if before else 0
            after = learned(after, events)
            return CommitTurn(keys_of(pendings), parts, now, events, after, expected)

        def done() -> None:
            profile = self._ledger.profile
            self._hands.emit(ProfileWritten(self._user_id, profile.revision if profile else 0))
            self._hands.emit(MemoryEventsStored(self._user_id, roles))
            durable()

        self._ledger.write(build, done)

    def _events(
        self, pendings: Sequence[Pending], answer: str, profile: Profile, now: datetime
    ) -> tuple[Event, ...]:
        window = self._ledger.window
        at = window[-1].created_at if window else datetime.min.replace(tzinfo=now.tzinfo)
        said: list[tuple[Pending, Role, str, datetime]] = [
            (p, "user", p.text or "", p.item.accepted_at) for p in pendings
        ]
        # A secret stands in the guest's own event alone.
        quiet = unrepeated(answer, (p.text or "" for p in pendings))
        said.append((pendings[-1], "assistant", quiet, now))
        events: list[Event] = []
        for pending, role, content, when in said:
            key = pending.key
            event_id = f"{key.bot_id}:{key.update_id}:{role}"
            if self._ledger.remembers(event_id, key.update_id):
                continue
            at = max(when.replace(microsecond=when.microsecond // 1000 * 1000), at + STEP)
            source: Source = pending.source if role == "user" else source_of(pendings)
            seq = profile.last_seq + 1 + len(events)
            events.append(
                Event(event_id, self._user_id, seq, role, content, source, key.update_id, at)
            )
        return tuple(events)

    def _when_durable(
        self, pendings: Sequence[Pending], parts: tuple[Part, ...], then: Then
    ) -> Then:
        pendings = tuple(pendings)
        last = pendings[-1]

        def durable() -> None:
            keys = keys_of(pendings)
            self._attempts.settled(*keys)
            self._deliver(last, parts, last.parts, final=True)
            then()
            self.closed(keys)

        return durable

    def _deliver(
        self, pending: Pending, parts: tuple[Part, ...], first: int, *, final: bool
    ) -> None:
        if parts:
            accepted = pending.item.accepted_at.timestamp()
            self._hands.deliver(pending.key, parts, first, accepted, final=final)


def _address(pending: Pending) -> Address:
    where = pending.incoming
    reply_to = None if where.private else where.message_id
    return Address(where.chat_id, where.thread_id, reply_to)


def keys_of(pendings: Sequence[Pending]) -> tuple[UpdateKey, ...]:
    """The updates that end together, edits of them included."""
    return tuple(key for p in pendings for key in (*p.edits, p.key))


def source_of(pendings: Sequence[Pending]) -> Source:
    """Voice, if any of it was spoken aloud."""
    return "voice" if any(p.source == "voice" for p in pendings) else "text"


def with_edit(pending: Pending, edit: Pending) -> Pending:
    """`pending` with the words of an edit of it, which ends with it."""
    incoming = attrs.evolve(pending.incoming, text=edit.incoming.text)
    edits = (*pending.edits, edit.key)
    text, parts = edit.incoming.text, pending.parts
    return Pending(pending.item, incoming, text, parts, edits, pending.off_record)

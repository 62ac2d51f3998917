"""What can be asked of a store: each value is one durable, idempotent write.

A store applies a batch in order; on SQLite the batch is one transaction, on MongoDB each write is a
protocol of single-document steps that may be repeated after a crash at any of them.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

import attrs

from butler.domain.event import Event
from butler.domain.inbox import DeadLetter, InboxItem, State, UpdateKey
from butler.domain.outgoing import Part
from butler.domain.profile import Profile


@attrs.frozen
class Accept:
    """Store updates that were not seen before. Result: `Accepted`."""

    items: tuple[InboxItem, ...]


@attrs.frozen
class NoteTranscript:
    """Keep what was heard, so that a restart need not listen again."""

    key: UpdateKey
    text: str


@attrs.frozen
class AppendParts:
    """Messages to send before the answer is ready (transcript, notice). State stays "received"."""

    key: UpdateKey
    parts: tuple[Part, ...]


@attrs.frozen
class CommitTurn:
    """A turn is done: its events, its profile and its reply become durable together.

    `keys` are the updates that the turn answers; `parts` are appended to the last of them and it
    becomes "answered" ("sent" if nothing is left to send); the others become "sent" once their own
    earlier parts are. With `profile` (revision = `expected` + 1) the write is `Fenced` unless the
    stored revision is `expected` (0: no profile yet); a turn whose keys are answered already is
    not applied again and its result is `Done`.
    """

    keys: tuple[UpdateKey, ...]
    parts: tuple[Part, ...]
    at: datetime
    events: tuple[Event, ...] = ()
    profile: Profile | None = None
    expected: int = 0


@attrs.frozen
class NoteSent:
    """The first `sent_parts` parts are with Telegram. Settles an "answered" item with its last."""

    key: UpdateKey
    sent_parts: int
    at: datetime


@attrs.frozen
class Settle:
    """An update ends without a (further) reply: "ignored", "undeliverable" or "sent"."""

    keys: tuple[UpdateKey, ...]
    state: State
    at: datetime


@attrs.frozen
class Bury:
    """Keep a dead letter and settle its update, if any, as "dead" (once `parts` are sent)."""

    letter: DeadLetter
    parts: tuple[Part, ...] = ()


@attrs.frozen
class Revive:
    """Put a dead letter's update back as `item` (received), and remove the letter: both or none.

    Parts of the update that still wait to be sent stay with it. Result: `Accepted`, in which `item`
    is new if it waits in the inbox now, and a duplicate if nothing was done: there is no such
    letter, or its update waits or was answered already.
    """

    letter_id: str
    item: InboxItem


@attrs.frozen
class SaveProfile:
    """Write a profile (revision = `expected` + 1). Result: `Done` or `Fenced`."""

    profile: Profile
    expected: int


@attrs.frozen
class CommitCompaction:
    """Write a profile whose `covered_seq` has moved, then archive the events it covers."""

    profile: Profile
    expected: int


@attrs.frozen
class EraseGuest:
    """Erase a guest: profile, window, archive, dead letters, and the text of their inbox items."""

    user_id: str


@attrs.frozen
class ForgetMemory:
    """Erase what was said and learned: window, archive, summary, facts, topics.

    Language, persona, tone and name stay; the revision grows, so that writers behind are fenced.
    """

    user_id: str


@attrs.frozen
class Sweep:
    """Retention: drop events and settled inbox rows older than these."""

    events_before: datetime
    settled_before: datetime


Write: TypeAlias = (
    Accept
    | NoteTranscript
    | AppendParts
    | CommitTurn
    | NoteSent
    | Settle
    | Bury
    | Revive
    | SaveProfile
    | CommitCompaction
    | EraseGuest
    | ForgetMemory
    | Sweep
)


@attrs.frozen
class Done:
    """The write is durable (or was already)."""


@attrs.frozen
class Fenced:
    """Another writer was quicker: the stored revision is another; nothing was written."""

    stored_revision: int


@attrs.frozen
class Accepted:
    """Which of the updates were new; the others had been accepted before."""

    new: tuple[InboxItem, ...]
    duplicates: int


Result: TypeAlias = Done | Fenced | Accepted

"""What can be asked of a store: each value is one durable, idempotent write.

A store applies a batch in order; on SQLite the batch is one transaction, on MongoDB each write is a
protocol of single-document steps that may be repeated after a crash at any of them.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

import attrs

from butler.domain.event import Event
from butler.domain.held import Held
from butler.domain.inbox import DeadLetter, InboxItem, State, UpdateKey
from butler.domain.matter import Matter
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
    """Keep a dead letter and settle its update, if any, as "dead" (once `parts` are sent).

    A letter without a payload gets that of its update, and its guest: who sends knows neither.
    """

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
    """Erase a guest: profile, window, archive, dead letters, and the text of their inbox items.

    Their updates that wait end as ignored, but for those in `sparing`: what asked for the erasure
    may still be answered, and so may what came after all of those.
    """

    user_id: str
    sparing: tuple[UpdateKey, ...] = ()

    def spares(self, key: UpdateKey) -> bool:
        """Whether an update that waits goes on waiting."""
        known = [each.update_id for each in self.sparing if each.bot_id == key.bot_id]
        return key in self.sparing or (bool(known) and key.update_id > max(known))


@attrs.frozen
class Forget:
    """Write a profile (revision = `expected` + 1), and let go of all that `matter` touches.

    `seqs` are the events that are known to be meant, whatever their words; the store looks through
    the guest's other events and dead letters for `matter` itself. In the window what is meant is
    blanked (its content becomes ""), so that no seq is missing; elsewhere it is dropped. With
    `matter.everything` all events and dead letters go; what the guest has chosen (language, tone)
    stays in the profile. Result: `Done` or `Fenced`.
    """

    profile: Profile
    expected: int
    seqs: tuple[int, ...]
    matter: Matter


@attrs.frozen
class ImportGuest:
    """Put in what an export holds. Result: `Done`, or `Fenced` if the guest is known.

    With `replace` what is known of the guest is erased before, and the revision moves on over that
    of what was there. Inbox items that are known already stay as they are.
    """

    held: Held
    replace: bool = False


@attrs.frozen
class EventVector:
    """Where the words of an archived event point; `vector` from `butler.domain.recall.vectors`."""

    event_id: str
    seq: int
    vector: bytes


@attrs.frozen
class KeepVectors:
    """Keep vectors, of one model, beside a guest's archived events; they go with their events.

    Those of events that are not archived (any more) are not kept; one of another model gives way.
    """

    user_id: str
    model: str
    vectors: tuple[EventVector, ...]


@attrs.frozen
class Sweep:
    """Retention: drop events and settled inbox rows older than these.

    With the events go the superseded facts of that age; and of guests who were not heard of since
    then, the summary, the topics and the facts that are not pinned.
    """

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
    | Forget
    | ImportGuest
    | KeepVectors
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

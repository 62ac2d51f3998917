"""What actors tell each other. Each message is named for what happened or is wanted.

Names in the directory (roles) are constants here too, since senders resolve them when sending.
"""

from __future__ import annotations

from typing import Any, Protocol

import attrs

from actors.guest.archive import Archive
from butler.domain.chat import Completion, CompletionRequest, Transcript
from butler.domain.event import Event, Guest
from butler.domain.inbox import InboxItem, UpdateKey
from butler.domain.incoming import Attachment, Incoming
from butler.domain.outgoing import Document, Part
from butler.domain.writes import EventVector, Result, Write
from butler.errors import ModelError, SpeechError, TransportError

JOURNAL = "journal"
READER = "reader"
EXPORTER = "exporter"
EMBEDDINGS = "embeddings"
QUESTIONS = "questions"
SENDER = "sender"
LLM = "llm"
SPEECH = "speech"
USERS = "users"
ROUTER = "router"
POLLER = "poller"
MONITOR = "web"
PROBER = "prober"


def user_name(user_id: str) -> tuple[str, str]:
    """A user actor's name in the directory."""
    return ("user", user_id)


# Journal


@attrs.frozen
class Commit:
    """Make `write` durable; then `Committed(tag, …)` to the actor named `reply_to`, if any.

    `unhurried`: nobody waits for it, and others may go before.
    """

    write: Write
    reply_to: Any = None
    tag: Any = None
    unhurried: bool = False


@attrs.frozen
class Hurry:
    """Somebody waits for an unhurried write now."""


@attrs.frozen
class Committed:
    """A write is durable, or fenced."""

    tag: Any
    result: Result


@attrs.frozen
class CommitFailed:
    """A write that no store could take, and that was not written: a defect, not an outage."""

    error: Exception
    tag: Any = None


@attrs.frozen
class Barrier:
    """Once all earlier writes are durable, tell `message` to the actor named `to`."""

    to: Any
    message: Any


# Readers


@attrs.frozen
class ReadGuest:
    """Read a guest (None where `personal` is false) and, to `recover`, their unsettled items.

    `GuestRead` or `ReadFailed` comes to `reply_to`, with the `token`. Where `known` is the stored
    revision still, `GuestUnchanged` comes.
    """

    user_id: str
    reply_to: Any
    personal: bool
    recover: bool
    token: Any = None
    known: int | None = None


@attrs.frozen
class FromReader:
    """What was read, or why it was not, for who asked with the `token`."""

    token: Any = attrs.field(default=None, kw_only=True)


@attrs.frozen
class GuestUnchanged(FromReader):
    """Nobody else has written the guest."""


@attrs.frozen
class GuestRead(FromReader):
    """What the store holds of a guest; `archive` with the covered events, if there are any."""

    guest: Guest | None
    unsettled: tuple[InboxItem, ...]
    archive: Archive | None


@attrs.frozen
class ReadFailed(FromReader):
    """What is stored of a guest makes no sense: a defect, not an outage.

    `unsettled`: their updates that wait, where these were to be read and can be.
    """

    error: Exception
    unsettled: tuple[InboxItem, ...] = ()


@attrs.frozen
class Export:
    """Read all that is kept of a guest, for the update `key`.

    `Exported` or `ExportFailed` comes to `reply_to`, with the `token`.
    """

    user_id: str
    reply_to: Any
    key: UpdateKey
    token: Any = None


@attrs.frozen
class Exported(FromReader):
    """All that is kept of a guest, as a file; None if no chat can carry it."""

    key: UpdateKey
    document: Document | None


@attrs.frozen
class ExportFailed(FromReader):
    """What is stored of a guest makes no sense: a defect, not an outage."""

    error: Exception


@attrs.frozen
class ReadUnsettled:
    """Read a page of unsettled items after a key; `token` comes back with it."""

    reply_to: Any
    after: UpdateKey | None
    limit: int
    token: Any = None


@attrs.frozen
class UnsettledRead(FromReader):
    """A page; fewer items than asked for: the last."""

    items: tuple[InboxItem, ...]
    last: bool


# Router and users


@attrs.frozen
class Identified:
    """Telegram has told who we are."""


@attrs.frozen
class Route:
    """An update was accepted and is durable."""

    item: InboxItem


@attrs.frozen
class Arrived:
    """A guest's accepted update, understood; `found` in the inbox, after it was accepted."""

    item: InboxItem
    incoming: Incoming
    found: bool = False


@attrs.frozen
class Passivate:
    """The router asks an idle user actor whether it may be stopped."""

    token: int


@attrs.frozen
class Idle:
    """The user actor answers: nothing is under way; `token` is the router's."""

    user_id: str
    token: int


@attrs.frozen
class Tick:
    """A timer of the receiver's own has run out."""

    name: str
    token: int = 0


# LLM


class Errand(Protocol):
    """A request that takes milliseconds to make, as its answer does to judge.

    Both are done on the thread of the slot that asks, which nobody else waits for. If one raises,
    that is like an invalid answer.
    """

    def request(self) -> CompletionRequest:
        """What to ask."""
        ...

    def judged(self, completion: Completion) -> Any:
        """What came of it; `Completed` carries it."""
        ...


@attrs.frozen
class Complete:
    """Ask the LLM; `Completed`, `CompletionFailed` and perhaps `PartialText` come to `reply_to`.

    `urgent`: a guest waits; the rest yields. `stream`: partial text is wanted.
    """

    request_id: str
    request: CompletionRequest | Errand
    reply_to: Any
    urgent: bool = True
    stream: bool = False


@attrs.frozen
class CancelCompletion:
    """The answer to `request_id` is no longer wanted."""

    request_id: str


@attrs.frozen
class PartialText:
    """The answer so far, at most once a second."""

    request_id: str
    text: str


@attrs.frozen
class Completed:
    """The LLM's answer, and what was made of it, if that was an errand."""

    request_id: str
    completion: Completion
    judged: Any = None


@attrs.frozen
class CompletionFailed:
    """No usable answer from any endpoint."""

    request_id: str
    error: ModelError


@attrs.frozen
class ModelBack:
    """The LLM, which was away when the receiver asked, may be asked again."""


# Embeddings


@attrs.frozen
class EmbedQuestion:
    """Say where a question points; `Embedded` comes to `reply_to`, too late after `until`.

    `until`: on the monotonic clock.
    """

    request_id: str
    text: str
    reply_to: Any
    until: float


@attrs.frozen
class Embedded:
    """A question's vector, as `butler.domain.recall.vectors` packs it; empty: there is none."""

    request_id: str
    vector: bytes


@attrs.frozen
class EmbedEvents:
    """Make vectors of a guest's archived events when there is time.

    `anew`: in place of all that wait of this guest, some of which may have been forgotten.
    """

    user_id: str
    events: tuple[Event, ...]
    anew: bool = False


@attrs.frozen
class VectorsMade:
    """Vectors of archived events, on their way to the store."""

    vectors: tuple[EventVector, ...]


# Speech


@attrs.frozen
class Listen:
    """Download and transcribe a recording; `Heard` or `NotHeard` comes to `reply_to`."""

    key: UpdateKey
    attachment: Attachment
    language: str
    reply_to: Any


@attrs.frozen
class StopListening:
    """The words of the recording `key` are no longer wanted."""

    key: UpdateKey


@attrs.frozen
class Heard:
    """What was said."""

    key: UpdateKey
    transcript: Transcript


@attrs.frozen
class NotHeard:
    """Nothing could be heard, or the file not be had."""

    key: UpdateKey
    error: SpeechError | TransportError


# Sender


@attrs.frozen
class Deliver:
    """Send `parts` of an accepted update, the first of which is its part number `first`.

    `accepted`: the wall-clock time (epoch seconds) of accepting. `final`: the last one
    settles the update. `again`: they may have been sent before a crash.
    """

    key: UpdateKey
    parts: tuple[Part, ...]
    first: int
    accepted: float
    final: bool = True
    again: bool = False


@attrs.frozen
class ShowTyping:
    """Show "typing…" in a chat, if that costs nobody anything."""

    chat_id: int


@attrs.frozen
class ShowDraft:
    """Show a partial reply, if that costs nobody anything."""

    chat_id: int
    draft_id: int
    text: str


@attrs.frozen
class AnswerCallback:
    """Stop the spinner of a pressed button."""

    callback_id: str

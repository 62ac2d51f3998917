"""Named events: what happened, said once; logs and metrics subscribe.

Emitting is cheap and never raises into the caller; no event holds a guest's words. `user_id` stands
only in fields that subscribers must not turn into metric labels.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Literal

import attrs

log = logging.getLogger(__name__)

Status = Literal["success", "error"]


class TelemetryEvent:
    """Base of all named events."""

    __slots__ = ()


@attrs.frozen
class ServiceStarted(TelemetryEvent):
    """Every actor is up. `mode` is "telegram" or "playground"."""

    mode: str
    address: str
    seconds: float


@attrs.frozen
class ServiceStopped(TelemetryEvent):
    """The tree is down; `abandoned` children did not stop in time."""

    abandoned: int


@attrs.frozen
class UpdatesAccepted(TelemetryEvent):
    """A batch is durable in the inbox; `kinds` of the new ones."""

    kinds: tuple[str, ...]
    duplicates: int


@attrs.frozen
class UpdateMalformed(TelemetryEvent):
    """An update that could not be understood was settled as ignored."""

    what: str


@attrs.frozen
class RequestFinished(TelemetryEvent):
    """A guest's turn ended: answered, or with an apology. `error` names the cause, wordless."""

    source: str
    status: Status
    user_id: str
    error: str = ""


@attrs.frozen
class ReplySent(TelemetryEvent):
    """The last part of a reply is with Telegram; `seconds` since the update was accepted."""

    seconds: float


@attrs.frozen
class PromptComposed(TelemetryEvent):
    """A prompt of so many tokens went to the LLM."""

    tokens: int


@attrs.frozen
class ProfileRead(TelemetryEvent):
    """A guest's profile and memory were read; `known` is false for a stranger."""

    user_id: str
    known: bool


@attrs.frozen
class ProfileWritten(TelemetryEvent):
    """A guest's profile was written."""

    user_id: str
    revision: int


@attrs.frozen
class MemoryEventsStored(TelemetryEvent):
    """Events entered a guest's memory."""

    user_id: str
    roles: tuple[str, ...]


@attrs.frozen
class CompressionFinished(TelemetryEvent):
    """A memory compression ended; `events` were covered."""

    user_id: str
    status: Status
    seconds: float
    events: int = 0
    reason: str = ""


@attrs.frozen
class ModelCalled(TelemetryEvent):
    """A call of an LLM endpoint ended."""

    endpoint: int
    outcome: str
    seconds: float


@attrs.frozen
class BreakerChanged(TelemetryEvent):
    """An LLM endpoint's circuit breaker is now "closed", "half_open" or "open"."""

    endpoint: int
    state: str


@attrs.frozen
class SpeechCalled(TelemetryEvent):
    """A recording was listened to."""

    outcome: str
    seconds: float


@attrs.frozen
class TransportCalled(TelemetryEvent):
    """A Bot API call ended."""

    method: str
    outcome: str
    seconds: float


@attrs.frozen
class ReplyResent(TelemetryEvent):
    """A reply may have reached Telegram before a crash and is sent again."""

    count: int = 1


@attrs.frozen
class ReplyUndeliverable(TelemetryEvent):
    """The chat blocked the bot or is gone."""

    reason: str


@attrs.frozen
class DeadLettered(TelemetryEvent):
    """An update could not be handled and waits for the operator."""

    reason: str
    user_id: str


@attrs.frozen
class StoreCommitted(TelemetryEvent):
    """The journal committed a batch of writes."""

    writes: int
    seconds: float


@attrs.frozen
class StoreFailed(TelemetryEvent):
    """A commit failed and is retried."""

    error: str


@attrs.frozen
class DependencyChanged(TelemetryEvent):
    """A dependency ("telegram", "store", "llm", "stt") came or went."""

    dependency: str
    up: bool
    detail: str


@attrs.frozen
class InboxMeasured(TelemetryEvent):
    """How many accepted updates wait, and for how long the oldest."""

    depth: int
    oldest_seconds: float


@attrs.frozen
class ActorsMeasured(TelemetryEvent):
    """Live actors and queued messages by kind."""

    alive: dict[str, int]
    queued: dict[str, int]


@attrs.frozen
class ActorFailed(TelemetryEvent):
    """An actor failed; `error` is the exception's type and place, not its text."""

    kind: str
    error: str
    where: str = ""


@attrs.frozen
class ActorRestarted(TelemetryEvent):
    """An actor is back."""

    kind: str


@attrs.frozen
class ActorHung(TelemetryEvent):
    """A handler ran over its deadline and was abandoned."""

    kind: str
    where: str


@attrs.frozen
class ActorMessageLost(TelemetryEvent):
    """An actor's message was never handled: it failed twice ("died"), or its actor had ended.

    What guests have said is in the inbox besides, and not lost with it.
    """

    kind: str
    message: str
    reason: Literal["died", "undelivered"]


@attrs.frozen
class MailboxOverflowed(TelemetryEvent):
    """A full mailbox refused messages."""

    kind: str
    count: int = 1


@attrs.frozen
class SupervisionEscalated(TelemetryEvent):
    """A supervisor gave up on its children."""

    kind: str


Subscriber = Callable[[TelemetryEvent], None]


def _unwatched(name: str) -> None:
    """The hook as it is outside tests: nobody watches step `name`."""


class Telemetry:
    """Hands each event to every subscriber, on the emitter's thread.

    `step` is called with the name of each step that an update takes from being accepted to its
    reply being noted as sent, on the thread that takes it, so that tests can stop there.
    """

    def __init__(self, *subscribers: Subscriber) -> None:
        self._subscribers = tuple(subscribers)
        self.step: Callable[[str], None] = _unwatched

    def subscribe(self, subscriber: Subscriber) -> None:
        """Add a subscriber; it must be quick and thread-safe."""
        self._subscribers = (*self._subscribers, subscriber)

    def emit(self, event: TelemetryEvent) -> None:
        """Tell all subscribers; one that raises is logged and hurts nobody."""
        for subscriber in self._subscribers:
            try:
                subscriber(event)
            except Exception:  # noqa: BLE001  # telemetry must never break what it observes
                log.warning("telemetry subscriber failed on %s", type(event).__name__)

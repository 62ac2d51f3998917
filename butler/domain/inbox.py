"""Accepted updates and what becomes of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import attrs

from butler.domain.outgoing import Part

State = Literal["received", "answered", "sent", "undeliverable", "dead", "ignored"]
UNSETTLED: tuple[State, ...] = ("received", "answered")


@attrs.frozen
class UpdateKey:
    """What makes an update one and the same, however often it is delivered."""

    bot_id: int
    update_id: int


@attrs.frozen
class InboxItem:
    """One accepted update.

    `payload` is the update as the Bot API gave it (JSON object), erased when settled. `parts` are
    the messages to send for it, in order, of which the first `sent_parts` are known to be sent.
    In state "received" further parts may still be added; in "answered" they are final, and the item
    settles as "sent" with the last of them. `user_id` is None where no person is behind the update.
    """

    key: UpdateKey
    user_id: str | None
    chat_id: int | None
    payload: dict[str, Any]
    accepted_at: datetime
    state: State = "received"
    parts: tuple[Part, ...] = ()
    sent_parts: int = 0
    transcript: str | None = None
    attempts: int = 0
    settled_at: datetime | None = None


@attrs.frozen
class DeadLetter:
    """What could not be handled, kept for the operator."""

    letter_id: str
    user_id: str | None
    reason: str
    detail: str
    attempts: int
    created_at: datetime
    key: UpdateKey | None
    payload: dict[str, Any]

    def about(self, item: InboxItem) -> DeadLetter:
        """The letter with the payload and, unless it names one, the guest of its update."""
        return attrs.evolve(self, user_id=self.user_id or item.user_id, payload=item.payload)

"""From raw updates to accepted ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from actors.guest.rules import Bot
from butler.domain.inbox import InboxItem, UpdateKey
from butler.domain.understanding import understand
from butler.domain.writes import Accept, Accepted
from butler.ports import Clock
from butler.telemetry import Telemetry, UpdatesAccepted

LARGEST_UPDATE_ID = 2**63 - 1
DEPTH = 64  # Telegram's own updates are about 15 deep


def update_id_of(payload: dict[str, Any]) -> int | None:
    """An update's id, or None where it has none that could be kept."""
    update_id = payload.get("update_id")
    # Booleans are integers to Python, not to Telegram.
    good = type(update_id) is int and 0 <= update_id <= LARGEST_UPDATE_ID
    return update_id if good else None


def bounded(payload: dict[str, Any]) -> dict[str, Any]:
    """The update as it may be kept: one nested too deep to be written as JSON keeps its id alone.

    JSON is read deeper than it can be written, so what is not cut here would fail in the store.
    """
    level: list[Any] = [payload]
    for _ in range(DEPTH):
        level = [
            child
            for value in level
            for child in (value.values() if isinstance(value, dict) else value)
            if isinstance(child, dict | list)
        ]
        if not level:
            return payload
    return {"update_id": payload["update_id"]}


class Intake:
    """Makes inbox items of updates; shared by poller and webhook. Any thread."""

    def __init__(self, bot: Bot, telemetry: Telemetry, clock: Clock) -> None:
        self.bot = bot
        self._telemetry = telemetry
        self._clock = clock

    def accept(self, updates: Sequence[dict[str, Any]]) -> Accept:
        """The write that makes `updates` durable; what has no id can't be told from others."""
        now = self._clock.now()
        # To the millisecond, which every store keeps: the moment is part of an item's identity.
        now = now.replace(microsecond=now.microsecond // 1000 * 1000)
        items = []
        for payload in updates:
            update_id = update_id_of(payload)
            if update_id is None:
                continue
            payload = bounded(payload)
            incoming = understand(payload, self.bot.username, self.bot.bot_id)
            chat_id = incoming.chat_id or None
            key = UpdateKey(self.bot.bot_id, update_id)
            items.append(InboxItem(key, incoming.user_id, chat_id, payload, now))
        # A network may shuffle what Telegram has numbered in the order of saying.
        items.sort(key=lambda item: item.key.update_id)
        return Accept(tuple(items))

    def accepted(self, result: Accepted) -> None:
        """Say what was new."""
        kinds = tuple(self._kind(item) for item in result.new)
        self._telemetry.emit(UpdatesAccepted(kinds, result.duplicates))

    def _kind(self, item: InboxItem) -> str:
        return understand(item.payload, self.bot.username, self.bot.bot_id).kind

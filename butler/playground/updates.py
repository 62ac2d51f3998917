"""The queue of a bot's updates: ids, confirmation by offset, Telegram's 24 hours."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import attrs

from butler.playground.refusals import Json

KEPT_SECONDS = 24 * 3600
# Telegram's tolerance before it takes an offset for one of another life.
_FUTURE = 10
NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
KINDS = frozenset(
    {"message", "edited_message", "channel_post", "edited_channel_post", "business_connection",
     "business_message", "edited_business_message", "deleted_business_messages",
     "message_reaction", "message_reaction_count", "inline_query", "chosen_inline_result",
     "callback_query", "shipping_query", "pre_checkout_query", "purchased_paid_media", "poll",
     "poll_answer", "my_chat_member", "chat_member", "chat_join_request", "chat_boost",
     "removed_chat_boost", "managed_bot"}
)  # fmt: skip


@attrs.frozen
class Pending:
    """An update that waits; ``update`` is the whole JSON object."""

    number: int
    at: float
    update: Json


class UpdateQueue:
    """Updates in order of their ids. Not locked: its owner is."""

    def __init__(self, first_id: int, clock: Callable[[], float]) -> None:
        self._next = first_id
        self._clock = clock
        self._pending: deque[Pending] = deque()
        self.allowed: frozenset[str] | None = None

    def __len__(self) -> int:
        return len(self._pending)

    def wants(self, kind: str) -> bool:
        """Whether ``allowed_updates`` lets *kind* in; unknown kinds always pass."""
        if self.allowed is None:
            return kind not in NOT_BY_DEFAULT
        return kind in self.allowed or kind not in KINDS

    def allow(self, kinds: list[str]) -> None:
        """Set ``allowed_updates``; an empty list is Telegram's default."""
        known = frozenset(kinds) & KINDS
        self.allowed = known or None

    def add(self, update: Json) -> int:
        """Queue *update*, giving it the next id unless it brings one; return the id."""
        number = update.get("update_id")
        if type(number) is not int:
            number = self._next
        self._next = max(self._next, number + 1)
        self._pending.append(Pending(number, self._clock(), {"update_id": number, **update}))
        return number

    def take(self, offset: int, limit: int) -> list[Json]:
        """The updates getUpdates answers with, after forgetting those *offset* confirms."""
        self._expire()
        if offset < 0:
            while len(self._pending) > -offset:
                self._pending.popleft()
        elif 0 < offset <= self._next + _FUTURE:
            self.confirm(offset - 1)
        return [one.update for one, _ in zip(self._pending, range(limit), strict=False)]

    def first(self) -> Pending | None:
        """The oldest one, for a webhook."""
        self._expire()
        return self._pending[0] if self._pending else None

    def all(self) -> list[Pending]:
        """All that wait, oldest first."""
        self._expire()
        return list(self._pending)

    def confirm(self, number: int) -> None:
        """Forget *number* and all before it."""
        while self._pending and self._pending[0].number <= number:
            self._pending.popleft()

    def drop(self, number: int) -> None:
        """Forget *number* alone: a webhook took it."""
        if self._pending and self._pending[0].number == number:
            self._pending.popleft()
        else:
            self._pending = deque(one for one in self._pending if one.number != number)

    def clear(self) -> None:
        """``drop_pending_updates``."""
        self._pending.clear()

    def _expire(self) -> None:
        oldest = self._clock() - KEPT_SECONDS
        while self._pending and self._pending[0].at < oldest:
            self._pending.popleft()

"""Telegram's sending limits, as its FAQ states them; off unless asked for.

About 30 messages a second over all, one a second into one chat (short bursts pass), 20 a minute
into one group. Source: core.telegram.org/bots/faq, "My bot is hitting limits".
"""

from __future__ import annotations

import math
from collections.abc import Callable

import attrs

from butler.playground.refusals import too_many_requests


@attrs.define
class _Bucket:
    rate: float
    capacity: float
    tokens: float
    at: float

    def wait(self, now: float) -> float:
        self.tokens = min(self.capacity, self.tokens + (now - self.at) * self.rate)
        self.at = now
        return 0.0 if self.tokens >= 1 else (1 - self.tokens) / self.rate


class Limits:
    """Token buckets over the bot, each chat and each group. Not locked: its owner is."""

    def __init__(
        self,
        clock: Callable[[], float],
        *,
        overall: float = 30.0,
        chat: float = 1.0,
        chat_burst: float = 3.0,
        group_minute: float = 20.0,
    ) -> None:
        self._clock = clock
        self._overall = (overall, overall)
        self._chat = (chat, chat_burst)
        self._group = (group_minute / 60, group_minute)
        self._buckets: dict[tuple[str, int, int], _Bucket] = {}

    def check(self, bot_id: int, chat_id: int) -> None:
        """Count one message of a bot into a chat.

        Raises:
            Refusal: 429 with ``retry_after`` in whole seconds; then nothing is counted.
        """
        now = self._clock()
        buckets = [
            self._bucket("all", bot_id, 0, *self._overall),
            self._bucket("chat", bot_id, chat_id, *self._chat),
        ]
        if chat_id < 0:
            buckets.append(self._bucket("group", bot_id, chat_id, *self._group))
        wait = max(bucket.wait(now) for bucket in buckets)
        if wait > 0:
            raise too_many_requests(max(1, math.ceil(wait)))
        for bucket in buckets:
            bucket.tokens -= 1

    def _bucket(self, kind: str, bot_id: int, chat_id: int, rate: float, cap: float) -> _Bucket:
        key = (kind, bot_id, chat_id)
        if key not in self._buckets:
            self._buckets[key] = _Bucket(rate, cap, cap, self._clock())
        return self._buckets[key]

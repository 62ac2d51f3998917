"""How fast messages may go out, so that Telegram refuses none."""

from __future__ import annotations

from collections import OrderedDict, deque

_GROUP_MESSAGES, _GROUP_SECONDS = 20, 60.0


class _Limit:
    """At most `most` moments within any `seconds`."""

    def __init__(self, most: int, seconds: float) -> None:
        self._seconds = seconds
        self._taken: deque[float] = deque(maxlen=most)

    def ready_at(self, now: float) -> float:
        if len(self._taken) < (self._taken.maxlen or 0):
            return now
        return max(now, self._taken[0] + self._seconds)

    def take(self, now: float) -> None:
        self._taken.append(now)

    def rests(self, now: float) -> bool:
        return not self._taken or self._taken[-1] + self._seconds <= now


class _Chat:
    def __init__(self, limits: tuple[_Limit, ...]) -> None:
        self.limits = limits
        self.closed_until = 0.0


class Flood:
    """The outgoing budget, over all and per chat; moments in seconds of one clock that only grows.

    In any second at most `rate` messages leave, and to one chat at most `burst` in the time that
    `chat_rate` a second gives them; to a group (negative id) at most 20 a minute as well. A rate of
    0 is no limit. Of more than `remembered` chats those at rest are forgotten. Not thread-safe.
    """

    def __init__(
        self, rate: float = 30, chat_rate: float = 1, burst: int = 3, remembered: int = 10_000
    ) -> None:
        self._remembered = remembered
        self._all = _Chat((_limit(rate, int(rate)),) if rate > 0 else ())
        self._chat_rate, self._burst = chat_rate, burst
        self._chats: OrderedDict[int, _Chat] = OrderedDict()

    def __len__(self) -> int:
        """How many chats are remembered."""
        return len(self._chats)

    def ready_at(self, chat_id: int, now: float) -> float:
        """When the next message to this chat may leave: `now`, or a later moment."""
        chats = [self._all]
        if chat_id in self._chats:
            chats.append(self._chats[chat_id])
        moments = [limit.ready_at(now) for chat in chats for limit in chat.limits]
        return max(now, *(chat.closed_until for chat in chats), *moments)

    def open_at(self, now: float) -> float:
        """When the next message to whatever chat may leave: `now`, or a later moment."""
        moments = (limit.ready_at(now) for limit in self._all.limits)
        return max(now, self._all.closed_until, *moments)

    def take(self, chat_id: int, now: float) -> None:
        """A message to this chat leaves now."""
        for chat in (self._all, self._chat(chat_id, now)):
            for limit in chat.limits:
                limit.take(now)

    def penalise(self, chat_id: int | None, retry_after: float, now: float) -> None:
        """Telegram said 429: nothing leaves (to this chat, or at all) for `retry_after` seconds."""
        chat = self._all if chat_id is None else self._chat(chat_id, now)
        chat.closed_until = max(chat.closed_until, now + max(retry_after, 0.0))

    def _chat(self, chat_id: int, now: float) -> _Chat:
        chat = self._chats.pop(chat_id, None)
        if chat is None:
            limits = []
            if self._chat_rate > 0:
                limits.append(_limit(self._chat_rate, self._burst))
                if chat_id < 0:
                    limits.append(_Limit(_GROUP_MESSAGES, _GROUP_SECONDS))
            chat = _Chat(tuple(limits))
        self._chats[chat_id] = chat
        self._forget(now)
        return chat

    def _forget(self, now: float) -> None:
        """Look at the chats looked at longest ago and drop those at rest; O(1)."""
        # Two looks for each chat that may have come, so that busy ones don't let the rest pile up.
        for _ in range(2):
            if len(self._chats) <= self._remembered:
                return
            chat_id, chat = next(iter(self._chats.items()))
            if chat.closed_until <= now and all(limit.rests(now) for limit in chat.limits):
                del self._chats[chat_id]
            else:
                self._chats.move_to_end(chat_id)


def _limit(rate: float, burst: int) -> _Limit:
    most = max(burst, 1)
    return _Limit(most, most / rate)

"""Who is live, who is ending, and where a message goes meanwhile: decisions for a router."""

import itertools
from collections import OrderedDict, deque
from collections.abc import Hashable
from enum import Enum
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
M = TypeVar("M")


class Route(Enum):
    """What to do with a message."""

    DELIVER = "deliver"
    """Send it to the live actor."""
    START = "start"
    """Start an actor for the key and send it the message."""
    HOLD = "hold"
    """Nothing: the actor is ending, and the message waits here for the next one."""
    REFUSE = "refuse"
    """Too many messages wait here for that key."""


class _Entry(Generic[M]):
    __slots__ = ("at", "ending", "held", "token")

    def __init__(self, at: float) -> None:
        self.at = at
        self.token = 0
        self.ending = False
        self.held: deque[M] | None = None


class Passivation(Generic[K, M]):
    """The protocol by which one router, and nobody else, ends idle actors.

    1. Every message goes through `route`.
    2. The router asks those of `idle_candidates` whether they are idle, sending the token along.
    3. An actor that is idle answers with the token; the router calls `may_stop`, and if that is
       True, terminates the actor. A message since the question makes the token worthless, and so
       does another question; no two questions have the same.
    4. When the actor has ended (`Terminated`), the router calls `ended`. If that returns messages,
       they arrived meanwhile: the router starts a new actor and sends them, in order.

    So a message is sent to one actor only, and only to one that was not told to end. `ended` also
    serves for actors that ended by themselves. Everything is O(1), but for the messages returned.
    Not thread-safe: it belongs to one router.
    """

    def __init__(self, idle_after: float, held_bound: int = 1000) -> None:
        if idle_after < 0 or held_bound < 1:
            raise ValueError(f"expected idle_after >= 0 and held_bound >= 1, got {idle_after}")
        self.idle_after = idle_after
        self.held_bound = held_bound
        self._tokens = itertools.count(1)
        # In order of the last message; whoever was asked since stands at the end.
        self._entries: OrderedDict[K, _Entry[M]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: K) -> bool:
        return key in self._entries

    def route(self, key: K, message: M, now: float) -> Route:
        """Where a message goes; with ``HOLD`` it is kept here."""
        entry = self._entries.get(key)
        if entry is None:
            self._entries[key] = _Entry(now)
            return Route.START
        if entry.ending:
            if entry.held is None:
                entry.held = deque()
            if len(entry.held) >= self.held_bound:
                return Route.REFUSE
            entry.held.append(message)
            return Route.HOLD
        self._touch(key, entry, now)
        entry.token = 0
        return Route.DELIVER

    def idle_candidates(self, now: float, limit: int = 100) -> list[tuple[K, int]]:
        """Keys without a message for ``idle_after`` seconds, longest first, each with its token.

        Each is named once, and again only after another ``idle_after`` seconds.
        """
        found: list[tuple[K, int]] = []
        for _ in range(len(self._entries)):
            key, entry = next(iter(self._entries.items()))
            if len(found) == limit or now - entry.at < self.idle_after:
                break
            self._touch(key, entry, now)
            if not entry.ending:
                entry.token = next(self._tokens)
                found.append((key, entry.token))
        return found

    def may_stop(self, key: K, token: int) -> bool:
        """Whether an actor that says it is idle may be ended now; then its messages are held."""
        entry = self._entries.get(key)
        if entry is None or entry.ending or not token or entry.token != token:
            return False
        entry.ending = True
        return True

    def ended(self, key: K, now: float) -> list[M]:
        """The actor is gone. Messages for a new one, which counts as started if there are any."""
        entry = self._entries.pop(key, None)
        if entry is None or not entry.held:
            return []
        self._entries[key] = _Entry(now)
        return list(entry.held)

    def _touch(self, key: K, entry: _Entry[M], now: float) -> None:
        entry.at = now
        self._entries.move_to_end(key)

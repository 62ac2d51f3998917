"""Requests that wait for one thing: whose turn it is."""

from __future__ import annotations

import heapq
import itertools
from collections import deque
from typing import Any, Generic, Protocol, TypeVar

REMEMBERED = 20_000  # guests


class Waiting(Protocol):
    """What stands in a lane. `queued`: it waits; `since`: the moment from which it does."""

    queued: bool
    since: float

    @property
    def guest(self) -> Any:
        """Who asks."""
        ...


T = TypeVar("T", bound=Waiting)


class Lane(Generic[T]):
    """Start-time fair queueing by guest: who was served a moment ago stands behind who was not.

    Each request is tagged with the round in which its guest's turn comes (the round that is being
    served, or the one after the guest's last), and the smallest tag is first: so between a guest's
    first request and its being served, each other guest is served at most once. Who has waited for
    `patience` seconds is first all the same, so that nobody waits for ever. Adding and taking cost
    O(log n); what is taken or forgotten leaves its places when it comes to their heads.
    """

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._order = itertools.count()
        self._round = 0
        self._next: dict[Any, int] = {}
        self._again: deque[T] = deque()
        self._tagged: list[tuple[int, int, T]] = []
        self._arrived: deque[T] = deque()

    def __bool__(self) -> bool:
        """Whether anybody waits."""
        return self.longest() is not None

    def add(self, request: T) -> None:
        """A request begins to wait."""
        request.queued = True
        tag = max(self._round, self._next.pop(request.guest, 0))
        self._next[request.guest] = tag + 1
        if len(self._next) > REMEMBERED:
            del self._next[next(iter(self._next))]
        heapq.heappush(self._tagged, (tag, next(self._order), request))
        self._arrived.append(request)

    def put_back(self, request: T) -> None:
        """A request that was taken is to be first again."""
        request.queued = True
        self._again.appendleft(request)

    def first(self, now: float) -> T | None:
        """Whose turn it is; None if nobody waits."""
        longest = self.longest()
        if longest is None:
            self._forget()
            return None
        if self._again:
            return self._again[0]
        return longest if now - longest.since > self._patience else self._tagged[0][2]

    def longest(self) -> T | None:
        """Who was put back, or has waited longest; None if nobody waits."""
        for places in (self._again, self._arrived):
            while places and not places[0].queued:
                places.popleft()
        while self._tagged and not self._tagged[0][2].queued:
            heapq.heappop(self._tagged)
        waiting = self._again or self._arrived
        return waiting[0] if waiting else None

    def take(self, request: T) -> None:
        """A request waits no more."""
        request.queued = False
        if self._tagged and self._tagged[0][2] is request:
            self._round = max(self._round, self._tagged[0][0])

    def _forget(self) -> None:
        self._round = 0
        self._next.clear()

"""A guest's covered events in RAM, to be recalled when a message is about them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from butler.domain.event import Event
from butler.domain.recall import Recall


class Archive:
    """Events with the index over them; empty until something is covered."""

    def __init__(self, events: Iterable[Event] = ()) -> None:
        self._events: dict[int, Event] = {}
        self._index = Recall()
        self.add(events)

    def add(self, events: Iterable[Event]) -> None:
        """Take in events that are covered now, by seq."""
        for event in events:
            if event.seq not in self._events:
                self._events[event.seq] = event
                self._index.add(event.seq, event.role, event.created_at, event.content)

    def search(self, text: str, when: datetime, budget: int) -> list[Event]:
        """Events about `text`, of at most `budget` tokens together, in the order of saying."""
        if not self._events:
            return []
        return [self._events[seq] for seq in sorted(self._index.search(text, when, budget))]

"""A chat's events as they happen: Server-Sent Events for the page, long polls for programs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

from butler.playground.model import Chat
from butler.playground.refusals import Json
from butler.playground.signals import Signal
from butler.playground.world import World

_HEARTBEAT = 15.0


class Feed:
    """Hands out events. Used on one event loop; the events may come from any thread."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._signals: set[Signal] = set()
        self._closed = False

    def close(self) -> None:
        """End every stream and every wait; call it on the event loop."""
        self._closed = True
        for signal in list(self._signals):
            signal.set()

    async def wait(self, chat: Chat, after: int, seconds: float) -> list[Json] | None:
        """The events past *after*, waiting for the first; ``None``: too old, read the chat anew."""
        signal = self._watch(chat)
        deadline = asyncio.get_running_loop().time() + seconds
        try:
            while True:
                with self._world.lock:
                    events = chat.events.after(after)
                if events is None or events or self._closed:
                    return events
                if not await signal.wait_until(deadline):
                    return []
        finally:
            self._unwatch(chat, signal)

    async def stream(self, chat: Chat, after: int) -> AsyncIterator[str]:
        """The events past *after* for ever, each as one Server-Sent Event.

        An event ``reset`` means that some are gone, and that the chat is to be read anew.
        """
        yield "retry: 1000\n\n"
        while not self._closed:
            events = await self.wait(chat, after, _HEARTBEAT)
            if events is None:
                after = chat.events.seq
                yield f"id: {after}\nevent: reset\ndata: {{}}\n\n"
            elif not events:
                yield ": still here\n\n"
            else:
                after = events[-1]["seq"]
                for event in events:
                    yield f"id: {event['seq']}\ndata: {json.dumps(event)}\n\n"

    def _watch(self, chat: Chat) -> Signal:
        signal = Signal()
        self._signals.add(signal)
        with self._world.lock:
            chat.events.watch(signal.set)
        return signal

    def _unwatch(self, chat: Chat, signal: Signal) -> None:
        with self._world.lock:
            chat.events.unwatch(signal.set)
        self._signals.discard(signal)

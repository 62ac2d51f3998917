"""Waking a coroutine from any thread."""

from __future__ import annotations

import asyncio
import threading


class Signal:
    """Something happened: set from any thread, awaited on the loop it was made on."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._event = asyncio.Event()

    def set(self) -> None:
        """Wake the one who waits. Never blocks; does nothing once the loop is closed."""
        if threading.get_ident() == self._thread:
            self._event.set()
            return
        try:
            self._loop.call_soon_threadsafe(self._event.set)
        except RuntimeError:
            # The loop was closed meanwhile: nobody waits any more.
            return

    async def wait_until(self, deadline: float) -> bool:
        """Wait for :meth:`set` until the loop's clock reads *deadline*; say whether it came."""
        left = deadline - self._loop.time()
        if left <= 0:
            return False
        timer = self._loop.call_later(left, self._event.set)
        try:
            await self._event.wait()
        finally:
            timer.cancel()
        self._event.clear()
        return self._loop.time() < deadline

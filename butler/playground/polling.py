"""getUpdates: long polling by futures, one poller a bot."""

from __future__ import annotations

import asyncio

from butler.playground.model import Bot
from butler.playground.params import Params
from butler.playground.refusals import Json, Refusal, conflict
from butler.playground.signals import Signal
from butler.playground.updates import KINDS
from butler.playground.world import World

LONGEST_POLL = 50
OTHER_POLLER = (
    "terminated by other getUpdates request; make sure that only one bot instance is running"
)
WEBHOOK_ACTIVE = (
    "can't use getUpdates method while webhook is active; use deleteWebhook to delete the "
    "webhook first"
)


class Polls:
    """The polls under way. Used on one event loop; woken from any thread."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._waiting: dict[int, tuple[Signal, list[Refusal]]] = {}
        self._closed = False

    async def get_updates(self, bot: Bot, params: Params) -> list[Json]:
        """Wait until there are updates or the time is over.

        A poll that waits is refused when another begins, as on Telegram's side: the newer wins.

        Raises:
            Refusal: 409.
        """
        if bot.webhook is not None:
            raise conflict(WEBHOOK_ACTIVE)
        self.interrupt(bot, conflict(OTHER_POLLER))
        offset = params.integer("offset")
        limit = params.integer("limit", 100, 1, 100)
        timeout = params.integer("timeout", 0, 0, LONGEST_POLL)
        allow_updates(bot, params, self._world)
        updates = self._take(bot, offset, limit)
        if updates or not timeout or self._closed:
            return updates
        return await self._wait(bot, max(offset, 0), limit, timeout)

    async def _wait(self, bot: Bot, offset: int, limit: int, timeout: float) -> list[Json]:
        signal = Signal()
        refusals: list[Refusal] = []
        entry = (signal, refusals)
        self._waiting[bot.id] = entry
        with self._world.lock:
            bot.wakers.add(signal.set)
        deadline = asyncio.get_running_loop().time() + timeout
        try:
            while True:
                updates = self._take(bot, offset, limit)
                if refusals:
                    raise refusals[0]
                if updates or self._closed or not await signal.wait_until(deadline):
                    return updates
        finally:
            with self._world.lock:
                bot.wakers.discard(signal.set)
            if self._waiting.get(bot.id) is entry:
                del self._waiting[bot.id]

    def _take(self, bot: Bot, offset: int, limit: int) -> list[Json]:
        with self._world.lock:
            updates = bot.queue.take(offset, limit)
        return self._world.faults.shuffle(updates)

    def interrupt(self, bot: Bot, refusal: Refusal) -> None:
        """Refuse the poll that waits, if one does."""
        waiting = self._waiting.get(bot.id)
        if waiting is not None:
            signal, refusals = waiting
            refusals.append(refusal)
            signal.set()

    def close(self) -> None:
        """Answer all polls with what there is, now and from now on."""
        self._closed = True
        for signal, _ in list(self._waiting.values()):
            signal.set()


def allow_updates(bot: Bot, params: Params, world: World) -> None:
    """Take over ``allowed_updates``, when the request has it; a list it cannot read is ignored."""
    if "allowed_updates" not in params.values:
        return
    try:
        kinds = params.json("allowed_updates", "allowed updates")
    except Refusal:
        return
    if isinstance(kinds, list):
        with world.lock:
            bot.queue.allow([kind for kind in kinds if isinstance(kind, str) and kind in KINDS])

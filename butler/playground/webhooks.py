"""Webhooks: updates are really posted, in order for each chat, and again until they are taken."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any
from urllib.parse import urlsplit

import attrs
import urllib3

from butler.playground.methods import Methods
from butler.playground.model import Bot, Webhook
from butler.playground.params import Params
from butler.playground.polling import Polls, allow_updates
from butler.playground.refusals import Json, Refusal, bad_request, conflict
from butler.playground.signals import Signal
from butler.playground.updates import Pending
from butler.playground.world import World

MOST_CONNECTIONS = 16
_TIMEOUT = 60.0
_IDLE = 30.0


@attrs.frozen
class Delays:
    """Seconds between the tries of one update: doubling from *first* to *longest*."""

    first: float = 1.0
    longest: float = 60.0


class Webhooks:
    """Sets webhooks and delivers to them, on one event loop; the posts run in its thread pool."""

    def __init__(
        self, world: World, methods: Methods, polls: Polls, delays: Delays | None = None
    ) -> None:
        self._world = world
        self._methods = methods
        self._polls = polls
        self._delays = delays or Delays()
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._pool = urllib3.PoolManager(maxsize=MOST_CONNECTIONS, retries=False)

    def establish(self, bot: Bot, params: Params) -> str:
        """Do setWebhook; return the description of the answer.

        Raises:
            Refusal: 400 for a URL or secret that cannot be one.
        """
        url = params.text("url").strip()
        if not url:
            return self.delete(bot, params)
        webhook = _read_webhook(url, params)
        allow_updates(bot, params, self._world)
        if params.flag("drop_pending_updates"):
            with self._world.lock:
                bot.queue.clear()
        if bot.webhook == webhook:
            return "Webhook is already set"
        bot.webhook, bot.webhook_error = webhook, None
        self._polls.interrupt(bot, conflict("terminated by setWebhook request"))
        self._restart(bot)
        return "Webhook was set"

    def delete(self, bot: Bot, params: Params) -> str:
        """Do deleteWebhook; return the description of the answer."""
        if params.flag("drop_pending_updates"):
            with self._world.lock:
                bot.queue.clear()
        if bot.webhook is None:
            return "Webhook is already deleted"
        bot.webhook = bot.webhook_error = None
        self._restart(bot)
        return "Webhook was deleted"

    def info(self, bot: Bot) -> Json:
        """What getWebhookInfo answers."""
        with self._world.lock:
            pending = len(bot.queue.all())
        info: Json = {
            "url": bot.webhook.url if bot.webhook else "",
            "has_custom_certificate": False,
            "pending_update_count": pending,
        }
        if bot.webhook_error is not None:
            info["last_error_date"], info["last_error_message"] = bot.webhook_error
        if bot.webhook is not None:
            info["max_connections"] = bot.webhook.max_connections
            info["ip_address"] = bot.webhook.ip_address or "127.0.0.1"
        if bot.queue.allowed is not None:
            info["allowed_updates"] = sorted(bot.queue.allowed)
        return info

    def _restart(self, bot: Bot) -> None:
        task = self._tasks.pop(bot.id, None)
        if task is not None:
            task.cancel()
        if bot.webhook is not None:
            self._tasks[bot.id] = asyncio.get_running_loop().create_task(
                self._deliver(bot, bot.webhook)
            )

    def close(self) -> None:
        """Stop delivering."""
        for task in self._tasks.values():
            task.cancel()
        self._tasks.clear()

    async def _deliver(self, bot: Bot, webhook: Webhook) -> None:
        """Hand each update to a lane of its chat, so that a chat's updates keep their order."""
        signal = Signal()
        with self._world.lock:
            bot.wakers.add(signal.set)
        lanes: dict[int, asyncio.Task[None]] = {}
        slots = asyncio.Semaphore(min(webhook.max_connections, MOST_CONNECTIONS))
        under_way: set[int] = set()
        try:
            while True:
                with self._world.lock:
                    waiting = [one for one in bot.queue.all() if one.number not in under_way]
                for pending in waiting:
                    under_way.add(pending.number)
                    lane = _lane(pending.update)
                    lanes[lane] = asyncio.create_task(
                        self._after(lanes.get(lane), bot, webhook, pending, slots, under_way)
                    )
                lanes = {lane: task for lane, task in lanes.items() if not task.done()}
                await signal.wait_until(asyncio.get_running_loop().time() + _IDLE)
        finally:
            with self._world.lock:
                bot.wakers.discard(signal.set)
            for task in lanes.values():
                task.cancel()

    async def _after(
        self,
        before: asyncio.Task[None] | None,
        bot: Bot,
        webhook: Webhook,
        pending: Pending,
        slots: asyncio.Semaphore,
        under_way: set[int],
    ) -> None:
        if before is not None:
            await before
        delay = self._delays.first
        while True:
            async with slots:
                updates = self._world.faults.shuffle([pending.update])
                answers = [
                    await asyncio.to_thread(self._post, webhook, update) for update in updates
                ]
            if all(error is None for error, _ in answers):
                break
            error = next(error for error, _ in answers if error is not None)
            bot.webhook_error = (self._world.now(), error)
            await asyncio.sleep(delay)
            delay = min(delay * 2, self._delays.longest)
        with self._world.lock:
            bot.queue.drop(pending.number)
        under_way.discard(pending.number)
        for _, body in answers:
            self._answered_in_place(bot, body)

    def _post(self, webhook: Webhook, update: Json) -> tuple[str | None, bytes]:
        """What went wrong, or ``None``, and the body of the answer."""
        headers = {"Content-Type": "application/json"}
        if webhook.secret:
            headers["X-Telegram-Bot-Api-Secret-Token"] = webhook.secret
        try:
            response = self._pool.request(
                "POST",
                webhook.url,
                body=json.dumps(update).encode(),
                headers=headers,
                timeout=_TIMEOUT,
                redirect=False,
            )
        except urllib3.exceptions.ReadTimeoutError:
            return "Read timeout expired", b""
        except urllib3.exceptions.HTTPError:
            return "Connection failed", b""
        if not 200 <= response.status < 300:
            return f"Wrong response from the webhook: {response.status} {response.reason}", b""
        return None, response.data

    def _answered_in_place(self, bot: Bot, body: bytes) -> None:
        """A webhook may answer with a method call; its result goes nowhere, as with Telegram."""
        try:
            call: Any = json.loads(body) if body.startswith(b"{") else None
        except ValueError:
            return
        method = str(call.get("method", "")).lower() if isinstance(call, dict) else ""
        if not self._methods.knows(method):
            return
        try:
            self._methods.call(bot, method, Params(call))
        except Refusal:
            return


def _read_webhook(url: str, params: Params) -> Webhook:
    if not urlsplit(url).scheme:
        url = f"https://{url}"
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise bad_request("invalid webhook URL specified")
    secret = params.text("secret_token")
    if len(secret) > 256:
        raise bad_request("secret token is too long")
    if not re.fullmatch(r"[A-Za-z0-9_-]*", secret):
        raise bad_request("secret token contains unallowed characters")
    connections = params.integer("max_connections", 40, 1, 100)
    return Webhook(url, secret, connections, params.text("ip_address"))


def _lane(update: Json) -> int:
    """The chat an update is about, or 0."""
    for payload in update.values():
        if isinstance(payload, dict):
            holder = payload.get("message", payload)
            chat = holder.get("chat") if isinstance(holder, dict) else None
            if isinstance(chat, dict) and isinstance(chat.get("id"), int):
                return int(chat["id"])
    return 0

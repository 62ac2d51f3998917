"""The Bot API over HTTP, as a bare ASGI application: this is the way that has to be fast."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

from starlette.types import Receive, Scope, Send

from butler.playground.faults import Fault
from butler.playground.methods import Methods
from butler.playground.model import Bot
from butler.playground.params import Params, read_params
from butler.playground.polling import Polls
from butler.playground.refusals import Json, Refusal, server_error
from butler.playground.trouble import drip, reset
from butler.playground.webhooks import Delays, Webhooks
from butler.playground.world import Call, World

_log = logging.getLogger(__name__)
_GARBAGE = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
_DRIPS = 10


class BotApi:
    """Answers ``/bot<token>/<method>`` and ``/file/bot<token>/<path>`` for a world."""

    def __init__(self, world: World, *, webhook_delays: Delays | None = None) -> None:
        self._world = world
        self._methods = Methods(world)
        self._polls = Polls(world)
        self._webhooks = Webhooks(world, self._methods, self._polls, webhook_delays)

    def close(self) -> None:
        """Let every poll end and stop the webhooks; call it on the event loop."""
        self._polls.close()
        self._webhooks.close()

    async def method(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One call; an ASGI application whose path gives ``token`` and ``method``."""
        path = scope["path_params"]
        method = path["method"].lower()
        bot, fault, chat_id = None, None, ""
        try:
            bot = self._bot(path["token"])
            params = await read_params(scope, receive)
            chat_id = params.text("chat_id")
            fault = self._world.faults.draw(method, params.integer("chat_id") or None)
            if fault is not None and not await self._before(fault, scope, receive):
                return
            status, body = 200, await self._answer(bot, method, params)
        except Refusal as refusal:
            status, body = refusal.code, refusal.body()
        except Exception as error:  # noqa: BLE001 - the boundary: a bad request never stops the server
            # Its text may hold the guest's words or the token; its type says enough here.
            _log.error("playground.failed method=%s error=%s", method, type(error).__name__)
            status, body = 500, server_error().body()
        if bot is not None:
            self._world.calls.append(Call(self._world.clock(), bot.id, method, chat_id, status))
        if fault is None:
            await _respond(send, status, json.dumps(body, separators=(",", ":")).encode())
        else:
            await self._after(fault, status, body, scope, receive, send)

    def _bot(self, token: str) -> Bot:
        bot = self._world.bot_of(token)
        if bot is not None:
            return bot
        number, _, secret = token.partition(":")
        if number.isdigit() and secret:
            raise Refusal(401, "Unauthorized")
        raise Refusal(401, "Unauthorized: invalid token specified")

    async def _answer(self, bot: Bot, method: str, params: Params) -> Json:
        if method == "getupdates":
            return {"ok": True, "result": await self._polls.get_updates(bot, params)}
        if self._methods.knows(method):
            return {"ok": True, "result": self._methods.call(bot, method, params)}
        if method == "setwebhook":
            return {
                "ok": True,
                "result": True,
                "description": self._webhooks.establish(bot, params),
            }
        if method == "deletewebhook":
            return {"ok": True, "result": True, "description": self._webhooks.delete(bot, params)}
        if method == "getwebhookinfo":
            return {"ok": True, "result": self._webhooks.info(bot)}
        raise Refusal(404, "Not Found: method not found")

    async def _before(self, fault: Fault, scope: Scope, receive: Receive) -> bool:
        """Strike before anything is done; say whether to go on."""
        if fault.kind == "error":
            raise fault.refusal()
        if fault.kind in ("delay", "hang"):
            await asyncio.sleep(fault.seconds)
        if fault.kind in ("hang", "reset"):
            await reset(scope, receive)
            return False
        return True

    async def _after(
        self, fault: Fault, status: int, body: Json, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Strike after it was done."""
        if fault.kind == "lose_answer":
            await asyncio.sleep(fault.seconds)
            await reset(scope, receive)
        elif fault.kind == "garbage":
            await _respond(send, fault.status or 200, _GARBAGE, b"text/html")
        elif fault.kind == "slow":
            await drip(send, status, json.dumps(body).encode(), fault.seconds / _DRIPS, _DRIPS)
        else:
            await _respond(send, status, json.dumps(body).encode())

    async def file(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One download; an ASGI application whose path gives ``token`` and ``path``."""
        path = scope["path_params"]
        fault = self._world.faults.draw("file")
        try:
            self._bot(path["token"])
            if fault is not None and not await self._before(fault, scope, receive):
                return
            stored = self._world.files.require(path["path"])
            if fault is not None and fault.kind == "lose_answer":
                await reset(scope, receive)
            elif fault is not None and fault.kind == "slow":
                await drip(send, 200, stored.data, fault.seconds / _DRIPS, _DRIPS)
            elif fault is not None and fault.kind == "garbage":
                await _respond(send, fault.status or 200, _GARBAGE, b"text/html")
            else:
                await _respond(send, 200, stored.data, b"application/octet-stream")
        except Refusal as refusal:
            await _respond(send, refusal.code, json.dumps(refusal.body()).encode())


async def _respond(
    send: Send, status: int, body: bytes, content_type: bytes = b"application/json"
) -> None:
    headers: list[Any] = [
        (b"content-type", content_type),
        (b"content-length", b"%d" % len(body)),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})

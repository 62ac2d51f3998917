"""Updates that Telegram pushes: received once they are durable, and not before."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
from collections.abc import Callable
from typing import Any, Protocol

import attrs
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

PATH = "/telegram/webhook"
SECRET_HEADER = "x-telegram-bot-api-secret-token"
BODY_LIMIT = 1 << 20
LARGEST_UPDATE_ID = 2**63 - 1
RETRY_AFTER = "5"


class WebhookSink(Protocol):
    """Takes pushed updates."""

    def accept(self, update: dict[str, Any], done: Callable[[bool], None]) -> bool:
        """Take one update (its `update_id` is an integer); False if none can be taken now.

        Called on the server's event loop: tell somebody and return. After True, `done` is to be
        called from any thread: with True once the update is durable (or known already), with False
        if it can't be kept; Telegram is then told to come again. Calls that come too late or twice
        are harmless.
        """
        ...


@attrs.frozen
class Webhook:
    """The sink and what Telegram must show (setWebhook's `secret_token`).

    Telegram gets `body_seconds` to send an update and the sink `durable_seconds` to keep it.
    """

    sink: WebhookSink
    secret: str = attrs.field(repr=False)
    body_seconds: float = 30.0
    durable_seconds: float = 20.0

    async def receive(self, request: Request) -> Response:
        """Answer one push; 200 only when the sink has the update for good."""
        if not self._shows_secret(request):
            return _refused(401, "wrong or missing secret token")
        try:
            async with asyncio.timeout(self.body_seconds):
                body = await _bounded_body(request)
        except (TimeoutError, ClientDisconnect):
            return _refused(408, "the body did not come")
        if body is None:
            return _refused(413, f"the body is over {BODY_LIMIT} bytes")
        update = _update(body)
        if update is None:
            return _refused(400, "expected a JSON object with an integer update_id")
        if not await self._hand_over(update):
            return _refused(503, "cannot take updates now", {"Retry-After": RETRY_AFTER})
        return Response(status_code=200)

    def _shows_secret(self, request: Request) -> bool:
        shown = request.headers.get(SECRET_HEADER, "")
        return hmac.compare_digest(shown.encode(), self.secret.encode())

    async def _hand_over(self, update: dict[str, Any]) -> bool:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[bool] = loop.create_future()

        def settle(durable: bool) -> None:
            if not answer.done():
                answer.set_result(durable)

        def done(durable: bool) -> None:
            # The loop may be closed by now: then Telegram was told nothing and comes again.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(settle, durable)

        if not self.sink.accept(update, done):
            return False
        try:
            async with asyncio.timeout(self.durable_seconds):
                return await answer
        except TimeoutError:
            return False


async def _bounded_body(request: Request) -> bytes | None:
    """The body, or None as soon as it is over the limit."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            return None
    return bytes(body)


def _update(body: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None
    update_id = value.get("update_id") if isinstance(value, dict) else None
    # Booleans are integers to Python, not to Telegram.
    good = type(update_id) is int and 0 <= update_id <= LARGEST_UPDATE_ID
    return value if good else None


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _refused(status: int, error: str, headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"error": error}, status, headers)

"""Telegram answers, and to us."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from butler.clients.http import HttpClient, HttpFailure
from butler.clients.telegram import TelegramTransport
from butler.config import Settings
from butler.doctor.finding import Finding
from butler.errors import TransportError, TransportUnauthorized

SECONDS = 6.0


def check_telegram(settings: Settings) -> Iterator[Finding]:
    """Who the token says we are, and how updates come."""
    if settings.telegram_bot_token is None:
        do = "For Telegram set TELEGRAM_BOT_TOKEN to what @BotFather gives."
        yield Finding("ok", "telegram", "playground, a local Bot API of its own", do)
        return
    transport = TelegramTransport(
        settings.telegram_bot_token, settings.telegram_api_url, timeout=SECONDS
    )
    began = time.monotonic()
    try:
        bot = transport.identity()
    except TransportUnauthorized:
        do = "Copy TELEGRAM_BOT_TOKEN from @BotFather anew."
        yield Finding("FAIL", "telegram", f"{transport.where} does not know the token", do)
        return
    except TransportError as error:
        do = "Check the network, a proxy (HTTPS_PROXY), and TELEGRAM_API_URL."
        yield Finding("FAIL", "telegram", str(error), do)
        return
    finally:
        transport.close()
    took = time.monotonic() - began
    yield Finding("ok", "telegram", f"@{bot.username} at {transport.where}, {took:.2f} s")
    yield from _webhook(settings)


def _webhook(settings: Settings) -> Iterator[Finding]:
    info = _webhook_info(settings)
    url, last_error = str(info.get("url") or ""), info.get("last_error_message")
    wanted = settings.telegram_webhook_url
    if url and not wanted:
        do = "butler run removes it and polls; set TELEGRAM_WEBHOOK_URL to keep it."
        yield Finding("warn", "telegram", "a webhook is set, the settings name none", do)
    if wanted and not url:
        yield Finding("ok", "telegram", "no webhook is set yet; butler run sets it")
    if wanted and url and last_error:
        waiting = info.get("pending_update_count", 0)
        found = f"the webhook fails ({last_error}); {waiting} updates wait"
        do = "See that TELEGRAM_WEBHOOK_URL reaches the butler's /telegram/webhook."
        yield Finding("warn", "telegram", found, do)


def _webhook_info(settings: Settings) -> dict[str, Any]:
    """What getWebhookInfo says; nothing where it does not answer."""
    client = HttpClient(settings.telegram_api_url)
    path = f"/bot{settings.telegram_bot_token}/getWebhookInfo"
    try:
        result = client.request("GET", path, timeout=SECONDS / 3).json()["result"]
    except (HttpFailure, ValueError, KeyError, TypeError):
        return {}
    finally:
        client.close()
    return result if isinstance(result, dict) else {}

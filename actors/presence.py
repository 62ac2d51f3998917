"""Being known to Telegram: who we are, our menu, and whether it answers."""

from __future__ import annotations

import logging
from typing import get_args

from actors.guest.rules import Bot
from butler.domain.phrases import menu
from butler.domain.profile import Language
from butler.errors import TransportConflict, TransportError, TransportUnauthorized
from butler.ports import Transport
from butler.telemetry import DependencyChanged, Telemetry

log = logging.getLogger(__name__)

BACKOFF_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0)


class Presence:
    """What poller and webhook share of talking to Telegram as a bot. Blocks."""

    def __init__(self, transport: Transport, bot: Bot, telemetry: Telemetry) -> None:
        self._transport = transport
        self._bot = bot
        self._telemetry = telemetry
        self._introduced = False
        self._failures = 0
        self._told: str | None = None  # what is wrong, as told last; "" that nothing is

    def introduce(self) -> bool:
        """Ask who we are and publish the menu, once; whether that was now.

        Raises:
            TransportError: Telegram does not say.
        """
        if self._introduced:
            return False
        identity = self._transport.identity()
        self._bot.bot_id, self._bot.username = identity.bot_id, identity.username
        self._introduced = True
        self._publish_menu()
        return True

    def _publish_menu(self) -> None:
        try:
            for language in get_args(Language):
                self._transport.set_commands(menu(language), language)
            self._transport.set_commands(menu("ru"), None)
        except TransportError as error:
            log.warning("the command menu was not published: %s", type(error).__name__)

    def unhook(self) -> None:
        """A conflict may come from a webhook of an earlier life: take it back."""
        try:
            self._transport.delete_webhook()
        except TransportError as error:
            log.warning("the webhook was not taken back: %s", type(error).__name__)

    def answered(self) -> None:
        """Telegram answers."""
        if self._told != "":
            self._told = ""
            self._telemetry.emit(DependencyChanged("telegram", True, "answers"))
        self._failures = 0

    def failed(self, error: TransportError) -> float:
        """It does not; how many seconds to wait before the next try."""
        advice = _advice(error)
        if advice != self._told:
            self._told = advice
            self._telemetry.emit(DependencyChanged("telegram", False, advice))
        delay = BACKOFF_SECONDS[min(self._failures, len(BACKOFF_SECONDS) - 1)]
        self._failures += 1
        return max(delay, float(getattr(error, "retry_after", 0.0)))


def _advice(error: TransportError) -> str:
    if isinstance(error, TransportUnauthorized):
        return "the bot token is wrong or revoked; check TELEGRAM_BOT_TOKEN"
    if isinstance(error, TransportConflict):
        return "another poller uses this token, or a webhook is set; stop the other one"
    return f"does not answer ({type(error).__name__}); trying again"

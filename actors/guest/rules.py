"""The rules that all guests share."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from butler.domain.chat import ChatMessage
from butler.domain.commands import House
from butler.domain.prompt import Budget
from butler.domain.tokens import Tokens


class Meter:
    """Counts tokens, and learns from what the LLM says that prompts cost.

    Shared by all user actors: `tokens` is a value, replaced whole, so no lock is needed.
    """

    def __init__(self) -> None:
        self.tokens = Tokens()

    def learn(self, messages: Iterable[ChatMessage], actual: int) -> None:
        """A prompt cost `actual` tokens; 0 if the server did not say."""
        if actual > 0:
            self.tokens = self.tokens.learned(messages, actual)


@attrs.define
class Bot:
    """Who we are on Telegram; `username` is "" until getMe has answered. Shared by all actors."""

    bot_id: int
    username: str = ""


@attrs.frozen
class Rules:
    """Settings of the conversation."""

    bot: Bot
    personalization: bool
    event_cap: int
    keep_events: int
    idle_seconds: float
    budget: Budget
    house: House = attrs.field(factory=House)
    meter: Meter = attrs.field(factory=Meter)

"""The rules that all guests share."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import attrs

from butler.domain.chat import ChatMessage
from butler.domain.commands import House
from butler.domain.prompt import Budget
from butler.domain.tokens import SAMPLES, Tokens

_GOOD = 0.01  # a share of the prompt's tokens


class Meter:
    """Counts tokens, and learns from what the LLM says that prompts cost.

    Shared by all user actors: `tokens` is a value, replaced whole, so no lock is needed.
    """

    def __init__(self) -> None:
        self.tokens = Tokens()
        self._weighed = ""

    def learn(self, messages: Iterable[ChatMessage], expected: int, actual: int) -> None:
        """A prompt of `expected` tokens cost `actual`; 0 if the server did not say.

        Where that was as good as right there is nothing to learn.
        """
        if actual > 0 and abs(actual - expected) > expected * _GOOD:
            self.tokens = self.tokens.learned(messages, actual)

    def calibrate(self, model: str, count: Callable[[str], int | None]) -> None:
        """Let the tokenizer of `model` count our samples, once a model; blocks as `count` does.

        None from it (no tokenizer there) leaves all to what prompts are said to cost.
        """
        if model == self._weighed:
            return
        counts = [(sample, number) for sample in SAMPLES if (number := count(sample)) is not None]
        if counts:
            self._weighed = model
            self.tokens = self.tokens.weighed(counts)


@attrs.define
class Bot:
    """Who we are on Telegram; `username` is "" until getMe has answered. Shared by all actors."""

    bot_id: int
    username: str = ""


@attrs.define
class Others:
    """Who else writes to the store; `seen` is `Store.others` as of the last commit.

    As long as it stays the same, a guest in RAM is as in the store. Shared by all actors.
    """

    seen: int | None = None


@attrs.frozen
class Rules:
    """Settings of the conversation. `embeddings`: vectors are recall's second signal."""

    bot: Bot
    personalization: bool
    event_cap: int
    keep_events: int
    idle_seconds: float
    budget: Budget
    house: House = attrs.field(factory=House)
    meter: Meter = attrs.field(factory=Meter)
    others: Others = attrs.field(factory=Others)
    embeddings: bool = False

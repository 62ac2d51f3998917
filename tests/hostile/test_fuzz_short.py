"""Generated updates, whole and broken: the fuzz bench in short, and how deep one may be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from actors.guest.rules import Bot
from actors.intake import DEPTH, Intake, bounded
from butler.clock import SystemClock
from butler.telemetry import Telemetry
from ops.bench.fuzz import broken, fuzz
from ops.bench.odd_updates import Updates, deep
from tests.support.fakes import message
from tests.support.indoors import indoors


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_telegram_sends_nothing_crashes_and_everything_settles(
    tmp_path: Path, seed: int
) -> None:
    result = fuzz(4_000, seed, tmp_path)
    assert not broken(result), result
    assert result["settled_in_time"]
    assert result["states"]["sent"] > 500
    assert result["states"]["ignored"] > 500


def test_the_same_seed_gives_the_same_updates() -> None:
    first, second = (
        [bounded({"update_id": 0, **update}) for update in Updates(3).batch(200)] for _ in range(2)
    )
    assert repr(first) == repr(second)


@pytest.mark.parametrize("levels", [DEPTH - 1, DEPTH, 900, 50_000])
def test_an_update_nested_too_deep_keeps_its_id_alone(levels: int) -> None:
    update = {"update_id": 5, "message": deep(levels, 1)}
    kept = bounded(update)
    assert kept is update if levels < DEPTH else kept == {"update_id": 5}
    json.dumps(kept)


def test_a_deep_update_takes_nobody_along(store: Any) -> None:
    nested = message(2, "hello", entities=deep(900, {"type": "bold"}))
    with indoors(store) as house:
        house.say(message(1, "Good evening."), nested, message(3, "/help"))
        house.settled(1, 2, 3)
        assert [house.state(number) for number in (1, 2, 3)] == ["sent", "ignored", "sent"]
    assert store.unsettled(None, 9) == []


def test_a_broad_update_is_kept_whole() -> None:
    intake = Intake(Bot(700), Telemetry(), SystemClock())
    wide = {"update_id": 1, "message": {str(n): [{"a": n}] for n in range(1000)}}
    (item,) = intake.accept([wide]).items
    assert item.payload == wide

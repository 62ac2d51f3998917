"""Planted facts outlive ten compactions by models that lose and lie; nothing invented is kept."""

from __future__ import annotations

import random

from butler.domain.profile import Fact
from ops.bench.memory_survival import Guest, Lossy, Outcome, judge, run, survival


def test_facts_survive_and_nothing_is_invented() -> None:
    found = survival(seed=7, quick=True)
    assert found["survival"] >= 0.95
    assert found["invented"] == 0


def test_what_is_lost_or_invented_would_be_seen() -> None:
    dice = random.Random(3)
    guest, outcome = Guest("1", "en", dice), Outcome()
    profile = run(Lossy(dice), guest, outcome)
    judge(guest, profile.revised(profile.updated_at, facts=(), memory_summary=""), outcome)
    assert outcome.found == 0 < outcome.planted
    lie = Fact("enemy", "Josephine", 1, profile.updated_at)
    judge(guest, profile.revised(profile.updated_at, facts=(lie,)), outcome)
    assert outcome.invented == 1

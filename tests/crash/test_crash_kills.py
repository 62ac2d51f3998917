"""The whole process is killed (SIGKILL) under load, again and again, and started anew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from ops.bench.house import DatabaseProcess
from ops.bench.kills import Run, broken, kill_often, start_late

KILLS = 3
GUESTS = 30


@pytest.fixture
def log(tmp_path: Path) -> Iterator[IO[bytes]]:
    with (tmp_path / "butlers.log").open("ab") as file:
        yield file


RUNS = {
    "the butler": Run(KILLS, GUESTS, seed=3),
    "the butler and his LLM": Run(KILLS, GUESTS, seed=4, others=True),
    "the butler, his LLM and his database": Run(2, GUESTS, seed=5, others=True, mongodb=True),
}


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS.keys())
def test_kill_9_under_load_loses_nothing_and_doubles_nothing(log: IO[bytes], run: Run) -> None:
    if run.mongodb and not DatabaseProcess.PROGRAM.exists():
        pytest.skip("secantusd-py is missing: pip install secantusdb")
    row = kill_often(run, log)
    assert broken(row) == [], row
    assert row["answered"] + row["dead_letters"] + row["apologies"] == row["asked"]
    assert row["asked"] > GUESTS, "whoever is answered asks again: it was killed at work"
    assert row["mixed_prompts"] == 0
    assert row["exit_code"] == 0


def test_a_full_inbox_does_not_hold_up_the_start(log: IO[bytes]) -> None:
    row = start_late(1_000, log)
    assert row["waiting_at_first_poll"] > 0
    assert row["quiet"]
    assert row["states"] == {"sent": 2_000}

from __future__ import annotations

from pathlib import Path

from butler.clock import SystemClock
from butler.storage import open_store
from ops.bench.scale import fill, plans


def test_no_statement_of_a_turn_looks_through_a_whole_table(tmp_path: Path) -> None:
    fill(open_store(None, tmp_path, 90, SystemClock()), ["1", "2"], events=30)
    found = plans(tmp_path)
    assert {statement.split()[0] for statement in found} == {"SELECT", "INSERT", "UPDATE", "DELETE"}
    assert any("user_memory_archive" in statement for statement in found)
    scans = {statement for statement, steps in found.items() if any("SCAN" in s for s in steps)}
    assert scans == set()

"""What the operator sees: alive, serving, counted, and the tree of actors."""

from __future__ import annotations

import json
from typing import Any

from butler.ports import StoreStatistics
from butler.status import Board
from butler.telemetry import DependencyChanged, ReplyResent
from supervision import Node
from supervision.failure import Failure


def board() -> Board:
    return Board("telegram", {"telegram": "not asked yet", "store": "not asked yet"})


def test_ready_once_what_is_needed_answers_whatever_the_llm_does() -> None:
    shown = board()
    assert shown.ready()[0] is False
    assert shown.ready()[1]["store"] == {"up": None, "detail": "not asked yet"}
    for name, up in (("telegram", True), ("store", True), ("llm", False)):
        shown(DependencyChanged(name, up, "detail"))
    shown(ReplyResent())
    good, parts = shown.ready()
    assert good
    assert parts["llm"] == {"up": False, "detail": "detail"}
    shown(DependencyChanged("store", False, "away"))
    assert not shown.ready()[0]


def test_healthy_until_the_tree_has_given_up() -> None:
    shown = board()
    for name in ("telegram", "store"):
        shown(DependencyChanged(name, True, ""))
    assert shown.health()[0]
    assert shown.health()[1]["uptime_seconds"] >= 0
    shown.give_up("the supervision tree gave up: KeyError")
    assert shown.health() == (False, {"reason": "the supervision tree gave up: KeyError"})
    assert not shown.ready()[0]


def test_the_overview_has_the_counts_once_they_are_measured() -> None:
    shown = board()
    assert "statistics" not in shown.overview()
    shown.measured(StoreStatistics(1, 2, 3, 4, 5, None))
    overview = shown.overview()
    assert overview["mode"] == "telegram"
    assert overview["statistics"] == {
        "profiles": 1,
        "events": 2,
        "archived": 3,
        "unsettled": 4,
        "dead_letters": 5,
    }


def test_the_tree_shows_as_json() -> None:
    shown = board()
    assert shown.tree()["state"] == "starting"
    failure = Failure("x", KeyError("what a guest said"), "", "message", 1.0)
    user = Node(
        ("user", "7"),
        "worker",
        "idle",
        restarts=2,
        depth=3,
        oldest_age=0.12345,
        last_failure=failure,
    )
    users = Node("users", "supervisor", "running", children=(user,), omitted=4)
    limits: list[int] = []

    def look(limit: int) -> Node:
        limits.append(limit)
        return Node("root", "supervisor", "running", children=(users,))

    shown.look = look
    tree: dict[str, Any] = json.loads(json.dumps(shown.tree()))
    assert limits == [50]
    shown_users = tree["children"][0]
    assert (shown_users["count"], shown_users["mailbox"]) == (5, None)
    assert shown_users["children"] == [
        {
            "name": "user/7",
            "state": "running",
            "restarts": 2,
            "mailbox": 3,
            "oldest_age": 0.123,
            "last_failure": "KeyError",
            "count": 0,
            "children": [],
        }
    ]
    assert "what a guest said" not in json.dumps(tree)

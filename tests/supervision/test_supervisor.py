"""What a supervisor does about its children, without threads and on a clock moved by hand."""

import math
from typing import Any

import pytest

from supervision import Backoff, ChildSpec, Intensity, Supervisor
from supervision.errors import (
    DuplicateId,
    NotFound,
    RestartLimit,
    StartFailed,
    SupervisorStopped,
)
from supervision.events import (
    ChildAbandoned,
    ChildFailed,
    ChildGivenUp,
    ChildStarted,
    ChildStopped,
    RestartScheduled,
    SupervisorGaveUp,
)
from tests.supervision.fakes import Stage

NO_WAIT = Backoff(first=0, base=0, jitter=0)


@pytest.fixture
def stage() -> Stage:
    return Stage()


def abc(stage: Stage, **settings: Any) -> list[Any]:
    return [stage.spec(name, **settings) for name in "abc"]


def test_children_start_one_after_the_other(stage: Stage) -> None:
    root = stage.root(abc(stage))
    root.top.begin()

    assert stage.take() == [("begin", "a")]
    stage.actors["a"].come_up()
    assert stage.take() == [("begin", "b")]
    stage.settle()
    assert stage.take() == [("begin", "c")]
    assert root.tree().state == "running"


def test_children_stop_one_after_the_other_in_reverse(stage: Stage) -> None:
    root = stage.running(abc(stage))
    root.top.halt(final=True)

    assert stage.take() == [("end", "c")]
    stage.actors["c"].end()
    assert stage.take() == [("end", "b")]
    stage.settle()
    assert stage.take() == [("end", "a")]
    assert root.tree().state == "gone"
    assert len(root.directory) == 0


@pytest.mark.parametrize(
    ("strategy", "log"),
    [
        ("one_for_one", [("begin", "b")]),
        ("rest_for_one", [("halt", "c"), ("begin", "b"), ("begin", "c")]),
        (
            "one_for_all",
            [("halt", "c"), ("halt", "a"), ("begin", "a"), ("begin", "b"), ("begin", "c")],
        ),
    ],
)
def test_a_failure_restarts_whom_the_strategy_names(
    stage: Stage, strategy: Any, log: list[Any]
) -> None:
    stage.running(abc(stage), strategy=strategy)
    stage.actors["b"].fail()
    stage.settle()

    assert stage.take() == log
    assert stage.names("up") == ["a", "b", "c"]


def test_one_for_one_does_not_wait_for_a_sibling(stage: Stage) -> None:
    stage.running(abc(stage))
    stage.actors["a"].fail()
    stage.actors["b"].fail()
    stage.actors["b"].come_up()

    assert stage.actors["a"].state == "starting"
    assert stage.actors["b"].state == "up"


def test_a_failure_on_the_way_up_starts_over(stage: Stage) -> None:
    stage.running(abc(stage), strategy="one_for_all")
    stage.actors["a"].fail()
    for name in "cb":
        stage.actors[name].end()
    stage.actors["a"].come_up()
    stage.take()
    stage.actors["b"].fail()
    stage.settle()

    assert stage.take() == [("halt", "a"), ("begin", "a"), ("begin", "b"), ("begin", "c")]


def test_an_earlier_child_that_fails_during_a_restart_widens_it(stage: Stage) -> None:
    stage.running(abc(stage), strategy="rest_for_one")
    stage.actors["b"].fail()
    stage.actors["a"].fail()
    stage.settle()

    assert stage.take() == [
        ("halt", "c"),
        ("begin", "a"),
        ("begin", "b"),
        ("begin", "c"),
    ]


def test_a_later_child_that_fails_on_its_way_down_is_brought_up_once(stage: Stage) -> None:
    stage.running(abc(stage), strategy="rest_for_one")
    stage.actors["a"].fail()
    assert stage.take() == [("halt", "c")]
    stage.actors["b"].fail()
    stage.settle()

    assert stage.take() == [("begin", "a"), ("begin", "b"), ("begin", "c")]


@pytest.mark.parametrize(
    ("restart", "after_failure", "after_exit"),
    [("permanent", "up", "up"), ("transient", "up", "gone"), ("temporary", "gone", "gone")],
)
def test_the_restart_word_decides_who_comes_back(
    stage: Stage, restart: Any, after_failure: str, after_exit: str
) -> None:
    stage.running([stage.spec("failing", restart=restart), stage.spec("leaving", restart=restart)])
    stage.actors["failing"].fail()
    stage.actors["leaving"].exit()
    stage.settle()

    assert stage.actors["failing"].state == after_failure
    assert stage.actors["leaving"].state == after_exit


def test_a_temporary_sibling_is_not_brought_back(stage: Stage) -> None:
    root = stage.running(
        [stage.spec("a"), stage.spec("b", restart="temporary"), stage.spec("c")],
        strategy="one_for_all",
    )
    stage.actors["a"].fail()
    stage.settle()

    assert stage.names("up") == ["a", "c"]
    assert "b" not in [node.name for node in root.tree().children]


@pytest.mark.parametrize(
    ("directive", "state"),
    [("restart", "up"), ("stop", "gone"), ("resume", "up"), ("escalate", "gone")],
)
def test_the_policy_decides_by_exception_type(stage: Stage, directive: Any, state: str) -> None:
    stage.running([stage.spec("a", on_error={LookupError: directive})])
    stage.actors["a"].fail(KeyError("a lookup error"))
    stage.settle()

    assert stage.actors["a"].state == state
    assert (("resume", "a") in stage.log) is (directive == "resume")
    assert bool(stage.given_up) is (directive == "escalate")


def test_the_nearest_base_class_and_the_childs_own_policy_win(stage: Stage) -> None:
    policy = {Exception: "stop", LookupError: "restart"}
    stage.running(
        [stage.spec("a"), stage.spec("b", on_error={IndexError: "stop"})], on_error=policy
    )
    stage.actors["a"].fail(IndexError())
    stage.actors["b"].fail(IndexError())
    stage.settle()

    assert stage.actors["a"].state == "up"
    assert stage.actors["b"].state == "gone"


def test_a_failed_start_is_not_resumed(stage: Stage) -> None:
    stage.running([stage.spec("a", on_error={Exception: "resume"})])
    stage.actors["a"].exit()
    stage.actors["a"].fail()
    stage.settle()

    assert stage.take() == [("begin", "a"), ("begin", "a")]


def test_a_restart_waits_for_its_backoff(stage: Stage) -> None:
    stage.running(
        [stage.spec("a")], backoff=Backoff(first=0, base=1, factor=2, jitter=0, reset_after=60)
    )
    for delay in (0, 1, 2, 4):
        stage.actors["a"].fail()
        if delay:
            stage.clock.advance(delay - 0.01)
            assert stage.actors["a"].state == "down"
            stage.clock.advance(0.01)
        stage.actors["a"].come_up()
    stage.clock.advance(60)
    stage.actors["a"].fail()

    assert stage.actors["a"].state == "starting"
    delays = [event.delay for event in stage.events if isinstance(event, RestartScheduled)]
    assert delays == [0, 1, 2, 4, 0]


@pytest.mark.parametrize("strategy", ["rest_for_one", "one_for_all"])
def test_restarts_because_of_others_do_not_lengthen_a_childs_own_backoff(
    stage: Stage, strategy: Any
) -> None:
    backoff = Backoff(first=0, base=1, factor=2, jitter=0, reset_after=60)
    stage.running(abc(stage), strategy=strategy, backoff=backoff, intensity=Intensity(1000, 60.0))
    for _ in range(3):  # c fails once in ten minutes, a once in half a minute
        for _ in range(20):
            stage.clock.advance(30)
            stage.actors["a"].fail()
            stage.settle()
        stage.actors["c"].fail()
        stage.settle()
    scheduled = [event for event in stage.events if isinstance(event, RestartScheduled)]
    assert [event.delay for event in scheduled if event.name == "c"] == [0, 0, 0]
    assert [event.delay for event in scheduled if event.name == "a"][:4] == [0, 1, 2, 4]


def test_a_child_that_keeps_failing_is_backed_off_however_long_others_take(stage: Stage) -> None:
    """Only time without a failure of its own ends a streak, not time spent being restarted."""
    backoff = Backoff(first=0, base=1, factor=2, ceiling=8, jitter=0, reset_after=60)
    stage.running(
        abc(stage), strategy="rest_for_one", backoff=backoff, intensity=Intensity(1000, 60.0)
    )
    for _ in range(6):
        stage.clock.advance(20)
        stage.actors["a"].fail()
        stage.settle()
        stage.actors["c"].fail()
        stage.settle()
    scheduled = [event for event in stage.events if isinstance(event, RestartScheduled)]
    assert [event.delay for event in scheduled if event.name == "c"] == [0, 1, 2, 4, 8, 8]


def test_too_many_restarts_make_the_root_give_up(stage: Stage) -> None:
    root = stage.running(abc(stage), intensity=Intensity(2, 10))
    for _ in range(2):
        stage.actors["a"].fail()
        stage.actors["a"].come_up()
    stage.actors["b"].fail()
    stage.settle()

    assert stage.names("gone") == ["a", "b", "c"]
    assert [type(failure.exception) for failure in stage.given_up] == [RestartLimit]
    assert "'b' needed one more" in str(stage.given_up[0].exception)
    assert any(isinstance(event, SupervisorGaveUp) for event in stage.events)
    assert root.tree().last_failure is stage.given_up[0]


def test_restarts_spread_over_more_than_the_period_are_fine(stage: Stage) -> None:
    stage.running([stage.spec("a")], intensity=Intensity(2, 10))
    for _ in range(20):
        stage.actors["a"].fail()
        stage.actors["a"].come_up()
        stage.clock.advance(5)

    assert not stage.given_up


def test_intensity_per_child_gives_up_that_child_alone(stage: Stage) -> None:
    root = stage.running(abc(stage), intensity=Intensity(2, 10, per="child"))
    for name in "ab":
        for _ in range(2):
            stage.actors[name].fail()
            stage.actors[name].come_up()
    stage.actors["a"].fail()
    stage.settle()

    assert stage.names("up") == ["b", "c"]
    assert stage.names("gone") == ["a"]
    assert "a" not in [node.name for node in root.tree().children]
    given_up = [event for event in stage.events if isinstance(event, ChildGivenUp)]
    assert [event.name for event in given_up] == ["a"]
    assert stage.actors["a"].farewells == [given_up[0].failure]


def test_a_nested_supervisor_that_gives_up_is_restarted_by_its_parent(stage: Stage) -> None:
    inner = Supervisor(
        [stage.spec("b"), stage.spec("c")], intensity=Intensity(1, 10), backoff=NO_WAIT
    )
    stage.running([stage.spec("a"), ChildSpec("inner", inner), stage.spec("d")])
    stage.actors["b"].fail()
    stage.actors["b"].come_up()
    stage.take()
    stage.actors["b"].fail()
    stage.settle()

    assert stage.take() == [("halt", "c"), ("begin", "b"), ("begin", "c")]
    assert stage.names("up") == ["a", "b", "c", "d"]
    assert not stage.given_up


def test_what_escalates_through_every_level_ends_the_tree(stage: Stage) -> None:
    inner = Supervisor([stage.spec("b")], intensity=Intensity(0, 10))
    middle = Supervisor([ChildSpec("inner", inner)], intensity=Intensity(0, 10))
    stage.running([stage.spec("a"), ChildSpec("middle", middle)], intensity=Intensity(0, 10))
    stage.actors["b"].fail()
    stage.settle()

    assert stage.names("gone") == ["a", "b"]
    assert len(stage.given_up) == 1


def test_a_child_that_does_not_end_in_time_is_abandoned(stage: Stage) -> None:
    root = stage.running([stage.spec("a", shutdown=2.0), stage.spec("b", shutdown=3.0)])
    root.top.halt(final=True)
    stage.clock.advance(3.0)
    assert stage.take() == [("end", "b"), ("abandon", "b"), ("end", "a")]
    stage.actors["a"].end()

    assert ChildAbandoned("b", 3.0) in stage.events
    assert root.stop(deadline=0).abandoned == ("b",)
    assert stage.clock.pending() == 0


def test_a_shutdown_of_zero_abandons_at_once_and_infinity_never(stage: Stage) -> None:
    root = stage.running(
        [stage.spec("patient", shutdown=math.inf), stage.spec("brutal", shutdown=0)]
    )
    root.top.halt(final=True)
    assert stage.take() == [("end", "brutal"), ("abandon", "brutal"), ("end", "patient")]
    stage.clock.advance(1e9)

    assert stage.actors["patient"].state == "halting"
    assert root.stop(deadline=0.01).abandoned == ("brutal", "patient")


def test_a_child_can_be_started_and_terminated_at_any_time(stage: Stage) -> None:
    root = stage.running([])
    users = root.supervisor("root")
    users.start_child(stage.spec(("user", 1)))
    users.start_child(stage.spec(("user", 2)))
    with pytest.raises(DuplicateId, match="'user', 1"):
        _ = [users.start_child(stage.spec(("user", 1))) for _ in range(2)]
    stage.settle()
    assert users.count() == 2
    users.terminate_child(("user", 1))
    users.terminate_child(("user", 1))
    stage.settle()

    assert users.count() == 1
    assert stage.actors[("user", 1)].farewells == [None]
    with pytest.raises(NotFound):
        users.terminate_child(("user", 1))
    users.start_child(stage.spec(("user", 1)))
    stage.settle()
    assert stage.names("up") == [("user", 1), ("user", 2)]


def test_children_added_later_stop_first_and_all_at_once(stage: Stage) -> None:
    root = stage.running([stage.spec("a")])
    for i in range(3):
        root.supervisor("root").start_child(stage.spec(i))
    stage.settle()
    stage.take()
    root.top.halt(final=True)

    assert stage.take() == [("end", 0), ("end", 1), ("end", 2)]
    stage.actors[1].end()
    stage.actors[0].end()
    assert stage.take() == []
    stage.settle()
    assert stage.take() == [("end", "a")]


def test_added_children_share_a_group_restart(stage: Stage) -> None:
    root = stage.running([stage.spec("a"), stage.spec("b")], strategy="rest_for_one")
    root.supervisor("root").start_child(stage.spec("late"))
    stage.settle()
    stage.take()
    stage.actors["b"].fail()
    root.supervisor("root").start_child(stage.spec("later"))
    stage.settle()

    assert stage.take() == [
        ("halt", "late"),
        ("begin", "b"),
        ("begin", "late"),
        ("begin", "later"),
    ]
    stage.actors["late"].fail()
    stage.settle()
    assert stage.take() == [("begin", "late")]


def test_terminating_a_child_in_the_middle_of_a_restart_leaves_it_out(stage: Stage) -> None:
    root = stage.running(abc(stage), strategy="one_for_all")
    stage.actors["a"].fail()
    root.supervisor("root").terminate_child("b")
    stage.settle()

    assert stage.names("up") == ["a", "c"]
    assert stage.names("gone") == ["b"]


def test_terminating_a_child_that_starts_lets_the_others_start(stage: Stage) -> None:
    root = stage.root(abc(stage))
    root.top.begin()
    root.supervisor("root").terminate_child("a")
    root.supervisor("root").terminate_child("b")
    stage.settle()

    assert stage.names("up") == ["c"]


def test_a_failed_first_start_stops_those_that_had_started(stage: Stage) -> None:
    root = stage.root(abc(stage))
    root.top.begin()
    stage.actors["a"].come_up()
    stage.take()
    stage.actors["b"].fail(OSError("disk"))
    stage.settle()

    assert stage.take() == [("halt", "a")]
    failure = root.tree().last_failure
    assert failure is not None
    assert isinstance(failure.exception, StartFailed)
    assert isinstance(failure.exception.__cause__, OSError)


def test_a_failure_while_later_children_still_start_is_dealt_with_afterwards(stage: Stage) -> None:
    stage.root(abc(stage)).top.begin()
    stage.actors["a"].come_up()
    stage.actors["a"].fail()
    stage.take()
    stage.settle()

    assert stage.take() == [("begin", "c"), ("begin", "a")]
    assert stage.names("up") == ["a", "b", "c"]


def test_a_stopped_supervisor_takes_no_children(stage: Stage) -> None:
    root = stage.running([])
    users = root.supervisor("root")
    root.top.halt(final=True)

    with pytest.raises(SupervisorStopped, match="it is gone"):
        users.start_child(stage.spec("late"))
    with pytest.raises(NotFound):
        root.supervisor("root")


def test_every_change_is_an_event(stage: Stage) -> None:
    root = stage.running([stage.spec("a")])
    stage.actors["a"].fail()
    stage.settle()
    root.top.halt(final=True)
    stage.settle()

    kinds = [type(event) for event in stage.events]
    assert kinds == [ChildStarted, ChildFailed, RestartScheduled, ChildStarted, ChildStopped]
    assert stage.events[3] == ChildStarted("a", 1)


def test_the_tree_is_data(stage: Stage) -> None:
    inner = Supervisor([stage.spec(i) for i in range(5)])
    root = stage.running([stage.spec("a"), ChildSpec("inner", inner)])
    stage.actors[3].fail()
    stage.settle()
    whole, cut = root.tree(), root.tree(limit=2)

    assert [node.name for node in whole.walk()] == ["root", "a", "inner", 0, 1, 2, 3, 4]
    by_name = {node.name: node for node in whole.walk()}
    assert by_name[3].restarts == 1
    assert by_name[3].last_failure is not None
    assert by_name["inner"].kind == "supervisor"
    assert [node.name for node in cut.walk()] == ["root", "a", "inner", 0, 1]
    assert cut.children[1].omitted == 3


def test_a_subscriber_that_raises_breaks_nothing(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: object) -> None:
        raise ValueError("subscriber")

    root = stage.running([stage.spec("a")])
    root._subscriber = broken
    stage.actors["a"].fail()
    stage.settle()

    assert stage.names("up") == ["a"]
    assert "on_event raised" in caplog.text

"""Specs, strategies, backoff and intensity: what they compute and what they refuse."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision import Backoff, ChildSpec, Directory, Intensity, Root, Supervisor
from supervision.errors import (
    DuplicateId,
    NotAnActor,
    NotFound,
    SpecCycle,
    SpecError,
    SupervisionError,
)
from supervision.intensity import RestartWindow
from supervision.spec import directive_for
from supervision.strategy import affected
from tests.supervision.fakes import FakeStart, Stage

START = FakeStart(Stage())


@given(st.integers(1, 10_000), st.integers())
def test_backoff_grows_to_its_ceiling_and_stays_within_its_jitter(streak: int, seed: int) -> None:
    backoff = Backoff(first=0.5, base=1, factor=3, ceiling=50, jitter=0.1)
    delay = backoff.delay(streak, random.Random(seed))
    plain = 0.5 if streak == 1 else min(50.0, 3.0 ** min(streak - 2, 100))

    assert plain * 0.9 <= delay <= plain * 1.1


@given(
    gaps=st.lists(st.floats(0, 10), max_size=50),
    limit=st.integers(0, 5),
    period=st.floats(0.1, 20),
)
def test_a_window_allows_so_many_within_any_period(
    gaps: list[float], limit: int, period: float
) -> None:
    window, intensity = RestartWindow(), Intensity(limit, period)
    now, times = 0.0, list[float]()
    for gap in gaps:
        now += gap
        times.append(now)
        recent = [each for each in times if each > now - period]
        assert window.add(now, intensity) is (len(recent) <= limit)


def test_strategies_name_the_children_that_share_a_failure() -> None:
    fixed, dynamic = ["a", "b", "c"], ["x", "y"]

    assert affected("one_for_one", "b", fixed, dynamic) == (["b"], [])
    assert affected("rest_for_one", "b", fixed, dynamic) == (["b", "c"], ["x", "y"])
    assert affected("one_for_all", "b", fixed, dynamic) == (fixed, dynamic)
    assert affected("rest_for_one", "y", fixed, dynamic) == ([], ["y"])
    assert affected("one_for_all", "y", fixed, dynamic) == (fixed, dynamic)


def test_the_directive_is_that_of_the_nearest_base() -> None:
    policies: Any = ({LookupError: "stop"}, {Exception: "resume", KeyError: "escalate"})

    assert directive_for(KeyError, policies) == "stop"
    assert directive_for(ValueError, policies) == "resume"
    assert directive_for(SystemExit, policies) == "restart"


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"restart": "permenent"}, "did you mean 'permanent'"),
        ({"restart": 7}, "expected one of permanent, transient, temporary, got 7"),
        ({"kind": "wroker"}, "did you mean 'worker'"),
        ({"kind": "supervisor"}, "its start is a worker"),
        ({"shutdown": -1}, "expected seconds >= 0"),
        ({"shutdown": float("nan")}, "expected seconds >= 0"),
        ({"on_error": {ValueError: "retsart"}}, "did you mean 'restart'"),
        ({"on_error": {"ValueError": "restart"}}, "expected exception types"),
        ({"id": ["unhashable"]}, "expected something hashable"),
    ],
)
def test_a_wrong_child_spec_says_what_is_wrong(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(SpecError, match=says):
        ChildSpec(**{"id": "a", "start": START, **wrong})


@pytest.mark.parametrize("start", [print, "MyActor", None, Supervisor])
def test_a_spec_starts_actors_only(start: Any) -> None:
    with pytest.raises(NotAnActor, match="expected an actor's recipe"):
        ChildSpec("a", start)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Supervisor(strategy="one_for_any"), "did you mean 'one_for_"),  # type: ignore[arg-type]  # the mistake
        (lambda: Intensity(-1, 5), "restarts >= 0"),
        (lambda: Intensity(1, 0), "seconds > 0"),
        (lambda: Intensity(per="tree"), "per='level' or per='child'"),  # type: ignore[arg-type]  # the mistake
        (lambda: Backoff(base=-1), "0 seconds or more"),
        (lambda: Backoff(factor=0.5), "1 <= factor"),
        (lambda: Backoff(jitter=2), "jitter <= 1"),
    ],
)
def test_wrong_settings_of_a_supervisor_say_what_is_wrong(make: Any, says: str) -> None:
    with pytest.raises(SpecError, match=says):
        make()


def test_ids_are_unique_within_a_supervisor_and_within_a_tree() -> None:
    with pytest.raises(DuplicateId, match="'a' more than once"):
        Supervisor([ChildSpec("a", START), ChildSpec("a", START)])
    inner = Supervisor([])
    with pytest.raises(DuplicateId, match="called 'y'"):
        Root([ChildSpec("x", Supervisor([ChildSpec("y", inner)])), ChildSpec("y", inner)])
    with pytest.raises(DuplicateId):
        Root([ChildSpec("root", inner)])


def test_a_failed_plan_leaves_no_names_behind() -> None:
    directory = Directory()
    clash = Supervisor([ChildSpec("x", Supervisor([]))])
    with pytest.raises(DuplicateId):
        Root([ChildSpec("x", clash)], directory=directory)

    for name in ("root", "x"):
        with pytest.raises(NotFound):
            directory.supervisor(name)


def test_a_supervisor_below_itself_is_a_cycle() -> None:
    children: list[ChildSpec] = []
    plan = Supervisor(children)
    children.append(ChildSpec("below", Supervisor([ChildSpec("again", plan)])))

    with pytest.raises(SpecCycle, match="contains itself"):
        Root([ChildSpec("top", plan)])


def test_every_error_stands_in_one_tree() -> None:
    import supervision.errors as module

    drawn = module.__doc__ or ""
    for name, value in vars(module).items():
        if isinstance(value, type):
            assert issubclass(value, SupervisionError)
            assert name in drawn


def test_a_name_nobody_has_is_not_found() -> None:
    directory = Directory()

    with pytest.raises(NotFound, match="'nobody'"):
        directory.get("nobody")
    with pytest.raises(NotFound, match="'nobody'"):
        directory.tell("nobody", "hello")
    with pytest.raises(NotFound, match="'nobody'"):
        directory.ask("nobody", "hello")
    assert "nobody" not in directory

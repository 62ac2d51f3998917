"""Who has which job: by incarnation, so that no answer reaches another's asker."""

from __future__ import annotations

import pytest

from actors.slots import Slots, WorkerReady


def test_a_worker_is_free_busy_and_free_again() -> None:
    slots: Slots[str] = Slots()
    slots.ready(WorkerReady("w", life := object()))
    worker, task = slots.give("job")
    assert (worker, task.job, task.life) == ("w", "job", life)
    assert (slots.any_free, slots.busy, slots.jobs) == (False, 1, ["job"])
    assert slots.done(life) == "job"
    assert (slots.any_free, slots.busy) == (True, 0)


def test_nobody_is_given_a_job_when_nobody_is_free() -> None:
    with pytest.raises(StopIteration):
        Slots[str]().give("job")


def test_a_worker_that_restarts_has_lost_its_job_and_is_free() -> None:
    slots: Slots[str] = Slots()
    slots.ready(WorkerReady("w", object()))
    slots.give("job")
    assert slots.ready(WorkerReady("w", object())) == "job"
    assert slots.any_free


def test_what_an_earlier_incarnation_finishes_is_nobodys_answer() -> None:
    slots: Slots[str] = Slots()
    slots.ready(WorkerReady("w", old := object()))
    slots.give("job of one guest")
    slots.ready(WorkerReady("w", new := object()))
    slots.give("job of another")
    assert slots.done(old) is None
    assert slots.done(new) == "job of another"


def test_a_free_worker_that_restarts_is_free_once() -> None:
    slots: Slots[str] = Slots()
    slots.ready(WorkerReady("w", object()))
    assert slots.ready(WorkerReady("w", new := object())) is None
    assert slots.give("job")[1].life is new
    assert not slots.any_free


def test_workers_take_turns() -> None:
    slots: Slots[str] = Slots()
    lives = {name: object() for name in ("a", "b")}
    for name, life in lives.items():
        slots.ready(WorkerReady(name, life))
    assert slots.give("1")[0] == "a"
    slots.done(lives["a"])
    assert slots.give("2")[0] == "b"

"""A turn that takes long: others are served by one more thread, for as long as it takes."""

import threading
from collections.abc import Iterator

import pytest

from actors import Dispatcher
from supervision import ChildSpec
from supervision.testing import ManualClock
from tests.runtime.parts import PATIENCE, Gate, Grove, Journal, Scripted, dispatcher
from tests.support.waiting import eventually


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def pool(clock: ManualClock) -> Iterator[Dispatcher]:
    settings = {"handler_deadline": 5.0, "relief": 0.1, "spare_threads": 2}
    with dispatcher("relief-pool", 1, clock=clock, **settings) as pool:
        yield pool


@pytest.fixture
def grove(pool: Dispatcher, clock: ManualClock) -> Iterator[Grove]:
    grove = Grove(pool, clock)
    grove.start(*(ChildSpec(n, Scripted.on(pool, Journal())) for n in range(4)))
    yield grove
    grove.stop()


def stand(grove: Grove, name: int) -> Gate:
    """An actor whose handler stands still, from now on; tried again, it does nothing."""
    gate = Gate()

    def stands(_: Scripted) -> None:
        if not gate.reached.is_set():
            gate.stand()

    grove.directory.tell(name, stands)
    gate.wait()
    return gate


def heard(grove: Grove, name: int) -> bool:
    """Whether an actor answers."""
    return bool(grove.directory.ask(name, "well?").get(timeout=PATIENCE))


def test_others_are_served_while_one_turn_takes_long_and_then_one_thread_is_left(
    grove: Grove, clock: ManualClock, pool: Dispatcher
) -> None:
    gate = stand(grove, 0)
    asked = grove.directory.ask(1, "well?")
    clock.advance(0.05)
    assert pool.state().threads == 1
    clock.advance(0.06)
    assert asked.get(timeout=PATIENCE) == "well?"
    assert pool.state().threads == 2
    gate.open()
    eventually("one thread", lambda: pool.state().threads == 1)
    assert heard(grove, 0)


def test_nobody_helps_out_where_nobody_waits_but_as_soon_as_somebody_does(
    grove: Grove, clock: ManualClock, pool: Dispatcher
) -> None:
    gate = stand(grove, 0)
    for _ in range(3):
        clock.advance(0.11)
    assert pool.state().threads == 1
    asked = grove.directory.ask(1, "well?")
    clock.advance(0.11)
    assert asked.get(timeout=PATIENCE) == "well?"
    gate.open()


def test_no_more_threads_help_out_than_there_are_spares(
    grove: Grove, clock: ManualClock, pool: Dispatcher
) -> None:
    gates = []
    for name in range(3):
        gate = Gate()
        grove.directory.tell(name, lambda _, gate=gate: gate.stand())
        clock.advance(0.11)
        gate.wait()
        gates.append(gate)
    asked = grove.directory.ask(3, "well?")
    clock.advance(1.0)
    assert pool.state().threads == 3
    gates[0].open()
    eventually("a spare is back", lambda: pool.state().threads == 2)
    clock.advance(0.11)
    assert asked.get(timeout=PATIENCE) == "well?"
    for gate in gates:
        gate.open()


def test_who_was_relieved_and_hangs_is_not_replaced_twice(
    grove: Grove, clock: ManualClock, pool: Dispatcher
) -> None:
    gate = stand(grove, 0)
    asked = grove.directory.ask(1, "well?")
    clock.advance(0.11)
    assert asked.get(timeout=PATIENCE) == "well?"
    clock.advance(5.0)
    assert heard(grove, 0)  # its next incarnation
    assert (pool.state().threads, pool.state().abandoned) == (1, 1)
    gate.open()
    eventually("it has ended", lambda: pool.state().abandoned == 0)
    assert pool.state().threads == 1
    assert heard(grove, 0)


def test_an_idle_dispatcher_looks_at_nothing(
    grove: Grove, clock: ManualClock, pool: Dispatcher
) -> None:
    assert heard(grove, 0)
    for _ in range(100):
        clock.advance(10.0)
    assert clock.pending() == 0


def test_looks_do_not_multiply(grove: Grove, clock: ManualClock, pool: Dispatcher) -> None:
    gate = stand(grove, 0)
    for earlier in range(20):
        pool.watch(0.09 - earlier / 1000)
    clock.advance(1.0)
    assert clock.pending() < 5
    gate.open()


def test_where_no_thread_can_be_started_the_slow_one_goes_on(
    grove: Grove, clock: ManualClock, pool: Dispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    gate = stand(grove, 0)
    asked = grove.directory.ask(1, "well?")
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refused)
        clock.advance(0.11)
    assert pool.state().threads == 1
    gate.open()
    assert asked.get(timeout=PATIENCE) == "well?"
    assert heard(grove, 0)


def test_who_waits_behind_a_slow_stop_is_served(
    grove: Grove, clock: ManualClock, pool: Dispatcher
) -> None:
    stopping = Gate()

    class Slow(Scripted):
        def on_stop(self) -> None:
            if not stopping.reached.is_set():
                stopping.stand()

    other = Grove(pool, clock)
    other.start(ChildSpec("slow", Slow.on(pool, Journal())))
    first = stand(grove, 0)
    asked = grove.directory.ask(1, "well?")
    other.directory.get("slow").stop(block=False)
    first.open()
    stopping.wait()
    clock.advance(0.11)
    assert asked.get(timeout=PATIENCE / 2) == "well?"  # while the other stands
    stopping.open()
    other.stop()

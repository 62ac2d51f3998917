"""Handlers past their deadline: reported, abandoned, fenced off; the actor goes on."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from actors import Dispatcher
from supervision import ChildSpec
from supervision.errors import Fenced, HandlerHung
from supervision.events import ChildAbandoned, ChildFailed, HandlerAbandoned
from supervision.testing import ManualClock
from tests.runtime.parts import PATIENCE, Gate, Grove, Journal, Scripted, dispatcher


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def pool(clock: ManualClock) -> Iterator[Dispatcher]:
    with dispatcher("hang-pool", 1, clock=clock, handler_deadline=5.0, spare_threads=2) as pool:
        yield pool


@pytest.fixture
def grove(pool: Dispatcher, clock: ManualClock) -> Iterator[Grove]:
    grove = Grove(pool, clock)
    yield grove
    grove.stop()


@pytest.fixture
def journal() -> Journal:
    return Journal()


class Hang:
    """A message whose handler stands still the first time, and then does what it is told."""

    def __init__(self, times: int = 1) -> None:
        self.gates = [Gate() for _ in range(times)]
        self.left = list(self.gates)
        self.returned = threading.Event()
        self.afterwards: list[Any] = []
        self.then: Any = lambda actor: None

    def __call__(self, actor: Scripted) -> str:
        if not self.left:
            actor.journal.add("done")
            return "done"
        gate = self.left.pop(0)
        gate.stand()
        try:
            self.afterwards.append(self.then(actor))
        except Fenced as error:
            self.afterwards.append(error)
        finally:
            self.returned.set()
        return "too late"


def test_a_hung_handler_is_reported_and_its_message_is_tried_once_more(
    grove: Grove, journal: Journal, clock: ManualClock, pool: Dispatcher
) -> None:
    grove.start(ChildSpec("one", Scripted.on(pool, journal)))
    hang = Hang()
    grove.directory.tell("one", hang)
    hang.gates[0].wait()
    grove.directory.tell("one", "waiting")
    clock.advance(4.9)
    assert pool.state().abandoned == 0
    clock.advance(0.2)
    journal.wait_for("waiting")

    assert journal.entries == ["done", "waiting"]
    report = grove.wait_for_event(HandlerAbandoned, "one")
    assert report.replaced
    assert report.dispatcher == "hang-pool"
    assert "gate.stand()" in report.stack
    failure = grove.wait_for_event(ChildFailed, "one").failure
    assert failure.phase == "hang"
    assert isinstance(failure.exception, HandlerHung)
    assert "within 5 s" in str(failure.exception)
    assert pool.state().abandoned == 1
    hang.gates[0].open()
    assert hang.returned.wait(PATIENCE)


def test_a_message_that_hangs_twice_is_a_dead_letter(
    grove: Grove, journal: Journal, clock: ManualClock, pool: Dispatcher
) -> None:
    grove.start(ChildSpec("one", Scripted.on(pool, journal)))
    hang = Hang(times=2)
    grove.directory.tell("one", hang)
    grove.directory.tell("one", "next")
    for gate in hang.gates:
        gate.wait()
        clock.advance(6)
    journal.wait_for("next")

    assert grove.dead() == [hang]
    for gate in hang.gates:
        gate.open()


def test_an_asker_of_a_hung_handler_is_answered(
    grove: Grove, journal: Journal, clock: ManualClock, pool: Dispatcher
) -> None:
    grove.start(ChildSpec("one", Scripted.on(pool, journal)))
    hang = Hang()
    asked = grove.directory.ask("one", hang)
    hang.gates[0].wait()
    clock.advance(6)
    with pytest.raises(HandlerHung):
        asked.get(timeout=PATIENCE)
    hang.gates[0].open()
    assert hang.returned.wait(PATIENCE)

    with pytest.raises(HandlerHung):
        asked.get(timeout=PATIENCE)


@pytest.mark.parametrize(
    "deed",
    [
        lambda me: me.actor_ref.tell("from the past"),
        lambda me: me.actor_ref.ask("from the past", block=False),
        lambda me: me.timers.once(0, "from the past"),
        lambda me: me.pipe(None),
        lambda me: me.watch(me.actor_ref),
        lambda me: me.stop(),
        lambda me: Scripted.start_on(me._cell.dispatcher, me.journal),
    ],
)
def test_what_an_abandoned_incarnation_does_reaches_nobody(
    grove: Grove, journal: Journal, clock: ManualClock, pool: Dispatcher, deed: Any
) -> None:
    grove.start(ChildSpec("one", Scripted.on(pool, journal)))
    hang = Hang()

    def then(me: Any) -> Any:
        journal.add(("current", me.is_current()))
        return deed(me)

    hang.then = then
    grove.directory.tell("one", hang)
    hang.gates[0].wait()
    clock.advance(6)
    journal.wait_for("done")
    hang.gates[0].open()
    assert hang.returned.wait(PATIENCE)
    grove.directory.ask("one", "last").get(timeout=PATIENCE)

    assert journal.entries == ["done", ("current", False), "last"]
    assert isinstance(hang.afterwards[0], Fenced)
    assert grove.directory.ask("one", lambda me: me.is_current()).get(timeout=PATIENCE)


def test_the_pool_has_as_many_threads_as_before_when_handlers_return(
    grove: Grove, journal: Journal, clock: ManualClock, pool: Dispatcher
) -> None:
    grove.start(ChildSpec("one", Scripted.on(pool, journal)))
    for _ in range(4):
        hang = Hang()
        grove.directory.tell("one", hang)
        hang.gates[0].wait()
        clock.advance(6)
        journal.wait_for("done")
        hang.gates[0].open()
        assert hang.returned.wait(PATIENCE)
    grove.directory.ask("one", "last").get(timeout=PATIENCE)

    assert len([t for t in threading.enumerate() if t.name.startswith("hang-pool")]) <= 2
    assert pool.state().threads == 1


def test_without_a_spare_the_thread_serves_again_when_it_returns(
    journal: Journal, clock: ManualClock
) -> None:
    with dispatcher("small", 1, clock=clock, handler_deadline=5.0, spare_threads=0) as pool:
        grove = Grove(pool, clock)
        grove.start(ChildSpec("one", Scripted.on(pool, journal)))
        hang = Hang()
        grove.directory.tell("one", hang)
        hang.gates[0].wait()
        clock.advance(6)
        assert not grove.wait_for_event(HandlerAbandoned).replaced
        assert journal.entries == []
        hang.gates[0].open()
        journal.wait_for("done")
        assert pool.state().threads == 1
        grove.stop()


def test_a_spare_that_comes_free_serves_where_all_have_hung(clock: ManualClock) -> None:
    with dispatcher("spared", 1, clock=clock, handler_deadline=5.0, spare_threads=1) as pool:
        grove = Grove(pool, clock)
        grove.start(*(ChildSpec(name, Scripted.on(pool, Journal())) for name in "abc"))
        hangs = {name: Hang() for name in "ab"}
        for name, hang in hangs.items():
            grove.directory.tell(name, hang)
            hang.gates[0].wait()
            clock.advance(6)
            grove.wait_for_event(HandlerAbandoned, name)
        asked = grove.directory.ask("c", "well?")
        assert pool.state().threads == 0
        hangs["a"].gates[0].open()
        assert asked.get(timeout=PATIENCE / 2) == "well?"  # while the other stands
        hangs["b"].gates[0].open()
        grove.stop()


def test_a_hung_on_start_and_on_stop_are_hangs_too(
    grove: Grove, journal: Journal, clock: ManualClock, pool: Dispatcher
) -> None:
    starts, stops = [Gate()], [Gate()]

    class Slow(Scripted):
        def on_stop(self) -> None:
            if stops:
                stops.pop().stand()
            super().on_stop()

    gates = [*starts, *stops]
    spare = Journal()

    def on_start(_: Any) -> None:
        spare.add("starting")
        if starts and len(spare.entries) > 1:
            starts.pop().stand()

    grove.start(ChildSpec("one", Slow.on(pool, journal, on_start)))
    ref = grove.directory.get("one")
    stopped = ref.stop(block=False)
    gates[1].wait()
    clock.advance(6)
    assert stopped.get(timeout=PATIENCE) is True
    gates[0].wait()
    clock.advance(6)
    assert ref.ask("up", timeout=PATIENCE) == "up"

    phases = [e.failure.phase for e in grove.events.entries if isinstance(e, ChildFailed)]
    assert phases == ["hang", "hang"]
    for gate in gates:
        gate.open()


def test_a_child_that_does_not_stop_in_time_is_abandoned_and_named(
    grove: Grove, journal: Journal, clock: ManualClock, pool: Dispatcher
) -> None:
    root = grove.start(ChildSpec("one", Scripted.on(pool, journal), shutdown=2.0))
    hang = Hang()
    grove.directory.tell("one", hang)
    grove.directory.tell("one", "left over")
    hang.gates[0].wait()
    stopping = threading.Thread(target=root.stop)
    stopping.start()
    while "one" in grove.directory:
        clock.advance(0.5)
        stopping.join(0.01)
    stopping.join(PATIENCE)

    assert root.stop().abandoned == ("one",)
    assert grove.wait_for_event(ChildAbandoned) == ChildAbandoned("one", 2.0)
    hang.gates[0].open()
    assert hang.returned.wait(PATIENCE)
    assert journal.entries == []


def test_the_trees_own_deadline_abandons_whoever_is_left(
    grove: Grove, journal: Journal, pool: Dispatcher
) -> None:
    root = grove.start(
        ChildSpec("first", Scripted.on(pool, journal)),
        ChildSpec("stuck", Scripted.on(pool, journal), shutdown=float("inf")),
    )
    hang = Hang()
    grove.directory.tell("stuck", hang)
    hang.gates[0].wait()

    # A single thread: with it stuck even "first" can only be abandoned or run on the spare.
    report = root.stop(deadline=0.05)
    assert report.abandoned[0] == "stuck"
    assert not report.clean
    hang.gates[0].open()


def test_an_unsupervised_hung_actor_ends(
    journal: Journal, clock: ManualClock, pool: Dispatcher, caplog: pytest.LogCaptureFixture
) -> None:
    ref = Scripted.start_on(pool, journal)
    hang = Hang()
    asked = ref.ask(hang, block=False)
    hang.gates[0].wait()
    clock.advance(6)
    with pytest.raises(HandlerHung):
        asked.get(timeout=PATIENCE)
    assert ref.actor_stopped.wait(PATIENCE)
    assert "was abandoned" in caplog.text
    hang.gates[0].open()


def test_a_quick_handler_is_never_taken_for_a_hung_one(
    grove: Grove, journal: Journal, clock: ManualClock, pool: Dispatcher
) -> None:
    grove.start(ChildSpec("one", Scripted.on(pool, journal)))
    for i in range(200):
        grove.directory.tell("one", i)
        if i % 10 == 0:
            clock.advance(4)
    journal.wait_for(199)

    assert journal.entries == list(range(200)) or grove.wait_for_event(HandlerAbandoned)
    clock.advance(100)
    assert clock.pending() == 0

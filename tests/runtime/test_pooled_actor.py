"""What a pooled actor adds: bounds, lanes, turns, timers, pipes, watches, no blocking."""

import concurrent.futures
import math
import threading
from collections.abc import Iterator
from typing import Any

import pykka
import pytest

from actors import Dispatcher, PooledActor, Terminated
from actors.runtime import PooledFuture, default_dispatcher
from supervision.errors import (
    CannotPipe,
    DispatcherStopped,
    MailboxFull,
    NotAnActor,
    SpecError,
    WouldBlock,
)
from supervision.testing import ManualClock
from tests.runtime.parts import PATIENCE, Gate, Journal, Scripted, dispatcher


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def pool(clock: ManualClock) -> Iterator[Dispatcher]:
    with dispatcher(clock=clock, handler_deadline=math.inf) as pool:
        yield pool


@pytest.fixture
def journal() -> Journal:
    return Journal()


class Slowly:
    """A message whose handling takes time on a clock."""

    def __init__(self, entry: Any, journal: Journal, clock: ManualClock, seconds: float) -> None:
        self.entry, self.journal, self.clock, self.seconds = entry, journal, clock, seconds

    def __call__(self, actor: Scripted) -> None:
        self.journal.add(self.entry)
        self.clock.advance(self.seconds)


def ask(ref: pykka.ActorRef[Any], message: Any) -> Any:
    return ref.ask(message, timeout=PATIENCE)


def test_a_class_may_stay_out_of_pykkas_registry(pool: Dispatcher, journal: Journal) -> None:
    ref = Scripted.start_on(pool, journal)

    assert ref not in pykka.ActorRegistry.get_all()
    assert ask(ref, "hello") == "hello"


def test_a_full_mailbox_refuses_the_sender_and_counts(pool: Dispatcher, journal: Journal) -> None:
    class Small(Scripted):
        mailbox_bound = 2

    gate = Gate()
    ref = Small.start_on(pool, journal)
    ref.tell(lambda _: gate.stand())
    gate.wait()
    ref.tell(1)
    ref.tell(2)

    with pytest.raises(MailboxFull, match="bound of 2"):
        ref.tell(3)
    with pytest.raises(MailboxFull):
        ref.ask(4, block=False).get(timeout=PATIENCE)
    gate.open()
    journal.wait_for(2)
    assert journal.entries == [1, 2]
    assert ref._cell.look().refused == 2  # type: ignore[attr-defined]  # the ref is ours


def test_a_stop_goes_before_the_bulk_when_its_time_is_up(
    pool: Dispatcher, journal: Journal, clock: ManualClock
) -> None:
    gate = Gate()
    ref = Scripted.start_on(pool, journal)
    ref.tell(lambda _: gate.stand())
    for i in range(10):
        ref.tell(Slowly(i, journal, clock, 0.04))
    stopped = ref.stop(block=False)
    gate.open()

    assert stopped.get(timeout=PATIENCE) is True
    assert journal.entries == [0, 1, 2, "stopped"]


def test_a_stop_can_be_set_to_wait_for_none_or_for_all(
    pool: Dispatcher, journal: Journal, clock: ManualClock
) -> None:
    for seconds, expected in [(0.0, ["stopped"]), (math.inf, [0, 1, 2, "stopped"])]:
        journal, gate = Journal(), Gate()
        kind: Any = type("Draining", (Scripted,), {"drain_seconds": seconds})
        ref = kind.start_on(pool, journal)
        ref.tell(lambda _, gate=gate: gate.stand())
        gate.wait()
        for i in range(3):
            ref.tell(Slowly(i, journal, clock, 9))
        stopped = ref.stop(block=False)
        gate.open()
        stopped.get(timeout=PATIENCE)
        assert journal.entries == expected


def test_a_busy_actor_goes_to_the_back_after_its_turn(journal: Journal) -> None:
    with dispatcher(threads=1, throughput=2) as pool:
        gate = Gate()
        first, busy, other = (Scripted.start_on(pool, journal) for _ in range(3))
        ask(busy, "")
        ask(other, "")
        first.tell(lambda _: gate.stand())
        gate.wait()
        for i in range(5):
            busy.tell(i)
        other.tell("other")
        gate.open()
        journal.wait_for(4)

        assert [each for each in journal.entries if each != ""] == [0, 1, "other", 2, 3, 4]


def test_a_class_may_set_its_own_turn(journal: Journal) -> None:
    class Eager(Scripted):
        throughput = 1

    with dispatcher(threads=1) as pool:
        gate = Gate()
        first, eager, other = (
            Scripted.start_on(pool, journal),
            Eager.start_on(pool, journal),
            Scripted.start_on(pool, journal),
        )
        first.tell(lambda _: gate.stand())
        gate.wait()
        eager.tell(1)
        eager.tell(2)
        other.tell("other")
        gate.open()
        journal.wait_for(2)
        assert journal.entries == [1, "other", 2]


def test_a_blocking_get_on_a_pool_thread_names_the_right_way(
    pool: Dispatcher, journal: Journal
) -> None:
    other = Scripted.start_on(pool, journal)
    ref = Scripted.start_on(pool, journal)

    for block in (
        lambda _: other.ask("never sent"),
        lambda _: other.stop(),
        lambda _: PooledFuture[int]().get(),
        lambda _: PooledFuture[int]().get(timeout=1),
        lambda _: other.actor_stopped.wait(),
    ):
        with pytest.raises(WouldBlock, match=r"self\.pipe"):
            ask(ref, block)
    assert other.is_alive()
    assert journal.entries == []
    with pytest.raises(pykka.Timeout):
        ask(ref, lambda _: PooledFuture[int]().get(timeout=0))


def test_a_get_that_need_not_wait_is_fine_anywhere(pool: Dispatcher, journal: Journal) -> None:
    future = PooledFuture[int]()
    future.set(5)

    assert ask(Scripted.start_on(pool, journal), lambda _: future.get()) == 5


def test_actors_of_a_blocking_dispatcher_may_wait_but_not_for_themselves(
    pool: Dispatcher, journal: Journal
) -> None:
    with dispatcher("test-io", blocking=True) as io:
        other = Scripted.start_on(pool, journal)
        ref = Scripted.start_on(io, journal)

        assert ask(ref, lambda _: other.ask("waited for")) == "waited for"
        with pytest.raises(WouldBlock, match="wait for itself"):
            ask(ref, lambda me: me.actor_ref.ask("deadlock"))


def test_a_timer_rings_once_through_the_control_lane(
    pool: Dispatcher, journal: Journal, clock: ManualClock
) -> None:
    ref = Scripted.start_on(pool, journal)
    ask(ref, lambda me: me.timers.once(5, "ring") and None)
    clock.advance(4.9)
    assert clock.pending() == 1
    clock.advance(0.1)
    journal.wait_for("ring")
    clock.advance(50)
    ask(ref, "after")

    assert journal.entries == ["ring", "after"]
    assert ref._cell.timers is None  # type: ignore[attr-defined]  # the ref is ours


def test_a_repeated_timer_skips_what_came_due_while_a_tick_waits(
    pool: Dispatcher, journal: Journal, clock: ManualClock
) -> None:
    gate = Gate()
    ref = Scripted.start_on(pool, journal)
    ask(ref, lambda me: me.timers.every(1, "tick", first=0.5) and None)
    clock.advance(0.5)
    journal.wait_for("tick")
    ref.tell(lambda _: gate.stand())
    gate.wait()
    clock.advance(10)
    gate.open()
    ask(ref, "after")

    assert journal.entries == ["tick", "tick", "after"]
    ref.stop(timeout=PATIENCE)
    assert clock.pending() == 0


def test_a_cancelled_timer_is_not_handled_even_if_it_has_rung(
    pool: Dispatcher, journal: Journal, clock: ManualClock
) -> None:
    ref = Scripted.start_on(pool, journal)

    def ring_and_cancel(me: Any) -> None:
        timer = me.timers.once(1, "no")
        clock.advance(2)
        timer.cancel()
        repeated = me.timers.every(1, "no")
        repeated.cancel()
        clock.advance(5)

    ask(ref, ring_and_cancel)
    ask(ref, "after")
    assert journal.entries == ["after"]
    assert clock.pending() == 0


def test_an_interval_of_nothing_is_refused(pool: Dispatcher, journal: Journal) -> None:
    with pytest.raises(ValueError, match="above 0"):
        ask(Scripted.start_on(pool, journal), lambda me: me.timers.every(0, "tick"))


def test_neither_lane_starves_the_other(
    pool: Dispatcher, journal: Journal, clock: ManualClock
) -> None:
    gate = Gate()
    ref = Scripted.start_on(pool, journal)

    def set_timers(me: Any) -> None:
        for i in range(5):
            me.timers.once(0, ("timer", i))
        gate.stand()

    ref.tell(set_timers)
    gate.wait()
    for i in range(5):
        ref.tell(("bulk", i))
    clock.advance(0)
    gate.open()
    journal.wait_until(lambda entries: len(entries) == 10)

    kinds = [kind for kind, _ in journal.entries]
    assert kinds == ["timer", "bulk"] * 5


def test_the_result_of_a_future_comes_as_a_message(pool: Dispatcher, journal: Journal) -> None:
    other = Scripted.start_on(pool, journal)
    ref = Scripted.start_on(pool, journal)

    def pipe_all(me: Any) -> None:
        asked = other.ask("x", block=False)
        me.pipe(asked)
        me.pipe(asked.map(lambda x: x * 2), ok=lambda x: (x, here()))
        me.pipe(asked.join(other.ask("y", block=False)), ok=lambda both: ("both", *both))
        me.pipe(other.ask(lambda _: 1 / 0, block=False), failed=lambda e: type(e).__name__)
        me.pipe(asked, ok=lambda _: None)
        me.pipe(
            asked.filter(str.isalpha),
            ok=lambda each: f"{len(list(each))} letter",
            failed=lambda _: None,
        )

    def here() -> bool:
        return threading.current_thread().name.startswith("test-pool")

    ask(ref, pipe_all)
    wanted = {"x", ("xx", True), ("both", "x", "y"), "ZeroDivisionError", "1 letter"}
    journal.wait_until(lambda entries: wanted <= set(entries))


def test_futures_of_executors_can_be_piped(pool: Dispatcher, journal: Journal) -> None:
    with concurrent.futures.ThreadPoolExecutor(1) as executor:
        future = executor.submit(lambda: "from an executor")
        ask(Scripted.start_on(pool, journal), lambda me: me.pipe(future))
        journal.wait_for("from an executor")


def test_a_future_that_tells_nobody_cannot_be_piped(pool: Dispatcher, journal: Journal) -> None:
    hooked = PooledFuture[int]()
    hooked.set_get_hook(lambda _: 1)
    ref = Scripted.start_on(pool, journal)

    with pytest.raises(CannotPipe, match="get hook"):
        ask(ref, lambda me: me.pipe(hooked))
    with pytest.raises(CannotPipe, match="make the answering actor a PooledActor"):
        ask(ref, lambda me: me.pipe(pykka.ThreadingFuture()))


def test_whoever_watches_is_told_once_and_why(pool: Dispatcher, journal: Journal) -> None:
    watcher = Scripted.start_on(pool, journal)
    stopped, failed, unwatched = (Scripted.start_on(pool, Journal()) for _ in range(3))
    for ref in (stopped, stopped, failed, unwatched):
        ask(watcher, lambda me, ref=ref: me.watch(ref))
    ask(watcher, lambda me: me.unwatch(unwatched))
    unwatched.stop(timeout=PATIENCE)
    stopped.stop(timeout=PATIENCE)
    failed.tell(lambda _: 1 / 0)
    told = journal.wait_until(lambda entries: len(entries) == 2)
    ask(watcher, lambda me: me.watch(failed))
    told = journal.wait_until(lambda entries: len(entries) == 3)

    assert all(isinstance(each, Terminated) for each in told)
    assert [each.ref for each in told[1:]] == [failed, failed]
    assert told[0].reason is None
    assert isinstance(told[1].reason.exception, ZeroDivisionError)
    assert told[1] == told[2]


def test_a_watcher_that_ends_leaves_nothing_behind(pool: Dispatcher, journal: Journal) -> None:
    watcher, watched = (Scripted.start_on(pool, journal) for _ in range(2))
    ask(watcher, lambda me: me.watch(watched))
    watcher.stop(timeout=PATIENCE)

    assert not watched._cell.watchers  # type: ignore[attr-defined]  # the ref is ours


def test_only_pooled_actors_can_be_watched(pool: Dispatcher, journal: Journal) -> None:
    class Plain(pykka.ThreadingActor):
        use_daemon_thread = True

    plain = Plain.start()
    with pytest.raises(NotAnActor):
        ask(Scripted.start_on(pool, journal), lambda me: me.watch(plain))
    plain.stop()


@pytest.mark.parametrize(
    "wrong",
    [
        {"mailbox_bound": 0},
        {"throughput": 0},
        {"handler_deadline": 0},
        {"drain_seconds": -1},
    ],
)
def test_a_class_with_a_senseless_setting_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(SpecError, match=f"Wrong.{next(iter(wrong))}"):
        type("Wrong", (PooledActor,), wrong)


def test_senseless_dispatchers_are_refused() -> None:
    with pytest.raises(SpecError):
        Dispatcher("none", 0)
    with pytest.raises(SpecError):
        Dispatcher("none", 1, throughput=0)
    with pytest.raises(NotAnActor, match="expected a Dispatcher"):
        PooledActor.on("pool")  # type: ignore[arg-type]  # the mistake


def test_threads_are_named_start_late_and_end(journal: Journal) -> None:
    pool = Dispatcher("named", 3)
    assert pool.state().threads == 0
    refs = [Scripted.start_on(pool, journal) for _ in range(20)]
    for ref in refs:
        ask(ref, "x")
    names = {thread.name for thread in threading.enumerate() if thread.name.startswith("named-")}
    assert names == {"named-1", "named-2", "named-3"}
    assert pool.state().threads == 3
    assert pool.stop(PATIENCE) == []
    assert not [t for t in threading.enumerate() if t.name.startswith("named-")]


def test_a_stopped_dispatcher_answers_whoever_waits(journal: Journal) -> None:
    pool = Dispatcher("ending", 1)
    gate = Gate()
    ref, other = Scripted.start_on(pool, journal), Scripted.start_on(pool, journal)
    ask(other, "up")
    ref.tell(lambda _: gate.stand())
    gate.wait()
    waiting = ref.ask("waits", block=False)
    queued = other.ask("queued", block=False)
    assert pool.stop(deadline=0.01) == ["ending-1"]
    gate.open()

    with pytest.raises(pykka.ActorDeadError):
        queued.get(timeout=PATIENCE)
    assert waiting.get(timeout=PATIENCE) == "waits"
    with pytest.raises(pykka.ActorDeadError):
        other.tell("late")
    with pytest.raises(DispatcherStopped):
        Scripted.start_on(pool, journal)


def test_the_default_dispatcher_ends_its_threads_with_its_last_actor() -> None:
    class Short(PooledActor):
        def on_receive(self, message: Any) -> str:
            return threading.current_thread().name

    first = Short.start()
    name = ask(first, "?")
    assert name.startswith("actors-")
    threads = [t for t in threading.enumerate() if t.name.startswith("actors-") and not t.daemon]
    assert threads
    first.stop(timeout=PATIENCE)
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive()
    again = Short.start()
    assert ask(again, "?").startswith("actors-")
    again.stop(timeout=PATIENCE)
    assert default_dispatcher() is default_dispatcher()


def test_an_instance_nobody_started_can_be_used_as_an_object() -> None:
    class Adding(PooledActor):
        def add(self, a: int, b: int) -> int:
            return a + b

    lone = Adding()
    assert lone.add(1, 2) == 3
    assert lone.is_current()
    assert not lone.actor_stopped.is_set()
    assert str(lone).startswith("Adding (urn:uuid:")


def test_an_inbox_takes_envelopes_of_plain_refs(pool: Dispatcher, journal: Journal) -> None:
    from pykka._envelope import Envelope
    from pykka.messages import _ActorStop

    ref = Scripted.start_on(pool, journal)
    ref.actor_inbox.put(Envelope("by envelope"))
    journal.wait_for("by envelope")
    future: PooledFuture[Any] = PooledFuture()
    ref.actor_inbox.put(Envelope(_ActorStop(), reply_to=future))

    assert future.get(timeout=PATIENCE) is True
    assert ref.actor_inbox.empty()
    with pytest.raises(NotImplementedError):
        ref.actor_inbox.get()
    with pytest.raises(NotImplementedError):
        ref.actor_stopped.clear()


def test_actor_stopped_can_be_set_and_waited_for(pool: Dispatcher, journal: Journal) -> None:
    ref = Scripted.start_on(pool, journal)
    stopped = ref.actor_stopped
    assert not stopped.wait(0.0)
    stopped.set()
    assert stopped.wait(PATIENCE)
    assert stopped.wait(PATIENCE)
    journal.wait_for("stopped")

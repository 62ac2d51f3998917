"""Pooled actors under a supervisor: restarts in place, poison, failures of every kind."""

import threading
from collections.abc import Iterator
from typing import Any

import pykka
import pytest

from actors import Dispatcher, PooledActor, Terminated
from actors.runtime.testing import Crash, crash
from supervision import ChildSpec, Intensity, Root, Supervisor
from supervision.errors import NotAnActor, StartFailed
from supervision.events import (
    ChildFailed,
    ChildGivenUp,
    ChildStarted,
    ChildStopped,
    MessageDied,
    MessageUndelivered,
)
from supervision.testing import ManualClock
from tests.runtime.parts import NO_WAIT, PATIENCE, Gate, Grove, Journal, Scripted, dispatcher


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def grove(clock: ManualClock) -> Iterator[Grove]:
    with dispatcher(clock=clock) as pool:
        grove = Grove(pool, clock)
        yield grove
        grove.stop()


@pytest.fixture
def journal() -> Journal:
    return Journal()


class Poison:
    """A message that makes its handler raise, so many times."""

    def __init__(self, error: BaseException, times: int = 1000) -> None:
        self.error = error
        self.left = times
        self.seen_by: list[int] = []

    def __call__(self, actor: Scripted) -> str:
        self.seen_by.append(id(actor))
        self.left -= 1
        if self.left >= 0:
            raise self.error
        actor.journal.add("cured")
        return "cured"


def spec(grove: Grove, journal: Journal, name: Any = "one", **settings: Any) -> ChildSpec:
    on_start = settings.pop("on_start", None)
    return ChildSpec(name, Scripted.on(grove.pool, journal, on_start), **settings)


def test_a_restart_keeps_ref_and_mailbox_and_builds_the_state_anew(
    grove: Grove, journal: Journal
) -> None:
    grove.start(spec(grove, journal))
    ref = grove.directory.get("one")
    gate = Gate()
    ref.tell("before")
    ref.tell(lambda _: gate.stand())
    gate.wait()
    ref.tell(Poison(ValueError("once"), 1))
    for i in range(100):
        ref.tell(i)
    gate.open()
    journal.wait_for(99)

    assert journal.entries == ["before", "cured", *range(100)]
    assert grove.directory.get("one") is ref
    assert ref.ask(lambda me: me.handled, timeout=PATIENCE) == 102
    assert grove.dead() == []


def test_a_message_that_fails_twice_is_a_dead_letter_with_its_stack(
    grove: Grove, journal: Journal
) -> None:
    grove.start(spec(grove, journal))
    poison = Poison(ValueError("poison"))
    grove.directory.tell("one", poison)
    grove.directory.tell("one", "next")
    journal.wait_for("next")

    [letter] = grove.letters.entries
    assert (letter.name, letter.message) == ("one", poison)
    assert str(letter.exception) == "poison"
    assert "raise self.error" in letter.stack
    assert len(set(poison.seen_by)) == len(poison.seen_by) == 2
    assert grove.wait_for_event(MessageDied).letter is letter


def test_a_class_may_do_without_the_second_try(grove: Grove, journal: Journal) -> None:
    class Impatient(Scripted):
        retries_poison = False

    grove.start(ChildSpec("one", Impatient.on(grove.pool, journal)))
    poison = Poison(ValueError("poison"))
    grove.directory.tell("one", poison)
    grove.directory.tell("one", "next")
    journal.wait_for("next")

    assert len(poison.seen_by) == 1
    assert grove.dead() == [poison]


def test_an_asker_gets_its_exception_and_the_actor_restarts(grove: Grove, journal: Journal) -> None:
    grove.start(spec(grove, journal))
    poison = Poison(KeyError("asked"))
    with pytest.raises(KeyError, match="asked"):
        grove.directory.ask("one", poison).get(timeout=PATIENCE)

    assert grove.directory.ask("one", lambda me: me.handled).get(timeout=PATIENCE) == 1
    assert len(poison.seen_by) == 1
    assert grove.dead() == []
    assert grove.wait_for_event(ChildFailed).failure.phase == "message"


def test_a_failing_proxy_call_restarts_the_actor(grove: Grove) -> None:
    class Asked(PooledActor):
        def __init__(self) -> None:
            super().__init__()
            self.calls = 0

        def call(self, fail: bool) -> int:
            self.calls += 1
            if fail:
                raise LookupError("in a proxy call")
            return self.calls

    grove.start(ChildSpec("one", Asked.on(grove.pool)))
    ref = grove.directory.get("one")
    assert ref in pykka.ActorRegistry.get_all()
    proxy: Any = ref.proxy()
    assert proxy.call(fail=False).get(timeout=PATIENCE) == 1
    with pytest.raises(LookupError):
        proxy.call(fail=True).get(timeout=PATIENCE)
    assert proxy.call(fail=False).get(timeout=PATIENCE) == 1
    grove.stop()
    assert ref not in pykka.ActorRegistry.get_all()


def test_timers_piped_results_and_their_callbacks_may_fail(
    grove: Grove, journal: Journal, clock: ManualClock
) -> None:
    grove.start(spec(grove, journal), spec(grove, Journal(), "other"))
    one, other = grove.directory.get("one"), grove.directory.get("other")
    one.ask(lambda me: me.timers.once(1, Poison(ValueError("timer"), 1)) and None, timeout=PATIENCE)
    clock.advance(1)
    journal.wait_for("cured")
    one.ask(lambda me: me.pipe(other.ask("x", block=False), ok=lambda _: 1 / 0), timeout=PATIENCE)
    one.ask(lambda me: None, timeout=PATIENCE)
    grove.letters.wait_until(lambda letters: len(letters) == 1)
    one.ask(
        lambda me: me.pipe(other.ask(Poison(OSError("elsewhere")), block=False)), timeout=PATIENCE
    )
    grove.letters.wait_until(lambda letters: len(letters) == 2)

    kinds = [type(letter.exception) for letter in grove.letters.entries]
    assert kinds == [ZeroDivisionError, OSError]


def test_timers_and_pipes_end_with_their_incarnation(
    grove: Grove, journal: Journal, clock: ManualClock
) -> None:
    grove.start(spec(grove, journal), spec(grove, Journal(), "other"))
    one, other = grove.directory.get("one"), grove.directory.get("other")
    gate = Gate()
    other.tell(lambda _: gate.stand())
    gate.wait()

    def arrange(me: Any) -> None:
        me.timers.every(1, "tick")
        me.pipe(other.ask("answer", block=False))

    one.ask(arrange, timeout=PATIENCE)
    crash(one)
    one.ask(lambda me: None, timeout=PATIENCE)
    clock.advance(5)
    gate.open()
    other.ask("x", timeout=PATIENCE)
    one.ask("last", timeout=PATIENCE)

    assert journal.entries == ["last"]


@pytest.mark.parametrize("error", [SystemExit(3), MemoryError("full"), GeneratorExit()])
def test_a_base_exception_is_that_actors_failure_alone(
    grove: Grove, journal: Journal, error: BaseException
) -> None:
    other = Journal()
    grove.start(spec(grove, journal), spec(grove, other, "other"))
    grove.directory.tell("one", Poison(error, 1))
    journal.wait_for("cured")
    with pytest.raises(type(error)):
        grove.directory.ask("one", Poison(error, 1)).get(timeout=PATIENCE)
    grove.directory.ask("other", "hello").get(timeout=PATIENCE)

    assert other.entries == ["hello"]
    assert threading.active_count() > 1


def test_a_failing_on_start_is_tried_again_and_the_mailbox_waits(
    grove: Grove, journal: Journal
) -> None:
    left = [0]

    def on_start(_: Any) -> None:
        left[0] -= 1
        if left[0] >= 0:
            raise OSError("not yet")

    grove.start(spec(grove, journal, on_start=on_start))
    left[0] = 3
    poison = Poison(ValueError("once"), 1)
    grove.directory.tell("one", poison)
    grove.directory.tell("one", "after")
    journal.wait_for("after")

    assert journal.entries == ["cured", "after"]
    phases = [e.failure.phase for e in grove.events.entries if isinstance(e, ChildFailed)]
    assert phases == ["message", "start", "start", "start"]


def test_a_tree_that_cannot_start_says_why_and_stops_what_had_started(
    grove: Grove, journal: Journal
) -> None:
    def broken(_: Any) -> None:
        raise OSError("no disk")

    with pytest.raises(StartFailed, match="'two' below 'root' did not start") as caught:
        grove.start(spec(grove, journal), spec(grove, journal, "two", on_start=broken))

    assert isinstance(caught.value.__cause__, OSError)
    assert journal.entries == ["stopped"]
    assert len(grove.directory) == 0


def test_a_tree_says_if_it_does_not_start_in_time(grove: Grove, journal: Journal) -> None:
    gate = Gate()
    root = Root([spec(grove, journal, on_start=lambda _: gate.stand(), shutdown=0)])
    with pytest.raises(StartFailed, match=r"within 0\.01 s"):
        root.start(timeout=0.01)
    gate.open()
    with pytest.raises(StartFailed, match="not started yet"):
        root.start()


def test_an_init_that_raises_is_raised_by_start_child(grove: Grove) -> None:
    class Broken(PooledActor):
        def __init__(self) -> None:
            raise ValueError("init")

    root = grove.start()
    users = root.supervisor("root")
    with pytest.raises(ValueError, match="init"):
        users.start_child(ChildSpec("broken", Broken.on(grove.pool)))
    assert users.count() == 0
    assert "broken" not in grove.directory
    with pytest.raises(StartFailed) as caught:
        Grove(grove.pool, grove.clock).start(ChildSpec("broken", Broken.on(grove.pool)))
    assert isinstance(caught.value.__cause__, ValueError)


def test_a_stopped_dispatcher_fails_the_start(grove: Grove, journal: Journal) -> None:
    gone = Dispatcher("gone")
    gone.stop()
    with pytest.raises(StartFailed):
        grove.start(ChildSpec("one", Scripted.on(gone, journal)))


def test_on_failure_is_called_on_the_old_instance_and_may_fail_too(grove: Grove) -> None:
    journal = Journal()

    class Failing(Scripted):
        def on_failure(self, kind: Any, value: Any, traceback: Any) -> None:
            self.journal.add((kind, id(self)))
            raise RuntimeError("in on_failure")

    grove.start(ChildSpec("one", Failing.on(grove.pool, journal)))
    poison = Poison(ValueError("once"), 1)
    grove.directory.tell("one", poison)
    journal.wait_for("cured")

    assert journal.entries[0] == (ValueError, poison.seen_by[0])
    failures = [e.failure for e in grove.events.entries if isinstance(e, ChildFailed)]
    assert sorted(type(f.exception).__name__ for f in failures) == ["RuntimeError", "ValueError"]


def test_a_permanent_actor_that_is_stopped_comes_back_with_its_mailbox(
    grove: Grove, journal: Journal
) -> None:
    grove.start(spec(grove, journal))
    ref = grove.directory.get("one")
    gate = Gate()
    ref.tell(lambda _: gate.stand())
    gate.wait()
    stopped = ref.stop(block=False)
    ref.tell("after the stop")
    gate.open()

    assert stopped.get(timeout=PATIENCE) is True
    journal.wait_for("after the stop")
    assert journal.entries == ["stopped", "after the stop"]
    assert ref.is_alive()


def test_a_failing_on_stop_counts(grove: Grove, journal: Journal) -> None:
    class Sticky(Scripted):
        def on_stop(self) -> None:
            raise ValueError("on_stop")

    root = grove.start(ChildSpec("one", Sticky.on(grove.pool, journal), restart="transient"))
    ref = grove.directory.get("one")
    assert ref.stop(block=False).get(timeout=PATIENCE) is True
    assert ref.ask("back", timeout=PATIENCE) == "back"
    assert grove.wait_for_event(ChildFailed).failure.phase == "stop"
    assert root.stop(PATIENCE).clean
    assert len([e for e in grove.events.entries if isinstance(e, ChildFailed)]) == 2


def test_resume_goes_on_with_the_same_instance(grove: Grove, journal: Journal) -> None:
    grove.start(spec(grove, journal, on_error={ValueError: "resume"}))
    poison = Poison(ValueError("skip me"))
    grove.directory.tell("one", "x")
    grove.directory.tell("one", poison)
    grove.directory.tell("one", "y")
    journal.wait_for("y")

    assert grove.dead() == [poison]
    assert grove.directory.ask("one", lambda me: me.handled).get(timeout=PATIENCE) == 4


def test_a_poisoned_actor_that_is_not_restarted_leaves_a_dead_letter_and_the_undelivered(
    grove: Grove, journal: Journal
) -> None:
    grove.start(spec(grove, journal, restart="temporary"))
    ref = grove.directory.get("one")
    gate = Gate()
    ref.tell(lambda _: gate.stand())
    gate.wait()
    poison = Poison(ValueError("fatal"))
    ref.tell(poison)
    ref.tell("left over")
    asked = ref.ask("asked", block=False)
    gate.open()

    assert grove.wait_for_event(MessageUndelivered).message == "left over"
    with pytest.raises(pykka.ActorDeadError):
        asked.get(timeout=PATIENCE)
    assert grove.dead() == [poison]
    assert "one" not in grove.directory
    assert str(grove.wait_for_event(ChildStopped).failure.exception) == "fatal"


def test_a_watcher_hears_of_the_end_after_the_name_is_free(grove: Grove, journal: Journal) -> None:
    root = grove.start(ChildSpec("users", Supervisor()), spec(grove, journal, "router"))
    users, router = root.supervisor("users"), grove.directory.get("router")

    def start_again(terminated: Terminated) -> None:
        journal.add(("ended", terminated.name, terminated.reason))
        users.start_child(spec(grove, Journal(), terminated.name))
        journal.add("started again")

    class Router(Scripted):
        def on_receive(self, message: Any) -> Any:
            if isinstance(message, Terminated):
                return start_again(message)
            return super().on_receive(message)

    watching = users.start_child(ChildSpec("watching", Router.on(grove.pool, journal)))
    assert watching is not None
    for i in range(50):
        ref = users.start_child(spec(grove, Journal(), ("user", i)))
        watching.ask(lambda me, ref=ref: me.watch(ref), timeout=PATIENCE)
        users.terminate_child(("user", i))
    journal.wait_until(lambda entries: entries.count("started again") == 50)
    assert ("ended", ("user", 7), None) in journal.entries
    assert router.is_alive()


def test_a_failing_guest_is_given_up_alone(grove: Grove, journal: Journal) -> None:
    plan = Supervisor(intensity=Intensity(3, 60.0, per="child"), backoff=NO_WAIT)
    root = grove.start(ChildSpec("users", plan))
    users = root.supervisor("users")
    for name in ("bad", "good"):
        users.start_child(spec(grove, journal, name))
    for _ in range(4):
        with pytest.raises((ValueError, pykka.ActorDeadError)):
            grove.directory.ask("bad", Poison(ValueError())).get(timeout=PATIENCE)
    grove.wait_for_event(ChildGivenUp, "bad")
    grove.directory.ask("good", "hello").get(timeout=PATIENCE)

    assert journal.wait_for("hello")
    grove.wait_for_event(ChildStopped, "bad")


def test_every_actor_of_a_tree_can_be_killed_in_turn_and_no_message_is_lost(
    grove: Grove,
) -> None:
    journals = {name: Journal() for name in "abcd"}
    root = grove.start(
        spec(grove, journals["a"], "a"),
        ChildSpec("inner", Supervisor([spec(grove, journals[n], n) for n in "bc"])),
        spec(grove, journals["d"], "d"),
        strategy="rest_for_one",
    )
    for i, victim in enumerate("abcd" * 3):
        for name in "abcd":
            grove.directory.tell(name, i)
        if i % 4 == 3:
            crash(grove.directory.get(victim), Crash("killed"))
    for name, journal in journals.items():
        journal.wait_for(11)
        handled = [each for each in journal.entries if each != "stopped"]
        assert handled == list(range(12)), name
    assert {node.name for node in root.tree().walk()} >= set("abcd")
    assert grove.dead() == []
    assert any(e.restarts for e in grove.events.entries if isinstance(e, ChildStarted))


def test_when_the_root_gives_up_somebody_hears_of_it(grove: Grove, journal: Journal) -> None:
    grove.start(spec(grove, journal), intensity=Intensity(1, 10.0))
    grove.directory.tell("one", Poison(ValueError("again and again")))
    grove.given_up.wait_until(lambda failures: len(failures) == 1)

    assert "expected at most 1 restarts" in str(grove.given_up.entries[0].exception)


def test_only_pooled_actors_can_be_crashed() -> None:
    class Plain(pykka.ThreadingActor):
        use_daemon_thread = True

    plain = Plain.start()
    with pytest.raises(NotAnActor):
        crash(plain)
    plain.stop()

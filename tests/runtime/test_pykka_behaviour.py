"""What Pykka documents of actors holds for both kinds alike."""

import logging
import queue
import threading
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pykka
import pytest

from actors import PooledActor
from actors.runtime import PooledFuture

KINDS = [
    pytest.param(pykka.ThreadingActor, id="threading"),
    pytest.param(PooledActor, id="pooled"),
]
FUTURES = [
    pytest.param(pykka.ThreadingFuture, id="threading"),
    pytest.param(PooledFuture, id="pooled"),
]
PATIENCE = 10.0


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Iterator[type[pykka.Actor]]:
    yield request.param
    pykka.ActorRegistry.stop_all(timeout=PATIENCE)


@pytest.fixture(params=FUTURES)
def new_future(request: pytest.FixtureRequest) -> Callable[[], pykka.Future[Any]]:
    future: Callable[[], pykka.Future[Any]] = request.param
    return future


class Log:
    """What an actor went through, in order."""

    def __init__(self) -> None:
        self.entries: list[Any] = []
        self._changed = threading.Condition()

    def add(self, *entry: Any) -> None:
        with self._changed:
            self.entries.append(entry if len(entry) > 1 else entry[0])
            self._changed.notify_all()

    def wait_for(self, entry: Any) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: entry in self.entries, PATIENCE), self.entries


class Part:
    """A traversable attribute."""

    pykka_traversable = True
    color = "red"

    def twice(self, n: int) -> int:
        return 2 * n


def recorder(kind: type[pykka.Actor], log: Log) -> type[pykka.Actor]:
    class Recorder(kind):  # type: ignore[misc, valid-type]  # the base is the parameter
        part = Part()
        plain = "plain"

        def __init__(self, fails: str = "", gate: threading.Event | None = None) -> None:
            super().__init__()
            self.fails = fails
            self.gate = gate
            self._value = 1
            log.add("init")

        def on_start(self) -> None:
            log.add("on_start", threading.current_thread() is not threading.main_thread())
            if self.fails == "on_start":
                raise ValueError("on_start")
            if self.fails == "stop in on_start":
                self.stop()

        def on_stop(self) -> None:
            log.add("on_stop")
            if self.fails == "on_stop":
                raise ValueError("on_stop")

        def on_failure(
            self,
            exception_type: type[BaseException] | None,
            exception_value: BaseException | None,
            traceback: Any,
        ) -> None:
            log.add("on_failure", exception_type, str(exception_value), traceback is not None)
            if self.fails == "on_failure":
                raise KeyError("on_failure")

        def on_receive(self, message: Any) -> Any:
            if message == "wait":
                assert self.gate is not None
                log.add("waiting")
                self.gate.wait(PATIENCE)
            elif message == "stop":
                self.stop()
            elif message == "fail":
                raise ValueError("told to")
            log.add("got", message)
            return message

        @property
        def value(self) -> int:
            return self._value

        @value.setter
        def value(self, value: int) -> None:
            self._value = value

        @property
        def fixed(self) -> int:
            return 7

        def add(self, a: int, b: int = 0) -> int:
            log.add("add")
            return a + b

        def broken(self) -> None:
            raise ZeroDivisionError("broken")

        def later(self, n: int) -> None:
            proxy = self.actor_ref.proxy()
            if n:
                proxy.later.defer(n - 1)
            else:
                proxy.value = 99

    return Recorder


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def actor(kind: type[pykka.Actor], log: Log) -> type[pykka.Actor]:
    return recorder(kind, log)


def test_start_returns_a_ref_that_is_alive_and_registered(actor: type[pykka.Actor]) -> None:
    ref = actor.start()

    assert isinstance(ref, pykka.ActorRef)
    assert ref.is_alive()
    assert ref in pykka.ActorRegistry.get_all()
    assert pykka.ActorRegistry.get_by_urn(ref.actor_urn) is ref
    assert ref.actor_class is actor


def test_init_runs_here_and_on_start_elsewhere_before_the_first_message(
    actor: type[pykka.Actor], log: Log
) -> None:
    actor.start().ask("hello")

    assert log.entries == ["init", ("on_start", True), ("got", "hello")]


def test_an_exception_in_init_reaches_the_caller_of_start(kind: type[pykka.Actor]) -> None:
    class Broken(kind):  # type: ignore[misc, valid-type]  # the base is the parameter
        def __init__(self) -> None:
            super().__init__()
            raise ValueError("init")

    with pytest.raises(ValueError, match="init"):
        Broken.start()
    assert pykka.ActorRegistry.get_all() == []


def test_urns_are_unique_uuids_of_version_four(actor: type[pykka.Actor]) -> None:
    urns = {actor.start().actor_urn for _ in range(10)}

    assert len(urns) == 10
    assert {uuid.UUID(urn).version for urn in urns} == {4}


def test_str_and_repr_name_class_and_urn(actor: type[pykka.Actor]) -> None:
    ref = actor.start()

    assert str(ref) == f"Recorder ({ref.actor_urn})"
    assert repr(ref) == f"<ActorRef for Recorder ({ref.actor_urn})>"
    assert str(ref.actor_urn) in repr(ref.proxy())


def test_tell_handles_messages_in_order(actor: type[pykka.Actor], log: Log) -> None:
    ref = actor.start()
    for i in range(300):
        ref.tell(i)
    ref.ask("last")

    assert [entry[1] for entry in log.entries if entry[0] == "got"] == [*range(300), "last"]


def test_ask_returns_the_reply_or_a_future_of_it(actor: type[pykka.Actor]) -> None:
    ref = actor.start()

    assert ref.ask({"any": "object"}) == {"any": "object"}
    future = ref.ask("later", block=False)
    assert isinstance(future, pykka.Future)
    assert future.get(timeout=PATIENCE) == "later"


def test_ask_times_out(actor: type[pykka.Actor]) -> None:
    gate = threading.Event()
    ref = actor.start(gate=gate)
    future = ref.ask("wait", block=False)

    with pytest.raises(pykka.Timeout):
        future.get(timeout=0.01)
    with pytest.raises(pykka.Timeout):
        ref.ask("next", timeout=0.01)
    gate.set()
    assert future.get(timeout=PATIENCE) == "wait"


def test_an_exception_in_ask_reaches_the_asker_and_leaves_the_actor_alive(
    actor: type[pykka.Actor], log: Log, caplog: pytest.LogCaptureFixture
) -> None:
    ref = actor.start()
    with caplog.at_level(logging.INFO, "pykka"), pytest.raises(ValueError, match="told to"):
        ref.ask("fail")

    assert ref.ask("still here") == "still here"
    assert not any(entry[0] == "on_failure" for entry in log.entries)
    assert "Exception returned from Recorder" in caplog.text


def test_an_exception_in_tell_calls_on_failure_and_stops_the_actor(
    actor: type[pykka.Actor], log: Log, caplog: pytest.LogCaptureFixture
) -> None:
    ref = actor.start()
    ref.tell("fail")

    assert ref.actor_stopped.wait(PATIENCE)
    log.wait_for(("on_failure", ValueError, "told to", True))
    assert not ref.is_alive()
    assert "on_stop" not in log.entries
    assert "Unhandled exception in Recorder" in caplog.text


def test_an_exception_in_on_failure_still_stops_the_actor(
    actor: type[pykka.Actor], caplog: pytest.LogCaptureFixture
) -> None:
    ref = actor.start(fails="on_failure")
    ref.tell("fail")

    assert ref.actor_stopped.wait(PATIENCE)


def test_an_exception_in_on_start_stops_the_actor(
    actor: type[pykka.Actor], caplog: pytest.LogCaptureFixture
) -> None:
    ref = actor.start(fails="on_start")

    assert ref.actor_stopped.wait(PATIENCE)
    with pytest.raises(pykka.ActorDeadError):
        ref.tell("too late")
    assert "Unhandled exception in Recorder" in caplog.text


def test_an_exception_in_on_stop_stops_the_actor_all_the_same(
    actor: type[pykka.Actor], caplog: pytest.LogCaptureFixture
) -> None:
    ref = actor.start(fails="on_stop")

    assert ref.stop(timeout=PATIENCE) is True
    assert not ref.is_alive()
    assert "Unhandled exception in Recorder" in caplog.text


def test_an_actor_may_stop_itself_while_it_starts(actor: type[pykka.Actor], log: Log) -> None:
    ref = actor.start(fails="stop in on_start")

    assert ref.actor_stopped.wait(PATIENCE)
    log.wait_for("on_stop")


def test_stop_calls_on_stop_and_unregisters(actor: type[pykka.Actor], log: Log) -> None:
    ref = actor.start()

    assert ref.stop(timeout=PATIENCE) is True
    assert log.entries[-1] == "on_stop"
    assert not ref.is_alive()
    assert ref not in pykka.ActorRegistry.get_all()


def test_stop_of_a_dead_actor_returns_false(actor: type[pykka.Actor]) -> None:
    ref = actor.start()
    ref.stop()

    assert ref.stop() is False
    assert ref.stop(block=False).get(timeout=PATIENCE) is False


def test_a_dead_actor_takes_no_messages(actor: type[pykka.Actor]) -> None:
    ref = actor.start()
    ref.stop()

    with pytest.raises(pykka.ActorDeadError, match="not found"):
        ref.tell("hello")
    with pytest.raises(pykka.ActorDeadError):
        ref.ask("hello")
    with pytest.raises(pykka.ActorDeadError):
        ref.ask("hello", block=False).get(timeout=PATIENCE)
    with pytest.raises(pykka.ActorDeadError):
        ref.proxy()


def test_messages_sent_before_a_stop_are_handled(actor: type[pykka.Actor], log: Log) -> None:
    gate = threading.Event()
    ref = actor.start(gate=gate)
    ref.tell("wait")
    for i in range(100):
        ref.tell(i)
    stopped = ref.stop(block=False)
    gate.set()

    assert stopped.get(timeout=PATIENCE) is True
    assert [entry for entry in log.entries if entry[0] == "got"] == [
        ("got", "wait"),
        *(("got", i) for i in range(100)),
    ]
    assert log.entries[-1] == "on_stop"


def test_an_ask_after_a_stop_is_answered_with_actor_dead_error(actor: type[pykka.Actor]) -> None:
    gate = threading.Event()
    ref = actor.start(gate=gate)
    ref.tell("wait")
    stops = [ref.stop(block=False) for _ in range(3)]
    asked = ref.ask("too late", block=False)
    gate.set()

    assert [stop.get(timeout=PATIENCE) for stop in stops] == [True] * 3
    with pytest.raises(pykka.ActorDeadError, match="stopped before handling"):
        asked.get(timeout=PATIENCE)


def test_an_actor_may_stop_itself_more_than_once(actor: type[pykka.Actor], log: Log) -> None:
    ref = actor.start()
    ref.tell("stop")

    assert ref.actor_stopped.wait(PATIENCE)
    log.wait_for("on_stop")
    assert log.entries.count("on_stop") == 1


def test_an_unexpected_message_is_logged(
    kind: type[pykka.Actor], caplog: pytest.LogCaptureFixture
) -> None:
    class Silent(kind):  # type: ignore[misc, valid-type]  # the base is the parameter
        pass

    assert Silent.start().ask("hello") is None
    assert "Unexpected message received by Silent" in caplog.text


def test_a_proxy_reads_and_sets_attributes_and_properties(actor: type[pykka.Actor]) -> None:
    proxy: Any = actor.start().proxy()

    assert proxy.plain.get() == "plain"
    assert proxy.value.get() == 1
    proxy.value = 5
    assert proxy.value.get() == 5
    proxy.fresh = "set at run time"
    assert proxy.fresh.get() == "set at run time"
    with pytest.raises(AttributeError):
        proxy.fixed = 8
    with pytest.raises(AttributeError, match="has no attribute 'missing'"):
        _ = proxy.missing
    with pytest.raises(AttributeError):
        _ = proxy._private


def test_a_proxy_calls_methods(actor: type[pykka.Actor], log: Log) -> None:
    proxy: Any = actor.start().proxy()

    assert proxy.add(1, b=2).get() == 3
    proxy.add.defer(1)
    assert proxy.add(0).get() == 0
    assert log.entries.count("add") == 3
    with pytest.raises(ZeroDivisionError):
        proxy.broken().get()


def test_a_deferred_call_that_fails_is_a_failure(actor: type[pykka.Actor], log: Log) -> None:
    proxy: Any = actor.start().proxy()
    proxy.broken.defer()

    assert proxy.actor_ref.actor_stopped.wait(PATIENCE)
    log.wait_for(("on_failure", ZeroDivisionError, "broken", True))


def test_a_proxy_traverses_marked_attributes(actor: type[pykka.Actor]) -> None:
    proxy: Any = actor.start().proxy()

    assert proxy.part.twice(4).get() == 8
    assert proxy.part.color.get() == "red"


def test_an_actor_may_make_a_proxy_to_itself(kind: type[pykka.Actor]) -> None:
    class Looping(kind):  # type: ignore[misc, valid-type]  # the base is the parameter
        def __init__(self, done: threading.Event) -> None:
            super().__init__()
            self._later: Any = self.actor_ref.proxy()
            self.done = done

        def count_down(self, n: int) -> None:
            if n:
                self._later.count_down.defer(n - 1)
            else:
                self.done.set()

    done = threading.Event()
    proxy: Any = Looping.start(done).proxy()
    proxy.count_down(50)
    assert done.wait(PATIENCE)


def test_proxies_compare_by_actor_and_path(actor: type[pykka.Actor]) -> None:
    ref = actor.start()

    assert ref.proxy() == ref.proxy()
    assert hash(ref.proxy()) == hash(ref.proxy())
    assert ref.proxy() != actor.start().proxy()
    assert "add" in dir(ref.proxy())


def test_the_registry_finds_broadcasts_and_stops_in_reverse(kind: type[pykka.Actor]) -> None:
    log = Log()

    class First(kind):  # type: ignore[misc, valid-type]  # the base is the parameter
        def on_receive(self, message: Any) -> None:
            log.add(type(self).__name__, message)

        def on_stop(self) -> None:
            log.add(type(self).__name__, "stopped")

    class Second(First):
        pass

    first, second = First.start(), Second.start()
    assert pykka.ActorRegistry.get_by_class(First) == [first, second]
    assert pykka.ActorRegistry.get_by_class_name("Second") == [second]
    pykka.ActorRegistry.broadcast("all")
    pykka.ActorRegistry.broadcast("some", target_class="Second")
    log.wait_for(("First", "all"))
    log.wait_for(("Second", "some"))
    assert pykka.ActorRegistry.stop_all(timeout=PATIENCE) == [True, True]
    assert log.entries[-2:] == [("Second", "stopped"), ("First", "stopped")]


@pytest.mark.parametrize("daemon", [True, False])
def test_use_daemon_thread_decides_on_the_thread(kind: type[pykka.Actor], daemon: bool) -> None:
    class Asking(kind):  # type: ignore[misc, valid-type]  # the base is the parameter
        use_daemon_thread = daemon

        def on_receive(self, message: Any) -> bool:
            return threading.current_thread().daemon

    assert Asking.start().ask("?") is daemon


def test_a_future_holds_one_result(new_future: Callable[[], pykka.Future[Any]]) -> None:
    future = new_future()
    future.set(1)

    assert future.get() == future.get(timeout=0) == 1
    with pytest.raises(queue.Full):
        future.set(2)
    with pytest.raises(queue.Full):
        future.set_exception()
    with pytest.raises(queue.Full):
        future.set_get_hook(lambda timeout: 3)


def test_a_future_raises_with_the_traceback_of_the_failure(
    new_future: Callable[[], pykka.Future[Any]],
) -> None:
    future = new_future()
    try:
        raise NameError("deep")
    except NameError:
        future.set_exception()

    with pytest.raises(NameError, match="deep") as caught:
        future.get()
    assert caught.traceback[-1].lineno < caught.traceback[0].lineno
    bare = new_future()
    bare.set_exception((KeyError, None, None))
    with pytest.raises(KeyError):
        bare.get()


def test_a_future_with_a_hook_asks_it_once(new_future: Callable[[], pykka.Future[Any]]) -> None:
    calls = []
    future = new_future()
    future.set_get_hook(lambda timeout: calls.append(timeout))

    assert future.get(timeout=3) is None
    assert future.get() is None
    assert calls == [3]
    with pytest.raises(queue.Full):
        future.set(1)


def test_futures_filter_join_map_and_reduce(new_future: Callable[[], pykka.Future[Any]]) -> None:
    future, other = new_future(), new_future()
    small = future.filter(lambda n: n < 3)
    both = future.join(other)
    count = future.map(len)
    total = future.reduce(lambda a, b: a + b, 100)
    future.set([1, 2, 3])
    other.set("other")

    assert small.get() == [1, 2]
    assert both.get() == [[1, 2, 3], "other"]
    assert count.get() == 3
    assert total.get() == 106
    assert pykka.get_all([future, other]) == [[1, 2, 3], "other"]


def test_a_future_can_be_awaited(new_future: Callable[[], pykka.Future[Any]]) -> None:
    future = new_future()
    future.set("awaited")

    steps = future.__await__()
    next(steps)
    with pytest.raises(StopIteration) as stop:
        next(steps)
    assert stop.value.value == "awaited"


def test_a_waiting_get_is_woken_by_the_result(
    new_future: Callable[[], pykka.Future[Any]],
) -> None:
    future = new_future()
    results: queue.SimpleQueue[Any] = queue.SimpleQueue()
    waiters = [
        threading.Thread(target=lambda: results.put(future.get(timeout=PATIENCE))) for _ in range(3)
    ]
    for waiter in waiters:
        waiter.start()
    future.set("woken")

    assert [results.get(timeout=PATIENCE) for _ in waiters] == ["woken"] * 3

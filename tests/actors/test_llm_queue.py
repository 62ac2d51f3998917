"""Which request goes where, and what becomes of it if that fails."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from actors import llm_queue as module
from actors.llm_queue import Call, LlmQueue
from actors.messages import Complete
from butler.domain.chat import CompletionRequest
from butler.errors import (
    ModelCancelled,
    ModelContextOverflow,
    ModelError,
    ModelInvalid,
    ModelOverloaded,
    ModelTimeout,
    ModelUnavailable,
)

PATIENCE = 100.0


def wanted(name: str = "a", *, urgent: bool = True, stream: bool = False) -> Complete:
    return Complete(name, CompletionRequest(()), None, urgent, stream)


def take(queue: LlmQueue, now: float = 0.0) -> Call:
    call = queue.take(now)
    assert call is not None
    return call


def test_a_guest_who_waits_goes_before_the_rest() -> None:
    queue = LlmQueue(1, PATIENCE)
    queue.add(wanted("memory", urgent=False), 0)
    queue.add(wanted("guest"), 0)
    assert [take(queue).wanted.request_id for _ in range(2)] == ["guest", "memory"]
    assert queue.take(0) is None


def test_requests_go_where_fewest_are_under_way() -> None:
    queue = LlmQueue(2, PATIENCE)
    for name in "abcd":
        queue.add(wanted(name), 0)
    assert [take(queue).endpoint for _ in range(4)] == [0, 1, 0, 1]


def test_a_request_is_taken_once_and_forgotten_when_answered() -> None:
    queue = LlmQueue(1, PATIENCE)
    assert queue.add(wanted(), 0) is not None
    assert queue.add(wanted(), 0) is None
    call = take(queue)
    assert len(queue) == 1
    assert queue.succeeded(call, 2.0)
    assert len(queue) == 0


def test_too_many_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "QUEUE_BOUND", 1)
    queue = LlmQueue(1, PATIENCE)
    assert queue.add(wanted("a"), 0) is not None
    assert queue.add(wanted("b"), 0) is None


@pytest.mark.parametrize("error", [ModelUnavailable("away"), ModelOverloaded("busy", 5)])
def test_an_endpoint_that_is_away_hands_over_to_the_next(error: ModelError) -> None:
    queue = LlmQueue(2, PATIENCE)
    queue.add(wanted(), 0)
    first = take(queue)
    assert queue.failed(first, error, 0) is None
    again = take(queue)
    assert again is first
    assert again.endpoint == 1
    assert queue.failed(again, error, 0) is error
    assert len(queue) == 0


@pytest.mark.parametrize(
    "error", [ModelTimeout("late"), ModelInvalid("odd"), ModelContextOverflow("long")]
)
def test_what_another_endpoint_would_not_mend_fails_at_once(error: ModelError) -> None:
    queue = LlmQueue(2, PATIENCE)
    queue.add(wanted(), 0)
    assert queue.failed(take(queue), error, 0) is error


def test_a_request_that_failed_goes_before_those_that_came_later() -> None:
    queue = LlmQueue(2, PATIENCE)
    queue.add(wanted("first"), 0)
    failed = take(queue)
    queue.add(wanted("later"), 0)
    queue.failed(failed, ModelUnavailable("away"), 0)
    assert take(queue).wanted.request_id == "first"


def test_an_endpoint_that_keeps_failing_is_left_alone_then_tried_by_one() -> None:
    queue = LlmQueue(1, PATIENCE)
    for number in range(3):
        queue.add(wanted(str(number)), 0)
        queue.failed(take(queue), ModelUnavailable("away"), 0)
    for name in "ab":
        queue.add(wanted(name), 0)
    assert queue.take(0) is None
    ((call, error), (_, _)) = list(queue.hopeless(0))
    assert call.wanted.request_id == "a"
    assert isinstance(error, ModelUnavailable)
    assert error.retry_after == 1.0
    for name in "cd":
        queue.add(wanted(name), 1.0)
    trial = take(queue, 1.0)
    assert queue.take(1.0) is None
    assert [c.wanted.request_id for c, _ in queue.hopeless(1.0)] == ["d"]
    assert queue.succeeded(trial, 1.5)
    queue.add(wanted("e"), 1.5)
    assert queue.take(1.5) is not None


@pytest.mark.parametrize("error", [ModelCancelled("by us"), ModelOverloaded("busy", 2.0)])
def test_a_trial_that_shows_nothing_lets_another_try(error: ModelError) -> None:
    queue = LlmQueue(1, PATIENCE)
    for number in range(3):
        queue.add(wanted(str(number)), 0)
        queue.failed(take(queue), ModelUnavailable("away"), 0)
    queue.add(wanted("trial"), 1.0)
    trial = take(queue, 1.0)
    if isinstance(error, ModelCancelled):
        queue.cancel("trial")
    queue.failed(trial, error, 1.5)
    queue.add(wanted("next"), 3.5)
    assert take(queue, 3.5).wanted.request_id == "next"


def test_an_overloaded_endpoint_rests_as_long_as_it_asks() -> None:
    queue = LlmQueue(1, PATIENCE)
    queue.add(wanted("a"), 0)
    queue.failed(take(queue), ModelOverloaded("busy", 7.0), 0)
    queue.add(wanted("b"), 0)
    ((_, error),) = list(queue.hopeless(0))
    assert error.retry_after == 7.0
    queue.add(wanted("c"), 7.0)
    assert queue.take(7.0) is not None


def test_who_has_waited_too_long_is_told() -> None:
    queue = LlmQueue(1, PATIENCE)
    queue.add(wanted("old"), 0)
    queue.add(wanted("young"), PATIENCE)
    ((call, error),) = list(queue.hopeless(PATIENCE + 1))
    assert call.wanted.request_id == "old"
    assert isinstance(error, ModelOverloaded)
    assert take(queue, PATIENCE + 1).wanted.request_id == "young"


def test_a_cancelled_request_is_not_asked_and_not_answered() -> None:
    queue = LlmQueue(1, PATIENCE)
    queue.add(wanted("waiting"), 0)
    queue.cancel("waiting")
    queue.cancel("unknown")
    assert queue.take(0) is None
    assert list(queue.hopeless(0)) == []
    queue.add(wanted("under way"), 0)
    call = take(queue)
    queue.cancel("under way")
    assert call.cancelled
    assert queue.failed(call, ModelCancelled("by us"), 0) is None
    assert len(queue) == 0
    assert queue.endpoints[0].in_flight == 0


def test_an_answer_that_comes_after_all_is_nobodys() -> None:
    queue = LlmQueue(1, PATIENCE)
    queue.add(wanted(), 0)
    call = take(queue)
    queue.cancel("a")
    assert not queue.succeeded(call, 1)


def test_a_request_whose_slot_crashed_is_made_once_more_where_it_was() -> None:
    queue = LlmQueue(1, PATIENCE)
    queue.add(wanted("first"), 0)
    queue.add(wanted("later"), 0)
    assert queue.crashed(take(queue), 0) is None
    again = take(queue)
    assert again.wanted.request_id == "first"
    assert isinstance(queue.crashed(again, 0), ModelInvalid)
    assert len(queue) == 1


def test_a_cancelled_request_whose_slot_crashed_is_let_go() -> None:
    queue = LlmQueue(1, PATIENCE)
    queue.add(wanted(), 0)
    call = take(queue)
    queue.cancel("a")
    assert queue.crashed(call, 0) is None
    assert queue.take(0) is None


def test_only_slow_endpoints_stream() -> None:
    queue = LlmQueue(1, PATIENCE)
    for name, seconds, streams in (("a", 3.0, False), ("b", 0.1, True)):
        queue.add(wanted(name, stream=True), 0)
        call = take(queue)
        assert call.stream is streams
        queue.succeeded(call, seconds)
    queue.add(wanted("c", stream=False), 0)
    assert not take(queue).stream


ERRORS = st.sampled_from(
    [
        ModelUnavailable("away"),
        ModelOverloaded("busy", 2.0),
        ModelTimeout("late"),
        ModelInvalid("odd"),
    ]
)


class Asking(RuleBasedStateMachine):
    """Every request has exactly one end, whatever the endpoints do."""

    def __init__(self) -> None:
        super().__init__()
        self.queue = LlmQueue(3, PATIENCE)
        self.now = 0.0
        self.open: set[str] = set()
        self.under_way: list[Call] = []
        self.count = 0

    @rule(urgent=st.booleans())
    def add(self, urgent: bool) -> None:
        self.count += 1
        name = str(self.count)
        assert self.queue.add(wanted(name, urgent=urgent), self.now) is not None
        self.open.add(name)

    @rule(seconds=st.sampled_from([0.0, 0.5, 2.0, 60.0, 130.0]))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def pump(self) -> None:
        for call, _ in self.queue.hopeless(self.now):
            self._ended(call)
        call_now = self.queue.take(self.now)
        if call_now is not None:
            assert call_now not in self.under_way
            assert call_now.wanted.request_id in self.open
            self.under_way.append(call_now)

    @precondition(lambda self: self.under_way)
    @rule(data=st.data())
    def succeeds(self, data: st.DataObject) -> None:
        call = self._pick(data)
        if self.queue.succeeded(call, self.now):
            self._ended(call)

    @precondition(lambda self: self.under_way)
    @rule(data=st.data(), error=ERRORS)
    def fails(self, data: st.DataObject, error: ModelError) -> None:
        call = self._pick(data)
        if self.queue.failed(call, error, self.now) is not None:
            self._ended(call)

    @precondition(lambda self: self.under_way)
    @rule(data=st.data())
    def crashes(self, data: st.DataObject) -> None:
        call = self._pick(data)
        if self.queue.crashed(call, self.now) is not None:
            self._ended(call)

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.open)))
        self.queue.cancel(name)
        self.open.discard(name)

    def _pick(self, data: st.DataObject) -> Call:
        return self.under_way.pop(data.draw(st.integers(0, len(self.under_way) - 1)))

    def _ended(self, call: Call) -> None:
        self.open.remove(call.wanted.request_id)

    @invariant()
    def nothing_is_forgotten_or_kept(self) -> None:
        assert len(self.queue) == len(self.open)
        assert sum(e.in_flight for e in self.queue.endpoints) == len(self.under_way)

    def teardown(self) -> None:
        for _ in range(300):
            for call in self.under_way:
                if self.queue.succeeded(call, self.now):
                    self._ended(call)
            self.under_way.clear()
            self.now += 1.0
            self.pump()
        assert not self.open
        assert not self.queue._urgent
        assert not self.queue._rest


TestAsking = Asking.TestCase
TestAsking.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


def test_a_call_whose_slot_crashed_is_made_once_more_before_the_others() -> None:
    queue = LlmQueue(1, PATIENCE)
    queue.add(wanted("a"), 0)
    queue.add(wanted("b"), 0)
    first = take(queue)
    assert queue.crashed(first, 0) is None
    assert take(queue) is first
    assert isinstance(queue.crashed(first, 0), ModelInvalid)
    assert take(queue).wanted.request_id == "b"
    assert len(queue) == 1


def test_a_call_that_nobody_wants_any_more_is_not_made_again_after_a_crash() -> None:
    queue = LlmQueue(1, PATIENCE)
    queue.add(wanted(), 0)
    call = take(queue)
    queue.cancel("a")
    assert queue.crashed(call, 0) is None
    assert queue.take(0) is None


def test_what_is_not_urgent_has_only_its_share_of_the_slots() -> None:
    queue = LlmQueue(1, PATIENCE)
    for name in "abc":
        queue.add(wanted(name, urgent=False), 0)
    queue.add(wanted("guest"), 0)
    taken = [queue.take(0, background=2) for _ in range(4)]
    assert [call and call.wanted.request_id for call in taken] == ["guest", "a", "b", None]
    assert taken[1] is not None
    queue.succeeded(taken[1], 1)
    last = queue.take(1, background=2)
    assert last is not None
    assert last.wanted.request_id == "c"


def test_a_guest_who_waits_breaks_off_what_is_not_urgent_and_it_is_asked_again() -> None:
    queue = LlmQueue(1, PATIENCE)
    queue.add(wanted("memory", urgent=False), 0)
    broken = take(queue)
    flags = []
    queue.make_way(0)
    flags.append(broken.cancelled)  # nobody waits
    queue.add(wanted("guest"), 1)
    queue.make_way(1)
    flags.append(broken.cancelled)
    assert flags == [False, True]
    assert queue.failed(broken, ModelCancelled("cancelled"), 1) is None
    assert take(queue, 1).wanted.request_id == "guest"
    again = take(queue, 1)
    assert again.wanted.request_id == "memory"
    assert again.since == 0
    assert queue.succeeded(again, 2)


def test_what_was_to_make_way_and_came_to_its_end_is_not_asked_again() -> None:
    queue = LlmQueue(1, PATIENCE)
    queue.add(wanted("memory", urgent=False), 0)
    call = take(queue)
    queue.add(wanted("guest"), 0)
    queue.make_way(0)
    assert queue.succeeded(call, 1)
    assert take(queue, 1).wanted.request_id == "guest"
    assert queue.take(1) is None
    assert not queue.succeeded(call, 2)


def test_a_guest_whom_no_endpoint_would_take_breaks_nothing_off() -> None:
    queue = LlmQueue(1, PATIENCE)
    queue.add(wanted("memory", urgent=False), 0)
    call = take(queue)
    queue.add(wanted("guest"), 0)
    queue.endpoints[0].closed_until = 50.0
    queue.make_way(1)
    assert not call.cancelled


def test_what_is_not_urgent_may_wait_longer_but_not_for_ever() -> None:
    queue = LlmQueue(1, PATIENCE)
    queue.add(wanted("memory", urgent=False), 0)
    queue.add(wanted("guest"), 0)
    assert [call.wanted.request_id for call, _ in queue.hopeless(PATIENCE + 1)] == ["guest"]
    ((call, error),) = queue.hopeless(10 * PATIENCE + 1)
    assert call.wanted.request_id == "memory"
    assert isinstance(error, ModelOverloaded)

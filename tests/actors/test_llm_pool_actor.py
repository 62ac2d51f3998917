"""The LLM pool: each answer reaches who asked, and nobody else, whatever crashes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pytest

from actors import llm_pool as module
from actors import llm_queue
from actors import messages as m
from actors.llm_pool import LlmPool, LlmWorker
from actors.slots import Task
from butler.domain.chat import ChatMessage, Completion, CompletionRequest
from butler.errors import ModelCancelled, ModelInvalid, ModelOverloaded, ModelUnavailable
from butler.telemetry import BreakerChanged, DependencyChanged, ModelCalled
from supervision import ChildSpec
from supervision.events import ChildFailed
from tests.actors.staging import Stage, group, stage
from tests.support.fakes import FakeModel, Told

GUEST, OTHER, THIRD, FOURTH = (("user", each) for each in ("7", "8", "9", "10"))
GUESTS = (GUEST, OTHER, THIRD, FOURTH)


def echo(request: CompletionRequest) -> str:
    return f"answer to {request.messages[0].content}"


@attrs.define
class Asking:
    """A pool with its slots over scripted models."""

    stage: Stage
    models: list[FakeModel]

    def start(self, slots: int = 2) -> None:
        made = self.stage
        common = (made.directory, made.telemetry)
        names = [f"llm-{number}" for number in range(slots)]
        workers = [
            ChildSpec(n, LlmWorker.on(made.io, n, self.models, *common, 60.0)) for n in names
        ]
        pool = LlmPool.on(made.pool, len(self.models), 120.0, *common, made.time)
        made.start((m.LLM, pool), group("llm workers", workers), *GUESTS)

    def ask(self, name: str, to: object = GUEST, *, urgent: bool = True) -> None:
        request = CompletionRequest((ChatMessage("user", name),))
        self.stage.tell(m.LLM, m.Complete(name, request, to, urgent, stream=urgent))

    def told(self, to: object = GUEST) -> Told:
        return self.stage.told[to]


@pytest.fixture
def asking() -> Iterator[Asking]:
    with stage() as made:
        now = Asking(made, [FakeModel(echo)])
        yield now
        for model in now.models:
            model.gate.set()


def test_an_answer_reaches_who_asked(asking: Asking) -> None:
    asking.start()
    asking.ask("a")
    asking.ask("b", OTHER)
    assert asking.told().wait(m.Completed).completion.text == "answer to a"
    assert asking.told(OTHER).wait(m.Completed).completion.text == "answer to b"
    assert asking.stage.events.wait(ModelCalled).outcome == "success"


def test_more_requests_than_slots_are_answered_in_turn_guests_first(asking: Asking) -> None:
    asking.models[0].gate.clear()
    asking.start(slots=1)
    asking.ask("first")
    asking.models[0].told.wait(CompletionRequest)
    asking.ask("memory", urgent=False)
    asking.ask("guest")
    asking.stage.flush(m.LLM)
    asking.models[0].gate.set()
    asking.told().wait(m.Completed, count=3)
    order = [each.request_id for each in asking.told().of(m.Completed)]
    assert order == ["first", "guest", "memory"]


def test_an_endpoint_that_is_away_is_replaced_by_another(asking: Asking) -> None:
    def away(_: CompletionRequest) -> str:
        raise ModelUnavailable("away")

    asking.models.insert(0, FakeModel(away))
    asking.start()
    for number in range(4):
        asking.ask(str(number))
        asking.told().wait(m.Completed, count=number + 1)
    asking.stage.flush(m.LLM)
    assert asking.stage.events.wait(BreakerChanged) == BreakerChanged(0, "open")
    assert asking.stage.events.wait(DependencyChanged).up


def test_when_no_endpoint_answers_that_is_told_and_later_that_one_does(asking: Asking) -> None:
    working = [False]

    def sometimes(request: CompletionRequest) -> str:
        if not working[0]:
            raise ModelUnavailable("away")
        return echo(request)

    asking.models[:] = [FakeModel(sometimes)]
    asking.start()
    for number in range(3):
        asking.ask(str(number))
        asking.told().wait(m.CompletionFailed, count=number + 1)
    assert not asking.stage.events.wait(DependencyChanged).up
    asking.ask("refused at once")
    error = asking.told().wait(m.CompletionFailed, count=4).error
    assert isinstance(error, ModelUnavailable)
    assert len(asking.models[0].told.of(CompletionRequest)) == 3
    working[0] = True
    asking.stage.time.advance(1.0)
    asking.ask("tried")
    asking.told().wait(m.Completed)
    asking.stage.events.wait(DependencyChanged, lambda e: e.up)


def test_a_request_nobody_wants_any_more_is_cut_short(asking: Asking) -> None:
    asking.models[0].gate.clear()
    asking.start(slots=1)
    asking.ask("a")
    asking.models[0].told.wait(CompletionRequest)
    asking.stage.tell(m.LLM, m.CancelCompletion("a"))
    asking.ask("b")
    asking.stage.flush(m.LLM)
    asking.models[0].gate.set()
    asking.told().wait(m.Completed)
    assert [each.request_id for each in asking.told().of(m.Completed)] == ["b"]


def test_who_waits_too_long_is_told_without_a_slot_coming_free(asking: Asking) -> None:
    asking.models[0].gate.clear()
    asking.start(slots=1)
    asking.ask("a")
    asking.models[0].told.wait(CompletionRequest)
    asking.ask("b")
    asking.stage.flush(m.LLM)
    asking.stage.time.advance(1.0)
    asking.stage.flush(m.LLM)
    asking.stage.time.advance(121.0)
    failed = asking.told().wait(m.CompletionFailed)
    assert (failed.request_id, type(failed.error)) == ("b", ModelOverloaded)


def test_too_many_are_refused_at_once(asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(llm_queue, "QUEUE_BOUND", 1)
    asking.models[0].gate.clear()
    asking.start(slots=1)
    asking.ask("a")
    asking.ask("b")
    assert isinstance(asking.told().wait(m.CompletionFailed).error, ModelOverloaded)


def test_a_slow_endpoint_shows_what_it_has_so_far(
    asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PARTIAL_SECONDS", 0.0)
    monkeypatch.setattr(llm_queue, "STREAM_OVER_SECONDS", -1.0)
    asking.models[0].texts = ("  ", "Ve", "Very")
    asking.start()
    asking.ask("a")
    asking.told().wait(m.Completed)
    assert [each.text for each in asking.told().of(m.PartialText)] == ["Ve", "Very"]


def test_partial_answers_come_at_most_once_a_second(
    asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(llm_queue, "STREAM_OVER_SECONDS", -1.0)
    asking.models[0].texts = ("V", "Ve", "Very")
    asking.start()
    asking.ask("a")
    asking.told().wait(m.Completed)
    assert asking.told().of(m.PartialText) == []


def test_a_request_that_crashes_two_slots_fails_and_the_slots_come_back(asking: Asking) -> None:
    def sometimes(request: CompletionRequest) -> str:
        if request.messages[0].content == "crash":
            raise ZeroDivisionError
        return echo(request)

    asking.models[:] = [FakeModel(sometimes)]
    asking.start(slots=1)
    asking.ask("crash")
    assert isinstance(asking.told().wait(m.CompletionFailed).error, ModelInvalid)
    asking.ask("a")
    asking.told().wait(m.Completed)


class Errand:
    """Says on which thread it was made and judged; raises in the one that is `spoilt`."""

    def __init__(self, spoilt: str = "") -> None:
        self.spoilt = spoilt
        self.threads: list[str] = []

    def request(self) -> CompletionRequest:
        self._step("request")
        return CompletionRequest((ChatMessage("user", "errand"),))

    def judged(self, completion: Completion) -> str:
        self._step("judged")
        return completion.text.upper()

    def _step(self, name: str) -> None:
        self.threads.append(threading.current_thread().name)
        if name == self.spoilt:
            raise ZeroDivisionError


def test_an_errand_is_made_and_judged_by_the_slot(asking: Asking) -> None:
    asking.start()
    errand = Errand()
    asking.stage.tell(m.LLM, m.Complete("a", errand, GUEST, urgent=False))
    answer = asking.told().wait(m.Completed)
    assert (answer.completion.text, answer.judged) == ("answer to errand", "ANSWER TO ERRAND")
    pool = asking.stage.pool.name
    assert len(errand.threads) == 2
    assert not any(name.startswith(f"{pool}-") for name in errand.threads)


@pytest.mark.parametrize("spoilt", ["request", "judged"])
def test_an_errand_that_raises_fails_and_the_slot_does_not(asking: Asking, spoilt: str) -> None:
    asking.start(slots=1)
    asking.stage.tell(m.LLM, m.Complete("a", Errand(spoilt), GUEST, urgent=False))
    assert isinstance(asking.told().wait(m.CompletionFailed).error, ModelInvalid)
    asking.ask("b")
    asking.told().wait(m.Completed)
    assert asking.stage.failures() == []


def test_an_answer_meant_for_an_earlier_pool_reaches_nobody_else(asking: Asking) -> None:
    asking.models[0].gate.clear()
    asking.start(slots=1)
    asking.ask("a", GUEST)
    asking.models[0].told.wait(CompletionRequest)
    crashing = threading.Thread(target=asking.stage.crash, args=(m.LLM,))
    crashing.start()
    asking.stage.tree.wait(ChildFailed)
    asking.ask("b", OTHER)
    asking.models[0].gate.set()
    crashing.join(20)
    assert asking.told(OTHER).wait(m.Completed) == m.Completed(
        "b", Completion("answer to b", prompt_tokens=50)
    )
    assert asking.told(GUEST).of(m.Completed) == []


def test_a_task_left_in_a_slots_mailbox_by_a_restart_is_nobodys(asking: Asking) -> None:
    asking.start(slots=1)
    stale = llm_queue.Call(
        m.Complete("stale", CompletionRequest((ChatMessage("user", "stale"),)), OTHER), 0.0
    )
    asking.stage.tell("llm-0", Task(object(), stale))
    asking.ask("a", GUEST)
    assert asking.told().wait(m.Completed).completion.text == "answer to a"
    assert len(asking.models[0].told.of(CompletionRequest)) == 1


def test_a_guest_who_has_left_is_not_missed(asking: Asking) -> None:
    asking.start()
    asking.ask("a", ("user", "gone"))
    asking.ask("b")
    asking.told().wait(m.Completed)
    assert asking.stage.failures() == []


class Moody(FakeModel):
    """Answers while it is `up`."""

    def __init__(self) -> None:
        super().__init__(self._answer)
        self.up = False

    def _answer(self, request: CompletionRequest) -> str:
        if not self.up:
            raise ModelUnavailable("away")
        return echo(request)


@pytest.fixture
def moody(asking: Asking) -> Moody:
    """The one model, away, and known to be."""
    model = Moody()
    asking.models[:] = [model]
    asking.start()
    for number in range(3):
        asking.ask(f"before {number}")
        asking.told().wait(m.CompletionFailed, count=number + 1)
    return model


def test_who_was_refused_is_told_when_the_llm_is_back(asking: Asking, moody: Moody) -> None:
    asking.ask("theirs", OTHER)
    asking.told(OTHER).wait(m.CompletionFailed)
    moody.up = True
    asking.stage.time.advance(1.1)
    asking.told().wait(m.ModelBack)  # the first to try
    assert asking.told(OTHER).of(m.ModelBack) == []
    asking.ask("a try")
    asking.told().wait(m.Completed)
    asking.told(OTHER).wait(m.ModelBack)


def test_one_at_a_time_tries_while_the_llm_is_away(asking: Asking, moody: Moody) -> None:
    asking.ask("theirs", OTHER)
    asking.told(OTHER).wait(m.CompletionFailed)
    for number, who in enumerate((GUEST, OTHER, GUEST, OTHER)):
        tried = len(moody.told.of(CompletionRequest))
        asking.stage.time.advance(61.0)
        asking.told(who).wait(m.ModelBack, count=number // 2 + 1)
        failed = len(asking.told(who).of(m.CompletionFailed))
        asking.ask(f"try {number}", who)
        asking.told(who).wait(m.CompletionFailed, count=failed + 1)
        assert len(moody.told.of(CompletionRequest)) == tried + 1


def test_no_more_are_told_than_have_room(asking: Asking, moody: Moody) -> None:
    crowd = [OTHER, THIRD, FOURTH]
    for guest in crowd:
        asking.ask(f"{guest} before", guest)
        asking.told(guest).wait(m.CompletionFailed)
    moody.up = True
    asking.stage.time.advance(1.1)
    asking.told().wait(m.ModelBack)
    asking.ask("a try")
    asking.told().wait(m.Completed)
    for guest in (OTHER, THIRD):  # for two slots
        asking.told(guest).wait(m.ModelBack)
    moody.gate.clear()
    for guest in (OTHER, THIRD):
        asking.ask(f"{guest}", guest)
    asking.stage.flush(m.LLM)
    assert asking.told(FOURTH).of(m.ModelBack) == []
    moody.gate.set()
    asking.told(FOURTH).wait(m.ModelBack)


def test_a_newcomer_does_not_stand_behind_those_who_wait(asking: Asking, moody: Moody) -> None:
    for guest in (OTHER, THIRD, FOURTH):
        asking.ask(f"{guest} before", guest)
        asking.told(guest).wait(m.CompletionFailed)
    moody.up = True
    asking.stage.time.advance(1.1)
    asking.told().wait(m.ModelBack)
    asking.ask("a try")
    asking.told().wait(m.Completed)
    asking.ask("new")
    asking.told().wait(m.Completed, count=2)
    assert asking.told(FOURTH).of(m.ModelBack) == []


def test_who_fails_while_others_are_answered_is_not_told_to_try_again(asking: Asking) -> None:
    def picky(request: CompletionRequest) -> str:
        if request.messages[0].content == "odd":
            raise ModelUnavailable("not that")
        return echo(request)

    asking.models[:] = [FakeModel(picky)]
    asking.start()
    asking.ask("odd")
    asking.told().wait(m.CompletionFailed)
    asking.ask("b", OTHER)
    asking.told(OTHER).wait(m.Completed)
    asking.stage.time.advance(1.1)
    asking.stage.flush(m.LLM)
    assert asking.told().of(m.ModelBack) == []


class Patient(FakeModel):
    """Answers what is not urgent only when it is let; breaks off when it is cancelled."""

    def __init__(self) -> None:
        super().__init__(echo)
        self.let = threading.Event()

    def complete(
        self,
        request: CompletionRequest,
        timeout: float,
        on_text: Any = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Completion:
        self.told(request)
        while request.messages[0].content == "memory" and not self.let.wait(0.01):
            if cancelled is not None and cancelled():
                raise ModelCancelled("cancelled")
        return Completion(echo(request))


def test_a_guest_does_not_wait_for_what_is_not_urgent_and_that_is_asked_again() -> None:
    with stage() as made:
        model = Patient()
        asking = Asking(made, [model])
        asking.start(slots=1)
        asking.ask("memory", urgent=False)
        model.told.wait(CompletionRequest)
        asking.ask("guest", OTHER)
        answer = asking.told(OTHER).wait(m.Completed)
        assert answer.completion.text == "answer to guest"
        model.let.set()
        kept = asking.told().wait(m.Completed)
        assert kept.completion.text == "answer to memory"
        asked = [each.messages[0].content for each in model.told.of(CompletionRequest)]
        assert asked == ["memory", "guest", "memory"]

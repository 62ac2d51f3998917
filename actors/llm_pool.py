"""The LLM pool: requests in, answers out, over a few slots and endpoints."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

import attrs

from actors import messages as m
from actors.llm_queue import Call, LlmQueue
from actors.llm_waiters import Waiters
from actors.runtime import PooledActor
from actors.slots import Slots, Task, WorkerReady
from actors.telling import tell_if_there
from butler.domain.chat import Completion, CompletionRequest
from butler.errors import ModelError, ModelInvalid, ModelOverloaded, ModelTimeout, ModelUnavailable
from butler.ports import Clock, Model
from butler.telemetry import BreakerChanged, DependencyChanged, ModelCalled, Telemetry
from supervision import Directory

log = logging.getLogger(__name__)

T = TypeVar("T")

SWEEP_SECONDS = 1.0
PARTIAL_SECONDS = 1.0
# One slot in so many may be at what is not urgent.
BACKGROUND = 4


@attrs.frozen
class Called:
    """A slot's incarnation `life` has finished its call; the answer came `late` seconds ago."""

    life: object
    answer: Completion | ModelError
    judged: Any = None
    late: float = 0.0


@attrs.frozen
class _Sweep:
    """Time to see who has waited too long."""


class LlmPool(PooledActor):
    """Gives requests to free slots; decides by `LlmQueue`.

    Guests whom it has refused while no endpoint answers are told when one does again, as slots come
    free; one of them at a time is told before, to try.
    """

    mailbox_bound = 1_000_000

    def __init__(
        self,
        endpoints: int,
        patience: float,
        directory: Directory,
        telemetry: Telemetry,
        clock: Clock,
    ) -> None:
        super().__init__()
        self._queue = LlmQueue(endpoints, patience)
        self._directory = directory
        self._telemetry = telemetry
        self._clock = clock
        self._slots: Slots[Call] = Slots()
        self._states = ["closed"] * endpoints
        self._sweeping = False
        self._waiters = Waiters()

    def on_receive(self, message: Any) -> Any:
        """Queue, hand out, hand back."""
        now = self._clock.monotonic()
        match message:
            case m.Complete():
                self._add(message, now)
            case Called():
                call = self._slots.done(message.life)
                if call is not None:
                    self._finish(call, message, now)
            case WorkerReady():
                call = self._slots.ready(message)
                if call is not None:
                    self._failed(call, self._queue.crashed(call, now), now)
            case m.CancelCompletion(request_id):
                self._queue.cancel(request_id)
            case _Sweep():
                self._sweeping = False
                self._waiters.give_up()
        self._pump(now)

    def _add(self, wanted: m.Complete, now: float) -> None:
        self._waiters.asked(wanted.reply_to)
        if self._queue.add(wanted, now) is None:
            self._refuse(wanted, ModelOverloaded("too many wait for the LLM"), now)

    def _pump(self, now: float) -> None:
        for call, error in self._queue.hopeless(now):
            self._refuse(call.wanted, error, now)
        while self._slots.any_free:
            next_call = self._queue.take(now, max(1, self._slots.count // BACKGROUND))
            if next_call is None:
                break
            worker, task = self._slots.give(next_call)
            tell_if_there(self._directory, worker, task)
        if not self._slots.any_free:
            self._queue.make_way(now)
        self._call_back(now)
        if (len(self._queue) or len(self._waiters)) and not self._sweeping:
            self._sweeping = True
            self.timers.once(SWEEP_SECONDS, _Sweep())

    def _call_back(self, now: float) -> None:
        """Tell as many as there is room for; none while nothing can be asked."""
        room = self._slots.free if self._queue.up(now) else int(self._queue.open(now))
        while len(self._waiters) and self._waiters.told < room:
            guest = self._waiters.tell()
            if not tell_if_there(self._directory, guest, m.ModelBack()):
                self._waiters.asked(guest)

    def _finish(self, call: Call, called: Called, now: float) -> None:
        answer = called.answer
        if isinstance(answer, ModelError):
            self._failed(call, self._queue.failed(call, answer, now), now)
            return
        if self._queue.succeeded(call, now - called.late):
            self._tell(call.wanted, m.Completed(call.wanted.request_id, answer, called.judged))
        self._report(call.endpoint, now)

    def _failed(self, call: Call, error: ModelError | None, now: float) -> None:
        """`error`: what is said of it, if it is not tried again."""
        if error is not None:
            self._refuse(call.wanted, error, now)
        self._report(call.endpoint, now)

    def _refuse(self, wanted: m.Complete, error: ModelError, now: float) -> None:
        # Who fails while others are answered has a trouble of their own, and tries in their time.
        away = isinstance(error, ModelUnavailable | ModelOverloaded | ModelTimeout)
        if wanted.urgent and away and not self._queue.up(now):
            self._waiters.refused(wanted.reply_to)
        self._tell(wanted, m.CompletionFailed(wanted.request_id, error))

    def _report(self, number: int, now: float) -> None:
        state = self._queue.endpoints[number].breaker.state(now)
        if state == self._states[number]:
            return
        self._states[number] = state
        self._telemetry.emit(BreakerChanged(number, state))
        up = any(known == "closed" for known in self._states)
        detail = "an endpoint answers" if up else "no endpoint answers"
        self._telemetry.emit(DependencyChanged("llm", up, detail))

    def _tell(self, wanted: m.Complete, answer: m.Completed | m.CompletionFailed) -> None:
        tell_if_there(self._directory, wanted.reply_to, answer)


class LlmWorker(PooledActor):
    """One slot: makes one call at a time. Blocks."""

    retries_poison = False

    def __init__(
        self,
        name: str,
        models: Sequence[Model],
        directory: Directory,
        telemetry: Telemetry,
        timeout: float,
    ) -> None:
        super().__init__()
        self._name = name
        self._models = models
        self._directory = directory
        self._telemetry = telemetry
        self._timeout = timeout
        self._life = object()

    def on_start(self) -> None:
        """Say that there is a free slot."""
        self._directory.tell(m.LLM, WorkerReady(self._name, self._life))

    def on_receive(self, message: Task[Call]) -> Any:
        """Ask one endpoint, and say what came of it."""
        if message.life is not self._life:
            return
        call, wanted = message.job, message.job.wanted.request
        if isinstance(wanted, CompletionRequest):
            called = Called(self._life, self._ask(call, wanted))
        else:
            called = self._run(call, wanted)
        self._directory.tell(m.LLM, called)

    def _run(self, call: Call, errand: m.Errand) -> Called:
        """An errand. What fails of it is for who sent it to know, and no fault of the slot's."""
        request = _attempted(errand.request)
        answer = request if isinstance(request, ModelError) else self._ask(call, request)
        if isinstance(answer, ModelError):
            return Called(self._life, answer)
        answered = time.perf_counter()
        judged = _attempted(partial(errand.judged, answer))
        late = time.perf_counter() - answered
        if isinstance(judged, ModelError):
            return Called(self._life, judged)
        return Called(self._life, answer, judged, late)

    def _ask(self, call: Call, request: CompletionRequest) -> Completion | ModelError:
        self._telemetry.step("asking")
        began = time.perf_counter()
        answer: Completion | ModelError
        try:
            answer = self._models[call.endpoint].complete(
                request,
                self._timeout,
                self._partial(call) if call.stream else None,
                lambda: call.cancelled or not self.is_current(),
            )
            outcome = "success"
        except ModelError as error:
            answer, outcome = error, error.outcome
        self._telemetry.step("answered")
        seconds = time.perf_counter() - began
        self._telemetry.emit(ModelCalled(call.endpoint, outcome, seconds))
        return answer

    def _partial(self, call: Call) -> Any:
        """Tell the text so far, at most once a second, from the second second on."""
        wanted = call.wanted
        told = time.monotonic()

        def on_text(text: str) -> None:
            nonlocal told
            now = time.monotonic()
            if now - told >= PARTIAL_SECONDS and text.strip():
                told = now
                partial = m.PartialText(wanted.request_id, text)
                tell_if_there(self._directory, wanted.reply_to, partial)

        return on_text


def _attempted(step: Callable[[], T]) -> T | ModelInvalid:
    try:
        return step()
    except Exception as error:
        log.exception("An errand has failed")
        return ModelInvalid(f"{type(error).__name__} in an errand")

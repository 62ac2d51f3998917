"""The LLM pool: requests in, answers out, over a few slots and endpoints."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import attrs

from actors import messages as m
from actors.llm_queue import Call, LlmQueue
from actors.runtime import PooledActor
from actors.slots import Slots, Task, WorkerReady
from actors.telling import tell_if_there
from butler.domain.chat import Completion
from butler.errors import ModelError, ModelOverloaded
from butler.ports import Clock, Model
from butler.telemetry import BreakerChanged, DependencyChanged, ModelCalled, Telemetry
from supervision import Directory

SWEEP_SECONDS = 1.0
PARTIAL_SECONDS = 1.0


@attrs.frozen
class Called:
    """A slot's incarnation `life` has finished its call."""

    life: object
    answer: Completion | ModelError


@attrs.frozen
class _Sweep:
    """Time to see who has waited too long."""


class LlmPool(PooledActor):
    """Gives requests to free slots; decides by `LlmQueue`."""

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

    def on_receive(self, message: Any) -> Any:
        """Queue, hand out, hand back."""
        now = self._clock.monotonic()
        match message:
            case m.Complete():
                self._add(message, now)
            case Called(life, answer):
                call = self._slots.done(life)
                if call is not None:
                    self._finish(call, answer, now)
            case WorkerReady():
                call = self._slots.ready(message)
                if call is not None:
                    self._failed(call, self._queue.crashed(call, now), now)
            case m.CancelCompletion(request_id):
                self._queue.cancel(request_id)
            case _Sweep():
                self._sweeping = False
        self._pump(now)

    def _add(self, wanted: m.Complete, now: float) -> None:
        if self._queue.add(wanted, now) is None:
            error = ModelOverloaded("too many wait for the LLM")
            self._tell(wanted, m.CompletionFailed(wanted.request_id, error))

    def _pump(self, now: float) -> None:
        for call, error in self._queue.hopeless(now):
            self._tell(call.wanted, m.CompletionFailed(call.wanted.request_id, error))
        while self._slots.any_free:
            next_call = self._queue.take(now)
            if next_call is None:
                break
            worker, task = self._slots.give(next_call)
            tell_if_there(self._directory, worker, task)
        if len(self._queue) and not self._sweeping:
            self._sweeping = True
            self.timers.once(SWEEP_SECONDS, _Sweep())

    def _finish(self, call: Call, answer: Completion | ModelError, now: float) -> None:
        if isinstance(answer, ModelError):
            self._failed(call, self._queue.failed(call, answer, now), now)
            return
        if self._queue.succeeded(call, now):
            self._tell(call.wanted, m.Completed(call.wanted.request_id, answer))
        self._report(call.endpoint, now)

    def _failed(self, call: Call, error: ModelError | None, now: float) -> None:
        """`error`: what is said of it, if it is not tried again."""
        if error is not None:
            self._tell(call.wanted, m.CompletionFailed(call.wanted.request_id, error))
        self._report(call.endpoint, now)

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
        call = message.job
        began = time.perf_counter()
        answer: Completion | ModelError
        try:
            answer = self._models[call.endpoint].complete(
                call.wanted.request,
                self._timeout,
                self._partial(call) if call.stream else None,
                lambda: call.cancelled or not self.is_current(),
            )
            outcome = "success"
        except ModelError as error:
            answer, outcome = error, error.outcome
        seconds = time.perf_counter() - began
        self._telemetry.emit(ModelCalled(call.endpoint, outcome, seconds))
        self._directory.tell(m.LLM, Called(self._life, answer))

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

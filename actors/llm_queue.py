"""Who is asked next, where, and what if that fails: the decisions of the LLM pool."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

from actors import messages as m
from actors.lane import Lane
from butler.domain.breaker import Breaker
from butler.errors import (
    ModelCancelled,
    ModelError,
    ModelInvalid,
    ModelOverloaded,
    ModelTimeout,
    ModelUnavailable,
)

QUEUE_BOUND = 20_000
STREAM_OVER_SECONDS = 1.0
SMOOTHING = 0.3
LONGEST_PAUSE_SECONDS = 5.0  # between trials: so long may an LLM be back and nobody know it
POISON = 2
# What is not urgent may wait so many times longer.
LEISURE = 10


@attrs.define(eq=False)
class Call:
    """One request on its way. `cancelled` is read by the worker's thread.

    `crashes` counts the slots that crashed over it; `queued`: it waits for one.
    """

    wanted: m.Complete
    since: float
    tried: set[int] = attrs.field(factory=set)
    endpoint: int = 0
    began: float = 0.0
    stream: bool = False
    cancelled: bool = False
    crashes: int = 0
    queued: bool = False
    error: ModelError | None = None

    @property
    def guest(self) -> Any:
        """Who asks."""
        return self.wanted.reply_to


@attrs.define(eq=False)
class Endpoint:
    """One LLM server as seen from here; `latency` is its smoothed answer time in seconds."""

    number: int
    breaker: Breaker = attrs.field(factory=lambda: Breaker(longest=LONGEST_PAUSE_SECONDS))
    in_flight: int = 0
    latency: float = 0.0
    closed_until: float = 0.0

    def open_for(self, call: Call, now: float) -> bool:
        """Whether this call may try here now."""
        free = now >= self.closed_until and self.breaker.allows(now)
        return free and self.number not in call.tried

    def pause(self, now: float) -> float:
        """Seconds until it may be asked, as far as is known: a trial may end at any moment."""
        ready = now if self.breaker.trying else self.breaker.ready_at(now)
        return max(self.closed_until, ready) - now


class LlmQueue:
    """Requests that wait, guests' before the rest and in fair turn, and the endpoints for them.

    A plain object: `now` is passed in, threads are none of its business. A request fails over to
    the endpoints that it has not tried; when none is left, or all are closed to it, it fails.
    """

    def __init__(self, endpoints: int, patience: float) -> None:
        self.endpoints = [Endpoint(number) for number in range(endpoints)]
        self._patience = patience
        self._urgent: Lane[Call] = Lane(patience / 2)
        self._rest: Lane[Call] = Lane(patience / 2)
        self._calls: dict[str, Call] = {}
        self._background: set[Call] = set()

    def __len__(self) -> int:
        return len(self._calls)

    def add(self, wanted: m.Complete, now: float) -> Call | None:
        """Queue a request; None if too many wait."""
        if len(self._calls) >= QUEUE_BOUND or wanted.request_id in self._calls:
            return None
        call = self._calls[wanted.request_id] = Call(wanted, now)
        self._lane_of(call).add(call)
        return call

    def cancel(self, request_id: str) -> None:
        """Forget a request, waiting or under way."""
        call = self._calls.pop(request_id, None)
        if call is not None:
            call.cancelled, call.queued = True, False

    def take(self, now: float, background: int = 1) -> Call | None:
        """The next call to make, its endpoint chosen and noted; None if there is nothing to do.

        What is not urgent has at most `background` calls under way at once.
        """
        for lane in (self._urgent, self._rest):
            if lane is self._rest and len(self._background) >= background:
                break
            call = lane.first(now)
            endpoint = None if call is None else self._choose(call, now)
            if call is not None and endpoint is not None:
                lane.take(call)
                self._begin(call, endpoint, now)
                return call
        return None

    def make_way(self, now: float) -> None:
        """A guest waits and no slot is free: what is not urgent is broken off, and asked again."""
        waiting = self._urgent.first(now)
        if waiting is None or self._choose(waiting, now) is None:
            return
        for call in [call for call in self._background if not call.cancelled]:
            call.cancelled = True
            again = self._calls[call.wanted.request_id] = Call(call.wanted, call.since)
            self._rest.put_back(again)

    def up(self, now: float) -> bool:
        """Whether some endpoint answers, as far as is known."""
        return any(e.closed_until <= now and not e.breaker.openings for e in self.endpoints)

    def open(self, now: float) -> bool:
        """Whether some endpoint may be asked now, be it for a trial."""
        return any(e.closed_until <= now and e.breaker.allows(now) for e in self.endpoints)

    def hopeless(self, now: float) -> Iterator[tuple[Call, ModelError]]:
        """Requests that wait and that no endpoint will take soon, or that waited too long."""
        for lane in (self._urgent, self._rest):
            while (call := lane.longest()) is not None and self._is_hopeless(call, now):
                lane.take(call)
                self._calls.pop(call.wanted.request_id, None)
                yield call, call.error or self._refusal(call, now)

    def succeeded(self, call: Call, now: float) -> bool:
        """The call's answer came; whether anybody still wants it."""
        endpoint = self._finish(call)
        seconds = now - call.began
        if endpoint.latency:
            seconds = endpoint.latency + SMOOTHING * (seconds - endpoint.latency)
        endpoint.latency = seconds
        endpoint.breaker = endpoint.breaker.succeeded()
        wanted = self._calls.pop(call.wanted.request_id, None)
        if wanted is not None and wanted is not call:  # finished although it was to make way
            wanted.cancelled, wanted.queued = True, False
        return wanted is not None

    def failed(self, call: Call, error: ModelError, now: float) -> ModelError | None:
        """The call failed: None if it will be tried elsewhere, or is not wanted any more."""
        endpoint = self._finish(call)
        self._judge(endpoint, error, now)
        if call.cancelled:
            return None
        call.error = error
        if isinstance(error, ModelUnavailable | ModelOverloaded) and self._choose(call, now):
            self._lane_of(call).put_back(call)
            return None
        self._calls.pop(call.wanted.request_id, None)
        return error

    def crashed(self, call: Call, now: float) -> ModelError | None:
        """The slot crashed over the call, once: None, it is made again. Twice: as `failed`."""
        call.crashes += 1
        error = ModelInvalid("the slot crashed")
        if call.cancelled or call.crashes >= POISON:
            return self.failed(call, error, now)
        self._judge(self._finish(call), error, now)
        call.tried.discard(call.endpoint)
        self._lane_of(call).put_back(call)
        return None

    def _lane_of(self, call: Call) -> Lane[Call]:
        return self._urgent if call.wanted.urgent else self._rest

    def _begin(self, call: Call, endpoint: Endpoint, now: float) -> None:
        call.endpoint, call.began = endpoint.number, now
        call.tried.add(endpoint.number)
        call.stream = call.wanted.stream and endpoint.latency > STREAM_OVER_SECONDS
        endpoint.in_flight += 1
        endpoint.breaker = endpoint.breaker.called(now)
        if not call.wanted.urgent:
            self._background.add(call)

    def _finish(self, call: Call) -> Endpoint:
        endpoint = self.endpoints[call.endpoint]
        endpoint.in_flight -= 1
        self._background.discard(call)
        return endpoint

    def _judge(self, endpoint: Endpoint, error: ModelError, now: float) -> None:
        if isinstance(error, ModelCancelled | ModelOverloaded):
            endpoint.breaker = endpoint.breaker.undecided(now)
        if isinstance(error, ModelOverloaded):
            endpoint.closed_until = now + min(error.retry_after or 1.0, 60.0)
        elif isinstance(error, ModelUnavailable | ModelTimeout):
            endpoint.breaker = endpoint.breaker.failed(now)
        elif isinstance(error, ModelInvalid):
            endpoint.breaker = endpoint.breaker.succeeded()

    def _choose(self, call: Call, now: float) -> Endpoint | None:
        open_ones = [e for e in self.endpoints if e.open_for(call, now)]
        return min(open_ones, key=lambda e: (e.in_flight, e.number), default=None)

    def _is_hopeless(self, call: Call, now: float) -> bool:
        return self._choose(call, now) is None or self._too_late(call, now)

    def _too_late(self, call: Call, now: float) -> bool:
        """Whether it has waited too long; what is not urgent has time."""
        share = 1 if call.wanted.urgent else LEISURE
        return now - call.since > share * self._patience

    def _refusal(self, call: Call, now: float) -> ModelError:
        if self._too_late(call, now):
            return ModelOverloaded("too many wait for the LLM")
        pauses = [endpoint.pause(now) for endpoint in self.endpoints]
        return ModelUnavailable("no LLM endpoint answers", min(pauses, default=None))

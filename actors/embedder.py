"""Vectors of what was said: of archived events in the background, of a question at once.

Recall does without them wherever they are missing, late, or the server fails.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any

import attrs

from actors import messages as m
from actors.runtime import PooledActor
from actors.telling import tell_if_there
from butler.domain.breaker import Breaker
from butler.domain.event import Event
from butler.domain.recall.vectors import packed
from butler.domain.writes import EventVector, KeepVectors
from butler.errors import ModelError, ModelInvalid
from butler.ports import Clock, Embeddings
from supervision import Directory

BATCH = 32
# Characters of a text that are shown to the model: most hold 512 tokens.
SHOWN = 1_500
BATCH_SECONDS = 60.0
QUESTION_SECONDS = 1.0
LEAST_REST_SECONDS = 0.05
AGAIN_SECONDS = (1.0, 5.0, 30.0, 120.0, 600.0)
# What is beyond is left out: it is asked for anew when its guest is read next.
MOST_WAITING = 50_000

Waiting = tuple[str, Event]


@attrs.frozen
class _Work:
    """Time for the next batch."""


class QuestionEmbedder(PooledActor):
    """Answers `EmbedQuestion` soon, with an empty vector where there is none. Blocks.

    A server that fails is left alone for a while; meanwhile the answer is at once.
    """

    mailbox_bound = 10_000

    def __init__(self, embeddings: Embeddings, directory: Directory, clock: Clock) -> None:
        super().__init__()
        self._embeddings = embeddings
        self._directory = directory
        self._clock = clock
        self._breaker = Breaker(threshold=2)

    def on_receive(self, message: m.EmbedQuestion) -> Any:
        """Ask the server, and tell who asked."""
        answer = m.Embedded(message.request_id, self._vector(message))
        tell_if_there(self._directory, message.reply_to, answer)

    def _vector(self, message: m.EmbedQuestion) -> bytes:
        now = self._clock.monotonic()
        if now > message.until or not self._breaker.allows(now):
            return b""
        self._breaker = self._breaker.called(now)
        try:
            (vector,) = self._embeddings.embed([message.text[:SHOWN]], QUESTION_SECONDS)
        except ModelError:
            self._breaker = self._breaker.failed(self._clock.monotonic())
            return b""
        self._breaker = self._breaker.succeeded()
        return packed(vector)


class Embedder(PooledActor):
    """Makes vectors of archived events, a batch at a time, and rests as long as it has worked.

    They are stored through the journal, then told to the guest's actor. What is lost in a crash is
    asked for again when the guest is read next. Blocks.
    """

    mailbox_bound = 10_000

    def __init__(
        self,
        embeddings: Embeddings,
        directory: Directory,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self._embeddings = embeddings
        self._directory = directory
        self._seconds = seconds
        self._waiting: deque[Waiting] = deque()
        self._working = False
        self._failures = 0

    def on_receive(self, message: m.EmbedEvents | _Work) -> Any:
        """Queue, or make the next batch."""
        if isinstance(message, m.EmbedEvents):
            if message.anew:
                others = (each for each in self._waiting if each[0] != message.user_id)
                self._waiting = deque(others)
            room = max(0, MOST_WAITING - len(self._waiting))
            self._waiting.extend((message.user_id, each) for each in message.events[:room])
        elif isinstance(message, _Work):
            self._working = False
            if self._waiting:
                self._next(self._batch())
        if self._waiting and not self._working:
            self._again(0.0)

    def _again(self, seconds: float) -> None:
        self._working = True
        self.timers.once(seconds, _Work())

    def _batch(self) -> list[Event]:
        """The first that wait, all of one guest."""
        first = self._waiting[0][0]
        ahead = islice(self._waiting, BATCH)
        batch = []
        for user_id, event in ahead:
            if user_id != first:
                break
            batch.append(event)
        return batch

    def _next(self, batch: Sequence[Event]) -> None:
        user_id, began = self._waiting[0][0], self._seconds()
        try:
            found = self._embeddings.embed([each.content[:SHOWN] for each in batch], BATCH_SECONDS)
        except ModelInvalid:
            self._done(batch)  # what the server cannot take now it will not take later
        except ModelError:
            self._failures += 1
            self._again(AGAIN_SECONDS[min(self._failures, len(AGAIN_SECONDS)) - 1])
        else:
            self._keep(user_id, batch, found)
            self._done(batch)
            if self._waiting:
                self._again(max(self._seconds() - began, LEAST_REST_SECONDS))

    def _done(self, batch: Sequence[Event]) -> None:
        self._failures = 0
        for _ in batch:
            self._waiting.popleft()

    def _keep(self, user_id: str, batch: Sequence[Event], found: Sequence[Sequence[float]]) -> None:
        made = tuple(
            EventVector(event.event_id, event.seq, packed(vector))
            for event, vector in zip(batch, found, strict=True)
        )
        write = KeepVectors(user_id, self._embeddings.name, made)
        self._directory.tell(m.JOURNAL, m.Commit(write))
        tell_if_there(self._directory, m.user_name(user_id), m.VectorsMade(made))

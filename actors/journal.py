"""The store's one writer: group commit."""

from __future__ import annotations

import itertools
import math
import time
from collections import deque
from collections.abc import Sequence
from typing import Any

import attrs

from actors import messages as m
from actors.gate import Gate
from actors.guest.rules import Others
from actors.runtime import PooledActor
from actors.telling import tell_if_there
from butler.domain.writes import Result
from butler.errors import StoreError, StoreRefused, StoreUnavailable, StoreVersion
from butler.ports import Store
from butler.telemetry import DependencyChanged, StoreCommitted, StoreFailed, Telemetry
from supervision import Directory

BATCH = 500
WAITING = (StoreUnavailable, StoreRefused, StoreVersion)
RETRY_SECONDS = (0.1, 0.2, 0.5, 1.0, 2.0)
# What is unhurried waits until nobody has come for so long, or so many batches have gone before it.
CALM_SECONDS = 0.004
LET_BY = 32


@attrs.frozen
class _Flush:
    """What has gathered is to be committed."""


@attrs.frozen
class _Calm:
    """A moment has passed since that many batches."""

    batches: int


class Journal(PooledActor):
    """Commits what has gathered while the last commit ran, in order, as one.

    Idle, a write is committed at once; under load batches grow by themselves. What is unhurried
    goes in a calm moment, so as not to stand in a reply's way, or when it has let many go before
    it. While the store is down everything waits here, in order, the same batch is tried again, and
    the gate is shut to what is new. Blocks: runs alone on a dispatcher of its own.
    """

    mailbox_bound = 1_000_000
    drain_seconds = math.inf  # what was told before the end is written, within the shutdown
    retries_poison = False

    def __init__(
        self,
        store: Store,
        directory: Directory,
        telemetry: Telemetry,
        gate: Gate | None = None,
        others: Others | None = None,
    ) -> None:
        super().__init__()
        self._gate = gate or Gate()
        self._others = others or Others()
        self._store = store
        self._directory = directory
        self._telemetry = telemetry
        self._waiting: deque[m.Commit | m.Barrier] = deque()
        self._unhurried: list[m.Commit] = []
        self._let_by = 0
        self._batches = 0
        self._awaiting_calm = False
        self._flushing = False
        self._failures = 0

    def on_start(self) -> None:
        """What an earlier incarnation knew of the store may be out of date."""
        self._gate.store_down = False

    def on_receive(self, message: Any) -> Any:
        """Gather, and commit when those who came before have had their turn."""
        match message:
            case _Flush():
                self._flush()
                return
            case m.Commit(unhurried=True):
                self._unhurried.append(message)
                self._await_calm()
                return
            case _Calm(batches):
                self._awaiting_calm = False
                if batches != self._batches or self._flushing:
                    self._await_calm()
                    return
            case m.Commit() | m.Barrier():
                self._waiting.append(message)
            case m.Hurry():
                self._let_by = LET_BY if self._unhurried else 0
            case _:
                return
        if not self._flushing:
            self._flushing = True
            self.actor_ref.tell(_Flush())

    def _await_calm(self) -> None:
        if self._unhurried and not self._awaiting_calm:
            self._awaiting_calm = True
            seconds = RETRY_SECONDS[-1] if self._failures else CALM_SECONDS
            self.timers.once(seconds, _Calm(self._batches))

    def on_stop(self) -> None:
        """Commit what is left; the store has one last chance."""
        while (self._waiting or self._unhurried) and not self._failures:
            self._flush()

    def _flush(self) -> None:
        self._join()
        batch = list(itertools.islice(self._waiting, BATCH))
        try:
            results = self._commit([c for c in batch if isinstance(c, m.Commit)])
        except WAITING as error:
            self._postpone(error)
            return
        for _ in batch:
            self._waiting.popleft()
        self._recovered()
        self._answer(batch, results)
        self._batches += 1
        self._flushing = bool(self._waiting)
        if self._flushing and not self.actor_stopped.is_set():
            self.actor_ref.tell(_Flush())
        self._await_calm()

    def _join(self) -> None:
        """What is unhurried goes now if its time has come, or if who reads waits for all."""
        if not self._unhurried:
            return
        soon = itertools.islice(self._waiting, BATCH)
        barred = any(isinstance(message, m.Barrier) for message in soon)
        if barred or not self._waiting or self._let_by >= LET_BY:
            self._waiting.extendleft(reversed(self._unhurried))
            self._unhurried.clear()
            self._let_by = 0
        else:
            self._let_by += 1

    def _commit(self, commits: Sequence[m.Commit]) -> list[Result | Exception]:
        if not commits:
            return []
        began = time.perf_counter()
        try:
            results: list[Result | Exception] = [
                *self._store.commit([commit.write for commit in commits])
            ]
        except WAITING:
            raise
        except Exception as error:  # noqa: BLE001  # one bad write must not hold up the others
            if len(commits) == 1:
                return [error]
            return [result for commit in commits for result in self._commit([commit])]
        self._others.seen = self._store.others
        self._telemetry.emit(StoreCommitted(len(commits), time.perf_counter() - began))
        return results

    def _answer(
        self, batch: Sequence[m.Commit | m.Barrier], results: Sequence[Result | Exception]
    ) -> None:
        answers = iter(results)
        for message in batch:
            if isinstance(message, m.Barrier):
                tell_if_there(self._directory, message.to, message.message)
                continue
            result = next(answers)
            if message.reply_to is None:
                continue
            answer = (
                m.CommitFailed(result, message.tag)
                if isinstance(result, Exception)
                else m.Committed(message.tag, result)
            )
            tell_if_there(self._directory, message.reply_to, answer)

    def _postpone(self, error: StoreError) -> None:
        if not self._failures:
            detail = f"{type(error).__name__}: {error}"
            self._telemetry.emit(DependencyChanged("store", False, detail))
        delay = RETRY_SECONDS[min(self._failures, len(RETRY_SECONDS) - 1)]
        self._failures += 1
        self._gate.store_down = True
        self._telemetry.emit(StoreFailed(type(error).__name__))
        self.timers.once(delay, _Flush())

    def _recovered(self) -> None:
        if self._failures:
            self._failures = 0
            self._gate.store_down = False
            self._telemetry.emit(DependencyChanged("store", True, "commits again"))

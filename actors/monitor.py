"""Looks after the house every few seconds: measures, sweeps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import attrs

from actors import messages as m
from actors.gate import Gate
from actors.runtime import PooledActor
from butler.domain.writes import Sweep
from butler.errors import StoreError
from butler.ports import Clock, Store, StoreStatistics
from butler.telemetry import (
    ActorsMeasured,
    DependencyChanged,
    InboxMeasured,
    MailboxOverflowed,
    Telemetry,
)
from supervision import Directory, Node

MEASURE_SECONDS = 2.0
SWEEP_SECONDS = 60.0
SETTLED_DAYS = 7
INBOX_BOUND = 20_000


@attrs.frozen
class _Measure:
    """Time to count."""


@attrs.frozen
class _Sweep:
    """Time to let go of what is too old."""


class Monitor(PooledActor):
    """Emits what metrics and the console show; closes the gate while too many updates wait. Blocks.

    `measured` gets the store's statistics; `tree` gives a cheap look at the actors.
    """

    def __init__(
        self,
        store: Store,
        gate: Gate,
        ttl: timedelta,
        measured: Callable[[StoreStatistics], None],
        tree: Callable[[], Node],
        directory: Directory,
        telemetry: Telemetry,
        clock: Clock,
    ) -> None:
        super().__init__()
        self._store = store
        self._gate = gate
        self._ttl = ttl
        self._measured = measured
        self._tree = tree
        self._directory = directory
        self._telemetry = telemetry
        self._clock = clock
        self._store_up: bool | None = None
        self._overflows: dict[object, int] = {}

    def on_start(self) -> None:
        """Begin at once, then again and again."""
        self.timers.every(MEASURE_SECONDS, _Measure(), first=0)
        self.timers.every(SWEEP_SECONDS, _Sweep())

    def on_receive(self, message: Any) -> Any:
        """Do what it is time for."""
        match message:
            case _Measure():
                self._measure()
            case _Sweep():
                now = self._clock.now()
                sweep = Sweep(now - self._ttl, now - timedelta(days=SETTLED_DAYS))
                self._directory.tell(m.JOURNAL, m.Commit(sweep))

    def _measure(self) -> None:
        try:
            statistics = self._store.statistics()
        except StoreError as error:
            self._store_is(up=False, detail=f"{type(error).__name__}: {error}")
            return
        self._store_is(up=True, detail="answers")
        oldest = statistics.oldest_accepted
        age = (self._clock.now() - oldest).total_seconds() if oldest else 0.0
        self._gate.full = statistics.unsettled >= INBOX_BOUND
        self._telemetry.emit(InboxMeasured(statistics.unsettled, max(0.0, age)))
        self._measured(statistics)
        self._measure_actors()

    def _measure_actors(self) -> None:
        alive: dict[str, int] = {}
        queued: dict[str, int] = {}
        for node in self._tree().walk():
            kind = kind_of(node.name)
            count = 1 + (node.omitted if node.name == m.USERS else 0)
            alive[kind] = alive.get(kind, 0) + (0 if node.kind == "supervisor" else 1)
            if node.name == m.USERS:
                alive["user"] = alive.get("user", 0) + count - 1
            queued[kind] = queued.get(kind, 0) + node.depth
            self._count_refused(node, kind)
        self._telemetry.emit(ActorsMeasured(alive, queued))

    def _count_refused(self, node: Node, kind: str) -> None:
        before = self._overflows.pop(node.name, 0)
        if not node.refused:
            return
        self._overflows[node.name] = node.refused
        if node.refused != before:
            # A guest's new actor counts from 0 again.
            new = node.refused - before if node.refused > before else node.refused
            self._telemetry.emit(MailboxOverflowed(kind, new))

    def _store_is(self, *, up: bool, detail: str) -> None:
        if up is not self._store_up:
            self._store_up = up
            self._telemetry.emit(DependencyChanged("store", up, detail))


def kind_of(name: object) -> str:
    """The kind of an actor, for labels: its role, never a user id."""
    if isinstance(name, tuple) and name and name[0] == "user":
        return "user"
    role = str(name).partition("-")[0]
    return role if role in _ROLES else "supervisor"


_ROLES = frozenset(
    (
        *(m.JOURNAL, m.READER, m.EXPORTER, m.SENDER, m.LLM, m.SPEECH),
        *(m.ROUTER, m.POLLER, m.MONITOR, m.PROBER),
    )
)

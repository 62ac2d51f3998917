"""getUpdates → inbox → router."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from typing import Any

import attrs

from actors import messages as m
from actors.gate import Gate
from actors.intake import Intake, update_id_of
from actors.presence import Presence
from actors.runtime import PooledActor
from butler.domain.writes import Accepted
from butler.errors import TransportConflict, TransportError
from butler.ports import Transport
from butler.telemetry import Telemetry, TransportCalled, UpdateMalformed
from supervision import Directory

LIMIT = 100
SLICE_SECONDS = 5.0
PAUSE_SECONDS = 1.0


@attrs.frozen
class _Poll:
    """Time to ask for updates; `life` is the incarnation that meant itself."""

    life: object


@attrs.frozen
class _Batch:
    """Updates on their way into the inbox, and the offset that confirms them."""

    life: object
    offset: int | None
    updates: Sequence[dict[str, Any]]


class Poller(PooledActor):
    """Asks for updates in bounded slices; the next offset is sent only when a batch is durable.

    Blocks: runs alone on a dispatcher of its own. A call under way when it is stopped may be
    abandoned: what it returns was not accepted and is asked for again.
    """

    def __init__(
        self,
        transport: Transport,
        intake: Intake,
        gate: Gate,
        directory: Directory,
        telemetry: Telemetry,
    ) -> None:
        super().__init__()
        self._transport = transport
        self._intake = intake
        self._gate = gate
        self._directory = directory
        self._telemetry = telemetry
        self._presence = Presence(transport, intake.bot, telemetry)
        self._life = object()
        self._offset: int | None = None
        self._one_by_one: deque[dict[str, Any]] = deque()
        self._webhook_may_be_set = True

    def on_start(self) -> None:
        """Begin."""
        self.actor_ref.tell(_Poll(self._life))

    def on_receive(self, message: Any) -> Any:
        """Ask; once what came is durable, route it and ask again."""
        match message:
            case _Poll(life) if life is self._life:
                self._poll()
            case m.Committed(_Batch() as batch, Accepted() as result):
                self._telemetry.step("accepted")
                self._intake.accepted(result)
                for item in result.new:
                    self._directory.tell(m.ROUTER, m.Route(item))
                self._done(batch)
            case m.CommitFailed(_, _Batch(life) as batch) if life is self._life:
                self._not_accepted(batch)

    def _done(self, batch: _Batch) -> None:
        # An earlier incarnation's batch confirms nothing here: what lies before it may not be
        # durable yet.
        if batch.life is not self._life:
            return
        self._offset = batch.offset
        if self._one_by_one:
            self._accept([self._one_by_one.popleft()])
        else:
            self.actor_ref.tell(_Poll(self._life))

    def _not_accepted(self, batch: _Batch) -> None:
        """No store can take a batch: try its updates singly, and pass over who is to blame."""
        if len(batch.updates) > 1:
            self._one_by_one.extend(batch.updates)
            self._accept([self._one_by_one.popleft()])
            return
        self._telemetry.emit(UpdateMalformed("unstorable"))
        self._done(batch)

    def _poll(self) -> None:
        if self._gate.left():
            return
        if not self._gate.open:
            self.timers.once(PAUSE_SECONDS, _Poll(self._life))
            return
        self._telemetry.step("confirming")
        began = time.perf_counter()
        try:
            if self._presence.introduce():
                self._presence.answered()
                self._directory.tell(m.ROUTER, m.Identified())
            updates = self._transport.updates(self._offset, LIMIT, SLICE_SECONDS)
        except TransportError as error:
            if self._gate.left():
                return
            self._failed(error, time.perf_counter() - began)
            return
        seconds = time.perf_counter() - began
        self._telemetry.emit(TransportCalled("getUpdates", "success", seconds))
        self._presence.answered()
        if not updates:
            self.actor_ref.tell(_Poll(self._life))
        elif any(update_id_of(update) is not None for update in updates):
            self._accept(updates)
        else:  # nothing that could be confirmed: the same comes again, and at once
            self._telemetry.emit(UpdateMalformed("no update_id"))
            self.timers.once(PAUSE_SECONDS, _Poll(self._life))

    def _accept(self, updates: Sequence[dict[str, Any]]) -> None:
        ids = [id_ for id_ in map(update_id_of, updates) if id_ is not None]
        batch = _Batch(self._life, max(ids) + 1 if ids else self._offset, updates)
        accept = self._intake.accept(updates)
        self._directory.tell(m.JOURNAL, m.Commit(accept, m.POLLER, batch))

    def _failed(self, error: TransportError, seconds: float) -> None:
        self._telemetry.emit(TransportCalled("getUpdates", error.outcome, seconds))
        if isinstance(error, TransportConflict) and self._webhook_may_be_set:
            self._webhook_may_be_set = False
            self._presence.unhook()
        self.timers.once(self._presence.failed(error), _Poll(self._life))

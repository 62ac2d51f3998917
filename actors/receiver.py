"""Webhook → inbox → router."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

from actors import messages as m
from actors.gate import Gate
from actors.intake import Intake
from actors.presence import Presence
from actors.runtime import PooledActor
from butler.domain.writes import Accepted
from butler.errors import TransportError
from butler.ports import Transport
from butler.telemetry import Telemetry
from supervision import Directory


@attrs.frozen
class Pushed:
    """An update that Telegram has posted; `done` is told whether it is durable. Any thread."""

    update: dict[str, Any]
    done: Callable[[bool], None]


@attrs.frozen
class _Register:
    """Time to ask Telegram to push."""


class Receiver(PooledActor):
    """The poller's place where a webhook is set: confirms an update once it is durable.

    While the gate is shut it takes none: Telegram is told to come again. Blocks while it registers:
    runs alone on a dispatcher of its own.
    """

    mailbox_bound = 10_000

    def __init__(
        self,
        transport: Transport,
        url: str,
        secret: str,
        intake: Intake,
        gate: Gate,
        directory: Directory,
        telemetry: Telemetry,
    ) -> None:
        super().__init__()
        self._transport = transport
        self._url = url
        self._secret = secret
        self._intake = intake
        self._gate = gate
        self._directory = directory
        self._telemetry = telemetry
        self._presence = Presence(transport, intake.bot, telemetry)

    def on_start(self) -> None:
        """Begin."""
        self.actor_ref.tell(_Register())

    def on_receive(self, message: Any) -> Any:
        """Accept; once durable, confirm and route."""
        match message:
            case _Register():
                self._register()
            case Pushed(_, done) if not self._gate.open:
                done(False)
            case Pushed(update, done):
                accept = self._intake.accept([update])
                self._directory.tell(m.JOURNAL, m.Commit(accept, m.POLLER, done))
            case m.Committed(tag=done, result=Accepted() as result):
                self._telemetry.step("accepted")
                self._intake.accepted(result)
                for item in result.new:
                    self._directory.tell(m.ROUTER, m.Route(item))
                self._telemetry.step("confirming")
                done(True)
            case m.CommitFailed(tag=done):
                done(False)

    def _register(self) -> None:
        try:
            if self._presence.introduce():
                self._directory.tell(m.ROUTER, m.Identified())
            self._transport.set_webhook(self._url, self._secret)
        except TransportError as error:
            self.timers.once(self._presence.failed(error), _Register())
        else:
            self._presence.answered()

"""All of the butler's actors in this process, between fakes: no network, any store, any clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from actors.gate import Gate
from actors.guest.rules import Bot, Rules
from actors.runtime import Dispatcher
from actors.tree import Plan, Tree, World
from butler.clock import SystemClock
from butler.domain.inbox import UpdateKey
from butler.domain.prompt import Budget
from butler.ports import Clock, Model, Store
from butler.supervising import translate
from butler.telemetry import Telemetry, TelemetryEvent
from supervision import Directory, Node, Root
from supervision import Intensity as Limit
from tests.support.fakes import BOT, FakeModel, FakeTranscriber, FakeTransport, Time, Told
from tests.support.waiting import SECONDS, eventually

RULES: Mapping[str, Any] = {
    "personalization": True,
    "event_cap": 50,
    "keep_events": 20,
    "idle_seconds": 60.0,
    "budget": Budget(),
}


class Indoors:
    """A running tree of actors over `store`; updates come from `transport.push`.

    With `time` it is moved by hand, timers and restarts included; `clock` tells another time than
    the system's, and timers run by themselves. `rules` are fields of `Rules`.
    """

    def __init__(
        self,
        store: Store,
        models: Sequence[Model] = (),
        *,
        transport: FakeTransport | None = None,
        time: Time | None = None,
        clock: Clock | None = None,
        subscribers: Sequence[Callable[[TelemetryEvent], None]] = (),
        **rules: Any,
    ) -> None:
        self.store = store
        self.transport = transport or FakeTransport()
        self.told = Told()
        self.directory = Directory()
        self.gave_up: list[Any] = []
        self._polling = self.transport
        models = models or (FakeModel(),)
        world = World(store, self.transport, self._polling, models, FakeTranscriber(), {})
        timers = time.manual if time else None
        plan = Plan(
            rules=Rules(bot=Bot(BOT), **{**RULES, **rules}),
            allowed_users=frozenset(),
            rate=0,
            chat_rate=0,
            llm_slots=8,
            llm_timeout=SECONDS,
            ttl=timedelta(days=90),
        )
        self._gate = Gate()
        self.telemetry = Telemetry(self.told, *subscribers)
        common = (self.directory, self.telemetry, time or clock or SystemClock(), timers)
        tree = Tree(world, plan, self._gate, *common)
        self._dispatchers: list[Dispatcher] = tree.dispatchers
        self.root = Root(
            tree.children(lambda _: None, self._look),
            strategy="rest_for_one",
            intensity=Limit(20, 60.0),
            directory=self.directory,
            clock=timers,
            on_event=self._heed,
            on_give_up=self.gave_up.append,
        )

    def _heed(self, event: Any) -> None:
        self.told(event)
        translate(event, self.telemetry)

    def _look(self) -> Node:
        return self.root.tree(8)

    def start(self) -> None:
        self.root.start()

    def stop(self) -> None:
        self._gate.leave()
        self.root.stop(5.0)
        for dispatcher in self._dispatchers:
            dispatcher.stop(0.1)

    def say(self, *updates: dict[str, Any]) -> None:
        """Updates that Telegram has for us, in one batch."""
        self.transport.push(list(updates))

    def state(self, update_id: int) -> str:
        """What has become of an update; "" if it is not in the inbox."""
        found = self.store.inbox_item(UpdateKey(BOT, update_id))
        return found.state if found else ""

    def settled(self, *update_ids: int, seconds: float = SECONDS) -> None:
        """Returns once all of these have come to their end; by default, all there are."""

        def done() -> bool:
            missing = [each for each in update_ids if not self.state(each)]
            return not missing and self.store.statistics().unsettled == 0

        eventually("a settled inbox", done, seconds)


@contextmanager
def indoors(store: Store, *models: Model, **details: Any) -> Iterator[Indoors]:
    """A tree that runs until the end of the block."""
    made = Indoors(store, models, **details)
    made.start()
    try:
        yield made
    finally:
        made.stop()

"""The butler's supervision tree: which actors there are, on which threads, in which order."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

import attrs

from actors import messages as m
from actors.embedder import Embedder, QuestionEmbedder
from actors.exporter import Exporter
from actors.gate import Gate
from actors.guest.attempts import Attempts
from actors.guest.rules import Rules
from actors.intake import Intake
from actors.journal import Journal
from actors.llm_pool import LlmPool, LlmWorker
from actors.monitor import Monitor
from actors.outbox import Tried
from actors.poller import Poller
from actors.prober import Prober
from actors.reader import Reader
from actors.receiver import Receiver
from actors.router import COMMANDS, Router
from actors.runtime import Dispatcher, Passivation, Recipe
from actors.sender import Sender, SenderWorker
from actors.speech import Speech, SpeechWorker
from actors.user import UserActor
from butler.domain.flood import Flood
from butler.ports import Clock, Embeddings, Model, Store, StoreStatistics, Transcriber, Transport
from butler.telemetry import Telemetry
from supervision import ChildSpec, Directory, Intensity, Node, Supervisor
from supervision.clock import Clock as TimerClock

# Python runs one thread at a time: more than one only take turns. Others help out where a turn
# takes long, or a handler hangs.
POOL_THREADS = 1
POOL_SPARES = 5
RELIEF_SECONDS = 0.05
SENDERS = 8
LISTENERS = 2
IDLE_AFTER_SECONDS = 300.0
HELD_BOUND = 30_000
SPEECH_SECONDS = 120.0
STOP_SECONDS = 3.0


@attrs.frozen
class World:
    """Whom the actors talk to; `polling` has connections of its own, to be cut short.

    `embeddings`, if any, are recall's second signal.
    """

    store: Store
    transport: Transport
    polling: Transport
    models: Sequence[Model]
    transcriber: Transcriber
    probes: Mapping[str, Callable[[], str]]
    embeddings: Embeddings | None = None


@attrs.frozen
class Plan:
    """What the actors are told; rates in messages a second (0: no limit), times in seconds.

    `commands`: how many of one guest are obeyed at once.
    """

    rules: Rules
    allowed_users: frozenset[str]
    rate: float
    chat_rate: float
    llm_slots: int
    llm_timeout: float
    ttl: timedelta
    webhook: tuple[str, str] | None = None
    commands: int = COMMANDS


class Tree:
    """Builds the child specs of the root (rest_for_one), and owns the dispatchers they run on.

    The order is that of need: who fails takes those after it along, and they take up their work
    from the store. `timers`: the clock that the actors' timers run on, the process's unless told.
    """

    def __init__(
        self,
        world: World,
        plan: Plan,
        gate: Gate,
        directory: Directory,
        telemetry: Telemetry,
        clock: Clock,
        timers: TimerClock | None = None,
    ) -> None:
        self._world = world
        self._plan = plan
        self._gate = gate
        self._directory = directory
        self._telemetry = telemetry
        self._clock = clock
        self._timers = timers
        self.dispatchers: list[Dispatcher] = []
        self._pool = Dispatcher(
            "actors",
            POOL_THREADS,
            clock=timers,
            relief=RELIEF_SECONDS,
            spare_threads=POOL_SPARES,
        )
        self.dispatchers.append(self._pool)

    def children(
        self, measured: Callable[[StoreStatistics], None], look: Callable[[], Node]
    ) -> list[ChildSpec]:
        """The root's children; `measured` and `look` serve the monitor."""
        return [
            ChildSpec(m.JOURNAL, self._journal(), shutdown=math.inf),
            ChildSpec(m.READER, self._reader()),
            ChildSpec(m.SENDER, self._sender()),
            self._workers(m.SENDER, SENDERS, self._sender_worker, shutdown=1.0),
            ChildSpec(m.LLM, self._llm()),
            self._workers(m.LLM, self._plan.llm_slots, self._llm_worker, shutdown=0.2),
            *self._embedders(),
            ChildSpec(m.SPEECH, Speech.on(self._pool, self._directory)),
            self._workers(m.SPEECH, LISTENERS, self._speech_worker, shutdown=0.2),
            ChildSpec(
                m.USERS,
                Supervisor(intensity=Intensity(30, 60.0, per="child")),
                kind="supervisor",
                shutdown=STOP_SECONDS,
            ),
            ChildSpec(m.ROUTER, self._router()),
            ChildSpec(m.POLLER, self._poller(), shutdown=0.2),
            ChildSpec(m.MONITOR, self._monitor(measured, look)),
            ChildSpec(m.PROBER, self._prober(), shutdown=0.2),
            ChildSpec(m.EXPORTER, self._exporter(), shutdown=0.2),
        ]

    def _dispatcher(self, name: str, threads: int) -> Dispatcher:
        """Of threads that may wait."""
        dispatcher = Dispatcher(name, threads, blocking=True, clock=self._timers)
        self.dispatchers.append(dispatcher)
        return dispatcher

    def _workers(
        self,
        role: str,
        count: int,
        recipe: Callable[[Dispatcher, str], Recipe],
        shutdown: float,
    ) -> ChildSpec:
        threads = self._dispatcher(role, count)
        names = [f"{role}-{number}" for number in range(count)]
        specs = [ChildSpec(name, recipe(threads, name), shutdown=shutdown) for name in names]
        plan = Supervisor(specs, intensity=Intensity(30, 60.0))
        return ChildSpec(f"{role} workers", plan, kind="supervisor", shutdown=STOP_SECONDS)

    def _journal(self) -> Recipe:
        thread = self._dispatcher(m.JOURNAL, 1)
        shared = (self._directory, self._telemetry, self._gate, self._plan.rules.others)
        return Journal.on(thread, self._world.store, *shared)

    def _reader(self) -> Recipe:
        embeddings = self._world.embeddings
        model = None if embeddings is None else embeddings.name
        return Reader.on(self._dispatcher(m.READER, 1), self._world.store, self._directory, model)

    def _embedders(self) -> list[ChildSpec]:
        """One thread for questions, one for what has time; nothing where no model is named."""
        embeddings = self._world.embeddings
        if embeddings is None:
            return []
        asked, waiting = self._dispatcher(m.QUESTIONS, 1), self._dispatcher(m.EMBEDDINGS, 1)
        questions = QuestionEmbedder.on(asked, embeddings, self._directory, self._clock)
        events = Embedder.on(waiting, embeddings, self._directory)
        return [
            ChildSpec(m.QUESTIONS, questions, shutdown=0.2),
            ChildSpec(m.EMBEDDINGS, events, shutdown=0.2),
        ]

    def _exporter(self) -> Recipe:
        thread = self._dispatcher(m.EXPORTER, 1)
        return Exporter.on(thread, self._world.store, self._directory, self._clock)

    def _sender(self) -> Recipe:
        flood = Flood(self._plan.rate, self._plan.chat_rate)
        common = (self._directory, self._telemetry, self._clock)
        return Sender.on(self._pool, flood, *common, Tried())

    def _sender_worker(self, threads: Dispatcher, name: str) -> Recipe:
        transport = self._world.transport
        return SenderWorker.on(threads, name, transport, self._directory, self._telemetry)

    def _llm(self) -> Recipe:
        endpoints, patience = len(self._world.models), 2 * self._plan.llm_timeout
        common = (self._directory, self._telemetry, self._clock)
        return LlmPool.on(self._pool, endpoints, patience, *common)

    def _llm_worker(self, threads: Dispatcher, name: str) -> Recipe:
        common = (self._directory, self._telemetry, self._plan.llm_timeout)
        return LlmWorker.on(threads, name, self._world.models, *common)

    def _speech_worker(self, threads: Dispatcher, name: str) -> Recipe:
        tools = (self._world.transport, self._world.transcriber)
        common = (self._directory, self._telemetry, SPEECH_SECONDS)
        return SpeechWorker.on(threads, name, *tools, *common)

    def _router(self) -> Recipe:
        common = (self._directory, self._telemetry, self._clock)
        pool, rules = self._pool, self._plan.rules

        def make_user(user_id: str, attempts: Attempts) -> Recipe:
            return UserActor.on(pool, user_id, rules, *common, attempts)

        live: Passivation[str, m.Arrived] = Passivation(IDLE_AFTER_SECONDS, held_bound=HELD_BOUND)
        more = (self._plan.allowed_users, *common, self._plan.commands)
        return Router.on(pool, make_user, live, rules, *more)

    def _poller(self) -> Recipe:
        intake = Intake(self._plan.rules.bot, self._telemetry, self._clock)
        thread = self._dispatcher(m.POLLER, 1)
        common = (self._directory, self._telemetry)
        if self._plan.webhook is not None:
            where = self._plan.webhook
            return Receiver.on(thread, self._world.polling, *where, intake, self._gate, *common)
        return Poller.on(thread, self._world.polling, intake, self._gate, *common)

    def _monitor(
        self, measured: Callable[[StoreStatistics], None], look: Callable[[], Node]
    ) -> Recipe:
        return Monitor.on(
            self._dispatcher("monitor", 1),
            self._world.store,
            self._gate,
            self._plan.ttl,
            measured,
            look,
            self._directory,
            self._telemetry,
            self._clock,
        )

    def _prober(self) -> Recipe:
        thread = self._dispatcher(m.PROBER, 1)
        return Prober.on(thread, self._world.probes, self._telemetry)

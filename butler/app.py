"""The composition: the only place that knows everything."""

from __future__ import annotations

import gc
import logging
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector

from actors import messages as m
from actors.gate import Gate
from actors.guest.rules import Bot, Meter, Rules
from actors.receiver import Pushed
from actors.runtime import Dispatcher
from actors.tree import Plan, Tree, World
from butler import logs, playground
from butler.clients.demo import DemoModel
from butler.clients.discovery import discover
from butler.clients.embeddings import OpenAIEmbeddings
from butler.clients.llm import OpenAIModel
from butler.clients.speech import choose_transcriber
from butler.clients.telegram import TelegramTransport
from butler.clock import SystemClock
from butler.config import Settings
from butler.domain.commands import House
from butler.domain.prompt import Budget
from butler.errors import ButlerError, SettingsError, StoreError
from butler.metrics import Metrics
from butler.ports import Model, Store
from butler.status import Board
from butler.storage import open_store
from butler.supervising import translate
from butler.telemetry import ServiceStarted, ServiceStopped, Telemetry
from butler.terminal import converse
from butler.web import Webhook, WebServer, create_app
from supervision import Directory, Intensity, Node, Root

log = logging.getLogger(__name__)

DRAIN_SECONDS = 5.0
STOP_SECONDS = 3.0
GARBAGE = 20_000  # objects made and not let go between two searches for cycles
LOOK = 64  # children of a supervisor that the monitor looks at; the rest are counted


class Latch:
    """An event that a signal handler may set.

    `threading.Event` is not one: a handler that runs while its own thread holds the event's lock
    waits for ever.
    """

    def __init__(self) -> None:
        self._sets: queue.SimpleQueue[None] = queue.SimpleQueue()

    def set(self) -> None:
        """Let `wait` return; reentrant."""
        self._sets.put(None)

    def wait(self) -> None:
        """Wait until it is set."""
        self._sets.get()


class Service:
    """The running butler: web, dispatchers and the supervision tree. One start, one stop."""

    def __init__(self, settings: Settings) -> None:
        """Opens and checks everything that can be wrong; starts nothing.

        Raises:
            SettingsError: a setting does not fit what is there.
            StoreError: the database cannot be used.
        """
        self.settings = settings
        self._clock = SystemClock()
        self._began = time.monotonic()
        self.gave_up = threading.Event()
        self.wanted_stop = Latch()
        self.registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)
        mode = "playground" if settings.playground else "telegram"
        self._transcriber = choose_transcriber(
            settings.stt_engine, settings.stt_api_url, settings.stt_model, settings.butler_data_dir
        )
        details = dict.fromkeys(("telegram", "store", "llm", "stt"), "not asked yet")
        if settings.stt_engine == "off":
            details["stt"] = "switched off (STT_ENGINE=off)"
        self.board = Board(mode, details)
        self.telemetry = Telemetry(logs.Logs(), self.board)
        self.directory = Directory()
        self._bot = Bot(settings.bot_id)
        self._meter = Meter()
        self._gate = Gate()
        self._playground = _new_playground() if settings.playground else None
        self.web = self._make_web()
        self.demo = False
        self._serves = False
        self._store: Store | None = None
        self._root: Root | None = None
        self._dispatchers: list[Dispatcher] = []
        self._parts: World | None = None

    # Starting

    def start(self) -> None:
        """Serve; returns when every actor is up.

        Raises:
            SettingsError: the port cannot be had.
            StoreError: the database cannot be used.
        """
        self.web.start()
        try:
            self._parts = self._open()
            self.telemetry.subscribe(Metrics(self.registry, endpoints=len(self._parts.models)))
            self._root = self._make_tree(self._parts)
            self.board.look = self._root.tree
            self._root.start()
        except BaseException:
            self.stop()
            raise
        seconds = time.monotonic() - self._began
        mode = "playground" if self.settings.playground else "telegram"
        self._serves = True
        self.telemetry.emit(ServiceStarted(mode, self.web.address, seconds))

    def _open(self) -> World:
        settings = self.settings
        self._store = open_store(
            settings.mongodb_url, settings.butler_data_dir, settings.memory_ttl_days, self._clock
        )
        self._store.migrate()
        urls = settings.llm_api_url or tuple(discover(exclude={self.web.port}))
        models: list[Model] = [
            OpenAIModel(url, settings.llm_model, settings.llm_api_key) for url in urls
        ]
        token = settings.telegram_bot_token or playground.PLAYGROUND_TOKEN
        url = self.web.address if settings.playground else settings.telegram_api_url
        transport, polling = TelegramTransport(token, url), TelegramTransport(token, url)
        self.demo = not models
        brains = models or [DemoModel()]
        probes: dict[str, Callable[[], str]] = {
            "llm": partial(_probe, brains, self.demo, self._meter)
        }
        if settings.stt_engine != "off":
            probes["stt"] = self._transcriber.probe
        embeddings = self._embeddings(urls)
        return World(self._store, transport, polling, brains, self._transcriber, probes, embeddings)

    def _embeddings(self, urls: Sequence[str]) -> OpenAIEmbeddings | None:
        """Recall's second signal where it is asked for; the LLM's key goes to no other server."""
        settings = self.settings
        if not (settings.embeddings_model and settings.personalization_enabled):
            return None
        if settings.embeddings_api_url:
            return OpenAIEmbeddings(settings.embeddings_api_url, settings.embeddings_model)
        if not urls:
            return None
        return OpenAIEmbeddings(urls[0], settings.embeddings_model, settings.llm_api_key)

    def _make_web(self) -> WebServer:
        settings = self.settings
        routes = self._playground.routes() if self._playground else []
        own = [r for r in routes if getattr(r, "path", "").startswith("/playground")]
        app = create_app(
            self.board,
            self.registry,
            settings.http_token,
            Webhook(_Pushing(self.directory), settings.webhook_secret)
            if settings.telegram_webhook_url
            else None,
            extra_routes=own,
            open_routes=[r for r in routes if r not in own],
        )
        on_stop = self._playground.close if self._playground else _nothing
        return WebServer(app, settings.http_host, settings.http_port, on_stop)

    def _make_tree(self, parts: World) -> Root:
        common = (self._gate, self.directory, self.telemetry, self._clock)
        tree = Tree(parts, self._plan(embeddings=parts.embeddings is not None), *common)
        self._dispatchers = tree.dispatchers
        return Root(
            tree.children(self.board.measured, self._look),
            strategy="rest_for_one",
            intensity=Intensity(20, 60.0),
            directory=self.directory,
            on_event=lambda event: translate(event, self.telemetry),
            on_give_up=self._on_give_up,
        )

    def _plan(self, *, embeddings: bool) -> Plan:
        settings = self.settings
        personal, days = settings.personalization_enabled, settings.memory_ttl_days
        rules = Rules(
            bot=self._bot,
            personalization=personal,
            event_cap=settings.memory_event_cap,
            keep_events=settings.memory_keep_events,
            idle_seconds=settings.memory_idle_compaction_seconds,
            budget=Budget(context=settings.llm_context_tokens),
            house=House(personal, days),
            meter=self._meter,
            embeddings=embeddings,
        )
        url = settings.telegram_webhook_url
        return Plan(
            rules=rules,
            allowed_users=settings.butler_allowed_users,
            rate=settings.telegram_rate_limit,
            chat_rate=settings.telegram_chat_rate_limit,
            llm_slots=settings.llm_concurrency,
            llm_timeout=settings.llm_timeout_seconds,
            ttl=timedelta(days=days),
            webhook=(url, settings.webhook_secret) if url else None,
        )

    def _look(self) -> Node:
        assert self._root is not None
        return self._root.tree(LOOK)

    # Stopping

    def _on_give_up(self, failure: Any) -> None:
        self.board.give_up(f"the supervision tree gave up: {type(failure.exception).__name__}")
        self.gave_up.set()
        self.wanted_stop.set()

    def drain(self, seconds: float = DRAIN_SECONDS) -> None:
        """Take no more updates, and let the turns under way finish."""
        assert self._root is not None
        assert self._parts is not None
        self._gate.leave()
        self._parts.polling.close()
        self._root.supervisor("root").terminate_child(m.POLLER)
        until = time.monotonic() + seconds
        waiting = threading.Event()
        while time.monotonic() < until and not self.gave_up.is_set():
            if not self._unsettled(self._parts.store):
                return
            waiting.wait(0.05)

    def _unsettled(self, store: Store) -> int:
        """How many turns there is sense in waiting for: none, while the store does not answer."""
        _, dependencies = self.board.ready()
        if dependencies["store"]["up"] is False:
            return 0
        try:
            return store.statistics().unsettled
        except StoreError:
            return 0

    def stop(self) -> None:
        """Stop the tree upwards, flush, close. Harmless when repeated, or before `start`."""
        abandoned = 0
        self._gate.leave()
        if self._parts is not None:
            self._parts.polling.close()
        if self._root is not None:
            abandoned = len(self._root.stop(STOP_SECONDS).abandoned)
        for dispatcher in self._dispatchers:
            dispatcher.stop(0.1)
        if self._parts is not None:
            self._parts.transport.close()
            self._parts.polling.close()
            for model in self._parts.models:
                model.close()
            if self._parts.embeddings is not None:
                self._parts.embeddings.close()
        self.web.stop(1.0)
        if self._store is not None:
            self._store.close()
        if self._serves:
            self._serves = False
            self.telemetry.emit(ServiceStopped(abandoned))


class _Pushing:
    """The webhook's sink: hands updates to the receiver."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def accept(self, update: dict[str, Any], done: Callable[[bool], None]) -> bool:
        """See `WebhookSink`."""
        try:
            self._directory.tell(m.POLLER, Pushed(update, done))
        except Exception:  # noqa: BLE001  # starting, stopping or full: Telegram comes again
            return False
        return True


def _new_playground() -> playground.Playground:
    world = playground.World(admits_strangers=True)
    world.add_bot()
    return playground.Playground(world)


def _probe(models: Sequence[Model], demo: bool, meter: Meter) -> str:
    """The first endpoint that answers, described; its tokenizer, if any, tells the meter.

    Raises:
        ModelError: none does.
    """
    if demo:
        return "the built-in demo brain; set LLM_API_URL to connect a real one"
    failures: list[ButlerError] = []
    for model in models:
        try:
            detail = model.probe()
        except ButlerError as error:
            failures.append(error)
        else:
            meter.calibrate(model.name, model.count_tokens)
            return detail
    raise failures[0]


def _nothing() -> None:
    pass


def run(settings: Settings) -> int:
    """Serve until told to stop (SIGTERM, SIGINT); the process's exit code.

    Raises:
        SettingsError: a setting does not fit what is there.
        StoreError: the database cannot be used.
    """
    if settings.rabbitmq_url:
        do = "Unset it: this version runs on one machine."
        raise SettingsError("RABBITMQ_URL", "nothing yet", "a URL", do)
    configure_logs(settings)
    service = Service(settings)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: service.wanted_stop.set())
    service.start()
    _spare_the_collector()
    _announce(service)
    service.wanted_stop.wait()
    if not service.gave_up.is_set():
        service.drain()
    service.stop()
    return 1 if service.gave_up.is_set() else 0


def chat(settings: Settings, language: str, name: str) -> int:
    """Serve a playground of our own, and converse in the terminal; the process's exit code.

    Raises:
        SettingsError: a setting does not fit what is there.
        StoreError: the database cannot be used.
    """
    settings = settings.for_terminal()
    logs.configure(settings.log_format, "WARNING")
    service = Service(settings)
    service.start()
    try:
        converse(service.web.address, name, language, 2 * settings.llm_timeout_seconds)
    except KeyboardInterrupt:
        return 0
    finally:
        service.drain()
        service.stop()
    return 0


def _spare_the_collector() -> None:
    """Look for cycles of garbage seldom, and not among what was made at the start.

    Our values have none, while every turn makes hundreds of them: by the default (700 at a time)
    the search costs a tenth of the processor time, and its pauses are the slowest replies.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE, *gc.get_threshold()[1:])


def configure_logs(settings: Settings) -> None:
    """Logs as the settings say, with their secrets masked."""
    secrets = (
        settings.telegram_bot_token or playground.PLAYGROUND_TOKEN,
        settings.llm_api_key or "",
        settings.http_token or "",
        settings.webhook_secret,
        settings.mongodb_url or "",
    )
    logs.configure(settings.log_format, settings.log_level, secrets)


def _announce(service: Service) -> None:
    """The one address to open, on standard output."""
    address = service.web.address
    token = "?token=…" if service.settings.http_token else ""
    if service.settings.playground:
        print(f"Butler serves the playground (no TELEGRAM_BOT_TOKEN): {address}/playground{token}")
    else:
        print(f"Butler serves Telegram; his console: {address}/{token}")
    if service.demo:
        print(
            "No LLM found: the built-in demo brain answers. Set LLM_API_URL to connect a real one."
        )
    sys.stdout.flush()

"""Prometheus metrics: a subscriber of telemetry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from butler import __version__, telemetry
from butler.telemetry import TelemetryEvent

SOURCES = ("text", "voice")
STATUSES = ("success", "error")
ROLES = ("user", "assistant")
KINDS = ("text", "voice", "command", "callback", "edit", "unsupported", "membership", "ignored")
ACTORS = (
    *("poller", "router", "user", "journal", "reader", "exporter", "sender", "llm", "speech"),
    *("web", "prober", "supervisor"),
)
MODEL_OUTCOMES = ("success", "timeout", "unavailable", "overloaded", "invalid", "cancelled")
SPEECH_OUTCOMES = ("success", "error", "unavailable", "invalid", "silent", "too_long")
DEAD_REASONS = ("poison", "llm_unavailable", "undeliverable", "refused", "unreadable")
DEPENDENCIES = ("telegram", "store", "llm", "stt")
METHODS = ("getUpdates", "sendMessage", "sendChatAction", "getFile")
BREAKER = {"closed": 0, "half_open": 1, "open": 2}
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)
FAST_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5)
BATCHES = (1, 2, 5, 10, 25, 50, 100, 250, 1000)


class Metrics:
    """All metrics, in `registry`, present from the start at 0 where their labels are known."""

    def __init__(self, registry: CollectorRegistry, endpoints: int = 1) -> None:
        self.registry = registry
        self._personalization()
        self._service()
        self._calls(endpoints)
        self._handlers: dict[type, Callable[[Any], None]] = {
            telemetry.RequestFinished: self._on_request,
            telemetry.PromptComposed: lambda e: self.prompt_tokens.inc(e.tokens),
            telemetry.ProfileRead: lambda _: self.profile_reads.inc(),
            telemetry.ProfileWritten: lambda _: self.profile_writes.inc(),
            telemetry.MemoryEventsStored: self._on_memory_events,
            telemetry.CompressionFinished: self._on_compression,
            telemetry.ReplySent: lambda e: self.reply_latency.observe(e.seconds),
            telemetry.UpdatesAccepted: self._on_updates,
            telemetry.ModelCalled: self._on_model,
            telemetry.BreakerChanged: self._on_breaker,
            telemetry.SpeechCalled: self._on_speech,
            telemetry.TransportCalled: self._on_transport,
            telemetry.ReplyResent: lambda e: self.replies_resent.inc(e.count),
            telemetry.DeadLettered: lambda e: self.dead_letters.labels(e.reason).inc(),
            telemetry.StoreCommitted: self._on_commit,
            telemetry.DependencyChanged: self._on_dependency,
            telemetry.InboxMeasured: self._on_inbox,
            telemetry.ActorsMeasured: self._on_actors,
            telemetry.ActorRestarted: lambda e: self.actor_restarts.labels(e.kind).inc(),
            telemetry.ActorMessageLost: lambda e: self.lost.labels(e.kind, e.reason).inc(),
            telemetry.MailboxOverflowed: lambda e: self.overflows.labels(e.kind).inc(e.count),
        }

    def __call__(self, event: TelemetryEvent) -> None:
        """Count `event`; thread-safe."""
        handler = self._handlers.get(type(event))
        if handler is not None:
            handler(event)

    def _counter(self, name: str, text: str, **labels: tuple[str, ...]) -> Counter:
        counter = Counter(name, text, tuple(labels), registry=self.registry)
        _preset(counter, labels)
        return counter

    def _gauge(self, name: str, text: str, **labels: tuple[str, ...]) -> Gauge:
        gauge = Gauge(name, text, tuple(labels), registry=self.registry)
        _preset(gauge, labels)
        return gauge

    def _histogram(
        self, name: str, text: str, buckets: tuple[float, ...], **labels: tuple[str, ...]
    ) -> Histogram:
        histogram = Histogram(name, text, tuple(labels), buckets=buckets, registry=self.registry)
        _preset(histogram, labels)
        return histogram

    def _personalization(self) -> None:
        self.requests = self._counter(
            "personalized_requests_total",
            "Guests' turns by source and outcome.",
            source=SOURCES,
            status=STATUSES,
        )
        self.prompt_tokens = self._counter(
            "personalized_prompt_tokens_total", "Tokens of the prompts sent to the LLM."
        )
        self.profile_reads = self._counter("user_profile_reads_total", "Profiles read.")
        self.profile_writes = self._counter("user_profile_writes_total", "Profiles written.")
        self.memory_events = self._counter(
            "user_memory_events_total", "Events that entered memory.", role=ROLES
        )
        self.compressions = self._counter(
            "user_memory_compressions_total", "Memory compressions.", status=STATUSES
        )
        self.compression_duration = self._histogram(
            "user_memory_compression_duration_seconds", "Duration of a compression.", SECONDS
        )

    def _service(self) -> None:
        self.build_info = self._gauge(
            "butler_build_info", "Always 1; the version is a label.", version=(__version__,)
        )
        self.build_info.labels(__version__).set(1)
        self.reply_latency = self._histogram(
            "butler_reply_latency_seconds", "From accepting an update to its reply sent.", SECONDS
        )
        self.inbox_depth = self._gauge("butler_inbox_depth", "Accepted updates not yet settled.")
        self.inbox_age = self._gauge(
            "butler_inbox_oldest_age_seconds", "Age of the oldest unsettled update."
        )
        self.actors_alive = self._gauge("butler_actors_alive", "Live actors.", kind=ACTORS)
        self.mailbox_depth = self._gauge("butler_mailbox_depth", "Queued messages.", kind=ACTORS)
        self.actor_restarts = self._counter(
            "butler_actor_restarts_total", "Restarts after a failure.", kind=ACTORS
        )
        self.overflows = self._counter(
            "butler_mailbox_overflows_total", "Messages that a full mailbox refused.", kind=ACTORS
        )
        self.lost = self._counter(
            "butler_actor_messages_lost_total",
            "Messages between actors that were never handled.",
            kind=ACTORS,
            reason=("died", "undelivered"),
        )
        self.dead_letters = self._counter(
            "butler_dead_letters_total", "Updates that could not be handled.", reason=DEAD_REASONS
        )
        self.commits = self._counter("butler_store_commits_total", "Commits of the journal.")
        self.commit_duration = self._histogram(
            "butler_store_commit_duration_seconds", "Duration of a commit.", FAST_SECONDS
        )
        self.batch_size = self._histogram("butler_store_batch_size", "Writes a commit.", BATCHES)
        self.dependency_up = self._gauge(
            "butler_dependency_up", "1 while a dependency answers.", dependency=DEPENDENCIES
        )

    def _calls(self, endpoints: int) -> None:
        self.updates = self._counter("telegram_updates_total", "Updates accepted.", kind=KINDS)
        self.duplicates = self._counter(
            "telegram_updates_duplicate_total", "Updates delivered again."
        )
        self.replies_resent = self._counter(
            "telegram_replies_resent_total",
            "Replies sent again, as nobody knew whether they had arrived.",
        )
        self.telegram_calls = self._counter(
            "telegram_calls_total",
            "Bot API calls by outcome.",
            method=METHODS,
            outcome=("success", "unavailable"),
        )
        self.telegram_duration = self._histogram(
            "telegram_call_duration_seconds", "Duration of a Bot API call.", SECONDS, method=METHODS
        )
        self.llm_calls = self._counter(
            "llm_calls_total", "LLM calls by outcome.", outcome=MODEL_OUTCOMES
        )
        self.llm_duration = self._histogram(
            "llm_call_duration_seconds", "Duration of an LLM call.", SECONDS
        )
        numbers = tuple(str(n) for n in range(endpoints))
        self.breaker = self._gauge(
            "llm_breaker_state", "0 closed, 1 half-open, 2 open.", endpoint=numbers
        )
        self.stt_calls = self._counter(
            "stt_calls_total", "Recordings listened to, by outcome.", outcome=SPEECH_OUTCOMES
        )
        self.stt_duration = self._histogram(
            "stt_call_duration_seconds", "Duration of listening.", SECONDS
        )

    def _on_request(self, event: telemetry.RequestFinished) -> None:
        self.requests.labels(event.source, event.status).inc()

    def _on_memory_events(self, event: telemetry.MemoryEventsStored) -> None:
        for role in event.roles:
            self.memory_events.labels(role).inc()

    def _on_compression(self, event: telemetry.CompressionFinished) -> None:
        self.compressions.labels(event.status).inc()
        self.compression_duration.observe(event.seconds)

    def _on_updates(self, event: telemetry.UpdatesAccepted) -> None:
        for kind in event.kinds:
            self.updates.labels(kind).inc()
        self.duplicates.inc(event.duplicates)

    def _on_model(self, event: telemetry.ModelCalled) -> None:
        self.llm_calls.labels(event.outcome).inc()
        self.llm_duration.observe(event.seconds)

    def _on_breaker(self, event: telemetry.BreakerChanged) -> None:
        self.breaker.labels(str(event.endpoint)).set(BREAKER[event.state])

    def _on_speech(self, event: telemetry.SpeechCalled) -> None:
        self.stt_calls.labels(event.outcome).inc()
        self.stt_duration.observe(event.seconds)

    def _on_transport(self, event: telemetry.TransportCalled) -> None:
        self.telegram_calls.labels(event.method, event.outcome).inc()
        self.telegram_duration.labels(event.method).observe(event.seconds)

    def _on_commit(self, event: telemetry.StoreCommitted) -> None:
        self.commits.inc()
        self.commit_duration.observe(event.seconds)
        self.batch_size.observe(event.writes)

    def _on_dependency(self, event: telemetry.DependencyChanged) -> None:
        self.dependency_up.labels(event.dependency).set(1 if event.up else 0)

    def _on_inbox(self, event: telemetry.InboxMeasured) -> None:
        self.inbox_depth.set(event.depth)
        self.inbox_age.set(event.oldest_seconds)

    def _on_actors(self, event: telemetry.ActorsMeasured) -> None:
        for kind, count in event.alive.items():
            self.actors_alive.labels(kind).set(count)
        for kind, count in event.queued.items():
            self.mailbox_depth.labels(kind).set(count)


def _preset(metric: Counter | Gauge | Histogram, labels: dict[str, tuple[str, ...]]) -> None:
    """Make every known combination of labels appear at 0."""
    combinations: list[tuple[str, ...]] = [()]
    for values in labels.values():
        combinations = [(*head, value) for head in combinations for value in values]
    for combination in combinations:
        if combination:
            metric.labels(*combination)

"""Metrics: all there from the start, counted by events, and naming no guest."""

from __future__ import annotations

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from butler import metrics as module
from butler import telemetry as t
from butler.metrics import Metrics

EVENTS: list[tuple[t.TelemetryEvent, str, dict[str, str], float]] = [
    (
        t.RequestFinished("text", "success", "424242"),
        "personalized_requests_total",
        {"source": "text", "status": "success"},
        1,
    ),
    (t.PromptComposed(700), "personalized_prompt_tokens_total", {}, 700),
    (t.ProfileRead("424242", True), "user_profile_reads_total", {}, 1),
    (t.ProfileWritten("424242", 2), "user_profile_writes_total", {}, 1),
    (
        t.MemoryEventsStored("424242", ("user", "user", "assistant")),
        "user_memory_events_total",
        {"role": "user"},
        2,
    ),
    (
        t.CompressionFinished("424242", "error", 3.0),
        "user_memory_compressions_total",
        {"status": "error"},
        1,
    ),
    (
        t.CompressionFinished("424242", "success", 3.0),
        "user_memory_compression_duration_seconds_sum",
        {},
        3.0,
    ),
    (t.ReplySent(0.7), "butler_reply_latency_seconds_count", {}, 1),
    (t.UpdatesAccepted(("text", "text"), 3), "telegram_updates_total", {"kind": "text"}, 2),
    (t.UpdatesAccepted((), 3), "telegram_updates_duplicate_total", {}, 3),
    (t.ModelCalled(0, "timeout", 1.0), "llm_calls_total", {"outcome": "timeout"}, 1),
    (t.BreakerChanged(1, "open"), "llm_breaker_state", {"endpoint": "1"}, 2),
    (t.SpeechCalled("silent", 1.0), "stt_calls_total", {"outcome": "silent"}, 1),
    (
        t.TransportCalled("sendMessage", "flood", 0.1),
        "telegram_calls_total",
        {"method": "sendMessage", "outcome": "flood"},
        1,
    ),
    (t.ReplyResent(4), "telegram_replies_resent_total", {}, 4),
    (t.DeadLettered("poison", "424242"), "butler_dead_letters_total", {"reason": "poison"}, 1),
    (t.StoreCommitted(20, 0.01), "butler_store_batch_size_sum", {}, 20),
    (
        t.DependencyChanged("llm", True, "answers"),
        "butler_dependency_up",
        {"dependency": "llm"},
        1,
    ),
    (t.InboxMeasured(5, 9.0), "butler_inbox_oldest_age_seconds", {}, 9),
    (
        t.ActorsMeasured({"user": 3}, {"user": 7}),
        "butler_mailbox_depth",
        {"kind": "user"},
        7,
    ),
    (t.ActorRestarted("user"), "butler_actor_restarts_total", {"kind": "user"}, 1),
    (
        t.ActorMessageLost("llm", "Complete", "died"),
        "butler_actor_messages_lost_total",
        {"kind": "llm", "reason": "died"},
        1,
    ),
    (t.MailboxOverflowed("user", 9), "butler_mailbox_overflows_total", {"kind": "user"}, 9),
]


@pytest.mark.parametrize(("event", "name", "labels", "value"), EVENTS)
def test_an_event_is_counted_where_it_belongs(
    event: t.TelemetryEvent, name: str, labels: dict[str, str], value: float
) -> None:
    registry = CollectorRegistry()
    metrics = Metrics(registry, endpoints=2)
    assert registry.get_sample_value(name, labels) in (0, None)
    metrics(event)
    assert registry.get_sample_value(name, labels) == value


def test_all_known_series_are_there_from_the_start() -> None:
    registry = CollectorRegistry()
    Metrics(registry, endpoints=2)
    for source in module.SOURCES:
        for status in module.STATUSES:
            labels = {"source": source, "status": status}
            assert registry.get_sample_value("personalized_requests_total", labels) == 0
    for reason in module.DEAD_REASONS:
        assert registry.get_sample_value("butler_dead_letters_total", {"reason": reason}) == 0
    assert registry.get_sample_value("llm_breaker_state", {"endpoint": "1"}) == 0


def test_no_label_holds_a_guest() -> None:
    registry = CollectorRegistry()
    metrics = Metrics(registry)
    for event, *_ in EVENTS:
        metrics(event)
    metrics(t.RequestFinished("voice", "error", "424242", "ModelTimeout"))
    metrics(t.ServiceStopped(0))
    assert b"424242" not in generate_latest(registry)


def test_a_dependency_that_is_away_shows_as_zero() -> None:
    registry = CollectorRegistry()
    metrics = Metrics(registry)
    metrics(t.DependencyChanged("llm", True, ""))
    metrics(t.DependencyChanged("llm", False, ""))
    assert registry.get_sample_value("butler_dependency_up", {"dependency": "llm"}) == 0


def test_telemetry_tells_all_and_survives_those_who_fail(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fails(_: t.TelemetryEvent) -> None:
        raise ValueError("what a guest said")

    heard: list[t.TelemetryEvent] = []
    telemetry = t.Telemetry(fails)
    telemetry.subscribe(heard.append)
    telemetry.emit(t.ReplyResent())
    assert heard == [t.ReplyResent()]
    assert "ReplyResent" in caplog.text
    assert "what a guest said" not in caplog.text

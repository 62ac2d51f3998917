"""What the operator sees: health, metrics, alerts, logs."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.error import HTTPError

import pytest

from butler.playground import PLAYGROUND_TOKEN, PlaygroundServer
from butler.telemetry import CompressionFinished, DependencyChanged, RequestFinished
from ops.bench.llm_server import LlmServer
from tests.e2e.conftest import OpenHouse
from tests.ops.prometheus import monitoring
from tests.support import audio
from tests.support.house import environment
from tests.support.process import ROOT, butler_process
from tests.support.waiting import eventually

STOCK = "Разумеется. Чай подан, сэр."
AT_ZERO = [
    *(
        f'personalized_requests_total{{source="{source}",status="{status}"}}'
        for source in ("text", "voice")
        for status in ("success", "error")
    ),
    "personalized_prompt_tokens_total",
    "user_profile_reads_total",
    "user_profile_writes_total",
    'user_memory_events_total{role="user"}',
    'user_memory_events_total{role="assistant"}',
    'user_memory_compressions_total{status="success"}',
    'user_memory_compressions_total{status="error"}',
    "user_memory_compression_duration_seconds_count",
    "butler_reply_latency_seconds_count",
    "butler_inbox_depth",
    "butler_inbox_oldest_age_seconds",
    'butler_actor_restarts_total{kind="user"}',
    'butler_dead_letters_total{reason="poison"}',
    'llm_calls_total{outcome="success"}',
    'stt_calls_total{outcome="success"}',
    'telegram_calls_total{method="sendMessage",outcome="success"}',
    'llm_breaker_state{endpoint="0"}',
    "telegram_replies_resent_total",
]


def test_every_metric_is_there_from_the_start_at_0(open_house: OpenHouse) -> None:
    page = open_house().get("/metrics")
    for sample in AT_ZERO:
        assert f"\n{sample} 0.0\n" in page, sample
    assert 'butler_actors_alive{kind="poller"}' in page
    assert 'butler_mailbox_depth{kind="user"}' in page


def test_the_metrics_of_the_runbook_are_those_that_are_served(open_house: OpenHouse) -> None:
    page = open_house().get("/metrics")
    runbook = (ROOT / "docs" / "operational" / "metrics.md").read_text("utf-8")
    served = set(re.findall(r"^# TYPE (\w+) ", page, re.MULTILINE))
    served = {
        n for n in served if not n.startswith(("python_", "process_")) and n[-8:] != "_created"
    }
    assert {name for name in served if name not in runbook} == set()


def test_a_conversation_moves_the_metrics(open_house: OpenHouse) -> None:
    home = open_house()
    anna = home.guest()
    home.ask(anna, "Добрый день.")
    home.ask(anna, "Чаю?")
    home.wait_metric("butler_reply_latency_seconds_count", 2)
    assert home.metric("personalized_requests_total", source="text", status="success") == 2
    assert home.metric("personalized_prompt_tokens_total") > 0
    assert home.metric("user_profile_reads_total") == 1
    assert home.metric("user_profile_writes_total") >= 2
    assert home.metric("user_memory_events_total", role="user") == 2
    assert home.metric("user_memory_events_total", role="assistant") == 2
    assert home.metric("llm_calls_total", outcome="success") == 2
    assert home.metric("telegram_calls_total", method="sendMessage", outcome="success") == 2
    assert str(anna.id) not in home.get("/metrics")


def test_health_and_ready_tell_how_it_is(open_house: OpenHouse) -> None:
    home = open_house()
    assert json.loads(home.get("/health"))
    home.witness.wait(DependencyChanged, lambda e: e.dependency == "telegram" and e.up)
    home.witness.wait(DependencyChanged, lambda e: e.dependency == "store" and e.up)
    home.witness.wait(DependencyChanged, lambda e: e.dependency == "llm" and e.up)
    ready = json.dumps(home.serves())
    for dependency in ("telegram", "store", "llm", "stt"):
        assert dependency in ready


def test_without_telegram_it_is_alive_but_not_ready(open_house: OpenHouse) -> None:
    home = open_house(TELEGRAM_API_URL="http://127.0.0.1:9")
    home.witness.wait(DependencyChanged, lambda e: e.dependency == "telegram" and not e.up)
    assert json.loads(home.get("/health"))
    with pytest.raises(HTTPError) as refused:
        home.get("/ready")
    assert refused.value.code == 503
    assert PLAYGROUND_TOKEN not in refused.value.read().decode()


def test_without_an_llm_it_serves_and_says_so(open_house: OpenHouse) -> None:
    home = open_house(LLM_API_URL="http://127.0.0.1:9")
    home.witness.wait(DependencyChanged, lambda e: e.dependency == "llm" and not e.up)
    home.witness.wait(DependencyChanged, lambda e: e.dependency == "telegram" and e.up)
    home.serves()
    home.wait_metric("butler_dependency_up", 1, dependency="store")
    assert home.metric("butler_dependency_up", dependency="llm") == 0


# Alerts


@pytest.mark.service
def test_a_butler_whose_llm_fails_raises_both_alerts_and_recovers(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    home = open_house(MEMORY_EVENT_CAP="4", MEMORY_KEEP_EVENTS="2", LLM_TIMEOUT_SECONDS="5")
    directory = tmp_path / "monitoring"
    directory.mkdir()
    with monitoring(f"127.0.0.1:{home.service.web.port}", directory) as watch:
        watch.wait_until_scraped()
        guests = [home.guest(f"Гость {number}") for number in range(7)]
        home.llm.behave(summaries="not_json")
        for guest in guests:
            for number in range(3):
                assert home.ask(guest, f"Дело {number}") == STOCK
        home.witness.wait(CompressionFinished, lambda e: e.status == "error", count=6)
        home.llm.behave(kind="empty")
        for guest in guests:
            home.ask(guest, "А теперь?")
        home.witness.wait(RequestFinished, lambda e: e.status == "error", count=7)
        for name in ("PersonalizationHighErrorRate", "MemoryCompressionFailures"):
            alert = watch.wait_for_alert(name)
            assert alert["labels"]["component"] == "personalization"
            assert alert["annotations"]["runbook_url"].startswith("docs/operational/metrics.md#")
        home.llm.behave()
        for number in range(60):
            assert home.ask(guests[number % 7], "И всё же?") == STOCK
        watch.wait_until_resolved("PersonalizationHighErrorRate")


# Logs

WORDS = ("ландыш", "секретарь", "ириска")
KEY = "sk-llm-key-of-the-operator"


@pytest.mark.parametrize("level", ["INFO", "DEBUG"])
def test_the_log_is_greppable_and_holds_neither_words_nor_secrets(
    tmp_path: Path, level: str
) -> None:
    with PlaygroundServer() as playground, LlmServer(answer=lambda _: "Ириска, сэр.") as llm:
        settings = environment(
            tmp_path / "data",
            playground,
            llm,
            LOG_FORMAT="json",
            LOG_LEVEL=level,
            LLM_API_KEY=KEY,
            HTTP_TOKEN="web-token-of-the-operator",
            TELEGRAM_WEBHOOK_SECRET="webhook-secret",
            MEMORY_EVENT_CAP="4",
            MEMORY_KEEP_EVENTS="2",
        )
        with butler_process(settings, tmp_path / "run") as butler:
            butler.address()
            anna = playground.guest("Секретарь")
            anna.say("Мой цветок: ландыш.")
            anna.wait_reply()
            llm.behave(kind="status", status=500, message="ландыш не нравится")
            anna.say("Снова ландыш.")
            anna.wait_reply()
            llm.behave()
            anna.wait_reply()
            anna.send_media("voice", audio.corrupt(), caption="ландыш")
            anna.wait_reply()
            playground.world.inject({"message": {"text": "ландыш", "chat": "ландыш"}})
            anna.say("/language ландыш")
            anna.wait_reply()
            for _ in range(3):
                anna.say("Ещё ландыш.")
                anna.wait_reply()
            eventually("a compression in the log", lambda: "compress" in butler.log())
            assert butler.terminate() == 0
            log = butler.log()
    low = log.lower()
    for secret in (playground.token, KEY, "web-token", "webhook-secret"):
        assert secret not in log
    assert playground.token.partition(":")[2] not in log
    if level == "INFO":
        for word in WORDS:
            assert word not in low
    events = [json.loads(line) for line in log.splitlines()]
    assert all(event["event"] and event["level"] and event["timestamp"] for event in events)
    for word in ("personaliz", "memory", "profile", "compress", "error"):
        assert any(word in line.lower() for line in log.splitlines()), word
    errors = [e for e in events if e["event"] == "personalized request error"]
    assert sorted(e["source"] for e in errors) == ["text", "voice"]


def test_the_console_shows_the_figures_without_a_token_on_loopback(open_house: OpenHouse) -> None:
    home = open_house()
    home.ask(home.guest(), "Добрый день.")
    assert "Butler" in home.get("/") or "Дворецкий" in home.get("/")


def test_beyond_loopback_the_console_wants_a_token_and_the_probes_do_not(
    open_house: OpenHouse,
) -> None:
    home = open_house(HTTP_HOST="0.0.0.0", HTTP_TOKEN="a-long-random-word")
    port = home.service.web.port
    for path, code in (("/health", 200), ("/metrics", 200), ("/", 401)):
        assert _status(f"http://127.0.0.1:{port}{path}") == code


def _status(url: str) -> int:
    from urllib.request import urlopen

    try:
        with urlopen(url, timeout=10) as answer:
            return int(answer.status)
    except HTTPError as refused:
        return refused.code

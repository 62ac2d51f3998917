"""The rules on real Prometheus and Alertmanager, against an exporter that counts as told."""

from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge, start_http_server

from tests.ops.prometheus import Monitoring, monitoring

pytestmark = pytest.mark.service


@attrs.frozen
class Exporter:
    """What a butler would expose, at `address`, counted by the test."""

    address: str
    requests: Counter
    compressions: Counter
    breaker: Gauge
    started: Gauge


@pytest.fixture
def exporter() -> Iterator[Exporter]:
    registry = CollectorRegistry()
    requests = Counter(
        "personalized_requests", "Requests.", ["source", "status"], registry=registry
    )
    compressions = Counter(
        "user_memory_compressions", "Compressions.", ["status"], registry=registry
    )
    for status in ("success", "error"):
        requests.labels("text", status)
        compressions.labels(status)
    breaker = Gauge("llm_breaker_state", "Breaker.", ["endpoint"], registry=registry)
    started = Gauge("process_start_time_seconds", "Start.", registry=registry)
    server, thread = start_http_server(0, addr="127.0.0.1", registry=registry)
    yield Exporter(f"127.0.0.1:{server.server_port}", requests, compressions, breaker, started)
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def watch(exporter: Exporter, tmp_path: Path) -> Iterator[Monitoring]:
    with monitoring(exporter.address, tmp_path) as running:
        yield running


def test_a_butler_whose_requests_fail_raises_the_alert_in_alertmanager(
    exporter: Exporter, watch: Monitoring
) -> None:
    watch.wait_until_scraped()
    exporter.requests.labels("text", "success").inc(5)
    exporter.requests.labels("text", "error").inc(5)
    alert = watch.wait_for_alert("PersonalizationHighErrorRate")
    assert alert["labels"]["component"] == "personalization"
    assert alert["status"]["state"] == "active"
    assert alert["annotations"]["runbook_url"].startswith("docs/operational/metrics.md#")
    exporter.requests.labels("text", "success").inc(1_000)
    watch.wait_until_resolved("PersonalizationHighErrorRate")


def test_failures_before_the_first_scrape_of_a_new_process_are_seen(
    exporter: Exporter, tmp_path: Path
) -> None:
    exporter.started.set_to_current_time()
    exporter.compressions.labels("error").inc(6)
    with monitoring(exporter.address, tmp_path) as watch:
        alert = watch.wait_for_alert("MemoryCompressionFailures")
    assert alert["annotations"]["summary"] == "6 compressions of memory failed in 5 minutes"


def test_a_good_butler_raises_nothing(exporter: Exporter, watch: Monitoring) -> None:
    exporter.requests.labels("text", "success").inc()
    watch.wait_for_sample("job:personalized_requests:increase5m")
    watch.wait_for_sample('count_over_time(up{job="butler"}[1m]) > 3')
    assert watch.query("ALERTS") == []

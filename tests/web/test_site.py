from __future__ import annotations

from prometheus_client import CollectorRegistry
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from butler import telemetry
from butler.metrics import Metrics
from tests.web.serving import DEPENDENCIES, Steward, node, serving


def test_health_is_200_while_the_butler_is_well_and_503_when_he_is_not() -> None:
    steward = Steward()
    with serving(steward) as site:
        well = site.get("/health")
        steward.healthy = False
        ill = site.get("/health")
    assert (well.status_code, well.json()) == (200, {"status": "ok", "uptime": 5})
    assert (ill.status_code, ill.json()) == (503, {"status": "failing", "uptime": 5})


def test_health_answers_head_without_a_body() -> None:
    with serving() as site:
        answer = site.ask("HEAD", "/health")
    assert answer.status_code == 200
    assert answer.content == b""


def test_ready_tells_each_dependency() -> None:
    steward = Steward()
    with serving(steward) as site:
        serves = site.get("/ready")
        steward.is_ready = False
        waits = site.get("/ready")
    assert (serves.status_code, serves.json()["dependencies"]) == (200, DEPENDENCIES)
    assert (waits.status_code, waits.json()["status"]) == (503, "not ready")


def test_metrics_are_prometheus_text_or_openmetrics_as_the_scraper_prefers() -> None:
    registry = CollectorRegistry()
    Metrics(registry)
    with serving(registry=registry) as site:
        plain = site.get("/metrics")
        accept = {"Accept": "application/openmetrics-text;version=1.0.0"}
        modern = site.get("/metrics", headers=accept)
        posted = site.ask("POST", "/metrics")
    assert plain.headers["content-type"].startswith("text/plain")
    assert 'personalized_requests_total{source="text",status="error"} 0.0' in plain.text
    assert modern.headers["content-type"].startswith("application/openmetrics-text")
    assert modern.text.endswith("# EOF\n")
    assert posted.status_code == 405


def test_status_holds_what_the_console_shows() -> None:
    registry = CollectorRegistry()
    Metrics(registry)(telemetry.RequestFinished("text", "success", "7"))
    with serving(Steward(figures={"Slots": "1 of 8"}), registry=registry) as site:
        status = site.get("/status").json()
    assert status["ready"] is True
    assert status["overview"]["statistics"] == {"profiles": 3, "dead_letters": 1}
    assert status["tree"]["children"][0]["name"] == "journal"
    assert {"label": "Requests answered", "value": 1.0, "unit": ""} in status["figures"]
    assert {"label": "Slots", "value": "1 of 8", "unit": ""} in status["figures"]


def test_a_wide_tree_is_pruned_and_says_so() -> None:
    users = node("users", *(node(f"user/{number}") for number in range(60)))
    with serving(Steward(root=node("root", users))) as site:
        shown = site.get("/status").json()["tree"]["children"][0]
    assert (len(shown["children"]), shown["omitted"]) == (50, 10)


def test_the_console_is_one_page_that_loads_nothing_from_elsewhere() -> None:
    with serving() as site:
        page = site.get("/")
        script, style = site.get("/console.js"), site.get("/console.css")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "http://www.w3.org" in page.text
    assert "https://" not in page.text + script.text + style.text
    assert script.headers["content-type"].startswith("text/javascript")
    assert style.headers["content-type"].startswith("text/css")


def test_every_answer_carries_headers_that_protect_the_browser() -> None:
    with serving() as site:
        answers = [site.get(path) for path in ("/", "/health", "/status", "/nowhere")]
    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


def test_unknown_paths_and_methods_are_refused_in_json() -> None:
    with serving() as site:
        unknown = site.get("/nowhere")
        wrong = site.ask("DELETE", "/health")
    assert (unknown.status_code, unknown.json()) == (404, {"error": "Not Found"})
    assert (wrong.status_code, wrong.json()) == (405, {"error": "Method Not Allowed"})


def test_a_failing_view_tells_nothing_of_why() -> None:
    with serving(Steward(broken=True)) as site:
        answer = site.get("/health")
    assert answer.status_code == 500
    assert answer.json() == {"error": "Internal Server Error", "do": "See the log."}


def test_routes_of_others_are_served_beside_ours() -> None:
    async def page(_request: Request) -> Response:
        return PlainTextResponse("the chat", headers={"Content-Security-Policy": "their own"})

    with serving(extra_routes=[Route("/playground", page)]) as site:
        answer = site.get("/playground")
    assert answer.text == "the chat"
    assert answer.headers["content-security-policy"] == "their own"

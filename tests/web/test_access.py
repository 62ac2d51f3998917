from __future__ import annotations

import pytest
import requests
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from tests.web.serving import serving

TOKEN = "open-sesame-42"
BROWSER = {"Accept": "text/html,application/xhtml+xml"}


async def _echo(request: Request) -> Response:
    return PlainTextResponse(f"{request.method} {request.url.path}")


CHAT = Route("/playground", _echo, methods=["GET", "POST"])
BOT_API = Route("/bot{token}/{method}", _echo, methods=["GET", "POST"])


@pytest.mark.parametrize("path", ["/", "/ready", "/status", "/console.js", "/playground", "/no"])
def test_without_the_token_nothing_of_the_operator_is_shown(path: str) -> None:
    with serving(token=TOKEN, extra_routes=[CHAT]) as site:
        answer = site.get(path)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.json()["error"] == "no token"


@pytest.mark.parametrize("path", ["/health", "/metrics", "/console.css"])
def test_health_metrics_and_the_style_sheet_need_no_token(path: str) -> None:
    with serving(token=TOKEN) as site:
        assert site.get(path).status_code == 200


def test_open_routes_see_to_access_themselves() -> None:
    with serving(token=TOKEN, open_routes=[BOT_API]) as site:
        assert site.ask("POST", "/bot1:x/getMe").text == "POST /bot1:x/getMe"


def test_a_bearer_token_opens() -> None:
    with serving(token=TOKEN) as site:
        right = site.get("/status", headers={"Authorization": f"bearer {TOKEN}"})
        wrong = site.get("/status", headers={"Authorization": "Bearer other"})
        accented = site.get("/status", headers={"Authorization": "Bearer öffne"})
    assert right.status_code == 200
    assert (wrong.status_code, wrong.json()["error"]) == (401, "wrong token")
    assert accented.status_code == 401


def test_a_program_may_give_the_token_in_the_address() -> None:
    with serving(token=TOKEN) as site:
        assert site.get(f"/status?token={TOKEN}").status_code == 200
        assert site.get("/status?token=öther").status_code == 401


def test_a_browser_swaps_the_token_for_a_cookie_and_a_clean_address() -> None:
    with serving(token=TOKEN) as site, requests.Session() as browser:
        address = f"{site.address}//evil.example/?token={TOKEN}&view=%D1%8F"
        entered = browser.get(address, headers=BROWSER, allow_redirects=False, timeout=20)
        shown = browser.get(f"{site.address}/status", timeout=20)
        again = browser.get(
            f"{site.address}/?token=old", headers=BROWSER, allow_redirects=False, timeout=20
        )
    assert entered.status_code == 303
    assert entered.headers["location"] == "/evil.example/?view=%D1%8F"
    cookie = entered.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert TOKEN not in cookie
    assert shown.status_code == 200
    assert again.headers["location"] == "/"


def test_behind_tls_the_cookie_stays_behind_tls() -> None:
    with serving(token=TOKEN) as site:
        headers = {**BROWSER, "X-Forwarded-Proto": "https"}
        entered = site.get(f"/?token={TOKEN}", headers=headers)
    assert "Secure" in entered.headers["set-cookie"]


def test_a_cookie_of_another_token_does_not_open() -> None:
    with serving(token="another") as other:
        cookie = other.get("/?token=another", headers=BROWSER).cookies
    with serving(token=TOKEN) as site:
        assert site.get("/status", cookies=cookie).status_code == 401


def test_a_browser_without_a_token_is_asked_for_it() -> None:
    with serving(token=TOKEN) as site:
        first = site.get("/", headers=BROWSER)
        second = site.get("/?token=guess", headers=BROWSER)
    assert first.status_code == second.status_code == 401
    assert '<input name="token"' in first.text
    assert "That is not the token." not in first.text
    assert "That is not the token." in second.text


@pytest.mark.parametrize("host", ["localhost:1", "127.0.0.1", "[::1]:8080", "127.9.9.9"])
def test_without_a_token_this_machine_may_ask(host: str) -> None:
    with serving() as site:
        assert site.get("/status", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "10.0.0.5:8080", "127.0.0.1.evil.example", "["])
def test_without_a_token_no_other_name_leads_to_the_console(host: str) -> None:
    with serving() as site:
        refused = site.get("/status", headers={"Host": host})
        health = site.get("/health", headers={"Host": host})
    assert refused.status_code == 403
    assert health.status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_another_sites_page_cannot_write(headers: dict[str, str], status: int) -> None:
    with serving(extra_routes=[CHAT]) as site:
        assert site.ask("POST", "/playground", headers=headers).status_code == status
        assert site.get("/playground", headers=headers).status_code == 200


def test_our_own_page_may_write_from_a_browser_that_tells_only_its_origin() -> None:
    with serving(extra_routes=[CHAT]) as site:
        headers = {"Origin": site.address}
        assert site.ask("POST", "/playground", headers=headers).status_code == 200

"""Who may see the operator's pages."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from collections.abc import Sequence
from typing import Literal
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Receive, Scope, Send

from butler.web.headers import PAGE_POLICY

Shown = Literal["nothing", "wrong", "right", "in_address"]
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Access:
    """ASGI middleware that guards every route but the open ones.

    With a token: who shows it as `Authorization: Bearer`, as `?token=` (a browser then gets a
    cookie and an address without it) or by that cookie may enter. Without: only requests to a name
    of this machine, since a foreign page can make a browser ask loopback under its own name (DNS
    rebinding). In both cases another site's page may not change anything.
    """

    def __init__(
        self, app: ASGIApp, token: str | None, open_routes: Sequence[BaseRoute], login: str
    ) -> None:
        self._app = app
        self._token = token
        self._open_routes = tuple(open_routes)
        self._login = login
        # By token, since browsers keep one cookie jar for all ports of a machine.
        digest = hashlib.sha256(f"butler console {token}".encode()).hexdigest()
        self._cookie, self._cookie_value = f"butler-{digest[:8]}", digest[8:]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on or refuse it."""
        answer: Response | None = None
        if scope["type"] == "http" and not self._is_open(scope):
            answer = self._answer(Request(scope))
        await (answer or self._app)(scope, receive, send)

    def _is_open(self, scope: Scope) -> bool:
        return any(route.matches(scope)[0] is not Match.NONE for route in self._open_routes)

    def _answer(self, request: Request) -> Response | None:
        """Our own answer; None lets the request pass."""
        if self._token is None and not _for_this_machine(request):
            return _refused(403, "not a name of this machine", "Open http://127.0.0.1 instead.")
        if request.method not in SAFE_METHODS and _from_another_site(request):
            return _refused(403, "sent by another site's page", "Use the butler's own page.")
        if self._token is None:
            return None
        shown = self._shown(request, self._token)
        browser = "text/html" in request.headers.get("accept", "")
        if shown == "in_address" and browser and request.method == "GET":
            return self._remembered(request)
        if shown in ("right", "in_address"):
            return None
        return self._asked(shown, browser=browser)

    def _shown(self, request: Request, token: str) -> Shown:
        scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return "right" if _same(bearer.strip(), token) else "wrong"
        if _same(request.cookies.get(self._cookie, ""), self._cookie_value):
            in_address = "token" in request.query_params
            return "in_address" if in_address else "right"
        if "token" in request.query_params:
            return "in_address" if _same(request.query_params["token"], token) else "wrong"
        return "nothing"

    def _remembered(self, request: Request) -> Response:
        """The token goes into a cookie, and out of the address bar and its history."""
        query = [pair for pair in parse_qsl(request.url.query) if pair[0] != "token"]
        path = "/" + quote(request.url.path.lstrip("/"))
        response = RedirectResponse(f"{path}?{urlencode(query)}" if query else path, 303)
        secure = request.url.scheme == "https"
        response.set_cookie(
            self._cookie, self._cookie_value, httponly=True, samesite="lax", secure=secure
        )
        return response

    def _asked(self, shown: Shown, *, browser: bool) -> Response:
        headers = {"WWW-Authenticate": 'Bearer realm="butler"'}
        if browser:
            note = "That is not the token." if shown == "wrong" else ""
            page = self._login.replace("<!-- note -->", note)
            return HTMLResponse(page, 401, {**headers, **PAGE_POLICY})
        do = "Send the butler's HTTP_TOKEN as Authorization: Bearer, or as ?token=."
        return _refused(401, "wrong token" if shown == "wrong" else "no token", do, headers)


def _refused(
    status: int, error: str, do: str, headers: dict[str, str] | None = None
) -> JSONResponse:
    return JSONResponse({"error": error, "do": do}, status, headers)


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(), wanted.encode())


def _for_this_machine(request: Request) -> bool:
    try:
        name = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _from_another_site(request: Request) -> bool:
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != request.headers.get("host")

"""The web's routes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from importlib import resources
from typing import Any

from prometheus_client import CollectorRegistry, make_asgi_app
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from butler.web import webhook as webhooks
from butler.web.access import Access
from butler.web.figures import figures
from butler.web.headers import PAGE_POLICY, SecurityHeaders
from butler.web.status import StatusSource, pruned
from butler.web.webhook import Webhook

TREE_WIDTH = 50
MEDIA_TYPES = {"html": "text/html", "css": "text/css", "js": "text/javascript"}


def create_app(
    status: StatusSource,
    registry: CollectorRegistry,
    token: str | None,
    webhook: Webhook | None = None,
    extra_routes: Sequence[BaseRoute] = (),
    open_routes: Sequence[BaseRoute] = (),
) -> Starlette:
    """The butler's web.

    `token` guards all but health, metrics, the webhook and `open_routes` (which see to it
    themselves who may use them). `extra_routes` come before ours.
    """
    views = _Views(status, registry)
    unguarded: list[BaseRoute] = [
        Route("/health", views.health),
        Route("/metrics", _Asgi(make_asgi_app(registry)), methods=["GET"]),
        _webhook_route(webhook),
        _page("/console.css", "console.css"),
        *open_routes,
    ]
    guarded: list[BaseRoute] = [
        *extra_routes,
        Route("/ready", views.ready),
        Route("/status", views.everything),
        _page("/", "console.html"),
        _page("/console.js", "console.js"),
    ]
    login = _static("login.html").decode()
    return Starlette(
        routes=[*unguarded, *guarded],
        middleware=[
            Middleware(SecurityHeaders),
            Middleware(Access, token=token, open_routes=unguarded, login=login),
        ],
        exception_handlers={HTTPException: _on_http_error, Exception: _on_error},
    )


class _Views:
    """The JSON answers."""

    def __init__(self, status: StatusSource, registry: CollectorRegistry) -> None:
        self._status = status
        self._registry = registry

    async def health(self, _request: Request) -> Response:
        good, details = self._status.health()
        state = "ok" if good else "failing"
        return JSONResponse({"status": state, **details}, 200 if good else 503)

    async def ready(self, _request: Request) -> Response:
        good, dependencies = self._status.ready()
        state = "ready" if good else "not ready"
        body = {"status": state, "dependencies": dependencies}
        return JSONResponse(body, 200 if good else 503)

    async def everything(self, _request: Request) -> Response:
        """What the console shows."""
        good, dependencies = self._status.ready()
        overview: dict[str, Any] = {**self._status.overview()}
        own = overview.pop("figures", None) or {}
        extra = [{"label": label, "value": value, "unit": ""} for label, value in own.items()]
        return JSONResponse(
            {
                "ready": good,
                "dependencies": dependencies,
                "overview": overview,
                "figures": [*figures(self._registry), *extra],
                "tree": pruned(self._status.tree(), TREE_WIDTH),
            }
        )


class _Asgi:
    """An ASGI app as an endpoint; Starlette takes a bare function for a view."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)


def _static(name: str) -> bytes:
    return resources.files("butler.web").joinpath("static", name).read_bytes()


def _page(path: str, name: str) -> Route:
    content, media_type = _static(name), MEDIA_TYPES[name.rpartition(".")[2]]

    async def page(_request: Request) -> Response:
        return Response(content, media_type=media_type, headers=PAGE_POLICY)

    view: Callable[[Request], Awaitable[Response]] = page
    return Route(path, view)


def _webhook_route(webhook: Webhook | None) -> Route:
    if webhook is None:
        return Route(webhooks.PATH, _no_webhook, methods=["GET", "POST"])
    return Route(webhooks.PATH, webhook.receive, methods=["POST"])


async def _no_webhook(_request: Request) -> Response:
    do = "Set TELEGRAM_WEBHOOK_URL; without it the butler polls."
    return JSONResponse({"error": "no webhook is configured", "do": do}, 404)


async def _on_http_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"error": error.detail}, error.status_code, error.headers)


async def _on_error(_request: Request, _error: Exception) -> Response:
    return JSONResponse({"error": "Internal Server Error", "do": "See the log."}, 500)

"""The playground as routes for any Starlette application, and as an application of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from butler.playground.botapi import BotApi
from butler.playground.feed import Feed
from butler.playground.guest_api import GuestApi
from butler.playground.guests import Guests
from butler.playground.webhooks import Delays
from butler.playground.world import World

_STATIC = Path(__file__).parent / "static"
# Everything comes from here; recordings and pictures are shown from memory.
_POLICY = (
    "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)


class Playground:
    """A world behind HTTP: the Bot API, the chat page and the guests' side.

    Attributes:
        world: Its state.
        guests: What guests do, for Python in the same process.
    """

    def __init__(self, world: World | None = None, *, webhook_delays: Delays | None = None) -> None:
        """Wrap *world*, by default a new one with one bot of ``PLAYGROUND_TOKEN``."""
        if world is None:
            world = World()
            world.add_bot()
        self.world = world
        self.guests = Guests(world)
        self._bot_api = BotApi(world, webhook_delays=webhook_delays)
        self._feed = Feed(world)
        self._guest_api = GuestApi(world, self.guests, self._feed)

    def routes(self) -> list[BaseRoute]:
        """All routes, to be put among those of another application."""
        return [
            Route("/bot{token}/{method}", _Endpoint(self._bot_api.method)),
            Route("/file/bot{token}/{path:path}", _Endpoint(self._bot_api.file)),
            *self._guest_api.routes(),
            Route("/playground", _page),
            Mount("/playground/static", StaticFiles(directory=_STATIC)),
        ]

    def close(self) -> None:
        """End streams, polls and webhooks, so that a server can stop; call it on its event loop."""
        self._bot_api.close()
        self._feed.close()


class _Endpoint:
    """A bare ASGI application for a route: a plain method would be taken for a view."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)


async def _page(_request: Request) -> Response:
    return FileResponse(
        _STATIC / "index.html",
        headers={"Content-Security-Policy": _POLICY, "Cache-Control": "no-cache"},
    )


async def _to_page(_request: Request) -> Response:
    return RedirectResponse("/playground")


def create_app(playground: Playground | None = None) -> Starlette:
    """An application with nothing but the playground; ``/`` leads to the page."""
    playground = playground or Playground()

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        playground.close()

    return Starlette(routes=[Route("/", _to_page), *playground.routes()], lifespan=lifespan)

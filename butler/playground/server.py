"""The playground as a server of its own, in a thread: for tests, benches and the terminal chat."""

from __future__ import annotations

import asyncio
import socket
import threading
from types import TracebackType
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from butler.playground import trouble
from butler.playground.app import Playground, create_app
from butler.playground.faults import Faults
from butler.playground.guest import Guest
from butler.playground.guests import Guests
from butler.playground.model import Bot
from butler.playground.webhooks import Delays
from butler.playground.world import World

_START_SECONDS = 20.0
_STOP_SECONDS = 10.0
_BACKLOG = 1024


class _Protocol(HttpToolsProtocol):
    """HTTP by httptools, whose connections faults can reset."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own narrows it
        super().connection_made(transport)
        trouble.enter(self.client, transport)


class PlaygroundServer:
    """A playground served from a daemon thread; also a context manager.

    Every method may be called from any thread but the server's own.
    """

    def __init__(
        self,
        world: World | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        webhook_delays: Delays | None = None,
    ) -> None:
        """Prepare to serve *world* (by default a new one with one bot); port 0 takes a free one."""
        self._playground = Playground(world, webhook_delays=webhook_delays)
        self._host, self._port = host, port
        self._socket: socket.socket | None = None
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready = threading.Event()

    @property
    def world(self) -> World:
        """The state behind it."""
        return self._playground.world

    @property
    def guests(self) -> Guests:
        """What guests do, without HTTP."""
        return self._playground.guests

    @property
    def faults(self) -> Faults:
        """What goes wrong."""
        return self.world.faults

    @property
    def bot(self) -> Bot:
        """The first bot."""
        return self.world.the_bot()

    @property
    def token(self) -> str:
        """The first bot's token."""
        return self.bot.token

    @property
    def base_url(self) -> str:
        """``http://host:port``: what ``TELEGRAM_API_URL`` takes."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    def start(self) -> PlaygroundServer:
        """Listen; returns when it answers.

        Raises:
            OSError: The address cannot be had.
            RuntimeError: It did not come up.
        """
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        # With the protocol named, asyncio switches Nagle's algorithm off: 40 ms an answer.
        self._socket = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._socket.bind((self._host, self._port))
            self._socket.listen(_BACKLOG)
        except OSError:
            self._socket.close()
            raise
        self._port = self._socket.getsockname()[1]
        self._server = _Server(self._config(), self._ready)
        self._thread = threading.Thread(target=self._run, name="playground", daemon=True)
        self._thread.start()
        if not self._ready.wait(_START_SECONDS):
            raise RuntimeError("expected the playground to come up, but it did not")
        return self

    def _config(self) -> uvicorn.Config:
        return uvicorn.Config(
            create_app(self._playground),
            http=_Protocol,
            ws="none",
            loop="asyncio",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=1,
        )

    def _run(self) -> None:
        assert self._server is not None
        assert self._socket is not None
        with asyncio.Runner() as runner:
            self._loop = runner.get_loop()
            runner.run(self._server.serve(sockets=[self._socket]))

    def stop(self) -> None:
        """Stop listening, end what is under way, and wait for the thread."""
        if self._server is None or self._thread is None or self._loop is None:
            return
        self._server.should_exit = True
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._playground.close)
        self._thread.join(_STOP_SECONDS)

    def guest(self, name: str = "Гость", language_code: str = "ru", **details: Any) -> Guest:
        """A new guest, speaking HTTP to this server; *details* as ``Guest.create`` takes them."""
        return Guest.create(self.base_url, name, language_code, **details)

    def __enter__(self) -> PlaygroundServer:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()


class _Server(uvicorn.Server):
    """A server that says when it is ready."""

    def __init__(self, config: uvicorn.Config, ready: threading.Event) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready.set()

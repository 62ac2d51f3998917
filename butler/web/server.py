"""The HTTP server: uvicorn on a thread of its own."""

from __future__ import annotations

import errno
import socket
import threading
from collections.abc import Callable

import uvicorn
from starlette.types import ASGIApp

from butler.errors import SettingsError

START_SECONDS = 10.0
BACKLOG = 2048
GRACE = 0.6  # of the time to stop; the rest is for closing what did not end by itself


def _nothing() -> None:
    pass


class _Server(uvicorn.Server):
    """Says when it is up, and when it begins to go down."""

    def __init__(self, config: uvicorn.Config, on_stop: Callable[[], None]) -> None:
        super().__init__(config)
        self.up = threading.Event()
        self._on_stop = on_stop

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._on_stop()
        await super().shutdown(sockets)


class WebServer:
    """Serves an ASGI app on `host`:`port` (0: any free port).

    `start` and `stop` from any one thread; a stopped server is not started again. `on_stop` is
    called on the event loop when stopping begins: to end what streams for ever.
    """

    def __init__(
        self, app: ASGIApp, host: str, port: int, on_stop: Callable[[], None] = _nothing
    ) -> None:
        self._host = host
        self._port = port
        # No access log: the addresses of the playground's Bot API hold the bot token.
        config = uvicorn.Config(
            app,
            lifespan="off",
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
        )
        self._server = _Server(config, on_stop)
        self._socket: socket.socket | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Bind, then serve; on return requests are answered.

        Raises:
            SettingsError: the address or port is wrong, in use or not permitted.
        """
        self._socket = bind(self._host, self._port)
        self._port = self._socket.getsockname()[1]
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name="web", daemon=True
        )
        self._thread.start()
        if not self._server.up.wait(START_SECONDS):
            raise SettingsError(
                "HTTP_PORT", "a server that starts", "none in time", "See the log before this."
            )

    @property
    def port(self) -> int:
        """The port; the one that was given out, once started."""
        return self._port

    @property
    def address(self) -> str:
        """The URL to open."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    @property
    def alive(self) -> bool:
        """Whether requests are being served."""
        return self._thread is not None and self._thread.is_alive()

    def stop(self, timeout: float = 5.0) -> bool:
        """Take no more requests, let those under way end, then cut them; whether all ended."""
        if self._thread is None:
            return True
        self._server.config.timeout_graceful_shutdown = timeout * GRACE  # type: ignore[assignment]  # seconds, and asyncio takes fractions
        self._server.should_exit = True
        self._thread.join(timeout)
        self._server.force_exit = True
        return not self._thread.is_alive()


def bind(host: str, port: int) -> socket.socket:
    """A socket that listens on `host`:`port` (0: any free port).

    Raises:
        SettingsError: the address or port is wrong, in use or not permitted.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        raise _wrong_host(host) from None
    # With the protocol's number as found: without it asyncio leaves Nagle's algorithm on.
    family, kind, protocol, _, address = found[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise refusal(error, host, port) from None
    return listener


def _wrong_host(host: str) -> SettingsError:
    do = "Use 127.0.0.1 for this machine alone, 0.0.0.0 for all."
    return SettingsError("HTTP_HOST", "an address of this machine", repr(host), do)


def refusal(error: OSError, host: str, port: int) -> SettingsError:
    """What the system's refusal to listen means for the settings."""
    if error.errno == errno.EADDRNOTAVAIL:
        return _wrong_host(host)
    if error.errno == errno.EADDRINUSE:
        got = f"{port}, which another program on {host} uses"
        do = "Stop that program (a second butler?), or choose another port; 0 picks a free one."
        return SettingsError("HTTP_PORT", "a free port", got, do)
    if error.errno == errno.EACCES:
        do = "Choose one from 1024 to 65535, or give the butler the right to it."
        return SettingsError("HTTP_PORT", "a permitted port", str(port), do)
    got = f"{port} on {host} ({error.strerror or error})"
    return SettingsError("HTTP_PORT", "a port to listen on", got, "Choose another.")

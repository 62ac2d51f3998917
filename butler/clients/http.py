"""One small blocking HTTP client: keep-alive, verified TLS, total deadlines, bounded bodies.

The seam under every client of ours. It follows no redirect (the bot token is part of the path, and
would travel along) and says in its errors no more than host and port.
"""

from __future__ import annotations

import json
import re
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import attrs
import orjson

from butler import __version__
from butler.clients.dial import dial, origin
from butler.clients.wire import (
    Connection,
    Deadline,
    Head,
    HttpCancelled,
    HttpFailure,
    HttpTimeout,
    HttpTooLarge,
)

__all__ = [
    "HttpCancelled",
    "HttpClient",
    "HttpFailure",
    "HttpTimeout",
    "HttpTooLarge",
    "Reply",
    "Stream",
    "json_bytes",
]

DEFAULT_LIMIT = 16 * 1024 * 1024
_LINE_LIMIT = 1024 * 1024
_TARGET = re.compile(r"[!-~]+")
_encode_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def json_bytes(value: object) -> bytes:
    """UTF-8 JSON; a lone surrogate, which UTF-8 can't hold, becomes "?" (one UTF-16 unit too)."""
    try:
        return orjson.dumps(value)
    except TypeError:  # what it does not take: such a surrogate, a number over 64 bits
        return _encode_json(value).encode("utf-8", "replace")


@attrs.frozen
class Reply:
    """A whole response. Field names are in lower case."""

    status: int
    fields: Mapping[str, str] = attrs.field(repr=False)
    body: bytes = attrs.field(repr=False)

    def json(self) -> Any:
        """The body as JSON; ValueError where it is none."""
        try:
            return json.loads(self.body.decode())
        except (ValueError, RecursionError):
            pass  # raised below, as the original holds the body and would be the context
        raise ValueError("not JSON")


class Stream:
    """A response whose body is read as it comes; valid inside `HttpClient.stream` alone."""

    def __init__(self, head: Head, connection: Connection, deadline: Deadline) -> None:
        self.status = head.status
        self.fields = head.fields
        self._head = head
        self._connection = connection
        self._deadline = deadline

    def read(self, limit: int = DEFAULT_LIMIT) -> Reply:
        """The rest as one reply; `HttpTooLarge` beyond `limit` bytes."""
        body = self._connection.read(self._head, self._deadline, limit)
        return Reply(self.status, self.fields, body)

    def lines(self) -> Iterator[bytes]:
        """Lines without their ends."""
        pending = b""
        for piece in self._connection.pieces(self._head, self._deadline):
            *whole, pending = (pending + piece).split(b"\n")
            if len(pending) > _LINE_LIMIT:
                raise HttpTooLarge("a line of the answer is too long")
            for line in whole:
                yield line.removesuffix(b"\r")
        if pending:
            yield pending


class HttpClient:
    """Requests to one origin. Thread-safe; opens as many connections as calls overlap.

    `base` is a URL with an optional path prefix and credentials. HTTP proxies come from the
    environment's usual variables, once, here; loopback never goes through one. At most
    `keep` idle connections stay open, each for `idle` seconds.
    """

    def __init__(
        self,
        base: str,
        fields: Mapping[str, str] | None = None,
        *,
        keep: int = 64,
        idle: float = 30.0,
    ) -> None:
        """Raises ValueError for a base or field that HTTP can't carry, without quoting it."""
        self._origin = origin(base)
        self._keep = keep
        self._idle_seconds = idle
        self._common = self._encode_fields(fields or {})
        self._idle: deque[Connection] = deque()
        self._busy: set[Connection] = set()
        self._dialling: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._closed = False

    @property
    def name(self) -> str:
        """host:port, for people."""
        return self._origin.name

    def request(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        content_type: str = "application/json",
        *,
        timeout: float,
        limit: int = DEFAULT_LIMIT,
        idempotent: bool = False,
        cancelled: Callable[[], bool] | None = None,
    ) -> Reply:
        """The whole response, whatever its status, within `timeout` seconds in all.

        Raises `HttpFailure` and its kinds. `idempotent`: sent once more where a kept connection
        turns out to be dead.
        """
        deadline = Deadline(timeout, cancelled)
        data = self._encode(method, path, body, content_type)
        connection, head = self._begin(data, deadline, idempotent)
        try:
            return Reply(head.status, head.fields, connection.read(head, deadline, limit))
        finally:
            self._release(connection)

    @contextmanager
    def stream(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        content_type: str = "application/json",
        *,
        timeout: float,
        cancelled: Callable[[], bool] | None = None,
    ) -> Iterator[Stream]:
        """As `request` (and idempotent), with the body still to come.

        `timeout` covers reading it. Leaving early drops the connection, which tells the server.
        """
        deadline = Deadline(timeout, cancelled)
        data = self._encode(method, path, body, content_type)
        connection, head = self._begin(data, deadline, idempotent=True)
        try:
            yield Stream(head, connection, deadline)
        finally:
            self._release(connection)

    def close(self) -> None:
        """Close connections; calls under way and later ones fail with `HttpFailure`."""
        with self._lock:
            self._closed = True
            busy, idle = list(self._busy), list(self._idle)
            dialling = list(self._dialling)
            self._idle.clear()
        for connection in busy:
            connection.abort()
        for connection in idle:
            connection.close()
        for sock in dialling:
            _interrupt(sock)

    def _begin(self, data: bytes, deadline: Deadline, idempotent: bool) -> tuple[Connection, Head]:
        while True:
            try:
                connection = self._acquire(deadline)
            except HttpFailure as failure:
                failure.unsent = True
                raise
            try:
                connection.send(data, deadline)
                return connection, connection.head(deadline)
            except HttpFailure as failure:
                dead = connection.silent and connection.uses > 1 and type(failure) is HttpFailure
                self._release(connection)
                if not (dead and idempotent):
                    raise
            except BaseException:
                self._release(connection)
                raise

    def _acquire(self, deadline: Deadline) -> Connection:
        while True:
            with self._lock:
                self._refuse_when_closed()
                connection = self._idle.pop() if self._idle else None
                if connection is not None:
                    self._busy.add(connection)
            if connection is None:
                return self._dial(deadline)
            if not connection.stale(self._idle_seconds):
                return connection
            self._release(connection, reuse=False)

    def _dial(self, deadline: Deadline) -> Connection:
        mine: list[socket.socket] = []

        def watch(sock: socket.socket) -> None:
            mine.append(sock)
            with self._lock:
                self._refuse_when_closed()
                self._dialling.add(sock)

        try:
            connection = dial(self._origin, deadline, watch)
            with self._lock:
                self._busy.add(connection)
        finally:
            with self._lock:
                self._dialling.difference_update(mine)
        if self._closed:
            self._release(connection)
            self._refuse_when_closed()
        return connection

    def _release(self, connection: Connection, *, reuse: bool = True) -> None:
        with self._lock:
            self._busy.discard(connection)
            keep = reuse and not (self._closed or connection.spent)
            if keep and len(self._idle) < self._keep:
                self._idle.append(connection)
                return
        connection.close()

    def _refuse_when_closed(self) -> None:
        if self._closed:
            raise HttpFailure(f"{self._origin.name}: the client is closed")

    def _encode_fields(self, fields: Mapping[str, str]) -> bytes:
        where = self._origin
        every = {
            "Host": where.host_field,
            "User-Agent": f"butler/{__version__}",
            "Accept": "application/json, */*",
        }
        if where.authorization:
            every["Authorization"] = where.authorization
        if not where.secure and where.proxy_authorization:
            every["Proxy-Authorization"] = where.proxy_authorization
        every.update(fields)
        for name, value in every.items():
            if not (value.isascii() and value.isprintable()):
                raise ValueError(f"{name}: expected printable ASCII characters")
        return "".join(f"{name}: {value}\r\n" for name, value in every.items()).encode("ascii")

    def _encode(self, method: str, path: str, body: bytes | None, content_type: str) -> bytes:
        target = self._origin.target + path
        if not _TARGET.fullmatch(target):
            raise HttpFailure(f"{self._origin.name}: the URL holds characters that no URL may")
        head = f"{method} {target} HTTP/1.1\r\n".encode("ascii") + self._common
        if body is None:
            return head + b"\r\n"
        size = f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
        return head + size.encode("ascii") + body


def _interrupt(sock: socket.socket) -> None:
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # not connected yet, or already closed

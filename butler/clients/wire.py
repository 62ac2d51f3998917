"""HTTP/1.1 responses over one blocking socket, each exchange under one deadline.

httptools (Node.js's parser) reads them. The socket stays in our hands, because a deadline for the
whole call and a cancellation from outside need it, and neither the standard library's client nor
urllib3 has them: their time-outs are per read.
"""

from __future__ import annotations

import os
import select
import socket
import ssl
import struct
import sys
import time
from collections.abc import Callable, Iterator, Mapping

import attrs
import httptools

# Linux keeps the time of a wait by itself (SO_RCVTIMEO, socket(7)). Python, with a time-out of its
# own, asks first whether there is something to wait for: each time a system call more, for which
# the interpreter lock is given up. TLS has its own reads, and knows nothing of the kernel's limit.
_WAITS_IN_KERNEL = sys.platform == "linux"
_TOO_LONG = (TimeoutError, BlockingIOError)
# Seconds one wait on a socket may take. Steady values, since changing a socket's time-out is a
# system call that gives up the interpreter lock.
_SLICE = 1.0
_SLICE_CANCELLABLE = 0.1
_FRESH = 0.1  # seconds; a connection used so lately is not asked whether it still lives
_FRAMING_LIMIT = 64 * 1024  # bytes of head, chunk sizes and trailers
_FRAMING_SHARE = 16  # and of framing for each byte of body: a stream may come in small chunks
_RECEIVE = 64 * 1024
_BODILESS = (204, 304)


class HttpFailure(Exception):
    """No usable answer came. The text names the host at most: never path, field or body.

    Stays inside `butler.clients`, which translate it into `butler.errors`. `unsent`: no connection
    came about, so that the server has seen nothing of the request.
    """

    unsent = False


class HttpTimeout(HttpFailure):
    """The deadline passed."""


class HttpCancelled(HttpFailure):
    """`cancelled` said so."""


class HttpTooLarge(HttpFailure):
    """The body is over the limit."""


class Deadline:
    """A point in time, `seconds` from now, and perhaps an earlier wish to stop."""

    __slots__ = ("_at", "_cancelled")

    def __init__(self, seconds: float, cancelled: Callable[[], bool] | None = None) -> None:
        self._at = time.monotonic() + seconds
        self._cancelled = cancelled

    def left(self) -> float:
        """Seconds left, more than none; raises `HttpTimeout` or `HttpCancelled`."""
        left = self._at - time.monotonic()
        if self._cancelled is not None and self._cancelled():
            raise HttpCancelled("cancelled")
        if left <= 0:
            raise HttpTimeout("no answer in time")
        return left

    def slice(self) -> float:
        """Seconds to wait before asking again; raises as `left` does."""
        return min(self.left(), _SLICE if self._cancelled is None else _SLICE_CANCELLABLE)


@attrs.frozen
class Head:
    """Status and fields (names in lower case) of a response; `keep_alive` as the server wants."""

    status: int
    fields: Mapping[str, str] = attrs.field(repr=False)
    keep_alive: bool = True

    @property
    def framed(self) -> bool:
        """Whether the end of the body is told, or that there is none; else it ends in silence."""
        told = "content-length" in self.fields or "transfer-encoding" in self.fields
        return told or self.status in _BODILESS


def reason(error: OSError) -> str:
    """What went wrong, in words that hold nothing of the request."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message})"
    if isinstance(error, ssl.SSLError):
        return "TLS failed"
    if isinstance(error, socket.gaierror):
        return "no such host"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return os.strerror(error.errno).lower() if error.errno else "the connection failed"


class _Answers:
    """What the parser tells of a connection's responses; interim ones (1xx) are passed over."""

    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._fields: dict[str, str] = {}
        self._framing = 0
        self._size = 0
        self.begin()

    def begin(self) -> None:
        """A request was sent: what comes is its answer."""
        self.head: Head | None = None
        self.done = False
        self.excess = False
        self.pieces: list[bytes] = []
        self._framing = self._size = 0

    def feed(self, data: bytes) -> bool:
        """Read on; false where this is no HTTP, or too much of it for what it carries."""
        before = self._size
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            return False
        self._framing += len(data) - (self._size - before)
        return self._framing <= _FRAMING_LIMIT + _FRAMING_SHARE * self._size

    def on_message_begin(self) -> None:
        self.excess = self.excess or self.done
        self._fields = {}

    def on_header(self, name: bytes, value: bytes) -> None:
        key, text = name.lower().decode("latin-1"), value.decode("latin-1")
        known = self._fields.get(key, text)
        self._fields[key] = text if known == text else f"{known}, {text}"

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if status >= 200 and not self.done:
            self.head = Head(status, self._fields, self._parser.should_keep_alive())

    def on_body(self, data: bytes) -> None:
        self._size += len(data)
        if not self.excess:
            self.pieces.append(data)

    def on_message_complete(self) -> None:
        self.done = self.head is not None


class Connection:
    """One connection: one exchange at a time, by one thread; `abort` may come from any.

    `name` is host:port for error texts. `silent` is true from sending until the first byte of the
    answer; `spent` once it must not be used again.
    """

    def __init__(self, sock: socket.socket, name: str) -> None:
        self._sock = sock
        self._name = name
        self._answers = _Answers()
        self._wait = -1.0
        self._kernel_waits = _WAITS_IN_KERNEL and not isinstance(sock, ssl.SSLSocket)
        if self._kernel_waits:
            sock.settimeout(None)
        self._poll = select.poll()
        self._poll.register(sock, select.POLLIN)
        self.silent = False
        self.spent = False
        self.uses = 0
        self._last_used = time.monotonic()

    def stale(self, idle: float) -> bool:
        """Whether it lay unused for over `idle` seconds, or the peer has closed or spoken."""
        unused = time.monotonic() - self._last_used
        if unused < _FRESH:
            return False
        return unused > idle or bool(self._poll.poll(0))

    def send(self, data: bytes, deadline: Deadline) -> None:
        """Send a whole request."""
        self.silent, self.spent = True, True
        self.uses += 1
        self._answers.begin()
        while data:
            self._set_wait(deadline.slice())
            try:
                data = data[self._sock.send(data) :]
            except _TOO_LONG:
                continue
            except OSError as error:
                raise HttpFailure(f"{self._name}: {reason(error)}") from None

    def head(self, deadline: Deadline) -> Head:
        """The final response's head."""
        answers = self._answers
        while answers.head is None:
            data = self._receive(deadline)
            if not data:
                raise self._closed()
            if not answers.feed(data):
                raise self._nonsense()
        if answers.head.fields.get("transfer-encoding", "chunked").lower() != "chunked":
            raise self._nonsense()
        return answers.head

    def read(self, head: Head, deadline: Deadline, limit: int) -> bytes:
        """The whole body; `HttpTooLarge` beyond `limit` bytes."""
        pieces, size = [], 0
        if int(head.fields.get("content-length", "0")) > limit:
            raise self._too_large(limit)
        for piece in self.pieces(head, deadline):
            size += len(piece)
            if size > limit:
                raise self._too_large(limit)
            pieces.append(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def pieces(self, head: Head, deadline: Deadline) -> Iterator[bytes]:
        """The body as it comes in."""
        answers = self._answers
        while True:
            here, answers.pieces = answers.pieces, []
            yield from here
            if answers.done:
                break
            data = self._receive(deadline)
            if not data and not head.framed:
                return
            if not data:
                raise self._closed()
            if not answers.feed(data):
                raise self._nonsense()
        self.spent = answers.excess or not head.keep_alive
        self._last_used = time.monotonic()

    def abort(self) -> None:
        """End the exchange under way, from whatever thread; its reader sees a closed connection."""
        try:
            # Past the TLS layer: its own shutdown would pull the state from under the reader.
            socket.socket.shutdown(self._sock, socket.SHUT_RDWR)
        except OSError:
            return  # not connected any more

    def close(self) -> None:
        """Release the socket."""
        self.spent = True
        self._sock.close()

    def _receive(self, deadline: Deadline) -> bytes:
        """What came; empty where the server has closed the connection."""
        while True:
            self._set_wait(deadline.slice())
            try:
                data = self._sock.recv(_RECEIVE)
            except _TOO_LONG:
                continue
            except OSError as error:
                raise HttpFailure(f"{self._name}: {reason(error)}") from None
            self.silent = self.silent and not data
            return data

    def _set_wait(self, seconds: float) -> None:
        if seconds == self._wait:
            return
        self._wait = seconds
        if self._kernel_waits:
            limit = struct.pack("ll", int(seconds), int(seconds % 1 * 1_000_000) or 1)
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
        else:
            self._sock.settimeout(seconds)

    def _too_large(self, limit: int) -> HttpTooLarge:
        return HttpTooLarge(f"{self._name}: the answer is over {limit} bytes")

    def _closed(self) -> HttpFailure:
        return HttpFailure(f"{self._name}: closed the connection")

    def _nonsense(self) -> HttpFailure:
        return HttpFailure(f"{self._name}: did not answer in HTTP/1.1")

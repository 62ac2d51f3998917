"""HTTP/1.1 responses over one blocking socket, each exchange under one deadline.

Framing is RFC 9112's: status line, fields, then a body by length, in chunks or to the end of the
connection. Our own, because on the hot path it costs a third of the standard library's parser and
a seventh of urllib3's, and because a total deadline and a cancellation need the socket in hand.
"""

from __future__ import annotations

import os
import re
import select
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping

import attrs

# Seconds one wait on a socket may take. Steady values, since changing a socket's time-out is a
# system call that gives up the interpreter lock.
_SLICE = 1.0
_SLICE_CANCELLABLE = 0.1
_FRESH = 0.1  # seconds; a connection used so lately is not asked whether it still lives
_HEAD_LIMIT = 64 * 1024
_LINE_LIMIT = 8 * 1024
_RECEIVE = 64 * 1024
_BODILESS = (204, 304)
_HEX = re.compile(rb"[0-9A-Fa-f]{1,15}")


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
    """Status and fields (names in lower case) of a response."""

    status: int
    fields: Mapping[str, str] = attrs.field(repr=False)
    keep_alive: bool = True


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


class Connection:
    """One connection: one exchange at a time, by one thread; `abort` may come from any.

    `name` is host:port for error texts. `silent` is true from sending until the first byte of the
    answer; `spent` once it must not be used again.
    """

    def __init__(self, sock: socket.socket, name: str) -> None:
        self._sock = sock
        self._name = name
        self._buffer = b""
        self._wait = -1.0
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
            return bool(self._buffer)
        return unused > idle or bool(self._buffer or self._poll.poll(0))

    def send(self, data: bytes, deadline: Deadline) -> None:
        """Send a whole request."""
        self.silent, self.spent = True, True
        self.uses += 1
        while data:
            self._set_wait(deadline.slice())
            try:
                data = data[self._sock.send(data) :]
            except TimeoutError:
                continue
            except OSError as error:
                raise HttpFailure(f"{self._name}: {reason(error)}") from None

    def head(self, deadline: Deadline) -> Head:
        """The final response's head; interim ones (1xx) are passed over."""
        while True:
            head = self._one_head(deadline)
            if head.status >= 200:
                return head

    def read(self, head: Head, deadline: Deadline, limit: int) -> bytes:
        """The whole body; `HttpTooLarge` beyond `limit` bytes."""
        pieces, size = [], 0
        told = head.fields.get("content-length", "")
        if told.isdecimal() and int(told[:18]) > limit:
            raise self._too_large(limit)
        for piece in self.pieces(head, deadline):
            size += len(piece)
            if size > limit:
                raise self._too_large(limit)
            pieces.append(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def pieces(self, head: Head, deadline: Deadline) -> Iterator[bytes]:
        """The body as it comes in."""
        fields = head.fields
        coding = fields.get("transfer-encoding")
        if head.status in _BODILESS:
            pass
        elif coding is not None:
            if coding.lower() != "chunked":
                raise self._nonsense()
            yield from self._chunks(deadline)
        elif "content-length" in fields:
            yield from self._exactly(self._length(fields["content-length"]), deadline)
        else:
            yield from self._rest(deadline)
            return
        self.spent = not head.keep_alive
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

    def _one_head(self, deadline: Deadline) -> Head:
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            if self._buffer[:7] != b"HTTP/1."[: len(self._buffer)]:
                raise self._nonsense()
            if len(self._buffer) > _HEAD_LIMIT:
                raise self._nonsense()
            self._buffer += self._receive(deadline)
        lines = self._buffer[:end].decode("latin-1").split("\r\n")
        self._buffer = self._buffer[end + 4 :]
        version, _, rest = lines[0].partition(" ")
        status = rest.partition(" ")[0]
        if not (version[:7] == "HTTP/1." and len(status) == 3 and status.isdecimal()):
            raise self._nonsense()
        fields = self._fields(lines[1:])
        connection = fields.get("connection", "").lower()
        keep = "keep-alive" in connection if version == "HTTP/1.0" else "close" not in connection
        return Head(int(status), fields, keep)

    def _fields(self, lines: list[str]) -> dict[str, str]:
        fields: dict[str, str] = {}
        for line in lines:
            name, colon, value = line.partition(":")
            if not colon or not name or name != name.strip():
                raise self._nonsense()
            name, value = name.lower(), value.strip()
            if name in fields and fields[name] != value:
                value = f"{fields[name]}, {value}"
            fields[name] = value
        return fields

    def _length(self, text: str) -> int:
        if not (text.isdecimal() and text.isascii() and len(text) < 19):
            raise self._nonsense()
        return int(text)

    def _exactly(self, count: int, deadline: Deadline) -> Iterator[bytes]:
        while count > 0:
            data = self._buffer or self._receive(deadline)
            self._buffer = data[count:]
            data = data[:count]
            count -= len(data)
            yield data

    def _chunks(self, deadline: Deadline) -> Iterator[bytes]:
        while True:
            size = self._line(deadline).partition(b";")[0].strip()
            if not _HEX.fullmatch(size):
                raise self._nonsense()
            count = int(size, 16)
            if count == 0:
                break
            yield from self._exactly(count, deadline)
            if self._line(deadline):
                raise self._nonsense()
        while self._line(deadline):
            pass  # trailer fields mean nothing to us

    def _line(self, deadline: Deadline) -> bytes:
        while (end := self._buffer.find(b"\n")) < 0:
            if len(self._buffer) > _LINE_LIMIT:
                raise self._nonsense()
            self._buffer += self._receive(deadline)
        line, self._buffer = self._buffer[:end], self._buffer[end + 1 :]
        return line.removesuffix(b"\r")

    def _rest(self, deadline: Deadline) -> Iterator[bytes]:
        data = self._buffer
        self._buffer = b""
        while data or not self._ended(deadline):
            yield data or self._buffer
            data, self._buffer = b"", b""

    def _ended(self, deadline: Deadline) -> bool:
        self._buffer = self._receive_or_end(deadline)
        return not self._buffer

    def _receive(self, deadline: Deadline) -> bytes:
        data = self._receive_or_end(deadline)
        if not data:
            raise HttpFailure(f"{self._name}: closed the connection")
        return data

    def _receive_or_end(self, deadline: Deadline) -> bytes:
        while True:
            self._set_wait(deadline.slice())
            try:
                data = self._sock.recv(_RECEIVE)
            except TimeoutError:
                continue
            except OSError as error:
                raise HttpFailure(f"{self._name}: {reason(error)}") from None
            self.silent = self.silent and not data
            return data

    def _set_wait(self, seconds: float) -> None:
        if seconds != self._wait:
            self._sock.settimeout(seconds)
            self._wait = seconds

    def _too_large(self, limit: int) -> HttpTooLarge:
        return HttpTooLarge(f"{self._name}: the answer is over {limit} bytes")

    def _nonsense(self) -> HttpFailure:
        return HttpFailure(f"{self._name}: did not answer in HTTP/1.1")

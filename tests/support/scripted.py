"""A TCP server whose every answer is written by the test, down to the byte."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable
from typing import Self

Answer = Callable[[socket.socket, bytes], bool]


def http(
    body: bytes, status: int = 200, fields: str = "", content_type: str = "application/json"
) -> bytes:
    head = f"HTTP/1.1 {status} X\r\nContent-Type: {content_type}\r\n{fields}"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def says(data: bytes, *, keep: bool = True) -> Answer:
    """Answer every request with these bytes."""

    def answer(sock: socket.socket, _: bytes) -> bool:
        sock.sendall(data)
        return keep

    return answer


def resets(sock: socket.socket, _: bytes) -> bool:
    """Answer with a TCP reset."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


def closes(_: socket.socket, __: bytes) -> bool:
    """Close without a word."""
    return False


class ScriptedServer:
    """Reads requests and gives each to `answer`; false from it closes the connection."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.requests: list[bytes] = []
        self.connections = 0
        self.arrived = threading.Event()
        self.ended = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._open: set[socket.socket] = set()
        self._thread = threading.Thread(target=self._accept, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for sock in list(self._open):
            sock.close()
        self._thread.join(5)

    def hang(self, sock: socket.socket, _: bytes) -> bool:
        """Never answer; `ended` is set once the client gives up."""
        while sock.recv(4096):
            pass
        return False

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.add(sock)
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        try:
            while request := _read_request(sock):
                self.requests.append(request)
                self.arrived.set()
                if not self.answer(sock, request):
                    break
        except OSError:
            pass
        finally:
            self._open.discard(sock)
            sock.close()
            self.ended.set()


def _read_request(sock: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        more = sock.recv(65536)
        if not more:
            return b""
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    size = 0
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            size = int(line.partition(b":")[2])
    while len(body) < size:
        body += sock.recv(65536)
    return head + b"\r\n\r\n" + body

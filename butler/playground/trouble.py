"""The faults that need the connection itself: resets and slow answers."""

from __future__ import annotations

import asyncio
import socket
import struct
import weakref
from typing import Any, cast

from starlette.types import Receive, Scope, Send

# Connections by the client's address, entered by the protocol of PlaygroundServer.
_connections: weakref.WeakValueDictionary[tuple[str, int], asyncio.Transport] = (
    weakref.WeakValueDictionary()
)


def enter(client: tuple[str, int] | None, transport: asyncio.Transport) -> None:
    """Make *transport* known as the connection of *client*, so that it can be reset."""
    if client is not None:
        _connections[client] = transport


async def reset(scope: Scope, receive: Receive) -> None:
    """Reset the connection of this request without another byte.

    Behind another server than PlaygroundServer the connection is out of reach; the request then
    stays unanswered until its client leaves.
    """
    transport = _connections.get(cast(Any, scope.get("client")))
    if transport is not None:
        sock = transport.get_extra_info("socket")
        # Lingering for no time at all makes closing a reset in place of an orderly end.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    while (await receive())["type"] != "http.disconnect":
        continue


async def drip(send: Send, status: int, body: bytes, pause: float, pieces: int) -> None:
    """Answer with *body* in *pieces*, a *pause* before each."""
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    size = max(1, -(-len(body) // pieces))
    for start in range(0, len(body), size):
        await asyncio.sleep(pause)
        piece = body[start : start + size]
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})

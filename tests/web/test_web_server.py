from __future__ import annotations

import asyncio
import errno
import os
import socket
import threading
from urllib.parse import urlsplit

import pytest
import requests
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from butler.errors import SettingsError
from butler.web import WebServer
from butler.web.server import refusal


async def hello(_request: Request) -> Response:
    return PlainTextResponse("good evening")


APP = Starlette(routes=[Route("/", hello)])


def test_it_answers_as_soon_as_start_returns_and_no_more_after_stop() -> None:
    server = WebServer(APP, "127.0.0.1", 0)
    server.start()
    assert server.alive
    assert urlsplit(server.address).port == server.port > 0
    assert requests.get(server.address, timeout=20).text == "good evening"
    assert server.stop(5)
    with pytest.raises(requests.ConnectionError):
        requests.get(server.address, timeout=20)


def test_stopping_one_that_never_started_is_nothing() -> None:
    server = WebServer(APP, "127.0.0.1", 0)
    assert server.stop()
    assert not server.alive


def test_the_port_is_free_again_at_once() -> None:
    first = WebServer(APP, "127.0.0.1", 0)
    first.start()
    requests.get(first.address, timeout=20)
    assert first.stop(5)
    second = WebServer(APP, "127.0.0.1", first.port)
    second.start()
    assert requests.get(second.address, timeout=20).ok
    assert second.stop(5)


def test_ipv6_addresses_are_written_as_browsers_want_them() -> None:
    assert WebServer(APP, "::1", 80).address == "http://[::1]:80"


def test_a_port_in_use_is_told_before_anything_is_served() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(SettingsError, match=f"expected a free port, got {port}") as refused:
            WebServer(APP, "127.0.0.1", port).start()
    assert refused.value.name == "HTTP_PORT"


@pytest.mark.parametrize("host", ["192.0.2.1", "no.such.host.invalid", "bad host", "x" * 300])
def test_a_host_that_is_not_ours_is_told(host: str) -> None:
    with pytest.raises(SettingsError, match="an address of this machine") as refused:
        WebServer(APP, host, 0).start()
    assert refused.value.name == "HTTP_HOST"


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.EACCES, "expected a permitted port, got 80"),
        (errno.ENFILE, "Too many open files in system"),
        (errno.EADDRINUSE, "another program on 127.0.0.1 uses"),
    ],
)
def test_what_the_system_refuses_is_told(number: int, said: str) -> None:
    error = OSError(number, os.strerror(number))
    assert said in str(refusal(error, "127.0.0.1", 80))


def test_a_request_under_way_is_answered_before_the_end() -> None:
    began, go_on = threading.Event(), threading.Event()

    async def slow(_request: Request) -> Response:
        began.set()
        await asyncio.to_thread(go_on.wait, 20)
        return PlainTextResponse("done")

    server = WebServer(Starlette(routes=[Route("/", slow)]), "127.0.0.1", 0)
    server.start()
    answers: list[str] = []
    client = threading.Thread(
        target=lambda: answers.append(requests.get(server.address, timeout=20).text)
    )
    client.start()
    assert began.wait(20)
    stopper = threading.Thread(target=server.stop, args=(20,))
    stopper.start()
    go_on.set()
    stopper.join(20)
    client.join(20)
    assert answers == ["done"]
    assert not server.alive


async def _stream(scope: Scope, receive: Receive, send: Send) -> None:
    """An endless answer, as a stream of events is."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"first\n", "more_body": True})
    await asyncio.Event().wait()


def test_what_streams_for_ever_is_cut_when_time_is_up() -> None:
    server = WebServer(_stream, "127.0.0.1", 0)
    server.start()
    with requests.get(server.address, stream=True, timeout=20) as answer:
        assert next(answer.iter_lines()) == b"first"
        assert server.stop(3)


def test_on_stop_can_end_what_streams_for_ever() -> None:
    ended = asyncio.Event()

    async def stream(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"first\n", "more_body": True})
        await ended.wait()
        await send({"type": "http.response.body", "body": b"last\n"})

    server = WebServer(stream, "127.0.0.1", 0, on_stop=ended.set)
    server.start()
    with requests.get(server.address, stream=True, timeout=20) as answer:
        lines = answer.iter_lines()
        assert next(lines) == b"first"
        assert server.stop(20)
        assert next(lines) == b"last"

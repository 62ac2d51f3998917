from __future__ import annotations

import socket
import time

from butler.clients.discovery import WELL_KNOWN_PORTS, discover
from ops.bench.llm_server import LlmServer
from tests.support.scripted import ScriptedServer, http, says


def free_ports(count: int) -> list[int]:
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listener.getsockname()[1] for listener in listeners]
    for listener in listeners:
        listener.close()
    return ports


def test_servers_with_models_are_found_in_the_order_of_their_ports() -> None:
    with LlmServer() as one, LlmServer() as two, LlmServer() as empty:
        empty.behave(models=[])
        with ScriptedServer(says(http(b"<html>"))) as other:
            ports = [*free_ports(2), two.port, other.port, empty.port, one.port]
            assert discover(ports=ports) == [two.url, one.url]


def test_our_own_port_is_not_asked() -> None:
    with LlmServer() as llm:
        assert discover(exclude=[llm.port], ports=[llm.port]) == []
        assert llm.connections == 0


def took(ports: list[int]) -> float:
    """Seconds until it is known that there is nobody."""
    before = time.monotonic()
    assert discover(ports=ports) == []
    return time.monotonic() - before


def test_a_server_that_hangs_is_left_out_and_one_that_is_not_there_is_not_waited_for() -> None:
    server = ScriptedServer(says(b""))
    server.answer = server.hang
    with server:
        hanging = took([server.port])
    assert min(took(free_ports(len(WELL_KNOWN_PORTS))) for _ in range(3)) < hanging

"""LLM servers on this machine, found at the ports they are known for."""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor

from butler.clients.llm import OpenAIModel
from butler.errors import ModelError

# Ollama, LM Studio, llama.cpp, vLLM, Jan, KoboldCpp, GPT4All.
WELL_KNOWN_PORTS = (11434, 1234, 8080, 8000, 1337, 5001, 4891)
_CONNECT = 0.15
_LIST = 1.0


def discover(exclude: Collection[int] = (), ports: Collection[int] = WELL_KNOWN_PORTS) -> list[str]:
    """Base URLs on loopback that list at least one model, in the order of `ports`.

    `exclude` holds our own ports. Takes at most 0.15 s where nothing listens, and a second more
    where something does.
    """
    listening = _listening([port for port in ports if port not in exclude])
    if not listening:
        return []
    urls = [f"http://127.0.0.1:{port}" for port in listening]
    with ThreadPoolExecutor(len(urls)) as pool:
        return [url for url, serves in zip(urls, pool.map(_serves, urls), strict=True) if serves]


def _listening(ports: Collection[int]) -> list[int]:
    found: set[int] = set()
    waiting: dict[int, socket.socket] = {}
    with selectors.DefaultSelector() as selector:
        for port in ports:
            waiting[port] = sock = socket.socket()
            sock.setblocking(False)
            sock.connect_ex(("127.0.0.1", port))
            selector.register(sock, selectors.EVENT_WRITE, port)
        end = time.monotonic() + _CONNECT
        while waiting and (left := end - time.monotonic()) > 0:
            for key, _ in selector.select(left):
                selector.unregister(key.fileobj)
                with waiting.pop(key.data) as sock:
                    if sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0:
                        found.add(key.data)
    for sock in waiting.values():
        sock.close()
    return [port for port in ports if port in found]


def _serves(url: str) -> bool:
    model = OpenAIModel(url)
    try:
        return bool(model.listed(_LIST))
    except ModelError:
        return False
    finally:
        model.close()

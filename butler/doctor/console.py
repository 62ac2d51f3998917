"""The HTTP port is free, or a running butler answers on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from butler.clients.http import HttpClient, HttpFailure
from butler.config import Settings
from butler.doctor.finding import Finding, Level
from butler.errors import SettingsError
from butler.web.server import bind

SECONDS = 2.0
ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}


def check_http(settings: Settings) -> Iterator[Finding]:
    """Whether `butler run` could listen; if one runs already, how it is."""
    try:
        bind(settings.http_host, settings.http_port).close()
    except SettingsError as error:
        running = list(_running(settings))
        yield from running or [Finding("FAIL", "http", str(error))]
        return
    port = f"port {settings.http_port}" if settings.http_port else "any port"
    yield Finding("ok", "http", f"{port} of {settings.http_host} is free; no butler runs there")


def _running(settings: Settings) -> Iterator[Finding]:
    host = ANYWHERE.get(settings.http_host, settings.http_host)
    name = f"[{host}]" if ":" in host else host
    token = settings.http_token
    fields = {"Authorization": f"Bearer {token}"} if token else {}
    client = HttpClient(f"http://{name}:{settings.http_port}", fields)
    try:
        status, health = _get(client, "/health")
        if status not in (200, 503) or "status" not in health:
            return
        level: Level = "ok" if status == 200 else "FAIL"
        found = f"a butler answers at {client.name}: {health['status']}"
        yield Finding(level, "http", found, "" if status == 200 else "See its log.")
        status, everything = _get(client, "/status")
        if status == 200:
            yield from _described(everything)
        else:
            do = "Give doctor the HTTP_TOKEN that it runs with."
            yield Finding("warn", "http", f"it does not show its state (HTTP {status})", do)
    finally:
        client.close()


def _described(everything: dict[str, Any]) -> Iterator[Finding]:
    for name, state in (everything.get("dependencies") or {}).items():
        if state.get("up") is False:
            yield Finding("warn", "http", f"it misses {name}: {state.get('detail', '')}")
    tree = everything.get("tree") or {}
    children = ", ".join(_node(child) for child in tree.get("children", ()))
    failing = [node for node in _nodes(tree) if node.get("state") != "running"]
    found = f"{tree.get('name', 'root')} {tree.get('state', '')}: {children}"
    yield Finding("warn" if failing else "ok", "actors", found)


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("children", ()):
        yield from _nodes(child)


def _node(node: dict[str, Any]) -> str:
    """A child of the root in few words: only what is out of the ordinary."""
    below = list(_nodes(node))
    restarts = sum(each.get("restarts") or 0 for each in below)
    waiting = sum(each.get("mailbox") or 0 for each in below)
    ill = sum(each.get("state") != "running" for each in below[1:])
    state = node.get("state", "")
    notes = [
        "" if state == "running" else state,
        f"{node['count']} live" if node.get("count") else "",
        f"{waiting} waiting" if waiting else "",
        f"{ill} not running" if ill else "",
        f"restarted {restarts}×" if restarts else "",
    ]
    told = ", ".join(filter(None, notes))
    return f"{node.get('name', '?')} ({told})" if told else str(node.get("name", "?"))


def _get(client: HttpClient, path: str) -> tuple[int, dict[str, Any]]:
    try:
        reply = client.request("GET", path, timeout=SECONDS)
        document = reply.json()
    except (HttpFailure, ValueError):
        return 0, {}
    return reply.status, document if isinstance(document, dict) else {}

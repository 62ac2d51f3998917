"""From a base URL to a connected socket: address, proxy, TLS."""

from __future__ import annotations

import base64
import socket
import ssl
from collections.abc import Callable
from functools import cache
from ipaddress import ip_address
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import attrs
import certifi

from butler.clients.wire import Connection, Deadline, HttpFailure, reason

_CONNECT_TIMEOUT = 10.0


@cache
def _tls() -> ssl.SSLContext:
    """Verifying; trusts the system's authorities and, for machines without any, certifi's."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def _basic(parts: SplitResult) -> str:
    pair = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
    return "Basic " + base64.b64encode(pair.encode()).decode()


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@attrs.frozen
class Origin:
    """Where a base URL points: `name` is host:port, for people; `prefix` its path.

    `proxy` is the HTTP proxy on the way, from the environment's usual variables when the origin is
    made; never for this machine itself.
    """

    secure: bool
    host: str
    port: int
    prefix: str
    authorization: str | None = attrs.field(repr=False)
    proxy: SplitResult | None = attrs.field(repr=False)

    @property
    def name(self) -> str:
        """host:port."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def host_field(self) -> str:
        """The Host field's value."""
        usual = self.port == (443 if self.secure else 80)
        return self.name.rpartition(":")[0] if usual else self.name

    @property
    def target(self) -> str:
        """What goes before a path in a request line; more than `prefix` for a plain-HTTP proxy."""
        if self.proxy is not None and not self.secure:
            return f"http://{self.host_field}{self.prefix}"
        return self.prefix

    @property
    def proxy_authorization(self) -> str | None:
        """Credentials for the proxy."""
        return _basic(self.proxy) if self.proxy is not None and self.proxy.username else None


def origin(base: str) -> Origin:
    """Read a base URL; ValueError says what was expected, without the URL (it may hold secrets)."""
    try:
        parts = urlsplit(base.strip())
        port = parts.port
        host = (parts.hostname or "").encode("idna").decode() if parts.hostname else ""
    except ValueError:
        raise ValueError("expected http://host:port or https://host") from None
    if parts.scheme not in ("http", "https") or not host:
        raise ValueError("expected http://host:port or https://host")
    secure = parts.scheme == "https"
    prefix = parts.path.rstrip("/")
    credentials = _basic(parts) if parts.username else None
    return Origin(
        secure,
        host,
        port or (443 if secure else 80),
        prefix,
        credentials,
        _proxy(parts.scheme, host),
    )


def _proxy(scheme: str, host: str) -> SplitResult | None:
    if _loopback(host) or proxy_bypass(host):
        return None
    proxies = getproxies()
    url = proxies.get(scheme) or proxies.get("all")
    if not url:
        return None
    parts = urlsplit(url if "://" in url else f"http://{url}")
    if parts.scheme != "http" or not parts.hostname:
        raise ValueError(
            "expected an HTTP proxy (http://host:port) in the environment's proxy variables, "
            f"got one of kind {parts.scheme!r}"
        )
    return parts


def dial(where: Origin, deadline: Deadline, watch: Callable[[socket.socket], None]) -> Connection:
    """Connect within `deadline`; `watch` sees each socket before it connects.

    Resolving a name can't be interrupted: the system's resolver keeps its own time.
    """
    proxy = where.proxy
    if proxy is None:
        sock = _connect(where.host, where.port, where.name, deadline, watch)
    else:
        host, port = proxy.hostname or "", proxy.port or 8080
        sock = _connect(host, port, f"proxy {host}:{port}", deadline, watch)
    try:
        if where.secure:
            if proxy is not None:
                _tunnel(sock, where, deadline)
            sock.settimeout(deadline.left())
            sock = _tls().wrap_socket(
                sock, server_hostname=where.host, do_handshake_on_connect=False
            )
            watch(sock)
            sock.do_handshake()
    except OSError as error:
        sock.close()
        deadline.left()
        raise HttpFailure(f"{where.name}: {reason(error)}") from None
    except HttpFailure:
        sock.close()
        raise
    return Connection(sock, where.name)


def _connect(
    host: str, port: int, name: str, deadline: Deadline, watch: Callable[[socket.socket], None]
) -> socket.socket:
    last = "no such host"
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        found = []
    for index, (family, kind, protocol, _, address) in enumerate(found):
        sock = socket.socket(family, kind, protocol)
        watch(sock)
        # Each address gets its share, so that a dead IPv6 route leaves time for IPv4.
        share = deadline.left() / (len(found) - index)
        sock.settimeout(min(share, _CONNECT_TIMEOUT))
        try:
            sock.connect(address)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        except OSError as error:
            sock.close()
            last = reason(error)
            continue
        return sock
    deadline.left()
    raise HttpFailure(f"{name}: {last}")


def _tunnel(sock: socket.socket, where: Origin, deadline: Deadline) -> None:
    name = where.name
    lines = [f"CONNECT {name} HTTP/1.1", f"Host: {name}"]
    if where.proxy_authorization:
        lines.append(f"Proxy-Authorization: {where.proxy_authorization}")
    connection = Connection(sock, "proxy")
    connection.send("\r\n".join([*lines, "", ""]).encode("latin-1"), deadline)
    status = connection.head(deadline).status
    if not 200 <= status < 300:
        raise HttpFailure(f"{name}: the proxy refuses to connect (HTTP {status})")

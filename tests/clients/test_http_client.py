from __future__ import annotations

import json
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from butler.clients import dial
from butler.clients.http import (
    HttpCancelled,
    HttpClient,
    HttpFailure,
    HttpTimeout,
    HttpTooLarge,
    Reply,
    json_bytes,
)
from butler.clients.wire import Connection
from tests.support.scripted import ScriptedServer, closes, http, resets, says


def ask(server: ScriptedServer, **options: object) -> Reply:
    return HttpClient(server.url).request("GET", "/x", timeout=10, **options)  # type: ignore[arg-type]  # passed on


def chunked(*chunks: bytes, trailer: bytes = b"") -> bytes:
    body = b"".join(b"%x;note=1\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + body + b"0\r\n" + trailer + b"\r\n"


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (http(b"hello"), b"hello"),
        (http(b""), b""),
        (chunked(b"he", b"llo"), b"hello"),
        (chunked(b"hello", trailer=b"X-Late: yes\r\n"), b"hello"),
        (b"HTTP/1.1 200 OK\r\n\r\nhello", b"hello"),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", b"hello"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + http(b"hello"), b"hello"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
        (http(b"x" * 300_000), b"x" * 300_000),
    ],
)
def test_every_framing_of_a_body_is_read(answer: bytes, body: bytes) -> None:
    with ScriptedServer(says(answer, keep=False)) as server:
        assert ask(server).body == body


def test_a_request_carries_host_fields_type_and_length() -> None:
    with ScriptedServer(says(http(b"{}"))) as server:
        client = HttpClient(server.url + "/base/", {"Authorization": "Bearer k"})
        client.request("POST", "/x?y=1", "тело".encode(), "text/plain", timeout=10)
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /base/x?y=1 HTTP/1.1"
    assert f"Host: 127.0.0.1:{server.port}" in lines
    assert "Authorization: Bearer k" in lines
    assert "Content-Type: text/plain" in lines
    assert "Content-Length: 8" in lines
    assert body.decode() == "тело"


def test_credentials_in_the_base_url_become_a_basic_authorization() -> None:
    with ScriptedServer(says(http(b"{}"))) as server:
        base = server.url.replace("://", "://us%40er:p%3Ass@")
        HttpClient(base).request("GET", "/", timeout=10)
    assert b"Authorization: Basic dXNAZXI6cDpzcw==\r\n" in server.requests[0]


def test_one_connection_serves_many_requests() -> None:
    with ScriptedServer(says(http(b"{}"))) as server:
        client = HttpClient(server.url)
        for _ in range(5):
            client.request("GET", "/", timeout=10)
        assert server.connections == 1


@pytest.mark.parametrize(
    "answer",
    [
        http(b"{}", fields="Connection: close\r\n"),
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    ],
)
def test_a_connection_whose_server_ends_it_is_not_kept(answer: bytes) -> None:
    with ScriptedServer(says(answer)) as server:
        client = HttpClient(server.url)
        for _ in range(3):
            client.request("GET", "/", timeout=10)
        assert server.connections == 3


def test_what_comes_beyond_an_answer_is_no_answer_to_the_next_request() -> None:
    with ScriptedServer(says(http(b"one") + http(b"two"))) as server:
        client = HttpClient(server.url)
        assert [client.request("GET", "/", timeout=10).body for _ in range(2)] == [b"one", b"one"]
        assert server.connections == 2


def test_a_connection_that_died_while_kept_is_replaced_for_idempotent_requests() -> None:
    turn: list[int] = []

    def every_second(sock: socket.socket, _: bytes) -> bool:
        turn.append(1)
        if len(turn) == 2:
            return False
        sock.sendall(http(b"%d" % len(turn)))
        return True

    with ScriptedServer(every_second) as server:
        client = HttpClient(server.url)
        assert client.request("GET", "/", timeout=10, idempotent=True).body == b"1"
        assert client.request("GET", "/", timeout=10, idempotent=True).body == b"3"
        assert server.connections == 2


def test_a_request_that_must_not_be_repeated_is_not() -> None:
    turn: list[int] = []

    def once(sock: socket.socket, _: bytes) -> bool:
        turn.append(1)
        if len(turn) > 1:
            return False
        sock.sendall(http(b"{}"))
        return True

    with ScriptedServer(once) as server:
        client = HttpClient(server.url)
        client.request("POST", "/", b"{}", timeout=10)
        with pytest.raises(HttpFailure):
            client.request("POST", "/", b"{}", timeout=10)
        assert len(turn) == 2


def test_a_kept_connection_that_the_peer_closed_or_spoke_on_is_seen_before_use() -> None:
    ours, theirs = socket.socketpair()
    connection = Connection(ours, "peer")
    connection._last_used -= 1  # as if a second had passed
    assert not connection.stale(30)
    assert connection.stale(0.5)
    theirs.close()
    assert connection.stale(30)
    connection.close()


def test_no_more_idle_connections_are_kept_than_asked() -> None:
    barrier = threading.Barrier(4, timeout=20)

    def together(sock: socket.socket, _: bytes) -> bool:
        barrier.wait()
        sock.sendall(http(b"{}"))
        return True

    with ScriptedServer(together) as server:
        client = HttpClient(server.url, keep=1)
        threads = [
            threading.Thread(target=client.request, args=("GET", "/"), kwargs={"timeout": 20})
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        server.answer = says(http(b"{}"))
        client.request("GET", "/", timeout=10)
        assert server.connections == 4
        client.close()


@pytest.mark.parametrize(
    "answer",
    [
        says(b"\x00\xff nothing like HTTP\r\n\r\n"),
        says(b"SSH-2.0-OpenSSH_9\r\n"),
        says(b"HTTP/1.1 abc OK\r\n\r\n"),
        says(b"HTTP/1.1 200 OK\r\nno colon here\r\n\r\n"),
        says(b"HTTP/1.1 200 OK\r\n name: v\r\n\r\n"),
        says(b"HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\nhello"),
        says(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello"),
        says(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: tea\r\nConnection: upgrade\r\n\r\n"),
        says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"),
        says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"),
        says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n"),
        says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabcd\r\n"),
        says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1" * 20_000),
        says(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 80_000),
        says(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhel", keep=False),
        says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe", keep=False),
        says(b"HTTP/1.1 2", keep=False),
        resets,
        closes,
    ],
)
def test_whatever_a_broken_server_does_is_a_failure_that_names_it(
    answer: Callable[[socket.socket, bytes], bool],
) -> None:
    with ScriptedServer(answer) as server:
        with pytest.raises(HttpFailure, match=f"127.0.0.1:{server.port}") as caught:
            ask(server)
        assert type(caught.value) is HttpFailure


def test_a_port_that_refuses_is_a_failure() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(HttpFailure, match=f"127.0.0.1:{port}: connection refused"):
        HttpClient(f"http://127.0.0.1:{port}").request("GET", "/", timeout=10)


def test_a_name_that_does_not_exist_is_a_failure() -> None:
    with pytest.raises(HttpFailure, match=r"no-such-host\.invalid:80: no such host"):
        HttpClient("http://no-such-host.invalid").request("GET", "/", timeout=30)


def test_a_silent_server_ends_in_a_timeout() -> None:
    server = ScriptedServer(closes)
    server.answer = server.hang
    with server, pytest.raises(HttpTimeout):
        HttpClient(server.url).request("GET", "/", timeout=0.2)


@pytest.mark.parametrize(
    "start", [b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"]
)
def test_a_server_that_drips_does_not_stretch_the_deadline(start: bytes) -> None:
    stop = threading.Event()

    def drip(sock: socket.socket, _: bytes) -> bool:
        sock.sendall(start)
        while not stop.wait(0.02):
            sock.sendall(b"x")
        return False

    with ScriptedServer(drip) as server:
        with pytest.raises(HttpTimeout):
            HttpClient(server.url).request("GET", "/", timeout=0.5)
        assert not stop.is_set()  # it would have dripped for ever
        stop.set()


def test_a_wish_to_stop_ends_a_request_that_waits() -> None:
    server = ScriptedServer(closes)
    server.answer = server.hang
    with server:
        with pytest.raises(HttpCancelled):
            HttpClient(server.url).request("GET", "/", timeout=60, cancelled=server.arrived.is_set)
        assert server.ended.wait(10)  # the server saw us go


@pytest.mark.parametrize("answer", [http(b"x" * 2000), chunked(*[b"x" * 100] * 20)])
def test_a_body_over_the_limit_is_refused(answer: bytes) -> None:
    with ScriptedServer(says(answer)) as server:
        with pytest.raises(HttpTooLarge):
            ask(server, limit=1999)
        assert len(ask(server, limit=2000).body) == 2000


def test_closing_fails_calls_under_way_and_later_ones() -> None:
    server = ScriptedServer(closes)
    server.answer = server.hang
    with server:
        client = HttpClient(server.url)

        def close() -> None:
            server.arrived.wait(10)
            client.close()

        closer = threading.Thread(target=close)
        closer.start()
        with pytest.raises(HttpFailure):
            client.request("GET", "/", timeout=3600)
        closer.join()
        with pytest.raises(HttpFailure, match="closed"):
            client.request("GET", "/", timeout=10)


def test_closing_releases_idle_connections() -> None:
    with ScriptedServer(says(http(b"{}"))) as server:
        client = HttpClient(server.url)
        client.request("GET", "/", timeout=10)
        client.close()
        assert server.ended.wait(10)


def test_a_call_that_is_still_connecting_can_be_closed() -> None:
    # A listener whose queue is full leaves further connections without an answer.
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        fill = [socket.socket() for _ in range(4)]
        for sock in fill:
            sock.setblocking(False)
            sock.connect_ex(address)
        client = HttpClient(f"http://127.0.0.1:{address[1]}")
        outcome: list[BaseException] = []

        def call() -> None:
            try:
                client.request("GET", "/", timeout=60)
            except HttpFailure as failure:
                outcome.append(failure)

        caller = threading.Thread(target=call)
        caller.start()
        while caller.is_alive() and not client._dialling:
            threading.Event().wait(0.005)
        client.close()
        caller.join(30)
        assert outcome
        for sock in fill:
            sock.close()


def test_redirects_are_not_followed() -> None:
    moved = http(b"", status=302, fields="Location: http://127.0.0.1:9/\r\n")
    with ScriptedServer(says(moved)) as server:
        assert ask(server).status == 302


def test_a_stream_yields_lines_as_they_come_and_leaving_it_early_hangs_up() -> None:
    more = threading.Event()

    def answer(sock: socket.socket, _: bytes) -> bool:
        sock.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\none\r\ntwo\r\n")
        assert more.wait(20)
        sock.sendall(b"6\r\n\nthree\r\n")
        return bool(sock.recv(1))

    with ScriptedServer(answer) as server:
        with HttpClient(server.url).stream("GET", "/", timeout=20) as stream:
            lines = stream.lines()
            assert next(lines) == b"one"
            more.set()
            assert next(lines) == b"two"
        assert server.ended.wait(10)


def test_the_last_line_of_a_stream_needs_no_end() -> None:
    with (
        ScriptedServer(says(http(b"one\n\ntwo"))) as server,
        HttpClient(server.url).stream("GET", "/", timeout=10) as stream,
    ):
        assert list(stream.lines()) == [b"one", b"", b"two"]


def test_a_line_without_end_is_refused() -> None:
    with (
        ScriptedServer(says(http(b"x" * 1_300_000))) as server,
        HttpClient(server.url).stream("GET", "/", timeout=20) as stream,
        pytest.raises(HttpTooLarge),
    ):
        list(stream.lines())


@pytest.mark.parametrize(
    "base", ["", "example.com", "ftp://example.com", "http://", "http://h:port", "http://[::1"]
)
def test_a_base_that_is_no_url_is_refused_without_quoting_it(base: str) -> None:
    with pytest.raises(ValueError, match="expected http") as caught:
        HttpClient(base)
    assert base in ("", "http://") or base not in str(caught.value)


def test_a_field_that_would_smuggle_a_line_is_refused_without_quoting_it() -> None:
    with pytest.raises(ValueError, match="Authorization") as caught:
        HttpClient("http://h", {"Authorization": "secret\r\nX: y"})
    assert "secret" not in str(caught.value)


def test_a_path_that_would_smuggle_a_line_is_refused() -> None:
    with pytest.raises(HttpFailure, match="characters"):
        HttpClient("http://127.0.0.1:9").request("GET", "/a b\r\n", timeout=1)


def test_json_keeps_surrogates_out_and_russian_in() -> None:
    assert json_bytes({"a": "Да\ud800"}) == '{"a":"Да?"}'.encode()


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_whatever_json_holds_is_sent_as_it_is(value: object) -> None:
    assert json.loads(json_bytes(value)) == value


def test_a_reply_that_is_not_json_says_so_without_its_body() -> None:
    reply = Reply(200, {}, b'{"secret')
    with pytest.raises(ValueError, match=r"^not JSON$"):
        reply.json()
    assert "secret" not in repr(reply)


@pytest.mark.parametrize(
    ("base", "field", "name"),
    [
        ("http://h", "h", "h:80"),
        ("http://h:8080/x", "h:8080", "h:8080"),
        ("https://H:443", "h", "h:443"),
        ("http://[::1]:81", "[::1]:81", "[::1]:81"),
        ("http://[::1]", "[::1]", "[::1]:80"),
        ("http://пример.рф", "xn--e1afmkfd.xn--p1ai", "xn--e1afmkfd.xn--p1ai:80"),
    ],
)
def test_hosts_are_named_as_http_wants(base: str, field: str, name: str) -> None:
    where = dial.origin(base)
    assert (where.host_field, where.name) == (field, name)


@pytest.fixture
def proxied(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedServer]:
    with ScriptedServer(says(http(b"from the proxy"))) as proxy:
        for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, proxy.url.replace("://", "://user:word@"))
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        yield proxy


def test_a_plain_request_goes_through_the_environments_proxy(proxied: ScriptedServer) -> None:
    reply = HttpClient("http://far.invalid/base").request("GET", "/x", timeout=10)
    assert reply.body == b"from the proxy"
    assert proxied.requests[0].startswith(b"GET http://far.invalid/base/x HTTP/1.1\r\n")
    assert b"Proxy-Authorization: Basic dXNlcjp3b3Jk\r\n" in proxied.requests[0]


def test_this_machine_is_never_reached_through_a_proxy(proxied: ScriptedServer) -> None:
    with ScriptedServer(says(http(b"direct"))) as server:
        assert ask(server).body == b"direct"
        local = server.url.replace("127.0.0.1", "localhost")
        assert HttpClient(local).request("GET", "/", timeout=10).body == b"direct"


def test_a_proxy_that_refuses_the_tunnel_is_a_failure(proxied: ScriptedServer) -> None:
    proxied.answer = says(http(b"", status=403))
    with pytest.raises(HttpFailure, match=r"far\.invalid:443: the proxy refuses .*403"):
        HttpClient("https://far.invalid").request("GET", "/secret", timeout=10)
    assert proxied.requests[0].startswith(b"CONNECT far.invalid:443 HTTP/1.1\r\n")
    assert b"secret" not in proxied.requests[0]


def test_a_proxy_of_a_kind_we_do_not_speak_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "socks5://user:word@127.0.0.1:1080")
    with pytest.raises(ValueError, match="HTTP proxy") as caught:
        HttpClient("https://far.invalid")
    assert "word" not in str(caught.value)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tls")
    command = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
        f"-keyout {folder}/both.pem -out {folder}/cert.pem -subj /CN=localhost "
        "-addext subjectAltName=DNS:localhost"
    )
    subprocess.run(command.split(), check=True, capture_output=True)
    both = folder / "both.pem"
    both.write_text(both.read_text() + (folder / "cert.pem").read_text())
    return both


@pytest.fixture
def tls(certificate: Path) -> Iterator[tuple[ScriptedServer, list[str]]]:
    """A TLS server, and the names clients asked it for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    names: list[str] = []
    context.sni_callback = lambda _, name, __: names.append(name)
    server = ScriptedServer(says(http(b"secret tea")))
    server._listener = context.wrap_socket(server._listener, server_side=True)
    with server:
        yield server, names


def test_an_untrusted_certificate_is_refused(tls: tuple[ScriptedServer, list[str]]) -> None:
    with pytest.raises(HttpFailure, match="certificate is not trusted"):
        HttpClient(f"https://localhost:{tls[0].port}").request("GET", "/", timeout=20)


def test_a_trusted_certificate_is_accepted_and_only_for_its_name(
    tls: tuple[ScriptedServer, list[str]], certificate: Path
) -> None:
    server, names = tls
    dial._tls().load_verify_locations(certificate)
    try:
        client = HttpClient(f"https://localhost:{server.port}")
        assert client.request("GET", "/", timeout=20).body == b"secret tea"
        assert client.request("GET", "/", timeout=20).body == b"secret tea"
        assert names == ["localhost"]
        with pytest.raises(HttpFailure, match="certificate is not trusted"):
            HttpClient(f"https://127.0.0.1:{server.port}").request("GET", "/", timeout=20)
    finally:
        dial._tls.cache_clear()


def test_a_server_that_never_shakes_hands_ends_in_a_timeout() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        pytest.raises(HttpTimeout),
    ):
        HttpClient(f"https://127.0.0.1:{listener.getsockname()[1]}").request(
            "GET", "/", timeout=0.3
        )


def test_many_threads_share_a_client_and_get_their_own_answers() -> None:
    def echo(sock: socket.socket, request: bytes) -> bool:
        sock.sendall(http(request.partition(b"\r\n\r\n")[2]))
        return True

    failures: list[str] = []
    with ScriptedServer(echo) as server:
        client = HttpClient(server.url)

        def run(thread: int) -> None:
            for turn in range(30):
                body = json.dumps([thread, turn]).encode()
                if client.request("POST", "/", body, timeout=30).body != body:
                    failures.append(f"{thread}:{turn}")

        threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        assert server.connections <= 8
        client.close()

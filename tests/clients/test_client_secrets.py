"""Every client call is made to fail in every way; neither token nor key may show anywhere."""

from __future__ import annotations

import logging
import socket
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from butler.clients.llm import OpenAIModel
from butler.clients.telegram import TelegramTransport
from butler.domain.chat import ChatMessage, CompletionRequest
from butler.domain.outgoing import Document, Part
from butler.errors import ButlerError, ModelError, TransportError
from tests.support.scripted import Answer, ScriptedServer, closes, http, resets, says

SECRET = "123456:AAtop-secret_token"
GUEST = "слова-гостя"


def _echo(status: int, fields: str = "") -> Answer:
    """A server that repeats the request, secrets and all, in its refusal."""

    def answer(sock: socket.socket, request: bytes) -> bool:
        where = f"Location: http://127.0.0.1:9/bot{SECRET}/x\r\n" if status == 302 else ""
        return says(http(request, status=status, fields=fields + where))(sock, request)

    return answer


def _hangs(sock: socket.socket, _: bytes) -> bool:
    return bool(sock.recv(1))


FAILINGS: dict[str, Answer] = {
    "reset": resets,
    "closed": closes,
    "garbage": says(b"\x00" + SECRET.encode() + b"\r\n\r\n"),
    "garbage head": says(f"HTTP/1.1 {SECRET}\r\n\r\n".encode()),
    "broken chunks": says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"zz\r\n"),
    "cut": says(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" + SECRET.encode(), keep=False),
    "huge": says(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n" + b"x" * 70_000),
    **{f"echo {status}": _echo(status) for status in (200, 302, 400, 401, 403, 404, 409, 413)},
    **{f"echo {status}": _echo(status, "Retry-After: 1\r\n") for status in (429, 500, 503)},
}  # fmt: skip

TELEGRAM_CALLS: dict[str, Callable[[TelegramTransport], object]] = {
    "identity": lambda t: t.identity(),
    "updates": lambda t: t.updates(1, 100, 0),
    "send": lambda t: t.send(Part(1, GUEST)),
    "edit": lambda t: t.send(Part(1, GUEST, edit_message_id=1)),
    "document": lambda t: t.send(Part(1, GUEST, document=Document.of("a.txt", GUEST.encode()))),
    "draft": lambda t: t.draft(1, 1, GUEST),
    "typing": lambda t: t.typing(1),
    "callback": lambda t: t.answer_callback("1"),
    "download": lambda t: t.download("file", 1000),
    "file": lambda t: t._api.file("voice/1.oga", 1000, 0.5),
    "commands": lambda t: t.set_commands([("help", "Помощь")], "ru"),
    "webhook": lambda t: t.set_webhook("https://example.org/", SECRET),
    "no webhook": lambda t: t.delete_webhook(),
}

_ASK = CompletionRequest((ChatMessage("user", GUEST),), schema=None)
_ASK_JSON = CompletionRequest((ChatMessage("user", GUEST),), schema={"type": "object"})
MODEL_CALLS: dict[str, Callable[[OpenAIModel], object]] = {
    "complete": lambda m: m.complete(_ASK, 0.5),
    "structured": lambda m: m.complete(_ASK_JSON, 0.5),
    "stream": lambda m: m.complete(_ASK, 0.5, lambda _: None),
    "listed": lambda m: m.listed(0.5),
}


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    telebot = logging.getLogger("TeleBot")
    before = telebot.level
    with caplog.at_level(logging.DEBUG):
        telebot.setLevel(logging.DEBUG)
        yield caplog
        telebot.setLevel(before)


def everything(error: BaseException | None) -> str:
    """All that a log or a page could show of an error: its text, its trace, its causes'."""
    shown = ""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        shown += f"{error!s} {error!r} {error.args!r} {vars(error)!r}\n"
        shown += "".join(traceback.format_exception(error))
        error = error.__cause__ or error.__context__
    return shown


def check(
    call: Callable[[], object], kind: type[ButlerError], log: pytest.LogCaptureFixture
) -> None:
    try:
        call()
    except kind as error:
        shown = everything(error)
    else:
        shown = ""  # some answers are good enough for some calls
    shown += "".join(record.getMessage() for record in log.records)
    assert SECRET not in shown
    assert "top-secret" not in shown
    assert GUEST not in shown


@pytest.mark.parametrize("failing", FAILINGS)
@pytest.mark.parametrize("call", TELEGRAM_CALLS)
def test_no_failing_call_of_telegram_shows_the_token(
    failing: str, call: str, log: pytest.LogCaptureFixture
) -> None:
    with ScriptedServer(FAILINGS[failing]) as server:
        telegram = TelegramTransport(SECRET, server.url, timeout=0.5)
        check(lambda: TELEGRAM_CALLS[call](telegram), TransportError, log)
        assert SECRET not in repr(telegram) + repr(vars(telegram))
        telegram.close()


@pytest.mark.parametrize("failing", FAILINGS)
@pytest.mark.parametrize("call", MODEL_CALLS)
def test_no_failing_call_of_the_llm_shows_the_key(
    failing: str, call: str, log: pytest.LogCaptureFixture
) -> None:
    with ScriptedServer(FAILINGS[failing]) as server:
        model = OpenAIModel(server.url, "m", SECRET)
        check(lambda: MODEL_CALLS[call](model), ModelError, log)
        assert SECRET not in repr(model) + repr(vars(model))
        model.close()


def test_calls_that_time_out_show_no_secret(log: pytest.LogCaptureFixture) -> None:
    with ScriptedServer(_hangs) as server:
        telegram = TelegramTransport(SECRET, server.url, timeout=0.2)
        check(lambda: telegram.send(Part(1, GUEST)), TransportError, log)
        check(lambda: telegram._api.file("voice/1.oga", 1000, 0.2), TransportError, log)
        model = OpenAIModel(server.url, "m", SECRET)
        for ask in MODEL_CALLS.values():
            check(lambda c=ask: c(model), ModelError, log)  # type: ignore[misc]  # bound now


@pytest.mark.parametrize("where", ["refused", "dns", "tls"])
def test_a_server_that_can_not_be_reached_shows_no_secret(
    where: str, log: pytest.LogCaptureFixture
) -> None:
    with ExitStack() as stack:
        if where == "dns":
            url = "http://no-such-host.invalid"
        else:
            server = stack.enter_context(ScriptedServer(closes))
            url = f"https://127.0.0.1:{server.port}"
        if where == "refused":
            stack.close()
        for call in TELEGRAM_CALLS.values():
            telegram = TelegramTransport(SECRET, url, timeout=0.3)
            check(lambda c=call, t=telegram: c(t), TransportError, log)  # type: ignore[misc]  # bound now
            if where == "tls":
                break
        for ask in MODEL_CALLS.values():
            model = OpenAIModel(url, "m", SECRET)
            check(lambda c=ask, m=model: c(m), ModelError, log)  # type: ignore[misc]  # bound now


def test_credentials_in_a_url_show_nowhere(log: pytest.LogCaptureFixture) -> None:
    with ScriptedServer(_echo(500)) as server:
        url = server.url.replace("://", f"://user:{SECRET.replace(':', '')}@")
        model = OpenAIModel(url, "m")
        with pytest.raises(ModelError) as caught:
            model.complete(_ASK, 5)
        assert "top-secret" not in everything(caught.value) + model.where

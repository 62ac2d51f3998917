"""pyTelegramBotAPI's `apihelper`, sent through our own HTTP client.

`apihelper` builds the parameters of each method. Its base URL and sender are globals of the module,
so they are set once, here, to a sender that finds its server in the calling thread: any number of
tokens and servers work side by side, and no token ever enters the library, its logs or errors.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from typing import Any, cast
from urllib.parse import quote

import attrs
from telebot import apihelper
from urllib3.filepost import encode_multipart_formdata

from butler.clients.http import HttpClient, HttpFailure, HttpTooLarge, Reply, json_bytes
from butler.clients.lenient_json import read_lenient
from butler.clients.telegram_errors import read_result
from butler.errors import FileTooBig, TransportRefused, TransportUnauthorized, TransportUnavailable

# Parameters that `apihelper` hands over as JSON text; spliced into the body as they are.
_JSON_PARAMETERS = frozenset(
    {
        "entities",
        "caption_entities",
        "reply_markup",
        "reply_parameters",
        "link_preview_options",
        "allowed_updates",
        "commands",
    }
)
_NO_TOKEN = "token-withheld"
_TOKEN = re.compile(r"[!-~]{1,256}")
_ANSWER_LIMIT = 64 * 1024 * 1024  # 100 updates of the largest kind stay far below
_UNSAFE = re.compile(r'[\x00-\x1f\x7f"\\/]')


@attrs.frozen
class _Call:
    """One call of one thread."""

    api: BotApi
    timeout: float
    idempotent: bool


class _Calls(threading.local):
    """The call that this thread is making."""

    current: _Call | None = None


_calls = _Calls()


class _Answer:
    """What `apihelper` reads of a response; errors have been raised before it sees one."""

    status_code = 200
    text = ""  # `apihelper` formats it for its debug log, message texts and all

    def __init__(self, result: object) -> None:
        self._result = result

    def json(self) -> dict[str, object]:
        return {"ok": True, "result": self._result}


class BotApi:
    """The Bot API at one server with one token. Thread-safe."""

    def __init__(self, token: str, api_url: str) -> None:
        """Raises ValueError for a token or URL that HTTP can't carry, without quoting either."""
        if not _TOKEN.fullmatch(token):
            raise ValueError("expected a token as BotFather gives it, like 123456:ABC-DEF")
        self._http = HttpClient(api_url)
        self._token = quote(token, safe=":")

    @property
    def where(self) -> str:
        """The server's host and port."""
        return self._http.name

    def call(
        self,
        function: Callable[..., Any],
        *arguments: object,
        timeout: float,
        idempotent: bool = False,
        **options: object,
    ) -> Any:
        """The result of a function of `apihelper`, called with `arguments` but the token.

        `timeout` is the whole call's, in seconds. Raises `TransportError` and its kinds.
        """
        _calls.current = _Call(self, timeout, idempotent)
        try:
            return function(_NO_TOKEN, *arguments, **options)
        finally:
            _calls.current = None

    def file(self, path: str, limit: int, timeout: float) -> bytes:
        """The content of a file that getFile found; `FileTooBig` beyond `limit` bytes."""
        if path.startswith("/"):
            raise TransportRefused(
                "download: the Bot API server keeps files on its own disk: run it without --local"
            )
        try:
            with self._http.stream(
                "GET", f"/file/bot{self._token}/{quote(path)}", timeout=timeout
            ) as stream:
                if stream.status != 200:
                    return self._no_file(stream.status)
                return stream.read(limit).body
        except HttpTooLarge:
            raise FileTooBig(f"download: the file is over {limit} bytes") from None
        except HttpFailure as failure:
            raise TransportUnavailable(f"download: {failure}") from None

    def close(self) -> None:
        """Close connections; a call under way fails with `TransportUnavailable`."""
        self._http.close()

    def _no_file(self, status: int) -> bytes:
        if status == 401:
            raise TransportUnauthorized("download: Telegram does not know the token")
        if 400 <= status < 500 and status != 429:
            raise TransportRefused(f"download: the file is not there any more (HTTP {status})")
        raise TransportUnavailable(f"download: the server failed (HTTP {status})")

    def post(self, method: str, body: bytes, content_type: str, call: _Call) -> object:
        """The `result` of a call with this body."""
        path = f"/bot{self._token}/{method}"
        try:
            reply = self._http.request(
                "POST", path, body, content_type,
                timeout=call.timeout, limit=_ANSWER_LIMIT, idempotent=call.idempotent,
            )  # fmt: skip
        except HttpFailure as failure:
            unsure = not failure.unsent
            raise TransportUnavailable(f"{method}: {failure}", unsure=unsure) from None
        return read_result(method, reply.status, _json(reply), self.where)


def _json(reply: Reply) -> object:
    try:
        return cast(object, reply.json())
    except ValueError:
        pass
    try:
        return cast(object, read_lenient(reply.body.decode()))
    except ValueError:
        return None


def _send(
    _: str,
    url: str,
    params: dict[str, Any] | None = None,
    files: dict[str, Any] | None = None,
    **__: object,
) -> _Answer:
    """What `apihelper` calls in place of a `requests` session."""
    call = _calls.current
    if call is None:
        raise TransportUnavailable("apihelper was called outside a transport")
    method = url.rpartition("/")[2]
    body, content_type = _multipart(params or {}, files) if files else (_body(params or {}), None)
    result = call.api.post(method, body, content_type or "application/json", call)
    return _Answer(result)


def _body(params: dict[str, Any]) -> bytes:
    spliced = {key: value for key, value in params.items() if key in _JSON_PARAMETERS}
    plain = json_bytes({key: value for key, value in params.items() if key not in spliced})
    if not spliced:
        return plain
    rest = ",".join(f'"{key}":{value}' for key, value in spliced.items())
    comma = b"," if len(plain) > 2 else b""
    return plain[:-1] + comma + rest.encode("utf-8", "replace") + b"}"


def _multipart(params: dict[str, Any], files: dict[str, Any]) -> tuple[bytes, str]:
    fields: dict[str, Any] = {key: _text(value) for key, value in params.items()}
    for key, (name, content) in files.items():
        # `apihelper` switches urllib3's escaping of file names off, process-wide.
        safe = _UNSAFE.sub("_", name).encode("utf-8", "replace").decode()
        fields[key] = (safe, content, "application/octet-stream")
    return encode_multipart_formdata(fields)


def _text(value: object) -> bytes:
    text = value if isinstance(value, str) else json.dumps(value)
    return text.encode("utf-8", "replace")


apihelper.API_URL = "{0}/{1}"
apihelper.CUSTOM_REQUEST_SENDER = _send
# Its debug log holds message texts and the webhook's secret.
apihelper.logger.addFilter(lambda _record: False)
apihelper.LONG_POLLING_TIMEOUT = 0  # what it sends where we ask not to wait at all

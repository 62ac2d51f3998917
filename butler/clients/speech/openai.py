"""Any server with OpenAI's `/v1/audio/transcriptions`.

Sends WAV: every server reads it, and it is exactly the sound that was checked here.
"""

from __future__ import annotations

import json
import time
from typing import Any

import attrs
import urllib3
from urllib3.util import Url, make_headers, parse_url

from butler.clients.speech.decoding import Recording
from butler.clients.speech.hearing import Segment, words_of
from butler.domain.chat import Transcript
from butler.errors import AudioTooLong, SettingsError, SpeechUnavailable

DEFAULT_MODEL = "whisper-1"

_ROUTE = "/audio/transcriptions"
_MOST_BYTES = 1 << 20
_PROBE_SECONDS = 5.0
_REFUSES_FORMAT = (400, 415, 422)


@attrs.frozen
class Address:
    """Where the server is. `shown` and the addresses hold no user, password or query."""

    transcriptions: str
    models: str
    shown: str
    query: str = attrs.field(default="", repr=False)
    auth: str | None = attrs.field(default=None, repr=False)


def address_of(api_url: str) -> Address:
    """Read `STT_API_URL`: a base with or without `/v1`, or the whole route. `SettingsError`."""
    try:
        url = parse_url(api_url.strip())
    except urllib3.exceptions.LocationParseError:
        url = Url()
    if url.scheme not in ("http", "https") or not url.host:
        raise SettingsError(
            "STT_API_URL",
            "the address of a transcription server",
            "one without http:// or https:// and a host",
            "Set it to something like http://127.0.0.1:8000/v1.",
        )
    path = (url.path or "").rstrip("/").removesuffix(_ROUTE)
    if not path.endswith("/v1"):
        path += "/v1"
    base = Url(scheme=url.scheme, host=url.host, port=url.port, path=path).url
    query = f"?{url.query}" if url.query else ""
    return Address(base + _ROUTE, base + "/models", base, query, url.auth)


class OpenAIEngine:
    """One server. Follows no redirect and no proxy: sound goes where the operator said, only."""

    name = "openai"

    def __init__(self, address: Address, model: str | None, api_key: str | None = None) -> None:
        self._address = address
        self._model = model or DEFAULT_MODEL
        self._headers = _headers(address.auth, api_key)
        self._secrets = [word for word in (api_key, *(address.auth or "").split(":")) if word]
        self._pool = urllib3.PoolManager(retries=False)
        self._format = "verbose_json"

    def hear(self, recording: Recording, language: str, timeout: float) -> Transcript:
        """What is said; the server may take `timeout` seconds in all."""
        deadline = time.monotonic() + timeout
        status, body = self._ask(recording, language, deadline)
        if status in _REFUSES_FORMAT and self._format == "verbose_json":
            self._format = "json"  # some servers know only this
            status, body = self._ask(recording, language, deadline)
        if status != 200:
            raise self._refusal(status, body)
        return self._transcript(body, language)

    def probe(self) -> str:
        """Ask for the list of models, which loads nothing; servers without one are fine, too."""
        url = self._address.models + self._address.query
        status, body = self._call("GET", url, time.monotonic() + _PROBE_SECONDS)
        if status in (401, 403) or status >= 500:
            raise self._refusal(status, body)
        names = _model_names(body) if status == 200 else []
        missing = names and self._model not in names
        note = f"; it does not list that, but {', '.join(names[:5])}" if missing else ""
        return f"{self.name}: {self._model} at {self._address.shown}{note}"

    def _ask(self, recording: Recording, language: str, deadline: float) -> tuple[int, bytes]:
        fields: dict[str, Any] = {
            "file": ("voice.wav", recording.wav(), "audio/wav"),
            "model": self._model,
            "response_format": self._format,
        }
        if language:
            fields["language"] = language
        url = self._address.transcriptions + self._address.query
        return self._call("POST", url, deadline, fields=fields)

    def _call(self, method: str, url: str, deadline: float, **arguments: Any) -> tuple[int, bytes]:
        left = max(deadline - time.monotonic(), 0.001)
        try:
            response = self._pool.request(
                method,
                url,
                headers=self._headers,
                timeout=urllib3.Timeout(total=left),
                redirect=False,
                preload_content=False,
                **arguments,
            )
            try:
                return response.status, self._read(response, deadline)
            finally:
                response.close()
        except (urllib3.exceptions.HTTPError, OSError) as exc:
            # Not chained: the cause's text would show the whole address.
            raise self._silence(exc) from None

    def _read(self, response: urllib3.BaseHTTPResponse, deadline: float) -> bytes:
        body = bytearray()
        while chunk := response.read1(65_536, decode_content=True):
            body += chunk
            if len(body) > _MOST_BYTES:
                raise SpeechUnavailable(
                    f"the speech server at {self._address.shown} answered with over a megabyte"
                )
            if time.monotonic() > deadline:
                raise self._late()
        return bytes(body)

    def _silence(self, exc: Exception) -> SpeechUnavailable:
        # A refused connection is a kind of time-out to urllib3.
        if isinstance(exc, urllib3.exceptions.NameResolutionError):
            why = "its name is unknown"
        elif isinstance(exc, urllib3.exceptions.NewConnectionError):
            why = "no connection"
        elif isinstance(exc, urllib3.exceptions.TimeoutError):
            return self._late()
        else:
            why = type(exc).__name__
        return SpeechUnavailable(
            f"the speech server at {self._address.shown} does not answer ({why})"
        )

    def _late(self) -> SpeechUnavailable:
        return SpeechUnavailable(
            f"the speech server at {self._address.shown} did not answer in time"
        )

    def _refusal(self, status: int, body: bytes) -> Exception:
        said = self._scrubbed(_message(body))
        if status == 413:
            return AudioTooLong(f"the speech server refuses a recording of this size: {said}")
        advice = {
            401: "check the key",
            403: "check the key",
            404: "check STT_API_URL and STT_MODEL",
        }.get(status, "see its log")
        if 300 <= status < 400:
            advice = "it sends us elsewhere; set STT_API_URL to where it really is"
        return SpeechUnavailable(
            f"the speech server at {self._address.shown} answered {status}: {said} ({advice})"
        )

    def _transcript(self, body: bytes, language: str) -> Transcript:
        answer = _object(body)
        text = answer.get("text")
        if not isinstance(text, str):
            raise SpeechUnavailable(
                f"the speech server at {self._address.shown} gave no transcript: "
                + self._scrubbed(_message(body))
            )
        return Transcript(text=words_of(_segments(answer, text)), language=language)

    def _scrubbed(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text[:200]


def _headers(auth: str | None, api_key: str | None) -> dict[str, str]:
    headers = dict(make_headers(basic_auth=auth) if auth else {})
    if api_key:
        headers["authorization"] = f"Bearer {api_key}"
    return headers


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _message(body: bytes) -> str:
    """What a server says went wrong, in whichever of the usual places."""
    answer = _object(body)
    error = answer.get("error", answer.get("detail", answer.get("message")))
    if isinstance(error, dict):
        error = error.get("message")
    if isinstance(error, str):
        return error
    return body.decode(errors="replace").strip() or "nothing"


def _model_names(body: bytes) -> list[str]:
    listed = _object(body).get("data")
    if not isinstance(listed, list):
        return []
    return [str(model["id"]) for model in listed if isinstance(model, dict) and "id" in model]


def _segments(answer: dict[str, Any], text: str) -> list[Segment]:
    """Whisper's figures for each stretch where the server gives them, else the text as it is."""
    listed = answer.get("segments")
    if not isinstance(listed, list) or not listed:
        return [Segment(text)]
    try:
        return [
            Segment(
                str(part["text"]),
                float(part.get("no_speech_prob", 0.0)),
                float(part.get("avg_logprob", 0.0)),
                float(part.get("compression_ratio", 1.0)),
            )
            for part in listed
        ]
    except (KeyError, TypeError, ValueError, AttributeError):
        return [Segment(text)]

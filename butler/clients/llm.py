"""An OpenAI-compatible server as a `Model`: llama.cpp, vLLM, Ollama, LM Studio and their like."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from typing import Any

import attrs

from butler.clients.http import HttpClient, HttpFailure, HttpTooLarge, Reply, json_bytes
from butler.clients.llm_answer import read_events, read_whole
from butler.clients.llm_errors import from_failure, from_status, words
from butler.clients.tokenizer import Tokenizer
from butler.domain.chat import ChatMessage, Completion, CompletionRequest
from butler.errors import ModelError, ModelInvalid, ModelTimeout, ModelUnavailable

_VERSIONED = re.compile(r"/v\d[^/]*(/|$)")
_ENDPOINT = re.compile(r"/(chat/)?completions/?$|/models/?$")
_LISTING_TIMEOUT = 5.0
_PROBE_TIMEOUT = 10.0
_ANSWER_LIMIT = 4 * 1024 * 1024
_UNUSABLE = re.compile(r"embed|whisper|rerank|tts", re.IGNORECASE)
# Servers that choke on a schema that they can't turn into a grammar, and say so with a 500.
_GRAMMAR = re.compile(r"grammar|json.?schema|response_format|guided|structured", re.IGNORECASE)
_FORMATS = ("json_schema", "json_object", "none")


def split_base(base_url: str) -> tuple[str, str]:
    """The server's root and the path of its API, from a base with or without `/v1`."""
    base = _ENDPOINT.sub("", base_url.strip()).rstrip("/")
    scheme, separator, rest = base.partition("://")
    host, slash, path = rest.partition("/")
    path = slash + path
    if not _VERSIONED.search(path):
        path += "/v1"
    root = path.removesuffix("/v1")
    return f"{scheme}{separator}{host}{root}", path.removeprefix(root)


@attrs.define
class _Habits:
    """What a server was found to accept; shared by threads, where a late write does no harm."""

    formats: tuple[str, ...] = _FORMATS
    usage_in_stream: bool = True
    limit_field: str = "max_tokens"


class OpenAIModel:
    """One server and model. Thread-safe.

    `base_url`: with or without `/v1`. `model` None: the first one listed, asked for when first
    needed. `name` is the model's, empty until known.
    """

    def __init__(self, base_url: str, model: str | None = None, api_key: str | None = None) -> None:
        """Raises ValueError for a base URL or key that HTTP can't carry; connects to nothing."""
        root, self._path = split_base(base_url)
        fields = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._http = HttpClient(root, fields)
        self._tokenizer = Tokenizer(self._http)
        self._habits = _Habits()
        self._chosen = bool(model)
        self.name = model or ""

    @property
    def where(self) -> str:
        """The server's host and port."""
        return self._http.name

    def complete(
        self,
        request: CompletionRequest,
        timeout: float,
        on_text: Callable[[str], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Completion:
        """As `butler.ports.Model` says. With `schema`, JSON is asked for as the server allows it.

        Whether the text is JSON is for the caller to judge, who may mend it.
        """
        end = time.monotonic() + timeout
        attempt = _Attempt(request, self._resolve(timeout), self._habits, on_text is not None)
        while True:
            left = end - time.monotonic()
            if left <= 0:
                raise ModelTimeout(f"the LLM gave no answer within {timeout:g} s")
            try:
                answer = self._ask(attempt, left, on_text, cancelled)
            except HttpFailure as failure:
                raise from_failure(failure, timeout) from None
            if isinstance(answer, Completion):
                attempt.remember(self._habits)
                return answer
            if not attempt.yield_to(answer):
                raise self._refusal(answer)

    def count_tokens(self, text: str) -> int | None:
        """As `butler.ports.Model` says; within two seconds, never raising."""
        return self._tokenizer.count(text, self.name)

    def probe(self) -> str:
        """The model's name, once the server listed it or, failing that, wrote one token with it."""
        try:
            if self._resolve(_LISTING_TIMEOUT) in self.listed():
                return self.name
        except ModelError:
            if not self.name:
                raise
        ping = CompletionRequest((ChatMessage("user", "ping"),), max_tokens=1, temperature=0.0)
        try:
            self.complete(ping, _PROBE_TIMEOUT)
        except ModelInvalid:
            return self.name  # it did answer; one token may well be an empty text
        return self.name

    def listed(self, timeout: float = _LISTING_TIMEOUT) -> list[str]:
        """The ids under /v1/models."""
        try:
            reply = self._http.request(
                "GET", f"{self._path}/models", timeout=timeout, idempotent=True
            )
        except HttpFailure as failure:
            raise from_failure(failure, timeout) from None
        if reply.status != 200:
            raise from_status(reply, self.where)
        return _ids(reply)

    def close(self) -> None:
        """Close connections; a call under way fails with `ModelUnavailable`."""
        self._http.close()

    def _resolve(self, timeout: float) -> str:
        if not self.name:
            models = self.listed(min(timeout, _LISTING_TIMEOUT))
            usable = [name for name in models if not _UNUSABLE.search(name)] or models
            if not usable:
                raise ModelUnavailable(f"the LLM server at {self.where} has no model loaded")
            self.name = usable[0]
        return self.name

    def _ask(
        self,
        attempt: _Attempt,
        timeout: float,
        on_text: Callable[[str], None] | None,
        cancelled: Callable[[], bool] | None,
    ) -> Completion | Reply:
        path, body = f"{self._path}/chat/completions", json_bytes(attempt.body())
        if on_text is None:
            reply = self._http.request(
                "POST", path, body, timeout=timeout, limit=_ANSWER_LIMIT,
                idempotent=True, cancelled=cancelled,
            )  # fmt: skip
            return self._whole(reply) if reply.status == 200 else reply
        with self._http.stream("POST", path, body, timeout=timeout, cancelled=cancelled) as stream:
            if stream.status != 200:
                return stream.read(_ANSWER_LIMIT)
            if "json" in stream.fields.get("content-type", ""):  # it does not stream
                completion = self._whole(stream.read(_ANSWER_LIMIT))
                on_text(completion.text)
                return completion
            lines = _bounded(stream.lines())
            return self._named(read_events(lines, on_text))

    def _whole(self, reply: Reply) -> Completion:
        try:
            body = reply.json()
        except ValueError:
            raise ModelInvalid(f"the LLM at {self.where} answered something not JSON") from None
        return self._named(read_whole(body))

    def _named(self, completion: Completion) -> Completion:
        return completion if completion.model else attrs.evolve(completion, model=self.name)

    def _refusal(self, reply: Reply) -> ModelError:
        if reply.status != 404:
            return from_status(reply, self.where)
        missing = self.name
        if not self._chosen:
            self.name = ""  # what was listed first is gone: look again next time
        try:
            models = ", ".join(self.listed()[:20]) or "none"
        except ModelError:
            return ModelUnavailable(
                f"nothing at {self.where} answers as an OpenAI-compatible API (HTTP 404): "
                "check LLM_API_URL"
            )
        return ModelUnavailable(
            f"the LLM at {self.where} has no model {missing!r}; it lists: {models}. Set LLM_MODEL"
        )


class _Attempt:
    """One request and how it is put; where the server refuses the how, it is put otherwise."""

    def __init__(
        self, request: CompletionRequest, model: str, habits: _Habits, stream: bool
    ) -> None:
        self._request = request
        self._model = model
        self._stream = stream
        self._habits = attrs.evolve(habits)
        self._changed = False

    @property
    def structured(self) -> bool:
        return self._request.schema is not None

    def body(self) -> dict[str, Any]:
        """The JSON to post."""
        request, habits = self._request, self._habits
        body: dict[str, Any] = {
            "model": self._model,
            "messages": [{"role": m.role, "content": m.content} for m in request.messages],
            habits.limit_field: request.max_tokens,
            "temperature": request.temperature,
            "stream": self._stream,
        }
        if self._stream and habits.usage_in_stream:
            body["stream_options"] = {"include_usage": True}
        if request.schema is not None and habits.formats[0] != "none":
            body["response_format"] = _response_format(habits.formats[0], request.schema)
        return body

    def yield_to(self, refusal: Reply) -> bool:
        """Put it another way, if `refusal` is about the way; false: there is no other."""
        habits, text = self._habits, words(refusal)
        broken = refusal.status in (500, 501) and self.structured and _GRAMMAR.search(text)
        if type(from_status(refusal, "")) is not ModelInvalid and not broken:
            return False
        if "stream_options" in text:
            changed = habits.usage_in_stream
            habits.usage_in_stream = False
        elif "max_completion_tokens" in text and "max_tokens" in text:
            changed = habits.limit_field == "max_tokens"
            habits.limit_field = "max_completion_tokens"
        else:
            changed = self.structured and len(habits.formats) > 1
            habits.formats = habits.formats[1:] if changed else habits.formats
        self._changed = self._changed or changed
        return changed

    def remember(self, habits: _Habits) -> None:
        """Keep what worked for later requests."""
        if self._changed:
            habits.formats = self._habits.formats
            habits.usage_in_stream = self._habits.usage_in_stream
            habits.limit_field = self._habits.limit_field


def _response_format(kind: str, schema: dict[str, Any]) -> dict[str, Any]:
    if kind == "json_object":
        return {"type": "json_object", "schema": schema}  # llama.cpp's kin obey it, others pass
    return {
        "type": "json_schema",
        "json_schema": {"name": "answer", "schema": schema, "strict": True},
    }


def _bounded(lines: Iterable[bytes]) -> Iterable[bytes]:
    size = 0
    for line in lines:
        size += len(line)
        if size > 4 * _ANSWER_LIMIT:  # an event wraps a token in some 200 bytes
            raise HttpTooLarge("the stream is too long")
        yield line


def _ids(reply: Reply) -> list[str]:
    try:
        body = reply.json()
    except ValueError:
        body = None
    rows = body.get("data") if isinstance(body, dict) else None
    if not isinstance(rows, list):
        raise ModelUnavailable("the server does not list its models as an OpenAI-compatible one")
    ids = (row.get("id") for row in rows if isinstance(row, dict))
    return [name for name in ids if isinstance(name, str) and name]

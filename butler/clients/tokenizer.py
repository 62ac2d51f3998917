"""Exact token counts, where the LLM's server offers them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

from butler.clients.http import HttpClient, HttpFailure, json_bytes

_TIMEOUT = 2.0


@attrs.frozen
class _Dialect:
    path: str
    question: Callable[[str, str], dict[str, Any]]
    count: Callable[[dict[str, Any]], object]


def _length(body: dict[str, Any]) -> object:
    tokens = body.get("tokens")
    return len(tokens) if isinstance(tokens, list) else None


_DIALECTS = (
    # llama.cpp's server
    _Dialect("/tokenize", lambda text, _: {"content": text}, _length),
    # vLLM, SGLang
    _Dialect(
        "/tokenize",
        lambda text, model: {"model": model, "prompt": text, "add_special_tokens": False},
        lambda body: body.get("count"),
    ),
    # llama-cpp-python's server
    _Dialect(
        "/extras/tokenize/count", lambda text, _: {"input": text}, lambda body: body.get("count")
    ),
)


class Tokenizer:
    """Counts through whichever of the known ways the server has; found once, then remembered."""

    def __init__(self, http: HttpClient) -> None:
        """`http` stands at the server's root, above any /v1."""
        self._http = http
        self._dialect: _Dialect | None = None
        self._none = False

    def count(self, text: str, model: str) -> int | None:
        """The tokens of `text`, or None where the server can't say (or not now)."""
        if self._none:
            return None
        if self._dialect is not None:
            return self._ask(self._dialect, text, model)
        return self._find(text, model)

    def _find(self, text: str, model: str) -> int | None:
        try:
            for dialect in _DIALECTS:
                count = self._try(dialect, text, model)
                if count is not None:
                    self._dialect = dialect
                    return count
        except HttpFailure:
            return None  # not reachable now says nothing of what it offers
        self._none = True
        return None

    def _ask(self, dialect: _Dialect, text: str, model: str) -> int | None:
        try:
            return self._try(dialect, text, model)
        except HttpFailure:
            return None

    def _try(self, dialect: _Dialect, text: str, model: str) -> int | None:
        body = json_bytes(dialect.question(text, model))
        reply = self._http.request("POST", dialect.path, body, timeout=_TIMEOUT, idempotent=True)
        if reply.status >= 500 and reply.status != 501:
            raise HttpFailure(f"{self._http.name}: HTTP {reply.status}")
        try:
            answer = reply.json()
        except ValueError:
            return None
        if reply.status != 200 or not isinstance(answer, dict):
            return None
        count = dialect.count(answer)
        return count if isinstance(count, int) and not isinstance(count, bool) else None

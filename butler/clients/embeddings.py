"""An OpenAI-compatible server's `/v1/embeddings` as `butler.ports.Embeddings`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from butler.clients.http import HttpClient, HttpFailure, json_bytes
from butler.clients.llm import split_base
from butler.clients.llm_errors import from_failure, from_status
from butler.errors import ModelInvalid

_ANSWER_LIMIT = 16 * 1024 * 1024


class OpenAIEmbeddings:
    """One server and model. Thread-safe. `base_url`: with or without `/v1`."""

    def __init__(self, base_url: str, model: str, api_key: str | None = None) -> None:
        """Raises ValueError for a base URL or key that HTTP can't carry; connects to nothing."""
        root, path = split_base(base_url.rstrip("/").removesuffix("/embeddings"))
        self._path = f"{path}/embeddings"
        self._http = HttpClient(root, {"Authorization": f"Bearer {api_key}"} if api_key else {})
        self.name = model

    def embed(self, texts: Sequence[str], timeout: float) -> list[list[float]]:
        """As `butler.ports.Embeddings` says."""
        body = json_bytes({"model": self.name, "input": list(texts), "encoding_format": "float"})
        try:
            reply = self._http.request(
                "POST", self._path, body, timeout=timeout, limit=_ANSWER_LIMIT, idempotent=True
            )
        except HttpFailure as failure:
            raise from_failure(failure, timeout) from None
        if reply.status != 200:
            raise from_status(reply, self._http.name)
        try:
            return _vectors(reply.json(), len(texts))
        except (ValueError, TypeError, KeyError, AttributeError):
            where = self._http.name
            raise ModelInvalid(f"the server at {where} answered no vector for each text") from None

    def close(self) -> None:
        """Close connections; a call under way fails with `ModelUnavailable`."""
        self._http.close()


def _vectors(body: Any, expected: int) -> list[list[float]]:
    """The vectors in the order of the texts, all numbers, all of one dimension.

    Raises ValueError, TypeError, KeyError or AttributeError for whatever else it is.
    """
    rows = sorted(body["data"], key=lambda row: row.get("index", 0))
    vectors = [[float(number) for number in row["embedding"]] for row in rows]
    sizes = {len(vector) for vector in vectors}
    finite = all(math.isfinite(number) for vector in vectors for number in vector)
    if len(vectors) != expected or len(sizes) != 1 or 0 in sizes or not finite:
        raise ValueError("not a vector of numbers for each text")
    return vectors

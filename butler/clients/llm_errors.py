"""How OpenAI-compatible servers say no, as `butler.errors`.

A server's own words may repeat the prompt, so none of them reaches an error's text; they are only
searched for what is known.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from butler.clients.http import HttpCancelled, HttpFailure, HttpTimeout, HttpTooLarge, Reply
from butler.errors import (
    ModelCancelled,
    ModelContextOverflow,
    ModelError,
    ModelInvalid,
    ModelOverloaded,
    ModelTimeout,
    ModelUnavailable,
)

# llama.cpp, llama-cpp-python, vLLM, Ollama, LM Studio, OpenAI, TGI, MLX, in this order or shared.
_OVERFLOW = re.compile(
    r"exceed_context_size|available context size|exceed(s|ed)? context window|n_ctx"
    r"|context_length_exceeded|maximum context length|maximum model length|max_model_len"
    r"|max_(completion_)?tokens['\"` ]*(is|are) too large|context (length|window|size) exceeded"
    r"|exceeds the (model'?s )?(context|maximum)|prompt (is )?too long|input (is )?too long"
    r"|context the overflows|context length of only|tokens to keep from the initial prompt"
    r"|max_new_tokens`? must be|too many tokens",
    re.IGNORECASE,
)
_OVERFLOW_STATUS = (400, 413, 422, 500)


def from_failure(failure: HttpFailure, seconds: float) -> ModelError:
    """Why no answer came; `seconds` is the time-out that was set."""
    if isinstance(failure, HttpTimeout):
        return ModelTimeout(f"the LLM gave no answer within {seconds:g} s")
    if isinstance(failure, HttpCancelled):
        return ModelCancelled("cancelled")
    if isinstance(failure, HttpTooLarge):
        return ModelInvalid("the LLM's answer is larger than any answer may be")
    return ModelUnavailable(f"the LLM at {failure}")


def is_overflow(text: str) -> bool:
    """Whether a server's `text` means that prompt and answer do not fit its context."""
    return _OVERFLOW.search(text) is not None


def words(reply: Reply) -> str:
    """The body as text to search, never to show."""
    return reply.body[:20_000].decode("utf-8", "replace")


def from_status(reply: Reply, where: str) -> ModelError:
    """What a response other than 200 means; `where` is the server's host and port."""
    status = reply.status
    if status in _OVERFLOW_STATUS and is_overflow(words(reply)):
        return ModelContextOverflow("the prompt is longer than the model's context")
    if status in (401, 403):
        return ModelUnavailable(
            f"the LLM at {where} wants a valid key (HTTP {status}): set LLM_API_KEY to one it knows"
        )
    retry_after = _retry_after(reply.fields)
    if status == 429 or (status == 503 and retry_after is not None):
        return ModelOverloaded(f"the LLM at {where} is busy (HTTP {status})", retry_after)
    if status in (408, 504):
        return ModelTimeout(f"the LLM at {where} gave up on the answer (HTTP {status})")
    if 300 <= status < 400:
        return ModelUnavailable(
            f"the LLM at {where} redirects elsewhere (HTTP {status}): "
            "set LLM_API_URL to the address that answers"
        )
    if status >= 500 or status in (402, 404, 405):
        return ModelUnavailable(f"the LLM at {where} failed (HTTP {status})")
    return ModelInvalid(f"the LLM at {where} refuses the request (HTTP {status})")


def _retry_after(fields: Mapping[str, str]) -> float | None:
    """Seconds from a Retry-After field: a number or an HTTP date."""
    value = fields.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d+)?", value, re.ASCII):
        return float(value)
    try:
        when = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return max(0.0, (when - datetime.now(UTC)).total_seconds())

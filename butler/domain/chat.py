"""Chat turns for a language model and what it answers."""

from __future__ import annotations

from typing import Any, Literal

import attrs

ChatRole = Literal["system", "user", "assistant"]


@attrs.frozen
class ChatMessage:
    """One turn of a prompt."""

    role: ChatRole
    content: str


@attrs.frozen
class CompletionRequest:
    """What a model is asked. `schema` (JSON Schema) set: the answer must be JSON that fits it."""

    messages: tuple[ChatMessage, ...]
    max_tokens: int = 512
    temperature: float = 0.7
    schema: dict[str, Any] | None = None


@attrs.frozen
class Completion:
    """A model's answer, thinking blocks removed; token counts 0 where the server gives none.

    `finish` is "stop" for a clean end, "length" where the answer was cut, else the server's word.
    """

    text: str
    finish: str = "stop"
    prompt_tokens: int = 0
    completion_tokens: int = 0
    model: str = ""


@attrs.frozen
class Audio:
    """A recording as downloaded."""

    data: bytes
    mime_type: str = ""
    duration: int = 0


@attrs.frozen
class Transcript:
    """What was heard."""

    text: str
    language: str = ""

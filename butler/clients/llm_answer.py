"""What OpenAI-compatible servers answer, understood: whole bodies, event streams, thinking.

No error raised here holds anything of the answer: it may repeat the guest's words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from typing import Any

from butler.clients.llm_errors import is_overflow
from butler.domain.chat import Completion
from butler.errors import ModelContextOverflow, ModelInvalid

_THOUGHT = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL | re.IGNORECASE)
_OPEN, _CLOSE = "<think>", "</think>"


def visible(text: str, *, complete: bool = True) -> str:
    """`text` without thinking blocks, closed or not.

    Some templates put the opening tag into the prompt: then all up to the closing one is thought.
    Of an incomplete text, an end that may become a tag is left out.
    """
    if not complete:
        text = _without_partial_tag(text)
    text = _THOUGHT.sub("", text)
    end = text.lower().rfind(_CLOSE)
    if end >= 0:
        text = text[end + len(_CLOSE) :]
    return text.strip()


def _without_partial_tag(text: str) -> str:
    start = text.rfind("<", max(0, len(text) - len(_CLOSE)))
    tail = text[start:].lower() if start >= 0 else ""
    return text[:start] if tail and (_OPEN.startswith(tail) or _CLOSE.startswith(tail)) else text


def read_whole(body: object) -> Completion:
    """A `chat.completion` body; `ModelInvalid` where it holds no text."""
    answer = _Answer()
    answer.take(body, "message")
    return answer.completion()


def read_events(lines: Iterable[bytes], on_text: Callable[[str], None]) -> Completion:
    """A stream of `chat.completion.chunk` events; `on_text` gets the visible text as it grows."""
    answer = _Answer()
    shown = ""
    for line in lines:
        field, _, data = line.partition(b":")
        data = data.strip()
        if field == b"error":  # llama.cpp's way of failing within a stream
            raise ModelInvalid("the server failed while answering")
        if field != b"data" or not data:
            continue
        if data == b"[DONE]":
            answer.finish = answer.finish or "stop"
            break
        answer.take(_parse(data), "delta")
        text = visible(answer.text, complete=False)
        if text and text != shown:
            shown = text
            on_text(text)
    if not answer.finish:
        raise ModelInvalid("the stream ended before the answer did")
    return answer.completion()


def _parse(data: bytes) -> object:
    try:
        return json.loads(data.decode())
    except (ValueError, RecursionError):
        pass  # raised below, as the original holds the event and would be the context
    raise ModelInvalid("an event of the stream is not JSON")


class _Answer:
    """An answer being gathered."""

    def __init__(self) -> None:
        self.text = ""
        self.finish = ""
        self.model = ""
        self.usage: tuple[int, int] = (0, 0)
        self.tools = False

    def take(self, body: object, part: str) -> None:
        """Add a body or event; `part` names where its choice keeps the text."""
        if not isinstance(body, dict):
            raise ModelInvalid("the answer is not a JSON object")
        if body.get("error"):
            if is_overflow(json.dumps(body["error"])):
                raise ModelContextOverflow("the prompt is longer than the model's context")
            raise ModelInvalid("the server reports an error instead of an answer")
        usage = body.get("usage")
        if isinstance(usage, dict):
            self.usage = _count(usage, "prompt_tokens"), _count(usage, "completion_tokens")
        if isinstance(body.get("model"), str):
            self.model = body["model"]
        choices = body.get("choices")
        if not isinstance(choices, list):
            raise ModelInvalid("the answer has no choices")
        if choices:
            self._choice(choices[0], part)
        elif part == "message":
            raise ModelInvalid("the answer has no choices")

    def _choice(self, choice: object, part: str) -> None:
        if not isinstance(choice, dict):
            raise ModelInvalid("the answer's choice is not an object")
        message = choice.get(part)
        if message is not None and not isinstance(message, dict):
            raise ModelInvalid("the answer's message is not an object")
        self.text += _content(message.get("content") if message else None)
        self.tools = self.tools or bool(message and message.get("tool_calls"))
        if isinstance(choice.get("finish_reason"), str):
            self.finish = choice["finish_reason"]

    def completion(self) -> Completion:
        """The whole, thoughts removed."""
        text = visible(self.text)
        if not text:
            what = "nothing but thoughts" if self.text.strip() else "an empty text"
            raise ModelInvalid(f"the model answered {'a tool call' if self.tools else what}")
        return Completion(text, self.finish or "stop", *self.usage, model=self.model)


def _content(content: object) -> str:
    """A message's text: a string, null, or a list of typed parts."""
    if content is None or isinstance(content, str):
        return content or ""
    if isinstance(content, list):
        parts = (part.get("text") for part in content if isinstance(part, dict))
        return "".join(text for text in parts if isinstance(text, str))
    raise ModelInvalid("the answer's content is not a text")


def _count(usage: dict[str, Any], key: str) -> int:
    value = usage.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0

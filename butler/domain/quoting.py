"""A guest's words as data inside a prompt."""

from __future__ import annotations

import re

from butler.domain.text import one_line, sendable

# What chat templates mark turns with; servers would read it even inside a guest's words.
_TURN_MARK = re.compile(
    r"<(?=\|)|\|(?=>)|<(?=｜)"
    r"|<(?=/?(?:s|bos|eos|pad|unk|system|user|assistant|human|model|think|tool_call|tool_response"
    r"|im_start|im_end|start_of_turn|end_of_turn)>)"
    r"|<(?=</?SYS>>)|\[(?=/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS)\])",
    re.IGNORECASE,
)
_QUOTES = (("«", "“"), ("»", "”"), ('"', "'"))


def neutral(text: str) -> str:
    """The words with turn marks broken by a space, fit to be sent; nothing is left out."""
    text = sendable(text)
    if "<" in text or "|" in text or "[" in text:
        return _TURN_MARK.sub(r"\g<0> ", text)
    return text


def quoted(text: str, limit: int | None = None) -> str:
    """The words as one quoted line that can't end its own quotation."""
    line = one_line(neutral(text), limit)
    for mark, other in _QUOTES:
        line = line.replace(mark, other)
    return f"«{line}»"

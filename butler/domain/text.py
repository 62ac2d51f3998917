"""What text can hold and how Telegram measures it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")
_BLANK = frozenset(("Cc", "Cf", "Cs", "Cn", "Zl", "Zp", "Zs", "Mn", "Me"))
# Letters by category that show as nothing (Hangul fillers, the braille blank).
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")


def whole(text: str) -> str:
    """The text as valid Unicode: surrogate pairs joined, lone surrogates replaced by U+FFFD."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def sendable(text: str) -> str:
    """The text as Telegram and an LLM take it: valid Unicode, no controls but newline and tab."""
    if text.isprintable():
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = text.replace("\u2028", "\n").replace("\u2029", "\n")
    return _CONTROL.sub("", whole(text))


def one_line(text: str, limit: int | None = None) -> str:
    """The text on one line with single spaces, at most `limit` characters ("…" where cut)."""
    line = " ".join(sendable(text).split())
    if limit is not None and len(line) > limit:
        return line[: max(limit - 1, 0)].rstrip() + "…"
    return line


def visible(text: str) -> bool:
    """Whether a reader would see anything of it."""
    return any(char not in _FILLERS and unicodedata.category(char) not in _BLANK for char in text)


def holds_any(text: str, parts: Iterable[str]) -> bool:
    """Whether one of `parts` stands in the text: cheaper than any pattern, to be asked before."""
    for part in parts:  # noqa: SIM110  # a generator would take twice as long
        if part in text:
            return True
    return False


def utf16_length(text: str) -> int:
    """Length in UTF-16 code units, which is how Telegram counts."""
    if text.isascii():
        return len(text)
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def utf16_slice(text: str, offset: int, length: int) -> tuple[str, str, str]:
    """The text before, in and after a range in UTF-16 units; bounds beyond the text are cut."""
    data = text.encode("utf-16-le", "surrogatepass")
    start, end = 2 * max(offset, 0), 2 * max(offset + length, 0)
    pieces = data[:start], data[start:end], data[end:]
    before, inside, after = (piece.decode("utf-16-le", "surrogatepass") for piece in pieces)
    return before, inside, after

"""A language model's JSON, read leniently: fenced, amid prose, or mended where a little off."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

_FENCE = re.compile(r"```[a-zA-Z]*\s*\n?(.*?)(?:```|\Z)", re.DOTALL)
_COMMENT = re.compile(r"(?m)^\s*(?://|#(?!\d)).*$")
_BARE_KEY = re.compile(r"([{,]\s*)([A-Za-z_]\w*)(\s*:)")
_TRAILING = re.compile(r",(\s*[}\]])")
_WORDS = {"True": "true", "False": "false", "None": "null", "undefined": "null"}
_WORD = re.compile(r"\b(?:True|False|None|undefined)\b")
_CLOSING = {"{": "}", "[": "]"}
_CURLY = str.maketrans({"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'"})
_DEEPEST = 100


def object_in(text: str, key: str) -> Mapping[str, Any] | None:
    """The first object in `text` that has a string under `key`, be it wrapped in another; or None.

    Tried as it is, then mended once: comments, bare and single-quoted strings, trailing commas,
    words of Python, raw line breaks, brackets left open.
    """
    for candidate in _candidates(text.strip()):
        for mend in (str, _mended):
            found = _read(mend(candidate))
            if (value := _unwrapped(found, key)) is not None:
                return value
    return None


def _unwrapped(found: object, key: str) -> Mapping[str, Any] | None:
    """The object itself, or the only thing within a list or an object.

    Its keys in small letters where `key` is not among them as it is.
    """
    for _ in range(2):
        if isinstance(found, list) and len(found) == 1:
            found = found[0]
        if not isinstance(found, dict):
            return None
        if isinstance(found.get(key), str):
            return found
        folded = {str(name).casefold(): value for name, value in found.items()}
        if isinstance(folded.get(key), str):
            return folded
        if len(found) != 1:
            return None
        found = next(iter(found.values()))
    return None


def _candidates(text: str) -> Iterator[str]:
    """Where the object may stand."""
    places = [text, *(match.group(1) for match in _FENCE.finditer(text)), text[text.find("{") :]]
    for place in dict.fromkeys(place.strip() for place in places):
        if "{" in place:
            yield place


def _read(text: str) -> object:
    try:
        value, _ = json.JSONDecoder(strict=False).raw_decode(text)
    except (ValueError, RecursionError):
        return None
    return value


def _mended(text: str) -> str:
    text = text[text.find("{") :]
    if '"' not in text:
        text = text.translate(_CURLY)
    pieces: list[str] = []
    stack: list[str] = []
    at = 0
    while at < len(text):
        char = text[at]
        if char in "\"'":
            string, at = _string(text, at)
            pieces.append(string)
            continue
        if char in _CLOSING and len(stack) < _DEEPEST:
            stack.append(_CLOSING[char])
        elif stack and char in "}]":
            if char != stack[-1]:
                pieces.append(stack.pop())
                continue
            stack.pop()
        pieces.append(char)
        at += 1
        if not stack and char in "}]":
            break
    return _outside_strings("".join(pieces).rstrip().rstrip(",:") + "".join(reversed(stack)))


def _string(text: str, start: int) -> tuple[str, int]:
    """The string that begins at `start`, in double quotes, and where it ends."""
    quote, at, chars = text[start], start + 1, []
    while at < len(text):
        char = text[at]
        if char == "\\" and at + 1 < len(text):
            follows = text[at + 1]
            chars.append(follows if follows == "'" else char + follows)
            at += 2
            continue
        if char == quote and _ends(text, at):
            at += 1
            break
        chars.append('\\"' if char == '"' else char)
        at += 1
    else:
        return "", at  # cut within a string: who knows what it was to say
    return '"' + "".join(chars) + '"', at


def _ends(text: str, at: int) -> bool:
    """Whether the quote here closes its string, rather than standing within it."""
    rest = text[at + 1 : at + 20].lstrip()
    return not rest or rest[0] in ",:}]/"


def _outside_strings(text: str) -> str:
    """Comments, bare keys, words of Python and trailing commas put right; strings untouched."""
    parts = re.split(r'("(?:[^"\\]|\\.)*")', text)
    for number in range(0, len(parts), 2):
        part = _COMMENT.sub("", parts[number])
        part = _BARE_KEY.sub(r'\1"\2"\3', part)
        parts[number] = _WORD.sub(lambda word: _WORDS[word.group()], part)
    joined = "".join(parts)
    pieces = re.split(r'("(?:[^"\\]|\\.)*")', joined)
    # A comma and the bracket after it never have a string between them.
    return "".join(p if n % 2 else _TRAILING.sub(r"\1", p) for n, p in enumerate(pieces))

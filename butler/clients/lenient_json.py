"""JSON that Python refuses although it is JSON: nested too deep, or with numbers too long.

One such update must not keep the others of its batch from being read.
"""

from __future__ import annotations

import json
import re
from typing import Any

DEPTH = 200  # Python gives up at about its recursion limit, 1000 less what the thread is in
DIGITS = 300  # Python refuses integers of over 4300; the largest that a float can hold has 309
_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[{]|[\]}]', re.DOTALL)


def read_lenient(text: str) -> Any:
    """The value of `text`, with null for what lies too deep and for integers that are too long.

    Raises:
        ValueError: it is no JSON.
    """
    try:
        return json.loads(_shallow(text), parse_int=_integer)
    except RecursionError:
        raise ValueError("nested too deep") from None


def _shallow(text: str) -> str:
    kept: list[str] = []
    depth, copied = 0, 0
    for token in _TOKENS.finditer(text):
        sign = text[token.start()]
        if sign in "[{":
            depth += 1
            if depth == DEPTH:
                kept.append(text[copied : token.start()])
                kept.append("null")
        elif sign in "]}":
            if depth == DEPTH:
                copied = token.end()
            depth -= 1
    if depth:
        raise ValueError("brackets do not match")
    kept.append(text[copied:])
    return "".join(kept)


def _integer(digits: str) -> int | None:
    return int(digits) if len(digits) <= DIGITS else None

"""How text and JSON become what a database can hold, and back, exactly.

Python strings may hold lone surrogates, which UTF-8 (and so SQLite's TEXT and BSON's string) can't.
Such a string is kept as bytes, encoded with `surrogatepass`; every other stays a string. NUL is
allowed in both.
"""

from __future__ import annotations

import json
from typing import Any

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_decode = json.JSONDecoder().decode


def pack(text: str) -> str | bytes:
    """`text` as it is, or as bytes where UTF-8 can't hold it."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors="surrogatepass")
    return text


def unpack(stored: str | bytes) -> str:
    """The text that `pack` was given."""
    if isinstance(stored, str):
        return stored
    return stored.decode(errors="surrogatepass")


def pack_json(value: Any) -> str | bytes:
    """A JSON value as packed text. Not ASCII only: joined surrogate escapes would not come back."""
    return pack(_encode(value))


def unpack_json(stored: str | bytes) -> Any:
    """The JSON value that `pack_json` was given."""
    return _decode(unpack(stored))

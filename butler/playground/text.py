"""The text of a bot's message, from what it sent to what the server keeps."""

from __future__ import annotations

import re
from typing import Any

from butler.playground import entities as marks
from butler.playground.html import parse_html
from butler.playground.markdown import parse_markdown
from butler.playground.refusals import Json, bad_request

# Characters after entities parsing. Measured against the public server with astral characters:
# Unicode characters count here, not UTF-16 units as for offsets.
MAX_TEXT = 4096
MAX_CAPTION = 1024
_MAX_BYTES = 1 << 15
# What TDLib turns into spaces, and what it removes (line separators, direction embeddings, and
# combining marks that draw over neighbouring lines).
_CONTROL = re.compile("[\x00-\x09\x0b\x0c\x0e-\x1f]")
_REMOVED = re.compile("[\r\u2028-\u202e\u0333\u033f\u030a]")
_UNTIDY = re.compile("[\x00-\x09\x0b-\x1f\u2028-\u202e\u0333\u033f\u030a]|^[ \n]|[ \n]$")


def read_text(raw: str, parse_mode: str, raw_entities: Any) -> tuple[str, list[Json]]:
    """The kept text and entities of ``text``, ``parse_mode`` and ``entities``.

    Raises:
        Refusal: 400 in Telegram's words.
    """
    if not raw:
        raise bad_request("message text is empty")
    text, entities = _formatted(raw, parse_mode, raw_entities)
    if not text:
        raise bad_request("text must be non-empty")
    if len(text) > MAX_TEXT:
        raise bad_request("message is too long")
    return text, entities


def read_caption(raw: str, parse_mode: str, raw_entities: Any) -> tuple[str, list[Json]]:
    """As :func:`read_text` for a caption, which may be empty."""
    text, entities = _formatted(raw, parse_mode, raw_entities)
    if len(text) > MAX_CAPTION:
        raise bad_request("message caption is too long")
    return text, entities


def read_draft(raw: str, parse_mode: str, raw_entities: Any) -> tuple[str, list[Json]]:
    """As :func:`read_text` for a draft: empty shows that the bot is thinking."""
    return read_text(raw, parse_mode, raw_entities) if raw else ("", [])


def _formatted(raw: str, parse_mode: str, raw_entities: Any) -> tuple[str, list[Json]]:
    try:
        size = len(raw.encode("utf-8"))
    except UnicodeEncodeError:
        raise bad_request("strings must be encoded in UTF-8") from None
    if size > _MAX_BYTES:
        raise bad_request("text is too long")
    mode = parse_mode.lower()
    if not mode or mode == "none":
        text, entities = raw, marks.parse(raw_entities)
    elif mode == "html":
        text, entities = parse_html(raw)
    elif mode == "markdownv2":
        text, entities = parse_markdown(raw)
    elif mode == "markdown":
        raise bad_request(
            "the playground does not read the legacy Markdown parse_mode: expected MarkdownV2, "
            "HTML, or entities"
        )
    else:
        raise bad_request("unsupported parse_mode")
    if entities:
        marks.check_bounds(text, entities)
    if _UNTIDY.search(text):
        text, entities = _tidy(text, entities)
    return text, marks.settle(text, entities)


def _tidy(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """Control characters become spaces or vanish, and the edges are trimmed, as TDLib does."""
    offsets = marks.unit_offsets(text) or range(len(text) + 1)
    first = min((one["offset"] for one in entities), default=len(text) * 2)
    text = _CONTROL.sub(" ", text)
    kept: list[str] = []
    moved = {}
    unit = 0
    leading = True
    for index, character in enumerate(text):
        moved[offsets[index]] = unit
        leading = leading and character in " \n" and offsets[index] < first
        if leading or _REMOVED.match(character):
            continue
        kept.append(character)
        unit += 2 if character > "\uffff" else 1
    moved[offsets[len(text)]] = unit
    text = "".join(kept).rstrip(" \n")
    return text, list(_move(entities, moved, marks.units(text)))


def _move(entities: list[Json], moved: dict[int, int], end: int) -> list[Json]:
    result = []
    for one in entities:
        start = moved[one["offset"]]
        stop = min(moved[one["offset"] + one["length"]], end)
        if start < stop:
            result.append({**one, "offset": start, "length": stop - start})
    return result

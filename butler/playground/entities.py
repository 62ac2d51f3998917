"""Message entities as Telegram counts, checks and finds them: offsets in UTF-16 code units.

The checks and their wording follow TDLib's ``MessageEntity.cpp``. Unlike the public server, which
drops a list it cannot read without a word, a malformed list is refused: a silent loss of
formatting would hide a bug.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from itertools import pairwise
from typing import Any

from butler.playground.refusals import Json, bad_request

MAX_ENTITIES = 100
SPLITTABLE = frozenset({"bold", "italic", "underline", "strikethrough", "spoiler"})
PREFORMATTED = frozenset({"code", "pre"})
QUOTES = frozenset({"blockquote", "expandable_blockquote"})
# The server finds these by itself and ignores what a bot says of them.
FOUND = frozenset(
    {"mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number",
     "bank_card_number"}
)  # fmt: skip
_ARGUMENTS: dict[str, tuple[str, type | tuple[type, ...], str]] = {
    "text_link": ("url", str, "String"),
    "text_mention": ("user", dict, "Object"),
    "custom_emoji": ("custom_emoji_id", (str, int), "String"),
    "date_time": ("unix_time", int, "Number"),
}
_KNOWN = SPLITTABLE | PREFORMATTED | QUOTES | _ARGUMENTS.keys()
_FARTHEST = 1_000_000

_FINDER = re.compile(
    r"(?P<url>\bhttps?://[^\s<>\"']*[^\s<>\"'.,;:!?()\[\]{}]"
    r"|(?<![\w@./-])(?:[a-z0-9][a-z0-9-]*\.)+(?:com|org|net|ru|io|dev|me|uk)\b(?:/[^\s<>\"']*)?)"
    r"|(?P<email>\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?<![\w@])(?P<mention>@[A-Za-z][A-Za-z0-9_]{2,31})\b"
    r"|(?<![\w/<>@.:])(?P<bot_command>/[A-Za-z0-9_]{1,64}(?:@[A-Za-z][A-Za-z0-9_]{2,31})?)(?![\w/])"
    r"|(?<![\w#])(?P<hashtag>#\w*[^\W\d_]\w*)"
)
_MAY_HOLD = re.compile(r"[@/#.]")


def units(text: str) -> int:
    """The length of *text* in UTF-16 code units; a lone surrogate counts one."""
    if text.isascii():
        return len(text)
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def unit_offsets(text: str) -> list[int] | None:
    """The UTF-16 offset of each character and of the end; ``None`` when it is the index itself."""
    if text.isascii() or max(text) <= "\uffff":
        return None
    offsets = [0]
    for character in text:
        offsets.append(offsets[-1] + (2 if character > "\uffff" else 1))
    return offsets


def find(text: str) -> list[Json]:
    """What Telegram finds by itself: links, addresses, mentions, commands, hashtags."""
    if not _MAY_HOLD.search(text):
        return []
    offsets = unit_offsets(text)
    found = []
    for match in _FINDER.finditer(text):
        start, end = match.span(match.lastgroup or 0)
        if offsets is not None:
            start, end = offsets[start], offsets[end]
        found.append({"type": match.lastgroup, "offset": start, "length": end - start})
    return found


def parse(raw: Any) -> list[Json]:
    """Check the shape of a list of entities as a bot sends it.

    Raises:
        Refusal: 400, naming what is wrong with which field.
    """
    if raw is None or raw == "":
        return []
    if not isinstance(raw, list):
        raise bad_request("can't parse entities: expected an Array of MessageEntity")
    parsed = [_parse_one(item) for item in raw[:MAX_ENTITIES]]
    return [entity for entity in parsed if entity["type"] not in FOUND and entity["length"]]


def _parse_one(item: Any) -> Json:
    wrong = "can't parse MessageEntity: "
    if not isinstance(item, dict):
        raise bad_request(wrong + "expected an Object")
    kind = item.get("type")
    for field in ("offset", "length"):
        value = item.get(field)
        if type(value) is not int:
            raise bad_request(wrong + f'Field "{field}" must be of type Number')
        if not 0 <= value <= _FARTHEST:
            raise bad_request(f"receive an entity with incorrect {field} {value}")
    if not isinstance(kind, str) or kind not in _KNOWN | FOUND:
        raise bad_request(wrong + "Unsupported type specified")
    entity: Json = {"type": kind, "offset": item["offset"], "length": item["length"]}
    if kind in _ARGUMENTS:
        name, types, wanted = _ARGUMENTS[kind]
        if not isinstance(item.get(name), types):
            raise bad_request(wrong + f'Field "{name}" must be of type {wanted}')
        entity[name] = item[name]
    if kind == "pre" and isinstance(item.get("language"), str) and item["language"]:
        entity["language"] = item["language"]
    return entity


def check_bounds(text: str, entities: list[Json]) -> None:
    """Refuse entities outside of *text* or cutting a surrogate pair.

    Raises:
        Refusal: 400, worded as TDLib words it.
    """
    offsets = unit_offsets(text)
    end = offsets[-1] if offsets is not None else len(text)
    for entity in sorted(entities, key=lambda one: one["offset"]):
        start, stop = entity["offset"], entity["offset"] + entity["length"]
        if start >= end:
            raise bad_request(f"entity begins after the end of the text at UTF-16 offset {start}")
        if _cuts_pair(offsets, start):
            raise bad_request(
                "entity begins in a middle of a UTF-16 symbol at byte offset "
                f"{_byte_offset(text, offsets, start)}"
            )
        if stop > end:
            raise bad_request(
                f"entity beginning at UTF-16 offset {start} ends after the end of the text at "
                f"UTF-16 offset {stop}"
            )
        if _cuts_pair(offsets, stop):
            raise bad_request(
                f"entity beginning at UTF-16 offset {start} ends in a middle of a UTF-16 symbol "
                f"at byte offset {_byte_offset(text, offsets, stop)}"
            )


def _cuts_pair(offsets: list[int] | None, position: int) -> bool:
    return offsets is not None and offsets[bisect_left(offsets, position)] != position


def _byte_offset(text: str, offsets: list[int] | None, position: int) -> int:
    index = bisect_left(offsets, position) if offsets is not None else position
    return len(text[:index].encode("utf-8", "surrogatepass"))


def settle(text: str, entities: list[Json]) -> list[Json]:
    """The entities as the server keeps them: sorted, nested by the rules, and the found ones added.

    Code and pre hold nothing else; quotations do not nest; links and the like do not overlap;
    what crosses another entity is split at its edge. Entities over nothing but space are dropped.
    """
    if entities:
        entities = _nest(_visible(text, entities))
    found = find(text)
    if found:
        taken = [_span(one) for one in entities if one["type"] not in SPLITTABLE | QUOTES]
        entities += [one for one in found if not any(_meet(_span(one), span) for span in taken)]
    entities.sort(key=lambda one: (one["offset"], -one["length"]))
    return entities


def _visible(text: str, entities: list[Json]) -> list[Json]:
    encoded = text.encode("utf-16-le", "surrogatepass")
    return [
        one
        for one in entities
        if encoded[2 * one["offset"] : 2 * (one["offset"] + one["length"])]
        .decode("utf-16-le", "surrogatepass")
        .strip()
    ]


def _nest(entities: list[Json]) -> list[Json]:
    ordered = sorted(entities, key=lambda one: (one["offset"], -one["length"]))
    code = _apart([one for one in ordered if one["type"] in PREFORMATTED], [])
    quotes = _apart([one for one in ordered if one["type"] in QUOTES], [])
    solid = [one for one in ordered if one["type"] not in PREFORMATTED | QUOTES | SPLITTABLE]
    solid = _apart(solid, code)
    kept = code + quotes + solid
    for one in ordered:
        if one["type"] in SPLITTABLE:
            kept += _split(one, code, kept)
    return kept


def _apart(entities: list[Json], taken: list[Json]) -> list[Json]:
    """Those which overlap neither an earlier one nor one of *taken*."""
    kept: list[Json] = []
    for one in entities:
        if not any(_meet(_span(one), _span(other)) for other in kept + taken):
            kept.append(one)
    return kept


def _split(one: Json, code: list[Json], others: list[Json]) -> list[Json]:
    """The parts of *one* outside of code, cut where another entity begins or ends across it."""
    start, end = _span(one)
    cuts = {start, end}
    for other in others:
        first, last = _span(other)
        crosses = (first < start < last < end) or (start < first < end < last)
        if crosses or other["type"] in PREFORMATTED:
            cuts |= {cut for cut in (first, last) if start < cut < end}
    edges = sorted(cuts)
    same = [_span(other) for other in others if other["type"] == one["type"]]
    barred = [_span(other) for other in code] + same
    return [
        {**one, "offset": left, "length": right - left}
        for left, right in pairwise(edges)
        if not any(_meet((left, right), span) for span in barred)
    ]


def _span(entity: Json) -> tuple[int, int]:
    return entity["offset"], entity["offset"] + entity["length"]


def _meet(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]

"""A long text in pieces that Telegram takes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise

import attrs

from butler.domain.outgoing import Entity
from butler.domain.text import utf16_length, visible

LIMIT = 4096
_BREAKS = (
    re.compile(r"\n\s*\n"),
    re.compile(r"\n"),
    re.compile(r"(?<=[.!?…]) "),
    re.compile(r"\s"),
)
# Joiners, variation selectors, combining marks, skin tones, tags, halves of flags: a cut before one
# of these would show half of what was one sign.
_BOUND = re.compile(
    "[\u0300-\u036f\u200d\u20d0-\u20ff\ufe00-\ufe0f\U0001f1e6-\U0001f1ff\U0001f3fb-\U0001f3ff"
    "\U000e0020-\U000e007f]"
)


@attrs.frozen
class Piece:
    """A text of at most `LIMIT` UTF-16 units with its entities."""

    text: str
    entities: tuple[Entity, ...] = ()


def split(text: str, entities: Sequence[Entity] = (), limit: int = LIMIT) -> list[Piece]:
    """The text in pieces of at most `limit` UTF-16 units, none of them blank; [] for a blank text.

    White space at the seams goes. No entity is cut that fits into a piece; a longer one (a code
    block, mostly) is closed and opened again, at a line's end if possible.
    """
    pieces = []
    offsets = [0, *accumulate(2 if ord(char) > 0xFFFF else 1 for char in text)]
    for start, end in pairwise(_cuts(text, offsets, entities, limit)):
        body = text[start:end].rstrip()
        opening = len(body) - len(body.lstrip("\n"))
        if visible(body):
            first = start + opening
            bounds = offsets[first], offsets[start + len(body)]
            pieces.append(Piece(body[opening:], _within(entities, *bounds)))
    return pieces


def _cuts(
    text: str, offsets: Sequence[int], entities: Sequence[Entity], limit: int
) -> Iterator[int]:
    """Positions (in characters) where pieces begin, and the end."""
    spans = _spans(offsets, entities)
    start = 0
    yield 0
    while offsets[-1] - offsets[start] > limit:
        start = _cut(text, start, _reach(offsets, start, limit), spans)
        yield start
    yield len(text)


def _reach(offsets: Sequence[int], start: int, limit: int) -> int:
    """The last position that a piece beginning at `start` may end at."""
    end = min(start + limit, len(offsets) - 1)
    while offsets[end] - offsets[start] > limit:
        end -= 1
    return max(end, start + 1)


def _cut(text: str, start: int, end: int, spans: Sequence[tuple[int, int]]) -> int:
    """Where to end a piece that begins at `start` and must end by `end`."""
    # A span over all of the piece is cut in any case, so it need not be spared.
    spared = [(first, last) for first, last in spans if first > start or last <= end]
    half = start + (end - start) // 2
    for earliest in (half, start + 1):
        for pattern in _BREAKS:
            for found in _backwards(pattern, text, earliest, end):
                if not _inside(found, spared):
                    return found
    if not _inside(end, spared):
        return _whole_sign(text, half, end)
    # The outermost span around `end` begins after `start`: the piece ends before it.
    return max(first for first, _ in spared if first <= end and not _inside(first, spared))


def _backwards(pattern: re.Pattern[str], text: str, earliest: int, end: int) -> list[int]:
    """Positions after each match, the last first."""
    found = (match.end() for match in pattern.finditer(text, max(earliest - 1, 0), end))
    return sorted((position for position in found if position >= earliest), reverse=True)


def _whole_sign(text: str, earliest: int, end: int) -> int:
    position = end
    while position > earliest and (
        _BOUND.match(text, position) or text[position - 1 : position] == "\u200d"
    ):
        position -= 1
    return position if position > earliest else end


def _spans(offsets: Sequence[int], entities: Sequence[Entity]) -> list[tuple[int, int]]:
    """Entities as ranges of characters."""
    position = {offset: index for index, offset in enumerate(offsets)}
    return [
        (position.get(entity.offset, 0), position.get(entity.offset + entity.length, 0))
        for entity in entities
    ]


def _inside(position: int, spans: Sequence[tuple[int, int]]) -> bool:
    return any(first < position < last for first, last in spans)


def _within(entities: Sequence[Entity], start: int, end: int) -> tuple[Entity, ...]:
    """The entities' shares of a piece from `start` to `end` (UTF-16 units)."""
    shares = []
    for entity in entities:
        first = max(entity.offset, start)
        last = min(entity.offset + entity.length, end)
        if first < last:
            shares.append(attrs.evolve(entity, offset=first - start, length=last - first))
    return tuple(shares)


def fits(text: str) -> bool:
    """Whether Telegram takes the text as one message."""
    return visible(text) and utf16_length(text) <= LIMIT

"""An LLM's Markdown as text and Telegram entities."""

from __future__ import annotations

import re

import attrs
from telegramify_markdown import RenderConfig, convert

from butler.domain.outgoing import Entity
from butler.domain.text import sendable, utf16_length, utf16_slice

# They stand in for "<" and "*" while the Markdown is parsed: what looks like HTML would be dropped,
# and 2*3*4 become 234. Noncharacters: `sendable` has removed them from the text before.
_LESS, _STAR = "\ufdd0", "\ufdd1"
_PRODUCT = re.compile(r"(?<=\w)\*(?=\w)")
_HTML = re.compile(r"<(?!(?:https?://|mailto:)[^\s<>]*>)(?=[A-Za-z/!?])")
# One line of which no Markdown parser makes anything, so that none is asked.
_UNMARKED = re.compile(r"(?![\s\d+>-])[^\n\r\t*_~`#\[\]<>|\\&${}=@/^+]*(?<!\s)")
_STYLES = frozenset(("bold", "italic", "underline", "strikethrough", "spoiler", "text_link"))
_QUOTES = frozenset(("blockquote", "expandable_blockquote"))
_CODE = frozenset(("code", "pre"))
_LINK = re.compile(r"(?:https?://|mailto:)\S+", re.IGNORECASE)
# Telegram ignores what is beyond.
_MOST_ENTITIES = 100


def _config() -> RenderConfig:
    config = RenderConfig.isolated()
    symbols = config.markdown_symbol
    for level in range(1, 7):
        setattr(symbols, f"heading_level_{level}", "")
    symbols.image = ""
    symbols.unordered_list_item = "•"
    return config


_CONFIG = _config()


def rendered(markdown: str) -> tuple[str, tuple[Entity, ...]]:
    """Text and entities for Telegram; the entities nest properly and have something in them.

    Text that the Markdown parser makes nothing of comes back as it is.
    """
    source = sendable(markdown)
    if _UNMARKED.fullmatch(source):
        return source, ()
    text, found = convert(_PRODUCT.sub(_STAR, _HTML.sub(_LESS, source)), config=_CONFIG)
    text = _unmarked(text)
    entities = [
        Entity(
            entity.type,
            entity.offset,
            entity.length,
            url=entity.url and _unmarked(entity.url),
            language=entity.language and _unmarked(entity.language),
        )
        for entity in found
    ]
    return (text, _tidy(text, entities)) if text.strip() else (source, ())


def _unmarked(text: str) -> str:
    return text.replace(_LESS, "<").replace(_STAR, "*")


def _tidy(text: str, entities: list[Entity]) -> tuple[Entity, ...]:
    """What Telegram accepts: within the text, nested, no code within styles, no odd links."""
    kept: list[Entity] = []
    open_: list[Entity] = []
    end_of_text = utf16_length(text)
    for entity in sorted(entities, key=lambda e: (e.offset, -e.length, e.type not in _QUOTES)):
        while open_ and open_[-1].offset + open_[-1].length <= entity.offset:
            open_.pop()
        end = min(entity.offset + entity.length, end_of_text)
        if open_:
            end = min(end, open_[-1].offset + open_[-1].length)
        clipped = _trimmed(text, attrs.evolve(entity, length=end - entity.offset))
        if clipped.length > 0 and _allowed(clipped, open_):
            kept.append(clipped)
            open_.append(clipped)
        if len(kept) == _MOST_ENTITIES:
            break
    return tuple(kept)


def _allowed(entity: Entity, around: list[Entity]) -> bool:
    types = {outer.type for outer in around}
    if entity.type == "text_link" and not _LINK.fullmatch(entity.url or ""):
        return False
    if entity.type in _QUOTES:
        return not types
    if entity.type in _CODE:
        return types <= _QUOTES
    return entity.type in _STYLES and entity.type not in types and not types & _CODE


def _trimmed(text: str, entity: Entity) -> Entity:
    """Without the white space at its end, where Telegram would cut it anyway."""
    if entity.length <= 0:
        return entity
    inside = utf16_slice(text, entity.offset, entity.length)[1]
    return attrs.evolve(entity, length=utf16_length(inside.rstrip()))

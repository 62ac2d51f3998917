"""``parse_mode=HTML``: text and entities out of Telegram's small HTML, or its complaint."""

from __future__ import annotations

import re

import attrs

from butler.playground.entities import units
from butler.playground.refusals import Json, Refusal, bad_request

_KINDS = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline",
    "ins": "underline", "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough",
    "tg-spoiler": "spoiler", "span": "spoiler", "code": "code", "pre": "pre",
    "blockquote": "blockquote", "a": "text_link", "tg-emoji": "custom_emoji",
}  # fmt: skip
_ATTRIBUTE = r"""\s+([^\s=>"']+)(?:\s*=\s*("[^"]*"|'[^']*'|[A-Za-z0-9.\-]+))?"""
_TOKEN = re.compile(
    rf"""<(?P<open>[^\s/>][^\s>]*)(?P<attributes>(?:{_ATTRIBUTE})*)\s*>"""
    r"|</(?P<close>[^\s>]*)\s*>"
    r"|&(?:(?P<name>lt|gt|amp|quot)|\#(?:x(?P<hex>[0-9a-fA-F]{1,6})|(?P<dec>[0-9]{1,7})));?"
    r"|(?P<broken><)",
)
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}


@attrs.define
class _Tag:
    name: str
    attributes: dict[str, str]
    offset: int
    start: int


@attrs.define
class _Reader:
    source: str
    pieces: list[str] = attrs.Factory(list)
    offset: int = 0
    stack: list[_Tag] = attrs.Factory(list)
    entities: list[Json] = attrs.Factory(list)

    def read(self) -> tuple[str, list[Json]]:
        position = 0
        for match in _TOKEN.finditer(self.source):
            self.add(self.source[position : match.start()])
            position = match.end()
            if match["open"]:
                self.open(match)
            elif match["close"] is not None:
                self.close(match)
            elif match["broken"]:
                raise self.wrong("Unclosed tag", match)
            else:
                self.add(_character(match))
        self.add(self.source[position:])
        if self.stack:
            raise bad_request(
                f"can't parse entities: Can't find end tag corresponding to start tag \""
                f'{self.stack[-1].name}"'
            )
        self.entities.sort(key=lambda one: (one["offset"], -one["length"]))
        return "".join(self.pieces), self.entities

    def add(self, text: str) -> None:
        if text:
            self.pieces.append(text)
            self.offset += units(text)

    def wrong(self, what: str, match: re.Match[str]) -> Refusal:
        at = len(self.source[: match.start()].encode("utf-8"))
        return bad_request(f"can't parse entities: {what} at byte offset {at}")

    def open(self, match: re.Match[str]) -> None:
        name = match["open"].lower()
        if name not in _KINDS:
            raise self.wrong(f'Unsupported start tag "{name}"', match)
        attributes = {
            found[0].lower(): _unescape(found[1].strip("\"'"))
            for found in re.findall(_ATTRIBUTE, match["attributes"] or "")
        }
        if name == "span" and attributes.get("class") != "tg-spoiler":
            raise self.wrong('Tag "span" must have class "tg-spoiler"', match)
        self.stack.append(_Tag(name, attributes, self.offset, len(self.pieces)))

    def close(self, match: re.Match[str]) -> None:
        if not self.stack:
            raise self.wrong("Unexpected end tag", match)
        tag = self.stack.pop()
        name = match["close"].lower()
        if name and name != tag.name:
            at = len(self.source[: match.start()].encode("utf-8"))
            raise bad_request(
                f"can't parse entities: Unmatched end tag at byte offset {at}, expected "
                f'"</{tag.name}>", found "</{name}>"'
            )
        if self.offset > tag.offset:
            self.entities += self.entity(tag)

    def entity(self, tag: _Tag) -> list[Json]:
        one: Json = {
            "type": _KINDS[tag.name],
            "offset": tag.offset,
            "length": self.offset - tag.offset,
        }
        if tag.name == "blockquote" and "expandable" in tag.attributes:
            one["type"] = "expandable_blockquote"
        elif tag.name == "a":
            url = tag.attributes.get("href") or "".join(self.pieces[tag.start :])
            return [link(one, url)] if link_works(url) else []
        elif tag.name == "tg-emoji":
            if not tag.attributes.get("emoji-id", "").isdigit():
                raise bad_request("invalid custom emoji identifier specified")
            one["custom_emoji_id"] = tag.attributes["emoji-id"]
        elif tag.name in ("code", "pre"):
            return self.preformatted(tag, one)
        return [one]

    def preformatted(self, tag: _Tag, one: Json) -> list[Json]:
        """``<pre><code class="language-x">`` is one entity with its language."""
        language = tag.attributes.get("class", "")
        if tag.name == "code" and language.startswith("language-"):
            one["language"] = language.removeprefix("language-")
        if tag.name == "pre" and self.entities:
            inner = self.entities[-1]
            same = (inner["offset"], inner["length"]) == (one["offset"], one["length"])
            if inner["type"] == "code" and same:
                self.entities.pop()
                if "language" in inner:
                    one["language"] = inner["language"]
        return [one]


def link_works(url: str) -> bool:
    """Whether Telegram keeps a link to *url* (a host with a dot, or its own ``tg:`` scheme)."""
    return bool(
        re.match(r"(?i)(?:https?://|ftp://)?[^\s/.]+(?:\.[^\s/.]+)+(?:[/?#:].*)?$", url)
        or re.match(r"(?i)https?://localhost\b", url)
        or url.lower().startswith(("tg:", "ton:", "tonsite:"))
    )


def link(entity: Json, url: str) -> Json:
    """*entity* as a link to *url*; ``tg://user?id=N`` mentions a person by id."""
    mention = re.fullmatch(r"tg:(?://)?user\?id=(\d{1,16})", url)
    if mention:
        return {
            **entity,
            "type": "text_mention",
            "user": {"id": int(mention[1]), "is_bot": False, "first_name": ""},
        }
    return {**entity, "type": "text_link", "url": url if ":" in url else f"http://{url}"}


def _character(match: re.Match[str]) -> str:
    if match["name"]:
        return _NAMED[match["name"]]
    code = int(match["hex"], 16) if match["hex"] else int(match["dec"])
    if code == 0 or code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        return match.group()
    return chr(code)


def _unescape(value: str) -> str:
    return _TOKEN.sub(lambda m: _character(m) if m.group().startswith("&") else m.group(), value)


def parse_html(source: str) -> tuple[str, list[Json]]:
    """The text without its tags, and the entities they stand for.

    Raises:
        Refusal: 400 "can't parse entities: …" with the byte offset of what is wrong.
    """
    return _Reader(source).read()

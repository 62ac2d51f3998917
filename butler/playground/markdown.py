"""``parse_mode=MarkdownV2``: text and entities, or Telegram's complaint.

Follows TDLib's reading, except that a quotation cannot be made expandable.
"""

from __future__ import annotations

import attrs

from butler.playground.html import link, link_works
from butler.playground.refusals import Json, Refusal, bad_request

_RESERVED = frozenset("_*[]()~`>#+-=|{}.!\n")
_NAMES = {
    "bold": "Bold", "italic": "Italic", "underline": "Underline", "code": "Code", "pre": "Pre",
    "strikethrough": "Strikethrough", "spoiler": "Spoiler", "text_link": "TextUrl",
    "custom_emoji": "CustomEmoji", "blockquote": "BlockQuote",
}  # fmt: skip
_ENDS = {
    "bold": "*", "italic": "_", "underline": "__", "code": "`", "pre": "```",
    "strikethrough": "~", "spoiler": "||", "text_link": "]", "custom_emoji": "]",
}  # fmt: skip
_STARTS = (
    ("```", "pre"), ("`", "code"), ("__", "underline"), ("_", "italic"), ("*", "bold"),
    ("~", "strikethrough"), ("||", "spoiler"), ("![", "custom_emoji"), ("[", "text_link"),
)  # fmt: skip


@attrs.define
class _Open:
    kind: str
    at: int
    offset: int
    start: int
    language: str = ""


@attrs.define
class _Reader:
    source: str
    i: int = 0
    out: list[str] = attrs.Factory(list)
    offset: int = 0
    stack: list[_Open] = attrs.Factory(list)
    entities: list[Json] = attrs.Factory(list)

    def read(self) -> tuple[str, list[Json]]:
        if self.source.startswith(">"):
            self.begin("blockquote", 1)
        while self.i < len(self.source):
            self.step()
        if self.stack and self.stack[-1].kind == "blockquote":
            self.finish(self.stack.pop())
        if self.stack:
            raise self.unfinished(self.stack[-1])
        self.entities.sort(key=lambda one: (one["offset"], -one["length"]))
        return "".join(self.out), self.entities

    def step(self) -> None:
        character = self.source[self.i]
        if character == "\\" and "\0" < self.source[self.i + 1 : self.i + 2] <= "~":
            self.put(self.source[self.i + 1])
            self.i += 2
            return
        inside = self.stack[-1].kind if self.stack else ""
        reserved = "`" if inside in ("code", "pre") else _RESERVED
        if character not in reserved:
            self.put(character)
            self.i += 1
        elif character == "\n":
            self.new_line()
        elif inside in _ENDS and self.ends(inside):
            self.end(self.stack.pop())
        else:
            self.start()

    def put(self, character: str) -> None:
        self.out.append(character)
        self.offset += 2 if character > "\uffff" else 1

    def ends(self, kind: str) -> bool:
        mark = _ENDS[kind]
        # Two underlines close an underline, never an italic.
        taken = kind == "italic" and self.source.startswith("__", self.i)
        return self.source.startswith(mark, self.i) and not taken

    def start(self) -> None:
        for mark, kind in _STARTS:
            if self.source.startswith(mark, self.i):
                self.begin(kind, len(mark))
                if kind == "pre":
                    self.language()
                return
        raise bad_request(
            f"can't parse entities: Character '{self.source[self.i]}' is reserved and must be "
            "escaped with the preceding '\\'"
        )

    def begin(self, kind: str, skip: int) -> None:
        self.stack.append(_Open(kind, self.i, self.offset, len(self.out)))
        self.i += skip

    def language(self) -> None:
        end = self.i
        while end < len(self.source) and not self.source[end].isspace() and self.source[end] != "`":
            end += 1
        if end < len(self.source) and self.source[end] != "`":
            self.stack[-1].language = self.source[self.i : end]
            self.i = end
        for line_end in ("\r\n", "\n", "\r"):
            if self.source.startswith(line_end, self.i):
                self.i += len(line_end)
                return

    def new_line(self) -> None:
        quoting = any(one.kind == "blockquote" for one in self.stack)
        continues = self.source.startswith(">", self.i + 1)
        if quoting and not continues:
            if self.stack[-1].kind != "blockquote":
                raise self.unfinished(self.stack[-1])
            self.finish(self.stack.pop())
        self.put("\n")
        self.i += 1
        if continues and quoting:
            self.i += 1
        elif continues:
            self.begin("blockquote", 1)

    def end(self, opened: _Open) -> None:
        self.i += len(_ENDS[opened.kind])
        if opened.kind == "text_link":
            url = self.address() or "".join(self.out[opened.start :])
            if self.offset > opened.offset and link_works(url):
                self.entities.append(link(self.entity(opened), url))
        elif opened.kind == "custom_emoji":
            self.custom_emoji(opened)
        else:
            self.finish(opened)

    def custom_emoji(self, opened: _Open) -> None:
        prefix, _, number = self.address().partition("tg://emoji?id=")
        if prefix or not number.isdigit():
            raise bad_request(
                "can't parse entities: Custom emoji entity must contain a tg://emoji URL"
            )
        self.entities.append({**self.entity(opened), "custom_emoji_id": number})

    def address(self) -> str:
        """What stands in parentheses next, if anything does."""
        if not self.source.startswith("(", self.i):
            return ""
        at = self.i + 1
        url = []
        self.i += 1
        while self.i < len(self.source) and self.source[self.i] != ")":
            if self.source[self.i] == "\\" and self.i + 1 < len(self.source):
                self.i += 1
            url.append(self.source[self.i])
            self.i += 1
        if self.i >= len(self.source):
            raise bad_request(
                f"can't parse entities: Can't find end of a URL at byte offset {self.bytes_to(at)}"
            )
        self.i += 1
        return "".join(url)

    def finish(self, opened: _Open) -> None:
        if self.offset > opened.offset:
            self.entities.append(self.entity(opened))

    def entity(self, opened: _Open) -> Json:
        entity: Json = {
            "type": opened.kind,
            "offset": opened.offset,
            "length": self.offset - opened.offset,
        }
        if opened.language:
            entity["language"] = opened.language
        return entity

    def unfinished(self, opened: _Open) -> Refusal:
        return bad_request(
            f"can't parse entities: Can't find end of {_NAMES[opened.kind]} entity at byte offset "
            f"{self.bytes_to(opened.at)}"
        )

    def bytes_to(self, index: int) -> int:
        return len(self.source[:index].encode("utf-8"))


def parse_markdown(source: str) -> tuple[str, list[Json]]:
    """The text without its marks, and the entities they stand for.

    Raises:
        Refusal: 400 "can't parse entities: …" with the byte offset of what is wrong.
    """
    return _Reader(source).read()

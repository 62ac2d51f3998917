"""Messages on their way to a chat."""

from __future__ import annotations

import base64
import zlib

import attrs


@attrs.frozen
class Entity:
    """A Telegram message entity; `offset` and `length` in UTF-16 code units."""

    type: str
    offset: int
    length: int
    url: str | None = None
    language: str | None = None
    custom_emoji_id: str | None = None


@attrs.frozen
class Button:
    """An inline button; `data` (1 to 64 bytes) comes back as a callback query."""

    text: str
    data: str


@attrs.frozen
class Document:
    """A file; `packed` is its content, compressed, in ASCII, so that it is stored as it is."""

    name: str
    packed: str

    @classmethod
    def of(cls, name: str, content: bytes) -> Document:
        """A file with this content. Takes a while for a large one."""
        return cls(name, base64.b64encode(zlib.compress(content, 6)).decode())

    @property
    def content(self) -> bytes:
        """The content as it was."""
        return zlib.decompress(base64.b64decode(self.packed))


@attrs.frozen
class Part:
    """One message to send: at most 4,096 UTF-16 units of text, already split and rendered.

    `buttons` are rows of inline buttons. `edit_message_id` set: that message is edited instead.
    `document` set: that file is sent, with `text` as its caption.
    """

    chat_id: int
    text: str
    entities: tuple[Entity, ...] = ()
    reply_to_message_id: int | None = None
    thread_id: int | None = None
    buttons: tuple[tuple[Button, ...], ...] = ()
    edit_message_id: int | None = None
    document: Document | None = None

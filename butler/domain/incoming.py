"""What an update of the Bot API means to the butler."""

from __future__ import annotations

from typing import Literal

import attrs

from butler.domain.profile import Language

Kind = Literal[
    "text", "voice", "command", "callback", "edit", "unsupported", "membership", "ignored"
]
ChatType = Literal["private", "group", "supergroup", "channel"]


@attrs.frozen
class Attachment:
    """A recording to listen to; `size` in bytes and `duration` in seconds where Telegram says."""

    file_id: str
    kind: Literal["voice", "audio", "video_note"]
    mime_type: str
    duration: int
    size: int | None


@attrs.frozen
class Incoming:
    """An update, understood.

    `user_id` is None where no person is behind it; then `kind` is "ignored". `text` is the guest's
    words (caption included) with the mention of the bot taken out; for "command" what follows the
    command; for "callback" the button's data. `what` names the unsupported content ("sticker",
    "photo", …) or why it is ignored. `addressed`: in a private chat always, in groups by mention,
    reply or command. `album` is shared by the messages of one album.
    """

    update_id: int
    kind: Kind
    user_id: str | None
    chat_id: int
    chat_type: ChatType = "private"
    message_id: int = 0
    thread_id: int | None = None
    text: str = ""
    command: str = ""
    callback_id: str = ""
    attachment: Attachment | None = None
    what: str = ""
    name: str = ""
    language: Language = "ru"
    addressed: bool = True
    date: int = 0
    album: str = ""

    @property
    def private(self) -> bool:
        """Whether nobody else reads along."""
        return self.chat_type == "private"

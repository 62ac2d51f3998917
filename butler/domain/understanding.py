"""From an update of the Bot API to what it means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeGuard, cast

import attrs

from butler.domain.incoming import Attachment, ChatType, Incoming
from butler.domain.text import one_line, utf16_slice, visible, whole

# Telegram: ids have at most 52 significant bits, so that doubles hold them.
LARGEST_ID = 2**52
# The account that Telegram itself writes from.
_TELEGRAM = 777000
_NAME_LIMIT = 64

_RECORDINGS = ("voice", "audio", "video_note")
# In this order: an animation comes with a document, a venue with a location.
_UNSUPPORTED = (
    "animation", "sticker", "photo", "video", "document", "venue", "location", "contact", "poll",
    "dice", "game", "story", "paid_media", "checklist", "invoice",
)  # fmt: skip
_PEOPLE = ("private", "group", "supergroup")
_COMMAND = re.compile(r"/([A-Za-z]\w{0,63})(?:@(\w+))?(?:\s+|$)(.*)", re.DOTALL | re.ASCII)


def understand(payload: object, bot_username: str, bot_id: int) -> Incoming:
    """What an update means; any JSON value is understood, if only as "ignored".

    `bot_username` without "@" (may be empty). Text keeps every character but lone surrogates, which
    become U+FFFD; ids beyond what Telegram gives out count as missing.
    """
    update = _object(payload)
    update_id = _integer(update.get("update_id"), 2**63 - 1) or 0
    reader = _Reader(update_id, bot_username.lower(), bot_id)
    if message := _object(update.get("message")):
        return reader.message(message)
    if message := _object(update.get("edited_message")):
        return reader.edit(message)
    if query := _object(update.get("callback_query")):
        return reader.callback(query)
    if member := _object(update.get("my_chat_member")):
        return reader.membership(member)
    others = (str(key) for key in update if key != "update_id")
    return reader.ignored({}, one_line(next(others, "empty"), 64))


@attrs.frozen
class _Reader:
    """Reads the parts of one update."""

    update_id: int
    username: str
    bot_id: int

    def ignored(self, message: Mapping[str, Any], why: str) -> Incoming:
        chat = _object(message.get("chat"))
        return Incoming(
            update_id=self.update_id,
            kind="ignored",
            user_id=None,
            chat_id=_identifier(chat.get("id")) or 0,
            chat_type=_chat_type(chat) or "private",
            message_id=_integer(message.get("message_id")) or 0,
            what=why,
            addressed=False,
        )

    def message(self, message: Mapping[str, Any]) -> Incoming:
        base = self._base(message)
        if base.kind == "ignored":
            return base
        if _is_text(message.get("text")):
            return self._worded(base, message, message["text"])
        caption = message.get("caption")
        base = self._addressed(base, message, caption if _is_text(caption) else "")
        for kind in _RECORDINGS:
            if kind in message:
                return _recording(base, kind, _object(message[kind]))
        document = _object(message.get("document"))
        if str(document.get("mime_type", "")).startswith("audio/"):
            return _recording(base, "audio", document)
        for kind in _UNSUPPORTED:
            if kind in message:
                return attrs.evolve(base, kind="unsupported", what=kind)
        return self.ignored(message, "service")

    def edit(self, message: Mapping[str, Any]) -> Incoming:
        """An edit of words; a live location that moves, for one, is no edit to us."""
        base = self._base(message)
        text = message.get("text", message.get("caption"))
        if base.kind == "ignored":
            return base
        if not _is_text(text):
            return self.ignored(message, "edit")
        return attrs.evolve(self._addressed(base, message, text), kind="edit")

    def callback(self, query: Mapping[str, Any]) -> Incoming:
        message = _object(query.get("message"))
        base = self._base({**message, "from": query.get("from"), "sender_chat": None})
        callback_id, data = query.get("id"), query.get("data")
        if base.kind == "ignored":
            return base
        if not _is_text(callback_id) or not callback_id:
            return self.ignored(message, "callback")
        return attrs.evolve(
            base,
            kind="callback",
            callback_id=whole(callback_id),
            text=whole(data) if _is_text(data) else "",
            addressed=True,
        )

    def membership(self, member: Mapping[str, Any]) -> Incoming:
        base = self._base(member)
        if base.kind == "ignored":
            return base
        status = _object(member.get("new_chat_member")).get("status")
        what = one_line(status, 64) if _is_text(status) else ""
        return attrs.evolve(base, kind="membership", what=what, addressed=False)

    def _base(self, message: Mapping[str, Any]) -> Incoming:
        """Who and where, as a "text" without words; "ignored" where no person speaks."""
        chat, sender = _object(message.get("chat")), _object(message.get("from"))
        chat_id, user_id = _identifier(chat.get("id")), _identifier(sender.get("id"))
        chat_type = _chat_type(chat)
        if chat_id is None or chat_type not in _PEOPLE:
            return self.ignored(message, "channel" if chat_type == "channel" else "chat")
        if _object(message.get("sender_chat")):
            return self.ignored(message, "anonymous")
        if sender.get("is_bot") is True or user_id == self.bot_id:
            return self.ignored(message, "bot")
        if user_id is None or user_id < 0 or user_id == _TELEGRAM:
            return self.ignored(message, "sender")
        topic = message.get("is_topic_message") is True
        album = message.get("media_group_id")
        return Incoming(
            update_id=self.update_id,
            kind="text",
            user_id=str(user_id),
            chat_id=chat_id,
            chat_type=chat_type,
            message_id=_integer(message.get("message_id")) or 0,
            thread_id=_integer(message.get("message_thread_id")) if topic else None,
            name=_name(sender),
            date=_integer(message.get("date")) or 0,
            album=one_line(album, 64) if _is_text(album) else "",
        )

    def _worded(self, base: Incoming, message: Mapping[str, Any], text: str) -> Incoming:
        if command := _COMMAND.fullmatch(text):
            name, target, rest = command.groups()
            if target and target.lower() != self.username and not base.private:
                return self.ignored(message, "other_bot")
            return attrs.evolve(base, kind="command", command=name.lower(), text=whole(rest))
        base = self._addressed(base, message, text)
        if not visible(base.text):
            return attrs.evolve(base, kind="unsupported", what="empty")
        return base

    def _addressed(self, base: Incoming, message: Mapping[str, Any], text: str) -> Incoming:
        """With the words, and whether they are meant for us."""
        words, mentioned = self._without_mention(message, text)
        addressed = base.private or mentioned or self._is_reply_to_us(message)
        return attrs.evolve(base, text=whole(words), addressed=addressed)

    def _is_reply_to_us(self, message: Mapping[str, Any]) -> bool:
        replied = _object(message.get("reply_to_message"))
        # In a forum every message "replies" to the service message that opened its topic.
        if "forum_topic_created" in replied:
            return False
        return _identifier(_object(replied.get("from")).get("id")) == self.bot_id

    def _without_mention(self, message: Mapping[str, Any], text: str) -> tuple[str, bool]:
        entities = message.get("entities", message.get("caption_entities"))
        for entity in entities if isinstance(entities, list) else ():
            if (cut := self._named_in(_object(entity), text)) is not None:
                return cut, True
        if not self.username:
            return text, False
        mention = re.compile(rf"(?<![\w@])@{re.escape(self.username)}(?!\w)", re.IGNORECASE)
        if found := mention.search(text):
            return _joined(text[: found.start()], text[found.end() :]), True
        return text, False

    def _named_in(self, entity: Mapping[str, Any], text: str) -> str | None:
        """The text without this mention by name (for bots found by id), if it is one of us."""
        user = _object(entity.get("user"))
        offset, length = _integer(entity.get("offset")), _integer(entity.get("length"))
        if entity.get("type") != "text_mention" or _identifier(user.get("id")) != self.bot_id:
            return None
        if offset is None or length is None:
            return None
        before, _, after = utf16_slice(text, offset, length)
        return _joined(before, after)


def _joined(before: str, after: str) -> str:
    """What is left around a mention, without the comma that followed an opening one."""
    if not before.strip():
        return re.sub(r"^[\s,:;.!—–-]+(?=\S)", "", after).strip()
    before = before.rstrip(" ")
    if before[-1] in ",:;" and after.startswith(","):
        after = after[1:]
    glue = "" if not after or after[0] in " \n\t,.:;!?…)" else " "
    return (before + glue + after).strip()


def _recording(base: Incoming, kind: str, value: Mapping[str, Any]) -> Incoming:
    file_id, mime = value.get("file_id"), value.get("mime_type")
    if not _is_text(file_id) or not file_id:
        return attrs.evolve(base, kind="unsupported", what=kind)
    attachment = Attachment(
        file_id=whole(file_id),
        kind=kind,  # type: ignore[arg-type]  # one of _RECORDINGS
        mime_type=one_line(mime, 128) if _is_text(mime) else "",
        duration=_integer(value.get("duration")) or 0,
        size=_integer(value.get("file_size")),
    )
    return attrs.evolve(base, kind="voice", attachment=attachment)


def _name(sender: Mapping[str, Any]) -> str:
    parts = (sender.get("first_name"), sender.get("last_name"))
    name = one_line(" ".join(part for part in parts if _is_text(part)), _NAME_LIMIT)
    username = sender.get("username")
    return name or (one_line(username, _NAME_LIMIT) if _is_text(username) else "")


def _chat_type(chat: Mapping[str, Any]) -> ChatType | None:
    kind = chat.get("type")
    return cast(ChatType, kind) if kind in (*_PEOPLE, "channel") else None


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _is_text(value: object) -> TypeGuard[str]:
    return isinstance(value, str)


def _integer(value: object, largest: int = LARGEST_ID) -> int | None:
    """A count or a moment: from 0 to `largest`."""
    return value if type(value) is int and 0 <= value <= largest else None


def _identifier(value: object) -> int | None:
    """The id of a user or (negative) of a group."""
    return value if type(value) is int and 0 < abs(value) <= LARGEST_ID else None

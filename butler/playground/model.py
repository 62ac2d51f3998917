"""The things of the playground's world: bots, chats, webhooks. Plain state, locked by the world."""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from typing import Literal

import attrs

from butler.playground.events import EventLog, Waker
from butler.playground.refusals import Json
from butler.playground.updates import UpdateQueue

ChatKind = Literal["private", "group", "supergroup", "channel"]
State = Literal["", "kicked", "migrated", "deactivated"]
_CONTENTS = frozenset(
    {"voice", "audio", "video", "video_note", "photo", "document", "sticker", "animation",
     "location", "poll", "contact", "dice", "venue"}
)  # fmt: skip


@attrs.frozen
class Webhook:
    """Where a bot's updates are posted."""

    url: str
    secret: str = attrs.field(default="", repr=False)
    max_connections: int = 40
    ip_address: str = ""


@attrs.define(eq=False)
class Bot:
    """A bot: who it is, what waits for it, what it has set."""

    user: Json
    token: str = attrs.field(repr=False)
    queue: UpdateQueue
    privacy: bool
    next_message_id: int
    chats: dict[int, Chat] = attrs.Factory(dict)
    commands: dict[tuple[str, str], list[Json]] = attrs.Factory(dict)
    callbacks: OrderedDict[str, Chat] = attrs.Factory(OrderedDict)
    webhook: Webhook | None = None
    webhook_error: tuple[int, str] | None = None
    wakers: set[Waker] = attrs.Factory(set)

    @property
    def id(self) -> int:
        """The bot's user id, which is also the number before the colon of its token."""
        return int(self.user["id"])

    @property
    def username(self) -> str:
        """Without the @."""
        return str(self.user["username"])

    def wake(self) -> None:
        """Tell whoever waits for updates that there are some, or that the webhook changed."""
        for wake in tuple(self.wakers):
            wake()

    def menu(self, chat: Chat, language: str) -> list[Json]:
        """The commands a guest of *language* sees in *chat*, from the narrowest scope that has any.

        Order of scopes: core.telegram.org/bots/api#determining-list-of-commands.
        """
        scopes = [{"type": "chat", "chat_id": chat.id}]
        scopes.append(
            {"type": "all_private_chats" if chat.kind == "private" else "all_group_chats"}
        )
        scopes.append({"type": "default"})
        for scope in scopes:
            for code in (language, ""):
                commands = self.commands.get((json.dumps(scope, sort_keys=True), code))
                if commands:
                    return commands
        return []

    def hears(self, chat: Chat, message: Json) -> bool:
        """Whether privacy mode lets the bot see a guest's *message*."""
        if not self.privacy or chat.kind in ("private", "channel"):
            return True
        text = str(message.get("text") or message.get("caption") or "")
        if not text and not _has_content(message):
            return True
        answered = message.get("reply_to_message", {}).get("from", {}).get("id")
        if answered == self.id:
            return True
        if re.search(rf"@{re.escape(self.username)}\b", text, re.IGNORECASE):
            return True
        return bool(re.match(r"/\w+(?!\S*@)", text))


def _has_content(message: Json) -> bool:
    """Whether it is something a person sent; service messages are heard by every bot."""
    return not _CONTENTS.isdisjoint(message)


@attrs.define(eq=False)
class Chat:
    """A chat of one bot, with its transcript."""

    id: int
    kind: ChatKind
    bot: Bot
    json: Json
    events: EventLog
    kept_messages: int
    members: dict[int, Json] = attrs.Factory(dict)
    messages: OrderedDict[int, Json] = attrs.Factory(OrderedDict)
    keyboard: Json | None = None
    started: bool = False
    blocked: bool = False
    state: State = ""
    migrated_to: int | None = None
    next_message_id: int = 1

    def new_message_id(self) -> int:
        """Per chat in supergroups and channels, per bot elsewhere, as in Telegram."""
        if self.kind in ("supergroup", "channel"):
            self.next_message_id += 1
            return self.next_message_id - 1
        self.bot.next_message_id += 1
        return self.bot.next_message_id - 1

    def store(self, message: Json, keyboard: Json | None = None) -> None:
        """Append *message* to the transcript and tell the watchers."""
        self.messages[message["message_id"]] = message
        if len(self.messages) > self.kept_messages:
            self.messages.popitem(last=False)
        if keyboard is not None:
            self.keyboard = None if keyboard.get("remove_keyboard") else keyboard
            self.events.add("message", message=message, keyboard=self.keyboard)
        else:
            self.events.add("message", message=message)

    def replace(self, message: Json) -> None:
        """Put an edited *message* in place of what it was."""
        self.messages[message["message_id"]] = message
        self.events.add("edit", message=message)

    def remove(self, message_id: int) -> None:
        """Delete a message from the transcript."""
        del self.messages[message_id]
        self.events.add("delete", message_id=message_id)

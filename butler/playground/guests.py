"""What guests do: write, speak, send, edit, press, block. The other side of the Bot API."""

from __future__ import annotations

from typing import Any

from butler.playground import entities as marks
from butler.playground.media import contents, media
from butler.playground.model import Bot, Chat
from butler.playground.refusals import GuestError, Json
from butler.playground.text import MAX_TEXT
from butler.playground.world import World

_KEPT_CALLBACKS = 1000


class Guests:
    """The acts of guests in a :class:`World`. Every method may be called from any thread.

    *chat_id* is the guest's private chat with the bot unless it is given. Each act returns the
    message it made, and queues the update that tells the bot.

    Raises:
        GuestError: From every method, for what cannot be done.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    def write(
        self,
        user_id: int,
        text: str,
        *,
        chat_id: int | None = None,
        reply_to: int | None = None,
        bot: Bot | None = None,
    ) -> Json:
        """Send a text of 1 to 4,096 characters."""
        _check_text(text)
        content: Json = {"text": text}
        entities = marks.find(text)
        if entities:
            content["entities"] = entities
        return self.send(user_id, content, chat_id=chat_id, reply_to=reply_to, bot=bot)

    def send_media(
        self,
        user_id: int,
        kind: str,
        data: bytes,
        *,
        chat_id: int | None = None,
        reply_to: int | None = None,
        bot: Bot | None = None,
        **details: Any,
    ) -> Json:
        """Send a voice, audio, video, video_note, photo, document, sticker or animation.

        Args:
            user_id: Who sends it.
            kind: One of the eight.
            data: The bytes of the file.
            chat_id: Where to.
            reply_to: The message it answers.
            bot: Whose chat; the first bot's by default.
            details: ``file_name``, ``mime_type``, ``duration``, ``caption``, ``width``, ``height``,
                ``size`` (declared in place of the real one), ``title``, ``performer``, ``emoji``.
        """
        content = media(self._world.files, kind, data, details)
        return self.send(user_id, content, chat_id=chat_id, reply_to=reply_to, bot=bot)

    def send(
        self,
        user_id: int,
        content: Json,
        *,
        chat_id: int | None = None,
        reply_to: int | None = None,
        bot: Bot | None = None,
    ) -> Json:
        """Send any content: ``{"location": {…}}``, ``{"poll": {…}}``, as in a Message."""
        with self._world.lock:
            chat = self._chat(user_id, chat_id, bot)
            user = self._world.guest(user_id)
            if chat.kind == "channel":
                raise GuestError("expected a private chat or a group; a channel takes posts")
            if user_id not in chat.members:
                raise GuestError(f"expected a member of chat {chat.id}, got guest {user_id}")
            message = self._message(chat, contents(content), reply_to)
            message = {"message_id": message.pop("message_id"), "from": user, **message}
            self._revive(chat)
            chat.store(message)
            if chat.state == "" and chat.bot.hears(chat, message):
                self._world.enqueue(chat.bot, "message", message)
            return message

    def edit(
        self,
        user_id: int,
        message_id: int,
        text: str,
        *,
        chat_id: int | None = None,
        bot: Bot | None = None,
    ) -> Json:
        """Change the text of one's own message."""
        _check_text(text)
        with self._world.lock:
            chat = self._chat(user_id, chat_id, bot)
            old = chat.messages.get(message_id)
            if old is None or old.get("from", {}).get("id") != user_id or "text" not in old:
                raise GuestError(f"expected the id of a text of this guest, got {message_id}")
            message = {name: value for name, value in old.items() if name != "entities"}
            message |= {"edit_date": self._world.now(), "text": text}
            entities = marks.find(text)
            if entities:
                message["entities"] = entities
            chat.replace(message)
            if chat.state == "" and chat.bot.hears(chat, message):
                self._world.enqueue(chat.bot, "edited_message", message)
            return message

    def press(
        self,
        user_id: int,
        message_id: int,
        button: str,
        *,
        chat_id: int | None = None,
        bot: Bot | None = None,
    ) -> str:
        """Press the inline button of that data or, failing that, that text; return the query's id.

        The bot's answer comes as an ``answer`` event of the chat.
        """
        with self._world.lock:
            chat = self._chat(user_id, chat_id, bot)
            message = chat.messages.get(message_id, {})
            rows = message.get("reply_markup", {}).get("inline_keyboard", [])
            buttons = [one for row in rows for one in row if one.get("callback_data")]
            chosen = [one for one in buttons if one["callback_data"] == button]
            chosen += [one for one in buttons if one["text"] == button]
            if not chosen:
                texts = [one["text"] for one in buttons]
                raise GuestError(
                    f"expected a button of message {message_id} ({texts}), got {button!r}"
                )
            query_id = str(self._world.rng.getrandbits(63))
            chat.bot.callbacks[query_id] = chat
            while len(chat.bot.callbacks) > _KEPT_CALLBACKS:
                chat.bot.callbacks.popitem(last=False)
            query = {
                "id": query_id,
                "from": self._world.guest(user_id),
                "message": message,
                "chat_instance": str(chat.id * 7919),
                "data": chosen[0]["callback_data"],
            }
            self._world.enqueue(chat.bot, "callback_query", query)
            return query_id

    def block(self, user_id: int, *, bot: Bot | None = None) -> None:
        """Block the bot: it hears of it, and its messages are refused from now on."""
        self._set_blocked(user_id, bot, blocked=True)

    def unblock(self, user_id: int, *, bot: Bot | None = None) -> None:
        """Let the bot write again."""
        self._set_blocked(user_id, bot, blocked=False)

    def deactivate(self, user_id: int, *, bot: Bot | None = None) -> None:
        """Delete the guest's account; there is no way back."""
        with self._world.lock:
            self._chat(user_id, None, bot).state = "deactivated"

    def _set_blocked(self, user_id: int, bot: Bot | None, *, blocked: bool) -> None:
        with self._world.lock:
            chat = self._chat(user_id, None, bot)
            if chat.blocked == blocked:
                return
            chat.blocked = blocked
            chat.events.add("state", blocked=blocked)
            names = ("member", "kicked") if blocked else ("kicked", "member")
            self._membership(chat, self._world.guest(user_id), *names)

    def _membership(self, chat: Chat, who: Json, old: str, new: str) -> None:
        """Tell the bot of its own new standing in *chat*."""
        states = []
        for status in (old, new):
            state = {"user": chat.bot.user, "status": status}
            states.append({**state, "until_date": 0} if status == "kicked" else state)
        change = {
            "chat": chat.json,
            "from": who,
            "date": self._world.now(),
            "old_chat_member": states[0],
            "new_chat_member": states[1],
        }
        self._world.enqueue(chat.bot, "my_chat_member", change)

    def kick_bot(self, chat_id: int, user_id: int, *, bot: Bot | None = None) -> None:
        """Throw the bot out of a group, as member *user_id*."""
        with self._world.lock:
            chat = self._world.chat(chat_id, bot)
            chat.state = "kicked"
            self._membership(chat, self._world.guest(user_id), "member", "kicked")

    def post(self, chat_id: int, text: str, *, bot: Bot | None = None) -> Json:
        """Post in a channel."""
        _check_text(text)
        with self._world.lock:
            chat = self._world.chat(chat_id, bot)
            if chat.kind != "channel":
                raise GuestError(f"expected a channel, got a {chat.kind} chat")
            message = self._message(chat, {"text": text}, None)
            message = {"message_id": message.pop("message_id"), "sender_chat": chat.json, **message}
            chat.store(message)
            self._world.enqueue(chat.bot, "channel_post", message)
            return message

    def service(self, chat_id: int, fields: Json, *, bot: Bot | None = None) -> Json:
        """Make a service message, such as ``{"new_chat_title": "Dinner"}``."""
        with self._world.lock:
            chat = self._world.chat(chat_id, bot)
            message = self._message(chat, fields, None)
            if chat.members and chat.kind != "channel":
                message["from"] = next(iter(chat.members.values()))
            chat.store(message)
            kind = "channel_post" if chat.kind == "channel" else "message"
            self._world.enqueue(chat.bot, kind, message)
            return message

    def join(self, chat_id: int, user_id: int, *, bot: Bot | None = None) -> Json:
        """Let a guest into a group; the bot sees ``new_chat_members``."""
        with self._world.lock:
            user = self._world.guest(user_id)
            self._world.chat(chat_id, bot).members[user_id] = user
            return self.service(chat_id, {"new_chat_members": [user]}, bot=bot)

    def migrate(self, chat_id: int, *, bot: Bot | None = None) -> Chat:
        """Upgrade a group to a supergroup: the old one then refuses with ``migrate_to_chat_id``."""
        with self._world.lock:
            old = self._world.chat(chat_id, bot)
            if old.kind != "group" or old.state:
                raise GuestError(f"expected a living group, got a {old.kind} chat")
            new = self._world.add_group(
                old.json["title"], old.members, kind="supergroup", bot=old.bot
            )
            self.service(old.id, {"migrate_to_chat_id": new.id}, bot=old.bot)
            self.service(new.id, {"migrate_from_chat_id": old.id}, bot=old.bot)
            old.state, old.migrated_to = "migrated", new.id
            return new

    def _chat(self, user_id: int, chat_id: int | None, bot: Bot | None) -> Chat:
        self._world.guest(user_id)
        return self._world.chat(user_id if chat_id is None else chat_id, bot)

    def _revive(self, chat: Chat) -> None:
        """Whoever writes has started the bot, and no longer blocks it."""
        if chat.blocked:
            self._set_blocked(chat.id, chat.bot, blocked=False)
        chat.started = True

    def _message(self, chat: Chat, content: Json, reply_to: int | None) -> Json:
        message: Json = {
            "message_id": chat.new_message_id(),
            "chat": chat.json,
            "date": self._world.now(),
        }
        if reply_to is not None:
            answered = chat.messages.get(reply_to)
            if answered is None:
                raise GuestError(f"expected the id of a message of this chat, got {reply_to}")
            message["reply_to_message"] = quoted(answered)
        return {**message, **content}


def quoted(message: Json) -> Json:
    """*message* as it stands inside of a reply: without what it replies to itself."""
    return {name: value for name, value in message.items() if name != "reply_to_message"}


def _check_text(text: str) -> None:
    if not isinstance(text, str) or not text.strip():
        raise GuestError("expected a text with something in it, got none")
    if len(text) > MAX_TEXT:
        raise GuestError(f"expected a text of 1 to {MAX_TEXT} characters, got {len(text)}")

"""The methods of the Bot API that answer at once. Refusals are worded as Telegram's.

The order of the checks is the public server's: the text first, then the markup, then the chat,
then what is replied to.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from butler.playground.commands import read_commands, read_scope
from butler.playground.files import MAX_UPLOAD
from butler.playground.guests import quoted
from butler.playground.keyboards import read_markup
from butler.playground.model import Bot, Chat
from butler.playground.params import Params
from butler.playground.refusals import Json, Refusal, bad_request, forbidden
from butler.playground.text import read_caption, read_draft, read_text
from butler.playground.world import World

Method = Callable[["Methods", Bot, Params], Any]
ACTIONS = frozenset(
    {"cancel", "typing", "record_video", "upload_video", "record_audio", "upload_audio",
     "record_voice", "upload_voice", "upload_photo", "upload_document", "choose_sticker",
     "pick_up_location", "find_location", "record_video_note", "upload_video_note"}
)  # fmt: skip
# Beyond this a bot may no longer delete a message; core.telegram.org/bots/api#deletemessage.
_DELETABLE_SECONDS = 48 * 3600


class Methods:
    """Bot API methods over a :class:`World`.

    ``call`` takes the world's lock and never blocks on anything else.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    def knows(self, method: str) -> bool:
        """Whether *method*, in lower case, is one of these."""
        return method in _METHODS

    def call(self, bot: Bot, method: str, params: Params) -> Any:
        """The ``result`` of *method*, which :meth:`knows`.

        Raises:
            Refusal: What Telegram would say.
        """
        with self._world.lock:
            return _METHODS[method](self, bot, params)

    # About the bot and its chats

    def _get_me(self, bot: Bot, _params: Params) -> Json:
        return {
            **bot.user,
            "can_join_groups": True,
            "can_read_all_group_messages": not bot.privacy,
            "supports_inline_queries": False,
            "can_connect_to_business": False,
            "has_main_web_app": False,
            "has_topics_enabled": False,
        }

    def _get_chat(self, bot: Bot, params: Params) -> Json:
        chat = self._readable(bot, params)
        gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription")
        return {
            **chat.json,
            "accent_color_id": chat.id % 7,
            "max_reaction_count": 11,
            "accepted_gift_types": dict.fromkeys(gifts, chat.kind == "private"),
        }

    def _set_my_commands(self, bot: Bot, params: Params) -> bool:
        commands = read_commands(params.json("commands", "commands"))
        bot.commands[self._command_key(params)] = commands
        self._tell_commands(bot)
        return True

    def _get_my_commands(self, bot: Bot, params: Params) -> list[Json]:
        return bot.commands.get(self._command_key(params), [])

    def _delete_my_commands(self, bot: Bot, params: Params) -> bool:
        bot.commands.pop(self._command_key(params), None)
        self._tell_commands(bot)
        return True

    def _command_key(self, params: Params) -> tuple[str, str]:
        scope = read_scope(params.json("scope", "BotCommandScope"))
        return json.dumps(scope, sort_keys=True), params.text("language_code")

    def _tell_commands(self, bot: Bot) -> None:
        for chat in bot.chats.values():
            chat.events.add("commands")

    def _get_file(self, _bot: Bot, params: Params) -> Json:
        return self._world.files.describe(params.text("file_id"))

    # Writing

    def _send_message(self, bot: Bot, params: Params) -> Json:
        text, entities = read_text(
            params.text("text"), params.text("parse_mode"), params.json("entities", "entities")
        )
        preview = params.json("link_preview_options", "link preview options")
        if preview is not None and not isinstance(preview, dict):
            raise bad_request("object expected as link preview options")
        content: Json = {"text": text}
        if entities:
            content["entities"] = entities
        if preview:
            content["link_preview_options"] = preview
        return self._send(bot, params, content)

    def _send_document(self, bot: Bot, params: Params) -> Json:
        return self._send_file(bot, params, "document")

    def _send_voice(self, bot: Bot, params: Params) -> Json:
        return self._send_file(bot, params, "voice")

    def _send_photo(self, bot: Bot, params: Params) -> Json:
        return self._send_file(bot, params, "photo")

    def _send_file(self, bot: Bot, params: Params, kind: str) -> Json:
        caption, entities = read_caption(
            params.text("caption"),
            params.text("parse_mode"),
            params.json("caption_entities", "entities"),
        )
        content: Json = {kind: self._uploaded(params, kind)}
        if caption:
            content["caption"] = caption
        if entities:
            content["caption_entities"] = entities
        return self._send(bot, params, content)

    def _uploaded(self, params: Params, kind: str) -> Any:
        reference = params.text(kind)
        upload = params.files.get(reference.removeprefix("attach://") if reference else kind)
        if upload is not None:
            if len(upload.data) > MAX_UPLOAD:
                raise Refusal(413, "Request Entity Too Large")
            if not upload.data:
                raise bad_request("file must be non-empty")
            stored = self._world.files.add(kind, upload.data, upload.name, upload.mime_type)
        elif reference:
            found = self._world.files.find(reference)
            if found is None:
                raise bad_request("wrong file identifier/HTTP URL specified")
            stored = found
        else:
            raise bad_request(f"there is no {kind} in the request")
        thing = stored.ids()
        if kind == "photo":
            return [{**thing, "width": 512, "height": 512}]
        if kind == "voice":
            thing["duration"] = params.integer("duration", 0, 0, 1 << 31)
        else:
            thing["file_name"] = stored.name
        return {**thing, "mime_type": stored.mime_type or "application/octet-stream"}

    def _send(self, bot: Bot, params: Params, content: Json) -> Json:
        markup = read_markup(params.json("reply_markup", "reply keyboard markup"))
        chat = self._writable(bot, params)
        answered = self._answered(chat, params)
        self._count(bot, chat)
        message: Json = {
            "message_id": chat.new_message_id(),
            "from": bot.user,
            "chat": chat.json,
            "date": self._world.now(),
        }
        if chat.kind == "channel":
            message["sender_chat"] = chat.json
            del message["from"]
        if answered is not None:
            message["reply_to_message"] = quoted(answered)
        message |= content
        if markup and "inline_keyboard" in markup:
            message["reply_markup"] = markup
            markup = None
        chat.store(message, markup)
        return message

    def _send_message_draft(self, bot: Bot, params: Params) -> bool:
        text, entities = read_draft(
            params.text("text"), params.text("parse_mode"), params.json("entities", "entities")
        )
        draft_id = params.integer("draft_id")
        if draft_id == 0:
            raise bad_request("RANDOM_ID_INVALID")
        chat = self._writable(bot, params)
        if chat.kind != "private":
            raise bad_request("TEXTDRAFT_PEER_INVALID")
        chat.events.add("draft", draft_id=draft_id, text=text, entities=entities)
        return True

    def _send_chat_action(self, bot: Bot, params: Params) -> bool:
        action = params.text("action").lower()
        if action not in ACTIONS:
            raise bad_request("wrong parameter action in request")
        self._writable(bot, params).events.add("action", action=action)
        return True

    def _edit_message_text(self, bot: Bot, params: Params) -> Json:
        text, entities = read_text(
            params.text("text"), params.text("parse_mode"), params.json("entities", "entities")
        )
        markup = read_markup(params.json("reply_markup", "reply keyboard markup"))
        chat, old = self._own_message(bot, params)
        if "text" not in old:
            raise bad_request("there is no text in the message to edit")
        return self._edit(chat, old, {**old, "text": text, "entities": entities}, markup)

    def _edit_message_reply_markup(self, bot: Bot, params: Params) -> Json:
        markup = read_markup(params.json("reply_markup", "reply keyboard markup"))
        chat, old = self._own_message(bot, params)
        return self._edit(chat, old, dict(old), markup)

    def _edit(self, chat: Chat, old: Json, new: Json, markup: Json | None) -> Json:
        if markup is not None and "inline_keyboard" not in markup:
            raise bad_request("inline keyboard expected")
        new.pop("reply_markup", None)
        if markup:
            new["reply_markup"] = markup
        if not new.get("entities"):
            new.pop("entities", None)
        if new == old:
            raise bad_request(
                "message is not modified: specified new message content and reply markup are "
                "exactly the same as a current content and reply markup of the message"
            )
        self._count(chat.bot, chat)
        new["edit_date"] = self._world.now()
        chat.replace(new)
        return new

    def _delete_message(self, bot: Bot, params: Params) -> bool:
        if not params.text("chat_id"):
            raise bad_request("chat identifier is not specified")
        message_id = params.integer("message_id")
        if message_id <= 0:
            raise bad_request("message identifier is not specified")
        chat = self._writable(bot, params)
        message = chat.messages.get(message_id)
        if message is None:
            raise bad_request("message to delete not found")
        own = message.get("from", {}).get("id") == bot.id
        too_old = message["date"] < self._world.now() - _DELETABLE_SECONDS
        if too_old or not (own or chat.kind == "private"):
            raise bad_request("message can't be deleted")
        chat.remove(message_id)
        return True

    def _answer_callback_query(self, bot: Bot, params: Params) -> bool:
        query_id = params.text("callback_query_id")
        chat = bot.callbacks.pop(query_id, None)
        if chat is None:
            raise bad_request(
                "query is too old and response timeout expired or query ID is invalid"
            )
        text = params.text("text")
        if len(text) > 200:
            raise bad_request("MESSAGE_TOO_LONG")
        alert = params.flag("show_alert")
        chat.events.add("answer", callback_query_id=query_id, text=text, show_alert=alert)
        return True

    # Looking up

    def _own_message(self, bot: Bot, params: Params) -> tuple[Chat, Json]:
        message_id = params.integer("message_id")
        if not params.text("chat_id") and not message_id:
            raise bad_request("message identifier is not specified")
        chat = self._writable(bot, params)
        message = chat.messages.get(message_id)
        if message is None:
            raise bad_request("message to edit not found")
        if message.get("from", {}).get("id") != bot.id:
            raise bad_request("message can't be edited")
        return chat, message

    def _readable(self, bot: Bot, params: Params) -> Chat:
        reference = params.text("chat_id").strip()
        if not reference:
            raise bad_request("chat_id is empty")
        chat = self._world.find_chat(bot, reference)
        if chat is not None:
            return chat
        if reference.isdigit() and int(reference) in self._world.users:
            raise forbidden("bot can't initiate conversation with a user")
        raise bad_request("chat not found")

    def _writable(self, bot: Bot, params: Params) -> Chat:
        chat = self._readable(bot, params)
        if chat.state == "deactivated":
            raise forbidden("user is deactivated")
        if chat.blocked:
            raise forbidden("bot was blocked by the user")
        if not chat.started:
            raise forbidden("bot can't initiate conversation with a user")
        if chat.state == "migrated":
            raise Refusal(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                {"migrate_to_chat_id": chat.migrated_to},
            )
        if chat.state == "kicked":
            raise forbidden(f"bot was kicked from the {chat.kind} chat")
        if params.integer("message_thread_id"):
            raise bad_request("message thread not found")
        return chat

    def _answered(self, chat: Chat, params: Params) -> Json | None:
        """The message that is replied to; both the newer object and the older field are read."""
        reply = params.json("reply_parameters", "reply parameters")
        if reply is None:
            message_id = params.integer("reply_to_message_id")
            lenient = params.flag("allow_sending_without_reply")
        elif isinstance(reply, dict):
            fields = Params(reply)
            message_id = fields.integer("message_id")
            lenient = fields.flag("allow_sending_without_reply")
        else:
            raise bad_request("object expected as reply parameters")
        if message_id <= 0:
            return None
        message = chat.messages.get(message_id)
        if message is None and not lenient:
            raise bad_request("message to be replied not found")
        return message

    def _count(self, bot: Bot, chat: Chat) -> None:
        if self._world.limits is not None:
            self._world.limits.check(bot.id, chat.id)


_METHODS: dict[str, Method] = {
    "getme": Methods._get_me,
    "getchat": Methods._get_chat,
    "getfile": Methods._get_file,
    "setmycommands": Methods._set_my_commands,
    "getmycommands": Methods._get_my_commands,
    "deletemycommands": Methods._delete_my_commands,
    "sendmessage": Methods._send_message,
    "senddocument": Methods._send_document,
    "sendvoice": Methods._send_voice,
    "sendphoto": Methods._send_photo,
    "sendmessagedraft": Methods._send_message_draft,
    "sendchataction": Methods._send_chat_action,
    "editmessagetext": Methods._edit_message_text,
    "editmessagereplymarkup": Methods._edit_message_reply_markup,
    "deletemessage": Methods._delete_message,
    "answercallbackquery": Methods._answer_callback_query,
}

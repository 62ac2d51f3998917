"""Telegram as a `Transport`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from telebot import apihelper
from telebot.types import BotCommand, LinkPreviewOptions, ReplyParameters

from butler.clients.bot_api import BotApi
from butler.domain.outgoing import Button, Entity, Part
from butler.errors import FileTooBig, TransportUnavailable
from butler.ports import BotIdentity

PUBLIC_API = "https://api.telegram.org"
ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
_POLL_GRACE = 10.0  # seconds for the answer to a poll that found nothing to arrive
_SHORT = 5.0  # time-out of what is worth less than the wait
_DOWNLOAD_TIMEOUT = 120.0
_UPLOAD_TIMEOUT = 300.0


class TelegramTransport:
    """One bot at one Bot API server. Thread-safe; any number in a process.

    `timeout` is a whole call's, in seconds, but for polls and downloads.
    """

    def __init__(self, token: str, api_url: str = PUBLIC_API, *, timeout: float = 20.0) -> None:
        """Raises ValueError for a token or URL that HTTP can't carry; connects to nothing."""
        self._api = BotApi(token, api_url)
        self._timeout = timeout

    @property
    def where(self) -> str:
        """The server's host and port, for people."""
        return self._api.where

    def identity(self) -> BotIdentity:
        """As `butler.ports.Transport` says, as all that follow."""
        me = self._call(apihelper.get_me, idempotent=True)
        try:
            return BotIdentity(int(me["id"]), str(me["username"]))
        except (TypeError, KeyError, ValueError):
            raise self._nonsense("getMe", "a bot") from None

    def updates(self, offset: int | None, limit: int, timeout: float) -> list[dict[str, Any]]:
        """Waits `timeout` seconds at most for the first, and ten more for the answer."""
        found = self._call(
            apihelper.get_updates,
            timeout=timeout + _POLL_GRACE,
            idempotent=True,
            offset=offset,
            limit=limit,
            allowed_updates=ALLOWED_UPDATES,
            long_polling_timeout=int(timeout),
        )
        updates = [each for each in found if isinstance(each, dict)] if type(found) is list else []
        if not updates and found != []:
            raise self._nonsense("getUpdates", "a list of updates")
        return updates

    def send(self, part: Part) -> int:
        """The message's id."""
        if part.edit_message_id is not None:
            self._edit(part, part.edit_message_id)
            return part.edit_message_id
        options: dict[str, Any] = {"message_thread_id": part.thread_id}
        if part.reply_to_message_id is not None:
            options["reply_parameters"] = ReplyParameters(
                part.reply_to_message_id, allow_sending_without_reply=True
            )
        if part.buttons:
            options["reply_markup"] = _keyboard(part.buttons)
        sent = self._send_document(part, options) if part.document else self._send(part, options)
        try:
            return int(sent["message_id"])
        except (TypeError, KeyError, ValueError):
            raise self._nonsense("sending", "a message") from None

    def draft(self, chat_id: int, draft_id: int, text: str) -> None:
        """`draft_id` must not be 0; drafts with the same id grow into each other."""
        self._call(
            apihelper.send_message_draft, chat_id, draft_id, text, timeout=_SHORT, idempotent=True
        )

    def typing(self, chat_id: int) -> None:
        """One call; it fades by itself."""
        self._call(apihelper.send_chat_action, chat_id, "typing", timeout=_SHORT, idempotent=True)

    def answer_callback(self, callback_id: str) -> None:
        """`TransportRefused` where it comes too late."""
        self._call(apihelper.answer_callback_query, callback_id, idempotent=True)

    def download(self, file_id: str, limit: int) -> bytes:
        """Within two minutes; refuses before downloading where Telegram tells the size."""
        file = self._call(apihelper.get_file, file_id, idempotent=True)
        path = file.get("file_path") if isinstance(file, dict) else None
        if not isinstance(path, str) or not path:
            raise self._nonsense("getFile", "a file path")
        size = file.get("file_size")
        if isinstance(size, int) and size > limit:
            raise FileTooBig(f"download: the file is over {limit} bytes")
        return self._api.file(path, limit, _DOWNLOAD_TIMEOUT)

    def set_commands(self, commands: Sequence[tuple[str, str]], language: str | None) -> None:
        """`language` None: for those whose language has no menu of its own."""
        menu = [BotCommand(command, description) for command, description in commands]
        self._call(apihelper.set_my_commands, menu, idempotent=True, language_code=language)

    def set_webhook(self, url: str, secret: str | None) -> None:
        """Pending updates stay."""
        self._call(
            apihelper.set_webhook,
            url,
            idempotent=True,
            allowed_updates=ALLOWED_UPDATES,
            secret_token=secret,
        )

    def delete_webhook(self) -> None:
        """Pending updates stay."""
        self._call(apihelper.delete_webhook, idempotent=True)

    def close(self) -> None:
        """Also calls that come later fail with `TransportUnavailable`."""
        self._api.close()

    def _call(
        self,
        function: Any,
        *arguments: object,
        timeout: float | None = None,
        idempotent: bool = False,
        **options: object,
    ) -> Any:
        return self._api.call(
            function,
            *arguments,
            timeout=timeout or self._timeout,
            idempotent=idempotent,
            **options,
        )

    def _send(self, part: Part, options: dict[str, Any]) -> Any:
        return self._call(
            apihelper.send_message,
            part.chat_id,
            part.text,
            entities=_entities(part.entities),
            link_preview_options=_NO_PREVIEW,
            **options,
        )

    def _send_document(self, part: Part, options: dict[str, Any]) -> Any:
        document = part.document
        assert document is not None  # see `send`
        return self._call(
            apihelper.send_data,
            part.chat_id,
            document.content,
            "document",
            timeout=_UPLOAD_TIMEOUT,
            visible_file_name=document.name,
            caption=part.text,
            caption_entities=_entities(part.entities),
            **options,
        )

    def _edit(self, part: Part, message_id: int) -> None:
        self._call(
            apihelper.edit_message_text,
            idempotent=True,
            text=part.text,
            chat_id=part.chat_id,
            message_id=message_id,
            entities=_entities(part.entities),
            reply_markup=_keyboard(part.buttons) if part.buttons else None,
            link_preview_options=_NO_PREVIEW,
        )

    def _nonsense(self, method: str, expected: str) -> TransportUnavailable:
        return TransportUnavailable(
            f"{method}: expected {expected}, got something else from {self.where}", unsure=True
        )


def _entities(entities: tuple[Entity, ...]) -> list[dict[str, Any]] | None:
    return [_entity(entity) for entity in entities] or None


def _entity(entity: Entity) -> dict[str, Any]:
    optional = {
        "url": entity.url,
        "language": entity.language,
        "custom_emoji_id": entity.custom_emoji_id,
    }
    given = {key: value for key, value in optional.items() if value is not None}
    return {"type": entity.type, "offset": entity.offset, "length": entity.length, **given}


def _keyboard(rows: tuple[tuple[Button, ...], ...]) -> str:
    buttons = [[{"text": b.text, "callback_data": b.data} for b in row] for row in rows]
    return json.dumps({"inline_keyboard": buttons}, ensure_ascii=False)

"""A bot's menu of commands: what Telegram accepts."""

from __future__ import annotations

import re
from typing import Any

from butler.playground.refusals import Json, bad_request

_SCOPES = frozenset(
    {"default", "all_private_chats", "all_group_chats", "all_chat_administrators", "chat",
     "chat_administrators", "chat_member"}
)  # fmt: skip


def read_commands(raw: Any) -> list[Json]:
    """At most 100 commands of 1-32 of ``a-z0-9_``, each with 1-256 characters of description.

    Raises:
        Refusal: 400.
    """
    if raw is None:
        return []
    if not isinstance(raw, list):
        raise bad_request("expected an Array of BotCommand")
    if len(raw) > 100:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    return [_command(one) for one in raw]


def _command(raw: Any) -> Json:
    wrong = "can't parse BotCommand: "
    if not isinstance(raw, dict):
        raise bad_request(wrong + "expected an Object")
    for field in ("command", "description"):
        if not isinstance(raw.get(field), str):
            raise bad_request(wrong + f'Field "{field}" must be of type String')
    command = raw["command"].removeprefix("/")
    if not re.fullmatch(r"[a-z0-9_]{1,32}", command):
        raise bad_request("BOT_COMMAND_INVALID")
    if not 1 <= len(raw["description"].strip()) <= 256:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": command, "description": raw["description"]}


def read_scope(raw: Any) -> Json:
    """A BotCommandScope; the default one when there is none.

    Raises:
        Refusal: 400.
    """
    if raw is None:
        return {"type": "default"}
    if not isinstance(raw, dict) or raw.get("type") not in _SCOPES:
        raise bad_request("can't parse BotCommandScope: Unsupported type specified")
    return raw

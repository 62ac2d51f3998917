"""How the Bot API says no, as `butler.errors`.

Descriptions are the Bot API's own ("Bad Request: chat not found"). Some repeat parts of the text
sent, so only their known meaning goes into an error's text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from butler.errors import (
    ChatMigrated,
    EntitiesRefused,
    FileTooBig,
    NotModified,
    ReplyTargetGone,
    TextTooLong,
    TransportConflict,
    TransportError,
    TransportFlood,
    TransportRefused,
    TransportUnauthorized,
    TransportUnavailable,
    Undeliverable,
)

_UNDELIVERABLE = re.compile(
    r"chat not found|user not found|user is deactivated|bot was (kicked|blocked)|user is blocked"
    r"|group chat was deactivated|PEER_ID_INVALID|USER_IS_BLOCKED|INPUT_USER_DEACTIVATED"
    r"|CHAT_WRITE_FORBIDDEN|CHAT_RESTRICTED|CHANNEL_PRIVATE|(have no|not enough) rights to send"
    r"|bot is not a member|can't initiate conversation|TOPIC_CLOSED",
    re.IGNORECASE,
)
_MEANINGS: tuple[tuple[re.Pattern[str], type[TransportError], str], ...] = (
    (_UNDELIVERABLE, Undeliverable, "the chat is gone or closed to the bot"),
    (
        re.compile(r"entit", re.I),
        EntitiesRefused,
        "the entities are refused",
    ),
    (
        re.compile(r"(message|caption|text) is too long|(MESSAGE|CAPTION)_TOO_LONG", re.I),
        TextTooLong,
        "the text is too long",
    ),
    (
        re.compile(r"(message to be replied|message to reply|replied message|reply message)"
                   r" (was )?not found|REPLY_MESSAGE_ID_INVALID", re.I),
        ReplyTargetGone,
        "the message to reply to is gone",
    ),
    (re.compile(r"is not modified|MESSAGE_NOT_MODIFIED", re.I), NotModified, "nothing to change"),
    (re.compile(r"(file|document) is too (big|large)", re.I), FileTooBig, "the file is too big"),
)  # fmt: skip
_WAIT = re.compile(r"retry after (\d+)", re.IGNORECASE)
# A description is shown only in the words that the Bot API is known to use.
_KNOWN_WORDS = re.compile(r"[A-Z][A-Z_]{4,60}|[a-z][a-z' ]{3,80}")
_DEFAULT_WAIT = 1.0
_NO_API = "no Bot API answers at {where} (HTTP {status}): check TELEGRAM_API_URL"


def read_result(method: str, status: int, body: object, where: str) -> object:
    """The `result` of a response, or the error that it is; `where` is the server's host:port."""
    if not isinstance(body, dict) or not isinstance(body.get("ok"), bool):
        return _no_api(method, status, where)
    if body["ok"] and "result" in body:
        return body["result"]
    if body["ok"]:
        raise TransportUnavailable(f"{method}: {where} answered without a result", unsure=True)
    code = body.get("error_code")
    raise _error(method, code if isinstance(code, int) else status, body)


def _no_api(method: str, status: int, where: str) -> object:
    if status in (502, 503, 504) or status == 500:
        failed = f"{method}: the server at {where} failed (HTTP {status})"
        raise TransportUnavailable(failed, unsure=True)
    if status == 429:
        raise TransportFlood(f"{method}: too many requests", _DEFAULT_WAIT)
    nothing = _NO_API.format(where=where, status=status)
    raise TransportUnavailable(f"{method}: {nothing}", unsure=True)


def _error(method: str, code: int, body: Mapping[str, Any]) -> TransportError:
    given = body.get("description")
    description = given if isinstance(given, str) else ""
    parameters = body.get("parameters")
    parameters = parameters if isinstance(parameters, dict) else {}
    if code == 429:
        wait = _wait(parameters, description)
        return TransportFlood(f"{method}: too many requests, wait {wait:g} s", wait)
    if code == 401 or (code == 404 and method != "sendMessageDraft"):
        return TransportUnauthorized(
            f"{method}: Telegram does not know the token (HTTP {code}): check TELEGRAM_BOT_TOKEN"
        )
    if code == 409:
        return TransportConflict(f"{method}: {_conflict(description)}")
    if code == 403:
        return Undeliverable(f"{method}: the chat is closed to the bot (403)")
    if code >= 500 or code < 400:
        return TransportUnavailable(f"{method}: Telegram failed ({code})")
    return _refusal(method, code, description, parameters)


def _refusal(
    method: str, code: int, description: str, parameters: Mapping[str, Any]
) -> TransportError:
    new_chat_id = parameters.get("migrate_to_chat_id")
    if isinstance(new_chat_id, int):
        return ChatMigrated(f"{method}: the group became a supergroup", new_chat_id)
    if code == 413:  # worded as HTTP does: "Request Entity Too Large"
        return FileTooBig(f"{method}: the file is too big (413)")
    for pattern, kind, meaning in _MEANINGS:
        if pattern.search(description):
            return kind(f"{method}: {meaning} ({code})")
    words = description.removeprefix("Bad Request: ")
    known = f": {words}" if _KNOWN_WORDS.fullmatch(words) else ""
    return TransportRefused(f"{method}: refused ({code}){known}")


def _conflict(description: str) -> str:
    if "webhook" in description:
        return "a webhook is set, so polling is refused: delete it, or set TELEGRAM_WEBHOOK_URL"
    return "another program polls with the same token: stop it, only one may"


def _wait(parameters: Mapping[str, Any], description: str) -> float:
    value = parameters.get("retry_after")
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0:
        return float(value)
    found = _WAIT.search(description)
    return float(found.group(1)) if found else _DEFAULT_WAIT

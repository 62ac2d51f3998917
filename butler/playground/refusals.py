"""What the Bot API answers instead of a result, worded as Telegram words it."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


class Refusal(Exception):
    """An answer with ``ok: false``; raised by every method and check of the Bot API.

    Attributes:
        code: The HTTP status, which Telegram repeats as ``error_code``.
        description: Telegram's sentence, with its prefix ("Bad Request: …").
        parameters: ``retry_after`` or ``migrate_to_chat_id``, or empty.
    """

    def __init__(self, code: int, description: str, parameters: Json | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters or {}

    def body(self) -> Json:
        """The JSON object of the answer."""
        body: Json = {"ok": False, "error_code": self.code, "description": self.description}
        if self.parameters:
            body["parameters"] = self.parameters
        return body


class GuestError(ValueError):
    """A guest's side call that cannot be done; the message says what was expected and what came."""


def bad_request(text: str) -> Refusal:
    """400; Telegram lower-cases the first letter of what its core says."""
    return Refusal(400, f"Bad Request: {text}")


def forbidden(text: str) -> Refusal:
    """403: the bot may not write there."""
    return Refusal(403, f"Forbidden: {text}")


def conflict(text: str) -> Refusal:
    """409: two ways of receiving updates at once."""
    return Refusal(409, f"Conflict: {text}")


def too_many_requests(seconds: int) -> Refusal:
    """429 with the whole seconds to wait."""
    return Refusal(429, f"Too Many Requests: retry after {seconds}", {"retry_after": seconds})


def server_error() -> Refusal:
    """500: the playground's own fault."""
    return Refusal(500, "Internal Server Error")

"""The whole error tree.

ButlerError
├── SettingsError               a setting is unknown or wrong; the process exits with 2
├── ImportRefused               a file that is no export, or another's
├── StoreError                  the database
│   ├── StoreUnavailable        cannot be reached or written now; worth retrying
│   │   └── StoreFull           no room left on the disk
│   ├── StoreRefused            wrong password, host, database or rights; retrying won't help
│   └── StoreVersion            made by a newer butler
├── ModelError                  the LLM; `outcome` is its metric label
│   ├── ModelTimeout
│   ├── ModelUnavailable        no connection, 5xx
│   ├── ModelOverloaded         429 or 503 with `retry_after`
│   ├── ModelInvalid            an answer that is none: not JSON, empty, an error inside a 200
│   ├── ModelContextOverflow    the prompt is longer than the model's context
│   └── ModelCancelled
├── SpeechError                 speech to text; `outcome` is its metric label
│   ├── SpeechUnavailable       the engine or its server does not answer
│   │   └── SpeechOff           there is no engine at all
│   ├── AudioInvalid            not decodable
│   ├── AudioSilent             decodable, but no words in it
│   └── AudioTooLong
└── TransportError              Telegram; `outcome` is its metric label
    ├── TransportUnavailable    no connection, time-out, 5xx; worth retrying
    ├── TransportFlood          429: wait `retry_after` seconds
    ├── TransportUnauthorized   401: the token is wrong or revoked
    ├── TransportConflict       409: another poller, or a webhook is set
    ├── Undeliverable           403, or the chat is gone: never retry
    ├── ChatMigrated            the group became a supergroup: use `new_chat_id`
    └── TransportRefused        any other 400
        ├── EntitiesRefused     can't parse entities: send plain text
        ├── TextTooLong
        ├── ReplyTargetGone     send without the reply
        ├── NotModified         an edit that changes nothing
        └── FileTooBig          over Telegram's 20 MB download limit
"""

from __future__ import annotations

from typing import ClassVar


class ButlerError(Exception):
    """Base of all errors of the butler; its text never holds a secret."""


class SettingsError(ButlerError):
    """A setting is unknown or wrong: says what was expected, what came, what to do."""

    def __init__(self, name: str, expected: str, got: str, do: str) -> None:
        super().__init__(f"{name}: expected {expected}, got {got}. {do}")
        self.name = name


class ImportRefused(ButlerError):
    """What was to be imported is no export, of another version, or another guest's."""


class StoreError(ButlerError):
    """The database failed."""


class StoreUnavailable(StoreError):
    """The database cannot be reached or written now; the same call may succeed later."""


class StoreFull(StoreUnavailable):
    """No room left on the disk."""


class StoreRefused(StoreError):
    """The database refuses us (password, host, rights, read-only place); retrying won't help."""


class StoreVersion(StoreError):
    """The database was made by a newer butler."""


class ModelError(ButlerError):
    """The LLM gave no usable answer."""

    outcome: ClassVar[str] = "unavailable"

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ModelTimeout(ModelError):
    """No answer in time."""

    outcome = "timeout"


class ModelUnavailable(ModelError):
    """No connection, or a server error."""


class ModelOverloaded(ModelError):
    """The server asks to come back after `retry_after` seconds, if it says when."""

    outcome = "overloaded"


class ModelInvalid(ModelError):
    """An answer came, but no usable one."""

    outcome = "invalid"


class ModelContextOverflow(ModelInvalid):
    """The prompt does not fit the model's context."""


class ModelCancelled(ModelError):
    """The call was cancelled by us."""

    outcome = "cancelled"


class SpeechError(ButlerError):
    """A recording could not be turned into text."""

    outcome: ClassVar[str] = "error"


class SpeechUnavailable(SpeechError):
    """The engine, or its server, does not answer."""

    outcome = "unavailable"


class SpeechOff(SpeechUnavailable):
    """No engine is there: nobody will ever listen until the operator installs one."""


class AudioInvalid(SpeechError):
    """The recording cannot be decoded."""

    outcome = "invalid"


class AudioSilent(SpeechError):
    """The recording holds no words."""

    outcome = "silent"


class AudioTooLong(SpeechError):
    """The recording is longer than the butler listens to."""

    outcome = "too_long"


class TransportError(ButlerError):
    """A call of the Bot API failed."""

    outcome: ClassVar[str] = "unavailable"


class TransportUnavailable(TransportError):
    """No connection, a time-out, or a server error; worth retrying.

    `unsure`: the call may have been carried out all the same, since only its answer is missing.
    """

    def __init__(self, message: str, *, unsure: bool = False) -> None:
        super().__init__(message)
        self.unsure = unsure


class TransportFlood(TransportError):
    """Too many requests: wait `retry_after` seconds."""

    outcome = "flood"

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class TransportUnauthorized(TransportError):
    """The bot token is wrong or revoked."""

    outcome = "unauthorized"


class TransportConflict(TransportError):
    """Another poller runs, or a webhook is set."""

    outcome = "conflict"


class Undeliverable(TransportError):
    """The chat blocked the bot or is gone; never retry."""

    outcome = "undeliverable"


class ChatMigrated(TransportError):
    """The group became the supergroup `new_chat_id`."""

    outcome = "migrated"

    def __init__(self, message: str, new_chat_id: int) -> None:
        super().__init__(message)
        self.new_chat_id = new_chat_id


class TransportRefused(TransportError):
    """The Bot API refuses the request as it is."""

    outcome = "refused"


class EntitiesRefused(TransportRefused):
    """The entities cannot be parsed; the text can be sent plain."""


class TextTooLong(TransportRefused):
    """The text is over the limit; it can be split."""


class ReplyTargetGone(TransportRefused):
    """The message to reply to is gone; the text can be sent without."""


class NotModified(TransportRefused):
    """An edit that changes nothing."""


class FileTooBig(TransportRefused):
    """The file is over Telegram's 20 MB download limit."""

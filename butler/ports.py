"""What the butler needs of the world, as protocols.

Implementations translate every error of their library into `butler.errors`; all calls block and
belong on worker threads unless said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, Protocol

import attrs

from butler.domain.chat import Audio, Completion, CompletionRequest, Transcript
from butler.domain.event import Event, Guest
from butler.domain.inbox import DeadLetter, InboxItem, UpdateKey
from butler.domain.outgoing import Part
from butler.domain.profile import Profile
from butler.domain.writes import Result, Write


class Clock(Protocol):
    """Time. Callable from any thread, never blocks."""

    def now(self) -> datetime:
        """The wall clock, timezone-aware UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that only grow."""
        ...


@attrs.frozen
class BotIdentity:
    """Who we are on Telegram."""

    bot_id: int
    username: str


class Transport(Protocol):
    """The Bot API. Raises `TransportError` and its kinds; thread-safe."""

    def identity(self) -> BotIdentity:
        """Who the token says we are (getMe)."""
        ...

    def updates(self, offset: int | None, limit: int, timeout: float) -> list[dict[str, Any]]:
        """New updates (getUpdates), waited for `timeout` seconds; raw objects, oldest first."""
        ...

    def send(self, part: Part) -> int:
        """Send (or edit) one message; its message id."""
        ...

    def draft(self, chat_id: int, draft_id: int, text: str) -> None:
        """Show a partial reply (private chats, where the server supports it)."""
        ...

    def typing(self, chat_id: int) -> None:
        """Show "typing…" for about five seconds."""
        ...

    def answer_callback(self, callback_id: str) -> None:
        """Stop the spinner of a pressed button."""
        ...

    def download(self, file_id: str, limit: int) -> bytes:
        """A file's content; `FileTooBig` beyond `limit` bytes."""
        ...

    def set_commands(self, commands: Sequence[tuple[str, str]], language: str | None) -> None:
        """Publish the menu of (command, description)."""
        ...

    def set_webhook(self, url: str, secret: str | None) -> None:
        """Ask Telegram to push updates to `url`."""
        ...

    def delete_webhook(self) -> None:
        """Ask Telegram to stop pushing, so that polling works."""
        ...

    def close(self) -> None:
        """Close connections; a call under way fails with `TransportUnavailable`."""
        ...


class Model(Protocol):
    """One LLM endpoint. Raises `ModelError` and its kinds; thread-safe."""

    name: str

    def complete(
        self,
        request: CompletionRequest,
        timeout: float,
        on_text: Callable[[str], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Completion:
        """Answer `request` within `timeout` seconds.

        `on_text` gets the text so far, on this thread, where the server streams. `cancelled` is
        asked now and then; true ends the call with `ModelCancelled`.
        """
        ...

    def count_tokens(self, text: str) -> int | None:
        """Exact token count where the server offers `/tokenize`, else None."""
        ...

    def probe(self) -> str:
        """One cheap call that shows the endpoint works; the model's name."""
        ...

    def close(self) -> None:
        """Close connections."""
        ...


class Embeddings(Protocol):
    """One embeddings model. Raises `ModelError` and its kinds; thread-safe."""

    name: str

    def embed(self, texts: Sequence[str], timeout: float) -> list[list[float]]:
        """A vector for each text, all of one dimension, within `timeout` seconds."""
        ...

    def close(self) -> None:
        """Close connections; a call under way fails with `ModelUnavailable`."""
        ...


class Transcriber(Protocol):
    """Speech to text. Raises `SpeechError` and its kinds; thread-safe."""

    name: str

    def transcribe(self, audio: Audio, language: str, timeout: float) -> Transcript:
        """What is said in `audio`; `language` ("ru", "en") is a hint."""
        ...

    def probe(self) -> str:
        """One line that says which engine and model is ready; loads it where it is local."""
        ...


@attrs.frozen
class StoreStatistics:
    """How much is kept and waits. `oldest_accepted` of the unsettled."""

    profiles: int
    events: int
    archived: int
    unsettled: int
    dead_letters: int
    oldest_accepted: datetime | None


class Store(Protocol):
    """The database. Raises `StoreError` and its kinds.

    `commit` is called by one thread (the journal); reads may come from any thread beside it and see
    what was committed before they began.
    """

    def migrate(self) -> list[str]:
        """Create or upgrade schema and indexes (idempotent); a line for each as it stands."""
        ...

    def ping(self) -> None:
        """Raise unless the database answers and can be written."""
        ...

    @property
    def others(self) -> int | None:
        """Changes when a `commit` finds that somebody else has changed guests, or does so itself.

        By its sweep, that is, or what it does to a guest whole. None where that can't be told.
        """
        ...

    def commit(self, writes: Sequence[Write]) -> list[Result]:
        """Apply `writes` in order, durable on return; a result for each.

        Compactions alone may be synced to disk with the next batch: undone as a whole, they cost
        nothing but their making.

        On an exception nothing may be assumed of any of them: the caller repeats the batch.
        """
        ...

    def guest(self, user_id: str) -> Guest | None:
        """A guest's profile and window, or None for a stranger."""
        ...

    def revision(self, user_id: str) -> int:
        """The revision of a guest's profile; 0 for a stranger. Cheap enough for every message."""
        ...

    def unsettled(self, after: UpdateKey | None, limit: int) -> list[InboxItem]:
        """Items received or answered, by (bot_id, update_id), after a key."""
        ...

    def waiting_of(self, user_id: str) -> list[InboxItem]:
        """A guest's items received or answered, by (bot_id, update_id)."""
        ...

    def inbox_item(self, key: UpdateKey) -> InboxItem | None:
        """One accepted update."""
        ...

    def profiles(self, limit: int, after: str | None = None) -> list[Profile]:
        """Profiles by user id, after one."""
        ...

    def archive(self, user_id: str, after_seq: int = 0) -> Iterator[Event]:
        """A guest's covered events by seq."""
        ...

    def vectors(self, user_id: str, model: str) -> Iterator[tuple[int, bytes]]:
        """Vectors of that model of a guest's archived events: (seq, vector), in no order."""
        ...

    def dead_letters(self, limit: int, after: str | None = None) -> list[DeadLetter]:
        """Dead letters by letter id, after one."""
        ...

    def dead_letter(self, letter_id: str) -> DeadLetter | None:
        """One dead letter."""
        ...

    def take_dead_letter(self, letter_id: str) -> DeadLetter | None:
        """Remove and return one, for good; its update stays known, so that it is not repeated."""
        ...

    def export(self, user_id: str) -> dict[str, Any]:
        """All that is kept of a guest, ready for JSON: profile, window, archive, dead letters."""
        ...

    def erase_all(self) -> None:
        """Erase everything of everybody; schema and indexes stay."""
        ...

    def statistics(self) -> StoreStatistics:
        """Counts; cheap enough for every few seconds."""
        ...

    def close(self) -> None:
        """Release files and connections."""
        ...

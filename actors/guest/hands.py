"""What a guest's plain objects may ask of their actor."""

from __future__ import annotations

from typing import Any, Protocol

from butler.domain.chat import CompletionRequest
from butler.domain.inbox import UpdateKey
from butler.domain.incoming import Attachment
from butler.domain.outgoing import Part
from butler.domain.summarising import Summarising
from butler.domain.writes import Write
from butler.ports import Clock
from butler.telemetry import TelemetryEvent


class Hands(Protocol):
    """Carried out by the user actor; nothing here blocks, answers come back as messages."""

    clock: Clock

    def commit(self, write: Write, tag: Any) -> None:
        """Make `write` durable; the answer is `Committed(tag, …)`. A compaction may wait."""
        ...

    def hurry(self) -> None:
        """What waits to be committed is wanted now."""
        ...

    def read(self) -> None:
        """Read the guest anew, after all earlier writes; the answer is `GuestRead`."""
        ...

    def make_sure(self) -> None:
        """Ask whether others have written; the answer is `GuestUnchanged` or `GuestRead`."""
        ...

    def ask(self, request_id: str, request: CompletionRequest) -> None:
        """Ask the LLM for a reply that the guest waits for."""
        ...

    def summarise(self, request_id: str, wanted: Summarising) -> None:
        """Ask the LLM for a summary when no guest waits; the answer comes judged."""
        ...

    def cancel(self, request_id: str) -> None:
        """Let the LLM's slot go."""
        ...

    def embed(self, request_id: str, text: str, seconds: float) -> None:
        """Ask where a text points, within `seconds`; the answer is `Embedded`."""
        ...

    def listen(self, key: UpdateKey, attachment: Attachment, language: str) -> None:
        """Have a recording transcribed; the answer is `Heard` or `NotHeard`."""
        ...

    def stop_listening(self, key: UpdateKey) -> None:
        """Let the recording be: its words are not wanted any more."""
        ...

    def deliver(
        self, key: UpdateKey, parts: tuple[Part, ...], first: int, accepted: float, *, final: bool
    ) -> None:
        """Send durable parts."""
        ...

    def export(self, key: UpdateKey) -> None:
        """Read all that is kept of the guest; the answer is `Exported`."""
        ...

    def typing(self, chat_id: int) -> None:
        """Show "typing…"."""
        ...

    def draft(self, chat_id: int, draft_id: int, text: str) -> None:
        """Show a partial reply."""
        ...

    def answer_callback(self, callback_id: str) -> None:
        """Stop a button's spinner."""
        ...

    def after(self, seconds: float, name: str) -> None:
        """(Re)start the timer `name`; it calls `tick(name)` once."""
        ...

    def forget_timer(self, name: str) -> None:
        """Stop the timer `name`, if it runs."""
        ...

    def emit(self, event: TelemetryEvent) -> None:
        """Say what happened."""
        ...

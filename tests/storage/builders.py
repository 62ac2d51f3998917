"""Values for tests of stores: short to write, with everything that matters told apart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import attrs

from butler.domain.event import Event, Role
from butler.domain.forgetting import of_all, without
from butler.domain.inbox import DeadLetter, InboxItem, UpdateKey
from butler.domain.outgoing import Button, Document, Entity, Part
from butler.domain.profile import Fact, Profile, new_profile
from butler.domain.writes import CommitTurn, Forget

NOW = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)
BOT = 700


@attrs.define
class HandClock:
    """A clock that tests move by hand."""

    at: datetime = NOW
    seconds: float = 0.0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.seconds

    def move(self, step: timedelta) -> None:
        self.at += step
        self.seconds += step.total_seconds()


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def key(update_id: int, bot_id: int = BOT) -> UpdateKey:
    return UpdateKey(bot_id, update_id)


def item(update_id: int, user_id: str | None = "7", text: str = "hello") -> InboxItem:
    payload: dict[str, Any] = {"update_id": update_id, "message": {"text": text, "chat": {"id": 9}}}
    return InboxItem(
        key=key(update_id),
        user_id=user_id,
        chat_id=9,
        payload=payload,
        accepted_at=later(update_id / 1000),
    )


def part(text: str = "Good evening.") -> Part:
    return Part(chat_id=9, text=text)


def rich_part() -> Part:
    return Part(
        chat_id=-1001234567890,
        text="bold and link",
        entities=(Entity("bold", 0, 4), Entity("text_link", 9, 4, url="https://example.org")),
        reply_to_message_id=5,
        thread_id=6,
        buttons=((Button("Yes", "y"), Button("No", "n")), (Button("Later", "l"),)),
        edit_message_id=8,
        document=Document.of("memory.json", b"{}"),
    )


def event(update_id: int, seq: int, role: Role = "user", user_id: str = "7") -> Event:
    return Event(
        event_id=f"{BOT}:{update_id}:{role}",
        user_id=user_id,
        seq=seq,
        role=role,
        content=f"{role} says {update_id}",
        source="voice" if update_id % 2 else "text",
        update_id=update_id,
        created_at=later(seq),
    )


def fact(value: str = "Alice", seq: int = 1) -> Fact:
    return Fact(key="name", value=value, source_seq=seq, valid_from=later(seq))


def profile(user_id: str = "7", revision: int = 1, **changes: Any) -> Profile:
    return attrs.evolve(new_profile(user_id, NOW), revision=revision, **changes)


def letter(letter_id: str = "a", update_id: int | None = 1, user_id: str = "7") -> DeadLetter:
    return DeadLetter(
        letter_id=letter_id,
        user_id=user_id,
        reason="crashed",
        detail="ValueError: twice",
        attempts=2,
        created_at=NOW,
        key=None if update_id is None else key(update_id),
        payload={"update_id": update_id},
    )


def turn(update_id: int, before: Profile | None = None, **changes: Any) -> CommitTurn:
    """The turn that answers one update: two events, one part, the profile moved on by one."""
    before = before or new_profile("7", NOW)
    seq = before.last_seq
    user_id = before.user_id
    values: dict[str, Any] = {
        "keys": (key(update_id),),
        "parts": (part(f"answer to {update_id}"),),
        "at": later(update_id),
        "events": (
            event(update_id, seq + 1, "user", user_id),
            event(update_id, seq + 2, "assistant", user_id),
        ),
        "profile": before.revised(later(update_id), last_seq=seq + 2),
        "expected": before.revision,
    }
    return CommitTurn(**{**values, **changes})


def forgetting_all(before: Profile, at: datetime = NOW) -> Forget:
    """What lets go of all that was said by a guest and learned of them."""
    found = of_all(before, ())
    return Forget(without(before, (), found, at), before.revision, (), found.matter)

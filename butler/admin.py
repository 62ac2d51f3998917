"""What the operator does with what is stored, as functions of a store.

They work beside a running butler: a profile is written under its revision, so that neither side
overwrites the other unseen.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import attrs

from butler.domain.event import Guest
from butler.domain.held import is_empty
from butler.domain.inbox import DeadLetter, InboxItem, UpdateKey
from butler.domain.profile import Fact, Profile, new_profile
from butler.domain.text import one_line
from butler.domain.understanding import understand
from butler.domain.writes import (
    Accepted,
    EraseGuest,
    Fenced,
    Revive,
    SaveProfile,
)
from butler.errors import ButlerError, StoreUnavailable
from butler.ports import Store

PAGE = 200
TRIES = 20
LANGUAGES = ("ru", "en")
TEXT_LIMITS = {"tone": 100, "persona": 100, "name": 64}
TOPICS_LIMIT = 7
TOPIC_LIMIT = 40
SETTABLE = ("language", "tone", "persona", "name", "preferred_topics")

T = TypeVar("T")


class NotFound(ButlerError):
    """There is no such guest or dead letter."""


class NotRetried(ButlerError):
    """A dead letter can't be handled again; it stays where it is."""


def parse_changes(assignments: Iterable[str]) -> dict[str, Any]:
    """Fields of a profile from "key=value" words.

    Raises:
        ValueError: says what was expected, what came and what to do.
    """
    changes: dict[str, Any] = {}
    for assignment in assignments:
        key, equals, value = assignment.partition("=")
        key = key.strip()
        if not equals:
            raise ValueError(f"expected key=value, got {assignment!r}. Write {key}=…")
        changes[key] = _checked(key, value)
    return changes


def _checked(key: str, value: str) -> Any:
    if key == "language":
        if value.strip().lower() not in LANGUAGES:
            raise ValueError(f"language: expected ru or en, got {value!r}. Choose one of these.")
        return value.strip().lower()
    if key == "preferred_topics":
        return _topics(value)
    if key in TEXT_LIMITS:
        text, limit = one_line(value), TEXT_LIMITS[key]
        if len(text) > limit or not (text or key == "name"):
            expected = f"1 to {limit} characters" if key != "name" else f"up to {limit} characters"
            raise ValueError(f"{key}: expected {expected}, got {len(text)}. Choose another.")
        return text
    close = difflib.get_close_matches(key, SETTABLE, n=1)
    do = f"Did you mean {close[0]}?" if close else "Choose one of these."
    raise ValueError(f"expected {', '.join(SETTABLE)}, got {key!r}. {do}")


def _topics(value: str) -> tuple[str, ...]:
    topics = tuple(dict.fromkeys(filter(None, map(one_line, value.split(",")))))
    if len(topics) > TOPICS_LIMIT or any(len(topic) > TOPIC_LIMIT for topic in topics):
        expected = f"up to {TOPICS_LIMIT} topics of up to {TOPIC_LIMIT} characters"
        longest = max(map(len, topics))
        got = f"{len(topics)}, the longest of {longest}"
        raise ValueError(f"preferred_topics: expected {expected}, got {got}. Shorten the list.")
    return topics


def profiles(store: Store) -> Iterator[Profile]:
    """All profiles by user id, read in pages."""
    return _paged(store.profiles, lambda profile: profile.user_id)


def guest(store: Store, user_id: str) -> Guest:
    """A guest's profile and window. Raises `NotFound`."""
    found = store.guest(user_id)
    if found is None:
        raise _unknown_guest(user_id)
    return found


def change_profile(
    store: Store, user_id: str, changes: Mapping[str, Any], now: datetime
) -> Profile:
    """Write `changes` over the newest revision; the profile as written.

    Raises:
        NotFound: no such guest.
        StoreUnavailable: other writers were quicker each time.
    """
    for _ in range(TRIES):
        profile = guest(store, user_id).profile
        revised = profile.revised(now, **changes)
        (result,) = store.commit([SaveProfile(revised, expected=profile.revision)])
        if not isinstance(result, Fenced):
            return revised
    raise contended(user_id)


def reset_profile(store: Store, user_id: str, now: datetime) -> Profile:
    """Back to what a new guest has, memory and facts apart; as `change_profile`."""
    fresh = new_profile(user_id, now)
    return change_profile(store, user_id, {key: getattr(fresh, key) for key in SETTABLE}, now)


def export(store: Store, user_id: str) -> dict[str, Any]:
    """All that is kept of a guest, ready for JSON. Raises `NotFound` when that is nothing."""
    document = store.export(user_id)
    if is_empty(document):
        raise _unknown_guest(user_id)
    return document


def memory_document(store: Store, user_id: str) -> dict[str, Any]:
    """What was said by and learned of a guest, ready for JSON. Raises `NotFound`."""
    document = export(store, user_id)
    profile = document["profile"] or {}
    return {
        "summary": profile.get("memory_summary", ""),
        "topics": profile.get("preferred_topics", []),
        "facts": [fact for fact in profile.get("facts", ()) if fact["superseded_by"] is None],
        "window": [event for event in document["window"] if event["content"]],
        "archive": document["archive"],
    }


def purge_guest(store: Store, user_id: str) -> None:
    """Erase a guest; harmless for one who is not known."""
    store.commit([EraseGuest(user_id)])


def dead_letters(store: Store) -> Iterator[DeadLetter]:
    """All dead letters by id, read in pages."""
    return _paged(store.dead_letters, lambda letter: letter.letter_id)


def retry_letter(store: Store, letter_id: str, now: datetime) -> None:
    """Put a dead letter's update back into the inbox, as if it had just come.

    A running butler finds it there within seconds. Whatever ends this call halfway, the letter or
    the update is there; calling again is harmless.

    Raises:
        NotFound: no such letter.
        NotRetried: it holds no update, or its update waits or was answered already.
    """
    letter = store.dead_letter(letter_id)
    if letter is None:
        raise _unknown_letter(letter_id)
    if letter.key is None or not letter.payload:
        raise _not_retried(letter_id, "it holds no update")
    item = _item_of(letter, letter.key, now)
    (result,) = store.commit([Revive(letter_id, item)])
    if not (isinstance(result, Accepted) and result.new):
        raise _not_retried(letter_id, "its update waits or was answered already")


def none_or_some(refused: Sequence[NotFound | NotRetried], count: int) -> str:
    """What to say when `count` letters were to be retried and some were refused."""
    if count == 1:
        return str(refused[0])
    lines = "".join(f"\n- {error}" for error in refused)
    return f"{count - len(refused)} of {count} are back in the inbox; not these:{lines}"


def _item_of(letter: DeadLetter, key: UpdateKey, now: datetime) -> InboxItem:
    incoming = understand(letter.payload, "", key.bot_id)
    return InboxItem(
        key=key,
        user_id=incoming.user_id or letter.user_id,
        chat_id=incoming.chat_id or None,
        payload=letter.payload,
        # To the millisecond, which every store keeps: the moment is part of an item's identity.
        accepted_at=now.replace(microsecond=now.microsecond // 1000 * 1000),
    )


def drop_letter(store: Store, letter_id: str) -> None:
    """Erase a dead letter for good. Raises `NotFound`."""
    if store.take_dead_letter(letter_id) is None:
        raise _unknown_letter(letter_id)


def letter_document(letter: DeadLetter) -> dict[str, Any]:
    """A dead letter, ready for JSON."""
    document = attrs.asdict(letter)
    return {**document, "created_at": letter.created_at.isoformat()}


def fact_document(fact: Fact) -> dict[str, Any]:
    """A fact, ready for JSON."""
    return {**attrs.asdict(fact), "valid_from": fact.valid_from.isoformat()}


def profile_document(profile: Profile) -> dict[str, Any]:
    """A profile, ready for JSON."""
    return attrs.asdict(
        profile, value_serializer=lambda _, __, v: v.isoformat() if isinstance(v, datetime) else v
    )


def _paged(read: Callable[[int, str | None], Sequence[T]], key: Callable[[T], str]) -> Iterator[T]:
    after: str | None = None
    while page := read(PAGE, after):
        yield from page
        after = key(page[-1])


def contended(user_id: str) -> StoreUnavailable:
    """What to raise when other writers were quicker each time."""
    return StoreUnavailable(
        f"guest {user_id}: expected a moment without other writers, got none in {TRIES} tries. "
        "Try again"
    )


def _unknown_guest(user_id: str) -> NotFound:
    known = "butler profiles list shows who is known"
    return NotFound(f"expected the user id of a guest, got {user_id!r}; {known}")


def _not_retried(letter_id: str, why: str) -> NotRetried:
    do = f"Look at it (dead-letters list --json), or drop it: dead-letters drop {letter_id}"
    return NotRetried(f"dead letter {letter_id}: {why}. {do}")


def _unknown_letter(letter_id: str) -> NotFound:
    known = "butler dead-letters list shows them"
    return NotFound(f"expected the id of a dead letter, got {letter_id!r}; {known}")

"""Values of the domain as rows of the tables, and back."""

from __future__ import annotations

from typing import Any

from butler.domain.event import Event
from butler.domain.inbox import DeadLetter, InboxItem, UpdateKey
from butler.domain.profile import Profile
from butler.storage.documents import (
    evidence_of,
    evidence_text,
    facts_of,
    facts_text,
    moment,
    parts_of,
    parts_text,
    stamp,
    tombstones_of,
    tombstones_text,
)
from butler.storage.rows import Row
from butler.storage.text import pack, pack_json, unpack, unpack_json

Values = tuple[Any, ...]

PROFILE = (
    "user_id, language, persona, tone, name, preferred_topics, memory_summary, facts, covered_seq, "
    "last_seq, revision, created_at, updated_at, paused, tombstones, topic_evidence"
)
EVENT = "event_id, user_id, seq, role, content, source, update_id, created_at"
INBOX = (
    "bot_id, update_id, user_id, chat_id, payload, accepted_at, state, parts, parts_total, "
    "sent_parts, transcript, attempts, settled_at"
)
ROW = "state, parts, parts_total, sent_parts, transcript, ends_as, settled_at"
LETTER = "letter_id, user_id, reason, detail, attempts, created_at, bot_id, update_id, payload"


def profile_values(profile: Profile) -> Values:
    """A profile in the order of `PROFILE`."""
    return (
        profile.user_id,
        profile.language,
        pack(profile.persona),
        pack(profile.tone),
        pack(profile.name),
        pack_json(profile.preferred_topics),
        pack(profile.memory_summary),
        facts_text(profile.facts),
        profile.covered_seq,
        profile.last_seq,
        profile.revision,
        stamp(profile.created_at),
        stamp(profile.updated_at),
        int(profile.paused),
        tombstones_text(profile.tombstones),
        evidence_text(profile.topic_evidence),
    )


def profile_of(row: Values) -> Profile:
    """The profile of a row in the order of `PROFILE`."""
    return Profile(
        user_id=row[0],
        language=row[1],
        persona=unpack(row[2]),
        tone=unpack(row[3]),
        name=unpack(row[4]),
        preferred_topics=tuple(unpack_json(row[5])),
        memory_summary=unpack(row[6]),
        facts=facts_of(row[7]),
        covered_seq=row[8],
        last_seq=row[9],
        revision=row[10],
        created_at=moment(row[11]),
        updated_at=moment(row[12]),
        paused=bool(row[13]),
        tombstones=tombstones_of(row[14]),
        topic_evidence=evidence_of(row[15]),
    )


def event_values(event: Event) -> Values:
    """An event in the order of `EVENT`."""
    return (
        event.event_id,
        event.user_id,
        event.seq,
        event.role,
        pack(event.content),
        event.source,
        event.update_id,
        stamp(event.created_at),
    )


def event_of(row: Values) -> Event:
    """The event of a row in the order of `EVENT`."""
    event_id, user_id, seq, role, content, source, update_id, created_at = row
    return Event(
        event_id, user_id, seq, role, unpack(content), source, update_id, moment(created_at)
    )


def item_values(item: InboxItem) -> Values:
    """An inbox item in the order of `INBOX`."""
    return (
        item.key.bot_id,
        item.key.update_id,
        item.user_id,
        item.chat_id,
        pack_json(item.payload),
        stamp(item.accepted_at),
        item.state,
        parts_text(item.parts),
        len(item.parts),
        item.sent_parts,
        None if item.transcript is None else pack(item.transcript),
        item.attempts,
        None if item.settled_at is None else stamp(item.settled_at),
    )


def item_of(row: Values) -> InboxItem:
    """The inbox item of a row in the order of `INBOX`."""
    return InboxItem(
        key=UpdateKey(row[0], row[1]),
        user_id=row[2],
        chat_id=row[3],
        payload=unpack_json(row[4]),
        accepted_at=moment(row[5]),
        state=row[6],
        parts=parts_of(row[7]),
        sent_parts=row[9],
        transcript=None if row[10] is None else unpack(row[10]),
        attempts=row[11],
        settled_at=None if row[12] is None else moment(row[12]),
    )


def row_values(row: Row) -> Values:
    """What transitions change, in the order of `ROW`."""
    return (
        row.state,
        row.parts,
        row.total,
        row.sent,
        None if row.transcript is None else pack(row.transcript),
        row.ends_as,
        None if row.settled_at is None else stamp(row.settled_at),
    )


def row_of(values: Values) -> Row:
    """What transitions read, from values in the order of `ROW`."""
    state, parts, total, sent, transcript, ends_as, settled_at = values
    return Row(
        state=state,
        parts=parts,
        total=total,
        sent=sent,
        transcript=None if transcript is None else unpack(transcript),
        ends_as=ends_as,
        settled_at=None if settled_at is None else moment(settled_at),
    )


def letter_values(letter: DeadLetter) -> Values:
    """A dead letter in the order of `LETTER`."""
    return (
        letter.letter_id,
        letter.user_id,
        pack(letter.reason),
        pack(letter.detail),
        letter.attempts,
        stamp(letter.created_at),
        None if letter.key is None else letter.key.bot_id,
        None if letter.key is None else letter.key.update_id,
        pack_json(letter.payload),
    )


def letter_of(row: Values) -> DeadLetter:
    """The dead letter of a row in the order of `LETTER`."""
    return DeadLetter(
        letter_id=row[0],
        user_id=row[1],
        reason=unpack(row[2]),
        detail=unpack(row[3]),
        attempts=row[4],
        created_at=moment(row[5]),
        key=None if row[6] is None else UpdateKey(row[6], row[7]),
        payload=unpack_json(row[8]),
    )

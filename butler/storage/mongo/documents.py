"""Values of the domain as documents of the collections, and back.

Dates are BSON dates (to the millisecond). Text that UTF-8 can't hold is binary, and what Telegram
shapes (payloads, parts) is JSON text, since BSON refuses some keys and numbers that JSON allows
(see `butler.storage.text`).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from butler.domain.event import Event
from butler.domain.inbox import DeadLetter, InboxItem, UpdateKey
from butler.domain.profile import Fact, Profile, Tombstone, TopicEvidence
from butler.storage.documents import parts_of, parts_text
from butler.storage.mongo.place import Document
from butler.storage.rows import Row
from butler.storage.text import pack, pack_json, unpack, unpack_json

ROW = dict.fromkeys(
    ("state", "parts", "parts_total", "sent_parts", "transcript", "ends_as", "settled_at"), 1
)


def date(moment: datetime) -> datetime:
    """A moment as the database will give it back; naive moments are refused."""
    if moment.tzinfo is None:
        raise ValueError("expected a timezone-aware datetime, got a naive one")
    return moment.astimezone(UTC).replace(microsecond=moment.microsecond // 1000 * 1000)


def moment(stored: datetime) -> datetime:
    """A stored date with Python's own UTC."""
    return stored.replace(tzinfo=UTC)


def profile_document(profile: Profile) -> Document:
    """A profile without `_id` and without what is pending."""
    return {
        "user_id": profile.user_id,
        "language": profile.language,
        "persona": pack(profile.persona),
        "tone": pack(profile.tone),
        "name": pack(profile.name),
        "preferred_topics": [pack(topic) for topic in profile.preferred_topics],
        "memory_summary": pack(profile.memory_summary),
        "facts": [_fact_document(fact) for fact in profile.facts],
        "covered_seq": profile.covered_seq,
        "last_seq": profile.last_seq,
        "revision": profile.revision,
        "created_at": date(profile.created_at),
        "updated_at": date(profile.updated_at),
        "paused": profile.paused,
        "tombstones": [_tombstone_document(each) for each in profile.tombstones],
        "topic_evidence": [_evidence_document(each) for each in profile.topic_evidence],
    }


def profile_of(document: Document) -> Profile:
    """The profile of a document."""
    return Profile(
        user_id=document["user_id"],
        language=document["language"],
        persona=unpack(document["persona"]),
        tone=unpack(document["tone"]),
        name=unpack(document["name"]),
        preferred_topics=tuple(unpack(topic) for topic in document["preferred_topics"]),
        memory_summary=unpack(document["memory_summary"]),
        facts=tuple(_fact_of(fact) for fact in document["facts"]),
        covered_seq=document["covered_seq"],
        last_seq=document["last_seq"],
        revision=document["revision"],
        created_at=moment(document["created_at"]),
        updated_at=moment(document["updated_at"]),
        paused=document.get("paused", False),
        tombstones=tuple(map(_tombstone_of, document.get("tombstones", ()))),
        topic_evidence=tuple(map(_evidence_of, document.get("topic_evidence", ()))),
    )


def event_document(event: Event) -> Document:
    """An event; its `_id` is the event id, so that it can enter only once."""
    return {
        "_id": event.event_id,
        "event_id": event.event_id,
        "user_id": event.user_id,
        "seq": event.seq,
        "role": event.role,
        "content": pack(event.content),
        "source": event.source,
        "update_id": event.update_id,
        "created_at": date(event.created_at),
    }


def event_of(document: Document) -> Event:
    """The event of a document."""
    return Event(
        event_id=document["event_id"],
        user_id=document["user_id"],
        seq=document["seq"],
        role=document["role"],
        content=unpack(document["content"]),
        source=document["source"],
        update_id=document["update_id"],
        created_at=moment(document["created_at"]),
    )


def key_id(key: UpdateKey) -> str:
    """The `_id` of an update."""
    return f"{key.bot_id}:{key.update_id}"


def item_document(item: InboxItem, token: str) -> Document:
    """An inbox item; `token` says which attempt to accept it stored it."""
    return {
        "_id": key_id(item.key),
        "bot_id": item.key.bot_id,
        "update_id": item.key.update_id,
        "user_id": item.user_id,
        "chat_id": item.chat_id,
        "payload": pack_json(item.payload),
        "accepted_at": date(item.accepted_at),
        "state": item.state,
        "parts": parts_text(item.parts),
        "parts_total": len(item.parts),
        "sent_parts": item.sent_parts,
        "transcript": _maybe(pack, item.transcript),
        "ends_as": "sent",
        "attempts": item.attempts,
        "settled_at": _maybe(date, item.settled_at),
        "token": token,
    }


def item_of(document: Document) -> InboxItem:
    """The inbox item of a document."""
    return InboxItem(
        key=UpdateKey(document["bot_id"], document["update_id"]),
        user_id=document["user_id"],
        chat_id=document["chat_id"],
        payload=unpack_json(document["payload"]),
        accepted_at=moment(document["accepted_at"]),
        state=document["state"],
        parts=parts_of(document["parts"]),
        sent_parts=document["sent_parts"],
        transcript=_maybe(unpack, document["transcript"]),
        attempts=document["attempts"],
        settled_at=_maybe(moment, document["settled_at"]),
    )


def row_document(row: Row) -> Document:
    """What transitions change of an inbox document."""
    changed = {
        "state": row.state,
        "parts": row.parts,
        "parts_total": row.total,
        "sent_parts": row.sent,
        "transcript": _maybe(pack, row.transcript),
        "ends_as": row.ends_as,
        "settled_at": _maybe(date, row.settled_at),
    }
    return changed if row.settled_at is None else {**changed, "payload": "{}"}


def row_of(document: Document) -> Row:
    """What transitions read of an inbox document."""
    return Row(
        state=document["state"],
        parts=document["parts"],
        total=document["parts_total"],
        sent=document["sent_parts"],
        transcript=_maybe(unpack, document["transcript"]),
        ends_as=document["ends_as"],
        settled_at=_maybe(moment, document["settled_at"]),
    )


def letter_document(letter: DeadLetter) -> Document:
    """A dead letter."""
    return {
        "_id": letter.letter_id,
        "letter_id": letter.letter_id,
        "user_id": letter.user_id,
        "reason": pack(letter.reason),
        "detail": pack(letter.detail),
        "attempts": letter.attempts,
        "created_at": date(letter.created_at),
        "bot_id": None if letter.key is None else letter.key.bot_id,
        "update_id": None if letter.key is None else letter.key.update_id,
        "payload": pack_json(letter.payload),
    }


def letter_of(document: Document) -> DeadLetter:
    """The dead letter of a document."""
    bot_id, update_id = document["bot_id"], document["update_id"]
    return DeadLetter(
        letter_id=document["letter_id"],
        user_id=document["user_id"],
        reason=unpack(document["reason"]),
        detail=unpack(document["detail"]),
        attempts=document["attempts"],
        created_at=moment(document["created_at"]),
        key=None if bot_id is None else UpdateKey(bot_id, update_id),
        payload=unpack_json(document["payload"]),
    )


def _fact_document(fact: Fact) -> Document:
    return {
        "key": pack(fact.key),
        "value": pack(fact.value),
        "source_seq": fact.source_seq,
        "valid_from": date(fact.valid_from),
        "superseded_by": fact.superseded_by,
        "pinned": fact.pinned,
    }


def _fact_of(document: Document) -> Fact:
    return Fact(
        key=unpack(document["key"]),
        value=unpack(document["value"]),
        source_seq=document["source_seq"],
        valid_from=moment(document["valid_from"]),
        superseded_by=document["superseded_by"],
        pinned=document["pinned"],
    )


def _tombstone_document(tombstone: Tombstone) -> Document:
    return {"salt": tombstone.salt, "marks": list(tombstone.marks), "at": date(tombstone.at)}


def _tombstone_of(document: Document) -> Tombstone:
    return Tombstone(document["salt"], tuple(document["marks"]), moment(document["at"]))


def _evidence_document(evidence: TopicEvidence) -> Document:
    return {
        "topic": pack(evidence.topic),
        "times": evidence.times,
        "first": date(evidence.first),
        "last": date(evidence.last),
    }


def _evidence_of(document: Document) -> TopicEvidence:
    return TopicEvidence(
        topic=unpack(document["topic"]),
        times=document["times"],
        first=moment(document["first"]),
        last=moment(document["last"]),
    )


def _maybe(convert: Any, value: Any) -> Any:
    return None if value is None else convert(value)

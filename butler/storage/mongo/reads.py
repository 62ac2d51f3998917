"""What is read from MongoDB: consistent at every step of every write, from any thread."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from butler.domain.event import Event, Guest
from butler.domain.inbox import UNSETTLED, DeadLetter, InboxItem, UpdateKey
from butler.domain.profile import Profile
from butler.errors import StoreUnavailable
from butler.ports import StoreStatistics
from butler.storage.exchange import exported
from butler.storage.mongo import documents, forgetting
from butler.storage.mongo.collections import Collections
from butler.storage.mongo.documents import key_id
from butler.storage.mongo.place import Document

ATTEMPTS = 10
WAITING: Document = {"state": {"$in": list(UNSETTLED)}}
NOT_ERASED: Document = {"pending.kind": {"$ne": "erase"}}


def guest(collections: Collections, user_id: str) -> Guest | None:
    """Profile and window of one revision.

    Two queries see two moments: when the window has gaps, it may be that a compaction ran between
    them, and both are read anew until the revision stood still.
    """
    found = collections.profiles.find_one({"_id": user_id, **NOT_ERASED})
    for _ in range(ATTEMPTS):
        if found is None:
            return None
        profile = documents.profile_of(found)
        window = _window(collections, profile, found.get("pending", {}))
        expected = range(profile.covered_seq + 1, profile.last_seq + 1)
        if [event.seq for event in window] == list(expected):
            return Guest(profile, window)
        again = collections.profiles.find_one({"_id": user_id, **NOT_ERASED})
        if again is not None and again["revision"] == profile.revision:
            return Guest(profile, window)
        found = again
    raise StoreUnavailable("the guest is written faster than read")


def revision(collections: Collections, user_id: str) -> int:
    """The revision of a profile; 0 where there is none."""
    found = collections.profiles.find_one({"_id": user_id, **NOT_ERASED}, {"revision": 1})
    return 0 if found is None else int(found["revision"])


def archive(collections: Collections, user_id: str, after_seq: int) -> Iterator[Event]:
    """Covered events by seq: those that still wait in the window to be moved, and the archive.

    The window is read first: an event leaves it only once it is in the archive.
    """
    found = collections.profiles.find_one({"_id": user_id, **NOT_ERASED})
    if found is None:
        return
    pending = found.get("pending", {})
    after_seq = max(after_seq, forgetting.let_go_through(pending))
    gone = forgetting.dropped(pending)
    covered = {"$gt": after_seq, "$lte": found["covered_seq"]}
    unmoved = list(collections.memory.find({"user_id": user_id, "seq": covered}))
    moved = collections.archive.find({"user_id": user_id, "seq": {"$gt": after_seq}})
    waiting = {each["seq"]: each for each in unmoved if each["content"]}
    for each in moved.sort("seq", 1):
        if each["seq"] in gone:
            continue
        waiting.pop(each["seq"], None)
        for seq in sorted(seq for seq in waiting if seq < each["seq"]):
            yield documents.event_of(waiting.pop(seq))
        yield documents.event_of(each)
    for seq in sorted(waiting):
        yield documents.event_of(waiting[seq])


def unsettled(collections: Collections, after: UpdateKey | None, limit: int) -> list[InboxItem]:
    """A page of the items that wait."""
    found: Document = dict(WAITING)
    if after is not None:
        later = {"bot_id": after.bot_id, "update_id": {"$gt": after.update_id}}
        found["$or"] = [{"bot_id": {"$gt": after.bot_id}}, later]
    page = collections.inbox.find(found).sort([("bot_id", 1), ("update_id", 1)]).limit(limit)
    return [documents.item_of(each) for each in page]


def waiting_of(collections: Collections, user_id: str) -> list[InboxItem]:
    """A guest's items that wait."""
    found = collections.inbox.find({**WAITING, "user_id": user_id})
    return [documents.item_of(each) for each in found.sort([("bot_id", 1), ("update_id", 1)])]


def inbox_item(collections: Collections, key: UpdateKey) -> InboxItem | None:
    """One accepted update."""
    found = collections.inbox.find_one({"_id": key_id(key)})
    return None if found is None else documents.item_of(found)


def profiles(collections: Collections, limit: int, after: str | None) -> list[Profile]:
    """A page of profiles."""
    found = {"user_id": {"$gt": after or ""}, **NOT_ERASED}
    page = collections.profiles.find(found).sort("user_id", 1).limit(limit)
    return [documents.profile_of(each) for each in page]


def dead_letters(collections: Collections, limit: int, after: str | None) -> list[DeadLetter]:
    """A page of dead letters."""
    page = collections.letters.find({"_id": {"$gt": after or ""}}).sort("_id", 1).limit(limit)
    return [documents.letter_of(each) for each in page]


def dead_letter(collections: Collections, letter_id: str) -> DeadLetter | None:
    """One dead letter."""
    found = collections.letters.find_one({"_id": letter_id})
    return None if found is None else documents.letter_of(found)


def export(collections: Collections, user_id: str) -> dict[str, Any]:
    """All that is kept of a guest."""
    known = guest(collections, user_id)
    pending = collections.profiles.find_one({"_id": user_id}, {"pending": 1}) or {}
    gone = forgetting.letters(pending.get("pending", {}))
    letters = collections.letters.find({"user_id": user_id}).sort("_id", 1)
    return exported(
        profile=None if known is None else known.profile,
        window=() if known is None else known.window,
        archive=archive(collections, user_id, 0),
        letters=[documents.letter_of(each) for each in letters if each["_id"] not in gone],
        inbox=waiting_of(collections, user_id),
    )


def statistics(collections: Collections) -> StoreStatistics:
    """Counts from the collections' metadata, and from the index of states for what waits."""
    oldest = collections.inbox.find(WAITING, {"accepted_at": 1}).sort("accepted_at", 1).limit(1)
    accepted = [documents.moment(each["accepted_at"]) for each in oldest]
    return StoreStatistics(
        profiles=collections.profiles.estimated_document_count(),
        events=collections.memory.estimated_document_count(),
        archived=collections.archive.estimated_document_count(),
        unsettled=collections.inbox.count_documents(WAITING),
        dead_letters=collections.letters.estimated_document_count(),
        oldest_accepted=accepted[0] if accepted else None,
    )


def _window(collections: Collections, profile: Profile, pending: Document) -> tuple[Event, ...]:
    """The window with what a turn that was cut short still has to put there."""
    span = {"$gt": profile.covered_seq, "$lte": profile.last_seq}
    stored: Sequence[Document] = list(
        collections.memory.find({"user_id": profile.user_id, "seq": span})
    )
    events = {each["seq"]: each for each in stored}
    events.update({each["seq"]: each for each in pending.get("events", ())})
    blank = {
        seq: {**events[seq], "content": ""} for seq in forgetting.blanked(pending) & set(events)
    }
    events.update(blank)
    return tuple(documents.event_of(events[seq]) for seq in sorted(events))

"""Accepted updates in MongoDB: each change is one conditional update of one document."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import attrs
from bson import ObjectId
from pymongo import UpdateOne

from butler.domain.inbox import UNSETTLED, DeadLetter, InboxItem, UpdateKey
from butler.domain.writes import Accept, Accepted, Bury, Revive
from butler.errors import StoreUnavailable
from butler.storage import rows
from butler.storage.mongo import documents
from butler.storage.mongo.collections import Collections, add
from butler.storage.mongo.documents import key_id
from butler.storage.mongo.place import Document
from butler.storage.rows import Change, Row, RowWrite

ATTEMPTS = 10
Decision = tuple[UpdateKey, Change]


@attrs.define
class Inbox:
    """The inbox, as the committing thread sees it.

    `_doubtful` holds, for updates of commits that failed, the token they were stored with: should
    the caller repeat the commit, they are still new to the caller.
    """

    _collections: Collections
    _doubtful: dict[str, str] = attrs.field(factory=dict)
    _trying: dict[str, str] = attrs.field(factory=dict)

    def begin(self) -> None:
        """A commit begins; what an earlier one left unfinished is in doubt."""
        self._doubtful.update(self._trying)
        self._trying = {}

    def end(self) -> None:
        """The commit has succeeded: its caller knows which updates were new."""
        for stored in self._trying:
            self._doubtful.pop(stored, None)
        self._trying = {}

    def accept(self, writes: Sequence[Accept]) -> list[Accepted]:
        """Store what is new; what is new of each write."""
        fresh: list[list[InboxItem]] = [self._unseen(write.items) for write in writes]
        stored = [
            documents.item_document(item, self._trying[key_id(item.key)])
            for items in fresh
            for item in items
        ]
        self._collections.step("accept.begin")
        known = self._known(add(self._collections.inbox, stored))
        self._collections.step("accept.stored")
        return [
            _accepted(write, [item for item in items if key_id(item.key) not in known])
            for write, items in zip(writes, fresh, strict=True)
        ]

    def change(self, writes: Sequence[RowWrite]) -> None:
        """Apply changes of single updates, in order; letters of the buried are stored first."""
        letters = self._with_payloads([w.letter for w in writes if isinstance(w, Bury)])
        add(self._collections.letters, [documents.letter_document(letter) for letter in letters])
        self._collections.step("rows.letters")
        stored = self.read(key for write in writes for key in rows.keys_of(write))
        self.decide([change for write in writes for change in rows.changes(write, stored)], stored)

    def read(self, keys: Iterable[UpdateKey]) -> dict[UpdateKey, Row]:
        """The rows of those keys that are stored."""
        wanted: Any = {"$in": [key_id(key) for key in dict.fromkeys(keys)]}
        if not wanted["$in"]:
            return {}
        fields = {"bot_id": 1, "update_id": 1, **documents.ROW}
        return {
            UpdateKey(found["bot_id"], found["update_id"]): documents.row_of(found)
            for found in self._collections.inbox.find({"_id": wanted}, fields)
        }

    def decide(self, decisions: Sequence[Decision], stored: dict[UpdateKey, Row]) -> None:
        """Apply decided changes to rows as `stored`; to rows that moved meanwhile, once more."""
        for _ in range(ATTEMPTS):
            updates = _updates(decisions, stored)
            self._collections.step("rows.begin")
            if not updates:
                return
            matched = self._collections.inbox.bulk_write(updates).matched_count
            self._collections.step("rows.changed")
            if matched == len(updates):
                return
            stored = self.read(key for key, _ in decisions)
        raise StoreUnavailable("another process keeps changing the same updates")

    def unsettled_of(self, user_id: str) -> tuple[UpdateKey, ...]:
        """The updates of a guest that wait."""
        waiting = {"state": {"$in": list(UNSETTLED)}, "user_id": user_id}
        found = self._collections.inbox.find(waiting, {"bot_id": 1, "update_id": 1})
        return tuple(UpdateKey(each["bot_id"], each["update_id"]) for each in found)

    def revive(self, write: Revive) -> Accepted:
        """Put a letter's update back, marked with the letter's id; then remove the letter.

        Whoever repeats this after a crash finds the mark, and has the letter left to remove.
        """
        stored = self._collections.inbox.find_one({"_id": key_id(write.item.key)})
        if stored is None or stored.get("revives") != write.letter_id or _is_dead(stored):
            if self._collections.letters.find_one({"_id": write.letter_id}) is None:
                return Accepted((), 1)
            if not self._put_back(write, stored):
                return Accepted((), 1)
        self._collections.step("revive.update")
        self._collections.letters.delete_one({"_id": write.letter_id})
        self._collections.step("revive.letter")
        return Accepted((write.item,), 0)

    def _put_back(self, write: Revive, stored: Document | None) -> bool:
        """False if the update waits or was answered already; another process may be quicker."""
        before = None if stored is None else documents.row_of(stored)
        row = rows.revived(before)
        if row is None:
            return False
        item = documents.item_document(write.item, str(ObjectId()))
        document = {**item, **documents.row_document(row), "revives": write.letter_id}
        if before is None:
            return not add(self._collections.inbox, [document])
        found = self._collections.inbox.replace_one(_unchanged(write.item.key, before), document)
        return found.matched_count == 1

    def _with_payloads(self, letters: Sequence[DeadLetter]) -> list[DeadLetter]:
        bare = [key_id(each.key) for each in letters if each.key and not each.payload]
        found = self._collections.inbox.find({"_id": {"$in": bare}}) if bare else ()
        items = {item.key: item for item in map(documents.item_of, found)}
        return [each if each.key not in items else each.about(items[each.key]) for each in letters]

    def _unseen(self, items: Iterable[InboxItem]) -> list[InboxItem]:
        """Those that this commit has not met before; each gets the token it is stored with."""
        unseen = []
        for item in items:
            stored = key_id(item.key)
            if stored not in self._trying:
                self._trying[stored] = self._doubtful.get(stored) or str(ObjectId())
                unseen.append(item)
        return unseen

    def _known(self, met: Sequence[Document]) -> set[str]:
        """Which of those that were there already had been stored by somebody else."""
        if not met:
            return set()
        ids = [document["_id"] for document in met]
        found = self._collections.inbox.find({"_id": {"$in": ids}}, {"token": 1})
        return {each["_id"] for each in found if each.get("token") != self._trying[each["_id"]]}


def _is_dead(document: Document) -> bool:
    return "dead" in (document["state"], document["ends_as"])


def _accepted(write: Accept, new: list[InboxItem]) -> Accepted:
    return Accepted(new=tuple(new), duplicates=len(write.items) - len(new))


def _updates(decisions: Sequence[Decision], stored: dict[UpdateKey, Row]) -> list[UpdateOne]:
    """One conditional update for each row that changes, in the order of the decisions."""
    changed: dict[UpdateKey, Row] = {}
    for key, change in decisions:
        if key in stored:
            changed[key] = change(changed.get(key, stored[key]))
    return [
        UpdateOne(_unchanged(key, stored[key]), {"$set": documents.row_document(row)})
        for key, row in changed.items()
        if row is not stored[key]
    ]


def _unchanged(key: UpdateKey, row: Row) -> Document:
    return {
        "_id": key_id(key),
        "state": row.state,
        "ends_as": row.ends_as,
        "sent_parts": row.sent,
        "parts_total": row.total,
    }

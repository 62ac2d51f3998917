"""Profiles and memory in MongoDB without transactions.

What changes more than the profile is first written into the profile itself, as `pending`, by the
same conditional update that moves its revision; then it is carried out step by step, and `pending`
is removed. Every step may be repeated. Whoever finds a `pending` finishes it before writing;
readers look through it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import attrs
from bson import ObjectId
from pymongo import InsertOne, UpdateOne
from pymongo.errors import BulkWriteError

from butler.domain.held import in_place_of
from butler.domain.inbox import UpdateKey
from butler.domain.profile import Profile
from butler.domain.writes import (
    CommitCompaction,
    CommitTurn,
    Done,
    EraseGuest,
    Fenced,
    Forget,
    ImportGuest,
    Result,
    SaveProfile,
    Settle,
)
from butler.errors import StoreUnavailable
from butler.storage import rows
from butler.storage.documents import parts_of, parts_text
from butler.storage.mongo import documents, forgetting
from butler.storage.mongo.collections import Collections, add, add_events
from butler.storage.mongo.errors import duplicates
from butler.storage.mongo.inbox import ATTEMPTS, Inbox
from butler.storage.mongo.place import Document
from butler.storage.rows import Row

DONE = Done()
GuestWrite = CommitTurn | SaveProfile | CommitCompaction


@attrs.frozen
class Plan:
    """A write of a profile: what it is to become, and what is then to be carried out."""

    profile: Profile
    expected: int
    pending: Document

    @property
    def user_id(self) -> str:
        """Whose profile."""
        return self.profile.user_id


@attrs.define
class Guests:
    """Profiles and what hangs on them, as the committing thread sees them."""

    _collections: Collections
    _inbox: Inbox

    def write(self, writes: Sequence[GuestWrite]) -> list[Result]:
        """Write profiles of different guests together; the usual case needs no second look."""
        keys = (key for write in writes if isinstance(write, CommitTurn) for key in write.keys)
        stored = self._inbox.read(keys)
        plans = [_plan(write, stored) for write in writes]
        self._collections.step("guests.begin")
        won = self._write_all([plan for plan in plans if plan is not None])
        self._collections.step("guests.profiles")
        self._carry_out([plan.pending for plan in won], stored)
        tokens = {plan.pending["token"] for plan in won}
        return [
            DONE if plan and plan.pending["token"] in tokens else self._write_one(write)
            for write, plan in zip(writes, plans, strict=True)
        ]

    def erase(self, write: EraseGuest, at: datetime) -> None:
        """Erase a guest; from the first step on they are a stranger to every reader."""
        user_id, spared = write.user_id, _ids(write.sparing)
        pending = _pending("erase", user_id, at=documents.date(at), sparing=spared)
        blank = {"user_id": user_id, "revision": 0, "created_at": documents.date(at)}
        self._collections.step("erase.begin")
        self._collections.profiles.update_one(
            {"_id": user_id}, {"$set": {"pending": pending}, "$setOnInsert": blank}, upsert=True
        )
        self._collections.step("erase.marked")
        self._carry_out([pending])

    def let_go(self, write: Forget) -> Result:
        """Forget what a matter touches; no word of it stands in what is pending."""
        for _ in range(ATTEMPTS):
            found = self._settled(write.profile.user_id)
            pending = _pending("forgetting", write.profile.user_id)
            plan = Plan(write.profile, write.expected, pending)
            if (0 if found is None else found["revision"]) != write.expected:
                return _behind(found, plan)
            pending |= forgetting.touched(self._collections, write)
            self._collections.step("forgetting.begin")
            if self._write_all([plan]):
                self._collections.step("forgetting.marked")
                self._carry_out([pending])
                return DONE
        raise _contended()

    def take_in(self, write: ImportGuest, at: datetime) -> Result:
        """Put in what an export holds; a stranger to every reader until the profile is there."""
        held = write.held
        user_id = held.profile.user_id
        found = self._settled(user_id)
        known = None if found is None else documents.profile_of(found)
        wanted = documents.profile_document(in_place_of(known, held))
        if found is not None and not write.replace:
            same = documents.profile_document(held.profile).items() <= found.items()
            return DONE if same else Fenced(found["revision"])
        if found is not None:
            self.erase(EraseGuest(user_id), at)
        self._collections.step("import.begin")
        add(self._collections.archive, [documents.event_document(each) for each in held.archive])
        add_events(self._collections.memory, [documents.event_document(e) for e in held.window])
        letters = [documents.letter_document(letter) for letter in held.dead_letters]
        add(self._collections.letters, letters)
        items = [documents.item_document(item, str(ObjectId())) for item in held.inbox]
        add(self._collections.inbox, items)
        self._collections.step("import.filled")
        add(self._collections.profiles, [{"_id": user_id, **wanted}])
        self._collections.step("import.done")
        return DONE

    def recover(self) -> int:
        """Finish whatever was cut short; how much that was."""
        found = self._collections.profiles.find({"pending": {"$exists": True}}, {"pending": 1})
        pendings = [each["pending"] for each in found]
        self._carry_out(pendings)
        return len(pendings)

    def _write_all(self, plans: Sequence[Plan]) -> list[Plan]:
        """Which of the plans found the revision they expected, and nothing pending."""
        if not plans:
            return []
        lost: list[int] = []
        try:
            result = self._collections.profiles.bulk_write(
                [_operation(plan) for plan in plans], ordered=False
            )
            applied = result.matched_count + result.inserted_count
        except BulkWriteError as error:
            lost = duplicates(error)
            applied = error.details["nMatched"] + error.details["nInserted"]
        if applied == len(plans):
            return list(plans)
        ids = [plan.user_id for index, plan in enumerate(plans) if index not in lost]
        found = self._collections.profiles.find({"_id": {"$in": ids}}, {"pending.token": 1})
        tokens = {each.get("pending", {}).get("token") for each in found}
        return [plan for plan in plans if plan.pending["token"] in tokens]

    def _write_one(self, write: GuestWrite) -> Result:
        """Write one profile step by step: finish what is pending, look, and try."""
        for _ in range(ATTEMPTS):
            found = self._settled(_guest_of(write))
            stored = self._inbox.read(write.keys) if isinstance(write, CommitTurn) else {}
            plan = _plan(write, stored)
            if plan is None:
                return DONE
            revision = 0 if found is None else found["revision"]
            if revision != plan.expected:
                return _behind(found, plan)
            won = self._write_all([plan])
            self._collections.step("guests.profiles")
            if won:
                self._carry_out([plan.pending], stored)
                return DONE
        raise _contended()

    def _settled(self, user_id: str) -> Document | None:
        """A guest's document once nothing is pending in it."""
        for _ in range(ATTEMPTS):
            found = self._collections.profiles.find_one({"_id": user_id})
            if found is None or "pending" not in found:
                return found
            self._carry_out([found["pending"]])
        raise _contended()

    def _carry_out(
        self, pendings: Sequence[Document], stored: dict[UpdateKey, Row] | None = None
    ) -> None:
        """Carry out what is pending; each step may have been done before."""
        pendings = [pending for pending in pendings if pending["kind"] != "nothing"]
        if not pendings:
            return
        for pending in pendings:
            if pending["kind"] == "compaction":
                self._archive(pending)
            elif pending["kind"] == "forgetting":
                forgetting.carry_out(self._collections, pending)
            elif pending["kind"] == "erase":
                self._erase(pending)
        self._finish_turns([each for each in pendings if each["kind"] == "turn"], stored)
        kept = [each for each in pendings if each["kind"] != "erase"]
        if kept:
            self._collections.profiles.bulk_write(
                [UpdateOne(_holding(each), {"$unset": {"pending": ""}}) for each in kept],
                ordered=False,
            )
        self._collections.step("pending.cleared")

    def _finish_turns(self, turns: Sequence[Document], stored: dict[UpdateKey, Row] | None) -> None:
        if not turns:
            return
        add_events(self._collections.memory, [each for turn in turns for each in turn["events"]])
        self._collections.step("turn.events")
        answers = [change for turn in turns for change in _answers(turn)]
        if stored is None:
            stored = self._inbox.read(key for key, _ in answers)
        self._inbox.decide(answers, stored)
        self._collections.step("turn.answered")

    def _archive(self, pending: Document) -> None:
        covered = {"user_id": pending["user_id"], "seq": {"$lte": pending["through"]}}
        said = {**covered, "content": {"$ne": ""}}  # what was forgotten is blank
        add(self._collections.archive, list(self._collections.memory.find(said)))
        self._collections.step("compaction.copied")
        self._collections.memory.delete_many(covered)
        self._collections.step("compaction.moved")

    def _erase(self, pending: Document) -> None:
        user_id = pending["user_id"]
        sparing = tuple(UpdateKey(*each) for each in pending.get("sparing", ()))
        write = EraseGuest(user_id, sparing)
        waiting = self._inbox.unsettled_of(user_id)
        keys = tuple(key for key in waiting if not write.spares(key))
        self._inbox.change([Settle(keys, "ignored", documents.moment(pending["at"]))])
        self._collections.step("erase.inbox")
        self._collections.letters.delete_many({"user_id": user_id})
        self._collections.step("erase.letters")
        held = (self._collections.vectors, self._collections.archive, self._collections.memory)
        for collection in held:
            collection.delete_many({"user_id": user_id})
            self._collections.step(f"erase.{collection.name}")
        self._collections.profiles.delete_one(_holding(pending))
        self._collections.step("erase.profile")


def _plan(write: GuestWrite, stored: dict[UpdateKey, Row]) -> Plan | None:
    """What a write wants; None for a turn whose updates are answered already."""
    profile = write.profile
    if profile is None:
        raise ValueError("expected a write with a profile")
    if isinstance(write, CommitTurn):
        waiting = [key for key in dict.fromkeys(write.keys) if rows.is_waiting(stored.get(key))]
        if write.keys and not waiting:
            return None
        pending = _turn(write, profile.user_id, waiting)
    elif isinstance(write, CommitCompaction):
        pending = _pending("compaction", profile.user_id, through=profile.covered_seq)
    else:
        pending = _pending("nothing", profile.user_id)
    return Plan(profile, write.expected, pending)


def _pending(kind: str, user_id: str, **details: Any) -> Document:
    return {"kind": kind, "token": str(ObjectId()), "user_id": user_id, **details}


def _turn(write: CommitTurn, user_id: str, waiting: Sequence[UpdateKey]) -> Document:
    return _pending(
        "turn",
        user_id,
        at=documents.date(write.at),
        keys=_ids(waiting),
        parts=parts_text(write.parts),
        events=[documents.event_document(event) for event in write.events],
    )


def _ids(keys: Iterable[UpdateKey]) -> list[list[int]]:
    return [[key.bot_id, key.update_id] for key in keys]


def _answers(turn: Document) -> list[tuple[UpdateKey, rows.Change]]:
    keys = [UpdateKey(*key) for key in turn["keys"]]
    return rows.answers(keys, parts_of(turn["parts"]), documents.moment(turn["at"]))


def _operation(plan: Plan) -> InsertOne[Document] | UpdateOne:
    fields = documents.profile_document(plan.profile)
    if plan.pending["kind"] != "nothing":
        fields["pending"] = plan.pending
    if plan.expected == 0:
        return InsertOne({"_id": plan.user_id, **fields})
    found = {"_id": plan.user_id, "revision": plan.expected, "pending": {"$exists": False}}
    return UpdateOne(found, {"$set": fields})


def _holding(pending: Document) -> Document:
    return {"_id": pending["user_id"], "pending.token": pending["token"]}


def _guest_of(write: GuestWrite) -> str:
    if write.profile is None:
        raise ValueError("expected a write with a profile")
    return write.profile.user_id


def _behind(found: Document | None, plan: Plan) -> Result:
    """Fenced, unless what is stored is just what was to be written."""
    if found is None:
        return Fenced(stored_revision=0)
    wanted = documents.profile_document(plan.profile)
    same = all(found.get(name) == value for name, value in wanted.items())
    return DONE if same else Fenced(stored_revision=found["revision"])


def _contended() -> StoreUnavailable:
    return StoreUnavailable("another process keeps writing the same guest")

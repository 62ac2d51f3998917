"""What a guest had forgotten leaves the collections.

What goes is first noted in the profile as `pending`, by numbers and ids, never by its words; then
carried out step by step. Every step may be repeated.
"""

from __future__ import annotations

from datetime import datetime

from butler.domain.matter import Matter
from butler.domain.writes import Forget
from butler.storage.forgotten import letter_touched
from butler.storage.mongo import documents
from butler.storage.mongo.collections import Collections
from butler.storage.mongo.place import Collection, Document
from butler.storage.text import unpack

KIND = "forgetting"


def touched(collections: Collections, write: Forget) -> Document:
    """What goes: seqs of the window and of the archive, ids of dead letters."""
    user_id, matter = write.profile.user_id, write.matter
    held = map(documents.letter_of, collections.letters.find({"user_id": user_id}))
    gone: Document = {
        "letters": [each.letter_id for each in held if letter_touched(each, matter)],
        "through": write.profile.last_seq,
    }
    if matter.everything:
        return {**gone, "everything": True}
    known = frozenset(write.seqs)
    gone["window"] = _seqs(collections.memory, user_id, matter, known)
    gone["archive"] = _seqs(collections.archive, user_id, matter, known)
    return gone


def carry_out(collections: Collections, pending: Document) -> None:
    """Drop what is noted; in the window blank it, so that no seq is missing."""
    theirs = {"user_id": pending["user_id"]}
    everything = pending.get("everything", False)
    dropped = {"$lte": pending["through"]} if everything else {"$in": pending["archive"]}
    collections.vectors.delete_many({**theirs, "seq": dropped})
    collections.step("forgetting.vectors")
    collections.archive.delete_many({**theirs, "seq": dropped})
    collections.step("forgetting.archive")
    if everything:
        collections.memory.delete_many({**theirs, "seq": dropped})
    else:
        blanked = {**theirs, "seq": {"$in": pending["window"]}}
        collections.memory.update_many(blanked, {"$set": {"content": ""}})
    collections.step("forgetting.window")
    collections.letters.delete_many({"_id": {"$in": pending["letters"]}})
    collections.step("forgetting.letters")


def blanked(pending: Document) -> frozenset[int]:
    """The seqs of the window that are to be blank."""
    return frozenset(pending.get("window", ()) if pending.get("kind") == KIND else ())


def dropped(pending: Document) -> frozenset[int]:
    """The seqs of the archive that are to go; with everything see `let_go_through`."""
    return frozenset(pending.get("archive", ()) if pending.get("kind") == KIND else ())


def letters(pending: Document) -> frozenset[str]:
    """The ids of dead letters that are to go."""
    return frozenset(pending.get("letters", ()) if pending.get("kind") == KIND else ())


def let_go_through(pending: Document) -> int:
    """Up to which seq everything is to go; 0: not everything."""
    return int(pending["through"]) if pending.get("everything") else 0


def _seqs(collection: Collection, user_id: str, matter: Matter, known: frozenset[int]) -> list[int]:
    fields = {"seq": 1, "content": 1, "created_at": 1}
    return [
        each["seq"]
        for each in collection.find({"user_id": user_id}, fields)
        if each["seq"] in known or (each["content"] and matter.touches(*_said(each)))
    ]


def _said(event: Document) -> tuple[str, datetime]:
    return unpack(event["content"]), documents.moment(event["created_at"])

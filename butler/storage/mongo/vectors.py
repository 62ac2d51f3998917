"""Vectors beside the archive. They go when their events go: see `forgetting`, `guests`, the sweep.

Each bears the date of its event, so that the same TTL takes both.
"""

from __future__ import annotations

from collections.abc import Iterator

from pymongo import UpdateOne

from butler.domain.writes import KeepVectors
from butler.storage.mongo.collections import Collections


def keep(collections: Collections, write: KeepVectors) -> None:
    """Put vectors beside the events that are archived; may be repeated."""
    wanted = {each.event_id: each.vector for each in write.vectors}
    archived = collections.archive.find(
        {"_id": {"$in": list(wanted)}, "user_id": write.user_id}, {"seq": 1, "created_at": 1}
    )
    puts = []
    for event in archived:
        place, fields = (
            {"_id": event["_id"]},
            {"seq": event["seq"], "created_at": event["created_at"]},
        )
        fields |= {"user_id": write.user_id, "model": write.model, "vector": wanted[event["_id"]]}
        puts.append(UpdateOne(place, {"$set": fields}, upsert=True))
    if puts:
        collections.vectors.bulk_write(puts, ordered=False)
    collections.step("vectors.kept")


def of(collections: Collections, user_id: str, model: str) -> Iterator[tuple[int, bytes]]:
    """The seqs and vectors of one model."""
    fields = {"seq": 1, "vector": 1}
    for each in collections.vectors.find({"user_id": user_id, "model": model}, fields):
        yield each["seq"], bytes(each["vector"])

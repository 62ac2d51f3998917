"""The collections, and how documents are put into them so that it may be repeated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import attrs
from pymongo.errors import BulkWriteError

from butler.storage.mongo.errors import duplicates
from butler.storage.mongo.place import Client, Collection, Document
from butler.storage.steps import unwatched


@attrs.define
class Collections:
    """The collections of one database, and the hook that is told each step."""

    profiles: Collection
    memory: Collection
    archive: Collection
    vectors: Collection
    inbox: Collection
    letters: Collection
    meta: Collection
    step: Callable[[str], None] = unwatched

    @property
    def kept(self) -> tuple[Collection, ...]:
        """All that hold what people said or did."""
        return (self.letters, self.vectors, self.archive, self.memory, self.inbox, self.profiles)


def collections_of(client: Client, database: str) -> Collections:
    """The collections by their public names."""
    found = client[database]
    return Collections(
        profiles=found["user_profiles"],
        memory=found["user_memory"],
        archive=found["user_memory_archive"],
        vectors=found["user_memory_vectors"],
        inbox=found["inbox"],
        letters=found["dead_letters"],
        meta=found["butler_meta"],
    )


def add(collection: Collection, documents: Sequence[Document]) -> list[Document]:
    """Insert what is not there yet; those that met something there already."""
    if not documents:
        return []
    try:
        collection.insert_many(documents, ordered=False)
    except BulkWriteError as error:
        return [documents[index] for index in duplicates(error)]
    return []


def add_events(collection: Collection, documents: Sequence[Document]) -> None:
    """Insert events that are not there yet.

    A stranger's event at the same place of the same guest (left by a writer that was cut off long
    ago, before the guest was erased) gives way.
    """
    met = add(collection, documents)
    if not met:
        return
    ids = [document["_id"] for document in met]
    present = {found["_id"] for found in collection.find({"_id": {"$in": ids}}, {"_id": 1})}
    for document in met:
        if document["_id"] not in present:
            place: dict[str, Any] = {"user_id": document["user_id"], "seq": document["seq"]}
            collection.delete_many({**place, "_id": {"$ne": document["_id"]}})
            add(collection, [document])

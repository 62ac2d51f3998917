"""Indexes of the collections, and the version of what is in them."""

from __future__ import annotations

from pymongo.errors import OperationFailure

from butler.errors import StoreVersion
from butler.storage.mongo.collections import Collections
from butler.storage.mongo.errors import PASSING, UNAUTHORIZED, WRONG_PASSWORD
from butler.storage.mongo.place import Collection, Place

VERSION = 2
DAY_SECONDS = 86_400
CONFLICT = {85, 86}  # an index of this name or these keys exists with other options
NOT_ABOUT_TTL = {*PASSING, *WRONG_PASSWORD, UNAUTHORIZED, None}


def check_version(collections: Collections, place: Place) -> None:
    """Raise `StoreVersion` for a database of a newer butler."""
    found = collections.meta.find_one({"_id": "schema"})
    if found is not None and found["version"] > VERSION:
        raise StoreVersion(
            f"MongoDB at {place.address}, database {place.database!r}: expected schema version "
            f"{VERSION} or older, found {found['version']}. Start the newer butler that made it"
        )


def upgrade(collections: Collections, ttl_days: int) -> list[str]:
    """Create indexes that are missing; a line for what a server refused."""
    lines = []
    for collection in (collections.memory, collections.archive):
        lines += _expire(collection, ttl_days * DAY_SECONDS)
        collection.create_index([("user_id", 1), ("created_at", 1)])
    lines += _expire(collections.vectors, ttl_days * DAY_SECONDS)
    collections.vectors.create_index([("user_id", 1), ("seq", 1)])
    collections.memory.create_index([("user_id", 1), ("seq", 1)], unique=True)
    collections.profiles.create_index([("user_id", 1)], unique=True)
    collections.profiles.create_index([("created_at", 1)])
    collections.inbox.create_index([("bot_id", 1), ("update_id", 1)], unique=True)
    collections.inbox.create_index([("state", 1)])
    collections.letters.create_index([("user_id", 1)])
    collections.letters.create_index([("created_at", 1)])
    version = {"$set": {"version": VERSION}}
    collections.meta.update_one({"_id": "schema"}, version, upsert=True)
    return lines


def described(collections: Collections) -> list[str]:
    """One line for each collection and each index, as the server has them."""
    lines = [f"schema version {VERSION}"]
    for collection in reversed(collections.kept):
        lines.append(collection.name)
        for index in collection.index_information().values():
            keys = ", ".join(name for name, _ in index["key"])
            unique = " unique" if index.get("unique") else ""
            seconds = index.get("expireAfterSeconds")
            ttl = "" if seconds is None else f" TTL {seconds / DAY_SECONDS:g} days"
            lines.append(f"{collection.name}: index ({keys}){unique}{ttl}")
    return lines


def _expire(collection: Collection, seconds: int) -> list[str]:
    """A TTL index on `created_at`, or a plain one where the server refuses."""
    try:
        _create_ttl(collection, seconds)
    except OperationFailure as error:
        if error.code in NOT_ABOUT_TTL:
            raise
        collection.create_index([("created_at", 1)])
        return [
            f"{collection.name}: the server refuses TTL indexes (code {error.code}); "
            "the retention sweep does their work"
        ]
    return []


def _create_ttl(collection: Collection, seconds: int) -> None:
    keys = [("created_at", 1)]
    try:
        collection.create_index(keys, expireAfterSeconds=seconds)
    except OperationFailure as error:
        if error.code not in CONFLICT:
            raise
        # Another MEMORY_TTL_DAYS, or a server that has learned TTL since.
        collection.drop_index(keys)
        collection.create_index(keys, expireAfterSeconds=seconds)

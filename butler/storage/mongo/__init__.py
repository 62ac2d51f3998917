"""The store over a MongoDB server, or any that speaks its protocol."""

from butler.storage.mongo.store import MongoStore

__all__ = ["MongoStore"]

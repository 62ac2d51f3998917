"""Where the database is, and a client for it."""

from __future__ import annotations

from typing import Any, TypeAlias

import attrs
from pymongo import MongoClient
from pymongo import collection as pymongo_collection
from pymongo.errors import PyMongoError
from pymongo.uri_parser import parse_uri

from butler.errors import StoreRefused

DATABASE = "butler"
SELECTION_TIMEOUT_MS = 5_000
SOCKET_TIMEOUT_MS = 30_000
CONCERN_TIMEOUT_MS = 10_000

Document: TypeAlias = dict[str, Any]
Client: TypeAlias = MongoClient[Document]
Collection: TypeAlias = pymongo_collection.Collection[Document]


@attrs.frozen
class Place:
    """What of a connection string may be shown: never the password."""

    address: str
    user: str | None
    database: str
    source: str | None = None


def place_of(url: str) -> Place:
    """The place a connection string names; `StoreRefused` if it is none."""
    try:
        parsed = parse_uri(url, validate=False, warn=False)
    except (PyMongoError, ValueError) as error:
        raise StoreRefused(
            "MONGODB_URL: expected mongodb://user:password@host:port/database, got something that "
            f"cannot be read ({type(error).__name__}). Percent-encode special characters in user "
            "and password"
        ) from None
    hosts = (host if port is None else f"{host}:{port}" for host, port in parsed["nodelist"])
    return Place(
        address=",".join(hosts),
        user=parsed["username"],
        database=parsed["database"] or DATABASE,
        source=parsed["options"].get("authSource") or parsed["database"] or "admin",
    )


def client_of(url: str) -> Client:
    """A client that gives up soon and acknowledges only what is journalled by the majority.

    What the connection string says of time-outs stands.
    """
    named = {name.lower() for name in parse_uri(url, validate=False, warn=False)["options"]}
    defaults = {
        "serverSelectionTimeoutMS": SELECTION_TIMEOUT_MS,
        "connectTimeoutMS": SELECTION_TIMEOUT_MS,
        "socketTimeoutMS": SOCKET_TIMEOUT_MS,
        "wTimeoutMS": CONCERN_TIMEOUT_MS,
    }
    options: dict[str, Any] = {
        name: value for name, value in defaults.items() if name.lower() not in named
    }
    return MongoClient(url, tz_aware=True, appname="butler", w="majority", journal=True, **options)

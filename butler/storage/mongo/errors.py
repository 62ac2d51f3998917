"""The driver's errors as ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bson.errors import BSONError
from pymongo.errors import (
    BulkWriteError,
    ConfigurationError,
    ConnectionFailure,
    ExecutionTimeout,
    InvalidName,
    InvalidOperation,
    OperationFailure,
    PyMongoError,
)

from butler.errors import StoreError, StoreFull, StoreRefused, StoreUnavailable
from butler.storage.mongo.place import Place

DUPLICATE = 11000
WRONG_PASSWORD = {18, 8000}
UNAUTHORIZED = 13
DISK_FULL = 14031
# Codes of a server that is starting, stopping, stepping down, overloaded or failing inside.
# https://www.mongodb.com/docs/manual/reference/error-codes/
PASSING = {
    *(1, 6, 7, 8, 24, 43, 46, 50, 64, 79, 89, 91, 100, 112, 133, 134, 148, 175, 189, 202, 262),
    *(317, 365, 384, 462, 9001, 10058, 10107, 11600, 11602, 13435, 13436),
}


@contextmanager
def translated(place: Place) -> Iterator[None]:
    """Raise `StoreError` and its kinds for whatever the driver raises.

    The original is not chained: it may quote the documents that were being written.
    """
    try:
        yield
    except (PyMongoError, BSONError, OverflowError) as error:
        raise translation(error, place) from None


def translation(error: Exception, place: Place) -> StoreError:
    """The error of ours that says what `error` means."""
    if isinstance(error, BulkWriteError):
        return _of_code(_bulk_code(error), place)
    if isinstance(error, OperationFailure) and not isinstance(error, ExecutionTimeout):
        return _of_code(error.code, place)
    if isinstance(error, InvalidOperation):
        return StoreUnavailable(f"MongoDB at {place.address}: the connection is closed")
    if isinstance(error, ConfigurationError | InvalidName):
        return StoreRefused(
            f"MONGODB_URL: the driver cannot use it for {place.address}, database "
            f"{place.database!r} ({type(error).__name__}). Check its options"
        )
    if isinstance(error, ConnectionFailure | ExecutionTimeout):
        return StoreUnavailable(
            f"MongoDB at {place.address} does not answer ({type(error).__name__}). "
            "Start it, or check host and port in MONGODB_URL"
        )
    return StoreError(f"MongoDB at {place.address} refused a value ({type(error).__name__})")


def duplicates(error: BulkWriteError) -> list[int]:
    """Which of the writes met a document that is there already; raises if anything else failed."""
    failed = error.details.get("writeErrors", [])
    if error.details.get("writeConcernErrors") or any(each["code"] != DUPLICATE for each in failed):
        raise error
    return [each["index"] for each in failed]


def _bulk_code(error: BulkWriteError) -> int | None:
    details = error.details
    failures = [*details.get("writeConcernErrors", []), *details.get("writeErrors", [])]
    codes = [each.get("code") for each in failures if each.get("code") != DUPLICATE]
    return codes[0] if codes else DUPLICATE


def _of_code(code: int | None, place: Place) -> StoreError:
    if code in WRONG_PASSWORD:
        return StoreRefused(
            f"MongoDB at {place.address} refuses user {place.user!r} (authentication database "
            f"{place.source!r}). Check user, password and authSource in MONGODB_URL"
        )
    if code == UNAUTHORIZED:
        who = f"user {place.user!r} has" if place.user else "MONGODB_URL names no user who has"
        return StoreRefused(
            f"MongoDB at {place.address}: {who} no right to database {place.database!r}. "
            "Grant readWrite on it, or name another database in MONGODB_URL"
        )
    if code == DISK_FULL:
        return StoreFull(f"MongoDB at {place.address}: its disk is full. Free some space there")
    if code in PASSING:
        return StoreUnavailable(f"MongoDB at {place.address} cannot do it now (code {code})")
    return StoreError(f"MongoDB at {place.address} refused a command (code {code})")

"""The store over MongoDB's protocol."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pymongo

from butler.domain.event import Event, Guest
from butler.domain.inbox import DeadLetter, InboxItem, UpdateKey
from butler.domain.profile import Profile
from butler.domain.retention import aged
from butler.domain.writes import (
    EraseGuest,
    Forget,
    ImportGuest,
    KeepVectors,
    Result,
    Revive,
    SaveProfile,
    Sweep,
    Write,
)
from butler.ports import Clock, StoreStatistics
from butler.storage.mongo import documents, reads, schema, vectors
from butler.storage.mongo.batch import Group, grouped
from butler.storage.mongo.collections import collections_of
from butler.storage.mongo.errors import translated
from butler.storage.mongo.guests import DONE, Guests
from butler.storage.mongo.inbox import Inbox
from butler.storage.mongo.place import Client, client_of, place_of

CLOSE_SECONDS = 0.5
AGED_AT_ONCE = 200  # profiles looked at by one sweep
SETTLED = ("sent", "undeliverable", "dead", "ignored")


class MongoStore:
    """`butler.ports.Store` in MongoDB, without transactions: see `guests` for the protocol.

    A batch goes in as few round trips as its order allows. After a crash or an error at any step
    the caller repeats the batch, or `migrate` finishes what was begun. `step` is called with the
    name of each step, so that tests can stop there. `client` takes the place of the one made from
    `url`, for tests.
    """

    def __init__(
        self, url: str, clock: Clock, ttl_days: int = 90, client: Client | None = None
    ) -> None:
        self.place = place_of(url)
        self._clock = clock
        self._ttl_days = ttl_days
        self._writing = threading.Lock()
        with translated(self.place):
            self._client = client_of(url) if client is None else client
            self._collections = collections_of(self._client, self.place.database)
        self._swept: str | None = None
        self._inbox = Inbox(self._collections)
        self._guests = Guests(self._collections, self._inbox)
        # By identity, and with the write itself, so that no other object gets its id.
        self._applied: dict[int, tuple[Write, Result]] = {}

    @property
    def step(self) -> Callable[[str], None]:
        """The hook that is told each step of a write, on the committing thread."""
        return self._collections.step

    @step.setter
    def step(self, hook: Callable[[str], None]) -> None:
        self._collections.step = hook

    def migrate(self) -> list[str]:
        """Create indexes and finish what a crash left halfway; a line for each as it stands.

        Where the server refuses TTL indexes a line says that the sweep does their work.
        """
        with self._writing, translated(self.place):
            schema.check_version(self._collections, self.place)
            refused = schema.upgrade(self._collections, self._ttl_days)
            finished = self._guests.recover()
            lines = schema.described(self._collections) + refused
        return lines + ([f"recovery: finished {finished} interrupted writes"] if finished else [])

    def ping(self) -> None:
        """Raise unless the database can be written: a small document is."""
        with translated(self.place):
            at = {"$set": {"at": documents.date(self._clock.now())}}
            self._collections.meta.update_one({"_id": "ping"}, at, upsert=True)

    @property
    def others(self) -> None:
        """Nobody can tell who else writes to a server."""
        return

    def commit(self, writes: Sequence[Write]) -> list[Result]:
        """Apply `writes`; on an exception some may be applied, and the batch is to be repeated.

        Of the very same objects in the next batch, those that are known to be applied are not
        applied again: their results are remembered.
        """
        with self._writing, translated(self.place):
            self._inbox.begin()
            done = self._remembered(writes)
            todo = [index for index in range(len(writes)) if index not in done]
            for group in grouped([writes[index] for index in todo]):
                members = [todo[index] for index in group.members]
                applied = self._apply(group, [writes[index] for index in members])
                for index, result in zip(members, applied, strict=True):
                    done[index] = result
                    self._applied[id(writes[index])] = writes[index], result
            self._inbox.end()
            self._applied = {}
        return [done[index] for index in range(len(writes))]

    def guest(self, user_id: str) -> Guest | None:
        """A guest's profile and window, or None for a stranger."""
        with translated(self.place):
            return reads.guest(self._collections, user_id)

    def revision(self, user_id: str) -> int:
        """The revision of a guest's profile; 0 for a stranger."""
        with translated(self.place):
            return reads.revision(self._collections, user_id)

    def unsettled(self, after: UpdateKey | None, limit: int) -> list[InboxItem]:
        """Items received or answered, by (bot_id, update_id), after a key."""
        with translated(self.place):
            return reads.unsettled(self._collections, after, limit)

    def waiting_of(self, user_id: str) -> list[InboxItem]:
        """A guest's items received or answered, by (bot_id, update_id)."""
        with translated(self.place):
            return reads.waiting_of(self._collections, user_id)

    def inbox_item(self, key: UpdateKey) -> InboxItem | None:
        """One accepted update."""
        with translated(self.place):
            return reads.inbox_item(self._collections, key)

    def profiles(self, limit: int, after: str | None = None) -> list[Profile]:
        """Profiles by user id, after one."""
        with translated(self.place):
            return reads.profiles(self._collections, limit, after)

    def archive(self, user_id: str, after_seq: int = 0) -> Iterator[Event]:
        """A guest's covered events by seq, fetched as they are taken."""
        with translated(self.place):
            yield from reads.archive(self._collections, user_id, after_seq)

    def vectors(self, user_id: str, model: str) -> Iterator[tuple[int, bytes]]:
        """Vectors of that model of a guest's archived events: (seq, vector)."""
        with translated(self.place):
            yield from vectors.of(self._collections, user_id, model)

    def dead_letters(self, limit: int, after: str | None = None) -> list[DeadLetter]:
        """Dead letters by letter id, after one."""
        with translated(self.place):
            return reads.dead_letters(self._collections, limit, after)

    def dead_letter(self, letter_id: str) -> DeadLetter | None:
        """One dead letter."""
        with translated(self.place):
            return reads.dead_letter(self._collections, letter_id)

    def take_dead_letter(self, letter_id: str) -> DeadLetter | None:
        """Remove and return one, for good; its update stays known. From any thread."""
        with translated(self.place):
            taken = self._collections.letters.find_one_and_delete({"_id": letter_id})
        return None if taken is None else documents.letter_of(taken)

    def export(self, user_id: str) -> dict[str, Any]:
        """All that is kept of a guest, ready for JSON."""
        with translated(self.place):
            return reads.export(self._collections, user_id)

    def erase_all(self) -> None:
        """Erase everything of everybody; schema and indexes stay."""
        with self._writing, translated(self.place):
            for collection in self._collections.kept:
                collection.delete_many({})

    def statistics(self) -> StoreStatistics:
        """Counts; events and profiles as the server's metadata has them."""
        with translated(self.place):
            return reads.statistics(self._collections)

    def close(self) -> None:
        """Close all connections; a server that is away holds nobody up."""
        with pymongo.timeout(CLOSE_SECONDS):
            self._client.close()

    def _remembered(self, writes: Sequence[Write]) -> dict[int, Result]:
        return {
            index: self._applied[id(write)][1]
            for index, write in enumerate(writes)
            if id(write) in self._applied
        }

    def _apply(self, group: Group, writes: Sequence[Any]) -> Sequence[Result]:
        if group.kind == "accept":
            return self._inbox.accept(writes)
        if group.kind == "guests":
            return self._guests.write(writes)
        if group.kind == "alone":
            return [self._alone(write) for write in writes]
        self._inbox.change(writes)
        return [DONE] * len(writes)

    def _alone(
        self,
        write: EraseGuest | Forget | ImportGuest | KeepVectors | Revive | Sweep,
    ) -> Result:
        if isinstance(write, Revive):
            return self._inbox.revive(write)
        if isinstance(write, Forget):
            return self._guests.let_go(write)
        if isinstance(write, ImportGuest):
            return self._guests.take_in(write, self._clock.now())
        if isinstance(write, EraseGuest):
            self._guests.erase(write, self._clock.now())
        elif isinstance(write, KeepVectors):
            vectors.keep(self._collections, write)
        else:
            self._sweep(write)
        return DONE

    def _sweep(self, write: Sweep) -> None:
        old = {"created_at": {"$lt": documents.date(write.events_before)}}
        held = (self._collections.memory, self._collections.archive, self._collections.vectors)
        for collection in held:
            collection.delete_many(old)
            self.step("sweep.events")
        settled = {"$lt": documents.date(write.settled_before)}
        self._collections.inbox.delete_many({"state": {"$in": SETTLED}, "settled_at": settled})
        self.step("sweep.inbox")
        self._age_profiles(write)

    def _age_profiles(self, write: Sweep) -> None:
        """Some at each sweep; a guest who is written meanwhile has their turn next time."""
        found = reads.profiles(self._collections, AGED_AT_ONCE, self._swept)
        now = self._clock.now()
        old = ((each, aged(each, write.events_before, now)) for each in found)
        saves = [SaveProfile(left, each.revision) for each, left in old if left is not None]
        if saves:
            self._guests.write(saves)
        self._swept = found[-1].user_id if len(found) == AGED_AT_ONCE else None

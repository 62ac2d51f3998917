"""Reads of the store, beside the journal."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, takewhile
from typing import Any

import attrs

from actors import messages as m
from actors.guest.archive import Archive
from actors.runtime import PooledActor
from actors.telling import tell_if_there
from butler.domain.event import Event
from butler.domain.profile import Profile
from butler.errors import StoreError
from butler.ports import Store
from supervision import Directory

# The newest so many can be recalled; built in slices, so that no guest's archive holds up the reads
# of the others.
RECALLED_EVENTS = 100_000
SLICE = 1_000
RETRY_SECONDS = 1.0


@attrs.frozen
class _Building:
    """An archive under way, and what will go with it."""

    wanted: m.ReadGuest
    read: m.GuestRead
    events: Iterator[Event]
    archive: Archive


class Reader(PooledActor):
    """Answers reads, and while the store is down asks again until it is back. Blocks."""

    mailbox_bound = 1_000_000

    def __init__(self, store: Store, directory: Directory, embeddings: str | None = None) -> None:
        """`embeddings`: the model whose vectors are read with the archive, if any."""
        super().__init__()
        self._store = store
        self._directory = directory
        self._embeddings = embeddings

    def on_receive(self, message: Any) -> Any:
        """Read, and tell who asked."""
        wanted = message.wanted if isinstance(message, _Building) else message
        try:
            answer = self._read(message)
        except StoreError:
            self.timers.once(RETRY_SECONDS, wanted)
            return
        if isinstance(answer, _Building):
            self.actor_ref.tell(answer)
        else:
            tell_if_there(self._directory, wanted.reply_to, answer)

    def _read(
        self, message: m.ReadGuest | m.ReadUnsettled | _Building
    ) -> m.GuestRead | m.GuestUnchanged | m.ReadFailed | m.UnsettledRead | _Building:
        if isinstance(message, m.ReadUnsettled):
            items = tuple(self._store.unsettled(message.after, message.limit))
            return m.UnsettledRead(items, len(items) < message.limit, token=message.token)
        wanted = message.wanted if isinstance(message, _Building) else message
        try:
            if isinstance(message, _Building):
                return self._build(message)
            return self._guest(message)
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001  # one guest's data must not fail the others
            unsettled = self._store.waiting_of(wanted.user_id) if wanted.recover else ()
            return m.ReadFailed(error, tuple(unsettled), token=wanted.token)

    def _guest(self, message: m.ReadGuest) -> m.GuestRead | m.GuestUnchanged | _Building:
        if message.known is not None and self._store.revision(message.user_id) == message.known:
            return m.GuestUnchanged(token=message.token)
        guest = self._store.guest(message.user_id) if message.personal else None
        unsettled = self._store.waiting_of(message.user_id) if message.recover else ()
        read = m.GuestRead(guest, tuple(unsettled), None, token=message.token)
        if guest is None or not guest.profile.covered_seq:
            return read
        return self._build(_Building(message, read, self._covered(guest.profile), Archive()))

    def _covered(self, profile: Profile) -> Iterator[Event]:
        """What the profile knows to be covered: more may have been since it was read."""
        after = max(0, profile.covered_seq - RECALLED_EVENTS)
        archived = self._store.archive(profile.user_id, after)
        return takewhile(lambda event: event.seq <= profile.covered_seq, archived)

    def _build(self, building: _Building) -> m.GuestRead | _Building:
        """The next slice of an archive; with the last one, what was asked for."""
        archive, events = building.archive, list(islice(building.events, SLICE))
        archive.add(events)
        if len(events) == SLICE:
            return building
        if self._embeddings is not None:
            vectors = self._store.vectors(building.wanted.user_id, self._embeddings)
            archive.load_vectors(dict(vectors))
        return attrs.evolve(building.read, archive=archive)

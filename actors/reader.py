"""Reads of the store, beside the journal."""

from __future__ import annotations

from typing import Any

from actors import messages as m
from actors.guest.archive import Archive
from actors.runtime import PooledActor
from actors.telling import tell_if_there
from butler.domain.event import Guest
from butler.errors import StoreError
from butler.ports import Store
from supervision import Directory

RECALLED_EVENTS = 5_000
RETRY_SECONDS = 1.0


class Reader(PooledActor):
    """Answers reads, and while the store is down asks again until it is back. Blocks."""

    mailbox_bound = 1_000_000

    def __init__(self, store: Store, directory: Directory) -> None:
        super().__init__()
        self._store = store
        self._directory = directory

    def on_receive(self, message: Any) -> Any:
        """Read, and tell who asked."""
        try:
            answer = self._read(message)
        except StoreError:
            self.timers.once(RETRY_SECONDS, message)
            return
        tell_if_there(self._directory, message.reply_to, answer)

    def _read(
        self, message: m.ReadGuest | m.ReadUnsettled
    ) -> m.GuestRead | m.ReadFailed | m.UnsettledRead:
        if isinstance(message, m.ReadUnsettled):
            items = tuple(self._store.unsettled(message.after, message.limit))
            return m.UnsettledRead(items, len(items) < message.limit, message.token)
        try:
            return self._guest(message)
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001  # one guest's data must not fail the others
            return m.ReadFailed(error, message.token)

    def _guest(self, message: m.ReadGuest) -> m.GuestRead:
        guest = self._store.guest(message.user_id) if message.personal else None
        unsettled = self._store.waiting_of(message.user_id) if message.recover else ()
        return m.GuestRead(guest, tuple(unsettled), self._archive(guest), message.token)

    def _archive(self, guest: Guest | None) -> Archive | None:
        if guest is None or not guest.profile.covered_seq:
            return None
        after = max(0, guest.profile.covered_seq - RECALLED_EVENTS)
        return Archive(self._store.archive(guest.profile.user_id, after))

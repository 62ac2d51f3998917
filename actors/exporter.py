"""All that is kept of a guest, read and written out as one file, beside everything else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from actors import messages as m
from actors.runtime import PooledActor
from actors.telling import tell_if_there
from butler.domain.outgoing import Document
from butler.errors import StoreError
from butler.ports import Clock, Store
from supervision import Directory

RETRY_SECONDS = 1.0
# Telegram takes 50 MB of a bot; a document of MongoDB holds 16 MB, compressed and with the rest.
LARGEST, LARGEST_PACKED = 45 * 1024 * 1024, 14 * 1024 * 1024
_encode = json.JSONEncoder(ensure_ascii=False, default=str).encode


class Exporter(PooledActor):
    """Makes exports, one at a time; a large one delays nobody but other exports. Blocks."""

    mailbox_bound = 100_000

    def __init__(self, store: Store, directory: Directory, clock: Clock) -> None:
        super().__init__()
        self._store = store
        self._directory = directory
        self._clock = clock

    def on_receive(self, message: m.Export) -> Any:
        """Read, and tell who asked; while the store is down, ask again until it is back."""
        answer: m.Exported | m.ExportFailed
        try:
            answer = m.Exported(message.key, self._document(message.user_id), token=message.token)
        except StoreError:
            self.timers.once(RETRY_SECONDS, message)
            return
        except Exception as error:  # noqa: BLE001  # one guest's data must not fail the others
            answer = m.ExportFailed(error, token=message.token)
        tell_if_there(self._directory, message.reply_to, answer)

    def _document(self, user_id: str) -> Document | None:
        kept = self._store.export(user_id)
        name = f"butler-memory-{self._clock.now().date().isoformat()}.json"
        content = bytearray()
        for piece in pieces(kept):
            content += piece.encode("utf-8", "backslashreplace")
            if len(content) > LARGEST:
                return None
        document = Document.of(name, bytes(content))
        return document if len(document.packed) <= LARGEST_PACKED else None


def pieces(kept: dict[str, Any]) -> Iterator[str]:
    """The JSON of an export, an item to a line and a piece, so that other threads have their turn.

    One encoding of it all would hold the interpreter for as long as it takes.
    """
    yield "{"
    for place, (name, value) in enumerate(kept.items()):
        yield f"{',' if place else ''}\n{_encode(name)}: "
        if not isinstance(value, list):
            yield _encode(value)
            continue
        yield "["
        for number, item in enumerate(value):
            yield f"{',' if number else ''}\n  {_encode(item)}"
        yield "\n]" if value else "]"
    yield "\n}\n"

"""The files of the playground, in memory, under Telegram's kind of names and limits."""

from __future__ import annotations

import base64
import hashlib
import itertools
import mimetypes
import os
from collections import OrderedDict

import attrs

from butler.playground.refusals import Json, Refusal, bad_request

MAX_DOWNLOAD = 20 * 1024 * 1024
MAX_UPLOAD = 50 * 1024 * 1024
_KEPT_BYTES = 256 * 1024 * 1024
_FOLDERS = {"voice": "voice", "audio": "music", "video": "videos", "video_note": "video_notes",
            "photo": "photos", "document": "documents", "sticker": "stickers",
            "animation": "animations"}  # fmt: skip


@attrs.frozen
class StoredFile:
    """One file: its two ids, its path under ``/file/bot<token>/``, its declared size."""

    file_id: str
    unique_id: str
    path: str
    size: int
    name: str
    mime_type: str
    data: bytes = attrs.field(repr=False)

    def ids(self) -> Json:
        """The fields every media object begins with."""
        return {
            "file_id": self.file_id,
            "file_unique_id": self.unique_id,
            "file_size": self.size,
        }


class Files:
    """Files by id and by path; the oldest go when 256 MiB are passed."""

    def __init__(self, salt: str) -> None:
        """*salt*: distinguishes the ids of two runs."""
        self._salt = salt
        self._numbers = itertools.count()
        self._by_id: OrderedDict[str, StoredFile] = OrderedDict()
        self._by_path: dict[str, str] = {}
        self._bytes = 0

    def add(
        self, kind: str, data: bytes, name: str = "", mime_type: str = "", size: int | None = None
    ) -> StoredFile:
        """Keep *data*; *size* declares another size than it has, for tests of limits."""
        number = next(self._numbers)
        digest = hashlib.sha256(f"{self._salt}/{number}".encode()).digest()
        extension = os.path.splitext(name)[1] or mimetypes.guess_extension(mime_type) or ".bin"
        stored = StoredFile(
            file_id="AwACAgIAAx" + base64.urlsafe_b64encode(digest).decode().rstrip("="),
            unique_id="AgAD" + base64.urlsafe_b64encode(digest[:9]).decode(),
            path=f"{_FOLDERS.get(kind, 'documents')}/file_{number}{extension}",
            size=len(data) if size is None else size,
            name=name,
            mime_type=mime_type,
            data=data,
        )
        self._by_id[stored.file_id] = stored
        self._by_path[stored.path] = stored.file_id
        self._bytes += len(data)
        self._evict()
        return stored

    def _evict(self) -> None:
        while self._bytes > _KEPT_BYTES and len(self._by_id) > 1:
            _, oldest = self._by_id.popitem(last=False)
            del self._by_path[oldest.path]
            self._bytes -= len(oldest.data)

    def find(self, file_id: str) -> StoredFile | None:
        """The file of an id."""
        return self._by_id.get(file_id)

    def require(self, path: str) -> StoredFile:
        """The file at a download path.

        Raises:
            Refusal: 404.
        """
        stored = self._by_id.get(self._by_path.get(path, ""))
        if stored is None:
            raise Refusal(404, "Not Found")
        return stored

    def describe(self, file_id: str) -> Json:
        """The answer of getFile.

        Raises:
            Refusal: 400 for no id, an unknown one, or a file over 20 MB.
        """
        if not file_id:
            raise bad_request("file_id not specified")
        stored = self.find(file_id)
        if stored is None:
            raise bad_request("wrong file_id or the file is temporarily unavailable")
        if stored.size > MAX_DOWNLOAD:
            raise bad_request("file is too big")
        return {**stored.ids(), "file_path": stored.path}

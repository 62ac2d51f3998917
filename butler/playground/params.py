"""The parameters of one Bot API request, in all the ways Telegram accepts them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import attrs
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Receive, Scope

from butler.playground.refusals import Refusal, bad_request

MAX_BODY = 64 * 1024 * 1024
_INTEGER = re.compile(r"\s*[+-]?\d{1,19}")


@attrs.frozen
class Upload:
    """A file that came with a request."""

    data: bytes
    name: str
    mime_type: str


class Params:
    """Parameters by name, read as Telegram reads them: numbers and objects may come as strings."""

    __slots__ = ("files", "values")

    def __init__(
        self, values: Mapping[str, Any], files: Mapping[str, Upload] | None = None
    ) -> None:
        self.values = values
        self.files = files or {}

    def text(self, name: str) -> str:
        """The value as a string; absent and null are empty, other JSON is its own text."""
        value = self.values.get(name, "")
        if isinstance(value, str):
            return value
        if value is None:
            return ""
        return json.dumps(value)

    def integer(self, name: str, default: int = 0, least: int = -(2**63), most: int = 2**63) -> int:
        """The value as a number within bounds; what is no number is *default*."""
        value = self.values.get(name)
        if type(value) is not int:
            match = _INTEGER.match(self.text(name))
            value = int(match.group()) if match else default
        return min(max(value, least), most)

    def flag(self, name: str) -> bool:
        """True for true, "true", "yes", "1"."""
        return self.text(name).lower() in ("true", "yes", "1")

    def json(self, name: str, what: str) -> Any:
        """The value as JSON, whether it came as an object or as a string of it; else ``None``.

        Raises:
            Refusal: 400 "can't parse *what* JSON object".
        """
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            raise bad_request(f"can't parse {what} JSON object") from None


async def read_params(scope: Scope, receive: Receive) -> Params:
    """Query, then body (urlencoded, multipart or JSON by its content type), the body winning.

    Raises:
        Refusal: 400 for a body that is not what it says it is, 413 for one that is too long.
    """
    query = scope["query_string"]
    values: dict[str, Any] = _pairs(query) if query else {}
    if scope["method"] in ("GET", "HEAD"):
        return Params(values)
    content_type = ""
    for name, value in scope["headers"]:
        if name == b"content-type":
            content_type = value.decode("latin-1").lower()
        elif name == b"content-length" and value.isdigit() and int(value) > MAX_BODY:
            raise Refusal(413, "Request Entity Too Large")
    if content_type.startswith("multipart/"):
        return await _multipart(values, scope, receive)
    body = await _body(receive)
    if content_type.startswith("application/json"):
        values.update(_object(body))
    elif content_type.startswith("application/x-www-form-urlencoded"):
        values.update(_pairs(body))
    return Params(values)


async def _body(receive: Receive) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > MAX_BODY:
            raise Refusal(413, "Request Entity Too Large")
        if not message.get("more_body"):
            return b"".join(chunks) + chunk if chunks else chunk
        chunks.append(chunk)


def _pairs(source: bytes) -> dict[str, Any]:
    try:
        # Undecodable bytes stay visible as lone surrogates, which no string check lets pass.
        return dict(
            parse_qsl(
                source.decode("latin-1"),
                keep_blank_values=True,
                errors="surrogateescape",
                max_num_fields=1000,
            )
        )
    except ValueError:
        raise bad_request("too many parameters") from None


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body) if body else {}
    except (ValueError, RecursionError):
        raise bad_request("can't parse request body as JSON object") from None
    if not isinstance(value, dict):
        raise bad_request("expected a JSON object as request body")
    return value


async def _multipart(values: dict[str, Any], scope: Scope, receive: Receive) -> Params:
    files: dict[str, Upload] = {}
    try:
        form = await Request(scope, receive).form(max_part_size=MAX_BODY)
    except HTTPException:
        raise bad_request("can't parse multipart request body") from None
    try:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                data = await value.read()
                files[name] = Upload(data, value.filename or "file", value.content_type or "")
            else:
                values[name] = value
    finally:
        await form.close()
    return Params(values, files)

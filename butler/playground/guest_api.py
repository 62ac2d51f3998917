"""The guests' side over HTTP: the JSON API under ``/playground/api`` that page and tests use."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any, cast

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from butler.playground.faults import read_fault
from butler.playground.feed import Feed
from butler.playground.guests import Guests
from butler.playground.media import media
from butler.playground.model import Bot, Chat
from butler.playground.params import MAX_BODY
from butler.playground.refusals import GuestError, Json
from butler.playground.world import World

_log = logging.getLogger(__name__)
Handler = Callable[[Request], Awaitable[Response]]
_LONGEST_WAIT = 60.0
PREFIX = "/playground/api"


class Answer(JSONResponse):
    """JSON in ASCII, so that even a lone surrogate from a raw update can be shown."""

    def render(self, content: Any) -> bytes:
        """ASCII JSON."""
        return json.dumps(content, separators=(",", ":")).encode("ascii")


class GuestApi:
    """The routes of the guests' side. ``routes`` gives them for mounting."""

    def __init__(self, world: World, guests: Guests, feed: Feed) -> None:
        self._world = world
        self._guests = guests
        self._feed = feed

    def routes(self) -> list[Route]:
        """All routes, each guarded: what cannot be done is 400 with ``{"error": …}``."""
        table: list[tuple[str, str, Handler]] = [
            ("GET", "/bot", self._show_bot),
            ("GET", "/guests", self._list_guests),
            ("POST", "/guests", self._create_guest),
            ("POST", "/guests/{user_id:int}/messages", self._write),
            ("PATCH", "/guests/{user_id:int}/messages/{message_id:int}", self._edit),
            ("POST", "/guests/{user_id:int}/media", self._send_media),
            ("POST", "/guests/{user_id:int}/press", self._press),
            ("POST", "/guests/{user_id:int}/block", self._block),
            ("POST", "/guests/{user_id:int}/unblock", self._unblock),
            ("POST", "/groups", self._create_group),
            ("GET", "/chats/{chat_id:path}/events", self._events),
            ("GET", "/chats/{chat_id:path}/stream", self._stream),
            ("POST", "/chats/{chat_id:path}/posts", self._post),
            ("POST", "/chats/{chat_id:path}/service", self._service),
            ("POST", "/chats/{chat_id:path}/members", self._join),
            ("POST", "/chats/{chat_id:path}/kick", self._kick),
            ("POST", "/chats/{chat_id:path}/migrate", self._migrate),
            ("GET", "/chats/{chat_id:path}", self._show_chat),
            ("POST", "/updates", self._inject),
            ("GET", "/files/{file_id}", self._download),
            ("GET", "/calls", self._calls),
            ("GET", "/faults", self._list_faults),
            ("POST", "/faults", self._add_fault),
            ("DELETE", "/faults", self._clear_faults),
            ("DELETE", "/faults/{number:int}", self._clear_faults),
        ]
        return [
            Route(PREFIX + path, _guarded(handler), methods=[method])
            for method, path, handler in table
        ]

    # The bot

    async def _show_bot(self, request: Request) -> Response:
        bot = self._bot(request)
        return Answer({"bot": bot.user, "webhook": bot.webhook is not None})

    async def _inject(self, request: Request) -> Response:
        update = await _json(request)
        return Answer({"update_id": self._world.inject(update, self._bot(request))})

    async def _calls(self, _request: Request) -> Response:
        with self._world.lock:
            calls = list(self._world.calls)
        names = ("at", "bot_id", "method", "chat_id", "status")
        return Answer({"calls": [{name: getattr(one, name) for name in names} for one in calls]})

    # Guests

    async def _list_guests(self, _request: Request) -> Response:
        return Answer({"guests": list(self._world.users.values())})

    async def _create_guest(self, request: Request) -> Response:
        fields = await _json(request)
        user = self._world.add_guest(
            _string(fields, "name", "Гость"),
            _string(fields, "language_code", "ru"),
            user_id=_whole(fields, "id"),
            username=_string(fields, "username", ""),
            last_name=_string(fields, "last_name", ""),
        )
        chat = self._world.private_chat(self._bot(request), user["id"])
        return Answer({"guest": user, "chat": chat.json}, 201)

    async def _write(self, request: Request) -> Response:
        fields = await _json(request)
        place = self._place(request, fields)
        user_id = request.path_params["user_id"]
        if "content" in fields:
            message = self._guests.send(user_id, fields["content"], **place)
        else:
            message = self._guests.write(user_id, _string(fields, "text", ""), **place)
        return Answer({"message": message}, 201)

    async def _edit(self, request: Request) -> Response:
        fields = await _json(request)
        message = self._guests.edit(
            request.path_params["user_id"],
            request.path_params["message_id"],
            _string(fields, "text", ""),
            chat_id=_whole(fields, "chat_id"),
            bot=self._bot(request),
        )
        return Answer({"message": message})

    async def _send_media(self, request: Request) -> Response:
        async with request.form(max_part_size=MAX_BODY) as form:
            details = {name: value for name, value in form.items() if isinstance(value, str)}
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise GuestError("expected a multipart form with a file named 'file'")
            data = await file.read()
            details.setdefault("file_name", file.filename or "")
            details.setdefault("mime_type", file.content_type or "")
        place = self._place(request, details)
        kind = details.pop("kind", "document")
        for name in ("chat_id", "reply_to"):
            details.pop(name, None)
        content = media(self._world.files, kind, data, details)
        message = self._guests.send(request.path_params["user_id"], content, **place)
        return Answer({"message": message}, 201)

    async def _press(self, request: Request) -> Response:
        fields = await _json(request)
        message_id = _whole(fields, "message_id")
        query_id = self._guests.press(
            request.path_params["user_id"],
            0 if message_id is None else message_id,
            _string(fields, "button", ""),
            chat_id=_whole(fields, "chat_id"),
            bot=self._bot(request),
        )
        return Answer({"callback_query_id": query_id}, 201)

    async def _block(self, request: Request) -> Response:
        self._guests.block(request.path_params["user_id"], bot=self._bot(request))
        return Answer({"blocked": True})

    async def _unblock(self, request: Request) -> Response:
        self._guests.unblock(request.path_params["user_id"], bot=self._bot(request))
        return Answer({"blocked": False})

    # Chats

    async def _create_group(self, request: Request) -> Response:
        fields = await _json(request)
        members = fields.get("members", [])
        if not isinstance(members, list) or not all(type(one) is int for one in members):
            raise GuestError("expected members as a list of guests' ids")
        chat = self._world.add_group(
            _string(fields, "title", "Group"),
            members,
            kind=cast(Any, _string(fields, "kind", "group")),
            username=_string(fields, "username", ""),
            bot=self._bot(request),
        )
        return Answer({"chat": chat.json}, 201)

    async def _show_chat(self, request: Request) -> Response:
        chat = self._chat(request)
        language = request.query_params.get("language", "")
        with self._world.lock:
            shown: Json = {
                "chat": chat.json,
                "bot": chat.bot.user,
                "members": list(chat.members.values()),
                "messages": list(chat.messages.values()),
                "keyboard": chat.keyboard,
                "blocked": chat.blocked,
                "commands": chat.bot.menu(chat, language),
                "seq": chat.events.seq,
            }
        return Answer(shown)

    async def _events(self, request: Request) -> Response:
        chat = self._chat(request)
        query = request.query_params
        seconds = min(_real(query.get("timeout", "0")), _LONGEST_WAIT)
        after = _after(query.get("after", "0"))
        events = await self._feed.wait(chat, after, seconds)
        if events is None:
            return Answer({"events": None, "seq": chat.events.seq})
        return Answer({"events": events, "seq": events[-1]["seq"] if events else after})

    async def _stream(self, request: Request) -> Response:
        chat = self._chat(request)
        after = request.headers.get("last-event-id") or request.query_params.get("after", "0")
        return StreamingResponse(
            self._feed.stream(chat, _after(after)),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    async def _post(self, request: Request) -> Response:
        text = _string(await _json(request), "text", "")
        chat = self._chat(request)
        return Answer({"message": self._guests.post(chat.id, text, bot=chat.bot)}, 201)

    async def _service(self, request: Request) -> Response:
        fields = await _json(request)
        chat = self._chat(request)
        return Answer({"message": self._guests.service(chat.id, fields, bot=chat.bot)}, 201)

    async def _join(self, request: Request) -> Response:
        user_id = _whole(await _json(request), "user_id")
        chat = self._chat(request)
        message = self._guests.join(chat.id, user_id or 0, bot=chat.bot)
        return Answer({"message": message}, 201)

    async def _kick(self, request: Request) -> Response:
        user_id = _whole(await _json(request), "user_id")
        chat = self._chat(request)
        self._guests.kick_bot(chat.id, user_id or 0, bot=chat.bot)
        return Answer({"state": chat.state})

    async def _migrate(self, request: Request) -> Response:
        chat = self._chat(request)
        return Answer({"chat": self._guests.migrate(chat.id, bot=chat.bot).json}, 201)

    async def _download(self, request: Request) -> Response:
        stored = self._world.files.find(request.path_params["file_id"])
        if stored is None:
            return Answer({"error": "no such file"}, 404)
        return Response(
            stored.data,
            media_type=stored.mime_type or "application/octet-stream",
            # A guest's file never runs as a page of ours.
            headers={"Content-Security-Policy": "sandbox", "X-Content-Type-Options": "nosniff"},
        )

    # Faults

    async def _list_faults(self, _request: Request) -> Response:
        return Answer({"faults": self._world.faults.listing()})

    async def _add_fault(self, request: Request) -> Response:
        fault = read_fault(await _json(request))
        return Answer({"id": self._world.faults.add(fault)}, 201)

    async def _clear_faults(self, request: Request) -> Response:
        self._world.faults.clear(request.path_params.get("number"))
        return Answer({"faults": self._world.faults.listing()})

    # What a request says

    def _bot(self, request: Request) -> Bot:
        return self._world.the_bot(request.query_params.get("bot"))

    def _chat(self, request: Request) -> Chat:
        reference = request.path_params["chat_id"]
        try:
            chat_id = int(reference)
        except ValueError:
            raise GuestError(f"expected the id of a chat, got {reference!r}") from None
        return self._world.chat(chat_id, self._bot(request))

    def _place(self, request: Request, fields: Json) -> dict[str, Any]:
        return {
            "chat_id": _whole(fields, "chat_id"),
            "reply_to": _whole(fields, "reply_to"),
            "bot": self._bot(request),
        }


def _guarded(handler: Handler) -> Handler:
    async def guarded(request: Request) -> Response:
        origin = request.headers.get("origin")
        # A page from elsewhere in the same browser must not speak for the guests.
        if origin and origin.partition("://")[2] != request.headers.get("host"):
            return Answer({"error": "expected a request of the playground's own page"}, 403)
        try:
            return await handler(request)
        except GuestError as error:
            return Answer({"error": str(error)}, 400)
        except HTTPException as error:
            return Answer({"error": error.detail}, error.status_code)
        except Exception as error:  # noqa: BLE001 - the boundary: a bad request never stops the server
            _log.error("playground.failed route=guests error=%s", type(error).__name__)
            return Answer({"error": "the playground failed; see its log"}, 500)

    return guarded


async def _json(request: Request) -> Json:
    body = await request.body()
    if not body:
        return {}
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise GuestError("expected a JSON object as body, got something else") from None
    if not isinstance(value, dict):
        raise GuestError(f"expected a JSON object as body, got {type(value).__name__}")
    return value


def _string(fields: Json, name: str, default: str) -> str:
    value = fields.get(name, default)
    if not isinstance(value, str):
        raise GuestError(f"expected a string as {name}, got {type(value).__name__}")
    return value


def _whole(fields: Json, name: str) -> int | None:
    value = fields.get(name)
    if value is None or value == "":
        return None
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        raise GuestError(f"expected a whole number as {name}, got {value!r}") from None


def _real(value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        raise GuestError(f"expected seconds as timeout, got {value!r}") from None
    return seconds if seconds > 0 else 0.0


def _after(value: str) -> int:
    return int(value) if value.isdigit() else 0

"""A guest in Python, over HTTP: for the terminal chat, tests and benches."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import urllib3

from butler.playground.refusals import GuestError, Json

_WAIT = 30.0
_SLICE = 25.0


class Guest:
    """One guest's side of the private chat with the bot, or of a group by ``chat_id``.

    Blocking, and for one thread at a time. Everything raises :class:`GuestError` for what the
    playground refuses, and ``urllib3.exceptions.HTTPError`` when it cannot be reached.

    Attributes:
        user: The guest's user object.
        id: Its user id, which is also the id of the private chat.
    """

    def __init__(self, base_url: str, user: Json) -> None:
        self.user = user
        self.id = int(user["id"])
        self._api = _Api(base_url)
        self._heard: dict[int, deque[Json]] = {}
        self._seq: dict[int, int] = {}

    @classmethod
    def create(
        cls,
        base_url: str,
        name: str = "Гость",
        language_code: str = "ru",
        *,
        user_id: int | None = None,
        username: str = "",
    ) -> Guest:
        """Introduce a guest to the playground at *base_url*, or come back as the one of that id."""
        fields: Json = {"name": name, "language_code": language_code, "username": username}
        if user_id is not None:
            fields["id"] = user_id
        guest = cls(base_url, _Api(base_url).call("POST", "/guests", fields)["guest"])
        guest._seq[guest.id] = int(guest.chat()["seq"])
        return guest

    # Doing

    def say(self, text: str, *, chat_id: int | None = None, reply_to: int | None = None) -> Json:
        """Write a text; returns the message."""
        return self._send({"text": text, "chat_id": chat_id, "reply_to": reply_to})

    def send(
        self, content: Json, *, chat_id: int | None = None, reply_to: int | None = None
    ) -> Json:
        """Send a location, poll, contact or other content, as in a Message."""
        return self._send({"content": content, "chat_id": chat_id, "reply_to": reply_to})

    def _send(self, fields: Json) -> Json:
        answer: Json = self._api.call("POST", f"/guests/{self.id}/messages", fields)
        return dict(answer["message"])

    def send_voice(self, data: bytes, *, duration: int = 1, mime_type: str = "audio/ogg") -> Json:
        """Send a voice message."""
        return self.send_media("voice", data, duration=duration, mime_type=mime_type)

    def send_media(self, kind: str, data: bytes, *, file_name: str = "", **details: Any) -> Json:
        """Send a file as *kind*; *details* as ``Guests.send_media`` takes them, and ``chat_id``."""
        mime_type = details.pop("mime_type", "") or "application/octet-stream"
        fields: dict[str, Any] = {name: str(value) for name, value in details.items()}
        fields |= {"kind": kind, "mime_type": mime_type, "file_name": file_name}
        fields["file"] = (file_name or kind, data, mime_type)
        answer = self._api.call("POST", f"/guests/{self.id}/media", form=fields)
        return dict(answer["message"])

    def edit(self, message_id: int, text: str, *, chat_id: int | None = None) -> Json:
        """Change one of this guest's messages."""
        path = f"/guests/{self.id}/messages/{message_id}"
        answer = self._api.call("PATCH", path, {"text": text, "chat_id": chat_id})
        return dict(answer["message"])

    def press(
        self, button: str, *, message_id: int | None = None, chat_id: int | None = None
    ) -> str:
        """Press an inline button, by data or text, of the latest message that has it."""
        if message_id is None:
            message_id = self._with_button(button, chat_id)
        fields = {"message_id": message_id, "button": button, "chat_id": chat_id}
        answer = self._api.call("POST", f"/guests/{self.id}/press", fields)
        return str(answer["callback_query_id"])

    def _with_button(self, button: str, chat_id: int | None) -> int:
        for message in reversed(self.chat(chat_id)["messages"]):
            for row in message.get("reply_markup", {}).get("inline_keyboard", []):
                if any(button in (one.get("callback_data"), one["text"]) for one in row):
                    return int(message["message_id"])
        raise GuestError(f"expected a message with a button {button!r}, found none")

    def block(self) -> None:
        """Block the bot."""
        self._api.call("POST", f"/guests/{self.id}/block")

    def unblock(self) -> None:
        """Unblock the bot."""
        self._api.call("POST", f"/guests/{self.id}/unblock")

    # Reading

    def download(self, file_id: str) -> bytes:
        """The content of a file that stands in the chat, as the chat page's link gives it."""
        return self._api.file(file_id)

    def chat(self, chat_id: int | None = None) -> Json:
        """The chat as it stands: ``messages``, ``commands``, ``keyboard``, ``seq`` and more."""
        language = self.user.get("language_code", "")
        return self._api.call("GET", f"/chats/{chat_id or self.id}?language={language}")

    def events(self, timeout: float = 0.0, *, chat_id: int | None = None) -> list[Json]:
        """The events since the last call, waiting up to *timeout* seconds for the first."""
        chat_id = chat_id or self.id
        query = urlencode({"after": self._seq.get(chat_id, 0), "timeout": timeout})
        answer = self._api.call("GET", f"/chats/{chat_id}/events?{query}", timeout=timeout + 10)
        self._seq[chat_id] = int(answer["seq"])
        return answer["events"] or []

    def replies(self, timeout: float = _WAIT, *, chat_id: int | None = None) -> Iterator[Json]:
        """The bot's messages as they come, until none comes for *timeout* seconds."""
        while True:
            reply = self._next(timeout, chat_id, lambda event: event["type"] == "message")
            if reply is None:
                return
            yield reply["message"]

    def wait_reply(self, timeout: float = _WAIT, *, chat_id: int | None = None) -> Json:
        """The bot's next message.

        Raises:
            TimeoutError: None came.
        """
        for reply in self.replies(timeout, chat_id=chat_id):
            return reply
        raise TimeoutError(f"expected a reply within {timeout} s, got none")

    def wait_event(self, kind: str, timeout: float = _WAIT, *, chat_id: int | None = None) -> Json:
        """The bot's next event of *kind*, as :class:`butler.playground.events.EventLog` lists them.

        Raises:
            TimeoutError: None came.
        """
        event = self._next(timeout, chat_id, lambda one: one["type"] == kind)
        if event is None:
            raise TimeoutError(f"expected an event of kind {kind} within {timeout} s, got none")
        return event

    def _next(
        self, timeout: float, chat_id: int | None, wanted: Callable[[Json], bool]
    ) -> Json | None:
        """The next wanted event of the bot's; those before it are dropped."""
        heard = self._heard.setdefault(chat_id or self.id, deque())
        deadline = time.monotonic() + timeout
        while True:
            while heard:
                event = heard.popleft()
                if wanted(event) and _from_bot(event):
                    return event
            left = deadline - time.monotonic()
            if left <= 0:
                return None
            heard.extend(self.events(min(left, _SLICE), chat_id=chat_id))


def _from_bot(event: Json) -> bool:
    message = event.get("message")
    return message is None or bool(message.get("from", {}).get("is_bot"))


class _Api:
    """The JSON API of a playground."""

    def __init__(self, base_url: str) -> None:
        self._base = base_url.rstrip("/") + "/playground/api"
        self._pool = urllib3.PoolManager(retries=False)

    def file(self, file_id: str) -> bytes:
        """A file's content."""
        response = self._pool.request("GET", f"{self._base}/files/{file_id}", timeout=_WAIT)
        if response.status >= 400:
            raise GuestError(f"expected a file, got status {response.status}")
        return response.data

    def call(
        self,
        method: str,
        path: str,
        body: Json | None = None,
        *,
        form: dict[str, Any] | None = None,
        timeout: float = _WAIT,
    ) -> Json:
        options: dict[str, Any] = {"fields": form} if form is not None else {}
        if body is not None:
            options["body"] = json.dumps(body).encode()
            options["headers"] = {"Content-Type": "application/json"}
        response = self._pool.request(method, self._base + path, timeout=timeout, **options)
        try:
            answer = json.loads(response.data)
        except ValueError:
            answer = {"error": f"expected JSON, got status {response.status}"}
        if response.status >= 400:
            raise GuestError(str(answer.get("error", response.status)))
        return dict(answer)

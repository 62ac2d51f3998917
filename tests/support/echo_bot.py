"""A small scripted bot over the Bot API, for the browser's tests."""

from __future__ import annotations

import contextlib
import json
import threading
from typing import Any

import urllib3


class EchoBot:
    """Repeats what it hears, notes voices, and says set pieces for set words. One thread."""

    def __init__(self, base_url: str, token: str) -> None:
        self._base = f"{base_url}/bot{token}/"
        self._files = f"{base_url}/file/bot{token}/"
        self._pool = urllib3.PoolManager(retries=False)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="echo-bot", daemon=True)
        self.pieces: dict[str, list[tuple[str, dict[str, Any]]]] = {}
        self.voices: list[tuple[dict[str, Any], bytes]] = []

    def __enter__(self) -> EchoBot:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(10)

    def call(self, method: str, **fields: Any) -> Any:
        """One Bot API call; returns its result."""
        response = self._pool.request(
            "POST",
            self._base + method,
            body=json.dumps(fields).encode(),
            headers={"Content-Type": "application/json"},
            timeout=20,
        )
        answer = json.loads(response.data)
        assert answer["ok"], answer
        return answer["result"]

    def _run(self) -> None:
        offset = 0
        with contextlib.suppress(urllib3.exceptions.HTTPError):
            while not self._stop.is_set():
                for update in self.call("getUpdates", offset=offset, timeout=1):
                    offset = update["update_id"] + 1
                    self._handle(update)

    def _handle(self, update: dict[str, Any]) -> None:
        if "callback_query" in update:
            query = update["callback_query"]
            self.call("answerCallbackQuery", callback_query_id=query["id"], text=query["data"])
        if "message" not in update:
            return
        message = update["message"]
        chat_id = message["chat"]["id"]
        if "voice" in message:
            path = self.call("getFile", file_id=message["voice"]["file_id"])["file_path"]
            self.voices.append(
                (message["voice"], self._pool.request("GET", self._files + path).data)
            )
            self.call("sendMessage", chat_id=chat_id, text="I heard you")
            return
        text = message.get("text", "")
        steps = self.pieces.get(text) or [("sendMessage", {"text": f"Echo: {text}"})]
        for method, fields in steps:
            self.call(method, chat_id=chat_id, **fields)

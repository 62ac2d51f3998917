"""A scriptable OpenAI-compatible server: instant, slow, streaming, or failing in every known way.

For tests and benches. In a process of its own: `python -m ops.bench.llm_server --port 9000`, ruled
by `POST /control` (fields of `Behaviour`); `GET /control` tells how often it was asked. In a test:
`with LlmServer() as llm: llm.behave(kind="hang")`. Loopback only.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import threading
from collections.abc import Callable
from typing import Any, Self

import attrs

from ops.bench.bag import bag_of_stems

Body = dict[str, Any]

_THOUGHT = "<think>He wants tea. </b> Or coffee?</think>\n"
_NOT_FOUND = (404, {"error": {"message": "Not Found", "type": "not_found_error"}})
_LINE = re.compile(r"^#(\d+) (?:user|assistant): (.*)$", re.MULTILINE)


@attrs.define
class Behaviour:
    """How requests for completions are met.

    `kind`: ok, status, hang, reset, close, garbage, not_json, truncated, cut, empty, null, tools,
    error_in_200, wrong_types, no_choices, think, unclosed_think, length, overflow, huge, drip.
    `share` of the requests it applies to; the others are met with ok. `delay` seconds before each,
    `pause` between the events of a stream. `refuse`: words that make a request a 400 if its body
    holds them. `tokenize`: none, llama, vllm, extras. `summaries`: the kind for requests that want
    JSON (compaction), where it is another. `embeddings`: none, ok, hang, down,
    refused, short, words.
    """

    kind: str = "ok"
    share: float = 1.0
    delay: float = 0.0
    pause: float = 0.0
    text: str = ""
    status: int = 500
    message: str = "the server failed"
    retry_after: str = ""
    models: list[str] = attrs.field(factory=lambda: ["test-model"])
    refuse: list[str] = attrs.field(factory=list)
    tokenize: str = "none"
    api_key: str = ""
    usage: bool = True
    streams: bool = True
    record: bool = True
    summaries: str = ""
    embeddings: str = "none"


class LlmServer:
    """The server on a thread of its own. `answer` (messages → text) replaces the stock answer."""

    def __init__(self, port: int = 0, answer: Callable[[list[Body]], str] | None = None) -> None:
        self.behaviour = Behaviour()
        self.requests: list[Body] = []
        self.embedded: list[list[str]] = []
        self.asked = 0
        self.connections = 0
        self.under_way = 0
        self.dropped = threading.Event()
        self.arrived = threading.Event()
        self._answer = answer
        self._port = port
        self._random = random.Random(1)
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="llm-server", daemon=True)
        self._open: set[_Peer] = set()
        self._listener: asyncio.Server

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def port(self) -> int:
        return self._port

    def behave(self, **fields: Any) -> None:
        """From now on, behave so; fields not named go back to their defaults."""
        self.behaviour = Behaviour(**fields)
        self.dropped.clear()
        self.arrived.clear()

    def drop_idle(self) -> None:
        """Close every connection, as a server that restarts does."""
        self._loop.call_soon_threadsafe(self._close_all)

    async def serve(self) -> None:
        """Listen; in the loop that runs this."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: _Peer(self), "127.0.0.1", self._port, backlog=1024
        )
        self._port = server.sockets[0].getsockname()[1]
        self._listener = server

    def _run(self) -> None:
        self._loop.run_until_complete(self.serve())
        self._loop.call_soon(self._ready.set)
        self._loop.run_forever()
        self._listener.close()
        self._close_all()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    def _close_all(self) -> None:
        for peer in list(self._open):
            peer.close()

    def kind(self, body: Body) -> str:
        """What to do with the next request."""
        behaviour = self.behaviour
        if behaviour.summaries and "response_format" in body:
            return behaviour.summaries
        if behaviour.share >= 1 or self._random.random() < behaviour.share:
            return behaviour.kind
        return "ok"

    def answer(self, body: Body) -> str:
        """The text of a good answer."""
        messages = body.get("messages", [])
        if self._answer is not None:
            return self._answer(messages)
        if self.behaviour.text:
            return self.behaviour.text
        if "response_format" in body:
            return compaction(messages)
        return "Разумеется. Чай подан, сэр."

    def opened(self, peer: _Peer) -> None:
        self.connections += 1
        self._open.add(peer)

    def closed(self, peer: _Peer) -> None:
        self._open.discard(peer)


def compaction(messages: list[Body]) -> str:
    """A summary that holds nothing its source lacks: the first words of each line, once."""
    lines = _LINE.findall(str(messages[-1].get("content", ""))) if messages else []
    starts = [text[:40].rsplit(" ", 1)[0] if len(text) > 40 else text for _, text in lines]
    summary = " ".join(dict.fromkeys(starts))[:400].rsplit(" ", 1)[0]
    return json.dumps({"summary": summary, "facts": [], "topics": []})


def completion(body: Body, text: str | None, finish: str = "stop", usage: bool = True) -> Body:
    """A `chat.completion` object."""
    answer: Body = {
        "id": "x",
        "object": "chat.completion",
        "created": 1,
        "model": body.get("model", ""),
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": text},
                "finish_reason": finish,
            }
        ],
    }
    if usage:
        prompt = sum(len(str(m.get("content", ""))) for m in body.get("messages", [])) // 3
        tokens = len(text or "") // 3
        answer["usage"] = {
            "prompt_tokens": prompt,
            "completion_tokens": tokens,
            "total_tokens": prompt + tokens,
        }
    return answer


class _Peer(asyncio.Protocol):
    """One connection: requests in, answers out, one at a time."""

    def __init__(self, server: LlmServer) -> None:
        self._server = server
        self._buffer = b""
        self._task: asyncio.Task[None] | None = None
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._server.opened(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._server.closed(self)
        if self._task is not None and not self._task.done():
            self._task.cancel()
            self._server.dropped.set()

    def close(self) -> None:
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._buffer[:end]
        found = re.search(rb"(?i)content-length: *(\d+)", head)
        size = int(found.group(1)) if found else 0
        if len(self._buffer) < end + 4 + size:
            return
        body = self._buffer[end + 4 : end + 4 + size]
        self._buffer = self._buffer[end + 4 + size :]
        method, path = head.split(b" ", 2)[:2]
        self._route(method.decode(), path.decode(), head, body)

    def _route(self, method: str, path: str, head: bytes, raw: bytes) -> None:
        server = self._server
        behaviour = server.behaviour
        key = (
            f"Authorization: Bearer {behaviour.api_key}\r\n".encode() if behaviour.api_key else b""
        )
        if path == "/control":
            self._control(method, raw)
        elif key not in head + b"\r\n":
            self.reply(401, {"error": {"message": "Invalid API key", "code": "invalid_api_key"}})
        elif path == "/v1/embeddings" and method == "POST":
            self._embed(json.loads(raw))
        elif path == "/v1/models":
            rows = [{"id": name, "object": "model"} for name in behaviour.models]
            self.reply(200, {"object": "list", "data": rows})
        elif path == "/v1/chat/completions" and method == "POST":
            body = json.loads(raw)
            server.asked += 1
            if behaviour.record:
                server.requests.append(body)
            server.arrived.set()
            self._complete(body, raw.decode())
        else:
            self._tokenize(path, raw)

    def _embed(self, body: Body) -> None:
        kind, texts = self._server.behaviour.embeddings, body["input"]
        self._server.embedded.append(texts)
        rows: list[Body] = [
            {"object": "embedding", "index": index, "embedding": bag_of_stems(text)}
            for index, text in enumerate(texts)
        ]
        if kind == "hang":
            return
        if kind == "ok":
            self.reply(200, {"object": "list", "data": rows[::-1], "model": body["model"]})
        elif kind == "short":
            self.reply(200, {"object": "list", "data": rows[1:]})
        elif kind == "words":
            self.reply(200, {"data": [{"index": 0, "embedding": ["far", "off"]}]})
        elif kind == "refused":
            self.reply(400, {"error": {"message": "input is too long", "code": 400}})
        elif kind == "down":
            self.reply(503, {})
        else:
            self.reply(*_NOT_FOUND)

    def _control(self, method: str, raw: bytes) -> None:
        server = self._server
        if method == "POST":
            server.behave(**json.loads(raw))
        stated = {"asked": server.asked, "connections": server.connections}
        self.reply(200, {**stated, "behaviour": attrs.asdict(server.behaviour)})

    def _tokenize(self, path: str, raw: bytes) -> None:
        kind = self._server.behaviour.tokenize
        body = json.loads(raw) if raw else {}
        if kind == "llama" and path == "/tokenize" and "content" in body:
            self.reply(200, {"tokens": list(range(len(body["content"].split())))})
        elif kind == "vllm" and path == "/tokenize":
            known = "prompt" in body and "model" in body
            self.reply(*((200, {"count": len(body["prompt"].split())}) if known else _NOT_FOUND))
        elif kind == "extras" and path == "/extras/tokenize/count":
            self.reply(200, {"count": len(body["input"].split())})
        elif kind == "down":
            self.reply(503, {})
        else:
            self.reply(*_NOT_FOUND)

    def _complete(self, body: Body, raw: str) -> None:
        behaviour, kind = self._server.behaviour, self._server.kind(body)
        if kind == "ok" and not behaviour.delay and not body.get("stream") and not behaviour.refuse:
            self._whole(body, kind)
            return
        self._task = asyncio.get_running_loop().create_task(self._slowly(body, raw, kind))

    async def _slowly(self, body: Body, raw: str, kind: str) -> None:
        behaviour = self._server.behaviour
        if behaviour.delay:
            await asyncio.sleep(behaviour.delay)
        for word in behaviour.refuse:
            if word in raw:
                self.reply(400, {"error": {"message": f"unsupported: {word}", "code": 400}})
                return
        if body["model"] not in behaviour.models:
            message = f"The model `{body['model']}` does not exist."
            self.reply(404, {"error": {"message": message, "code": "model_not_found"}})
        elif kind in _RAW:
            await _RAW[kind](self, body)
        elif body.get("stream") and behaviour.streams:
            await self._stream(body, kind)
        else:
            self._whole(body, kind)

    def _whole(self, body: Body, kind: str) -> None:
        usage = self._server.behaviour.usage
        text = self._server.answer(body)
        if kind in _BODIES:
            self.reply(200, _BODIES[kind](completion(body, text, usage=usage)))
        else:
            text = _TEXTS.get(kind, "{}").format(text) if kind in _TEXTS else text
            finish = "length" if kind == "length" else "stop"
            self.reply(200, completion(body, text, finish, usage))

    async def _stream(self, body: Body, kind: str) -> None:
        text = _TEXTS[kind].format(self._server.answer(body)) if kind in _TEXTS else ""
        text = text or self._server.answer(body)
        self.send(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
        )
        self._event({"choices": [{"index": 0, "delta": {"role": "assistant", "content": None}}]})
        self._chunk(b": still here\n\n")
        for index in range(0, len(text), 3):
            if kind == "cut" and index > 6:
                self._transport.abort()
                return
            self._event({"choices": [{"index": 0, "delta": {"content": text[index : index + 3]}}]})
            await asyncio.sleep(self._server.behaviour.pause)
        if kind == "error_in_200":
            self._event({"error": {"message": "cannot go on", "code": 500}})
        elif kind != "truncated":
            finish = "length" if kind == "length" else "stop"
            self._event({"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
            if body.get("stream_options"):
                self._event({"choices": [], "usage": completion(body, text)["usage"]})
            self._chunk(b"data: [DONE]\n\n")
        self.send(b"0\r\n\r\n")

    def _event(self, value: Body) -> None:
        self._chunk(b"data: " + json.dumps(value, ensure_ascii=False).encode() + b"\n\n")

    def _chunk(self, data: bytes) -> None:
        self.send(b"%x\r\n%b\r\n" % (len(data), data))

    def send(self, data: bytes) -> None:
        self._transport.write(data)

    def reply(self, status: int, body: object, fields: str = "") -> None:
        data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        self.send(
            f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n{fields}"
            f"Content-Length: {len(data)}\r\n\r\n".encode()
            + data
        )

    async def hang(self, _: Body) -> None:
        await asyncio.sleep(3600)

    async def reset(self, _: Body) -> None:
        self._transport.abort()

    async def finish(self, _: Body) -> None:
        self._transport.close()

    async def garbage(self, _: Body) -> None:
        self.send(b"\x00\x01 nothing like HTTP \xff\r\n\r\n")

    async def not_json(self, body: Body) -> None:
        said = json.dumps(body["messages"], ensure_ascii=False)
        self.reply(200, f"<html>{said}</html>".encode())

    async def truncated(self, body: Body) -> None:
        whole = json.dumps(completion(body, self._server.answer(body))).encode()
        self.reply(200, whole[: len(whole) // 2])

    async def cut_body(self, body: Body) -> None:
        self.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{")
        self._transport.close()

    async def status(self, body: Body) -> None:
        behaviour = self._server.behaviour
        fields = f"Retry-After: {behaviour.retry_after}\r\n" if behaviour.retry_after else ""
        if 300 <= behaviour.status < 400:
            fields += "Location: http://127.0.0.1:9/elsewhere\r\n"
        said = json.dumps(body["messages"], ensure_ascii=False)
        error = {"message": f"{behaviour.message} {said}", "type": "server_error"}
        self.reply(behaviour.status, {"error": error}, fields)

    async def overflow(self, _: Body) -> None:
        message = "the request exceeds the available context size, try increasing it"
        self.reply(400, {"error": {"message": message, "type": "exceed_context_size_error"}})

    async def huge(self, _: Body) -> None:
        self.send(b"HTTP/1.1 200 OK\r\nContent-Length: 90000000\r\n\r\n" + b" " * 8_000_000)

    async def drip(self, _: Body) -> None:
        for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Slow: " + b"x" * 10_000:
            self.send(bytes([byte]))
            await asyncio.sleep(0.02)


_RAW = {
    "hang": _Peer.hang,
    "reset": _Peer.reset,
    "close": _Peer.finish,
    "garbage": _Peer.garbage,
    "not_json": _Peer.not_json,
    "status": _Peer.status,
    "overflow": _Peer.overflow,
    "huge": _Peer.huge,
    "drip": _Peer.drip,
    "cut_body": _Peer.cut_body,
}
_TEXTS = {
    "think": _THOUGHT + "{}",
    "unclosed_think": "<think>what to say, what to say",
    "half_think": "He wants tea.</think>\n{}",
    "empty": "",
}


def _with(body: Body, **message: object) -> Body:
    body["choices"][0]["message"].update(message)
    return body


_BODIES: dict[str, Callable[[Body], object]] = {
    "truncated": lambda body: json.dumps(body).encode()[:60],
    "cut": lambda body: json.dumps(body).encode()[:60],
    "null": lambda body: _with(body, content=None),
    "empty": lambda body: _with(body, content=""),
    "tools": lambda body: _with(body, content=None, tool_calls=[{"id": "1", "type": "function"}]),
    "error_in_200": lambda body: {"error": {"message": "out of memory", "code": 500}},
    "wrong_types": lambda body: _with(body, content={"text": 5}),
    "wrong_choice": lambda body: {**body, "choices": ["yes"]},
    "no_choices": lambda body: {**body, "choices": []},
    "a_list": lambda body: [body],
    "parts": lambda body: _with(body, content=[{"type": "text", "text": "in "}, {"text": "parts"}]),
}


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--forget", action="store_true", help="keep no prompts (for long runs)")
    arguments = parser.parse_args()
    server = LlmServer(arguments.port)
    server.behaviour = Behaviour(delay=arguments.delay, record=not arguments.forget)
    loop = asyncio.new_event_loop()
    loop.run_until_complete(server.serve())
    print(server.url, flush=True)
    try:
        loop.run_forever()
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    main()

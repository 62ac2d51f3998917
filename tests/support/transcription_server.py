"""A server with OpenAI's `/v1/audio/transcriptions`: takes the form apart, decodes the file for
real, and answers as it is told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import attrs
import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from butler.clients.speech.decoding import decode
from butler.errors import SpeechError


@attrs.frozen
class Asked:
    """One request for a transcript."""

    path: str
    query: str
    authorization: str
    fields: dict[str, str]
    filename: str
    seconds: float


@attrs.define
class TranscriptionServer:
    """What it was asked, and how it answers: `answers` in turn, the last for good."""

    url: str = ""
    answers: list[Response] = attrs.field(factory=list)
    models: Response = attrs.field(factory=lambda: Response(status_code=404))
    asked: list[Asked] = attrs.field(factory=list)
    stall: threading.Event | None = None

    def says(self, *answers: Any) -> None:
        self.answers = [a if isinstance(a, Response) else JSONResponse(a) for a in answers]

    def next_answer(self) -> Response:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def transcription_server() -> Iterator[TranscriptionServer]:
    """A server on a free port of this machine, for as long as the block lasts."""
    state = TranscriptionServer()
    app = Starlette(routes=_routes(state))
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    bound = config.bind_socket()
    bound.listen()  # who comes before uvicorn does is kept waiting, not refused
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{bound.getsockname()[1]}"
    try:
        yield state
    finally:
        if state.stall is not None:
            state.stall.set()
        server.should_exit = True
        thread.join(10)
        bound.close()


def _routes(state: TranscriptionServer) -> list[Route]:
    def wait() -> None:
        if state.stall is not None:
            state.stall.wait(30)

    async def transcriptions(request: Request) -> Response:
        form = await request.form()
        file = form["file"]
        assert isinstance(file, UploadFile)
        try:
            seconds = decode(await file.read(), 600).seconds
        except SpeechError as exc:
            return JSONResponse({"error": {"message": str(exc)}}, 400)
        state.asked.append(
            Asked(
                request.url.path,
                request.url.query,
                request.headers.get("authorization", ""),
                {name: value for name, value in form.items() if isinstance(value, str)},
                file.filename or "",
                seconds,
            )
        )
        await _in_thread(wait)
        return state.next_answer()

    async def models(request: Request) -> Response:
        return state.models

    return [
        Route("/v1/audio/transcriptions", transcriptions, methods=["POST"]),
        Route("/behind/v1/audio/transcriptions", transcriptions, methods=["POST"]),
        Route("/v1/models", models),
    ]


async def _in_thread(function: Any) -> None:
    from anyio.to_thread import run_sync

    await run_sync(function)

"""Speech to text: a queue of recordings and the workers that listen."""

from __future__ import annotations

import time
from collections import deque
from typing import Any

import attrs

from actors import messages as m
from actors.runtime import PooledActor
from actors.slots import Slots
from actors.telling import tell_if_there
from butler.domain.chat import Audio
from butler.errors import AudioInvalid, SpeechError, TransportError
from butler.ports import Transcriber, Transport
from butler.telemetry import SpeechCalled, Telemetry
from supervision import Directory

DOWNLOAD_LIMIT = 20 * 1024 * 1024


@attrs.frozen
class WorkerReady:
    """A worker has (re)started."""

    worker: str


@attrs.frozen
class Listened:
    """A worker has finished a recording."""

    worker: str
    answer: m.Heard | m.NotHeard


class Speech(PooledActor):
    """Gives recordings to free workers, first come first served."""

    def __init__(self, directory: Directory) -> None:
        super().__init__()
        self._directory = directory
        self._queue: deque[m.Listen] = deque()
        self._slots: Slots[m.Listen] = Slots()

    def on_receive(self, message: Any) -> Any:
        """Queue, hand out, hand back."""
        match message:
            case m.Listen():
                self._queue.append(message)
            case WorkerReady(worker):
                self._worker_ready(worker)
            case Listened(worker, answer):
                job = self._slots.done(worker)
                if job is not None:
                    tell_if_there(self._directory, job.reply_to, answer)
        while self._queue and self._slots.any_free:
            job = self._queue.popleft()
            self._directory.tell(self._slots.give(job), job)

    def _worker_ready(self, worker: str) -> None:
        lost = self._slots.ready(worker)
        if lost is not None:
            error = AudioInvalid("listening to it crashed")
            tell_if_there(self._directory, lost.reply_to, m.NotHeard(lost.key, error))


class SpeechWorker(PooledActor):
    """Downloads and transcribes one recording at a time. Blocks."""

    retries_poison = False

    def __init__(
        self,
        name: str,
        transport: Transport,
        transcriber: Transcriber,
        directory: Directory,
        telemetry: Telemetry,
        timeout: float,
    ) -> None:
        super().__init__()
        self._name = name
        self._transport = transport
        self._transcriber = transcriber
        self._directory = directory
        self._telemetry = telemetry
        self._timeout = timeout

    def on_start(self) -> None:
        """Say that there is a free worker."""
        self._directory.tell(m.SPEECH, WorkerReady(self._name))

    def on_receive(self, message: m.Listen) -> Any:
        """Listen, and say what was heard."""
        began = time.perf_counter()
        answer: m.Heard | m.NotHeard
        try:
            data = self._transport.download(message.attachment.file_id, DOWNLOAD_LIMIT)
            audio = Audio(data, message.attachment.mime_type, message.attachment.duration)
            heard = self._transcriber.transcribe(audio, message.language, self._timeout)
            answer, outcome = m.Heard(message.key, heard), "success"
        except (SpeechError, TransportError) as error:
            answer = m.NotHeard(message.key, error)
            outcome = error.outcome if isinstance(error, SpeechError) else "error"
        self._telemetry.emit(SpeechCalled(outcome, time.perf_counter() - began))
        self._directory.tell(m.SPEECH, Listened(self._name, answer))

"""Speech to text: a queue of recordings and the workers that listen."""

from __future__ import annotations

import time
from collections import deque
from typing import Any

import attrs

from actors import messages as m
from actors.runtime import PooledActor
from actors.slots import Slots, Task, WorkerReady
from actors.telling import tell_if_there
from butler.domain.chat import Audio
from butler.domain.inbox import UpdateKey
from butler.errors import AudioInvalid, SpeechError, TransportError
from butler.ports import Transcriber, Transport
from butler.telemetry import SpeechCalled, Telemetry
from supervision import Directory

DOWNLOAD_LIMIT = 20 * 1024 * 1024


@attrs.frozen
class Listened:
    """A worker's incarnation `life` has finished a recording."""

    life: object
    answer: m.Heard | m.NotHeard


class Speech(PooledActor):
    """Gives recordings to free workers, first come first served."""

    def __init__(self, directory: Directory) -> None:
        super().__init__()
        self._directory = directory
        self._queue: deque[m.Listen] = deque()
        self._slots: Slots[m.Listen] = Slots()
        self._crashed: set[UpdateKey] = set()

    def on_receive(self, message: Any) -> Any:
        """Queue, hand out, hand back."""
        match message:
            case m.Listen():
                self._queue.append(message)
            case WorkerReady():
                self._worker_ready(message)
            case Listened(life, answer):
                job = self._slots.done(life)
                if job is not None:
                    self._crashed.discard(job.key)
                    tell_if_there(self._directory, job.reply_to, answer)
        while self._queue and self._slots.any_free:
            worker, task = self._slots.give(self._queue.popleft())
            tell_if_there(self._directory, worker, task)

    def _worker_ready(self, message: WorkerReady) -> None:
        """What its worker crashed over is listened to once more, and then given up."""
        lost = self._slots.ready(message)
        if lost is None:
            return
        if lost.key not in self._crashed:
            self._crashed.add(lost.key)
            self._queue.appendleft(lost)
            return
        self._crashed.discard(lost.key)
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
        self._life = object()

    def on_start(self) -> None:
        """Say that there is a free worker."""
        self._directory.tell(m.SPEECH, WorkerReady(self._name, self._life))

    def on_receive(self, message: Task[m.Listen]) -> Any:
        """Listen, and say what was heard."""
        if message.life is not self._life:
            return
        job = message.job
        began = time.perf_counter()
        answer: m.Heard | m.NotHeard
        try:
            data = self._transport.download(job.attachment.file_id, DOWNLOAD_LIMIT)
            audio = Audio(data, job.attachment.mime_type, job.attachment.duration)
            heard = self._transcriber.transcribe(audio, job.language, self._timeout)
            answer, outcome = m.Heard(job.key, heard), "success"
        except (SpeechError, TransportError) as error:
            answer = m.NotHeard(job.key, error)
            outcome = error.outcome if isinstance(error, SpeechError) else "error"
        self._telemetry.emit(SpeechCalled(outcome, time.perf_counter() - began))
        self._directory.tell(m.SPEECH, Listened(self._life, answer))

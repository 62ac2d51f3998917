"""Speech to text: a queue of recordings and the workers that listen."""

from __future__ import annotations

import math
import time
from typing import Any

import attrs

from actors import messages as m
from actors.lane import Lane
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
    answer: m.Heard | m.NotHeard | None


@attrs.define(eq=False)
class Recording:
    """One recording on its way. `cancelled` is read by the worker's thread."""

    wanted: m.Listen
    since: float = 0.0
    queued: bool = False
    cancelled: bool = False
    crashed: bool = False

    @property
    def guest(self) -> Any:
        """Whose it is."""
        return self.wanted.reply_to


class Speech(PooledActor):
    """Gives recordings to free workers, in fair turn by guest."""

    def __init__(self, directory: Directory) -> None:
        super().__init__()
        self._directory = directory
        self._queue: Lane[Recording] = Lane(math.inf)
        self._wanted: dict[UpdateKey, Recording] = {}
        self._slots: Slots[Recording] = Slots()

    def on_receive(self, message: Any) -> Any:
        """Queue, hand out, hand back."""
        match message:
            case m.Listen():
                self._wanted[message.key] = recording = Recording(message)
                self._queue.add(recording)
            case m.StopListening(key):
                unwanted = self._wanted.pop(key, None)
                if unwanted is not None:
                    unwanted.cancelled, unwanted.queued = True, False
            case WorkerReady():
                self._worker_ready(message)
            case Listened(life, answer):
                job = self._slots.done(life)
                if job is not None and answer is not None:
                    self._answer(job, answer)
        while self._slots.any_free and (next_one := self._queue.first(0.0)) is not None:
            self._queue.take(next_one)
            worker, task = self._slots.give(next_one)
            tell_if_there(self._directory, worker, task)

    def _answer(self, job: Recording, answer: m.Heard | m.NotHeard) -> None:
        if not job.cancelled:
            self._wanted.pop(job.wanted.key, None)
            tell_if_there(self._directory, job.wanted.reply_to, answer)

    def _worker_ready(self, message: WorkerReady) -> None:
        """What its worker crashed over is listened to once more, and then given up."""
        lost = self._slots.ready(message)
        if lost is None or lost.cancelled:
            return
        if not lost.crashed:
            lost.crashed = True
            self._queue.put_back(lost)
            return
        error = AudioInvalid("listening to it crashed")
        self._answer(lost, m.NotHeard(lost.wanted.key, error))


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

    def on_receive(self, message: Task[Recording]) -> Any:
        """Listen, and say what was heard."""
        if message.life is not self._life:
            return
        recording = message.job
        answer = None if recording.cancelled else self._listen(recording)
        self._directory.tell(m.SPEECH, Listened(self._life, answer))

    def _listen(self, recording: Recording) -> m.Heard | m.NotHeard | None:
        job = recording.wanted
        began = time.perf_counter()
        answer: m.Heard | m.NotHeard
        try:
            data = self._transport.download(job.attachment.file_id, DOWNLOAD_LIMIT)
            if recording.cancelled:
                return None
            audio = Audio(data, job.attachment.mime_type, job.attachment.duration)
            heard = self._transcriber.transcribe(audio, job.language, self._timeout)
            answer, outcome = m.Heard(job.key, heard), "success"
        except (SpeechError, TransportError) as error:
            answer = m.NotHeard(job.key, error)
            outcome = error.outcome if isinstance(error, SpeechError) else "error"
        self._telemetry.emit(SpeechCalled(outcome, time.perf_counter() - began))
        return answer

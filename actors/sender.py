"""Telegram out: durable parts, in order by chat, within the budget, until they are there."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import attrs

from actors import messages as m
from actors.outbox import Job, Outbox
from actors.runtime import PooledActor
from actors.slots import Slots
from butler.domain import replies
from butler.domain.inbox import DeadLetter, InboxItem, UpdateKey
from butler.domain.writes import Bury, NoteSent, Settle
from butler.errors import (
    ChatMigrated,
    EntitiesRefused,
    NotModified,
    ReplyTargetGone,
    TextTooLong,
    TransportError,
    TransportFlood,
    TransportRefused,
    Undeliverable,
)
from butler.ports import Clock, Transport
from butler.telemetry import (
    DeadLettered,
    ReplyResent,
    ReplySent,
    ReplyUndeliverable,
    Telemetry,
    TransportCalled,
)
from supervision import Directory

PAGE = 500
BACKOFF_SECONDS = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
LONG_FLOOD_SECONDS = 120.0


@attrs.frozen
class WorkerReady:
    """A worker has (re)started."""

    worker: str


@attrs.frozen
class Sent:
    """A worker has sent a part, or failed to."""

    worker: str
    error: TransportError | None


@attrs.frozen
class _Wake:
    """Time to see what may be sent now."""


Courtesy = m.ShowTyping | m.ShowDraft | m.AnswerCallback


class Sender(PooledActor):
    """Hands parts to free workers; decides by `Outbox`.

    When it starts it takes up what a crash left unsent: those parts may have reached Telegram,
    so each is counted as sent again.
    """

    mailbox_bound = 1_000_000

    def __init__(
        self, outbox: Outbox, directory: Directory, telemetry: Telemetry, clock: Clock
    ) -> None:
        super().__init__()
        self._outbox = outbox
        self._directory = directory
        self._telemetry = telemetry
        self._clock = clock
        self._slots: Slots[Job | Courtesy] = Slots()
        self._wake_at: float | None = None

    def on_start(self) -> None:
        """Ask for what is unsent."""
        self._ask_unsent(None)

    def on_receive(self, message: Any) -> Any:
        """Queue, hand out, hand back."""
        now = self._clock.monotonic()
        match message:
            case m.Deliver():
                self._deliver(message, now)
            case Sent(worker, error):
                job = self._slots.done(worker)
                if isinstance(job, Job):
                    self._sent(job, error, now)
            case WorkerReady(worker):
                lost = self._slots.ready(worker)
                if isinstance(lost, Job):
                    self._outbox.again(lost, now, BACKOFF_SECONDS[0])
            case m.ShowTyping() | m.ShowDraft() | m.AnswerCallback():
                if self._slots.any_free:
                    self._directory.tell(self._slots.give(message), message)
            case m.UnsettledRead(items, last):
                self._take_up(items, now)
                if not last:
                    self._ask_unsent(items[-1].key)
            case _Wake():
                self._wake_at = None
        self._pump(now)

    def _ask_unsent(self, after: UpdateKey | None) -> None:
        self._directory.tell(m.READER, m.ReadUnsettled(m.SENDER, after, PAGE))

    def _take_up(self, items: tuple[InboxItem, ...], now: float) -> None:
        count = 0
        for item in items:
            unsent = item.parts[item.sent_parts :]
            if not unsent:
                continue
            accepted = item.accepted_at.timestamp()
            final = item.state == "answered"
            deliver = m.Deliver(item.key, unsent, item.sent_parts, accepted, final=final)
            count += self._deliver(deliver, now)
        if count:
            self._telemetry.emit(ReplyResent(count))

    def _deliver(self, message: m.Deliver, now: float) -> bool:
        last = len(message.parts) - 1
        taken = False
        for place, part in enumerate(message.parts):
            final = message.final and place == last
            job = Job(message.key, message.first + place, part, message.accepted, final)
            taken |= self._outbox.add(job, now)
        return taken

    def _pump(self, now: float) -> None:
        while self._slots.any_free:
            job = self._outbox.take(now)
            if job is None:
                break
            self._directory.tell(self._slots.give(job), job)
        at = self._outbox.next_at()
        if at is not None and (self._wake_at is None or at < self._wake_at) and at > now:
            self._wake_at = at
            self.timers.once(at - now, _Wake())

    # What came of it

    def _sent(self, job: Job, error: TransportError | None, now: float) -> None:
        if error is None or isinstance(error, NotModified):
            self._note(job, now)
        elif isinstance(error, ChatMigrated):
            self._outbox.again(job, now, 0.0)
            self._outbox.move(job.part.chat_id, error.new_chat_id, now)
        elif isinstance(error, Undeliverable):
            self._give_up(job, now)
        elif isinstance(error, TransportRefused):
            self._mend(job, error, now)
        else:
            self._retry(job, error, now)

    def _note(self, job: Job, now: float) -> None:
        self._outbox.done(job, now)
        if job.number < 0:
            return
        at = self._clock.now()
        self._directory.tell(m.JOURNAL, m.Commit(NoteSent(job.key, job.number + 1, at)))
        if job.final:
            self._telemetry.emit(ReplySent(max(0.0, at.timestamp() - job.accepted)))

    def _retry(self, job: Job, error: TransportError, now: float) -> None:
        delay = BACKOFF_SECONDS[min(job.failures, len(BACKOFF_SECONDS) - 1)]
        job.failures += 1
        if isinstance(error, TransportFlood):
            whole = error.retry_after >= LONG_FLOOD_SECONDS
            chat_id = None if whole else job.part.chat_id
            self._outbox.penalise(chat_id, error.retry_after, now)
            delay = error.retry_after
        self._outbox.again(job, now, delay)

    def _mend(self, job: Job, error: TransportRefused, now: float) -> None:
        """Refused as it is: send it plain, without its reply, or in pieces; else bury it."""
        part = job.part
        if isinstance(error, EntitiesRefused) and part.entities:
            self._outbox.replace(job, (replies.plain(part),), now)
        elif isinstance(error, ReplyTargetGone) and part.reply_to_message_id is not None:
            self._outbox.replace(job, (attrs.evolve(part, reply_to_message_id=None),), now)
        elif isinstance(error, TextTooLong) and len(part.text) > 1:
            self._outbox.replace(job, replies.shortened(part), now)
        elif part.edit_message_id is not None:
            self._outbox.replace(job, (attrs.evolve(part, edit_message_id=None),), now)
        elif part.entities or part.buttons:
            self._outbox.replace(job, (attrs.evolve(part, entities=(), buttons=()),), now)
        else:
            self._bury(job, error, now)

    def _give_up(self, job: Job, now: float) -> None:
        self._outbox.drop(job, now)
        settle = Settle((job.key,), "undeliverable", self._clock.now())
        self._directory.tell(m.JOURNAL, m.Commit(settle))
        self._telemetry.emit(ReplyUndeliverable("blocked or gone"))

    def _bury(self, job: Job, error: TransportRefused, now: float) -> None:
        self._outbox.drop(job, now)
        letter = DeadLetter(
            letter_id=f"{job.key.bot_id}-{job.key.update_id}-refused",
            user_id=None,
            reason="refused",
            detail=type(error).__name__,
            attempts=job.failures + 1,
            created_at=self._clock.now(),
            key=job.key,
            payload={},
        )
        self._directory.tell(m.JOURNAL, m.Commit(Bury(letter)))
        self._telemetry.emit(DeadLettered("refused", ""))


class SenderWorker(PooledActor):
    """Makes one Bot API call at a time. Blocks."""

    retries_poison = False

    def __init__(
        self, name: str, transport: Transport, directory: Directory, telemetry: Telemetry
    ) -> None:
        super().__init__()
        self._name = name
        self._transport = transport
        self._directory = directory
        self._telemetry = telemetry

    def on_start(self) -> None:
        """Say that there is a free worker."""
        self._directory.tell(m.SENDER, WorkerReady(self._name))

    def on_receive(self, message: Job | Courtesy) -> Any:
        """Call, and say what came of it."""
        method, call = self._call(message)
        began = time.perf_counter()
        error: TransportError | None = None
        try:
            call()
        except TransportError as failure:
            error = failure
        outcome = error.outcome if error else "success"
        self._telemetry.emit(TransportCalled(method, outcome, time.perf_counter() - began))
        self._directory.tell(m.SENDER, Sent(self._name, error))

    def _call(self, message: Job | Courtesy) -> tuple[str, Callable[[], Any]]:
        match message:
            case m.ShowTyping(chat_id):
                return "sendChatAction", lambda: self._transport.typing(chat_id)
            case m.ShowDraft(chat_id, draft_id, text):
                draft = (chat_id, draft_id, text)
                return "sendMessageDraft", lambda: self._transport.draft(*draft)
            case m.AnswerCallback(callback_id):
                answer = self._transport.answer_callback
                return "answerCallbackQuery", lambda: answer(callback_id)
            case Job(part=part):
                method = "editMessageText" if part.edit_message_id else "sendMessage"
                return method, lambda: self._transport.send(part)

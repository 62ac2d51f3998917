"""Telegram out: durable parts, in order by chat, within the budget, until they are there."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import attrs

from actors import messages as m
from actors.outbox import Job, Outbox, Tried
from actors.runtime import PooledActor
from actors.slots import Slots, Task, WorkerReady
from actors.telling import tell_if_there
from butler.domain import replies
from butler.domain.flood import Flood
from butler.domain.inbox import DeadLetter, InboxItem, UpdateKey
from butler.domain.outgoing import Part
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
    TransportUnavailable,
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
POISON = 3
# A large file takes minutes on a slow line: so many workers may be at one, the rest at messages.
UPLOADS = 2
UPLOAD_PAUSE_SECONDS = 0.5


@attrs.frozen
class _Wake:
    """Time to see what may be sent now."""


Courtesy = m.ShowTyping | m.ShowDraft | m.AnswerCallback


@attrs.frozen
class Sent:
    """A worker's incarnation `life` has sent a part, or failed to."""

    life: object
    job: Job | Courtesy
    error: TransportError | None


class Sender(PooledActor):
    """Hands parts to free workers; decides by `Outbox`.

    When it starts it takes up what a crash left unsent: those parts may have reached Telegram,
    so those are counted as sent again. What comes meanwhile is held back, so that each chat's stay
    in order. `flood` and `tried` outlive its incarnations.
    """

    mailbox_bound = 1_000_000
    drain_seconds = math.inf  # what was sent before the end is noted, within the shutdown

    def __init__(
        self,
        flood: Flood,
        directory: Directory,
        telemetry: Telemetry,
        clock: Clock,
        tried: Tried | None = None,
    ) -> None:
        super().__init__()
        self._tried = tried or Tried()
        self._outbox = Outbox(flood, self._tried.sent)
        self._directory = directory
        self._telemetry = telemetry
        self._clock = clock
        self._slots: Slots[Job | Courtesy] = Slots()
        self._life = object()
        self._taking_up = True
        self._held: list[m.Deliver] = []
        self._wake_at: float | None = None

    def on_start(self) -> None:
        """Ask for what is unsent."""
        self._ask_unsent(None)

    def on_receive(self, message: Any) -> Any:
        """Queue, hand out, hand back."""
        now = self._clock.monotonic()
        match message:
            case m.Deliver():
                if self._taking_up:
                    self._held.append(message)
                else:
                    self._deliver(message, now)
            case Sent(life, job, error):
                known = self._slots.done(life) is not None
                if isinstance(job, Job):
                    self._sent(job, error, now) if known else self._sent_before(job, error)
            case WorkerReady():
                lost = self._slots.ready(message)
                if isinstance(lost, Job):
                    self._crashed(lost, now)
            case m.ShowTyping() | m.ShowDraft() | m.AnswerCallback():
                if self._slots.any_free:
                    self._hand_out(message)
            case m.UnsettledRead(items, last, token=token) if token is self._life:
                self._take_up(items, now)
                if last:
                    self._taken_up(now)
                else:
                    self._ask_unsent(items[-1].key)
            case _Wake():
                self._wake_at = None
        self._pump(now)

    def _ask_unsent(self, after: UpdateKey | None) -> None:
        """Read what is unsent, once all that is sent has been noted."""
        wanted = m.ReadUnsettled(m.SENDER, after, PAGE, self._life)
        self._directory.tell(m.JOURNAL, m.Barrier(m.READER, wanted))

    def _taken_up(self, now: float) -> None:
        self._taking_up = False
        self._tried.taken_up()
        held, self._held = self._held, []
        for message in held:
            self._deliver(message, now)

    def _take_up(self, items: tuple[InboxItem, ...], now: float) -> None:
        count = 0
        for item in items:
            first = self._tried.first_unsent(item)
            if first > item.sent_parts:  # the note was lost, with the journal that had it
                note = NoteSent(item.key, first, self._clock.now())
                self._directory.tell(m.JOURNAL, m.Commit(note))
            unsent = item.parts[first:]
            if not unsent:
                continue
            accepted = item.accepted_at.timestamp()
            final = item.state == "answered"
            deliver = m.Deliver(item.key, unsent, first, accepted, final=final)
            counts = self._tried.counts(item.key, accepted)
            count += self._deliver(deliver, now) and counts
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
            if job.part.document is not None and self._uploads() >= UPLOADS:
                self._outbox.again(job, now, UPLOAD_PAUSE_SECONDS)
                continue
            self._hand_out(job)
        at = self._outbox.next_at()
        if at is not None and (self._wake_at is None or at < self._wake_at) and at > now:
            self._wake_at = at
            self.timers.once(at - now, _Wake())

    def _uploads(self) -> int:
        jobs = (job for job in self._slots.jobs if isinstance(job, Job))
        return sum(job.part.document is not None for job in jobs)

    def _hand_out(self, job: Job | Courtesy) -> None:
        if isinstance(job, Job):
            self._tried.begins(job)
        worker, task = self._slots.give(job)
        # He is gone only when the house closes: the next start takes up what he had.
        tell_if_there(self._directory, worker, task)

    # What came of it

    def _sent_before(self, job: Job, error: TransportError | None) -> None:
        """What was under way when an earlier incarnation failed has come to its end."""
        self._tried.ends(job, sent=error is None)
        if job.number >= 0 and (error is None or isinstance(error, NotModified)):
            self._outbox.remember(job)
            self._note(job)

    def _crashed(self, job: Job, now: float) -> None:
        """The worker crashed over it: the part may be with Telegram, and may crash the next."""
        job.crashes += 1
        self._tried.ends(job, sent=False)
        if job.crashes >= POISON:
            self._bury(job, "crashed", now)
        else:
            self._telemetry.emit(ReplyResent())
            self._outbox.again(job, now, BACKOFF_SECONDS[0])

    def _sent(self, job: Job, error: TransportError | None, now: float) -> None:
        self._tried.ends(job, sent=error is None)
        if error is None or isinstance(error, NotModified):
            self._outbox.done(job, now)
            self._note(job)
        elif isinstance(error, ChatMigrated):
            self._outbox.again(job, now, 0.0)
            self._outbox.move(job.part.chat_id, error.new_chat_id, now)
        elif isinstance(error, Undeliverable):
            self._give_up(job, now)
        elif isinstance(error, TransportRefused):
            self._mend(job, error, now)
        else:
            self._retry(job, error, now)

    def _note(self, job: Job) -> None:
        if job.number < 0:
            return
        at = self._clock.now()
        self._telemetry.step("noting")
        self._directory.tell(m.JOURNAL, m.Commit(NoteSent(job.key, job.number + 1, at)))
        if job.final:
            self._telemetry.emit(ReplySent(max(0.0, at.timestamp() - job.accepted)))

    def _retry(self, job: Job, error: TransportError, now: float) -> None:
        delay = BACKOFF_SECONDS[min(job.failures, len(BACKOFF_SECONDS) - 1)]
        job.failures += 1
        if isinstance(error, TransportUnavailable) and error.unsure:
            self._telemetry.emit(ReplyResent())
        if isinstance(error, TransportFlood):
            whole = error.retry_after >= LONG_FLOOD_SECONDS
            chat_id = None if whole else job.part.chat_id
            self._outbox.penalise(chat_id, error.retry_after, now)
            delay = error.retry_after
        self._outbox.again(job, now, delay)

    def _mend(self, job: Job, error: TransportRefused, now: float) -> None:
        """Refused as it is: send it plain, without its reply, or in pieces; else bury it."""
        part = job.part
        halves = replies.shortened(part) if isinstance(error, TextTooLong) else ()
        if isinstance(error, EntitiesRefused) and part.entities:
            self._outbox.replace(job, (replies.plain(part),), now)
        elif isinstance(error, ReplyTargetGone) and part.reply_to_message_id is not None:
            self._outbox.replace(job, (attrs.evolve(part, reply_to_message_id=None),), now)
        elif len(halves) > 1:
            self._outbox.replace(job, halves, now)
        elif part.edit_message_id is not None:
            self._outbox.replace(job, (attrs.evolve(part, edit_message_id=None),), now)
        elif part.entities or part.buttons:
            self._outbox.replace(job, (attrs.evolve(part, entities=(), buttons=()),), now)
        else:
            self._bury(job, type(error).__name__, now)

    def _give_up(self, job: Job, now: float) -> None:
        self._outbox.drop(job, now)
        settle = Settle((job.key,), "undeliverable", self._clock.now())
        self._directory.tell(m.JOURNAL, m.Commit(settle))
        self._telemetry.emit(ReplyUndeliverable("blocked or gone"))

    def _bury(self, job: Job, detail: str, now: float) -> None:
        """Keep a dead letter, and settle the update: none of its parts will be sent any more."""
        self._outbox.drop(job, now)
        at = self._clock.now()
        letter = DeadLetter(
            letter_id=f"{job.key.bot_id}-{job.key.update_id}-refused",
            user_id=None,
            reason="refused",
            detail=detail,
            attempts=job.failures + max(job.crashes, 1),
            created_at=at,
            key=job.key,
            payload={},
        )
        self._directory.tell(m.JOURNAL, m.Commit(Bury(letter)))
        self._directory.tell(m.JOURNAL, m.Commit(Settle((job.key,), "dead", at)))
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
        self._life = object()

    def on_start(self) -> None:
        """Say that there is a free worker."""
        self._directory.tell(m.SENDER, WorkerReady(self._name, self._life))

    def on_receive(self, message: Task[Job | Courtesy]) -> Any:
        """Call, and say what came of it."""
        if message.life is not self._life:
            return
        method, call = self._call(message.job)
        self._telemetry.step("sending")
        began = time.perf_counter()
        error: TransportError | None = None
        try:
            call()
        except TransportError as failure:
            error = failure
        self._telemetry.step("sent")
        outcome = error.outcome if error else "success"
        self._telemetry.emit(TransportCalled(method, outcome, time.perf_counter() - began))
        self._directory.tell(m.SENDER, Sent(self._life, message.job, error))

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
                return _method(part), lambda: self._transport.send(part)


def _method(part: Part) -> str:
    if part.document is not None:
        return "sendDocument"
    return "editMessageText" if part.edit_message_id else "sendMessage"

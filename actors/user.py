"""The actor of one active guest: owns profile and window, and carries out what is decided."""

from __future__ import annotations

from typing import Any

from actors import messages as m
from actors.guest.attempts import POISON, Attempts
from actors.guest.conversation import Conversation
from actors.guest.freshness import Freshness
from actors.guest.keeper import KEEPING, Keeper
from actors.guest.ledger import Ledger
from actors.guest.rules import Rules
from actors.guest.search import LOOKING
from actors.guest.talk import RETRY
from actors.runtime import PooledActor, TimerHandle
from actors.telling import tell_if_there
from butler.domain.chat import CompletionRequest
from butler.domain.inbox import UpdateKey
from butler.domain.incoming import Attachment
from butler.domain.outgoing import Part
from butler.domain.summarising import Summarising
from butler.domain.understanding import understand
from butler.domain.writes import CommitCompaction, Write
from butler.ports import Clock
from butler.telemetry import ProfileRead, Telemetry, TelemetryEvent
from supervision import Directory

PUT_BY, COME = "put by", "come"
PROMPTING = (*KEEPING, RETRY)
CAUGHT_UP_AT_ONCE = 64


class UserActor(PooledActor):
    """Started by the router for a guest's first update, stopped by it when idle.

    What it accepts is durable in the inbox, so a crash loses nothing: the next incarnation reads
    guest and unsettled updates anew. `attempts` is the one thing that outlives incarnations: what
    was put by does not, since of that, too, all that matters is durable.
    """

    registered = False
    retries_poison = False  # what crashed is in the inbox, and `attempts` counts
    mailbox_bound = 30_000  # over the bound of the inbox, so that no accepted update is refused

    def __init__(
        self,
        user_id: str,
        rules: Rules,
        directory: Directory,
        telemetry: Telemetry,
        clock: Clock,
        attempts: Attempts,
    ) -> None:
        super().__init__()
        self.clock = clock
        self._user_id = user_id
        self._name = m.user_name(user_id)
        self._rules = rules
        self._directory = directory
        self._telemetry = telemetry
        self._attempts = attempts
        self._timers: dict[str, TimerHandle] = {}
        self._recovering = attempts.incarnate()
        self._reading = False
        self._coming = False
        self._put_by: list[Any] = []
        self._ledger = Ledger(self)
        self._pointed = self._ledger.archive
        self._freshness = Freshness(self, self._ledger, rules)
        self._freshness.go_on = self._go_on
        self._conversation = Conversation(user_id, self, self._ledger, attempts, rules)
        self._search = self._conversation.orders.search
        nonce = f"{user_id}/{attempts.incarnation}"
        self._keeper = Keeper(user_id, nonce, self, self._ledger, rules)

    def on_start(self) -> None:
        """Read the guest; if nothing waits, not before something comes.

        So when all are restarted at once, those who wait for an answer are not last in the row.
        """
        if not self._attempts.idle:
            self.read()

    def on_failure(self, exception_type: Any, exception_value: Any, traceback: Any) -> None:
        """Remember what kind of error it was, for the dead letter if there is to be one."""
        self._attempts.failed(getattr(exception_type, "__name__", "error"))

    def on_stop(self) -> None:
        """Restarted because others failed, or passivated: no update is to blame."""
        self._attempts.rested(idle=self._idle)

    def on_receive(self, message: Any) -> Any:
        """Handle it; while all that was said is looked through, put it by until that is over."""
        if not (self._put_by or self._search.busy):
            self._handle(message)
            return
        if isinstance(message, m.Tick) and message.name in (LOOKING, PUT_BY):
            self._handle(message)
        else:
            self._put_by.append(message)
        self._catch_up()

    def _catch_up(self) -> None:
        for _ in range(CAUGHT_UP_AT_ONCE):
            if not self._put_by or self._search.busy:
                return
            self._handle(self._put_by.pop(0))
        self.after(0.0, PUT_BY)

    def _handle(self, message: Any) -> None:
        """Translate messages into what the guest's plain objects understand."""
        match message:
            case m.Arrived(item, incoming, found):
                self._know(found)
                self._conversation.arrived(item, incoming)
                self._begin_soon()
            case m.Completed(request_id, completion, judged):
                if self._keeper.owns(request_id):
                    self._keeper.judged(judged)
                else:
                    self._conversation.talk.completed(request_id, completion)
            case m.CompletionFailed(request_id, error):
                if self._keeper.owns(request_id):
                    self._keeper.failed(error)
                else:
                    self._conversation.talk.failed(request_id, error)
            case m.ModelBack():
                self._freshness.put_off(RETRY)
            case m.PartialText(request_id, text):
                self._conversation.talk.partial(request_id, text)
            case m.Embedded(request_id, vector):
                self._conversation.talk.embedded(request_id, vector)
            case m.VectorsMade(vectors):
                self._ledger.archive.add_vectors(vectors)
            case m.Heard(key, transcript):
                self._conversation.talk.heard(key, transcript)
            case m.NotHeard(key, error):
                self._conversation.talk.not_heard(key, error)
            case m.Tick(name):
                self._tick(name)
            case m.Passivate(token):
                if self._idle:
                    self._directory.tell(m.ROUTER, m.Idle(self._user_id, token))
            case m.Committed((incarnation, tag)) | m.CommitFailed(tag=(incarnation, tag)):
                self._telemetry.step("durable")
                if incarnation == self._attempts.incarnation:
                    self._written(message, tag)
            case m.FromReader(token=incarnation):
                if incarnation == self._attempts.incarnation:
                    self._found(message)

    def _written(self, message: m.Committed | m.CommitFailed, tag: int) -> None:
        """The journal has answered this incarnation."""
        if isinstance(message, m.CommitFailed):
            raise message.error
        self._ledger.committed(tag, message.result)
        self._point()
        self._keeper.consider()
        self._conversation.advance()

    def _found(self, message: m.FromReader) -> None:
        """A reader has answered this incarnation."""
        match message:
            case m.GuestRead():
                self._read(message)
            case m.GuestUnchanged():
                self._ledger.confirm()
                self._freshness.answered()
                self._keeper.consider()
            case m.ReadFailed():
                self._unreadable(message)
            case m.Exported(key, document):
                self._conversation.orders.exported(key, document)
            case m.ExportFailed(error):
                raise error

    @property
    def _idle(self) -> bool:
        """Nothing is under way or put by, and what an earlier incarnation has left is known."""
        unread = self._put_by or (self._reading and self._recovering)
        return not unread and self._conversation.idle and self._keeper.idle

    def _tick(self, name: str) -> None:
        self._timers.pop(name, None)
        if name in PROMPTING:
            self._freshness.put_off(name)
        elif name == COME:
            self._coming = False
            self._conversation.advance()
        else:
            self._conversation.tick(name)

    def _go_on(self, put_off: list[str]) -> None:
        for name in put_off:
            if name == RETRY:
                self._conversation.talk.tick(name)
            else:
                self._keeper.tick(name)
        self._conversation.advance()

    def _know(self, found: bool) -> None:
        """The guest is to be known as the store has them; `found`: what came was in the inbox."""
        if not self._reading:
            self.read()
        elif found or not self._freshness.certain:
            self._freshness.doubt()

    def _begin_soon(self) -> None:
        """Begin with what has come when all is seen that came with it: the rest of it, its edit."""
        if not self._coming:
            self._coming = tell_if_there(self._directory, self._name, m.Tick(COME))

    def _unreadable(self, message: m.ReadFailed) -> None:
        """Tried once more by a new incarnation; then, as a poison message, given up."""
        self._attempts.unreadable += 1
        if self._attempts.unreadable < POISON:
            raise message.error
        self._reading = self._recovering = False
        bot = (self._rules.bot.username, self._rules.bot.bot_id)
        found = [(item, understand(item.payload, *bot)) for item in message.unsettled]
        self._conversation.unreadable(found, type(message.error).__name__)

    def _read(self, message: m.GuestRead) -> None:
        self._attempts.unreadable = 0
        self._ledger.take(message.guest, message.archive)
        if self._rules.personalization:
            self.emit(ProfileRead(self._user_id, message.guest is not None))
        if self._recovering:
            self._recovering = False
            bot = (self._rules.bot.username, self._rules.bot.bot_id)
            self._conversation.recovered(
                (item, understand(item.payload, *bot)) for item in message.unsettled
            )
        self._freshness.answered()
        self._point()
        self._keeper.consider()

    def _point(self) -> None:
        """Have vectors made of what is newly archived, or of an archive that was read anew."""
        archive = self._ledger.archive
        anew = archive is not self._pointed
        if self._rules.embeddings and (anew or archive.unembedded):
            self._pointed = archive
            wanted = m.EmbedEvents(self._user_id, archive.take_unembedded(), anew)
            tell_if_there(self._directory, m.EMBEDDINGS, wanted)

    # Hands

    def commit(self, write: Write, tag: Any) -> None:
        """See `Hands`."""
        tag = (self._attempts.incarnation, tag)
        unhurried = isinstance(write, CommitCompaction)
        self._directory.tell(m.JOURNAL, m.Commit(write, self._name, tag, unhurried))

    def hurry(self) -> None:
        """See `Hands`."""
        self._directory.tell(m.JOURNAL, m.Hurry())

    def read(self) -> None:
        """See `Hands`."""
        self._reading = True
        self._directory.tell(m.JOURNAL, m.Barrier(m.READER, self._wanted()))

    def make_sure(self) -> None:
        """See `Hands`."""
        profile = self._ledger.profile
        known: int | None = profile.revision if profile else 0
        if self._freshness.outlived:
            known = None  # no writer says what retention has dropped
        self._directory.tell(m.READER, self._wanted(known))

    def _wanted(self, known: int | None = None) -> m.ReadGuest:
        self._freshness.asked()
        return m.ReadGuest(
            self._user_id,
            self._name,
            self._rules.personalization,
            self._recovering,
            self._attempts.incarnation,
            known,
        )

    def ask(self, request_id: str, request: CompletionRequest) -> None:
        """See `Hands`."""
        self._directory.tell(m.LLM, m.Complete(request_id, request, self._name, stream=True))

    def summarise(self, request_id: str, wanted: Summarising) -> None:
        """See `Hands`."""
        self._directory.tell(m.LLM, m.Complete(request_id, wanted, self._name, urgent=False))

    def cancel(self, request_id: str) -> None:
        """See `Hands`."""
        self._directory.tell(m.LLM, m.CancelCompletion(request_id))

    def embed(self, request_id: str, text: str, seconds: float) -> None:
        """See `Hands`."""
        until = self.clock.monotonic() + seconds
        wanted = m.EmbedQuestion(request_id, text, self._name, until)
        tell_if_there(self._directory, m.QUESTIONS, wanted)

    def listen(self, key: UpdateKey, attachment: Attachment, language: str) -> None:
        """See `Hands`."""
        self._directory.tell(m.SPEECH, m.Listen(key, attachment, language, self._name))

    def stop_listening(self, key: UpdateKey) -> None:
        """See `Hands`."""
        self._directory.tell(m.SPEECH, m.StopListening(key))

    def deliver(
        self, key: UpdateKey, parts: tuple[Part, ...], first: int, accepted: float, *, final: bool
    ) -> None:
        """See `Hands`."""
        self._directory.tell(m.SENDER, m.Deliver(key, parts, first, accepted, final=final))
        self._telemetry.step("handed")

    def export(self, key: UpdateKey) -> None:
        """See `Hands`."""
        wanted = m.Export(self._user_id, self._name, key, self._attempts.incarnation)
        self._directory.tell(m.JOURNAL, m.Barrier(m.EXPORTER, wanted))

    def typing(self, chat_id: int) -> None:
        """See `Hands`."""
        self._directory.tell(m.SENDER, m.ShowTyping(chat_id))

    def draft(self, chat_id: int, draft_id: int, text: str) -> None:
        """See `Hands`."""
        self._directory.tell(m.SENDER, m.ShowDraft(chat_id, draft_id, text))

    def answer_callback(self, callback_id: str) -> None:
        """See `Hands`."""
        self._directory.tell(m.SENDER, m.AnswerCallback(callback_id))

    def after(self, seconds: float, name: str) -> None:
        """See `Hands`."""
        self.forget_timer(name)
        self._timers[name] = self.timers.once(seconds, m.Tick(name))

    def forget_timer(self, name: str) -> None:
        """See `Hands`."""
        timer = self._timers.pop(name, None)
        if timer is not None:
            timer.cancel()

    def emit(self, event: TelemetryEvent) -> None:
        """See `Hands`."""
        self._telemetry.emit(event)

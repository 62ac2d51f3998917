"""One turn of talk: heard, asked, answered; or told that it must wait."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from datetime import timedelta

from actors.guest.closing import Closing, source_of
from actors.guest.hands import Hands
from actors.guest.ledger import Ledger
from actors.guest.rules import Rules
from actors.guest.turn import Pending, Turn
from butler.domain import persona, prompt
from butler.domain.chat import Completion, CompletionRequest, Transcript
from butler.domain.event import Event
from butler.domain.inbox import UpdateKey
from butler.domain.incoming import Incoming
from butler.domain.phrases import say
from butler.domain.replies import cleaned
from butler.errors import (
    AudioInvalid,
    AudioSilent,
    AudioTooLong,
    ButlerError,
    FileTooBig,
    ModelContextOverflow,
    ModelError,
    ModelInvalid,
    ModelOverloaded,
    ModelTimeout,
    ModelUnavailable,
    SpeechOff,
)
from butler.telemetry import PromptComposed, RequestFinished

TYPING, RETRY, POINTED = "typing", "retry", "pointed"
# How long a reply waits to know where its question points; recall goes by words alone after that.
POINTED_SECONDS = 0.4
TYPING_AFTER_SECONDS = 1.0
TYPING_EVERY_SECONDS = 4.5
RETRY_SECONDS = (2.0, 4.0, 8.0, 15.0, 30.0, 60.0)
TIMEOUT_TRIES = 3
PATIENCE = timedelta(days=1)
SHRUNK = 0.5
DOWNLOAD_LIMIT = 20 * 1024 * 1024
UNHEARD: dict[type[ButlerError], str] = {
    AudioSilent: "voice_silent",
    AudioInvalid: "voice_invalid",
    AudioTooLong: "voice_too_long",
    FileTooBig: "voice_too_big",
    SpeechOff: "voice_off",
}


class Talk:
    """The turn under way, if any.

    `ended` is called when it has come to its end, `paused` when it begins to wait for the LLM;
    `granted` is asked of a recording's words: true if they were no talk, and are dealt with.
    """

    def __init__(
        self, user_id: str, nonce: str, hands: Hands, ledger: Ledger, closing: Closing, rules: Rules
    ) -> None:
        self._user_id = user_id
        self._nonce = nonce
        self._hands = hands
        self._ledger = ledger
        self._closing = closing
        self._rules = rules
        self._requests = itertools.count(1)
        self._outage = False
        self.turn: Turn | None = None
        self.granted: Callable[[Pending], bool] = lambda _pending: False
        self.ended: Callable[[], None] = lambda: None
        self.paused: Callable[[], None] = lambda: None

    @property
    def waiting(self) -> bool:
        """Whether the turn waits for the LLM to be back."""
        return self.turn is not None and self.turn.phase == "waiting"

    def begin(self, pendings: list[Pending]) -> None:
        """Start a turn of at least one message."""
        self.turn = Turn(pendings, self._hands.clock.monotonic())
        self._hear_or_ask(self.turn)

    def hasten(self) -> None:
        """There is more to say during an outage: try again at once."""
        if self.turn is not None and self.turn.phase == "waiting":
            self.turn.reported = False
            self._hear_or_ask(self.turn)

    def cancel(self) -> list[Pending]:
        """Give up the turn unless it is being made durable; the caller ends its messages.

        `ended` is not called: the caller goes on when what else was said is dealt with.
        """
        turn = self.turn
        if turn is None or turn.phase == "committing":
            return []
        if turn.phase == "hearing":
            for pending in turn.unheard:
                self._hands.stop_listening(pending.key)
        self._hands.cancel(turn.request_id)
        self._forget()
        return turn.pendings

    def off_the_record(self) -> None:
        """The turn that waits leaves no trace: something was forgotten that it may be about."""
        if self.turn is not None:
            for pending in self.turn.pendings:
                pending.off_record = True

    def tick(self, name: str) -> None:
        """A timer of this turn has run out."""
        turn = self.turn
        if turn is None:
            return
        if name == RETRY and turn.phase == "waiting":
            self._hear_or_ask(turn)
        elif name == POINTED and turn.phase == "recalling":
            self._pointed(turn, b"")
        elif name == TYPING and turn.phase in ("hearing", "recalling", "asking"):
            self._hands.typing(turn.last.incoming.chat_id)
            self._hands.after(TYPING_EVERY_SECONDS, TYPING)

    # Hearing

    def _hear_or_ask(self, turn: Turn) -> None:
        self._hands.after(TYPING_AFTER_SECONDS, TYPING)
        unheard = turn.unheard
        if not unheard:
            self._ask(turn)
            return
        turn.phase = "hearing"
        for pending in unheard:
            attachment = pending.incoming.attachment
            if attachment is None:
                continue
            if (attachment.size or 0) > DOWNLOAD_LIMIT:
                self.not_heard(pending.key, FileTooBig("over 20 MB"))
            else:
                self._hands.listen(pending.key, attachment, self._closing.language)

    def heard(self, key: UpdateKey, transcript: Transcript) -> None:
        """Words of a recording: shown at once, then answered."""
        turn, pending = self._unheard(key)
        if turn is None or pending is None:
            return
        pending.text = transcript.text
        self._closing.transcribed(pending)
        if self.granted(pending):
            turn.pendings.remove(pending)
        if not turn.pendings:
            self._end()
        elif not turn.unheard:
            self._ask(turn)

    def not_heard(self, key: UpdateKey, error: ButlerError) -> None:
        """A recording that stays unheard is answered with a word on why; the rest goes on."""
        turn, pending = self._unheard(key)
        if turn is None or pending is None:
            return
        turn.pendings.remove(pending)
        self._hands.emit(
            RequestFinished(pending.source, "error", self._user_id, type(error).__name__)
        )
        phrase = UNHEARD.get(type(error), "voice_down")
        words = say(self._closing.language, phrase, seed=key.update_id)
        if not turn.pendings:
            turn.phase = "committing"
            turn.pendings.append(pending)
            self._closing.reply([pending], words, then=self._end)
            return
        self._closing.reply([pending], words)
        if not turn.unheard:
            self._ask(turn)

    def _unheard(self, key: UpdateKey) -> tuple[Turn | None, Pending | None]:
        turn = self.turn
        if turn is None or turn.phase != "hearing":
            return None, None
        return turn, next((p for p in turn.unheard if p.key == key), None)

    # Asking

    def _ask(self, turn: Turn) -> None:
        if turn.vector is None and self._rules.embeddings and len(self._ledger.archive):
            turn.phase = "recalling"
            turn.request_id = f"{self._nonce}/{next(self._requests)}"
            words = "\n".join(pending.text or "" for pending in turn.pendings)
            self._hands.after(POINTED_SECONDS, POINTED)
            self._hands.embed(turn.request_id, words, POINTED_SECONDS)
            return
        composed = self._compose(turn)
        turn.phase = "asking"
        turn.tries += 1
        turn.cut = composed.cut
        turn.messages, turn.tokens = composed.messages, composed.tokens
        turn.asked_in = self._ledger.epoch
        turn.request_id = f"{self._nonce}/{next(self._requests)}"
        self._hands.emit(PromptComposed(composed.tokens))
        request = CompletionRequest(composed.messages, self._rules.budget.reply)
        self._hands.ask(turn.request_id, request)

    def embedded(self, request_id: str, vector: bytes) -> None:
        """Where the question points; empty where that cannot be known."""
        turn = self.turn
        if turn is not None and turn.phase == "recalling" and turn.request_id == request_id:
            self._pointed(turn, vector)

    def _pointed(self, turn: Turn, vector: bytes) -> None:
        turn.vector = vector
        self._hands.forget_timer(POINTED)
        self._ask(turn)

    def _compose(self, turn: Turn) -> prompt.Prompt:
        personal = self._closing.personal(turn.last)
        texts = [p.text or "" for p in turn.pendings]
        budget = self._rules.budget
        return prompt.compose(
            persona=self._system(turn.last.incoming),
            messages=texts,
            language=self._closing.language,
            profile=self._ledger.profile if personal else None,
            window=self._ledger.window if personal else (),
            recalled=self._recall(turn, "\n".join(texts)) if personal else (),
            today=self._hands.clock.now().date(),
            budget=budget.shrunk(SHRUNK) if turn.shrunk else budget,
            count=self._rules.meter.tokens.count,
        )

    def _recall(self, turn: Turn, text: str) -> Sequence[Event]:
        said_at = turn.pendings[0].item.accepted_at
        budget = self._rules.budget.recalled
        return self._ledger.archive.search(text, said_at, budget, turn.vector or None)

    def _system(self, incoming: Incoming) -> str:
        language = self._closing.language
        if not self._rules.personalization:
            return persona.plain_prompt(language)
        profile = self._ledger.profile
        if profile is None:
            return persona.system_prompt(language, group=not incoming.private)
        return persona.system_prompt(
            language, profile.persona, profile.tone, group=not incoming.private
        )

    def partial(self, request_id: str, text: str) -> None:
        """The answer so far is shown as a draft, where nobody else reads along."""
        turn = self._asking(request_id)
        if turn and turn.last.incoming.private:
            draft_id = turn.last.key.update_id
            self._hands.draft(turn.last.incoming.chat_id, draft_id, text)

    def completed(self, request_id: str, completion: Completion) -> None:
        """The LLM's answer."""
        turn = self._asking(request_id)
        if turn:
            self._outage = False
            self._rules.meter.learn(turn.messages, turn.tokens, completion.prompt_tokens)
            text = cleaned(completion.text)
            if not text:
                self.failed(request_id, ModelInvalid("nothing to say in the answer"))
                return
            source = source_of(turn.pendings)
            event = RequestFinished(source, "success", self._user_id)
            self._answer(turn, text, event)

    def failed(self, request_id: str, error: ModelError) -> None:
        """The LLM gave none: told politely; what can still be answered later, will be."""
        turn = self._asking(request_id)
        if turn is None:
            return
        if isinstance(error, ModelContextOverflow) and not turn.shrunk:
            turn.shrunk = True
            self._ask(turn)
            return
        self._report(turn, error)
        late = isinstance(error, ModelTimeout)
        turn.timeouts += late
        if isinstance(error, ModelUnavailable | ModelOverloaded) or (
            late and turn.timeouts < TIMEOUT_TRIES
        ):
            self._wait(turn, error)
            return
        phrase = "model_slow" if late else "model_nonsense"
        self._answer(turn, say(self._closing.language, phrase, seed=turn.last.key.update_id))

    def _asking(self, request_id: str) -> Turn | None:
        turn = self.turn
        if turn and turn.phase == "asking" and turn.request_id == request_id:
            return turn
        return None

    def _report(self, turn: Turn, error: ModelError) -> None:
        if not turn.reported:
            turn.reported = True
            name, source = type(error).__name__, source_of(turn.pendings)
            self._hands.emit(RequestFinished(source, "error", self._user_id, name))

    def _wait(self, turn: Turn, error: ModelError) -> None:
        age = self._hands.clock.now() - turn.pendings[0].item.accepted_at
        if age > PATIENCE:
            turn.phase = "committing"
            self._closing.bury(turn.pendings, "llm_unavailable", type(error).__name__)
            self._end()
            return
        turn.phase = "waiting"
        pending = turn.last
        if not self._outage and pending.parts <= (pending.source == "voice"):
            words = say(self._closing.language, "model_down_later", seed=pending.key.update_id)
            self._closing.show(pending, words)
        self._outage = True
        delay = RETRY_SECONDS[min(turn.tries, len(RETRY_SECONDS)) - 1]
        self._hands.after(max(delay, error.retry_after or 0), RETRY)
        self.paused()

    def _answer(self, turn: Turn, text: str, event: RequestFinished | None = None) -> None:
        turn.phase = "committing"
        if turn.cut:
            text = f"{text}\n\n{say(self._closing.language, 'message_cut')}"

        def then() -> None:
            if event is not None:
                self._hands.emit(event)
            self._end()

        self._closing.answer(turn.pendings, text, then, turn.asked_in)

    def _end(self) -> None:
        self._forget()
        self.ended()

    def _forget(self) -> None:
        self.turn = None
        for timer in (TYPING, RETRY, POINTED):
            self._hands.forget_timer(timer)

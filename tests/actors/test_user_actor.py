"""The actor of one guest: translates, times, and comes back with what is in the store."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs
import pytest

from actors import messages as m
from actors.guest.attempts import Attempts
from actors.guest.rules import Others
from actors.journal import CALM_SECONDS, Journal
from actors.reader import Reader
from actors.user import UserActor
from butler.domain.chat import ChatMessage, Completion, CompletionRequest, Transcript
from butler.domain.inbox import DeadLetter
from butler.domain.summarising import Summarising
from butler.domain.understanding import understand
from butler.domain.writes import Accept, CommitTurn, SaveProfile
from butler.errors import AudioSilent, ModelInvalid, ModelUnavailable
from butler.telemetry import CompressionFinished, ProfileRead
from tests.actors.guest_room import Room, key, rules
from tests.actors.staging import Stage, stage
from tests.runtime.parts import Gate
from tests.support.fakes import BOT, FakeStore, edited, item, message, pressed, recording
from tests.support.waiting import eventually

GUEST = m.user_name("7")


@attrs.define
class Guesting:
    """A user actor over a real journal and reader; LLM, speech and sender are note-takers."""

    stage: Stage
    store: FakeStore
    attempts: Attempts = attrs.field(factory=Attempts)
    others: Others = attrs.field(factory=Others)

    def start(self, **changes: Any) -> None:
        made = self.stage
        changes.setdefault("others", self.others)
        user = UserActor.on(
            made.pool,
            "7",
            rules(**changes),
            made.directory,
            made.telemetry,
            made.time,
            self.attempts,
        )
        made.start(
            (m.JOURNAL, Journal.on(made.io, self.store, made.directory, made.telemetry)),
            (m.READER, Reader.on(made.io, self.store, made.directory)),
            m.SENDER,
            m.LLM,
            m.SPEECH,
            (GUEST, user),
            m.ROUTER,
        )

    def say(self, update: dict[str, Any], *, found: bool = False) -> None:
        accepted = item(update, at=self.stage.time.now())
        self.store.commit([Accept((accepted,))])
        arrived = m.Arrived(accepted, understand(update, "alfred_bot", BOT), found)
        self.stage.tell(GUEST, arrived)

    def letters(self, reason: str) -> list[DeadLetter]:
        return [each for each in list(self.store.letters.values()) if each.reason == reason]

    def asked(self, count: int = 1, *, urgent: bool = True) -> m.Complete:
        """The `count`-th request to the LLM."""
        return self.stage.told[m.LLM].wait(m.Complete, lambda c: c.urgent is urgent, count)

    def prompt(self, count: int = 1) -> tuple[ChatMessage, ...]:
        """The `count`-th prompt of a reply."""
        request = self.asked(count).request
        assert isinstance(request, CompletionRequest)
        return request.messages

    def answer(self, text: str, count: int = 1) -> None:
        completed = m.Completed(self.asked(count).request_id, Completion(text))
        self.stage.tell(GUEST, completed)

    def delivered(self, count: int = 1) -> str:
        """The text of the `count`-th part that the sender was given."""
        delivery = self.stage.told[m.SENDER].wait(m.Deliver, count=count)
        return delivery.parts[0].text

    def tick(self, seconds: float) -> None:
        self.stage.flush(GUEST)
        self.stage.flush(m.JOURNAL)
        self.stage.time.advance(seconds)
        self.stage.flush(GUEST)


@pytest.fixture
def guesting() -> Iterator[Guesting]:
    with stage() as made:
        yield Guesting(made, FakeStore())


def test_a_guest_is_read_asked_for_answered_and_remembered(guesting: Guesting) -> None:
    Room(guesting.store).knows(language="en", memory_summary="Likes tea.")
    guesting.start()
    guesting.say(message(1, "Good evening"))
    assert "Likes tea." in str(guesting.prompt())
    guesting.answer("Good evening, sir.")
    assert guesting.delivered() == "Good evening, sir."
    assert len(guesting.store.events) == 2
    assert guesting.stage.events.wait(ProfileRead) == ProfileRead("7", True)


def test_courtesies_recordings_and_buttons_reach_those_who_see_to_them(guesting: Guesting) -> None:
    guesting.start()
    guesting.say(recording(1))
    wanted = guesting.stage.told[m.SPEECH].wait(m.Listen)
    guesting.tick(1.0)
    guesting.stage.told[m.SENDER].wait(m.ShowTyping)
    guesting.stage.tell(GUEST, m.Heard(wanted.key, Transcript("Добрый вечер")))
    request_id = guesting.asked().request_id
    guesting.stage.tell(GUEST, m.PartialText(request_id, "До"))
    assert guesting.stage.told[m.SENDER].wait(m.ShowDraft).text == "До"
    guesting.say(pressed(2, "stale"))
    guesting.answer("Добрый вечер.")
    guesting.stage.told[m.SENDER].wait(m.AnswerCallback)


def test_an_unheard_recording_is_answered(guesting: Guesting) -> None:
    guesting.start()
    guesting.say(recording(1))
    guesting.stage.told[m.SPEECH].wait(m.Listen)
    guesting.stage.tell(GUEST, m.NotHeard(key(1), AudioSilent("no words")))
    assert guesting.delivered()


def test_an_outage_is_told_and_waited_out(guesting: Guesting) -> None:
    guesting.start()
    guesting.say(message(1, "one"))
    failed = m.CompletionFailed(guesting.asked().request_id, ModelUnavailable("away"))
    guesting.stage.tell(GUEST, failed)
    assert guesting.delivered()
    guesting.tick(2.0)
    guesting.answer("at last", 2)
    assert guesting.delivered(2) == "at last"


def test_stop_lets_the_slot_go(guesting: Guesting) -> None:
    guesting.start()
    guesting.say(message(1, "one"))
    request_id = guesting.asked().request_id
    guesting.say(message(2, "/stop"))
    assert guesting.stage.told[m.LLM].wait(m.CancelCompletion).request_id == request_id
    guesting.tick(60.0)
    assert guesting.stage.told[m.SENDER].of(m.ShowTyping) == []


def test_memory_is_compressed_beside_the_conversation(guesting: Guesting) -> None:
    Room(guesting.store).knows(events=8)
    guesting.start()
    asked = guesting.asked(urgent=False)
    guesting.say(message(1, "Добрый вечер"))
    guesting.answer("Добрый вечер.")
    guesting.delivered()
    assert isinstance(asked.request, Summarising)
    completion = Completion("Про чай и прогулки.")
    judged = asked.request.judged(completion)
    guesting.stage.tell(GUEST, m.Completed(asked.request_id, completion, judged))
    guesting.tick(CALM_SECONDS)
    finished = guesting.stage.events.wait(CompressionFinished)
    assert (finished.status, finished.events) == ("success", 6)
    guesting.tick(60.0)
    request_id = guesting.asked(2, urgent=False).request_id
    guesting.stage.tell(GUEST, m.CompletionFailed(request_id, ModelUnavailable("away")))
    assert guesting.stage.events.wait(CompressionFinished, count=2).status == "error"


# Passivation


def test_only_an_idle_actor_says_that_it_is_idle(guesting: Guesting) -> None:
    guesting.start()
    guesting.say(message(1, "one"))
    guesting.asked()
    guesting.stage.tell(GUEST, m.Passivate(3))
    guesting.stage.flush(GUEST)
    guesting.answer("first")
    guesting.delivered()
    guesting.stage.tell(GUEST, m.Passivate(4))
    assert guesting.stage.told[m.ROUTER].wait(m.Idle) == m.Idle("7", 4)
    assert len(guesting.stage.told[m.ROUTER].of(m.Idle)) == 1


# Crashes


def test_an_actor_that_crashes_takes_up_what_was_under_way(guesting: Guesting) -> None:
    guesting.start()
    guesting.say(message(1, "one"))
    first = guesting.asked().request_id
    guesting.stage.crash(GUEST)
    guesting.asked(2)
    guesting.stage.tell(GUEST, m.Completed(first, Completion("stale")))
    guesting.answer("fresh", 2)
    assert guesting.delivered() == "fresh"
    assert [e.content for e in guesting.store.events.values()] == ["one", "fresh"]


def test_a_crash_before_the_guest_was_read_loses_nothing(guesting: Guesting) -> None:
    guesting.store.down = True
    guesting.start()
    guesting.store.refused.wait(str)
    guesting.store.down = False
    guesting.say(message(1, "one"))
    guesting.stage.flush(GUEST)
    guesting.store.down = True
    guesting.stage.crash(GUEST)
    guesting.store.refused.wait(str, count=2)
    guesting.store.down = False

    def asked() -> bool:
        guesting.stage.time.advance(1.0)
        return bool(guesting.stage.told[m.LLM].of(m.Complete))

    eventually("the message to be taken up", asked)
    guesting.answer("first")
    assert guesting.delivered() == "first"


def test_a_reply_that_became_durable_while_its_actor_crashed_is_sent(guesting: Guesting) -> None:
    guesting.start()
    guesting.say(message(1, "one"))
    turn = guesting.asked()
    guesting.store.down = True
    guesting.stage.tell(GUEST, m.Completed(turn.request_id, Completion("answer")))
    guesting.store.refused.wait(str)
    guesting.stage.crash(GUEST)
    guesting.store.down = False

    def delivered() -> bool:
        guesting.stage.time.advance(0.1)
        return bool(guesting.stage.told[m.SENDER].of(m.Deliver))

    eventually("the reply to be sent", delivered)
    assert guesting.delivered() == "answer"
    assert len(guesting.stage.told[m.LLM].of(m.Complete)) == 1


def test_an_update_whose_turn_cannot_be_kept_becomes_a_dead_letter(guesting: Guesting) -> None:
    guesting.store.spoilt = lambda write: isinstance(write, CommitTurn)
    guesting.start()
    guesting.say(message(1, "one"))
    guesting.answer("first")
    guesting.answer("second", 2)
    assert guesting.delivered()
    (letter,) = guesting.store.letters.values()
    assert (letter.reason, letter.detail, letter.attempts) == ("poison", "ValueError", 2)


def test_answers_to_an_earlier_incarnation_are_ignored(guesting: Guesting) -> None:
    guesting.start()
    guesting.stage.flush(GUEST)
    for stale in (
        m.CommitFailed(ValueError("old"), (-1, 1)),
        m.Committed((-1, 1), None),  # type: ignore[arg-type]  # not looked at
        m.ReadFailed(ValueError("old"), token=-1),
        m.GuestRead(None, (), None, token=-1),
    ):
        guesting.stage.tell(GUEST, stale)
    guesting.say(message(1, "one"))
    guesting.asked()
    assert guesting.stage.failures() == []


def test_what_a_guest_says_who_cannot_be_read_becomes_dead_letters(guesting: Guesting) -> None:
    guesting.store.broken.add("7")
    guesting.start()
    guesting.say(message(1, "one"))
    guesting.say(message(2, "two"))

    def letters() -> list[str]:
        return sorted(each.payload["message"]["text"] for each in guesting.letters("unreadable"))

    eventually("two dead letters", lambda: letters() == ["one", "two"])
    guesting.say(message(3, "three"))
    eventually("a third", lambda: letters() == ["one", "three", "two"])
    assert len(guesting.stage.failures()) == 1
    guesting.store.broken.clear()
    guesting.say(message(4, "four"))
    guesting.asked()
    assert len(guesting.stage.failures()) == 1


def test_a_guest_who_cannot_be_read_fails_alone(guesting: Guesting) -> None:
    guesting.store.broken.add("7")
    guesting.start()
    eventually("a failure", guesting.stage.failures)
    guesting.store.broken.clear()
    guesting.say(message(1, "one"))
    guesting.asked()
    assert {type(failure.exception) for failure in guesting.stage.failures()} == {KeyError}


# What others write


def rewritten(guesting: Guesting, summary: str) -> None:
    """Somebody else changes what is kept of the guest, and no actor is told."""
    known = guesting.store.known["7"]
    after = known.revised(guesting.stage.time.now(), memory_summary=summary)
    guesting.store.commit([SaveProfile(after, known.revision)])


def spoken(guesting: Guesting, number: int, *, found: bool = False) -> str:
    """The prompt of a turn, which is then answered."""
    guesting.say(message(number, "hello"), found=found)
    prompt = str(guesting.prompt(number))
    guesting.answer("Good evening.", number)
    guesting.delivered(number)
    return prompt


def test_as_long_as_nobody_else_has_written_a_guest_is_read_once(guesting: Guesting) -> None:
    Room(guesting.store).knows(language="en", memory_summary="Likes tea.")
    guesting.others.seen = 1
    guesting.start()
    for number in (1, 2, 3):
        assert "Likes tea." in spoken(guesting, number)
    assert guesting.store.asked_revisions == 0


def test_what_others_have_written_is_in_the_next_prompt(guesting: Guesting) -> None:
    Room(guesting.store).knows(language="en", memory_summary="Likes tea.")
    guesting.others.seen = 1
    guesting.start()
    assert "Likes tea." in spoken(guesting, 1)
    rewritten(guesting, "Likes rum.")
    guesting.others.seen = 2
    assert "Likes rum." in spoken(guesting, 2)
    rewritten(guesting, "Likes milk.")
    assert "Likes milk." in spoken(guesting, 3, found=True)


@pytest.mark.parametrize("crashed", [False, True])
def test_what_others_write_while_the_guest_is_read_is_in_the_prompt(
    guesting: Guesting, *, crashed: bool
) -> None:
    Room(guesting.store).knows(language="en", memory_summary="Likes tea.")
    if crashed:
        guesting.attempts.incarnate()
    guesting.others.seen = 1
    gate = Gate()
    guesting.store.after_read = gate.stand
    guesting.start()
    guesting.say(message(1, "hello"))
    gate.wait()
    rewritten(guesting, "Likes rum.")
    guesting.others.seen = 2
    guesting.say(message(2, "are you there?"))
    guesting.stage.flush(GUEST)
    gate.open()
    prompt = str(guesting.prompt())
    assert "Likes rum." in prompt
    assert "are you there?" in prompt


def test_who_never_stops_talking_is_answered_all_the_same(guesting: Guesting) -> None:
    guesting.start()
    guesting.say(message(1, "hello"))
    guesting.answer("Good evening.")
    guesting.delivered()
    said = iter(range(2, 1000))

    def another() -> None:
        guesting.say(message(next(said), "and another thing"))

    guesting.store.after_read = another
    guesting.say(message(1000, "hello?"))
    guesting.asked(2)
    assert next(said) < 10


def test_what_others_write_before_a_compaction_is_written_is_in_the_prompt(
    guesting: Guesting,
) -> None:
    Room(guesting.store).knows(events=8, language="en", memory_summary="Likes tea.")
    guesting.others.seen = 1
    guesting.start()
    asked = guesting.asked(urgent=False)
    assert isinstance(asked.request, Summarising)
    completion = Completion("About tea and walks.")
    judged = asked.request.judged(completion)
    guesting.stage.tell(GUEST, m.Completed(asked.request_id, completion, judged))
    guesting.stage.flush(GUEST)  # now it waits for a calm moment
    rewritten(guesting, "Likes rum.")
    guesting.others.seen = 2
    guesting.say(message(1, "hello"))
    assert "Likes rum." in str(guesting.prompt())


def test_what_others_write_is_in_the_second_try_of_a_compaction(guesting: Guesting) -> None:
    Room(guesting.store).knows(events=8, language="en", memory_summary="Likes tea.")
    guesting.others.seen = 1
    guesting.start()
    asked = guesting.asked(urgent=False)
    assert "Likes tea." in str(asked.request)
    rewritten(guesting, "Likes rum.")
    guesting.stage.tell(GUEST, m.CompletionFailed(asked.request_id, ModelInvalid("nonsense")))
    guesting.stage.flush(GUEST)
    guesting.tick(0.0)
    again = str(guesting.asked(2, urgent=False).request)
    assert "Likes rum." in again
    assert "Likes tea." not in again


def test_what_comes_together_is_answered_together(guesting: Guesting) -> None:
    guesting.others.seen = 1
    guesting.start()
    spoken(guesting, 1)
    gate = Gate()

    def sees(*_: Any) -> bool:
        gate.stand()
        return True

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Attempts, "sees", sees)
        guesting.say(message(2, "one"))
        gate.wait()
        guesting.say(message(3, "two"))
        guesting.say(edited(4, 2, "one, mended"))
        gate.open()
        prompt = guesting.prompt(2)[-1].content
    assert "one, mended" in prompt
    assert "two" in prompt


def test_where_nobody_can_tell_the_store_is_asked_each_time(guesting: Guesting) -> None:
    Room(guesting.store).knows(language="en", memory_summary="Likes tea.")
    guesting.start()
    assert "Likes tea." in spoken(guesting, 1)
    asked = guesting.store.asked_revisions
    rewritten(guesting, "Likes rum.")
    assert "Likes rum." in spoken(guesting, 2)
    assert guesting.store.asked_revisions == asked + 1

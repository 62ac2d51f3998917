"""Whatever a guest does and whatever fails: each update has one end, memory is exact."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from butler.domain.chat import Completion, Transcript
from butler.domain.inbox import InboxItem, UpdateKey
from butler.domain.outgoing import Part
from butler.domain.writes import NoteSent
from butler.errors import (
    AudioSilent,
    ModelError,
    ModelInvalid,
    ModelTimeout,
    ModelUnavailable,
)
from tests.actors.guest_room import Room, key
from tests.support.fakes import edited, group_message, message, pressed, recording

ERRORS = st.sampled_from(
    [ModelUnavailable("away"), ModelTimeout("late"), ModelInvalid("odd"), ModelUnavailable("away")]
)


class Guesthood(RuleBasedStateMachine):
    """Arrivals, edits, /stop, answers and failures, crashes with and without the journal."""

    def __init__(self) -> None:
        super().__init__()
        self.room = Room(event_cap=100, keep_events=50)
        self.room.read()
        self.count = 0
        self.texts: dict[str, int] = {}
        self.items: list[InboxItem] = []
        self.answered: set[str] = set()
        self.parts: dict[tuple[UpdateKey, int], Part] = {}
        self.heard = 0

    # What the guest does

    def _say(self, update: dict[str, Any], arrives: bool = True) -> None:
        item = self.room.accept(update)
        self.items.append(item)
        if arrives:
            self.room.arrive(item)

    def _next(self) -> int:
        self.count += 1
        return self.count

    @rule(group=st.booleans())
    def says(self, group: bool) -> None:
        number = self._next()
        text = f"слово{number}"
        self.texts[text] = number
        self._say(group_message(number, text) if group else message(number, text))

    @rule()
    def speaks(self) -> None:
        self._say(recording(self._next()))

    @rule(command=st.sampled_from(["/help", "/language en", "/language ru", "/memory"]))
    def commands(self, command: str) -> None:
        self._say(message(self._next(), command))

    @rule(data=st.sampled_from(["language:en", "reset:no", "stale"]))
    def presses(self, data: str) -> None:
        self._say(pressed(self._next(), data))

    @rule()
    def stops(self) -> None:
        self._say(message(self._next(), "/stop"))

    @precondition(lambda self: self.count)
    @rule(data=st.data())
    def edits(self, data: st.DataObject) -> None:
        of = data.draw(st.integers(max(1, self.count - 3), self.count))
        number = self._next()
        text = f"правка{number}"
        self.texts[text] = number
        self._say(edited(number, of, text))

    @precondition(lambda self: self.items)
    @rule(data=st.data())
    def arrives_again(self, data: st.DataObject) -> None:
        self.room.arrive(data.draw(st.sampled_from(self.items[-5:])))

    # What becomes of it

    @rule(count=st.integers(1, 5))
    def writes(self, count: int) -> None:
        self.room.write(count)

    def _open(self) -> str | None:
        open_ones = [
            asked.request_id
            for asked in self.room.questions
            if asked.request_id not in self.answered | set(self.room.hands.cancelled)
        ]
        assert len(open_ones) <= 1, "two turns at once"
        return open_ones[0] if open_ones else None

    @precondition(lambda self: self._open())
    @rule()
    def answers(self) -> None:
        request_id = self._open()
        assert request_id is not None
        self.answered.add(request_id)
        self.room.talking.talk.completed(request_id, Completion(f"ответ на {request_id}"))

    @precondition(lambda self: self._open())
    @rule(error=ERRORS)
    def fails(self, error: ModelError) -> None:
        request_id = self._open()
        assert request_id is not None
        self.answered.add(request_id)
        self.room.talking.talk.failed(request_id, error)

    @precondition(lambda self: "retry" in self.room.hands.timers)
    @rule()
    def retries(self) -> None:
        self.room.ring("retry")

    @precondition(lambda self: self.heard < len(self.room.hands.listening))
    @rule(words=st.booleans())
    def hears(self, words: bool) -> None:
        heard, _, _ = self.room.hands.listening[self.heard]
        self.heard += 1
        if words:
            text = f"голос{heard.update_id}"
            self.texts[text] = heard.update_id
            self.room.talking.talk.heard(heard, Transcript(text))
        else:
            self.room.talking.talk.not_heard(heard, AudioSilent("no words"))

    @rule(lost=st.booleans(), blamed=st.booleans(), meanwhile=st.booleans())
    def crashes(self, lost: bool, blamed: bool, meanwhile: bool) -> None:
        """`lost`: the journal failed too, with the writes that it had gathered."""
        self._send()
        while self.room.hands.commits and not lost:
            self.room.hands.committed(self.room.store)
        if blamed:
            self.room.attempts.failed("ValueError")
        else:
            self.room.attempts.rested()
        self.room.begin()
        self.heard = 0
        if meanwhile:
            number = self._next()
            self.texts[f"слово{number}"] = number
            self._say(message(number, f"слово{number}"))
        self.room.read()

    @rule()
    def sends(self) -> None:
        self._send()

    def _send(self) -> None:
        """What the sender does: each part once, in order, noted when it is there."""
        for delivery in self.room.hands.deliveries:
            for number, part in enumerate(delivery.parts, delivery.first):
                known = self.parts.setdefault((delivery.key, number), part)
                assert known == part, "another part under the same number"
            until = delivery.first + len(delivery.parts)
            self.room.store.commit([NoteSent(delivery.key, until, self.room.time.now())])
        self.room.hands.deliveries.clear()

    # What must hold

    @invariant()
    def memory_is_exact(self) -> None:
        store = self.room.store
        events = sorted(store.events.values(), key=lambda event: event.seq)
        assert [event.seq for event in events] == list(range(1, len(events) + 1))
        said = [event for event in events if event.role == "user"]
        assert len({event.update_id for event in said}) == len(said)
        order = [event.update_id for event in said]
        assert order == sorted(order)
        if "7" in store.known:
            assert store.known["7"].last_seq == len(events)

    @invariant()
    def ram_is_not_behind_the_store(self) -> None:
        if self.room.ledger.loaded and not self.room.hands.commits:
            assert self.room.ledger.profile == self.room.store.known.get("7")

    def teardown(self) -> None:
        for _ in range(6 * self.count + 20):
            self.room.write()
            if self._open():
                self.answers()
            elif self.heard < len(self.room.hands.listening):
                self.hears(words=True)
            elif "retry" in self.room.hands.timers:
                self.room.ring("retry")
        self.room.write()
        self._send()
        states = {n: self.room.state(n) for n in range(1, self.count + 1)}
        assert set(states.values()) <= {"sent", "dead"}, states
        assert self.room.talking.idle
        assert not self.room.attempts.open
        assert not self.room.talking._queue
        assert not self.room.talking._known
        self.memory_is_exact()
        for number in range(1, self.count + 1):
            numbers = sorted(n for k, n in self.parts if k == key(number))
            assert numbers == list(range(len(numbers))), "a part was never sent"


TestGuesthood = Guesthood.TestCase
TestGuesthood.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)

"""A guest who floods is told once a burst, and slows nobody."""

from __future__ import annotations

import threading

from actors.router import COMMANDS
from butler.domain.chat import CompletionRequest
from butler.domain.phrasebook import PHRASES
from butler.domain.writes import CommitTurn
from tests.support.fakes import SECONDS, FakeModel, FakeStore, FakeTransport, Time, message
from tests.support.indoors import Indoors, indoors
from tests.support.waiting import eventually

FLOODER, OTHER = 7, 8
TOLD = {text for texts in PHRASES["flood"].values() for text in texts}


class Slow:
    """An LLM that keeps the flooder waiting until `free` is set, and nobody else."""

    def __init__(self) -> None:
        self.free = threading.Event()

    def __call__(self, request: CompletionRequest) -> str:
        if "drop" in request.messages[-1].content:
            assert self.free.wait(SECONDS)
        return "Very good."


def told(house: Indoors, user: int = FLOODER) -> int:
    """How often a guest was told of the flood."""
    return sum(part.chat_id == user and part.text in TOLD for part in house.transport.sent)


def burst(house: Indoors, first: int, count: int) -> None:
    house.say(*(message(first + number, f"drop {number}", FLOODER) for number in range(count)))


def test_a_flood_is_met_with_one_word_each_burst_and_every_message_is_answered() -> None:
    slow = Slow()
    store = FakeStore()
    with indoors(store, FakeModel(slow), event_cap=500, keep_events=400) as house:
        burst(house, 100, 60)
        eventually("the word on the flood", lambda: told(house))
        burst(house, 200, 40)
        house.say(message(300, "Good evening.", OTHER))
        house.transport.told.wait(type(house.transport.sent[0]), lambda part: part.chat_id == OTHER)
        slow.free.set()
        house.settled(*range(100, 160), *range(200, 240), 300)
        assert told(house) == 1
        said = [e.content for e in store.guest(str(FLOODER)).window if e.role == "user"]  # type: ignore[union-attr]  # known by now
        assert said == [f"drop {n}" for n in range(60)] + [f"drop {n}" for n in range(40)]
        slow.free.clear()
        burst(house, 400, 60)
        eventually("the word on the second flood", lambda: told(house) == 2)
        slow.free.set()
        house.settled(*range(400, 460))
        assert (told(house), told(house, OTHER)) == (2, 0)


def test_a_few_messages_at_once_are_no_flood() -> None:
    slow = Slow()
    with indoors(FakeStore(), FakeModel(slow)) as house:
        burst(house, 100, 25)
        eventually("all accepted", lambda: house.state(124))
        slow.free.set()
        house.settled(*range(100, 125))
        assert told(house) == 0


def test_a_flood_that_a_crash_cuts_in_two_is_told_of_once() -> None:
    slow = Slow()
    store = FakeStore()
    with indoors(store, FakeModel(slow)) as house:
        burst(house, 100, 60)
        eventually("the word on the flood", lambda: told(house))
        house.stop()
        slow.free.set()
        waiting = Slow()
        with indoors(store, FakeModel(waiting), transport=house.transport) as again:
            burst(again, 200, 5)
            eventually("the late ones", lambda: again.state(204))
            waiting.free.set()
            again.settled(*range(100, 160), *range(200, 205))
    assert told(house) == 1


def test_a_burst_costs_a_commit_for_each_turn_and_not_for_each_message() -> None:
    store = FakeStore()
    slow = Slow()
    with indoors(store, FakeModel(slow)) as house:
        burst(house, 100, 100)
        eventually("the word on the flood", lambda: told(house))
        slow.free.set()
        house.settled(*range(100, 200))
    turns = [w for batch in store.batches for w in batch if isinstance(w, CommitTurn)]
    assert len(turns) <= 1 + 100 // 20


def test_a_flood_of_commands_does_not_fill_the_inbox_for_everybody() -> None:
    store, transport = FakeStore(), FakeTransport()
    with indoors(store, transport=transport, time=Time()) as home:
        transport.gate.clear()  # as if Telegram took one a second, and no second went by
        home.say(*(message(number, "/help") for number in range(1, 1_001)))
        home.say(message(2_000, "Good evening.", user=8))
        eventually("all accepted", lambda: home.state(2_000))
        eventually("room in the inbox", lambda: store.statistics().unsettled <= COMMANDS + 2)
        transport.gate.set()
        home.settled(1, 1_000, 2_000)
        states = {home.state(number) for number in range(1, 1_001)}
    assert states == {"sent"}
    texts = [part.text for part in transport.sent if part.chat_id == 7]
    assert len(texts) == COMMANDS + 1
    assert sum(text in PHRASES["flood_dropped"]["ru"] for text in texts) == 1

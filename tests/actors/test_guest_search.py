"""A search through a long past: in slices, and to the guest as if it was done at once."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import pytest

from actors import messages as m
from actors.guest.search import LOOKING, SLICE_SECONDS
from butler.domain.profile import Fact
from butler.errors import ModelUnavailable
from tests.actors.guest_room import Room, key, said
from tests.actors.staging import stage
from tests.actors.test_user_actor import GUEST, Guesting
from tests.support.fakes import START, FakeStore, Time, message, pressed
from tests.support.waiting import eventually

LONG = 800
CAT = Fact("кот", "Барсик", 5, START)
LOOK = 0.001
STEP = 8  # events between two looks at the clock


class Running(Time):
    """A clock that moves at each look, as if each step of a search took a millisecond."""

    def __init__(self, time: Time | None = None) -> None:
        super().__init__()
        self.manual = time.manual if time else self.manual
        self.looks = 0

    def monotonic(self) -> float:
        self.looks += 1
        return super().monotonic() + self.looks * LOOK


def furnished(store: FakeStore) -> FakeStore:
    """Guest 7 has a long past in which a cat is spoken of here and there."""
    Room(store).knows(facts=(CAT,), covered_seq=LONG, memory_summary="Есть кот Барсик.")
    store.known["7"] = attrs.evolve(store.known["7"], last_seq=LONG)
    for seq in range(1, LONG + 1):
        event = said(seq, f"{'Барсик' if seq % 160 == 5 else 'чай'} номер {seq}")
        store.archived[event.event_id] = event
    return store


class Study(Room):
    """A guest with a long past; `hurried`: all that is asked of it is done at once."""

    def __init__(self, *, hurried: bool = False) -> None:
        super().__init__(furnished(FakeStore()), event_cap=100, keep_events=50)
        self.time = Time() if hurried else Running()
        self.begin()
        self.read()
        self.slices = 0

    @property
    def looking(self) -> bool:
        return LOOKING in self.hands.timers

    def look(self) -> None:
        """Look to the end; answers and replies become durable."""
        while self.looking:
            self.slices += 1
            self.ring(LOOKING)
        self.write()

    @property
    def yes(self) -> str:
        """The button that confirms the last question."""
        return self.hands.deliveries[-1].parts[-1].buttons[0][0].data


REQUESTS = (
    "Забудь про моего кота",
    "Забудь про Барсика",
    "Забудь про чай",
    "Забудь про бегемота",
    "/forget 2026-03-01",
    "/forget 2025-03-01",
    "Забудь всё",
)


@pytest.mark.parametrize("words", REQUESTS)
def test_what_is_found_in_slices_is_what_is_found_at_once(words: str) -> None:
    slow, quick = Study(), Study(hurried=True)
    for guest in (slow, quick):
        guest.say(message(1, words))
        guest.look()
    assert (quick.slices, len(quick.hands.said)) == (0, 1)
    assert slow.slices > LONG / STEP * LOOK / SLICE_SECONDS - 1
    assert slow.hands.said == quick.hands.said


def test_a_slice_is_short() -> None:
    guest = Study()
    guest.say(message(1, "Забудь про моего кота"))
    while guest.looking:
        before = guest.time.looks if isinstance(guest.time, Running) else 0
        guest.ring(LOOKING)
        assert isinstance(guest.time, Running)
        assert guest.time.looks - before <= SLICE_SECONDS / LOOK + 4


@pytest.mark.parametrize("words", REQUESTS[:2])
def test_what_was_found_is_forgotten_on_a_yes(words: str) -> None:
    guest = Study()
    guest.say(message(1, words))
    guest.look()
    guest.say(pressed(2, guest.yes))
    guest.look()
    assert "арсик" not in f"{guest.store.known} {guest.store.archived}"
    assert len(guest.store.archived) == LONG - 5


MEANWHILE = (
    message(2, "Как дела?"),
    message(3, "/memory"),
    message(4, "Забудь про чай"),
    message(5, "/stop"),
    message(6, "Который час?"),
    message(7, photo=[]),
)


def conversed(guest: Study) -> list[str]:
    """A search, and what comes during it; all that the guest is told, and the LLM is asked."""
    guest.say(message(1, "Забудь про моего кота"))
    for update in MEANWHILE:
        guest.say(update)
    guest.look()
    while guest.looking or guest.hands.commits:
        guest.look()
    prompts = [asked.request.messages[-1].content for asked in guest.questions]
    return [*guest.hands.said, *prompts]


def test_what_comes_meanwhile_is_dealt_with_after_it_in_order() -> None:
    slow, quick = Study(), Study(hurried=True)
    assert conversed(slow) == conversed(quick)
    assert slow.slices > 2 * LONG / STEP * LOOK / SLICE_SECONDS  # two searches
    assert "Барсик" in slow.hands.said[0]


def test_nothing_else_is_begun_before_it_is_over() -> None:
    guest = Study()
    guest.say(message(1, "Забудь про моего кота"))
    for update in MEANWHILE:
        guest.say(update)
    assert guest.looking
    assert guest.hands.take() == []
    assert guest.questions == []
    assert not guest.talking.idle


def outage(guest: Study) -> list[str]:
    """The LLM fails while requests wait that need none."""
    guest.say(message(1, "Добрый вечер"))
    for update in (
        message(2, "Забудь про моего кота"),
        message(3, "/memory"),
        message(4, "Забудь про чай"),
        message(5, "Который час?"),
        message(6, "/privacy"),
    ):
        guest.say(update)
    guest.fail(ModelUnavailable("away"))
    while guest.looking or guest.hands.commits:
        guest.look()
    return guest.hands.said


def test_requests_that_are_not_held_up_by_an_outage_stay_in_order() -> None:
    slow, quick = Study(), Study(hurried=True)
    assert outage(slow) == outage(quick)
    assert len(slow.hands.said) == 5
    assert slow.slices > 2 * LONG / STEP * LOOK / SLICE_SECONDS


def test_what_came_while_the_guest_was_in_doubt_stays_in_order_too() -> None:
    guest = Study()
    for number, words in enumerate(("Добрый вечер", "Забудь про моего кота", "/memory"), 1):
        guest.say(message(number, words))
    assert guest.ledger.doubt()
    guest.say(message(4, "/privacy"))
    guest.talking.talk.failed(guest.question.request_id, ModelUnavailable("away"))
    guest.look()
    guest.ledger.confirm()
    guest.talking.advance()
    guest.look()
    keys = [delivery.key.update_id for delivery in guest.hands.deliveries]
    assert keys == [1, 2, 3, 4]


def test_a_crash_halfway_begins_it_anew() -> None:
    guest, quick = Study(), Study(hurried=True)
    guest.say(message(1, "Забудь про моего кота"))
    guest.ring(LOOKING)
    assert guest.looking
    guest.crash()
    guest.look()
    quick.say(message(1, "Забудь про моего кота"))
    quick.look()
    assert guest.hands.said == quick.hands.said
    assert guest.state(1) == "answered"


# The actor


@pytest.fixture
def guesting() -> Iterator[Guesting]:
    with stage() as made:
        made.time = Running(made.time)
        house = Guesting(made, furnished(FakeStore()))
        house.start(event_cap=100, keep_events=50)
        yield house


def begun(guesting: Guesting, words: str = "Забудь про моего кота", number: int = 1) -> None:
    """The search has begun and waits for its next slice."""
    time = guesting.stage.time
    assert isinstance(time, Running)
    before = time.looks
    guesting.say(message(number, words))
    eventually("a slice", lambda: time.looks > before + SLICE_SECONDS / LOOK)
    guesting.stage.flush(GUEST)


def over(guesting: Guesting, count: int = 1) -> list[str]:
    """The first texts that the sender is given, slice after slice."""
    sender = guesting.stage.told[m.SENDER]

    def look() -> bool:
        guesting.stage.time.advance(0.0)  # and no message that would bring it on
        return len(sender.of(m.Deliver)) >= count

    eventually("deliveries", look)
    return [each.parts[0].text for each in sender.of(m.Deliver)]


def test_messages_are_put_by_and_handled_after_it_in_order(
    guesting: Guesting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actors.user.CAUGHT_UP_AT_ONCE", 1)
    begun(guesting)
    for number in range(2, 21):
        guesting.say(message(number, "/privacy"))
    guesting.stage.flush(GUEST)
    assert guesting.stage.told[m.SENDER].of(m.Deliver) == []
    assert "Барсик" in over(guesting, 20)[0]
    keys = [each.key.update_id for each in guesting.stage.told[m.SENDER].of(m.Deliver)]
    assert keys == [*range(1, 21)]


def test_who_is_being_looked_for_is_not_let_go(guesting: Guesting) -> None:
    begun(guesting)
    guesting.stage.tell(GUEST, m.Passivate(9))
    guesting.say(message(2, "Как дела?"))
    over(guesting)
    assert guesting.prompt()[-1].content.endswith("Как дела?")
    assert guesting.stage.told[m.ROUTER].of(m.Idle) == []


def test_nothing_else_that_the_actor_hears_of_comes_before_the_end(guesting: Guesting) -> None:
    guesting.say(message(1, "Добрый вечер"))
    failed = m.CompletionFailed(guesting.asked().request_id, ModelUnavailable("away"))
    guesting.stage.tell(GUEST, failed)
    guesting.delivered()
    begun(guesting, number=2)
    guesting.stage.tell(GUEST, m.ModelBack())
    guesting.stage.flush(GUEST)
    guesting.stage.tell(m.READER, m.ReadUnsettled(m.ROUTER, None, 1))
    guesting.stage.told[m.ROUTER].wait(m.UnsettledRead)
    guesting.stage.flush(GUEST)
    assert len(guesting.stage.told[m.LLM].of(m.Complete)) == 1
    assert "Барсик" in over(guesting, 2)[1]
    guesting.asked(2)


def test_who_has_not_heard_all_that_was_put_by_is_not_idle(
    guesting: Guesting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actors.user.CAUGHT_UP_AT_ONCE", 0)
    begun(guesting, "Забудь про бегемота")
    guesting.stage.tell(GUEST, m.PartialText("of another time", ""))
    while guesting.store.item(key(1)).state == "received":
        guesting.tick(0.0)
    guesting.stage.tell(m.JOURNAL, m.Barrier(m.ROUTER, m.ModelBack()))
    guesting.stage.told[m.ROUTER].wait(m.ModelBack)
    guesting.stage.tell(GUEST, m.Passivate(9))
    guesting.say(message(2, "/privacy"))
    monkeypatch.setattr("actors.user.CAUGHT_UP_AT_ONCE", 1)
    over(guesting, 2)
    assert guesting.stage.told[m.ROUTER].of(m.Idle) == []


@pytest.mark.parametrize("slices", [0, 5])
def test_a_crash_loses_nothing_of_what_was_put_by(guesting: Guesting, slices: int) -> None:
    begun(guesting)
    guesting.say(message(2, "/privacy"))
    for _ in range(slices):
        guesting.tick(0.0)
    guesting.stage.crash(GUEST)
    first, second, *_ = over(guesting, 2)
    assert "Барсик" in first
    assert "Барсик" not in second

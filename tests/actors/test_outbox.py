"""The outbox: per-chat order, nothing twice, nothing lost, never over the budget."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from actors import outbox as module
from actors.outbox import Job, Outbox, Tried
from butler.domain.flood import Flood
from butler.domain.inbox import UpdateKey
from butler.domain.outgoing import Part

RATE, BURST = 5, 3
KEY = UpdateKey(700, 1)
EPSILON = 1e-6  # sums of decimals are not exact


def job(update_id: int, chat: int = 1, number: int = 0, accepted: float = 0.0) -> Job:
    part = Part(chat, f"{update_id}.{number}")
    return Job(UpdateKey(700, update_id), number, part, accepted, final=True)


def outbox(**limits: float) -> Outbox:
    return Outbox(Flood(**{"rate": 0, "chat_rate": 0, **limits}))  # type: ignore[arg-type]  # burst is not set


def take(box: Outbox, now: float = 0.0) -> Job:
    taken = box.take(now)
    assert taken is not None
    return taken


def test_a_chat_has_one_part_under_way_and_the_next_after_it() -> None:
    box = outbox()
    first, second = job(1), job(2)
    box.add(first, 0)
    box.add(second, 0)
    assert box.take(0) is first
    assert box.take(0) is None
    box.done(first, 0)
    assert box.take(0) is second
    assert len(box) == 1


def test_other_chats_do_not_wait_for_one_that_is_slow() -> None:
    box = outbox()
    box.add(job(1, chat=1), 0)
    box.add(job(2, chat=2), 0)
    assert {take(box).part.chat_id, take(box).part.chat_id} == {1, 2}


def test_a_part_that_waits_or_was_sent_is_not_taken_again() -> None:
    box = outbox()
    assert box.add(job(1), 0)
    assert not box.add(job(1), 0)
    box.done(take(box), 0)
    assert not box.add(job(1), 0)


def test_a_part_that_waits_is_known_however_many_were_sent_since(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "REMEMBERED", 3)
    box = outbox()
    box.add(job(1, chat=1), 0)
    slow = take(box)
    for number in range(2, 10):
        box.add(job(number, chat=2), 0)
        box.done(take(box), 0)
    assert not box.add(job(1, chat=1), 0)
    box.done(slow, 0)
    assert box.take(0) is None


def test_an_update_that_was_accepted_anew_has_parts_of_its_own() -> None:
    box = outbox()
    box.add(job(1, accepted=1.0), 0)
    box.done(take(box), 0)
    assert box.add(job(1, accepted=2.0), 0)


def test_a_failed_part_holds_its_chat_until_it_is_tried_again() -> None:
    box = outbox()
    first = job(1)
    box.add(first, 0)
    box.add(job(2), 0)
    box.again(take(box), 0, 5.0)
    assert box.take(4.9) is None
    assert box.next_at() == 5.0
    assert box.take(5.0) is first


def test_a_part_that_is_replaced_counts_as_one_and_comes_in_its_place() -> None:
    box = outbox()
    box.add(job(1), 0)
    box.add(job(2), 0)
    whole = take(box)
    box.replace(whole, (Part(1, "a"), Part(1, "b")), 0)
    texts = []
    while (now := box.take(0)) is not None:
        texts.append((now.part.text, now.number, now.final))
        box.done(now, 0)
    assert texts == [("a", -1, False), ("b", 0, True), ("2.0", 0, True)]
    assert not box.add(job(1), 0)


def test_parts_of_a_migrated_group_go_to_its_new_id_before_what_waits_there() -> None:
    box = outbox()
    box.add(job(1, chat=1), 0)
    box.add(job(2, chat=1), 0)
    box.add(job(3, chat=9), 0)
    here = take(box)
    box.again(here, 0, 0)
    box.move(1, 9, 0)
    order = []
    while (now := box.take(0)) is not None:
        order.append((now.key.update_id, now.part.chat_id))
        box.done(now, 0)
    assert order == [(1, 9), (2, 9), (3, 9)]


def test_a_migration_does_not_disturb_the_part_that_is_on_its_way_to_the_new_id() -> None:
    box = outbox()
    box.add(job(3, chat=9), 0)
    under_way = take(box)
    box.add(job(1, chat=1), 0)
    moved = take(box)
    box.again(moved, 0, 0)
    box.move(1, 9, 0)
    box.done(under_way, 0)
    assert box.take(0) is moved
    box.done(moved, 0)
    assert box.take(0) is None


def test_what_is_dropped_takes_the_rest_of_its_update_along() -> None:
    box = outbox()
    box.add(job(1, number=0), 0)
    box.add(job(1, number=1), 0)
    box.add(job(2), 0)
    assert [each.number for each in box.drop(take(box), 0)] == [0, 1]
    assert take(box).key.update_id == 2
    assert not box.add(job(1, number=1), 0)


def test_a_pause_that_telegram_asks_for_holds_one_chat_or_all() -> None:
    box = outbox()
    box.add(job(1, chat=1), 0)
    box.add(job(2, chat=2), 0)
    box.penalise(1, 3.0, 0)
    assert take(box).part.chat_id == 2
    assert box.take(0) is None
    box.penalise(None, 10.0, 0)
    assert box.take(9.0) is None
    assert box.next_at() == 10.0
    assert take(box, 10.0).part.chat_id == 1


def test_chats_with_nothing_to_send_are_forgotten() -> None:
    box = outbox()
    for chat in range(1, 50):
        box.add(job(chat, chat=chat), 0)
        box.again(take(box), 0, 1.0)
        box.drop(take(box, 1.0), 1.0)
    assert not box._chats
    assert box.next_at() is None


@attrs.define
class Expected:
    """What the model knows of a chat: parts in order of arrival, `done` of them finished."""

    parts: list[str] = attrs.field(factory=list)
    sent: list[str] = attrs.field(factory=list)


class Sending(RuleBasedStateMachine):
    """Random chats, parts and results: order, once each, and the budget."""

    def __init__(self) -> None:
        super().__init__()
        self.box = Outbox(Flood(rate=RATE, chat_rate=1, burst=BURST))
        self.now = 0.0
        self.chats: dict[int, Expected] = {}
        self.under_way: list[Job] = []
        self.left: list[tuple[float, int]] = []
        self.updates = 0

    @rule(chat=st.integers(1, 4), parts=st.integers(1, 3), again=st.booleans())
    def deliver(self, chat: int, parts: int, again: bool) -> None:
        self.updates += 1
        expected = self.chats.setdefault(chat, Expected())
        for number in range(parts):
            assert self.box.add(job(self.updates, chat, number), self.now)
            expected.parts.append(f"{self.updates}.{number}")
        if again:
            assert not self.box.add(job(self.updates, chat, 0), self.now)

    @rule(seconds=st.sampled_from([0.0, 0.1, 0.5, 1.0, 3.0, 10.0]))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def take(self) -> None:
        taken = self.box.take(self.now)
        if taken is None:
            return
        chat = taken.part.chat_id
        assert all(each.part.chat_id != chat for each in self.under_way), "two at once in a chat"
        expected = self.chats[chat]
        assert taken.part.text == expected.parts[len(expected.sent)], "out of order, or again"
        self.under_way.append(taken)
        self.left.append((self.now, chat))

    @precondition(lambda self: self.under_way)
    @rule(data=st.data())
    def sent(self, data: st.DataObject) -> None:
        done = self._pick(data)
        self.chats[done.part.chat_id].sent.append(done.part.text)
        self.box.done(done, self.now)

    @precondition(lambda self: self.under_way)
    @rule(data=st.data(), delay=st.sampled_from([0.0, 0.5, 5.0]), pause=st.booleans())
    def failed(self, data: st.DataObject, delay: float, pause: bool) -> None:
        failed = self._pick(data)
        if pause:
            self.box.penalise(failed.part.chat_id, delay, self.now)
        self.box.again(failed, self.now, delay)

    @precondition(lambda self: self.under_way)
    @rule(data=st.data())
    def blocked(self, data: st.DataObject) -> None:
        failed = self._pick(data)
        dropped = [each.part.text for each in self.box.drop(failed, self.now)]
        expected = self.chats[failed.part.chat_id]
        assert dropped == expected.parts[len(expected.sent) :][: len(dropped)]
        expected.sent.extend(dropped)

    def _pick(self, data: st.DataObject) -> Job:
        place = data.draw(st.integers(0, len(self.under_way) - 1))
        return self.under_way.pop(place)

    @invariant()
    def within_the_budget(self) -> None:
        lately = [at for at, _ in self.left if at > self.now - 1.0 + EPSILON]
        assert len(lately) <= RATE
        for chat in self.chats:
            since = self.now - BURST + EPSILON
            assert sum(at > since and to == chat for at, to in self.left) <= BURST

    @invariant()
    def says_when_to_look_again(self) -> None:
        busy = {each.part.chat_id for each in self.under_way}
        waits = any(
            len(e.sent) < len(e.parts) and chat not in busy for chat, e in self.chats.items()
        )
        assert (self.box.next_at() is not None) or not waits

    def teardown(self) -> None:
        for each in self.under_way:
            self.chats[each.part.chat_id].sent.append(each.part.text)
            self.box.done(each, self.now)
        for _ in range(400):
            self.now += 1.0
            while (taken := self.box.take(self.now)) is not None:
                self.chats[taken.part.chat_id].sent.append(taken.part.text)
                self.box.done(taken, self.now)
        for expected in self.chats.values():
            assert expected.sent == expected.parts, "something was never sent, or out of order"
        assert len(self.box) == 0
        assert not self.box._chats
        assert not self.box._waiting


TestSending = Sending.TestCase
TestSending.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


def test_of_an_earlier_process_all_that_is_unsent_may_be_sent_again() -> None:
    tried = Tried()
    assert tried.counts(KEY, 0.0)
    tried.taken_up()
    assert not tried.counts(KEY, 0.0)


@pytest.mark.parametrize(
    ("number", "sent", "counts"),
    [(0, True, False), (0, False, False), (-1, True, True), (-1, False, False)],
)
def test_what_is_on_its_way_or_half_sent_counts(number: int, sent: bool, counts: bool) -> None:
    tried = Tried()
    tried.taken_up()
    piece = Job(KEY, number, Part(7, "hi"), 0.0, final=False)
    tried.begins(piece)
    assert tried.counts(KEY, 0.0)
    assert not tried.counts(UpdateKey(700, 2), 0.0)
    tried.ends(piece, sent=sent)
    assert tried.counts(KEY, 0.0) is counts

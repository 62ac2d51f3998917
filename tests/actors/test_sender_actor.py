"""The sender: what is durable reaches its chat, in order and once, through refusals and crashes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import attrs
import pytest

from actors import messages as m
from actors.journal import Journal
from actors.outbox import Tried
from actors.reader import Reader
from actors.sender import POISON, UPLOAD_PAUSE_SECONDS, UPLOADS, Sender, SenderWorker
from actors.slots import Task
from butler.domain.flood import Flood
from butler.domain.outgoing import Document, Entity, Part
from butler.domain.writes import Accept, CommitTurn, NoteSent
from butler.errors import (
    ChatMigrated,
    EntitiesRefused,
    NotModified,
    ReplyTargetGone,
    TextTooLong,
    TransportFlood,
    TransportRefused,
    TransportUnavailable,
    Undeliverable,
)
from butler.storage.documents import parts_text
from butler.storage.rows import Row
from butler.telemetry import (
    DeadLettered,
    ReplyResent,
    ReplySent,
    ReplyUndeliverable,
    TransportCalled,
)
from supervision import ChildSpec
from supervision.events import ChildFailed
from tests.actors.guest_room import key
from tests.actors.staging import Stage, group, stage
from tests.support.fakes import START, FakeStore, FakeTransport, item, message
from tests.support.waiting import eventually


def part(text: str = "hi", chat: int = 7, **details: Any) -> Part:
    return Part(chat, text, **details)


@attrs.define
class Sending:
    """A sender with its workers between a store and a transport."""

    stage: Stage
    store: FakeStore
    transport: FakeTransport
    flood: Flood

    def start(self, workers: int = 3) -> None:
        made = self.stage
        common = (made.directory, made.telemetry)
        names = [f"sender-{number}" for number in range(workers)]
        specs = [ChildSpec(n, SenderWorker.on(made.io, n, self.transport, *common)) for n in names]
        made.start(
            (m.JOURNAL, Journal.on(made.io, self.store, *common)),
            (m.READER, Reader.on(made.io, self.store, made.directory)),
            (m.SENDER, Sender.on(made.pool, self.flood, *common, made.time, Tried())),
            group("sender workers", specs),
        )

    def answer(self, update_id: int, *parts: Part) -> m.Deliver:
        """An update with a durable answer; how the sender is told to send it."""
        self.store.commit(
            [
                Accept((item(message(update_id, "hi")),)),
                CommitTurn((key(update_id),), parts, START),
            ]
        )
        return m.Deliver(key(update_id), parts, 0, START.timestamp())

    def deliver(self, update_id: int, *parts: Part) -> None:
        self.stage.tell(m.SENDER, self.answer(update_id, *parts))

    def sent(self, count: int) -> list[str]:
        """The texts that were sent, once there are so many."""
        self.transport.told.wait(Part, count=count)
        return [each.text for each in self.transport.sent]

    def settled(self, update_id: int, state: str = "sent") -> None:
        eventually(
            f"{update_id} as {state}", lambda: self.store.item(key(update_id)).state == state
        )

    def tried(self, count: int = 1) -> None:
        """Returns when so many calls have failed and been thought about."""
        self.stage.events.wait(TransportCalled, lambda e: e.outcome != "success", count)
        self.stage.flush(m.SENDER)


@pytest.fixture
def sending() -> Iterator[Sending]:
    with stage() as made:
        now = Sending(made, FakeStore(), FakeTransport(), Flood(rate=0, chat_rate=0))
        yield now
        now.transport.gate.set()


def test_a_reply_is_sent_noted_and_settled(sending: Sending) -> None:
    sending.start()
    sending.stage.time.advance(2.0)
    sending.deliver(1, part("one"), part("two"))
    assert sending.sent(2) == ["one", "two"]
    sending.settled(1)
    assert sending.stage.events.wait(ReplySent).seconds == 2.0
    assert len(sending.stage.events.of(ReplySent)) == 1
    assert sending.stage.events.of(ReplyResent) == []


def test_large_files_leave_workers_to_the_messages_of_others(sending: Sending) -> None:
    sending.start(workers=UPLOADS + 1)
    sending.transport.hold_documents.clear()
    for update_id in range(1, UPLOADS + 3):
        file = Document.of(f"{update_id}.json", b"{}")
        sending.deliver(update_id, part("file", chat=update_id, document=file))

    def tried() -> int:
        return len(sending.transport.told.of(tuple))  # ("trying", part)

    eventually("uploads under way", lambda: tried() == UPLOADS)
    sending.deliver(50, part("words", chat=50))
    assert sending.sent(1) == ["words"]
    assert tried() == UPLOADS + 1
    sending.transport.hold_documents.set()
    sending.stage.time.advance(UPLOAD_PAUSE_SECONDS)
    for _ in range(2):
        sending.transport.told.wait(Part, count=UPLOADS + 1)
        sending.stage.flush(m.SENDER)
        sending.stage.time.advance(UPLOAD_PAUSE_SECONDS)
    assert len(sending.sent(UPLOADS + 3)) == UPLOADS + 3
    methods = [event.method for event in sending.stage.events.of(TransportCalled)]
    assert methods.count("sendDocument") == UPLOADS + 2


def test_an_early_notice_does_not_settle_its_update(sending: Sending) -> None:
    sending.start()
    sending.store.commit([Accept((item(message(1, "hi")),))])
    sending.stage.tell(m.SENDER, m.Deliver(key(1), (part("wait"),), 0, 0.0, final=False))
    sending.sent(1)
    sending.stage.flush(m.SENDER)
    assert sending.store.item(key(1)).state == "received"
    assert sending.stage.events.of(ReplySent) == []


def test_what_a_crash_left_unsent_is_sent_again_and_counted(sending: Sending) -> None:
    sending.answer(1, part("one"), part("two"))
    sending.store.commit([NoteSent(key(1), 1, START)])
    sending.answer(2, part("three"))
    sending.answer(3)
    sending.start()
    assert sorted(sending.sent(2)) == ["three", "two"]
    assert sending.stage.events.wait(ReplyResent).count == 2
    sending.settled(1)
    sending.settled(2)


def test_what_was_left_unsent_goes_before_what_is_new(sending: Sending) -> None:
    for number in range(1, 601):
        sending.answer(number, part(str(number)))
    sending.store.down = True
    sending.start()
    new = m.Deliver(key(1000), (part("new"),), 0, 0.0)
    sending.stage.tell(m.SENDER, new)
    sending.store.refused.wait(str)
    sending.store.down = False

    def later() -> bool:
        sending.stage.time.advance(1.0)
        return len(sending.transport.sent) == 601

    eventually("all to be sent", later)
    assert sending.sent(601) == [*map(str, range(1, 601)), "new"]


def test_parts_that_are_told_again_are_sent_once(sending: Sending) -> None:
    sending.start()
    deliver = sending.answer(1, part("one"))
    for _ in range(3):
        sending.stage.tell(m.SENDER, deliver)
    sending.deliver(2, part("two"))
    assert sending.sent(2) == ["one", "two"]


def test_the_flood_budget_is_waited_for(sending: Sending) -> None:
    sending.flood = Flood(rate=2, chat_rate=0, burst=1)
    sending.start()
    for number in range(1, 5):
        sending.deliver(number, part(str(number), chat=number))
    assert len(sending.sent(2)) == 2
    sending.stage.flush(m.SENDER)
    sending.stage.time.advance(1.0)
    assert len(sending.sent(4)) == 4


# Refusals


def test_what_telegram_cannot_take_for_now_is_tried_until_it_can(sending: Sending) -> None:
    sending.transport.errors.extend([TransportUnavailable("away"), TransportUnavailable("away")])
    sending.start()
    sending.deliver(1, part("one"))
    sending.tried(1)
    sending.stage.time.advance(0.5)
    sending.tried(2)
    sending.stage.time.advance(0.9)
    assert sending.transport.sent == []
    sending.stage.time.advance(0.2)
    assert sending.sent(1) == ["one"]
    sending.settled(1)


@pytest.mark.parametrize(("seconds", "others_wait"), [(5.0, False), (200.0, True)])
def test_a_pause_is_kept_by_the_chat_or_by_all(
    sending: Sending, seconds: float, others_wait: bool
) -> None:
    sending.transport.errors.append(TransportFlood("slow down", seconds))
    sending.start(workers=1)
    sending.deliver(1, part("one", chat=1))
    sending.tried(1)
    sending.deliver(2, part("two", chat=2))
    sending.stage.flush(m.SENDER)
    if not others_wait:
        assert sending.sent(1) == ["two"]
    assert (sending.transport.sent == []) is others_wait
    sending.stage.time.advance(seconds + 1)
    assert sorted(sending.sent(2)) == ["one", "two"]


def test_who_has_blocked_the_bot_is_left_in_peace(sending: Sending) -> None:
    sending.transport.errors.append(Undeliverable("blocked"))
    sending.start()
    sending.deliver(1, part("one"), part("two"))
    sending.settled(1, "undeliverable")
    assert sending.stage.events.wait(ReplyUndeliverable).reason
    assert sending.transport.sent == []


def test_an_edit_that_changes_nothing_counts_as_sent(sending: Sending) -> None:
    sending.transport.errors.append(NotModified("same"))
    sending.start()
    sending.deliver(1, part("one", edit_message_id=5))
    sending.settled(1)


def test_a_group_that_has_moved_is_followed(sending: Sending) -> None:
    sending.transport.errors.append(ChatMigrated("moved", -1009))
    sending.start()
    sending.deliver(1, part("one", chat=-9), part("two", chat=-9))
    sending.sent(2)
    assert [(each.chat_id, each.text) for each in sending.transport.sent] == [
        (-1009, "one"),
        (-1009, "two"),
    ]
    sending.settled(1)


def test_what_is_refused_as_it_is_is_sent_as_it_can_be(sending: Sending) -> None:
    bold = (Entity("bold", 0, 2),)
    for error, asked, wanted in [
        (EntitiesRefused("odd"), part("entities", entities=bold), part("entities")),
        (ReplyTargetGone("gone"), part("reply", reply_to_message_id=5), part("reply")),
        (TransportRefused("old"), part("edit", edit_message_id=5), part("edit")),
        (TransportRefused("odd"), part("other", entities=bold), part("other")),
    ]:
        with stage() as made:
            each = Sending(made, FakeStore(), FakeTransport(), sending.flood)
            each.transport.errors.append(error)
            each.start()
            each.deliver(1, asked)
            each.settled(1)
            assert each.transport.sent == [wanted]


def test_what_is_too_long_is_sent_in_pieces_before_the_rest(sending: Sending) -> None:
    sending.transport.errors.append(TextTooLong("4096"))
    sending.start()
    sending.deliver(1, part("слово " * 100), part("rest"))
    sending.settled(1)
    texts = [each.text for each in sending.transport.sent]
    assert texts[-1] == "rest"
    assert len(texts) >= 3
    assert " ".join(texts[:-1]).split() == ["слово"] * 100


@pytest.mark.parametrize("error", [TextTooLong("odd"), TransportRefused("odd")])
def test_what_cannot_be_mended_is_buried_once_and_holds_nobody_up(
    sending: Sending, error: Exception
) -> None:
    sending.transport.errors.append(error)
    sending.start()
    sending.deliver(1, part("one"), part("two"))
    sending.deliver(2, part("three"))
    sending.settled(1, "dead")
    assert sending.sent(1) == ["three"]
    (letter,) = sending.store.letters.values()
    assert (letter.reason, letter.detail, letter.key) == ("refused", type(error).__name__, key(1))
    assert len(sending.stage.events.of(DeadLettered)) == 1
    assert sending.transport.errors == type(sending.transport.errors)()


# Courtesies


def test_courtesies_are_shown_when_nobody_waits_and_forgotten_otherwise(sending: Sending) -> None:
    sending.start(workers=1)
    for courtesy in (m.ShowTyping(7), m.ShowDraft(7, 1, "Ve"), m.AnswerCallback("q")):
        before = len(sending.stage.events.of(TransportCalled))
        sending.stage.tell(m.SENDER, courtesy)
        sending.stage.events.wait(TransportCalled, count=before + 1)
        sending.stage.flush(m.SENDER)
    shown = sending.transport.told.of(tuple)
    assert shown == [("typing", 7), ("draft", 7, 1, "Ve"), ("callback", "q")]
    sending.transport.gate.clear()
    sending.deliver(1, part("one"))
    sending.transport.told.wait(tuple, lambda t: t[0] == "trying")
    sending.stage.tell(m.SENDER, m.ShowTyping(8))
    sending.stage.flush(m.SENDER)
    sending.transport.gate.set()
    sending.sent(1)
    assert ("typing", 8) not in sending.transport.told.of(tuple)


# Crashes


def test_a_sender_that_crashes_sends_each_once_and_counts_none_that_only_waited(
    sending: Sending,
) -> None:
    sending.transport.gate.clear()
    sending.start(workers=1)
    for number in (1, 2, 3):
        sending.deliver(number, part(f"text {number}", number))
    sending.transport.told.wait(tuple, lambda t: t[0] == "trying")
    crashing = threading.Thread(target=sending.stage.crash, args=(m.SENDER,))
    crashing.start()
    sending.stage.tree.wait(ChildFailed)
    sending.transport.gate.set()
    crashing.join(20)
    for number in (1, 2, 3):
        sending.settled(number)
    assert sorted(sending.sent(3)) == ["text 1", "text 2", "text 3"]
    assert sending.stage.events.of(ReplyResent) == []


def test_what_telegram_has_refused_for_now_is_not_sent_again_after_a_crash_but_at_last(
    sending: Sending,
) -> None:
    sending.transport.errors.extend([None, TransportFlood("slow", 30.0)])
    sending.start()
    sending.deliver(1, part("one"), part("two"))
    sending.tried()
    sending.stage.crash(m.SENDER)
    sending.stage.time.advance(31.0)
    assert sending.sent(2) == ["one", "two"]
    sending.settled(1)
    assert sending.stage.events.of(ReplyResent) == []


def test_a_part_whose_worker_crashed_is_sent_again_and_counted(sending: Sending) -> None:
    sending.transport.errors.append(ValueError("a defect"))
    sending.start()
    sending.deliver(1, part("one"))
    sending.stage.events.wait(ReplyResent)
    sending.stage.flush(m.SENDER)
    sending.stage.time.advance(0.5)
    assert sending.sent(1) == ["one"]
    sending.settled(1)


def test_a_part_that_keeps_crashing_workers_is_buried(sending: Sending) -> None:
    sending.transport.errors.extend(ValueError("a defect") for _ in range(POISON))
    sending.start()
    sending.deliver(1, part("one"))
    for crashes in range(1, POISON):
        sending.stage.events.wait(ReplyResent, count=crashes)
        sending.stage.flush(m.SENDER)
        sending.stage.time.advance(0.5)
    sending.settled(1, "dead")
    assert next(iter(sending.store.letters.values())).detail == "crashed"
    sending.deliver(2, part("two"))
    assert sending.sent(1) == ["two"]


def test_what_is_on_its_way_when_the_sender_crashes_is_sent_once(sending: Sending) -> None:
    sending.start()
    sending.transport.gate.clear()
    sending.deliver(1, part("one"), part("two"))
    sending.deliver(2, part("other", chat=8))
    sending.transport.told.wait(tuple, lambda t: t[0] == "trying", 2)
    crashing = threading.Thread(target=sending.stage.crash, args=(m.SENDER,))
    crashing.start()
    sending.stage.tree.wait(ChildFailed)
    sending.deliver(3, part("three"))
    sending.transport.gate.set()
    crashing.join(20)
    assert sorted(sending.sent(4)) == ["one", "other", "three", "two"]
    for number in (1, 2, 3):
        sending.settled(number)
    texts = [each.text for each in sending.transport.sent]
    assert texts.count("one") == 1
    assert [text for text in texts if text != "other"] == ["one", "two", "three"]


def test_what_was_sent_is_noted_anew_and_not_sent_again_when_its_note_was_lost(
    sending: Sending,
) -> None:
    sending.start()
    sending.deliver(1, part("one"), part("two"))
    sending.settled(1)
    # As a journal leaves it that crashed with the notes still in hand.
    answered = Row("answered", parts_text((part("one"), part("two"))), 2, 0)
    sending.store.rows[key(1)] = answered
    sending.stage.crash(m.SENDER)
    sending.settled(1)
    assert sending.sent(2) == ["one", "two"]
    assert sending.stage.events.of(ReplyResent) == []


def test_a_sender_that_crashes_again_and_again_sends_each_part_in_order(sending: Sending) -> None:
    sending.start()
    for number in range(1, 31):
        sending.deliver(number, part(str(number)))
        if number % 6 == 0:
            sending.stage.crash(m.SENDER)
    for number in range(1, 31):
        sending.settled(number)
    assert [each.text for each in sending.transport.sent] == [str(n) for n in range(1, 31)]


def test_what_was_sent_before_the_end_is_noted_at_the_end(sending: Sending) -> None:
    sending.start()
    sending.transport.gate.clear()
    for number in range(1, 10):
        sending.deliver(number, part(str(number), chat=number), part("more", chat=number))
    sending.transport.told.wait(tuple, lambda t: t[0] == "trying", 3)
    stopping = threading.Thread(target=sending.stage.stop)
    stopping.start()
    sending.transport.gate.set()
    stopping.join(20)
    noted = sum(sending.store.rows[key(number)].sent for number in range(1, 10))
    assert noted == len(sending.transport.sent) > 0
    assert sending.stage.failures() == []


def test_a_worker_lets_a_task_of_an_earlier_life_lie(sending: Sending) -> None:
    sending.start(workers=1)
    job = m.ShowTyping(9)
    sending.stage.tell("sender-0", Task(object(), job))
    sending.deliver(1, part("one"))
    assert sending.sent(1) == ["one"]
    assert ("typing", 9) not in sending.transport.told.of(tuple)

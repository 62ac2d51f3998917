"""Failing servers: the short form of the faults bench, and what it has shown."""

from __future__ import annotations

from pathlib import Path

from actors.llm_queue import LlmQueue
from actors.messages import Complete
from butler.domain.chat import CompletionRequest
from butler.errors import ModelUnavailable, TransportUnavailable
from butler.telemetry import ReplyResent, ReplySent
from ops.bench.faults import broken, trouble
from tests.support.fakes import FakeStore, Time, message
from tests.support.indoors import indoors
from tests.support.waiting import eventually


def test_among_failing_servers_nothing_is_lost_and_nothing_remembered_twice(
    tmp_path: Path,
) -> None:
    with (tmp_path / "butler.log").open("wb") as log:
        row = trouble(6.0, 20, log)
    assert broken(row) == [], row
    assert row["struck"] > 5
    assert row["answered"] + row["apologies"] + row["dead_letters"] == row["asked"]
    assert row["mixed_prompts"] == 0


def test_while_an_endpoint_is_tried_the_others_are_not_told_to_wait_for_long() -> None:
    """A trial may take two minutes to be given up; most end at once."""
    queue = LlmQueue(1, patience=100.0)
    for number in range(3):
        queue.add(Complete(f"down {number}", CompletionRequest(()), None), 0.0)
        call = queue.take(0.0)
        assert call is not None
        queue.failed(call, ModelUnavailable("away"), 0.0)
    queue.add(Complete("trial", CompletionRequest(()), None), 1.0)
    assert queue.take(1.0) is not None
    queue.add(Complete("meanwhile", CompletionRequest(()), None), 1.0)
    ((_, error),) = queue.hopeless(1.0)
    assert isinstance(error, ModelUnavailable)
    assert error.retry_after == 0.0


def test_a_reply_whose_answer_was_lost_is_sent_again_and_counted() -> None:
    time = Time()
    with indoors(FakeStore(), time=time) as house:
        house.transport.errors.extend(
            [TransportUnavailable("reset", unsure=True), TransportUnavailable("refused")]
        )
        house.say(message(1, "/help"))

        def sent() -> list[ReplySent]:
            time.advance(1.0)
            return house.told.of(ReplySent)

        eventually("the reply", sent)
        house.settled(1)
        assert len(house.told.of(ReplyResent)) == 1


def test_what_a_network_has_shuffled_is_answered_in_the_order_of_saying() -> None:
    store = FakeStore()
    with indoors(store) as house:
        house.say(message(3, "three"), message(1, "one"), message(2, "two"), message(1, "one"))
        house.settled(1, 2, 3)
    guest = store.guest("7")
    assert guest is not None
    said = [event.content for event in guest.window if event.role == "user"]
    assert said == ["one", "two", "three"]

from __future__ import annotations

from typing import Any

import pytest

from butler.playground import Refusal, World
from butler.playground.events import EventLog
from butler.playground.files import Files
from butler.playground.limits import Limits
from butler.playground.updates import UpdateQueue
from tests.playground.conftest import HandClock


def queue_of(count: int, clock: HandClock | None = None) -> UpdateQueue:
    queue = UpdateQueue(10, clock or HandClock())
    for number in range(count):
        queue.add({"message": {"text": str(number)}})
    return queue


def numbers(updates: list[dict[str, Any]]) -> list[int]:
    return [update["update_id"] for update in updates]


def test_updates_come_in_order_and_again_until_confirmed() -> None:
    queue = queue_of(3)
    assert numbers(queue.take(0, 100)) == [10, 11, 12]
    assert numbers(queue.take(10, 2)) == [10, 11]
    assert numbers(queue.take(12, 100)) == [12]
    assert numbers(queue.take(0, 100)) == [12]


def test_a_negative_offset_keeps_the_last_ones_and_forgets_the_rest() -> None:
    queue = queue_of(5)
    assert numbers(queue.take(-2, 100)) == [13, 14]
    assert len(queue) == 2


def test_an_offset_of_another_life_confirms_nothing() -> None:
    queue = queue_of(2)
    assert numbers(queue.take(5_000, 100)) == [10, 11]


def test_updates_are_kept_for_a_day() -> None:
    clock = HandClock()
    queue = queue_of(1, clock)
    clock.now += 24 * 3600 + 1
    assert queue.take(0, 100) == []
    assert queue.first() is None


def test_an_update_may_bring_its_own_number() -> None:
    queue = queue_of(0)
    assert queue.add({"update_id": 77, "nonsense": None}) == 77
    assert queue.add({"message": {}}) == 78


def test_one_update_can_be_dropped_from_the_middle() -> None:
    queue = queue_of(3)
    queue.drop(11)
    queue.drop(10)
    assert numbers(queue.take(0, 100)) == [12]
    assert queue.first() is not None


def test_reactions_come_only_when_asked_for() -> None:
    queue = queue_of(0)
    assert not queue.wants("message_reaction")
    queue.allow(["message_reaction"])
    assert queue.wants("message_reaction")
    assert not queue.wants("message")
    queue.allow([])
    assert queue.wants("message")


def test_update_ids_of_a_later_run_are_greater() -> None:
    clock = HandClock()
    first = World(clock=clock).add_bot()
    clock.now += 60
    second = World(clock=clock).add_bot()
    used = [first.queue.add({"message": {}}) for _ in range(100)][-1]
    assert second.queue.add({"message": {}}) > used


def test_events_that_are_gone_are_said_to_be() -> None:
    log = EventLog(kept=2)
    for number in range(3):
        log.add("action", number=number)
    assert log.after(0) is None
    assert [event["number"] for event in log.after(1) or []] == [1, 2]
    assert log.after(3) == []
    assert log.after(9) is None


def test_the_oldest_files_make_room() -> None:
    files = Files("salt")
    first = files.add("voice", b"x" * (200 << 20))
    second = files.add("voice", b"x" * (100 << 20), "a.oga", "audio/ogg")
    assert files.find(first.file_id) is None
    assert files.require(second.path) is second
    with pytest.raises(Refusal) as caught:
        files.require(first.path)
    assert caught.value.code == 404


def test_a_file_knows_its_folder_and_extension() -> None:
    files = Files("salt")
    assert files.add("voice", b"1", mime_type="audio/ogg").path.startswith("voice/file_0.o")
    assert files.add("document", b"1", "plan.pdf").path == "documents/file_1.pdf"
    assert files.add("mystery", b"1").path == "documents/file_2.bin"


def test_a_file_over_twenty_megabytes_is_too_big_to_get() -> None:
    files = Files("salt")
    stored = files.add("voice", b"", size=21 << 20)
    with pytest.raises(Refusal, match="Bad Request: file is too big"):
        files.describe(stored.file_id)
    with pytest.raises(Refusal, match="Bad Request: file_id not specified"):
        files.describe("")
    with pytest.raises(Refusal, match="wrong file_id"):
        files.describe("none")


def test_a_chat_takes_a_burst_and_then_one_a_second() -> None:
    clock = HandClock()
    limits = Limits(clock)
    for _ in range(3):
        limits.check(7, 1)
    with pytest.raises(Refusal) as caught:
        limits.check(7, 1)
    assert caught.value.body() == {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 1",
        "parameters": {"retry_after": 1},
    }
    limits.check(7, 2)
    clock.now += 1
    limits.check(7, 1)


def test_a_bot_sends_thirty_a_second_over_all() -> None:
    limits = Limits(HandClock())
    for chat_id in range(30):
        limits.check(7, chat_id)
    with pytest.raises(Refusal):
        limits.check(7, 99)


def test_a_group_takes_twenty_a_minute() -> None:
    clock = HandClock()
    limits = Limits(clock)
    for _ in range(20):
        limits.check(7, -5)
        clock.now += 1
    with pytest.raises(Refusal):
        for _ in range(20):
            limits.check(7, -5)
            clock.now += 1

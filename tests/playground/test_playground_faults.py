from __future__ import annotations

import pytest

from butler.playground import Fault, Faults, GuestError
from butler.playground.faults import read_fault

UPDATES = [{"update_id": number} for number in range(5)]


def test_a_fault_strikes_its_method_alone() -> None:
    faults = Faults()
    faults.add(Fault(method="sendMessage"))
    assert faults.draw("sendmessage") is not None
    assert faults.draw("getme") is None


def test_a_fault_is_spent_after_its_count_and_begins_after_its_skip() -> None:
    faults = Faults()
    faults.add(Fault(count=2, skip=1))
    struck = [faults.draw("getme") is not None for _ in range(4)]
    assert struck == [False, True, True, False]
    assert faults.listing()[0]["struck"] == 2


def test_a_fault_may_be_about_one_chat() -> None:
    faults = Faults()
    faults.add(Fault(chat_id=5))
    assert faults.draw("sendmessage", 5) is not None
    assert faults.draw("sendmessage", 6) is None


def test_chance_is_the_same_for_the_same_seed() -> None:
    def strikes(seed: int) -> list[bool]:
        faults = Faults(seed)
        faults.add(Fault(probability=0.5))
        return [faults.draw("getme") is not None for _ in range(50)]

    assert strikes(3) == strikes(3)
    assert strikes(3) != strikes(4)
    assert 10 < sum(strikes(3)) < 40


def test_faults_are_cleared_one_by_one_or_all() -> None:
    faults = Faults()
    first = faults.add(Fault(method="getMe"))
    faults.add(Fault(method="getFile"))
    faults.clear(first)
    faults.clear(99)
    assert [one["method"] for one in faults.listing()] == ["getFile"]
    faults.clear()
    assert faults.listing() == []


def test_updates_are_doubled_or_reordered() -> None:
    faults = Faults(1)
    assert faults.shuffle(UPDATES) == UPDATES
    doubling = faults.add(Fault("duplicate"))
    assert faults.shuffle(UPDATES[:2]) == [UPDATES[0]] * 2 + [UPDATES[1]] * 2
    assert faults.draw("getupdates") is None
    faults.clear(doubling)
    faults.add(Fault("reorder", count=1))
    shuffled = faults.shuffle(UPDATES)
    assert shuffled != UPDATES
    assert sorted(one["update_id"] for one in shuffled) == [0, 1, 2, 3, 4]
    assert faults.shuffle(UPDATES) == UPDATES


def test_an_error_says_what_telegram_would() -> None:
    assert Fault(retry_after=4).refusal().body() == {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 4",
        "parameters": {"retry_after": 4},
    }
    assert Fault().refusal().description == "Internal Server Error"
    moved = Fault(status=400, description="Bad Request: moved", migrate_to_chat_id=-9).refusal()
    assert moved.parameters == {"migrate_to_chat_id": -9}


@pytest.mark.parametrize(
    "raw",
    [[], {"kind": "nuisance"}, {"colour": "red"}, {"probability": 2}, {"seconds": "long"}],
)
def test_what_is_no_fault_is_refused(raw: object) -> None:
    with pytest.raises(GuestError):
        read_fault(raw)

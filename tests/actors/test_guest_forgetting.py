"""One guest, without threads: what was under way while something was forgotten."""

from __future__ import annotations

import json

import attrs
import pytest

from butler.domain import forgetting
from butler.domain.chat import Completion
from butler.domain.event import Event
from butler.domain.forgetting import Found, epoch
from butler.domain.profile import Profile
from butler.domain.writes import Forget
from butler.errors import ModelUnavailable
from butler.telemetry import CompressionFinished
from tests.actors.guest_room import Room, said
from tests.support.fakes import START, message

CAT = "Моего кота зовут Барсик"
BREAD = "Пеку хлеб с изюмом"
SUMMARY = "У гостя кот Барсик. Гость печёт хлеб с изюмом."


class Memory(Room):
    """A guest whose covered events speak of a cat and of bread, as does the window."""

    def __init__(self, window: int = 2) -> None:
        super().__init__()
        self.knows(events=4 + window, memory_summary=SUMMARY, covered_seq=4)
        told = (CAT, "Славный кот, Барсик.", BREAD, "Хлеб с изюмом хорош.")
        for seq, content in enumerate(told * 5, 1):
            made = attrs.evolve(said(seq, content), created_at=START)
            if seq <= 4:
                self.store.events.pop(made.event_id)
                self.store.archived[made.event_id] = made
            elif seq <= 4 + window:
                self.store.events[made.event_id] = made
        self.read()

    def kept(self) -> tuple[Profile, list[Event]]:
        guest = self.store.guest("7")
        assert guest is not None
        return guest.profile, [*self.store.archive("7"), *guest.window]

    def search(self, words: str) -> tuple[Profile, Found]:
        profile, events = self.kept()
        return profile, forgetting.search(profile, events, words)

    def operator_forgets(self, words: str) -> None:
        """Past the guest's actor."""
        profile, found = self.search(words)
        after = forgetting.without(profile, (), found, self.time.now())
        self.store.commit([Forget(after, profile.revision, found.seqs, found.matter)])

    def forgets(self, words: str) -> None:
        """By the guest's own actor."""
        _, found = self.search(words)

        def build() -> Forget:
            profile = self.ledger.profile
            assert profile is not None
            after = forgetting.without(profile, (), found, self.time.now())
            return Forget(after, profile.revision, found.seqs, found.matter)

        self.ledger.write(build)
        self.write()

    def low(self) -> list[str]:
        """The words of requests at low priority, in order."""
        low = [asked for asked in self.hands.asked if not asked.urgent]
        return ["\n".join(m.content for m in asked.request.messages) for asked in low]

    def everything(self) -> str:
        profile, events = self.kept()
        return f"{profile} {events}"


def summary(text: str) -> str:
    return json.dumps({"summary": text, "facts": [], "topics": []})


def test_a_summary_is_made_anew_of_what_is_left() -> None:
    guest = Memory()
    guest.forgets("кот Барсик")
    assert guest.kept()[0].memory_summary == ""
    (request,) = guest.low()
    assert "Гость печёт хлеб с изюмом" in request
    assert BREAD in request
    assert "арсик" not in request
    guest.summarise(summary("Гость печёт хлеб с изюмом."))
    guest.write()
    assert guest.kept()[0].memory_summary == "Гость печёт хлеб с изюмом."
    assert guest.keeper.idle


def test_it_is_asked_for_once_by_each_forgetting_and_after_a_crash() -> None:
    guest = Memory()
    guest.forgets("кот Барсик")
    guest.keeper.failed(ModelUnavailable("away"))
    guest.keeper.consider()
    assert len(guest.low()) == 1
    assert guest.keeper.idle
    assert guest.kept()[0].memory_summary == ""
    guest.crash()
    assert len(guest.low()) == 1
    assert "арсик" not in guest.low()[0]


def test_a_summary_that_brings_it_back_loses_those_sentences() -> None:
    guest = Memory()
    guest.operator_forgets("Барсик")
    guest.ledger.loaded = False
    guest.read()
    stone = guest.kept()[0].tombstones
    assert forgetting.is_buried(stone, "Барсик")
    guest.summarise(summary("Гость печёт хлеб с изюмом, хлеб хорош."))
    guest.write()
    assert "арсик" not in guest.everything()


def test_an_invented_summary_is_asked_for_once_more_and_then_left() -> None:
    guest = Memory()
    guest.forgets("кот Барсик")
    guest.summarise(summary("Бюджет 12345 рублей у Наполеона."))
    guest.ring("ask once more")
    guest.summarise(summary("Бюджет 12345 рублей у Наполеона."))
    assert len(guest.low()) == 2
    assert guest.keeper.idle
    assert guest.kept()[0].memory_summary == ""


def test_what_waits_for_the_llm_is_not_asked_once_its_words_are_forgotten() -> None:
    guest = Memory(window=8)
    guest.forgets("кот Барсик")
    asked = [each.request_id for each in guest.hands.asked]
    assert ["compaction" in each for each in asked] == [True, False]  # then the summary, anew
    guest.forgets("хлеб с изюмом")
    assert guest.hands.cancelled == asked
    assert not any(guest.keeper.owns(each) for each in asked)


def test_a_compaction_is_dropped_though_its_events_were_not_meant() -> None:
    guest = Memory(window=8)
    guest.operator_forgets("кот Барсик")
    guest.summarise(summary(SUMMARY))
    guest.write()
    profile, events = guest.kept()
    assert (profile.memory_summary, profile.covered_seq) == ("", 4)
    assert "арсик" not in str(events)


@pytest.mark.parametrize("window", [8, 2], ids=["compaction", "summary anew"])
def test_what_was_rejected_is_asked_once_more_without_what_was_forgotten_since(
    window: int,
) -> None:
    guest = Memory(window)
    if window == 2:
        guest.forgets("кот Барсик")
    guest.summarise(summary("Бюджет 12345 рублей у Наполеона."))
    assert len(guest.low()) == 1
    guest.operator_forgets("хлеб с изюмом")
    guest.ledger.doubt()
    guest.read()
    guest.ring("ask once more")
    assert "изюм" in guest.low()[0]
    assert all("изюм" not in request for request in guest.low()[1:])


def test_what_is_all_blank_is_covered_without_the_llm() -> None:
    guest = Memory(window=8)
    guest.keeper.failed(ModelUnavailable("away"))
    profile, events = guest.kept()
    found = forgetting.of_period(profile, events, START, None)
    after = forgetting.without(profile, (), found, guest.time.now())
    guest.ledger.write(lambda: Forget(after, profile.revision, found.seqs, found.matter))
    guest.write()
    asked = len(guest.low())
    guest.ring("compress again")
    guest.write()
    assert len(guest.low()) == asked
    assert guest.kept()[0].covered_seq == 10
    assert guest.store.archived == {}


@pytest.mark.parametrize("words", ["кот Барсик", "хлеб с изюмом"])
def test_an_answer_made_of_what_was_forgotten_meanwhile_is_sent_but_not_remembered(
    words: str,
) -> None:
    guest = Memory()
    guest.say(message(1, "Как дела дома?"))
    assert "Барсик" in guest.prompt()
    guest.operator_forgets(words)
    guest.answer("Барсик сыт, хлеб с изюмом готов, сэр.")
    delivered = guest.hands.deliveries[-1].parts[0].text
    assert delivered == "Барсик сыт, хлеб с изюмом готов, сэр."
    assert guest.remembered()[-2:] == [("user", "Как дела дома?"), ("assistant", "")]


def test_a_message_said_before_is_answered_and_not_remembered_by_its_words() -> None:
    guest = Memory()
    guest.say(message(1, "Барсик заболел"))
    guest.time.advance(1)
    guest.forgets("кот Барсик")
    guest.fail()
    guest.time.advance(9)
    guest.ring("retry")
    assert "Барсик заболел" in guest.prompt()  # the message itself
    assert guest.prompt().count("арсик") == 1
    guest.answer("Сочувствую.")
    assert guest.remembered()[-2:] == [("user", ""), ("assistant", "Сочувствую.")]


def test_what_is_said_after_is_in_the_window_and_never_learned() -> None:
    guest = Memory()
    guest.forgets("кот Барсик")
    guest.keeper.failed(ModelUnavailable("away"))
    guest.time.advance(1)
    guest.say(message(1, "Барсик заболел"))
    guest.answer("Сочувствую.")
    assert guest.remembered()[-2] == ("user", "Барсик заболел")
    for number in range(2, 4):
        guest.say(message(number, "Пеку хлеб с изюмом снова."))
        guest.answer("Хорошо.")
    guest.summarise(
        json.dumps(
            {
                "summary": "Барсик заболел. Гость печёт хлеб с изюмом.",
                "facts": [{"key": "кот", "value": "Барсик", "source_seq": 7}],
                "topics": ["Барсик"],
            }
        )
    )
    guest.write()
    profile, _ = guest.kept()
    assert profile.memory_summary == "Гость печёт хлеб с изюмом."
    assert "арсик" not in str(profile)


def test_why_a_summary_was_rejected_is_told_without_its_words() -> None:
    guest = Memory(window=8)
    guest.summarise(summary("Гость и Наполеон говорят про хлеб с изюмом."))
    guest.ring("ask once more")
    guest.summarise(summary("Гость и Наполеон говорят про хлеб с изюмом."))
    finished = guest.hands.emitted(CompressionFinished)[0]
    assert finished.reason == "the summary has a name that was not said"
    assert "Наполеон" in guest.low()[1]


def test_doubt_holds_writes_back_until_the_store_has_told() -> None:
    guest = Memory()
    assert guest.ledger.doubt()
    guest.say(message(1, "Как дела?"))
    assert guest.questions == []
    guest.ledger.confirm()
    guest.talking.advance()
    assert len(guest.questions) == 1


def test_there_is_no_doubt_while_a_write_is_under_way() -> None:
    guest = Memory()
    guest.say(message(1, "Как дела?"))
    guest.talking.talk.completed(guest.question.request_id, Completion("Good."))
    assert not guest.ledger.doubt()


def test_the_epoch_is_another_after_each_forgetting() -> None:
    guest = Memory()
    before = guest.ledger.epoch
    guest.forgets("кот Барсик")
    assert guest.ledger.epoch not in (None, before)
    assert guest.ledger.epoch == epoch(guest.kept()[0])

"""What was covered long ago is brought back, with vectors and without, by a guest's actor alone."""

from __future__ import annotations

import gc

import pytest

from actors import messages as m
from actors import router, tree
from actors.guest.archive import Archive
from tests.e2e.conftest import OpenHouse
from tests.support.house import House
from tests.support.waiting import eventually

SMALL = {
    "MEMORY_EVENT_CAP": "4",
    "MEMORY_KEEP_EVENTS": "2",
    "MEMORY_IDLE_COMPACTION_SECONDS": "0.1",
}
TALK = ("Мою собаку зовут Рекс", "Сегодня дождь", "Обед удался", "Пора спать")


def talk(home: House) -> int:
    """A guest talks until what they said first is archived; their id."""
    anna = home.guest()
    for text in TALK:
        home.ask(anna, text)
    eventually("an archive", lambda: len(archived(home, anna.id)) >= 6)
    return anna.id


def archived(home: House, user_id: int) -> list[tuple[str, str]]:
    return home.records.said(user_id, "user_memory_archive")


def test_vectors_are_kept_beside_the_archive_and_never_keep_a_guest_waiting(
    open_house: OpenHouse, store_settings: dict[str, str]
) -> None:
    home = open_house(**store_settings, **SMALL, EMBEDDINGS_MODEL="small")
    home.llm.behave(embeddings="ok")
    anna = home.guest()
    for text in TALK:
        home.ask(anna, text)

    def pointed() -> bool:
        vectors = {row["seq"] for row in home.records.rows("user_memory_vectors", anna.id)}
        covered = {row["seq"] for row in home.records.rows("user_memory_archive", anna.id)}
        return len(covered) >= 6 and vectors == covered

    eventually("a vector for each archived event", pointed)
    home.ask(anna, "Как зовут мою собаку?")
    assert ["Как зовут мою собаку?"] in home.llm.embedded
    assert "Мою собаку зовут Рекс" in home.prompt()
    for trouble in ("hang", "down", "words", "none"):
        home.llm.behave(embeddings=trouble)
        assert home.ask(anna, "Так как зовут собаку?", seconds=5)
        assert "Мою собаку зовут Рекс" in home.prompt()


def test_without_a_model_named_nobody_is_asked_for_vectors(open_house: OpenHouse) -> None:
    home = open_house(**SMALL)
    home.llm.behave(embeddings="ok")
    talk(home)
    assert home.llm.embedded == []


def test_an_archive_leaves_ram_with_its_guest_and_is_there_again_when_they_come_back(
    open_house: OpenHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tree, "IDLE_AFTER_SECONDS", 0.3)
    monkeypatch.setattr(router, "SWEEP_SECONDS", 0.05)
    home = open_house(**SMALL)
    anna = home.guest()
    for text in TALK:
        home.ask(anna, text)
    eventually("an archive", lambda: len(archived(home, anna.id)) >= 6)
    eventually("nobody live", lambda: home.service.directory.supervisor(m.USERS).count() == 0)

    def held() -> list[Archive]:
        gc.collect()
        return [each for each in gc.get_objects() if isinstance(each, Archive) and len(each)]

    eventually("no archive in RAM", lambda: not held())
    home.ask(anna, "Как зовут мою собаку?")
    assert "Мою собаку зовут Рекс" in home.prompt()

"""A guest is known and remembered, whichever store keeps him."""

from __future__ import annotations

from itertools import pairwise

from butler.telemetry import CompressionFinished, MemoryEventsStored
from tests.e2e.conftest import OpenHouse
from tests.support.waiting import eventually

StoreSettings = dict[str, str]


def test_a_new_guest_is_greeted_and_gets_a_profile(
    open_house: OpenHouse, store_settings: StoreSettings
) -> None:
    home = open_house(**store_settings)
    anna = home.guest("Анна")
    assert home.ask(anna, "Привет!") == "Разумеется. Чай подан, сэр."
    profile = home.records.profile(anna.id)
    assert profile["user_id"] == str(anna.id)
    assert profile["persona"] == "Alfred-style дворецкий"
    assert profile["language"] == "ru"
    assert profile["tone"] == "witty"
    assert "Вы дворецкий" in home.prompt()


def test_the_first_message_is_in_the_context_of_the_second(
    open_house: OpenHouse, store_settings: StoreSettings
) -> None:
    home = open_house(**store_settings)
    anna = home.guest()
    home.ask(anna, "Меня зовут Анна.")
    home.ask(anna, "Как меня зовут?")
    said = [(m["role"], m["content"]) for m in home.prompts()[-1]]
    assert ("user", "Меня зовут Анна.") in said
    assert ("assistant", "Разумеется. Чай подан, сэр.") in said
    assert said[-1][0] == "user"
    assert "Как меня зовут?" in said[-1][1]


def test_memory_holds_pairs_in_the_order_of_their_time(
    open_house: OpenHouse, store_settings: StoreSettings
) -> None:
    home = open_house(answer=lambda messages: f"Ответ: {messages[-1]['content']}", **store_settings)
    anna = home.guest()
    for number in range(3):
        home.ask(anna, f"вопрос {number}")
    rows = home.records.rows("user_memory", anna.id)
    expected = [
        pair
        for number in range(3)
        for pair in (("user", f"вопрос {number}"), ("assistant", f"Ответ: вопрос {number}"))
    ]
    assert [(row["role"], row["content"]) for row in rows] == expected
    assert all(one["created_at"] < other["created_at"] for one, other in pairwise(rows))
    assert [row["seq"] for row in rows] == [1, 2, 3, 4, 5, 6]
    assert {row["source"] for row in rows} == {"text"}
    home.wait_metric("user_memory_events_total", 3, role="assistant")


def test_51_messages_are_compressed_and_nothing_is_lost(
    open_house: OpenHouse, store_settings: StoreSettings
) -> None:
    home = open_house(MEMORY_IDLE_COMPACTION_SECONDS="1", **store_settings)
    anna = home.guest()
    for number in range(51):
        home.ask(anna, f"Дело номер {number}: полить розы.")
    home.witness.wait(MemoryEventsStored, count=51)
    eventually(
        "a short window", lambda: len(home.records.rows("user_memory", anna.id)) <= 22, seconds=20
    )
    kept = home.records.said(anna.id)
    archived = home.records.said(anna.id, "user_memory_archive")
    assert 20 <= len(kept) <= 22
    words = [content for role, content in archived + kept if role == "user"]
    assert words == [f"Дело номер {number}: полить розы." for number in range(51)]
    assert home.records.profile(anna.id)["memory_summary"]
    assert home.witness.wait(CompressionFinished).status == "success"
    home.wait_metric("user_memory_compressions_total", 2, status="success")
    assert home.metric("user_memory_compressions_total", status="error") == 0


def test_a_restarted_butler_still_knows_his_guest(
    open_house: OpenHouse, store_settings: StoreSettings
) -> None:
    home = open_house(**store_settings)
    anna = home.guest()
    home.ask(anna, "Меня зовут Анна.")
    home.restart()
    home.ask(anna, "Как меня зовут?")
    assert "Меня зовут Анна." in home.prompt()
    assert [seq["seq"] for seq in home.records.rows("user_memory", anna.id)] == [1, 2, 3, 4]


def test_two_guests_stay_strangers(open_house: OpenHouse, store_settings: StoreSettings) -> None:
    home = open_house(**store_settings)
    anna, boris = home.guest("Анна"), home.guest("Борис")
    home.ask(anna, "Мой тайный пароль: ландыш.")
    home.ask(boris, "Какой у кого пароль?")
    assert "ландыш" not in home.prompt()
    assert "Анна" not in home.prompt()
    assert len(home.records.rows("user_memory", boris.id)) == 2
    assert "ландыш" not in str(boris.chat())

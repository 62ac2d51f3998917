"""An LLM that fails in every known way: the guest is told politely, and hears the answer later."""

from __future__ import annotations

import pytest

from butler.domain.phrasebook import PHRASES
from butler.telemetry import CompressionFinished, MemoryEventsStored, RequestFinished
from tests.e2e.conftest import OpenHouse
from tests.support.house import House
from tests.support.waiting import eventually

STOCK = "Разумеется. Чай подан, сэр."
LATER = PHRASES["model_down_later"]["ru"]
SLOW = PHRASES["model_slow"]["ru"]
NONSENSE = PHRASES["model_nonsense"]["ru"]


def errors(home: House) -> list[RequestFinished]:
    return [e for e in home.witness.of(RequestFinished) if e.status == "error"]


@pytest.mark.parametrize(
    "kind",
    [
        "not_json",
        "truncated",
        "empty",
        "null",
        "tools",
        "error_in_200",
        "wrong_types",
        "wrong_choice",
        "no_choices",
        "a_list",
        "unclosed_think",
        "huge",
    ],
)
def test_nonsense_is_answered_with_an_apology_and_counted_once(
    open_house: OpenHouse, kind: str
) -> None:
    home = open_house()
    anna = home.guest()
    home.llm.behave(kind=kind)
    assert home.ask(anna, "Который час?") in NONSENSE
    home.witness.wait(RequestFinished)
    home.llm.behave()
    assert home.ask(anna, "А теперь?") == STOCK
    home.witness.wait(RequestFinished, lambda e: e.status == "success")
    assert len(errors(home)) == 1
    assert home.metric("personalized_requests_total", source="text", status="error") == 1
    assert home.metric("personalized_requests_total", source="text", status="success") == 1
    assert home.metric("butler_actor_restarts_total", kind="user") == 0


@pytest.mark.parametrize(
    "trouble",
    [
        {"kind": "status", "status": 500},
        {"kind": "status", "status": 401},
        {"kind": "status", "status": 404},
        {"kind": "status", "status": 429, "retry_after": "1"},
        {"kind": "status", "status": 503},
        {"kind": "reset"},
        {"kind": "close"},
        {"kind": "garbage"},
        {"kind": "cut_body"},
    ],
    ids=lambda t: "-".join(str(value) for value in t.values()),
)
def test_an_outage_is_told_at_once_and_the_promised_answer_comes(
    open_house: OpenHouse, trouble: dict[str, object]
) -> None:
    home = open_house()
    anna = home.guest()
    home.llm.behave(**trouble)
    assert home.ask(anna, "Который час?", seconds=5) in LATER
    home.llm.behave()
    assert anna.wait_reply()["text"] == STOCK
    home.settled()
    assert home.records.said(anna.id) == [("user", "Который час?"), ("assistant", STOCK)]
    assert len(errors(home)) == 1
    assert home.ask(anna, "Благодарю.") == STOCK


def test_an_llm_that_is_not_there_yet_answers_when_it_comes(open_house: OpenHouse) -> None:
    home = open_house(LLM_API_URL="http://127.0.0.1:9")
    anna = home.guest()
    assert home.ask(anna, "Есть кто?", seconds=5) in LATER
    home.restart(LLM_API_URL=home.llm.url)
    assert anna.wait_reply()["text"] == STOCK


def test_messages_during_an_outage_are_answered_as_one(open_house: OpenHouse) -> None:
    home = open_house()
    anna = home.guest()
    home.llm.behave(kind="status", status=503)
    assert home.ask(anna, "Первое дело.") in LATER
    anna.say("Второе дело.")
    home.wait_metric("telegram_updates_total", 2, kind="text")
    home.llm.behave()
    assert anna.wait_reply()["text"] == STOCK
    said = home.records.said(anna.id)
    assert [content for _, content in said] == ["Первое дело.", "Второе дело.", STOCK]


@pytest.mark.parametrize("kind", ["hang", "drip"])
def test_a_slow_llm_is_told_and_gets_its_time_back(open_house: OpenHouse, kind: str) -> None:
    home = open_house(LLM_TIMEOUT_SECONDS="0.5")
    anna = home.guest()
    home.llm.behave(kind=kind)
    assert home.ask(anna, "Который час?", seconds=8) in (*LATER, *SLOW)
    home.llm.behave()
    assert anna.wait_reply()["text"] == STOCK
    assert len(errors(home)) == 1


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        ("think", STOCK),
        ("half_think", STOCK),
        ("parts", "in parts"),
        ("length", STOCK),
    ],
)
def test_what_is_only_odd_is_answered(open_house: OpenHouse, kind: str, shown: str) -> None:
    home = open_house()
    anna = home.guest()
    home.llm.behave(kind=kind)
    assert home.ask(anna, "Который час?") == shown
    home.settled()
    assert home.records.said(anna.id)[-1] == ("assistant", shown)


def test_one_endpoint_that_fails_is_made_up_for_by_another(open_house: OpenHouse) -> None:
    home = open_house()
    home.restart(LLM_API_URL=f"http://127.0.0.1:9,{home.llm.url}")
    anna = home.guest()
    assert [home.ask(anna, f"Вопрос {number}") for number in range(5)] == [STOCK] * 5
    assert errors(home) == []


def test_one_guest_s_trouble_does_not_delay_another(open_house: OpenHouse) -> None:
    home = open_house(LLM_TIMEOUT_SECONDS="30")
    anna, boris = home.guest("Анна"), home.guest("Борис")
    home.llm.behave(kind="hang")
    anna.say("Думайте долго.")
    assert home.llm.arrived.wait(20)
    home.llm.behave()
    assert home.ask(boris, "А мне?", seconds=5) == STOCK


# Compression


@pytest.mark.parametrize("kind", ["status", "empty", "not_json", "unclosed_think", "reset"])
def test_a_compression_that_fails_loses_nothing_and_is_counted(
    open_house: OpenHouse, kind: str
) -> None:
    home = open_house(MEMORY_EVENT_CAP="6", MEMORY_KEEP_EVENTS="2")
    anna = home.guest()
    home.llm.behave(summaries=kind)
    for number in range(5):
        assert home.ask(anna, f"Дело {number}") == STOCK
    failed = home.witness.wait(CompressionFinished)
    assert failed.status == "error"
    home.witness.wait(MemoryEventsStored, count=5)
    assert len(home.records.said(anna.id)) == 10
    assert home.records.said(anna.id, "user_memory_archive") == []
    assert home.records.profile(anna.id)["memory_summary"] == ""
    home.wait_metric("user_memory_compressions_total", 1, status="error")
    assert errors(home) == []


def test_a_compression_is_tried_again_after_a_failure(open_house: OpenHouse) -> None:
    home = open_house(
        MEMORY_EVENT_CAP="6", MEMORY_KEEP_EVENTS="2", MEMORY_IDLE_COMPACTION_SECONDS="0.2"
    )
    anna = home.guest()
    home.llm.behave(summaries="empty")
    for number in range(4):
        home.ask(anna, f"Дело {number}: полить розы")
    home.witness.wait(CompressionFinished)
    home.llm.behave()
    home.witness.wait(CompressionFinished, lambda e: e.status == "success", seconds=20)
    eventually("a short window", lambda: len(home.records.said(anna.id)) <= 4)
    assert "полить розы" in home.records.profile(anna.id)["memory_summary"]


def test_replies_never_wait_for_a_compression(open_house: OpenHouse) -> None:
    home = open_house(LLM_CONCURRENCY="2", LLM_TIMEOUT_SECONDS="60")
    anna = home.guest()
    home.llm.behave(summaries="hang")
    for number in range(40):
        assert home.ask(anna, f"Дело {number}", seconds=10) == STOCK
    assert any("response_format" in request for request in home.llm.requests)
    assert home.witness.of(CompressionFinished) == []


def test_an_invented_summary_is_rejected(open_house: OpenHouse) -> None:
    invented = '{"summary": "Гость живёт в Рейкьявике с 1987 года.", "facts": [], "topics": []}'
    home = open_house(
        MEMORY_EVENT_CAP="6",
        MEMORY_KEEP_EVENTS="2",
        answer=lambda messages: invented if "JSON" in str(messages[0]) else STOCK,
    )
    anna = home.guest()
    for _ in range(4):
        home.ask(anna, "Полейте розы, пожалуйста.")
    assert home.witness.wait(CompressionFinished).status == "error"
    assert home.records.profile(anna.id)["memory_summary"] == ""
    assert len(home.records.said(anna.id)) == 8


# Without personalization


def test_without_personalization_nothing_of_a_guest_is_read_or_written(
    open_house: OpenHouse,
) -> None:
    home = open_house()
    anna = home.guest("Анна")
    home.ask(anna, "Мой любимый цветок: ландыш.")
    before = home.records.rows("user_profiles"), home.records.rows("user_memory")
    home.restart(PERSONALIZATION_ENABLED="false")
    assert home.ask(anna, "Какой у меня любимый цветок?") == STOCK
    anna.say("/memory")
    assert anna.wait_reply()["text"] == PHRASES["memory_off"]["ru"][0]
    home.settled()
    assert "ландыш" not in home.prompt()
    assert "дворецкий" not in home.prompt()
    assert (home.records.rows("user_profiles"), home.records.rows("user_memory")) == before
    for name in ("user_profile_reads_total", "user_profile_writes_total"):
        assert home.metric(name) == 0


def test_without_personalization_strangers_leave_no_trace(open_house: OpenHouse) -> None:
    home = open_house(PERSONALIZATION_ENABLED="false")
    anna = home.guest("Анна")
    for text in ("Привет!", "/start", "/language en", "/reset", "Ещё вопрос"):
        home.ask(anna, text)
    home.settled()
    for name in ("user_profiles", "user_memory", "user_memory_archive"):
        assert home.records.rows(name) == []

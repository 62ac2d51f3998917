"""Defects in clients: a worker crashes over one guest's job, which is tried again or given up."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest

from actors.tree import World
from butler.domain.phrasebook import PHRASES
from butler.domain.phrases import say
from butler.telemetry import ActorFailed, DeadLettered
from tests.support.audio import wav
from tests.support.changed import Fragile, with_world
from tests.support.house import House, house
from tests.support.transcription_server import transcription_server
from tests.support.waiting import eventually

STOCK = "Разумеется. Чай подан, сэр."
MARK = "мышьяк"
HUM = (b"\x00\x20" * 50 + b"\x00\xe0" * 50) * 160  # a second of a square wave
Change = Callable[[World], World]


def breaking_model(times: int) -> Change:
    def breaks(request: Any, *_: Any) -> bool:
        return MARK in request.messages[-1].content

    def change(world: World) -> World:
        return attrs.evolve(world, models=[Fragile(world.models[0], "complete", breaks, times)])

    return change


def breaking_transport(times: int) -> Change:
    def breaks(part: Any) -> bool:
        return MARK in part.text

    def change(world: World) -> World:
        return attrs.evolve(world, transport=Fragile(world.transport, "send", breaks, times))

    return change


def breaking_ear(times: int) -> Change:
    def change(world: World) -> World:
        ear = Fragile(world.transcriber, "transcribe", lambda *_: True, times)
        return attrs.evolve(world, transcriber=ear)

    return change


def failed(home: House) -> list[str]:
    return [event.kind for event in home.witness.of(ActorFailed)]


@pytest.mark.parametrize(("times", "answer"), [(1, [STOCK]), (2, PHRASES["model_nonsense"]["ru"])])
def test_a_question_that_crashes_an_llm_worker_is_asked_once_more(
    tmp_path: Path, times: int, answer: list[str]
) -> None:
    with house(tmp_path / "data", make=with_world(breaking_model(times))) as home:
        assert home.ask(home.guest(), f"Где {MARK}?") in answer
        assert failed(home) == ["llm"] * times
        assert home.ask(home.guest("Борис"), "Как дела?") == STOCK


def test_a_reply_that_crashes_a_sender_worker_is_sent_again_and_counted(tmp_path: Path) -> None:
    change = with_world(breaking_transport(1))
    with house(tmp_path / "data", make=change, answer=lambda _: f"Это {MARK}.") as home:
        assert home.ask(home.guest(), "Что это?") == f"Это {MARK}."
        home.wait_metric("telegram_replies_resent_total", 1)
        assert failed(home) == ["sender"]


def test_a_reply_that_crashes_every_sender_worker_becomes_a_dead_letter(tmp_path: Path) -> None:
    def answer(messages: list[dict[str, Any]]) -> str:
        return f"Это {MARK}." if "что" in messages[-1]["content"] else STOCK

    change = with_world(breaking_transport(1_000))
    with house(tmp_path / "data", make=change, answer=answer) as home:
        anna = home.guest()
        anna.say("А что это?")
        letter = home.witness.wait(DeadLettered)
        assert letter.reason == "refused"
        home.settled()
        assert [row["detail"] for row in home.records.rows("dead_letters")] == ["crashed"]
        assert home.ask(anna, "Как дела?") == STOCK


@pytest.mark.parametrize("times", [1, 2])
def test_a_recording_that_crashes_its_worker_is_listened_to_once_more(
    tmp_path: Path, times: int
) -> None:
    with transcription_server() as ears:
        ears.says({"text": "Который час?"})
        with house(
            tmp_path / "data",
            make=with_world(breaking_ear(times)),
            STT_ENGINE="openai",
            STT_API_URL=ears.url,
            STT_MODEL="any",
        ) as home:
            anna = home.guest()
            anna.send_voice(wav(HUM), duration=1)
            first = anna.wait_reply()["text"]
            if times == 1:
                assert first == say("ru", "transcript", text="Который час?")
                assert anna.wait_reply()["text"] == STOCK
            else:
                assert first in PHRASES["voice_invalid"]["ru"]
            eventually("crashes", lambda: failed(home) == ["speech"] * times)

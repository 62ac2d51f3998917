"""Voice, end to end: real recordings, a real engine, and what cannot be heard."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from butler.domain.phrasebook import PHRASES
from butler.playground import Guest
from butler.telemetry import RequestFinished
from tests.support import audio
from tests.support.house import House, house
from tests.support.transcription_server import transcription_server

pytestmark = pytest.mark.service

STOCK = "Разумеется. Чай подан, сэр."
HEARING_SECONDS = 60.0


@pytest.fixture(scope="module")
def hearing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house with the engine that is found by itself."""
    with house(tmp_path_factory.mktemp("hearing") / "data", STT_ENGINE="auto") as home:
        yield home


def recordings() -> dict[str, tuple[str, bytes, str]]:
    spoken = audio.speak(audio.ENGLISH, "en")
    return {
        "voice": ("voice", spoken, "audio/ogg"),
        "mp3": ("audio", audio.convert(spoken, "mp3"), "audio/mpeg"),
        "m4a": ("audio", audio.convert(spoken, "m4a"), "audio/mp4"),
        "document": ("document", audio.convert(spoken, "flac"), "audio/flac"),
        "video_note": ("video_note", audio.video_note(spoken), "video/mp4"),
    }


def english(home: House) -> Guest:
    guest = home.guest("Ann", "en")
    home.ask(guest, "/language en")
    return guest


@pytest.mark.parametrize("kind", ["voice", "mp3", "m4a", "document", "video_note"])
def test_what_was_said_is_shown_then_answered_and_remembered(hearing: House, kind: str) -> None:
    ann = english(hearing)
    media, data, mime_type = recordings()[kind]
    ann.send_media(media, data, file_name="spoken", mime_type=mime_type, duration=5)
    transcript = ann.wait_reply(HEARING_SECONDS)["text"]
    assert transcript.startswith("You said: ")
    heard = transcript.removeprefix("You said: ")
    assert audio.overlap(audio.ENGLISH, heard) > 0.8
    assert ann.wait_reply()["text"] == STOCK
    hearing.settled()
    rows = hearing.records.rows("user_memory", ann.id)
    assert [(row["role"], row["source"]) for row in rows] == [
        ("user", "voice"),
        ("assistant", "voice"),
    ]
    assert rows[0]["content"] == heard
    assert hearing.prompts()[-1][-1]["content"].endswith(heard)


def test_russian_is_heard_as_russian(hearing: House) -> None:
    anna = hearing.guest()
    sentence = audio.RUSSIAN[0]
    anna.send_voice(audio.speak(sentence, "ru"), duration=2)
    transcript = anna.wait_reply(HEARING_SECONDS)["text"]
    assert transcript.startswith("Вы сказали: ")
    assert audio.overlap(sentence, transcript) > 0.5
    assert anna.wait_reply()["text"] == STOCK


@pytest.mark.parametrize(
    ("recording", "key"),
    [
        (audio.corrupt, "voice_invalid"),
        (lambda: b"\0", "voice_invalid"),
        (audio.silence, "voice_silent"),
        (audio.noise, "voice_silent"),
        (audio.film_without_sound, "voice_invalid"),
        (audio.oversized, "voice_too_big"),
    ],
    ids=["corrupt", "next-to-nothing", "silence", "noise", "no-sound", "over-20-mb"],
)
def test_what_cannot_be_heard_gets_a_word_on_why(
    hearing: House, recording: object, key: str
) -> None:
    assert callable(recording)
    anna = hearing.guest()
    anna.send_voice(recording(), duration=2)
    assert anna.wait_reply(HEARING_SECONDS)["text"] in PHRASES[key]["ru"]
    assert hearing.ask(anna, "Тогда письменно.") == STOCK
    hearing.settled()
    assert hearing.records.said(anna.id)[0] == ("user", "Тогда письменно.")
    user = str(anna.id)
    ended = [e for e in hearing.witness.of(RequestFinished) if e.user_id == user]
    assert [(e.source, e.status) for e in ended] == [("voice", "error"), ("text", "success")]


def test_an_empty_recording_gets_a_word_on_why(hearing: House) -> None:
    anna = hearing.guest()
    hearing.playground.guests.send_media(anna.id, "voice", b"", duration=0)
    assert anna.wait_reply(HEARING_SECONDS)["text"] in PHRASES["voice_invalid"]["ru"]


def test_a_recording_that_says_it_is_too_big_is_not_fetched(hearing: House) -> None:
    anna = hearing.guest()
    calls = len(list(hearing.playground.world.calls))
    hearing.playground.guests.send_media(anna.id, "voice", b"OggS", duration=9, size=30_000_000)
    assert anna.wait_reply()["text"] in PHRASES["voice_too_big"]["ru"]
    later = list(hearing.playground.world.calls)[calls:]
    assert "getfile" not in [call.method for call in later]


def test_voice_and_text_in_haste_are_one_turn(hearing: House) -> None:
    ann = english(hearing)
    ann.send_voice(audio.speak(audio.ENGLISH, "en"), duration=5)
    ann.say("And feed the cat.")
    replies = [ann.wait_reply(HEARING_SECONDS)["text"]]
    while len(hearing.records.said(ann.id)) < 3:
        replies.append(ann.wait_reply(HEARING_SECONDS)["text"])
    words = [content for role, content in hearing.records.said(ann.id) if role == "user"]
    assert audio.overlap(audio.ENGLISH, words[0]) > 0.8
    assert words[1] == "And feed the cat."
    assert replies[0].startswith("You said: ")


def test_an_engine_behind_a_url_is_used_when_it_is_named(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with transcription_server() as server:
        server.says({"text": "Полейте розы."})
        data = tmp_path_factory.mktemp("remote") / "data"
        with house(data, STT_ENGINE="openai", STT_API_URL=server.url) as home:
            anna = home.guest()
            anna.send_voice(audio.speak(audio.RUSSIAN[0], "ru"), duration=2)
            assert anna.wait_reply()["text"] == "Вы сказали: Полейте розы."
            assert anna.wait_reply()["text"] == STOCK
            home.wait_metric("stt_calls_total", 1, outcome="success")
            home.wait_metric("personalized_requests_total", 1, source="voice", status="success")


def test_a_voice_message_outlives_an_llm_outage(tmp_path_factory: pytest.TempPathFactory) -> None:
    with transcription_server() as server:
        server.says({"text": "Полейте розы."})
        data = tmp_path_factory.mktemp("outage") / "data"
        with house(data, STT_ENGINE="openai", STT_API_URL=server.url) as home:
            anna = home.guest()
            home.llm.behave(kind="status", status=503)
            anna.send_voice(audio.speak(audio.RUSSIAN[0], "ru"), duration=2)
            assert anna.wait_reply()["text"] == "Вы сказали: Полейте розы."
            assert anna.wait_reply()["text"] in PHRASES["model_down_later"]["ru"]
            home.llm.behave()
            assert anna.wait_reply()["text"] == STOCK
            home.settled()
            assert len(server.asked) == 1
            assert home.records.said(anna.id) == [
                ("user", "Полейте розы."),
                ("assistant", STOCK),
            ]

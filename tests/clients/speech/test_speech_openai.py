from __future__ import annotations

import socket
import threading
from typing import Any

import pytest
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from butler.clients.speech.openai import OpenAIEngine, address_of
from butler.clients.speech.transcriber import DecodingTranscriber
from butler.domain.chat import Audio, Transcript
from butler.errors import AudioSilent, AudioTooLong, SettingsError, SpeechUnavailable
from tests.support import audio
from tests.support.transcription_server import TranscriptionServer

KEY = "sk-very-secret"


def engine(url: str, model: str | None = None, key: str | None = None) -> OpenAIEngine:
    return OpenAIEngine(address_of(url), model, key)


def transcribed(url: str, language: str = "en", timeout: float = 20, **options: Any) -> Transcript:
    spoken = audio.speak(audio.ENGLISH, "en")
    return DecodingTranscriber(engine(url, **options)).transcribe(Audio(spoken), language, timeout)


@pytest.mark.parametrize("suffix", ["", "/", "/v1", "/v1/", "/v1/audio/transcriptions"])
def test_a_base_is_understood_with_and_without_v1(server: TranscriptionServer, suffix: str) -> None:
    assert transcribed(server.url + suffix) == Transcript("hello", "en")
    assert server.asked[0].path == "/v1/audio/transcriptions"


def test_a_server_behind_a_path_and_a_query_is_reached(server: TranscriptionServer) -> None:
    transcribed(server.url + "/behind/v1?version=2")
    assert (server.asked[0].path, server.asked[0].query) == (
        "/behind/v1/audio/transcriptions",
        "version=2",
    )


def test_the_server_gets_the_whole_sound_the_model_and_the_language(
    server: TranscriptionServer,
) -> None:
    transcribed(server.url, language="ru", model="large-v3")
    asked = server.asked[0]
    assert asked.fields == {
        "model": "large-v3",
        "language": "ru",
        "response_format": "verbose_json",
    }
    assert (asked.filename, asked.authorization) == ("voice.wav", "")
    assert asked.seconds == pytest.approx(5.0, abs=0.1)


def test_without_a_model_or_a_language_the_usual_model_hears_any(
    server: TranscriptionServer,
) -> None:
    transcribed(server.url, language="")
    assert server.asked[0].fields["model"] == "whisper-1"
    assert "language" not in server.asked[0].fields


def test_a_key_is_sent_as_a_bearer_token(server: TranscriptionServer) -> None:
    transcribed(server.url, key=KEY)
    assert server.asked[0].authorization == f"Bearer {KEY}"


def test_a_user_and_password_in_the_address_are_sent(server: TranscriptionServer) -> None:
    transcribed(server.url.replace("http://", "http://anna:tea@"))
    assert server.asked[0].authorization.startswith("Basic ")


def test_a_server_that_knows_only_plain_json_is_asked_for_that_from_then_on(
    server: TranscriptionServer,
) -> None:
    refusal = JSONResponse({"error": {"message": "verbose_json is not supported"}}, 400)
    server.says(refusal, {"text": "hello"})
    speech = engine(server.url)
    ear = DecodingTranscriber(speech)
    for _ in range(2):
        assert ear.transcribe(Audio(audio.speak(audio.ENGLISH, "en")), "en", 20).text == "hello"
    formats = [asked.fields["response_format"] for asked in server.asked]
    assert formats == ["verbose_json", "json", "json"]


def test_what_whisper_made_up_in_silence_is_left_out(server: TranscriptionServer) -> None:
    said = {"text": " Good evening.", "no_speech_prob": 0.1, "avg_logprob": -0.2}
    made_up = {"text": " You", "no_speech_prob": 0.8, "avg_logprob": -0.9}
    server.says({"text": "Good evening. You", "segments": [said, made_up]})
    assert transcribed(server.url).text == "Good evening."


@pytest.mark.parametrize("segments", [None, [], "none", [{}], [{"text": "a", "avg_logprob": "x"}]])
def test_segments_that_cannot_be_read_leave_the_text(
    server: TranscriptionServer, segments: Any
) -> None:
    server.says({"text": "Good evening.", "segments": segments})
    assert transcribed(server.url).text == "Good evening."


@pytest.mark.parametrize("text", ["", "  ", "..."])
def test_an_empty_transcript_is_silence(server: TranscriptionServer, text: str) -> None:
    server.says({"text": text})
    with pytest.raises(AudioSilent):
        transcribed(server.url)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (JSONResponse({"error": {"message": "model overloaded"}}, 500), "500: model overloaded"),
        (JSONResponse({"error": "slow down"}, 429), "429: slow down"),
        (JSONResponse({"detail": "no such model"}, 404), "404: no such model.*STT_MODEL"),
        (JSONResponse({"message": "who are you"}, 401), "401: who are you.*key"),
        (PlainTextResponse("<html>bad gateway", 502), "502: <html>bad gateway"),
        (Response(status_code=503), "503: nothing"),
        (JSONResponse({"error": {"message": "no"}}, 400), "400: no"),
        (PlainTextResponse("hello"), "no transcript: hello"),
        (JSONResponse(["hello"]), "no transcript"),
        (JSONResponse({"text": None}), "no transcript"),
        (JSONResponse({"error": {"message": "out of memory"}}), "no transcript: out of memory"),
        (JSONResponse({"text": "a" * 2_000_000}), "over a megabyte"),
        (Response(b"\xff\xfe\x00", 500), "500"),
    ],
    ids=lambda value: str(getattr(value, "status_code", ""))[:40],
)
def test_an_answer_that_is_none_says_what_came(
    server: TranscriptionServer, answer: Response, says: str
) -> None:
    server.says(answer)
    with pytest.raises(SpeechUnavailable, match=says):
        transcribed(server.url)


def test_a_recording_too_big_for_the_server_is_too_long(server: TranscriptionServer) -> None:
    server.says(JSONResponse({"error": {"message": "25 MB"}}, 413))
    with pytest.raises(AudioTooLong, match="25 MB"):
        transcribed(server.url)


def test_sound_is_not_sent_on_to_where_a_redirect_points(server: TranscriptionServer) -> None:
    server.says(RedirectResponse("/behind/v1/audio/transcriptions"))
    with pytest.raises(SpeechUnavailable, match="elsewhere"):
        transcribed(server.url)
    assert [asked.path for asked in server.asked] == ["/v1/audio/transcriptions"]


def test_a_proxy_of_the_environment_is_not_used(
    server: TranscriptionServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert transcribed(server.url).text == "hello"


def test_a_server_that_is_slow_is_given_up_in_time(server: TranscriptionServer) -> None:
    server.stall = threading.Event()
    with pytest.raises(SpeechUnavailable, match="in time"):
        transcribed(server.url, timeout=0.5)


def test_a_server_that_drips_is_given_up_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drip, args=(listener,), daemon=True)
        thread.start()
        with pytest.raises(SpeechUnavailable, match="in time"):
            transcribed(f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=1.0)
        thread.join(20)
    assert not thread.is_alive()


def drip(listener: socket.socket) -> None:
    """Answer one byte at a time, each soon enough for a limit per read."""
    connection, _ = listener.accept()
    pause = threading.Event()
    with connection:
        connection.recv(1024)
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
        try:
            while not pause.wait(0.05):
                connection.sendall(b" ")
        except OSError:
            return


def test_no_server_there_is_said_without_user_password_query_or_key() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(SpeechUnavailable) as caught:
        transcribed(f"http://anna:tea@127.0.0.1:{port}/v1?token=abc", key=KEY)
    assert str(caught.value) == (
        f"the speech server at http://127.0.0.1:{port}/v1 does not answer (no connection)"
    )
    assert caught.value.__cause__ is None


def test_an_unknown_host_is_said() -> None:
    with pytest.raises(SpeechUnavailable, match=r"nowhere\.invalid.*does not answer"):
        transcribed("http://nowhere.invalid/v1")


def test_a_server_that_hangs_up_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=lambda: listener.accept()[0].close(), daemon=True)
        thread.start()
        with pytest.raises(SpeechUnavailable, match="does not answer"):
            transcribed(f"http://127.0.0.1:{listener.getsockname()[1]}")
        thread.join(20)


def test_a_server_that_repeats_the_key_does_not_get_it_into_the_log(
    server: TranscriptionServer,
) -> None:
    server.says(JSONResponse({"error": {"message": f"wrong key {KEY}"}}, 401))
    with pytest.raises(SpeechUnavailable) as caught:
        transcribed(server.url, key=KEY)
    assert KEY not in str(caught.value)
    assert "wrong key ***" in str(caught.value)


def test_secrets_are_not_in_what_an_address_prints() -> None:
    address = address_of("https://anna:tea@example.org/v1?token=abc")
    assert "tea" not in repr(address)
    assert "abc" not in repr(address)


@pytest.mark.parametrize("url", ["127.0.0.1:8000", "ftp://host/v1", "http://", "http://[bad", "x"])
def test_an_address_that_is_none_is_a_wrong_setting(url: str) -> None:
    with pytest.raises(SettingsError, match=r"STT_API_URL.*http://127\.0\.0\.1:8000/v1"):
        address_of(url)


def test_the_probe_names_model_and_server(server: TranscriptionServer) -> None:
    assert engine(server.url, "small").probe() == f"openai: small at {server.url}/v1"


@pytest.mark.parametrize(
    ("listed", "note"),
    [
        ({"data": [{"id": "small"}]}, ""),
        ({"data": [{"id": "tiny"}, {"id": "base"}]}, "; it does not list that, but tiny, base"),
        ({"data": "none"}, ""),
        (["tiny"], ""),
    ],
)
def test_the_probe_tells_when_the_model_is_not_listed(
    server: TranscriptionServer, listed: Any, note: str
) -> None:
    server.models = JSONResponse(listed)
    assert engine(server.url, "small").probe() == f"openai: small at {server.url}/v1{note}"


@pytest.mark.parametrize("status", [401, 403, 500])
def test_the_probe_fails_where_the_server_does(server: TranscriptionServer, status: int) -> None:
    server.models = JSONResponse({"error": "no"}, status)
    with pytest.raises(SpeechUnavailable, match=str(status)):
        engine(server.url).probe()

from __future__ import annotations

import attrs
import pytest

from butler.clients.speech.decoding import Recording
from butler.clients.speech.transcriber import DecodingTranscriber
from butler.domain.chat import Audio, Transcript
from butler.errors import AudioInvalid, AudioSilent, AudioTooLong, SpeechError
from tests.support import audio


@attrs.define
class Attentive:
    """An engine that notes what it is given."""

    name: str = "attentive"
    given: list[tuple[float, str, float]] = attrs.field(factory=list)

    def hear(self, recording: Recording, language: str, timeout: float) -> Transcript:
        self.given.append((recording.seconds, language, timeout))
        return Transcript("heard", language)

    def probe(self) -> str:
        return "all ears"


def test_an_engine_is_given_decoded_sound_language_and_time() -> None:
    engine = Attentive()
    spoken = Audio(audio.speak(audio.ENGLISH, "en"), "audio/ogg", 5)
    transcript = DecodingTranscriber(engine).transcribe(spoken, "en", 7.0)
    assert transcript == Transcript("heard", "en")
    ((seconds, language, timeout),) = engine.given
    assert (language, timeout) == ("en", 7.0)
    assert seconds == pytest.approx(5.0, abs=0.1)


def test_name_and_probe_are_the_engine_s() -> None:
    transcriber = DecodingTranscriber(Attentive())
    assert (transcriber.name, transcriber.probe()) == ("attentive", "all ears")


@pytest.mark.parametrize(
    ("recording", "error"),
    [
        (lambda: Audio(b""), AudioInvalid),
        (lambda: Audio(audio.corrupt()), AudioInvalid),
        (lambda: Audio(audio.oversized()), AudioInvalid),
        (lambda: Audio(audio.silence()), AudioSilent),
        (lambda: Audio(audio.noise(3.0)), AudioTooLong),
        (lambda: Audio(b"not even looked at", duration=11), AudioTooLong),
    ],
    ids=["empty", "corrupt", "oversized", "silent", "too long", "declared too long"],
)
def test_no_engine_is_asked_about_what_cannot_be_heard(
    recording: object, error: type[SpeechError]
) -> None:
    assert callable(recording)
    engine = Attentive()
    with pytest.raises(error):
        DecodingTranscriber(engine, max_seconds=2.5).transcribe(recording(), "ru", 5)
    assert not engine.given

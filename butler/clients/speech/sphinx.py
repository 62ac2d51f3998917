"""PocketSphinx through SpeechRecognition: small, offline, English only, and hears poorly."""

from __future__ import annotations

from contextlib import suppress

from butler.clients.speech.decoding import RATE, Recording
from butler.clients.speech.hearing import Segment, words_of
from butler.domain.chat import Transcript
from butler.errors import AudioSilent, SpeechUnavailable


class SphinxEngine:
    """The American English model that comes with SpeechRecognition."""

    name = "sphinx"

    def hear(self, recording: Recording, language: str, timeout: float) -> Transcript:
        """What is said in English; of another language it would only make up English words.

        Takes about half as long as the recording lasts; the library cannot be told to give up.
        """
        if not language.startswith("en"):
            raise SpeechUnavailable(
                f"PocketSphinx hears English only, not {language!r}: "
                'pip install "butler[speech]" brings Whisper'
            )
        return Transcript(text=_recognize(recording.pcm), language="en")

    def probe(self) -> str:
        """Run it once over a moment of silence."""
        with suppress(AudioSilent):
            _recognize(bytes(RATE))
        return f"{self.name}: PocketSphinx on the processor, ready; English only"


def _recognize(pcm: bytes) -> str:
    try:
        from speech_recognition import AudioData, Recognizer, RequestError, UnknownValueError
    except ImportError as exc:
        raise SpeechUnavailable(f"SpeechRecognition cannot be imported: {exc}") from exc
    try:
        text = Recognizer().recognize_sphinx(AudioData(pcm, RATE, 2), language="en-US")
    except UnknownValueError as exc:
        raise AudioSilent("no words were heard in the recording") from exc
    except (RequestError, RuntimeError, ValueError) as exc:
        raise SpeechUnavailable(f"PocketSphinx failed: {exc}") from exc
    return words_of([Segment(str(text))])

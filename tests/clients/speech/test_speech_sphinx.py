from __future__ import annotations

import pytest

from butler.clients.speech.sphinx import SphinxEngine
from butler.clients.speech.transcriber import DecodingTranscriber
from butler.domain.chat import Audio
from butler.errors import AudioSilent, SpeechUnavailable
from tests.support import audio

pytestmark = pytest.mark.service


@pytest.fixture
def sphinx() -> DecodingTranscriber:
    pytest.importorskip("pocketsphinx")
    return DecodingTranscriber(SphinxEngine())


def test_english_is_heard_more_or_less(sphinx: DecodingTranscriber) -> None:
    transcript = sphinx.transcribe(Audio(audio.speak(audio.ENGLISH, "en")), "en", 30)
    assert transcript.language == "en"
    # 7 of 11 words where this was written.
    assert audio.overlap(audio.ENGLISH, transcript.text) >= 0.4


def test_it_says_that_it_hears_english_only(sphinx: DecodingTranscriber) -> None:
    assert "English only" in sphinx.probe()
    with pytest.raises(SpeechUnavailable, match="English only"):
        sphinx.transcribe(Audio(audio.speak(audio.RUSSIAN[0])), "ru", 30)


def test_a_hum_without_words_is_silence(sphinx: DecodingTranscriber) -> None:
    hum = audio.wav(b"\x00\x10" * 4_000 + b"\x00\xf0" * 4_000, 16_000)
    with pytest.raises(AudioSilent):
        sphinx.transcribe(Audio(hum), "en", 30)

from __future__ import annotations

import pytest

from butler.clients.speech.hearing import Segment, words_of
from butler.errors import AudioSilent


def test_the_text_of_all_segments_is_joined() -> None:
    assert words_of([Segment(" Good evening."), Segment(" I am Anna. ")]) == (
        "Good evening. I am Anna."
    )


@pytest.mark.parametrize(
    "made_up",
    [
        Segment(" You", no_speech=0.752, logprob=-0.82),
        Segment("мю мю шитат", logprob=-1.8),
        Segment(" Субтитры сделал DimaTorzok"),
        Segment("Редактор субтитров А.Семкин Корректор А.Егорова"),
        Segment("..."),
        Segment(" ♪♪ "),
        Segment(""),
    ],
    ids=lambda segment: segment.text.strip() or "nothing",
)
def test_what_whisper_makes_up_in_silence_is_silence(made_up: Segment) -> None:
    with pytest.raises(AudioSilent):
        words_of([made_up])


@pytest.mark.parametrize(
    "said",
    [
        Segment("Добрый вечер", no_speech=0.48, logprob=-1.31),
        Segment("Good evening", no_speech=0.7, logprob=-0.3),
        Segment("42"),
        Segment("Я смотрел субтитры"),
    ],
    ids=lambda segment: segment.text,
)
def test_what_was_said_unclearly_is_kept(said: Segment) -> None:
    assert words_of([said]) == said.text


def test_a_made_up_end_does_not_take_the_words_before_it() -> None:
    segments = [Segment("Good night."), Segment("You", no_speech=0.9, logprob=-1.0)]
    assert words_of(segments) == "Good night."


def test_a_phrase_the_decoder_got_stuck_on_is_kept_once() -> None:
    stuck = Segment("Я живу в Москве" + ", живу" * 30 + ".", repetition=6.0)
    assert words_of([stuck]) == "Я живу в Москве, живу."


def test_a_guest_may_repeat_a_word() -> None:
    assert words_of([Segment("Нет, нет, нет, нет!", repetition=0.9)]) == "Нет, нет, нет, нет!"


def test_no_segments_at_all_are_silence() -> None:
    with pytest.raises(AudioSilent):
        words_of([])

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from butler.domain import tokens
from butler.domain.chat import ChatMessage
from butler.domain.tokens import PER_MESSAGE, PER_PROMPT, SAMPLES, Tokens
from ops.bench.vocabulary import Vocabulary

RUSSIAN = "Прошу прощения, сэр, но чай остыл ещё в прошлом столетии, а новый пока не заварили. " * 4
ENGLISH = (
    "I beg your pardon, but the tea went cold in the last century and none is brewed yet. " * 4
)


def test_russian_costs_more_tokens_a_character_than_english() -> None:
    assert 2.2 < len(RUSSIAN) / Tokens().count(RUSSIAN) < 3.0
    assert 3.3 < len(ENGLISH) / Tokens().count(ENGLISH) < 4.2


@given(st.text(), st.text())
def test_the_estimate_is_subadditive_and_zero_only_for_nothing(one: str, two: str) -> None:
    tokens = Tokens()
    assert tokens.count(one + two) <= tokens.count(one) + tokens.count(two)
    assert (tokens.count(one) == 0) == (one == "")


@given(st.text())
def test_every_character_is_of_one_kind(text: str) -> None:
    kinds = tokens._kinds(text)
    assert min(kinds) >= 0
    assert sum(kinds) == len(text)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("", (0, 0, 0, 0)),
        ("Ёжик ʼ", (4, 1, 0, 1)),
        ("tea at 5\n", (0, 8, 1, 0)),
        ("«Чай» — 5…", (3, 2, 5, 0)),
        ("茶\ud83d😀", (0, 0, 0, 3)),
    ],
)
def test_kinds_are_told_apart(text: str, kinds: tuple[int, int, int, int]) -> None:
    assert tokens._kinds(text) == kinds


def test_a_prompt_counts_what_the_template_adds() -> None:
    turns = (ChatMessage("system", "abcd"), ChatMessage("user", "abcd"))
    assert Tokens().prompt(turns) == PER_PROMPT + 2 * (PER_MESSAGE + 1)


@pytest.mark.parametrize(("russian", "english"), [(0.5, 0.22), (0.33, 0.3), (0.45, 0.2)])
def test_after_twenty_turns_the_error_is_under_a_tenth_in_both_languages(
    russian: float, english: float
) -> None:
    tokens = Tokens()
    for turn in range(20):
        text, rate = (RUSSIAN, russian) if turn % 2 else (ENGLISH, english)
        text = text[: 60 + 13 * turn]
        actual = PER_PROMPT + PER_MESSAGE + round(len(text) * rate)
        tokens = tokens.learned([ChatMessage("user", text)], actual)
    for text, rate in ((RUSSIAN, russian), (ENGLISH, english)):
        assert tokens.count(text) == pytest.approx(len(text) * rate, rel=0.1)


def test_one_language_does_not_unlearn_the_other() -> None:
    before = Tokens()
    after = before.learned([ChatMessage("user", "а" * 500)], 1000)
    assert after.count("hello there") == before.count("hello there")
    assert after.count("а" * 500) > before.count("а" * 500)


@given(st.lists(st.tuples(st.text(), st.integers(-5, 10**9)), max_size=20))
def test_absurd_usage_never_drives_the_factors_out_of_bounds(usage: list[tuple[str, int]]) -> None:
    tokens = Tokens()
    for text, actual in usage:
        tokens = tokens.learned([ChatMessage("user", text)], actual)
    assert all(0.3 <= factor <= 3.0 for factor in tokens.factors)


def test_a_count_of_nothing_teaches_nothing() -> None:
    assert Tokens().learned([ChatMessage("user", "hello")], 0) == Tokens()
    assert Tokens().learned([], 100) == Tokens()


VOCABULARIES = [Vocabulary(), Vocabulary(5.0, 1.5), Vocabulary(3.5, 2.2), Vocabulary(6.5, 4.0)]
RUSSIAN_TALK = (
    "Добрый вечер! Расскажите, пожалуйста, что интересного в Эрмитаже на этой неделе.",
    "Мне посоветовали выставку голландских мастеров, но билеты, говорят, надо брать заранее.",
    "А как туда добраться от Московского вокзала, если с двумя чемоданами и без машины?",
    "Прекрасно. Тогда напомните мне, чтобы я захватил зонт и удобную обувь.",
    "Ещё вопрос: где поблизости можно недорого пообедать, желательно что-нибудь грузинское?",
)
ENGLISH_TALK = (
    "Good evening! Would you tell me what is worth seeing at the museum this week?",
    "Somebody recommended the Dutch masters, though tickets must apparently be booked ahead.",
    "How do I get there from the railway station with two heavy suitcases and no car?",
    "Splendid. Remind me, then, to bring an umbrella and some comfortable shoes.",
    "One more thing: where nearby could we have an inexpensive lunch, preferably Georgian?",
)


@pytest.mark.parametrize("vocabulary", VOCABULARIES)
def test_after_twenty_turns_against_a_real_kind_of_tokenizer_the_error_is_under_a_tenth(
    vocabulary: Vocabulary,
) -> None:
    tokens = Tokens()
    for turn in range(20):
        talk = RUSSIAN_TALK if turn % 2 else ENGLISH_TALK
        turns = [ChatMessage("user", talk[(turn // 2 + n) % 5]) for n in range(3)]
        actual = PER_PROMPT + sum(PER_MESSAGE + vocabulary.count(t.content) for t in turns)
        tokens = tokens.learned(turns, actual)
    for talk in (RUSSIAN_TALK, ENGLISH_TALK):
        whole = " ".join(talk)
        assert tokens.count(whole) == pytest.approx(vocabulary.count(whole), rel=0.1)


@pytest.mark.parametrize("vocabulary", VOCABULARIES)
def test_a_tokenizer_that_counts_our_samples_sets_the_estimate_before_the_first_turn(
    vocabulary: Vocabulary,
) -> None:
    tokens = Tokens().weighed((sample, vocabulary.count(sample)) for sample in SAMPLES)
    for talk in (RUSSIAN_TALK, ENGLISH_TALK):
        whole = " ".join(talk)
        assert tokens.count(whole) == pytest.approx(vocabulary.count(whole), rel=0.15)


def test_counts_that_cannot_be_true_teach_nothing() -> None:
    assert Tokens().weighed([(SAMPLES[0], 0), (SAMPLES[1], -5)]) == Tokens()

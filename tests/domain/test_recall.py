from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from butler.domain.event import Event
from butler.domain.recall import Recall

NOW = datetime(2026, 3, 4, tzinfo=UTC)


def indexed(*texts: str) -> Recall:
    recall = Recall()
    for number, text in enumerate(texts):
        who = "assistant" if number % 2 else "user"
        recall.add(number + 1, who, NOW + timedelta(hours=number), text)
    return recall


TALK = (
    "Мою собаку зовут Рекс", "Прекрасная кличка", "Вчера ходили в театр", "Что давали?",
    "My sister lives in Leeds", "A fine town", "Пью чай с мёдом", "Запомню",
)  # fmt: skip


def test_a_message_and_its_answer_are_found_by_any_form_of_its_words() -> None:
    assert indexed(*TALK).search("как кличут собаки?", NOW, 100)[:2] == [1, 2]
    assert indexed(*TALK).search("where does the sister live", NOW, 100)[:2] == [5, 6]
    assert indexed(*TALK).search("чай с медом", NOW, 100)[:2] == [7, 8]


def test_the_answers_words_find_the_question_too() -> None:
    assert indexed(*TALK).search("town", NOW, 100) == [5, 6]


def test_nothing_is_found_for_words_never_said() -> None:
    assert indexed(*TALK).search("квантовая физика", NOW, 100) == []
    assert indexed(*TALK).search("и в на", NOW, 100) == []
    assert Recall().search("чай", NOW, 100) == []


def test_what_is_found_stays_within_the_budget() -> None:
    assert indexed(*TALK).search("собака", NOW, 10) == [1]
    assert indexed(*TALK).search("собака", NOW, 0) == []


def test_the_rarer_word_weighs_more() -> None:
    recall = indexed(*["чай", "да"] * 20, "чай с бергамотом", "да")
    assert recall.search("чай бергамот", NOW, 100)[:2] == [41, 42]


def test_of_two_equal_pairs_the_newer_comes_first() -> None:
    assert indexed("чай", "да", "чай", "да").search("чай", NOW + timedelta(days=1), 9)[0] == 3


def test_messages_in_a_row_from_the_guest_are_one_pair_with_the_answer() -> None:
    recall = Recall()
    events = [
        Event(f"{n}", "7", n, "assistant" if n == 3 else "user", text, "text", n, NOW)
        for n, text in enumerate(("Мой кот", "рыжий", "Запомню"), start=1)
    ]
    recall.add_events(events)
    assert recall.search("рыжий", NOW, 100) == [1, 2, 3]
    assert len(recall) == 3


def test_common_words_do_not_drown_rare_ones_in_a_long_talk() -> None:
    talk = [text for n in range(300) for text in (f"мы говорили долго тема{n}", "да")]
    recall = indexed(*talk)
    assert recall.search("говорили тема77", NOW, 40)[0] == 155
    assert recall.search("говорили", NOW, 10)


@given(
    st.lists(st.tuples(st.sampled_from(("user", "assistant")), st.text(max_size=40)), max_size=30),
    st.text(max_size=40),
    st.integers(0, 100),
)
def test_any_talk_can_be_searched(said: list[tuple[str, str]], query: str, budget: int) -> None:
    recall = Recall(count=len)
    for seq, (who, text) in enumerate(said, start=1):
        recall.add(seq, who, NOW, text)
    found = recall.search(query, NOW, budget)
    assert len(set(found)) == len(found)
    assert sum(len(said[seq - 1][1]) for seq in found) <= budget

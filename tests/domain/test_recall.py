from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

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
    assert {1, 2} <= set(indexed(*TALK).search("как кличут собаки?", NOW, 100)[:3])
    assert indexed(*TALK).search("where does the sister live", NOW, 100)[0] == 5
    assert {7, 8} <= set(indexed(*TALK).search("чай с медом", NOW, 100)[:3])


def test_the_answers_words_find_the_question_too() -> None:
    assert indexed(*TALK).search("town", NOW, 100)[0] == 6
    assert 5 in indexed(*TALK).search("town", NOW, 100)[:3]


def test_nothing_is_found_for_words_never_said() -> None:
    assert indexed(*TALK).search("квантовая физика", NOW, 100) == []
    assert indexed(*TALK).search("и в на", NOW, 100) == []
    assert Recall().search("чай", NOW, 100) == []


def test_what_is_found_stays_within_the_budget() -> None:
    assert indexed(*TALK).search("собака", NOW, 10) == [1]
    assert indexed(*TALK).search("собака", NOW, 0) == []


def test_the_rarer_word_weighs_more() -> None:
    recall = indexed(*["чай", "да"] * 20, "чай с бергамотом", "да")
    assert recall.search("чай бергамот", NOW, 100)[0] == 41


def test_of_two_equal_pairs_the_newer_comes_first() -> None:
    assert indexed("чай", "да", "чай", "да").search("чай", NOW + timedelta(days=1), 9)[0] == 3


def test_what_stands_around_the_words_comes_with_them() -> None:
    recall = Recall()
    said = ((1, "user", "Мой кот"), (2, "user", "рыжий"), (3, "assistant", "Запомню"))
    recall.add_all((seq, who, NOW, text) for seq, who, text in said)
    assert recall.search("рыжий", NOW, 100) == [2, 3, 1]
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


def between(*said: tuple[str, str]) -> Recall:
    """What two people said to each other, a minute apart."""
    recall = Recall()
    for seq, (who, text) in enumerate(said, start=1):
        recall.add(seq, who, NOW + timedelta(minutes=seq), text)
    return recall


def test_anybody_may_talk_to_anybody() -> None:
    talk = [("Caroline" if n % 2 else "Melanie", f"word{n} and tea") for n in range(200)]
    recall = between(*talk, ("Caroline", "I adopted a parrot"), ("Melanie", "How lovely!"))
    assert recall.search("Who has a parrot?", NOW, 30)[0] == 201
    assert recall.search("word77", NOW, 30)[0] == 78


def test_who_is_named_comes_first() -> None:
    recall = between(("Ann", "I paint horses"), ("Bob", "I paint horses"), ("Ann", "Nice"))
    assert recall.search("What does Bob paint?", NOW, 100)[0] == 2
    assert recall.search("What does Ann paint?", NOW, 100)[0] == 1


def test_an_answer_is_found_by_the_words_of_its_question() -> None:
    recall = between(("a", "Where is the spare key?"), ("b", "Under the mat"), ("a", "Thanks"))
    assert 2 in recall.search("spare key", NOW, 100)


def test_words_of_another_talk_lend_nothing() -> None:
    recall = Recall()
    recall.add(1, "user", NOW, "зонт сломан")
    recall.add(2, "user", NOW + timedelta(days=2), "пора спать")
    assert recall.search("зонт", NOW, 100) == [1]


def test_days_asked_about_come_first_even_without_words_to_go_by() -> None:
    recall = Recall()
    for day in range(60):
        recall.add(day + 1, "user", NOW + timedelta(days=day), f"дело номер {day * 7}")
    asked = NOW + timedelta(days=60)  # 2026-05-03, a Sunday
    assert recall.search("Что было вчера?", asked, 8) == [60]
    monday = (datetime(2026, 4, 20, tzinfo=UTC) - NOW).days + 1
    week = recall.search("что я делал на прошлой неделе?", asked, 70)
    assert set(week[:7]) == set(range(monday, monday + 7))


def test_a_question_for_a_time_prefers_what_tells_one() -> None:
    recall = Recall()
    recall.add(1, "user", NOW, "хожу к зубному в пятницу")
    recall.add(2, "user", NOW + timedelta(days=9), "боюсь ходить к зубному")
    assert recall.search("к зубному", NOW, 100)[0] == 2
    assert recall.search("когда мне к зубному?", NOW, 100)[0] == 1


def test_what_was_said_twice_in_the_same_words_is_found_once() -> None:
    recall = indexed("мой кот любит рыбу", "да", "Мой кот любит рыбу!", "нет")
    found = recall.search("кот рыба", NOW, 100)
    assert 3 in found
    assert 1 not in found


def test_what_is_barely_about_it_leaves_the_budget_alone() -> None:
    recall = indexed(*["чай остыл", "да"] * 20, "кот", "да")
    assert recall.search("сколько стоил мой зелёный парадный скафандр под чай", NOW, 500) == []


def test_naive_times_are_taken_for_utc() -> None:
    recall = Recall()
    recall.add(1, "a", datetime(2026, 5, 1, 23), "чай")
    assert recall.search("чай вчера", datetime(2026, 5, 2, 1), 100) == [1]


@given(
    st.lists(st.sampled_from(("чай с мёдом", "кофе", "tea", "дождь и чай", "")), max_size=20),
    st.sets(st.integers(1, 20)),
)
def test_what_is_removed_is_as_if_never_said(texts: list[str], gone: set[int]) -> None:
    whole, rest = Recall(), Recall()
    for seq, text in enumerate(texts, start=1):
        when = NOW + timedelta(days=seq)
        whole.add(seq, "user", when, text)
        if seq not in gone:
            rest.add(seq, "user", when, text)
    whole.remove(gone)
    later = NOW + timedelta(days=30)
    for query in ("чай", "кофе tea", "дождь", "что было вчера"):
        assert whole.search(query, later, 100) == rest.search(query, later, 100)
    assert len(whole) == len(rest)


def test_a_removed_word_is_nowhere_in_the_index() -> None:
    recall = indexed("тайна зовётся бергамот", "да")
    before = recall.nbytes
    recall.remove([1])
    assert recall.search("бергамот", NOW, 100) == []
    assert recall.nbytes < before

"""What is meant by a guest's words, what leaves the profile, and what keeps it out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import attrs
import pytest

from butler.domain.event import Event
from butler.domain.forgetting import (
    Found,
    Matter,
    epoch,
    fact_id,
    is_buried,
    lifted,
    looking_at_all,
    looking_for_fact,
    looking_in_period,
    mentioning,
    named_fact,
    of_all,
    of_fact,
    of_period,
    rid,
    search,
    searching,
    still,
    tombstone,
    without,
)
from butler.domain.profile import Fact, Profile, TopicEvidence, new_profile
from butler.domain.stems import stems
from butler.domain.steps import Steps

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TALK = (
    "Good evening! My name is Max, I live in Perm.",
    "Good evening, Max. Perm must be cold now.",
    "My cat is called Barsik, he is three.",
    "A fine name for a cat, Barsik.",
    "He eats Whiskas, the usual cat food.",
    "Barsik's taste is excellent, sir.",
    "My dog Rex does not like barsik much.",
    "Dogs rarely do. Shall I fetch the umbrella?",
    "I work at the bakery on Lenin street, mornings only.",
    "Fresh bread, then. Very good.",
    "I am allergic to strawberries.",
    "No strawberry jam for tea, noted.",
)
РАЗГОВОР = (
    "Добрый вечер! Меня зовут Максим, живу в Перми.",
    "Добрый вечер, Максим. В Перми, верно, холодно.",
    "Моего кота зовут Барсик, ему три года.",
    "Прекрасное имя для кота, сэр.",
    "Вчера у Барсика был день рождения, Барсику понравилась рыба.",
    "Передайте Барсику мои поздравления.",
    "Собака Рекс обиделась.",
    "Собаки обидчивы.",
    "Я работаю в пекарне на улице Гагарина.",
    "Свежий хлеб — это прекрасно.",
)


def said(texts: tuple[str, ...]) -> list[Event]:
    return [
        Event(
            f"7:{seq}:user" if seq % 2 else f"7:{seq}:assistant",
            "7",
            seq,
            "user" if seq % 2 else "assistant",
            text,
            "text",
            seq,
            NOW + timedelta(hours=seq),
        )
        for seq, text in enumerate(texts, 1)
    ]


def fact(key: str, value: str, seq: int, superseded_by: int | None = None) -> Fact:
    return Fact(key, value, seq, NOW + timedelta(hours=seq), superseded_by)


FACTS = (
    fact("name", "Max", 1),
    fact("city", "Perm", 1),
    fact("cat", "Barsik", 3),
    fact("cat food", "Whiskas", 5),
    fact("dog", "Rex", 7),
    fact("job", "bakery on Lenin street", 9),
    fact("allergy", "strawberries", 11),
)
ФАКТЫ = (
    fact("имя", "Максим", 1),
    fact("город", "Пермь", 1),
    fact("кот", "Барсик", 3),
    fact("собака", "Рекс", 7),
    fact("работа", "пекарня на улице Гагарина", 9),
)


def guest(facts: tuple[Fact, ...] = FACTS, **changes: object) -> Profile:
    known = new_profile("7", NOW)
    return attrs.evolve(known, facts=facts, last_seq=12, revision=5, **changes)  # type: ignore[arg-type]


def keys(found: Found) -> list[str]:
    return [each.key for each in found.facts]


@pytest.mark.parametrize(
    ("words", "facts", "seqs"),
    [
        ("that my cat is called Barsik", ["cat"], (3, 4, 6, 7)),
        ("forget that my cat is called Barsik, please", ["cat"], (3, 4, 6, 7)),
        ("my cat's name", ["cat"], (3, 4, 6, 7)),
        ("BARSIK", ["cat"], (3, 4, 6, 7)),
        ("that I live in Perm", ["city"], (1, 2)),
        ("the strawberry allergy", ["allergy"], (11, 12)),
        ("that I'm allergic to strawberries", ["allergy"], (11, 12)),
        ("where I work", ["job"], (9,)),
        ("my profession", ["job"], (9,)),
        ("where I live", ["city"], (1, 2)),
        ("the name of my cat", ["cat"], (3, 4, 6, 7)),
        ("about the bakery", ["job"], (9,)),
        ("that Rex is my dog", ["dog"], (7,)),
        ("the umbrella", [], (8,)),
        ("Murka", [], ()),
    ],
)
def test_english_words_point_at_facts_and_messages(
    words: str, facts: list[str], seqs: tuple[int, ...]
) -> None:
    found = search(guest(), said(TALK), words)
    assert (keys(found), found.seqs) == (facts, seqs)
    assert bool(found) == bool(facts or seqs)


@pytest.mark.parametrize(
    ("words", "facts", "seqs"),
    [
        ("что моего кота зовут Барсик", ["кот"], (3, 5, 6)),
        ("про барсика", ["кот"], (3, 5, 6)),
        ("забудь, пожалуйста, имя моего кота", ["кот"], (3, 5, 6)),
        ("что я живу в Перми", ["город"], (1, 2)),
        ("про мою работу в пекарне", ["работа"], (9,)),
        ("что у меня есть собака Рекс", ["собака"], (7,)),
        ("про Мурку", [], ()),
    ],
)
def test_russian_words_point_at_facts_and_messages(
    words: str, facts: list[str], seqs: tuple[int, ...]
) -> None:
    found = search(guest(ФАКТЫ), said(РАЗГОВОР), words)
    assert (keys(found), found.seqs) == (facts, seqs)


FAMILY = (
    *(fact("жена", "Наташа", 1), fact("брат", "Иван", 1), fact("дочь", "Вера", 1)),
    *(fact("мама", "Зоя", 1), fact("сестра", "Анна", 1), fact("работа", "врачом", 1)),
    *(fact("имя", "Глеб", 1), fact("возраст", "41 год", 1), fact("любимый цвет", "синий", 1)),
)
ENGLISH_FAMILY = (
    *(fact("wife", "Kate", 1), fact("brother", "John", 1), fact("mother", "Zoe", 1)),
    *(fact("sister", "Ann", 1), fact("favourite colour", "blue", 1), fact("age", "52", 1)),
    fact("from", "Cork", 1),
)


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ("про мою жену", "жена"), ("мою жену", "жена"), ("имя моей жены", "жена"),
        ("как зовут мою жену", "жена"), ("что моя жена Наташа", "жена"), ("Наташу", "жена"),
        ("про моего брата", "брат"), ("имя моего брата", "брат"), ("о моём брате", "брат"),
        ("про мою дочь", "дочь"), ("про нашу дочь", "дочь"), ("имя моей дочери", "дочь"),
        ("про мою маму", "мама"), ("имя моей мамы", "мама"), ("о моей маме", "мама"),
        ("про мою сестру", "сестра"), ("имя моей сестры", "сестра"),
        ("мою работу", "работа"), ("мою профессию", "работа"), ("кем я работаю", "работа"),
        ("моё имя", "имя"), ("как меня зовут", "имя"), ("мой любимый цвет", "любимый цвет"),
        ("мой возраст", "возраст"), ("сколько мне лет", "возраст"),
        ("my wife", "wife"), ("my wife's name", "wife"), ("the name of my wife", "wife"),
        ("what my wife is called", "wife"), ("that my wife is Kate", "wife"), ("Kate", "wife"),
        ("my brother's name", "brother"), ("about my brother", "brother"),
        ("my mother’s name", "mother"), ("my sister's name", "sister"),
        ("my favourite colour", "favourite colour"), ("my favorite color", "favourite colour"),
        ("my age", "age"), ("how old I am", "age"), ("from", "from"),
    ],
)  # fmt: skip
def test_whose_it_is_does_not_hide_a_fact(words: str, key: str) -> None:
    found = search(guest(ENGLISH_FAMILY if words.isascii() or "’" in words else FAMILY), (), words)
    assert keys(found) == [key]


SAYING_NOTHING = [
    *("", "that", "forget that", "что", "забудь, что", "all", "everything", "всё", "it"),
    *("это", "!!", "the day", "good", "сегодня", "год"),
]


@pytest.mark.parametrize("words", SAYING_NOTHING)
def test_words_that_say_nothing_find_nothing(words: str) -> None:
    assert not search(guest(), said(TALK + РАЗГОВОР), words)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("пёс", "Гуляли с псом"), ("дочь", "Звонил дочери"), ("отец", "Был у отца"),
        ("имя", "без имени"), ("мать", "Письмо матери"), ("child", "two children"),
        ("дочерью", "моя дочь"), ("猫", "猫の名前は"),
        ("crepes", "les Crêpes"), ("брат", "три брата"), ("друг", "мои друзья"),
    ],
)  # fmt: skip
def test_a_word_is_met_in_its_irregular_forms(words: str, said: str) -> None:
    assert Matter(frozenset(stems(words))).touches(said)


def test_a_word_that_half_the_memory_shares_finds_nothing_by_itself() -> None:
    talk = tuple(f"The ship number {n} sails" if n % 2 else f"Aye, {n}" for n in range(1, 61))
    assert not search(guest(()), said(talk), "the ship")


def test_without_a_fact_a_name_is_what_is_meant_and_not_what_bears_it() -> None:
    found = search(guest(()), said(TALK), "that my cat is called Barsik")
    assert found.seqs == (3, 4, 6, 7)


def test_superseded_facts_that_mention_it_are_found_too() -> None:
    history = (fact("cat", "Barsik", 3, 9), fact("cat", "Murka", 9), *FACTS[3:5])
    found = search(guest(history), said(TALK), "Barsik")
    assert [each.value for each in found.facts] == ["Barsik"]


def test_a_fact_is_named_by_an_id_that_tells_nothing_and_outlives_its_pin() -> None:
    one = FACTS[2]
    name = fact_id(one)
    assert len(name) <= 12
    assert name.isalnum()
    assert "arsik" not in name
    assert fact_id(attrs.evolve(one, pinned=True)) == name
    likes = (fact("likes", "tea", 1), fact("likes", "rain", 1))
    assert len({fact_id(each) for each in FACTS + likes}) == len(FACTS) + 2
    assert named_fact(guest(), name) == one
    assert named_fact(guest(), "nonsense") is None


def test_one_fact_is_found_with_its_history_and_what_mentions_it() -> None:
    history = (fact("cat", "Barsik", 3, 9), fact("cat", "Murka", 9), *FACTS[3:5])
    profile = guest(history, memory_summary="They talked of cats.", covered_seq=4)
    found = of_fact(profile, said(TALK), fact_id(history[1]))
    assert [each.value for each in found.facts] == ["Barsik", "Murka"]
    assert (found.seqs, found.in_summary) == ((3, 4, 6, 7), True)
    assert not of_fact(guest(), said(TALK), "nonsense")


def test_a_fact_of_common_words_takes_along_what_has_all_of_them() -> None:
    talk = ("I like good work.", "Good.", "My work is good.", "The work is long.")
    liking = fact("liking", "good work", 1)
    found = of_fact(guest((liking,)), said(talk), fact_id(liking))
    assert found.seqs == (1, 3)


def test_of_several_facts_with_one_key_one_can_be_forgotten() -> None:
    likes = (fact("likes", "violins", 1), fact("likes", "gingerbread", 1))
    found = of_fact(guest(likes), said(TALK), fact_id(likes[1]))
    assert [each.value for each in found.facts] == ["gingerbread"]


def test_a_period_is_half_open_and_takes_what_was_learned_in_it() -> None:
    events = said(TALK)
    seen = (
        TopicEvidence("cats", 2, events[2].created_at, events[5].created_at),
        TopicEvidence("bread", 2, events[2].created_at, events[9].created_at),
    )
    profile = guest(preferred_topics=("cats", "bread"), topic_evidence=seen, memory_summary="Cats.")
    found = of_period(profile, events, events[2].created_at, events[6].created_at)
    assert (keys(found), found.seqs) == (["cat", "cat food"], (3, 4, 5, 6))
    assert (found.topics, found.in_summary) == (("cats",), False)
    covered = attrs.evolve(profile, covered_seq=4)
    assert of_period(covered, events, events[2].created_at, None).in_summary
    assert of_period(profile, events, None, events[1].created_at).seqs == (1,)
    with pytest.raises(ValueError, match="period"):
        of_period(profile, events, None, None)


def test_what_is_found_leaves_the_profile_and_nothing_else_does() -> None:
    seen = (TopicEvidence("barsik", 2, NOW, NOW), TopicEvidence("bread", 2, NOW, NOW))
    profile = guest(
        preferred_topics=("barsik", "bread"),
        topic_evidence=seen,
        memory_summary="Max has a cat, Barsik.",
        covered_seq=4,
        name="Max",
    )
    found = search(profile, said(TALK), "my cat Barsik")
    after = without(profile, said(TALK), found, NOW)
    assert after.revision == 6
    assert [each.key for each in after.facts] == [e.key for e in FACTS if e.key != "cat"]
    assert (after.preferred_topics, after.topic_evidence) == (("bread",), seen[1:])
    assert (after.memory_summary, after.covered_seq, after.name) == ("", 4, "Max")
    assert "barsik" not in str(after.tombstones).lower()
    assert epoch(after) != epoch(profile)


def test_what_was_learned_since_the_question_is_found_and_nothing_else_is() -> None:
    events, before = said(TALK), guest(facts=())
    later = attrs.evolve(guest(memory_summary="Max has a pet."), covered_seq=4)
    words = still(later, events[:4], search(before, events, "Barsik"))
    assert (keys(words), words.in_summary) == (["cat"], True)
    period = of_period(before, events, events[2].created_at, events[6].created_at)
    found = still(later, events[:4], period)
    assert (keys(found), found.in_summary) == (["cat", "cat food"], True)
    dog = search(before, events, "Rex")
    assert (dog.facts, still(later, events[:4], dog).in_summary) == ((), False)
    assert keys(still(later, events[:4], dog)) == ["dog"]


def test_what_was_said_and_covered_since_the_question_is_in_the_summary() -> None:
    events = said(TALK)
    found = of_period(guest(), events[:4], events[2].created_at, None)
    later = attrs.evolve(guest(memory_summary="Max has a pet."), covered_seq=6)
    assert still(later, events[4:6], attrs.evolve(found, seqs=())).in_summary


def test_of_the_sightings_of_a_topic_those_in_a_period_go() -> None:
    days = [NOW + timedelta(days=day) for day in range(4)]
    seen = tuple(
        TopicEvidence(topic, 2, days[first], days[last])
        for topic, first, last in (("in", 1, 1), ("before", 0, 1), ("after", 1, 3), ("both", 0, 3))
    )
    profile = guest(topic_evidence=seen, preferred_topics=("before", "after"))
    after = without(profile, (), of_period(profile, (), days[1], days[2]), NOW)
    left = [(each.topic, each.times, each.first, each.last) for each in after.topic_evidence]
    assert left == [
        ("before", 1, days[0], days[0]),
        ("after", 1, days[3], days[3]),
        ("both", 2, days[0], days[3]),
    ]
    again = without(after, (), of_period(after, (), days[0], days[1]), NOW)
    assert again.preferred_topics == ("after",)


def test_a_summary_made_without_it_stays() -> None:
    profile = guest(memory_summary="Max bakes bread.", covered_seq=2)
    found = search(profile, said(TALK), "my cat Barsik")
    assert without(profile, said(TALK), found, NOW).memory_summary == "Max bakes bread."


@pytest.mark.parametrize(
    "again", ["cat: Barsik", "кличка Barsik's", "Barsik and Rex are friends.", "BARSIK"]
)
def test_what_was_forgotten_stays_buried_whatever_it_is_called_now(again: str) -> None:
    after = without(guest(), (), search(guest(), said(TALK), "my cat Barsik"), NOW)
    assert is_buried(after.tombstones, again)
    assert not is_buried(after.tombstones, "cat food: Whiskas")
    assert not is_buried(after.tombstones, "")


def test_facts_of_a_period_are_buried_as_they_stood() -> None:
    events = said(TALK)
    found = of_period(guest(), events, events[2].created_at, events[3].created_at)
    after = without(guest(), events, found, NOW)
    assert is_buried(after.tombstones, "cat: Barsik")
    assert not is_buried(after.tombstones, "the cat sleeps")


def test_each_forgetting_begins_a_new_epoch() -> None:
    profile = guest()
    nothing = of_period(profile, (), NOW - timedelta(days=9), NOW - timedelta(days=8))
    after = without(profile, (), nothing, NOW)
    everything = without(after, (), of_all(after, ()), NOW)
    assert len({epoch(each) for each in (None, profile, after, everything)}) == 4
    assert not is_buried(everything.tombstones, "anything at all")
    assert (everything.facts, everything.covered_seq) == ((), 12)


def test_to_say_remember_of_it_lifts_the_tombstone_and_no_other() -> None:
    stones = (tombstone(["Barsik"], NOW), tombstone(["Perm"], NOW))
    left = lifted(stones, "Remember that my cat is Barsik")
    assert not is_buried(left, "cat: Barsik")
    assert is_buried(left, "city: Perm")
    assert len(left) == 2


def test_only_sentences_that_are_buried_leave_a_text() -> None:
    stones = (tombstone(["Барсик"], NOW), tombstone(["red", "car"], NOW))
    text = "Гость из Перми. У него кот, Барсика любят все! Он печёт хлеб."
    assert rid(stones, text) == "Гость из Перми. Он печёт хлеб."
    assert rid(stones, "A red house. A fast car.") == ""
    assert rid(stones, "A red house.") == "A red house."


def test_a_matter_is_met_in_every_form_of_its_words() -> None:
    matter = search(guest(ФАКТЫ), said(РАЗГОВОР), "Барсик").matter
    for text in ("Барсику", "барсиком", "О БАРСИКЕ", "#барсик2020", "Барсёнок и Барсик"):
        assert matter.touches(text), text
    for text in ("", "барс", "Рекс", "кот"):
        assert not matter.touches(text), text


def test_an_empty_matter_touches_nothing() -> None:
    assert not Matter().touches("anything", NOW)
    assert not Matter().touches("", None)
    assert Matter(everything=True).touches("", None)


LONG = [attrs.evolve(event, seq=n) for n, event in enumerate(said(TALK) * 50, 1)]
EVENTS_A_STEP = 8


def steps(looking: Callable[[Iterator[Event]], Steps[object]]) -> tuple[int, int]:
    """How many steps there are, and the most events that were read for one of them."""
    read = 0

    def events() -> Iterator[Event]:
        nonlocal read
        for event in LONG:
            read += 1
            yield event

    count, most, before = 0, 0, 0
    for _ in looking(events()):
        count, most, before = count + 1, max(most, read - before), read
    return count, max(most, read - before)


@pytest.mark.parametrize(
    ("looking", "passes"),
    [
        (lambda events: searching(guest(), events, "my cat"), 4),
        (lambda events: searching(guest(), events, "the elephant in the zoo"), 4),
        (lambda events: looking_for_fact(guest(), events, fact_id(FACTS[0])), 3),
        (lambda events: looking_in_period(guest(), events, NOW, None), 1),
        (lambda events: looking_at_all(guest(), events), 1),
        (lambda events: mentioning(events, "elephant"), 1),
    ],
)
def test_a_long_past_is_looked_through_in_small_steps(
    looking: Callable[[Iterator[Event]], Steps[object]], passes: int
) -> None:
    count, most = steps(looking)
    assert most <= EVENTS_A_STEP
    assert count >= passes * len(LONG) / EVENTS_A_STEP

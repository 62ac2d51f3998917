from __future__ import annotations

from datetime import UTC, datetime, timedelta

import attrs

from butler.domain.event import Event, Role
from butler.domain.interests import after, seen
from butler.domain.profile import TopicEvidence, new_profile

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
GUEST = new_profile("7", NOW)


def said(*texts: str, role: Role = "user", at: datetime = NOW) -> list[Event]:
    return [Event(f"{n}", "7", n, role, text, "text", n, at) for n, text in enumerate(texts, 1)]


def sight(topic: str, times: int, at: datetime = NOW) -> TopicEvidence:
    return TopicEvidence(topic, times, at, at)


def test_a_topic_is_counted_by_the_messages_of_the_guests_own_that_speak_of_it() -> None:
    events = [*said("люблю чай", "чаю бы"), *said("чай подан, и яхта", role="assistant")]
    assert seen(["Чай", "чай", "яхта", 5, ""], events, GUEST) == (sight("чай", 2),)


def test_what_is_known_is_seen_again_without_being_named() -> None:
    known = attrs.evolve(GUEST, preferred_topics=("чай",), topic_evidence=(sight("сад", 1),))
    assert seen([], said("чай в саду"), known) == (sight("чай", 1), sight("сад", 1))


def test_delicate_and_secret_things_are_never_seen() -> None:
    events = said("диабет и пароль", "моя ипотека", "выборы", "I pray in church about salary")
    named = ["диабет", "пароль", "ипотека", "выборы", "church", "salary"]
    assert seen(named, events, GUEST) == ()


def test_one_mention_is_no_interest_and_a_second_one_later_is() -> None:
    once = after(GUEST, [sight("чай", 1)], NOW)
    assert once.preferred_topics == ()
    later = NOW + timedelta(days=3)
    again = after(once, [sight("чай", 1, later)], later)
    assert again.preferred_topics == ("чай",)
    assert again.topic_evidence == (TopicEvidence("чай", 2, NOW, later),)


def test_several_messages_make_an_interest_at_once() -> None:
    assert after(GUEST, [sight("чай", 3)], NOW).preferred_topics == ("чай",)


def test_with_no_room_what_was_heard_of_lately_stays() -> None:
    topics = tuple("абвгдеж")
    evidence = tuple(sight(topic, 3) for topic in topics)
    full = attrs.evolve(GUEST, preferred_topics=topics, topic_evidence=evidence)
    assert after(full, [sight("шахматы", 9)], NOW).preferred_topics == topics


def test_with_no_room_what_was_long_silent_gives_way_one_at_a_time() -> None:
    topics = ("чай", "сад", "море", "кино", "горы", "лыжи", "джаз")
    long_ago = NOW - timedelta(days=40)
    evidence = tuple(
        sight(topic, 3, long_ago - timedelta(days=n)) for n, topic in enumerate(topics)
    )
    full = attrs.evolve(GUEST, preferred_topics=topics, topic_evidence=evidence)
    changed = after(full, [sight("шахматы", 4), sight("театр", 5)], NOW)
    assert changed.preferred_topics == (*topics[:6], "театр")


def test_what_is_remembered_of_topics_is_bounded() -> None:
    profile = GUEST
    for number in range(100):
        at = NOW + timedelta(days=number)
        profile = after(profile, [sight(f"слово{number}", 1, at)], at)
    assert len(profile.topic_evidence) == 40
    assert profile.topic_evidence[-1].topic == "слово99"

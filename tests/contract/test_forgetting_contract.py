"""What is forgotten, exported, put back and let go of with time, on every store alike."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import attrs
import pytest

from butler.domain import forgetting
from butler.domain.event import Event
from butler.domain.forgetting import Matter
from butler.domain.profile import Fact, Profile, TopicEvidence
from butler.domain.writes import (
    Accept,
    Bury,
    CommitCompaction,
    CommitTurn,
    Done,
    Fenced,
    Forget,
    ImportGuest,
    SaveProfile,
    Sweep,
)
from butler.errors import ImportRefused
from butler.storage.exchange import imported
from butler.storage.mongo import store as mongo_store
from butler.storage.sqlite import profiles as sqlite_profiles
from tests.storage.builders import (
    NOW,
    event,
    fact,
    forgetting_all,
    item,
    later,
    letter,
    part,
    profile,
)
from tests.storage.servers import Stores

SAID = ("My cat is Barsik.", "Barsik, a fine name.", "I bake bread.", "Very good, sir.")
LATER = ("Барсик sleeps.", "Let him.", "The loaf is done.", "BARSIK's loaf?")


def told(user_id: str = "7") -> tuple[Profile, tuple[Event, ...]]:
    """A guest of eight events, of which four are covered, with facts of two kinds."""
    events = tuple(
        attrs.evolve(
            event(int(user_id) * 100 + n, n, "user" if n % 2 else "assistant", user_id),
            content=content,
        )
        for n, content in enumerate(SAID + LATER, 1)
    )
    facts = (Fact("cat", "Barsik", 1, later(1)), Fact("craft", "bread", 3, later(3)))
    known = profile(user_id, facts=facts, last_seq=8, memory_summary="Has a cat, Barsik. Bakes.")
    return known, events


def held(store: Any, user_id: str = "7") -> Profile:
    """That guest in the store; the profile as it is there."""
    known, events = told(user_id)
    number = int(user_id) * 100
    store.commit([Accept((item(number, user_id),))])
    first = attrs.evolve(known, facts=(), memory_summary="")
    store.commit([CommitTurn((), (), NOW, events, first, 0)])
    covered = known.revised(NOW, covered_seq=4)
    store.commit([CommitCompaction(covered, 1)])
    for name, words in (("a", "О Барсике!"), ("b", "Of bread.")):
        dead = letter(f"{user_id}-{name}", None, user_id)
        store.commit([Bury(attrs.evolve(dead, payload={"message": {"text": words}}))])
    return covered


def forget(store: Any, words: str, user_id: str = "7") -> Any:
    guest = store.guest(user_id)
    events = [*store.archive(user_id), *guest.window]
    found = forgetting.search(guest.profile, events, words)
    after = forgetting.without(guest.profile, events, found, NOW)
    return Forget(after, guest.profile.revision, found.seqs, found.matter)


def seqs(events: Any) -> list[int]:
    return [each.seq for each in events]


def said(store: Any, user_id: str = "7") -> list[str]:
    return [each.content for each in (*store.archive(user_id), *store.guest(user_id).window)]


def letters(store: Any) -> list[str]:
    return [each.letter_id for each in store.dead_letters(99)]


def test_what_is_meant_is_gone_and_everything_else_is_there(store: Any) -> None:
    held(store)
    held(store, "8")
    untouched = store.export("8")
    assert store.commit([forget(store, "my cat Barsik")]) == [Done()]
    left = store.guest("7")
    assert [each.value for each in left.profile.facts] == ["bread"]
    assert left.profile.memory_summary == ""
    assert seqs(store.archive("7")) == [3, 4]
    assert [(e.seq, e.content) for e in left.window] == [
        (5, "Барсик sleeps."),
        (6, "Let him."),
        (7, "The loaf is done."),
        (8, ""),
    ]
    assert "arsik" not in json.dumps(store.export("7"), ensure_ascii=False).lower()
    assert letters(store) == ["7-a", "7-b", "8-a", "8-b"]
    assert store.export("8") == untouched


def test_words_of_the_other_alphabet_are_forgotten_by_their_own(store: Any) -> None:
    held(store)
    store.commit([forget(store, "про Барсика")])
    assert store.guest("7").window[0].content == ""
    assert letters(store) == ["7-b"]


def test_the_store_finds_what_the_caller_did_not_know_of(store: Any) -> None:
    known = held(store)
    after = known.revised(NOW, memory_summary="")
    store.commit([Forget(after, known.revision, (6,), Matter(frozenset(("barsik",))))])
    assert seqs(store.archive("7")) == [3, 4]
    assert [each.seq for each in store.guest("7").window if not each.content] == [6, 8]


def test_a_period_is_forgotten_by_its_moments(store: Any) -> None:
    held(store)
    guest = store.guest("7")
    events = [*store.archive("7"), *guest.window]
    found = forgetting.of_period(guest.profile, events, later(2), later(6))
    after = forgetting.without(guest.profile, events, found, NOW)
    store.commit([Forget(after, guest.profile.revision, found.seqs, found.matter)])
    assert said(store) == [SAID[0], "", *LATER[1:]]
    assert [each.value for each in store.guest("7").profile.facts] == ["Barsik"]


def test_all_of_one_guest_is_forgotten_and_nothing_of_another(store: Any) -> None:
    held(store)
    held(store, "8")
    untouched = store.export("8")
    guest = store.guest("7")
    found = forgetting.of_all(guest.profile, guest.window)
    after = forgetting.without(guest.profile, (), found, NOW)
    store.commit([Forget(after, guest.profile.revision, found.seqs, found.matter)])
    left = store.export("7")
    assert (left["window"], left["archive"], left["dead_letters"]) == ([], [], [])
    assert left["profile"]["covered_seq"] == left["profile"]["last_seq"] == 8
    assert store.export("8") == untouched


def test_a_forgetting_that_is_behind_changes_nothing(store: Any) -> None:
    known = held(store)
    write = forget(store, "my cat Barsik")
    store.commit([SaveProfile(known.revised(NOW, tone="dry"), known.revision)])
    before = store.export("7")
    assert store.commit([write]) == [Fenced(stored_revision=3)]
    assert store.export("7") == before


def test_forgetting_twice_is_forgetting_once(store: Any) -> None:
    held(store)
    write = forget(store, "my cat Barsik")
    store.commit([write])
    once = store.export("7")
    assert store.commit([write]) == [Done()]
    assert store.export("7") == once


def test_what_is_blank_is_covered_without_a_trace(store: Any) -> None:
    held(store)
    store.commit([forget(store, "Barsik")])
    known = store.guest("7").profile
    store.commit([CommitCompaction(known.revised(NOW, covered_seq=8), known.revision)])
    assert seqs(store.archive("7")) == [3, 4, 5, 6, 7]
    assert store.guest("7").window == ()


def test_the_revision_is_read_by_itself(store: Any) -> None:
    assert store.revision("7") == 0
    assert store.revision(held(store).user_id) == 2


# Exports


@pytest.fixture(params=["sqlite", "mongomock"])
def other(request: pytest.FixtureRequest, tmp_path_factory: Any) -> Iterator[Any]:
    """A store of another kind, or of the same over other data."""
    from tests.storage.servers import opener

    class Elsewhere:
        def getfixturevalue(self, name: str) -> Any:
            return tmp_path_factory.mktemp("elsewhere")

    made = Stores(request.param, opener(request.param, Elsewhere()))  # type: ignore[arg-type]  # all that it asks
    yield made.open()
    made.close()


def rich(store: Any) -> None:
    """A guest with something of every kind."""
    known = held(store)
    seen = (TopicEvidence("bread", 2, later(3), later(7)),)
    stones = (forgetting.tombstone(["Murka"], NOW),)
    old = Fact("cat", "Murka", 1, later(1), superseded_by=3, pinned=True)
    rich_one = known.revised(
        later(0.123456),
        facts=(old, *known.facts),
        preferred_topics=("bread",),
        topic_evidence=seen,
        tombstones=stones,
        paused=True,
        name="Макс \ud83d",
        language="en",
    )
    store.commit([SaveProfile(rich_one, known.revision)])
    store.commit([Accept((item(9, "7", "How is the loaf?"),))])


def test_an_export_put_back_elsewhere_is_the_same_export(store: Any, other: Any) -> None:
    rich(store)
    held(store, "8")
    document = store.export("7")
    assert {len(document[p]) > 0 for p in ("window", "archive", "dead_letters", "inbox")} == {True}
    again = imported(json.loads(json.dumps(document)), "7")
    assert other.commit([ImportGuest(again)]) == [Done()]
    assert other.export("7") == document
    assert other.guest("7").profile.paused
    assert [waits.key.update_id for waits in other.waiting_of("7")] == [9, 700]


def test_a_guest_who_is_known_is_replaced_only_if_so_asked(store: Any) -> None:
    held(store)
    document = store.export("7")
    store.commit([forgetting_all(store.guest("7").profile)])
    known = store.export("7")
    wanted = imported(document)
    assert store.commit([ImportGuest(wanted)]) == [Fenced(stored_revision=3)]
    assert store.export("7") == known
    assert store.commit([ImportGuest(wanted, replace=True)]) == [Done()]
    found = store.export("7")
    assert found["profile"].pop("revision") > known["profile"]["revision"]
    document["profile"].pop("revision")
    assert document.pop("inbox")
    assert found.pop("inbox") == []  # what waited was erased, and is not asked twice
    assert found == document


def broken(**changes: Any) -> dict[str, Any]:
    known, _ = told()
    from butler.storage.exchange import exported

    return {**exported(known, (), (), (), ()), **changes}


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ([], "JSON object"),
        ({}, "butler-export"),
        (broken(version=2), '"version": 1'),
        (broken(version="1"), '"version": 1'),
        (broken(profile=None), "a profile"),
        (broken(profile={"user_id": "7"}), "Profile"),
        (broken(more={}), "no fields but"),
        (broken(window={}), "window"),
        (broken(window=[{"seq": 1}]), r"Event .* window\[0\]"),
        (broken(inbox=[3]), r"InboxItem .* inbox\[0\]"),
    ],
)
def test_what_is_no_export_is_refused_with_a_reason(document: Any, said: str) -> None:
    with pytest.raises(ImportRefused, match=said):
        imported(document)


def test_what_could_not_be_counted_on_from_is_refused() -> None:
    document = broken()
    document["profile"]["last_seq"] = 2**63 - 1
    with pytest.raises(ImportRefused, match="last_seq up to"):
        imported(document)


def test_an_export_of_another_guest_is_refused() -> None:
    with pytest.raises(ImportRefused, match="guest '8', got guest '7'"):
        imported(broken(), "8")
    known, events = told()
    from butler.storage.exchange import exported

    strange = attrs.evolve(events[0], user_id="8")
    with pytest.raises(ImportRefused, match="another's"):
        imported(exported(known, (strange,), (), (), ()))
    with pytest.raises(ImportRefused, match="another order"):
        imported(exported(known, (events[1], events[0]), (), (), ()))


def test_a_refusal_quotes_none_of_the_words() -> None:
    document = broken()
    document["profile"]["memory_summary"] = {"secret": "Barsik"}
    with pytest.raises(ImportRefused) as refused:
        imported(document)
    assert "Barsik" not in str(refused.value)


# Retention


def aging(stores: Stores) -> Any:
    store = stores.open()
    known = held(store)
    old = Fact("cat", "Murka", 1, later(1), superseded_by=3)
    new = Fact("cat", "Barsik", 1, later(999_000), superseded_by=9)
    facts = (old, new, *known.facts[1:], attrs.evolve(fact(), pinned=True))
    seen = (TopicEvidence("bread", 2, later(3), later(7)),)
    store.commit(
        [
            SaveProfile(
                known.revised(
                    later(100), facts=facts, preferred_topics=("bread",), topic_evidence=seen
                ),
                known.revision,
            )
        ]
    )
    return store


def test_a_guest_who_is_heard_of_loses_old_history_alone(stores: Stores) -> None:
    store = aging(stores)
    before = store.guest("7").profile
    store.commit([Sweep(events_before=later(50), settled_before=NOW)])
    left = store.guest("7").profile
    assert [f.value for f in left.facts] == ["Barsik", "bread", "Alice"]
    assert (left.memory_summary, left.preferred_topics) == (before.memory_summary, ("bread",))
    assert left.revision == before.revision + 1
    store.commit([Sweep(events_before=later(50), settled_before=NOW)])
    assert store.guest("7").profile == left


def test_of_a_guest_who_was_silent_only_what_is_pinned_stays(stores: Stores) -> None:
    store = aging(stores)
    stores.clock.move(timedelta(days=91))
    store.commit([Sweep(stores.clock.now() - timedelta(days=90), NOW)])
    left = store.guest("7").profile
    assert [f.value for f in left.facts] == ["Alice"]
    assert (left.memory_summary, left.preferred_topics, left.topic_evidence) == ("", (), ())
    assert said(store) == []


def test_a_sweep_looks_at_some_profiles_and_the_next_one_at_others(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_profiles, "AGED_AT_ONCE", 2)
    monkeypatch.setattr(mongo_store, "AGED_AT_ONCE", 2)
    store = stores.open()
    for user_id in "12345":
        store.commit([SaveProfile(profile(user_id, memory_summary="Old."), 0)])
    left = []
    for _ in range(4):
        store.commit([Sweep(later(9), NOW)])
        left.append(sum(bool(p.memory_summary) for p in store.profiles(9)))
    assert left == [3, 1, 0, 0]


def test_parts_of_a_waiting_answer_are_exported_with_it(store: Any, other: Any) -> None:
    held(store)
    store.commit([CommitTurn(((item(700).key),), (part("The loaf is fine."),), NOW)])
    document = store.export("7")
    assert document["inbox"][0]["parts"][0]["text"] == "The loaf is fine."
    other.commit([ImportGuest(imported(document))])
    assert other.export("7") == document

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC
from typing import Any

import attrs
import pytest

from butler import admin, memory_acts
from butler.domain.forgetting import of_all
from butler.domain.profile import new_profile
from butler.domain.writes import Accept, Bury, Fenced, Result, SaveProfile, Write
from butler.errors import StoreUnavailable
from butler.ports import Store
from tests.storage.builders import BOT, NOW, event, fact, item, key, later, letter, profile, turn


def known(store: Store, user_id: str = "7", **changes: Any) -> None:
    store.commit([SaveProfile(profile(user_id, **changes), expected=0)])


class Busy:
    """A store where another writer is quicker `rounds` times."""

    def __init__(self, store: Store, rounds: int) -> None:
        self._store = store
        self.rounds = rounds

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def commit(self, writes: Sequence[Write]) -> list[Result]:
        if self.rounds > 0:
            self.rounds -= 1
            return [Fenced(stored_revision=99)]
        return self._store.commit(writes)


class Stumbling:
    """A store that fails the first commit."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.failed = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def commit(self, writes: Sequence[Write]) -> list[Result]:
        if not self.failed:
            self.failed = True
            raise StoreUnavailable("gone for a moment")
        return self._store.commit(writes)


def test_words_become_changes() -> None:
    words = ["language=EN", "tone= dry  and kind ", "name=", "preferred_topics=tea, chess,,tea"]
    assert admin.parse_changes(words) == {
        "language": "en",
        "tone": "dry and kind",
        "name": "",
        "preferred_topics": ("tea", "chess"),
    }
    assert admin.parse_changes(["preferred_topics="]) == {"preferred_topics": ()}
    assert admin.parse_changes(["name=a=b"]) == {"name": "a=b"}


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("language", "expected key=value, got 'language'. Write language=…"),
        ("language=de", "language: expected ru or en, got 'de'"),
        ("langauge=ru", "Did you mean language?"),
        ("colour=red", "expected language, tone, persona, name, preferred_topics, got 'colour'"),
        ("tone=", "tone: expected 1 to 100 characters, got 0"),
        ("name=" + "x" * 65, "name: expected up to 64 characters, got 65"),
        ("preferred_topics=1,2,3,4,5,6,7,8", "got 8, the longest of 1"),
        ("preferred_topics=" + "x" * 41, "got 1, the longest of 41"),
    ],
)
def test_wrong_words_are_refused_with_what_to_do(word: str, said: str) -> None:
    with pytest.raises(ValueError, match="expected") as refused:
        admin.parse_changes([word])
    assert said in str(refused.value)


def test_all_profiles_are_listed_across_pages(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admin, "PAGE", 2)
    for user_id in ("1", "2", "3", "4", "5"):
        known(store, user_id)
    assert [each.user_id for each in admin.profiles(store)] == ["1", "2", "3", "4", "5"]


def test_a_change_is_written_as_the_next_revision(store: Store) -> None:
    known(store, tone="witty", facts=(fact(),))
    written = admin.change_profile(store, "7", {"tone": "dry"}, later(60))
    stored = admin.guest(store, "7").profile
    assert stored == written
    assert (stored.tone, stored.revision, stored.updated_at) == ("dry", 2, later(60))
    assert stored.facts == (fact(),)


def test_a_change_that_was_overtaken_is_tried_anew(store: Store) -> None:
    known(store)
    admin.change_profile(Busy(store, 3), "7", {"language": "en"}, NOW)
    assert admin.guest(store, "7").profile.language == "en"


def test_a_change_that_is_always_overtaken_gives_up(store: Store) -> None:
    known(store)
    with pytest.raises(StoreUnavailable, match="Try again"):
        admin.change_profile(Busy(store, 1000), "7", {"language": "en"}, NOW)


def test_a_reset_keeps_what_was_said_and_learned(store: Store) -> None:
    known(store, tone="dry", language="en", name="Ann", memory_summary="Tea.", facts=(fact(),))
    admin.reset_profile(store, "7", NOW)
    stored = admin.guest(store, "7").profile
    fresh = new_profile("7", NOW)
    assert (stored.tone, stored.language, stored.name) == (fresh.tone, fresh.language, fresh.name)
    assert (stored.memory_summary, stored.facts) == ("Tea.", (fact(),))


def test_the_memory_shown_is_ready_for_json_and_leaves_out_what_was_superseded(
    store: Store,
) -> None:
    old = attrs.evolve(fact("Ann", 1), superseded_by=2)
    start = profile(facts=(old, fact("Alice", 2)), memory_summary="Likes tea.")
    store.commit([SaveProfile(start, expected=0), Accept((item(3),)), turn(3, start)])
    shown = json.loads(json.dumps(admin.memory_document(store, "7")))
    assert [each["value"] for each in shown["facts"]] == ["Alice"]
    assert shown["summary"] == "Likes tea."
    assert [each["content"] for each in shown["window"]] == [
        event(3, 1).content,
        event(3, 2, "assistant").content,
    ]


def test_forgetting_keeps_the_settings_and_nothing_else(store: Store) -> None:
    start = profile(facts=(fact(),), memory_summary="Likes tea.", tone="dry")
    store.commit([SaveProfile(start, expected=0), Accept((item(3),)), turn(3, start)])
    memory_acts.forget(store, "7", of_all, NOW)
    left = admin.guest(store, "7")
    assert left.profile.tone == "dry"
    assert (left.window, left.profile.facts, left.profile.memory_summary) == ((), (), "")


def test_a_purged_guest_is_a_stranger(store: Store) -> None:
    known(store)
    known(store, "8")
    admin.purge_guest(store, "7")
    admin.purge_guest(store, "nobody")
    assert [each.user_id for each in admin.profiles(store)] == ["8"]


def test_strangers_are_told_as_such(store: Store) -> None:
    for act in (admin.guest, admin.export, admin.memory_document):
        with pytest.raises(admin.NotFound, match="got '5'"):
            act(store, "5")
    with pytest.raises(admin.NotFound):
        admin.change_profile(store, "5", {"tone": "dry"}, NOW)


def test_a_dead_letter_goes_back_into_the_inbox(store: Store) -> None:
    message = {"from": {"id": 7}, "chat": {"id": 9, "type": "private"}, "text": "hello"}
    payload = {"update_id": 1, "message": message}
    store.commit([Accept((item(1),))])
    store.commit([Bury(attrs.evolve(letter("a"), payload=payload))])
    admin.retry_letter(store, "a", later(600))
    (waiting,) = store.unsettled(None, 10)
    assert (waiting.key, waiting.state, waiting.user_id) == (key(1), "received", "7")
    assert (waiting.chat_id, waiting.payload, waiting.attempts) == (9, payload, 0)
    assert waiting.accepted_at == later(600).astimezone(UTC)
    assert list(admin.dead_letters(store)) == []


def test_a_dead_letter_of_nobody_keeps_the_user_it_was_filed_under(store: Store) -> None:
    store.commit([Accept((item(1),)), Bury(letter("a"))])
    admin.retry_letter(store, "a", NOW)
    (waiting,) = store.unsettled(None, 10)
    assert (waiting.user_id, waiting.chat_id) == ("7", None)


def test_a_dead_letter_without_an_update_stays(store: Store) -> None:
    store.commit([Bury(letter("a", update_id=None))])
    with pytest.raises(admin.NotRetried, match="holds no update"):
        admin.retry_letter(store, "a", NOW)
    assert [each.letter_id for each in admin.dead_letters(store)] == ["a"]


def test_a_letter_survives_a_retry_that_fails(store: Store) -> None:
    store.commit([Accept((item(1),)), Bury(letter("a"))])
    with pytest.raises(StoreUnavailable):
        admin.retry_letter(Stumbling(store), "a", NOW)
    assert [each.letter_id for each in admin.dead_letters(store)] == ["a"]


def test_a_dropped_letter_is_gone_and_unknown_ones_are_told(store: Store) -> None:
    store.commit([Accept((item(1),)), Bury(letter("a"))])
    admin.drop_letter(store, "a")
    assert list(admin.dead_letters(store)) == []
    for act in (admin.drop_letter, lambda s, i: admin.retry_letter(s, i, NOW)):
        with pytest.raises(admin.NotFound, match="got 'a'"):
            act(store, "a")


def test_documents_are_ready_for_json() -> None:
    shown = json.loads(json.dumps(admin.profile_document(profile(facts=(fact(),)))))
    assert shown["facts"][0]["valid_from"] == later(1).isoformat()
    assert shown["created_at"] == NOW.isoformat()
    posted = json.loads(json.dumps(admin.letter_document(letter())))
    assert posted["key"] == {"bot_id": BOT, "update_id": 1}

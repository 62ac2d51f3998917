"""What every store does with profiles and memory."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import attrs

from butler.domain.event import Event, Guest
from butler.domain.profile import Profile, Tombstone, TopicEvidence
from butler.domain.writes import (
    Accept,
    Bury,
    CommitCompaction,
    CommitTurn,
    Done,
    EraseGuest,
    Fenced,
    SaveProfile,
    Sweep,
)
from tests.storage.builders import (
    NOW,
    event,
    fact,
    forgetting_all,
    item,
    key,
    later,
    letter,
    part,
    profile,
    turn,
)


def converse(store: Any, turns: int, user_id: str = "7", first_update: int = 1) -> Profile:
    """A guest talks; the profile as it stands afterwards."""
    now = profile(user_id, revision=0)
    for update_id in range(first_update, first_update + turns):
        write = turn(update_id, now)
        results = store.commit([Accept((item(update_id, user_id),)), write])
        assert results[1] == Done()
        assert write.profile is not None
        now = write.profile
    return now


def seqs(events: Any) -> list[int]:
    return [found.seq for found in events]


def covered(before: Profile, to: int) -> CommitCompaction:
    after = before.revised(later(900), covered_seq=to, memory_summary="They talked.")
    return CommitCompaction(after, before.revision)


def test_a_stranger_is_nobody(store: Any) -> None:
    assert store.guest("404") is None
    assert store.profiles(10) == []
    assert list(store.archive("404")) == []


def test_a_profile_comes_back_as_it_was(stores: Any) -> None:
    store = stores.open()
    rich = profile(
        language="en",
        name="Alice",
        preferred_topics=("tea", "rain"),
        memory_summary="Likes tea.",
        facts=(fact(), attrs.evolve(fact("Bob", 2), superseded_by=3, pinned=True)),
        paused=True,
        tombstones=(Tombstone("salt", ("a1", "b2"), NOW),),
        topic_evidence=(TopicEvidence("tea", 2, NOW, later(5)),),
    )
    assert store.commit([SaveProfile(rich, 0)]) == [Done()]
    assert stores.open().guest("7") == Guest(rich)


def test_a_new_profile_has_what_the_design_says(store: Any) -> None:
    store.commit([SaveProfile(profile(), 0)])
    found = store.guest("7").profile
    assert (found.user_id, found.persona) == ("7", "Alfred-style дворецкий")
    assert (found.language, found.tone) == ("ru", "witty")


def test_a_turn_enters_memory_once_and_in_order(store: Any) -> None:
    store.commit([Accept((item(1),))])
    write = turn(1)
    assert store.commit([write]) == [Done()]
    assert store.commit([write, write]) == [Done(), Done()]
    found = store.guest("7")
    assert (found.profile, found.window) == (write.profile, write.events)
    assert store.inbox_item(key(1)).parts == write.parts


def test_a_turn_without_profile_touches_no_memory(store: Any) -> None:
    store.commit([Accept((item(1),)), CommitTurn(keys=(key(1),), parts=(part(),), at=NOW)])
    assert store.guest("7") is None
    assert store.statistics().events == 0


def test_a_writer_that_is_behind_is_fenced_and_writes_nothing(store: Any) -> None:
    now = converse(store, 2)
    store.commit([Accept((item(3),))])
    stale = turn(3, attrs.evolve(now, revision=1))
    assert store.commit([stale]) == [Fenced(stored_revision=2)]
    assert store.guest("7").profile == now
    assert seqs(store.guest("7").window) == [1, 2, 3, 4]
    assert store.inbox_item(key(3)).state == "received"
    assert store.commit([turn(3, now)]) == [Done()]


def test_a_writer_that_thinks_the_guest_is_new_is_fenced(store: Any) -> None:
    converse(store, 1)
    store.commit([Accept((item(2),))])
    assert store.commit([turn(2)]) == [Fenced(stored_revision=1)]


def test_a_writer_whose_guest_was_erased_is_fenced(store: Any) -> None:
    now = converse(store, 1)
    store.commit([EraseGuest("7"), Accept((item(2),))])
    assert store.commit([turn(2, now)]) == [Fenced(stored_revision=0)]
    assert store.guest("7") is None


def test_a_fenced_write_does_not_hold_up_the_batch(store: Any) -> None:
    converse(store, 1)
    store.commit([Accept((item(2), item(3, "8")))])
    others = turn(3, profile("8", revision=0))
    results = store.commit([turn(2), others, SaveProfile(profile("9"), 5)])
    assert results == [Fenced(stored_revision=1), Done(), Fenced(stored_revision=0)]
    assert store.guest("8").profile == others.profile
    assert store.guest("8").window == others.events


def test_two_turns_of_one_guest_may_share_a_batch(store: Any) -> None:
    store.commit([Accept((item(1), item(2)))])
    first = turn(1)
    second = turn(2, first.profile)
    assert store.commit([first, second]) == [Done(), Done()]
    assert store.guest("7").profile == second.profile
    assert store.guest("7").window == first.events + second.events


def test_saving_a_profile_again_is_done_and_saving_another_is_fenced(store: Any) -> None:
    first = profile()
    second = first.revised(later(1), language="en")
    rival = first.revised(later(2), language="ru", tone="dry")
    assert store.commit([SaveProfile(first, 0), SaveProfile(first, 0)]) == [Done(), Done()]
    assert store.commit([SaveProfile(second, 1), SaveProfile(second, 1)]) == [Done(), Done()]
    assert store.commit([SaveProfile(rival, 1)]) == [Fenced(stored_revision=2)]
    assert store.guest("7").profile == second


def test_guests_are_strangers_to_each_other(store: Any) -> None:
    converse(store, 2, "7")
    converse(store, 1, "70", first_update=10)
    assert {found.user_id for found in store.guest("7").window} == {"7"}
    assert seqs(store.guest("70").window) == [1, 2]
    store.commit([EraseGuest("7")])
    assert seqs(store.guest("70").window) == [1, 2]


def test_compaction_moves_covered_events_to_the_archive(store: Any) -> None:
    now = converse(store, 5)
    before = store.guest("7").window
    write = covered(now, 6)
    assert store.commit([write]) == [Done()]
    assert store.commit([write]) == [Done()]
    assert store.guest("7") == Guest(write.profile, before[6:])
    assert tuple(store.archive("7")) == before[:6]
    assert seqs(store.archive("7", after_seq=4)) == [5, 6]
    assert (store.statistics().events, store.statistics().archived) == (4, 6)


def test_compaction_that_comes_too_late_moves_nothing(store: Any) -> None:
    stale = converse(store, 3)
    store.commit([SaveProfile(stale.revised(later(1), language="en"), stale.revision)])
    assert store.commit([covered(stale, 4)]) == [Fenced(stored_revision=4)]
    assert seqs(store.guest("7").window) == [1, 2, 3, 4, 5, 6]
    assert list(store.archive("7")) == []


def test_events_that_are_covered_but_not_moved_are_in_no_window(store: Any) -> None:
    now = converse(store, 2)
    store.commit([SaveProfile(now.revised(later(1), covered_seq=2), now.revision)])
    assert seqs(store.guest("7").window) == [3, 4]


def test_a_long_archive_comes_whole_and_in_order(store: Any) -> None:
    events: tuple[Event, ...] = tuple(event(number, number) for number in range(1, 1203))
    start = profile(last_seq=1202)
    store.commit([CommitTurn((), (), NOW, events, start, 0)])
    store.commit([covered(start, 1202)])
    assert seqs(store.archive("7")) == list(range(1, 1203))


def test_profiles_are_paged_by_user_id(store: Any) -> None:
    store.commit([SaveProfile(profile(name), 0) for name in ("30", "10", "20")])
    assert [found.user_id for found in store.profiles(2)] == ["10", "20"]
    assert store.profiles(2, after="20") == [profile("30")]
    assert store.statistics().profiles == 3


def test_erasing_a_guest_leaves_nothing_of_theirs(store: Any) -> None:
    now = converse(store, 3)
    store.commit([covered(now, 2), Bury(letter("a", None)), Accept((item(8), item(9, "8")))])
    assert store.commit([EraseGuest("7"), EraseGuest("7")]) == [Done(), Done()]
    assert store.guest("7") is None
    assert list(store.archive("7")) == []
    assert store.dead_letters(10) == []
    assert store.profiles(10) == []
    found = store.inbox_item(key(8))
    assert (found.state, found.payload) == ("ignored", {})
    answered = store.inbox_item(key(1))
    assert (answered.state, answered.parts) == ("ignored", ())
    assert [waits.key.update_id for waits in store.unsettled(None, 9)] == [9]


def test_an_erased_guest_may_come_back_as_a_stranger(store: Any) -> None:
    converse(store, 2)
    store.commit([EraseGuest("7")])
    now = converse(store, 1, first_update=20)
    assert store.guest("7").profile == now
    assert seqs(store.guest("7").window) == [1, 2]


def test_erasing_someone_without_profile_erases_their_messages(store: Any) -> None:
    store.commit([Accept((item(1),)), EraseGuest("7")])
    assert store.inbox_item(key(1)).payload == {}
    assert store.profiles(10) == []
    assert store.guest("7") is None


def test_an_erasure_spares_the_update_that_asked_for_it(store: Any) -> None:
    now = converse(store, 1)
    store.commit([Accept((item(8), item(9)))])
    store.commit([EraseGuest("7", sparing=(key(9),))])
    assert store.guest("7") is None
    assert store.inbox_item(key(8)).state == "ignored"
    assert [waits.key for waits in store.unsettled(None, 9)] == [key(9)]
    assert store.commit([CommitTurn((key(9),), (part("Farewell."),), NOW)]) == [Done()]
    assert [each.text for each in store.inbox_item(key(9)).parts] == ["Farewell."]
    assert store.commit([turn(9, now)]) == [Done()]  # answered already: brings nobody back
    assert store.guest("7") is None


def test_forgetting_keeps_who_they_are_and_drops_what_was_said(stores: Any) -> None:
    store = stores.open()
    now = converse(store, 3)
    known = now.revised(
        later(1), facts=(fact(),), preferred_topics=("tea",), language="en", name="Alice"
    )
    store.commit([SaveProfile(known, now.revision), covered(known, 2)])
    stores.clock.move(timedelta(hours=1))
    before = store.guest("7").profile
    assert store.commit([forgetting_all(before, stores.clock.now())]) == [Done()]
    found = store.guest("7")
    assert found.window == ()
    assert (found.profile.memory_summary, found.profile.facts) == ("", ())
    assert found.profile.preferred_topics == ()
    assert (found.profile.language, found.profile.name) == ("en", "Alice")
    assert found.profile.revision > known.revision
    assert found.profile.covered_seq == found.profile.last_seq == known.last_seq
    assert found.profile.updated_at == stores.clock.now()
    assert list(store.archive("7")) == []


def test_a_turn_that_was_under_way_while_memory_was_forgotten_is_fenced(store: Any) -> None:
    now = converse(store, 2)
    store.commit([forgetting_all(now), Accept((item(5),))])
    assert store.commit([turn(5, now)]) == [Fenced(stored_revision=3)]
    fresh = store.guest("7").profile
    assert store.commit([turn(5, fresh)]) == [Done()]
    assert seqs(store.guest("7").window) == [5, 6]


def test_the_sweep_drops_events_older_than_the_limit(store: Any) -> None:
    now = converse(store, 4)
    store.commit([covered(now, 4)])
    store.commit([Sweep(events_before=later(3), settled_before=NOW)])
    assert seqs(store.archive("7")) == [3, 4]
    store.commit([Sweep(events_before=later(7), settled_before=NOW)])
    assert seqs(store.archive("7")) == []
    assert seqs(store.guest("7").window) == [7, 8]


def test_an_export_holds_all_that_is_kept_and_is_json(store: Any) -> None:
    now = converse(store, 2)
    store.commit([covered(now, 2), Bury(letter("a", None)), Bury(letter("b", None, "8"))])
    found = store.export("7")
    assert json.loads(json.dumps(found)) == found
    assert found["profile"]["user_id"] == "7"
    assert found["profile"]["created_at"].endswith("+00:00")
    assert [said["content"] for said in found["archive"]] == ["user says 1", "assistant says 1"]
    assert [said["content"] for said in found["window"]] == ["user says 2", "assistant says 2"]
    assert [kept["letter_id"] for kept in found["dead_letters"]] == ["a"]


def test_an_export_of_a_stranger_is_empty(store: Any) -> None:
    found = store.export("404")
    assert (found.pop("format"), found.pop("version")) == ("butler-export", 1)
    assert found.pop("profile") is None
    assert found == {"window": [], "archive": [], "dead_letters": [], "inbox": []}


def test_erasing_everything_leaves_a_store_that_works(store: Any) -> None:
    converse(store, 2)
    store.commit([Bury(letter("a", None)), Accept((item(9),))])
    store.erase_all()
    found = store.statistics()
    assert (found.profiles, found.events, found.archived) == (0, 0, 0)
    assert (found.unsettled, found.dead_letters) == (0, 0)
    converse(store, 1)
    assert seqs(store.guest("7").window) == [1, 2]


def test_migrating_twice_is_as_good_as_once(stores: Any) -> None:
    first = stores.open().migrate()
    assert stores.open().migrate() == first
    for name in ("user_profiles", "user_memory", "user_memory_archive", "inbox", "dead_letters"):
        assert any(line.startswith(name) for line in first)


def test_a_store_that_works_answers_a_ping(store: Any) -> None:
    store.ping()
    store.ping()


def test_an_empty_batch_has_no_results(store: Any) -> None:
    assert store.commit([]) == []


def test_who_leaves_takes_along_nothing_that_was_said_after(store: Any) -> None:
    store.commit([Accept(tuple(item(number) for number in (1, 2, 3)))])
    store.commit([EraseGuest("7", sparing=(key(2),))])
    assert [each.key for each in store.waiting_of("7")] == [key(2), key(3)]
    store.commit([EraseGuest("7")])
    assert store.waiting_of("7") == []

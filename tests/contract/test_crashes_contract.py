"""A crash at any step of any write loses nothing and doubles nothing, on every store.

Each scenario is run once to learn the names of its steps, then once for each step and each way of
coming back, each time with a guest and updates of its own.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import attrs
import pytest

from butler.domain.event import Role
from butler.domain.held import Held
from butler.domain.inbox import UpdateKey
from butler.domain.matter import Matter
from butler.domain.profile import Profile, new_profile
from butler.domain.writes import (
    Accept,
    Accepted,
    AppendParts,
    Bury,
    CommitCompaction,
    CommitTurn,
    Done,
    EraseGuest,
    Forget,
    ImportGuest,
    NoteSent,
    NoteTranscript,
    Revive,
    SaveProfile,
    Settle,
    Write,
)
from tests.storage.builders import BOT, NOW, event, fact, forgetting_all, item, later, letter, part
from tests.storage.servers import Stores


class CrashError(Exception):
    """The process ends here."""


@attrs.define
class Actor:
    """One guest with three updates; its writes are told apart from other actors' by number."""

    number: int
    profile: Profile = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.profile = new_profile(self.user, NOW)

    @property
    def user(self) -> str:
        return f"{self.number:06}"

    def key(self, which: int) -> UpdateKey:
        return UpdateKey(BOT, self.number * 10 + which)

    def accept(self, *which: int) -> Accept:
        return Accept(tuple(item(self.key(each).update_id, self.user) for each in which))

    def turn(self, *which: int, text: str = "reply") -> CommitTurn:
        """The next turn of the guest, answering updates."""
        before, seq = self.profile, self.profile.last_seq
        events = []
        for each in which:
            for role in ("user", "assistant"):
                seq += 1
                events.append(self._event(each, seq, role))
        self.profile = before.revised(later(seq), last_seq=seq)
        keys = tuple(self.key(each) for each in which)
        return CommitTurn(keys, (part(text),), NOW, tuple(events), self.profile, before.revision)

    def compaction(self, to: int) -> CommitCompaction:
        before = self.profile
        self.profile = before.revised(NOW, covered_seq=to, memory_summary="They talked.")
        return CommitCompaction(self.profile, before.revision)

    def saved(self, **changes: Any) -> SaveProfile:
        before = self.profile
        self.profile = before.revised(NOW, **changes)
        return SaveProfile(self.profile, before.revision)

    def _event(self, which: int, seq: int, role: Role) -> Any:
        made = event(self.key(which).update_id, seq, role, self.user)
        return attrs.evolve(made, content=f"{role} {which}")


Batch = Sequence[Write]
Scenario = Callable[[Actor], tuple[Sequence[Batch], Batch]]


def new_guest(actor: Actor) -> tuple[Sequence[Batch], Batch]:
    return [[actor.accept(1)]], [actor.turn(1)]


def known_guest(actor: Actor) -> tuple[Sequence[Batch], Batch]:
    return [[actor.accept(1, 2)], [actor.turn(1)]], [actor.turn(2)]


def one_turn_for_all(actor: Actor) -> tuple[Sequence[Batch], Batch]:
    early = AppendParts(actor.key(2), (part("early"),))
    return [[actor.accept(1, 2, 3), early]], [actor.turn(1, 2, 3)]


def anonymous_turn_for_all(actor: Actor) -> tuple[Sequence[Batch], Batch]:
    keys = (actor.key(1), actor.key(2), actor.key(3))
    return [[actor.accept(1, 2, 3)]], [CommitTurn(keys, (part("plain"),), NOW)]


def whole_life(actor: Actor) -> tuple[Sequence[Batch], Batch]:
    """Everything that may meet in one batch, of one guest."""
    return [[actor.accept(1)], [actor.turn(1)]], [
        actor.accept(2, 3),
        NoteSent(actor.key(1), 1, NOW),
        actor.turn(2, text="second"),
        NoteTranscript(actor.key(3), "heard"),
        AppendParts(actor.key(3), (part("You said: heard"),)),
        actor.turn(3, text="third"),
        actor.saved(language="en"),
    ]


def compaction(actor: Actor) -> tuple[Sequence[Batch], Batch]:
    before: list[Batch] = [[actor.accept(1, 2, 3)], [actor.turn(1, 2, 3)]]
    return before, [actor.compaction(4)]


def compaction_and_turn(actor: Actor) -> tuple[Sequence[Batch], Batch]:
    before: list[Batch] = [[actor.accept(1, 2, 3)], [actor.turn(1, 2)]]
    return before, [actor.compaction(2), actor.turn(3)]


def erasure(actor: Actor) -> tuple[Sequence[Batch], Batch]:
    before: list[Batch] = [
        [actor.accept(1, 2, 3)],
        [actor.turn(1), actor.turn(2)],
        [actor.compaction(2), Bury(letter(f"{actor.user}-1", None, actor.user))],
    ]
    return before, [EraseGuest(actor.user)]


def erasure_that_will_be_answered(actor: Actor) -> tuple[Sequence[Batch], Batch]:
    before: list[Batch] = [[actor.accept(1, 2, 3)], [actor.turn(1)]]
    goodbye = CommitTurn((actor.key(3),), (part("Farewell."),), NOW)
    return before, [EraseGuest(actor.user, sparing=(actor.key(3),)), goodbye]


def forgetting(actor: Actor) -> tuple[Sequence[Batch], Batch]:
    before: list[Batch] = [
        [actor.accept(1, 2)],
        [actor.turn(1), actor.turn(2)],
        [actor.compaction(2), actor.saved(facts=(fact(),), language="en")],
    ]
    write = forgetting_all(actor.profile)
    actor.profile = write.profile
    return before, [write]


def burial(actor: Actor) -> tuple[Sequence[Batch], Batch]:
    dead = letter(f"{actor.user}-1", actor.key(1).update_id, actor.user)
    settled = Settle((actor.key(2), actor.key(3)), "undeliverable", NOW)
    return [[actor.accept(1, 2, 3)]], [Bury(dead, (part("Pardon."),)), settled]


def burial_of_what_was_refused(actor: Actor) -> tuple[Sequence[Batch], Batch]:
    """By the sender, who knows neither payload nor guest."""
    dead = letter(f"{actor.user}-1", actor.key(1).update_id)
    dead = attrs.evolve(dead, user_id=None, payload={})
    return [[actor.accept(1)], [actor.turn(1)]], [
        Bury(dead),
        Settle((actor.key(1),), "dead", NOW),
    ]


def revival(actor: Actor) -> tuple[Sequence[Batch], Batch]:
    dead = letter(f"{actor.user}-1", actor.key(1).update_id, actor.user)
    revive = Revive(dead.letter_id, attrs.evolve(actor.accept(1).items[0], accepted_at=later(600)))
    return [[actor.accept(1, 2)], [Bury(dead)]], [revive, actor.turn(1)]


def forgetting_of_some(actor: Actor) -> tuple[Sequence[Batch], Batch]:
    dead = attrs.evolve(letter(f"{actor.user}-1", None, actor.user), payload={"text": "user 1"})
    before: list[Batch] = [
        [actor.accept(1, 2)],
        [actor.turn(1), actor.turn(2), Bury(dead)],
        [actor.compaction(2)],
    ]
    expected = actor.profile.revision
    forgotten = actor.saved(facts=(), memory_summary="").profile
    matter = Matter(together=frozenset(("user", "1")))
    return before, [Forget(forgotten, expected, (3,), matter)]


def import_over_another(actor: Actor) -> tuple[Sequence[Batch], Batch]:
    before: list[Batch] = [[actor.accept(1)], [actor.turn(1)]]
    held = Held(
        attrs.evolve(actor.profile, covered_seq=1, memory_summary="Imported."),
        window=(actor._event(2, 2, "assistant"),),
        archive=(actor._event(2, 1, "user"),),
    )
    return before, [ImportGuest(held, replace=True)]


SCENARIOS: tuple[Scenario, ...] = (
    new_guest,
    known_guest,
    one_turn_for_all,
    anonymous_turn_for_all,
    whole_life,
    compaction,
    compaction_and_turn,
    erasure,
    erasure_that_will_be_answered,
    forgetting,
    forgetting_of_some,
    import_over_another,
    burial,
    burial_of_what_was_refused,
    revival,
)


def memory(store: Any, actor: Actor) -> Any:
    """What readers see of a guest's memory, free of the actor's number."""
    guest = store.guest(actor.user)
    archive = [(said.seq, said.content) for said in store.archive(actor.user)]
    if guest is None:
        return None, archive
    profile = guest.profile
    window = [(said.seq, said.content) for said in guest.window]
    known = (profile.last_seq, profile.covered_seq, profile.memory_summary, profile.language)
    return (known, profile.facts, window), archive


def updates(store: Any, actor: Actor) -> Any:
    """What became of a guest's updates and letters, free of the actor's number."""
    found = [store.inbox_item(actor.key(which)) for which in (1, 2, 3)]
    letters = [
        (each.reason, bool(each.payload))
        for each in store.dead_letters(999)
        if each.user_id == actor.user
    ]
    return letters, [
        each and (each.state, bool(each.payload), [p.text for p in each.parts], each.sent_parts)
        for each in found
    ]


def prepared(store: Any, scenario: Scenario) -> tuple[Actor, Batch, Any]:
    """A new actor whose scenario has come to its last batch; memory as it is before that."""
    actor = Actor(next(_numbers))
    before, batch = scenario(actor)
    for each in before:
        assert all(not isinstance(result, type(None)) for result in store.commit(each))
    return actor, batch, memory(store, actor)


_numbers = itertools.count(1)


def crash_at(store: Any, wanted: int) -> None:
    """Let the store crash at the `wanted`-th step from now."""
    counted = itertools.count()

    def step(name: str) -> None:
        if next(counted) == wanted:
            raise CrashError(name)

    store.step = step


def same_process(stores: Stores, store: Any) -> Any:
    store.step = lambda name: None
    return store


def restarted(stores: Stores, store: Any) -> Any:
    return stores.open()


def restarted_without_recovery(stores: Stores, store: Any) -> Any:
    return stores.bare()


COMEBACKS = (same_process, restarted, restarted_without_recovery)


@pytest.mark.parametrize("comeback", COMEBACKS, ids=lambda each: each.__name__)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: each.__name__)
def test_a_crash_at_any_step_changes_nothing_in_the_end(
    stores: Stores, scenario: Scenario, comeback: Callable[[Stores, Any], Any]
) -> None:
    store = stores.open()
    actor, batch, before = prepared(store, scenario)
    names: list[str] = []
    store.step = names.append
    expected_results = store.commit(batch)
    expected = memory(store, actor), updates(store, actor)
    assert len(names) >= 3
    for wanted, name in enumerate(names):
        store.step = lambda name: None
        actor, batch, before = prepared(store, scenario)
        crash_at(store, wanted)
        with pytest.raises(CrashError):
            store.commit(batch)
        seen = memory(stores.bare(), actor)
        assert seen in allowed(before, expected[0], scenario), name
        store = comeback(stores, store)
        results = store.commit(batch)
        assert (memory(store, actor), updates(store, actor)) == expected, name
        if comeback is same_process and name != "commit.done":  # nothing can fail after that
            assert neutral(results) == neutral(expected_results), name


def allowed(before: Any, after: Any, scenario: Scenario) -> list[Any]:
    """What a reader may see between: the states between two writes of the batch."""
    if scenario is whole_life:
        return between(before, after)
    if scenario is import_over_another:
        return [before, (None, []), after]
    if scenario is compaction_and_turn:
        (known, facts, window), archive = after
        middle = ((4, 2, *known[2:]), facts, window[:2]), archive
        return [before, middle, after]
    return [before, after]


def between(before: Any, after: Any) -> list[Any]:
    """The memory after each of the turns that follow on `before`."""
    (_, facts, window), archive = after
    cut = [((seq, 0, "", "ru"), facts, window[:seq]) for seq in (4, 6)]
    return [before, *((each, archive) for each in cut), after]


def neutral(results: Sequence[Any]) -> list[Any]:
    """Results free of the actor's number."""
    return [(len(each.new), each.duplicates) if hasattr(each, "new") else each for each in results]


def test_a_retry_cut_short_leaves_the_letter_or_the_update_and_ends_when_repeated(
    stores: Stores,
) -> None:
    store = stores.open()
    for wanted in itertools.count():
        actor = Actor(next(_numbers))
        dead = letter(f"{actor.user}-1", actor.key(1).update_id, actor.user)
        store.commit([actor.accept(1), Bury(dead)])
        crash_at(store, wanted)
        again = actor.accept(1).items[0]
        try:
            store.commit([Revive(dead.letter_id, attrs.evolve(again, accepted_at=later(600)))])
        except CrashError:
            store = stores.open()
        else:
            break
        waits = store.inbox_item(actor.key(1)).state == "received"
        assert waits or store.dead_letter(dead.letter_id) == dead
        revive = Revive(dead.letter_id, attrs.evolve(again, accepted_at=later(900)))
        (result,) = store.commit([revive])
        assert result == Accepted((revive.item,), 0) or waits
        assert store.inbox_item(actor.key(1)).state == "received"
        assert store.dead_letter(dead.letter_id) is None
    assert wanted > 1


def test_recovery_finishes_what_was_cut_short(stores: Stores) -> None:
    """Without the caller repeating anything: a restart alone leaves no turn half done."""
    crash_step = "commit.done" if stores.kind == "sqlite" else "guests.profiles"
    store = stores.open()
    actor, batch, _ = prepared(store, known_guest)

    def step(name: str) -> None:
        if name == crash_step:
            raise CrashError(name)

    store.step = step
    with pytest.raises(CrashError):
        store.commit(batch)
    again = stores.open()
    found = again.inbox_item(actor.key(2))
    assert (found.state, [each.text for each in found.parts]) == ("answered", ["reply"])
    assert [said.seq for said in again.guest(actor.user).window] == [1, 2, 3, 4]


def test_another_turn_finishes_the_one_that_was_cut_short(stores: Stores) -> None:
    store = stores.open()
    actor, batch, _ = prepared(store, known_guest)
    store.commit([actor.accept(3)])
    crash_at(store, 2)
    with pytest.raises(CrashError):
        store.commit(batch)
    again = stores.bare()
    if again.guest(actor.user).profile.last_seq == 4:
        assert again.commit([actor.turn(3)]) == [Done()]
    else:
        assert again.commit([*batch, actor.turn(3)]) == [Done(), Done()]
    assert [said.seq for said in again.guest(actor.user).window] == [1, 2, 3, 4, 5, 6]
    assert again.inbox_item(actor.key(2)).state == "answered"

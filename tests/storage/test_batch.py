"""How a batch is put into groups for MongoDB."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from butler.domain.writes import (
    Accept,
    CommitTurn,
    EraseGuest,
    NoteSent,
    SaveProfile,
    Settle,
    Write,
)
from butler.storage.mongo.batch import grouped, kind_of, touched_by
from tests.storage.builders import NOW, item, key, profile, turn

KEYS = st.integers(1, 5).map(key)
WRITES = st.one_of(
    st.builds(lambda each: Accept((item(each.update_id),)), KEYS),
    st.builds(lambda each: NoteSent(each, 1, NOW), KEYS),
    st.builds(lambda some: Settle(tuple(some), "sent", NOW), st.sets(KEYS, max_size=3)),
    st.builds(lambda some: CommitTurn(tuple(some), (), NOW), st.sets(KEYS, min_size=2, max_size=3)),
    st.builds(lambda each, who: turn(each.update_id, profile(who)), KEYS, st.sampled_from("789")),
    st.builds(lambda who: SaveProfile(profile(who), 0), st.sampled_from("789")),
    st.builds(EraseGuest, st.sampled_from("789")),
)


def meet(first: Write, second: Write) -> bool:
    alone = "alone" in (kind_of(first), kind_of(second))
    return alone or not touched_by(first).isdisjoint(touched_by(second))


@given(st.lists(WRITES, max_size=12))
def test_every_write_is_in_one_group_and_writes_that_meet_keep_their_order(
    writes: list[Write],
) -> None:
    order = [index for group in grouped(writes) for index in group.members]
    assert sorted(order) == list(range(len(writes)))
    place = {index: position for position, index in enumerate(order)}
    for second in range(len(writes)):
        for first in range(second):
            if meet(writes[first], writes[second]):
                assert place[first] < place[second]


@given(st.lists(WRITES, max_size=12))
def test_writes_of_a_group_are_of_one_kind_and_touch_different_guests(writes: list[Write]) -> None:
    for group in grouped(writes):
        members = [writes[index] for index in group.members]
        assert {kind_of(write) for write in members} == {group.kind}
        if group.kind in ("guests", "crowd"):
            touched = [each for write in members for each in touched_by(write)]
            assert len(touched) == len(set(touched))


def test_the_usual_batch_takes_three_groups() -> None:
    writes: list[Write] = []
    for number in range(1, 30):
        earlier = NoteSent(key(1000 + number), 1, NOW)
        writes += [Accept((item(number),)), turn(500 + number, profile(str(number))), earlier]
    assert [group.kind for group in grouped(writes)] == ["accept", "guests", "rows"]

"""A batch in as few round trips as its order allows.

Writes of one kind that touch nothing in common with what stands between them go together; whoever
watches a guest or an update sees its writes in the order of the batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import attrs

from butler.domain.inbox import UpdateKey
from butler.domain.writes import (
    Accept,
    Bury,
    CommitCompaction,
    CommitTurn,
    EraseGuest,
    Forget,
    ImportGuest,
    KeepVectors,
    Revive,
    SaveProfile,
    Settle,
    Sweep,
    Write,
)

# accept: new updates; rows: changes of single updates; crowd: turns without profile that answer
# several updates; guests: profiles and what hangs on them; alone: everything is touched.
Kind = Literal["accept", "rows", "crowd", "guests", "alone"]
ALONE = (EraseGuest, Forget, ImportGuest, KeepVectors, Revive, Sweep)
IN_ORDER_INSIDE: tuple[Kind, ...] = ("accept", "rows")


@attrs.define
class Group:
    """Writes that are applied together; `members` are indexes into the batch."""

    kind: Kind
    members: list[int] = attrs.field(factory=list)
    touched: set[UpdateKey | str] = attrs.field(factory=set)


def grouped(writes: Sequence[Write]) -> list[Group]:
    """The groups of a batch, to be applied one after the other."""
    groups: list[Group] = []
    for index, write in enumerate(writes):
        kind, touched = kind_of(write), touched_by(write)
        group = _place(groups, kind, touched)
        if group is None:
            group = Group(kind)
            groups.append(group)
        group.members.append(index)
        group.touched |= touched
    return groups


def kind_of(write: Write) -> Kind:
    """How a write is applied."""
    if isinstance(write, Accept):
        return "accept"
    if isinstance(write, ALONE):
        return "alone"
    if isinstance(write, SaveProfile | CommitCompaction):
        return "guests"
    if isinstance(write, CommitTurn):
        if write.profile is not None:
            return "guests"
        return "crowd" if len(write.keys) > 1 else "rows"
    return "rows"


def touched_by(write: Write) -> set[UpdateKey | str]:
    """The updates and guests whose order matters to a write."""
    if isinstance(write, Accept):
        return {item.key for item in write.items}
    if isinstance(write, SaveProfile | CommitCompaction):
        return {write.profile.user_id}
    if isinstance(write, CommitTurn):
        guest = () if write.profile is None else (write.profile.user_id,)
        return {*write.keys, *guest}
    if isinstance(write, Settle):
        return set(write.keys)
    if isinstance(write, Bury):
        return set() if write.letter.key is None else {write.letter.key}
    if isinstance(write, ALONE):
        return set()
    return {write.key}


def _place(groups: list[Group], kind: Kind, touched: set[UpdateKey | str]) -> Group | None:
    """The earliest group of this kind that the write may join; None if it needs a new one."""
    found = None
    for group in reversed(groups):
        meets = "alone" in (kind, group.kind) or not touched.isdisjoint(group.touched)
        if group.kind == kind != "alone" and (kind in IN_ORDER_INSIDE or not meets):
            found = group
        if meets:
            break
    return found

"""How an inbox row moves from received to settled: pure, shared by both stores.

Each function is given the row as stored and returns the row as it is to be stored: the very same
object when nothing changes, which makes every write repeatable.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TypeAlias

import attrs

from butler.domain.inbox import State, UpdateKey
from butler.domain.outgoing import Part
from butler.domain.writes import AppendParts, Bury, CommitTurn, NoteSent, NoteTranscript, Settle
from butler.storage.documents import NO_PARTS, parts_of, parts_text


@attrs.frozen
class Row:
    """What transitions read and change. `parts` is packed JSON, `total` how many they are.

    `ends_as` is the state that the row settles in with its last part; a settled row keeps neither
    payload nor parts nor transcript.
    """

    state: State
    parts: str | bytes
    total: int
    sent: int
    transcript: str | None = None
    ends_as: State = "sent"
    settled_at: datetime | None = None


Change: TypeAlias = Callable[[Row], Row]
RowWrite: TypeAlias = NoteTranscript | AppendParts | NoteSent | Settle | Bury | CommitTurn


def keys_of(write: RowWrite) -> tuple[UpdateKey, ...]:
    """The updates whose rows a write changes."""
    if isinstance(write, CommitTurn | Settle):
        return write.keys
    if isinstance(write, Bury):
        return () if write.letter.key is None else (write.letter.key,)
    return (write.key,)


def changes(write: RowWrite, stored: Mapping[UpdateKey, Row]) -> Sequence[tuple[UpdateKey, Change]]:
    """What a write does to which rows, in order, given those of its keys that are stored."""
    if isinstance(write, CommitTurn):
        waiting = [key for key in dict.fromkeys(write.keys) if is_waiting(stored.get(key))]
        return answers(waiting, write.parts, write.at)
    change = _change(write)
    return [(key, change) for key in keys_of(write) if key in stored]


def is_waiting(row: Row | None) -> bool:
    """Whether a turn may still answer it."""
    return row is not None and row.state == "received"


def answers(
    waiting: Sequence[UpdateKey], parts: tuple[Part, ...], at: datetime
) -> list[tuple[UpdateKey, Change]]:
    """A turn answers `waiting`: its parts go with the last, which therefore changes last.

    Whoever repeats a turn that was cut short finds the last still waiting, or all answered.
    """
    last = len(waiting) - 1
    return [
        (key, partial(answered, parts=parts if index == last else (), at=at))
        for index, key in enumerate(waiting)
    ]


def _change(write: NoteTranscript | AppendParts | NoteSent | Settle | Bury) -> Change:
    match write:
        case NoteTranscript():
            return partial(heard, text=write.text)
        case AppendParts():
            return partial(appended, parts=write.parts)
        case NoteSent():
            return partial(noted, sent=write.sent_parts, at=write.at)
        case Settle():
            return partial(settled, state=write.state, at=write.at)
        case Bury():
            return partial(buried, parts=write.parts, at=write.letter.created_at)


def settled(row: Row, state: State, at: datetime) -> Row:
    """The update has ended as `state`; nothing of its text is left."""
    if row.settled_at is not None:
        return row
    return Row(state=state, parts=NO_PARTS, total=0, sent=row.sent, settled_at=at)


def heard(row: Row, text: str) -> Row:
    """A transcript is kept with a row that still waits."""
    if row.settled_at is not None or row.transcript == text:
        return row
    return attrs.evolve(row, transcript=text)


def appended(row: Row, parts: tuple[Part, ...]) -> Row:
    """Early parts are added, unless the same run of parts waits to be sent already."""
    if row.state != "received" or not parts:
        return row
    waiting = parts_of(row.parts)[row.sent :]
    starts = range(len(waiting) - len(parts) + 1)
    if any(waiting[start : start + len(parts)] == parts for start in starts):
        return row
    return _with_parts(row, parts)


def answered(row: Row, parts: tuple[Part, ...], at: datetime) -> Row:
    """The turn of a received row is done; it ends as "sent" when nothing is left to send."""
    if row.state != "received":
        return row
    return _finished(attrs.evolve(_with_parts(row, parts), state="answered"), at)


def buried(row: Row, parts: tuple[Part, ...], at: datetime) -> Row:
    """The update is given up; it ends as "dead" once its parts are sent."""
    if row.settled_at is not None or row.ends_as == "dead":
        return row
    return _finished(attrs.evolve(_with_parts(row, parts), state="answered", ends_as="dead"), at)


def revived(row: Row | None) -> Row | None:
    """The row of an update that is to be tried anew; None if it waits or was answered already.

    What still waits to be sent stays in its place, so that what is noted of it remains true.
    """
    if row is None or row.state in ("dead", "undeliverable"):
        return Row("received", NO_PARTS, 0, 0)
    if row.settled_at is None and row.ends_as == "dead":
        return attrs.evolve(row, state="received", ends_as="sent")
    return None


def noted(row: Row, sent: int, at: datetime) -> Row:
    """The first `sent` parts are with Telegram; never goes backwards."""
    sent = min(sent, row.total)
    if row.settled_at is not None or sent <= row.sent:
        return row
    row = attrs.evolve(row, sent=sent)
    return _finished(row, at) if row.state == "answered" else row


def _finished(row: Row, at: datetime) -> Row:
    return settled(row, row.ends_as, at) if row.sent >= row.total else row


def _with_parts(row: Row, parts: tuple[Part, ...]) -> Row:
    if not parts:
        return row
    joined = parts_text(parts_of(row.parts) + parts)
    return attrs.evolve(row, parts=joined, total=row.total + len(parts))

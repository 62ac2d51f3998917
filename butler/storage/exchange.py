"""All that is kept of a guest as one JSON document, and back; the schema is docs/export.md."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

import cattrs
from cattrs.errors import StructureHandlerNotFoundError

from butler.domain.event import Event
from butler.domain.held import Held
from butler.domain.inbox import DeadLetter, InboxItem
from butler.domain.profile import Profile
from butler.errors import ImportRefused

FORMAT, VERSION = "butler-export", 1
_PARTS = frozenset(("format", "version", "profile", "window", "archive", "dead_letters", "inbox"))
_MOST = 2**53  # what is counted on from here must stay what every store can hold
T = TypeVar("T")


def exported(
    profile: Profile | None,
    window: Iterable[Event],
    archive: Iterable[Event],
    letters: Iterable[DeadLetter],
    inbox: Iterable[InboxItem],
) -> dict[str, Any]:
    """All that is kept of a guest as one JSON-ready document; `inbox`: what waits."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "profile": None if profile is None else _converter.unstructure(profile),
        "window": [_converter.unstructure(event) for event in window],
        "archive": [_converter.unstructure(event) for event in archive],
        "dead_letters": [_converter.unstructure(letter) for letter in letters],
        "inbox": [_converter.unstructure(item) for item in inbox],
    }


def imported(document: object, user_id: str | None = None) -> Held:
    """What an export holds. Raises `ImportRefused` for anything else.

    `user_id`: whose it must be.
    """
    if not isinstance(document, Mapping):
        raise _refused("a JSON object", type(document).__name__)
    if document.get("format") != FORMAT:
        raise _refused(f'"format": "{FORMAT}"', repr(document.get("format")))
    if document.get("version") != VERSION:
        do = "Use the butler that wrote it, or a newer one"
        raise _refused(f'"version": {VERSION}', repr(document.get("version")), do)
    if set(document) - _PARTS:
        raise _refused("no fields but those of docs/export.md", "others")
    if document.get("profile") is None:
        raise _refused("a profile", "none: the export of a guest who was not known")
    held = Held(
        _structured(document["profile"], Profile, "profile"),
        tuple(_each(document, "window", Event)),
        tuple(_each(document, "archive", Event)),
        tuple(_each(document, "dead_letters", DeadLetter)),
        tuple(_each(document, "inbox", InboxItem)),
    )
    _check(held, user_id)
    return held


def _each(document: Mapping[str, Any], part: str, kind: type[T]) -> Iterable[T]:
    values = document.get(part)
    if not isinstance(values, list):
        raise _refused(f"a list under {part!r}", type(values).__name__)
    return [_structured(each, kind, f"{part}[{n}]") for n, each in enumerate(values)]


def _structured(value: Any, kind: type[T], place: str) -> T:
    try:
        return _converter.structure(value, kind)
    except (
        cattrs.BaseValidationError,
        StructureHandlerNotFoundError,
        *(ValueError, TypeError, KeyError, AttributeError, OverflowError),
    ) as error:
        raise _refused(
            f"{kind.__name__} as docs/export.md has it at {place}", _why(error)
        ) from None


def _why(error: BaseException) -> str:
    """What is wrong, by kind and field: values are somebody's words."""
    if isinstance(error, cattrs.BaseValidationError):
        inner = error.exceptions[0]
        notes = [str(note) for note in getattr(inner, "__notes__", ())]
        return f"{_why(inner)}{f' ({notes[0]})' if notes else ''}"
    return f"one that does not fit: {type(error).__name__}"


def _check(held: Held, user_id: str | None) -> None:
    profile = held.profile
    if user_id is not None and profile.user_id != user_id:
        do = "Leave --user out to import it all the same"
        raise _refused(f"guest {user_id!r}", f"guest {profile.user_id!r}", do)
    owners = [event.user_id for event in (*held.window, *held.archive)]
    owners += [letter.user_id or "" for letter in held.dead_letters]
    owners += [item.user_id or "" for item in held.inbox]
    if set(owners) - {profile.user_id}:
        raise _refused(f"what belongs to guest {profile.user_id!r} alone", "another's")
    _check_seqs(held)


def _check_seqs(held: Held) -> None:
    profile = held.profile
    if profile.revision < 1 or not 0 <= profile.covered_seq <= profile.last_seq:
        raise _refused("revision of at least 1, 0 <= covered_seq <= last_seq", "others")
    if max(profile.revision, profile.last_seq) > _MOST:
        raise _refused(f"revision and last_seq up to {_MOST}", "more")
    window, archive = ([event.seq for event in part] for part in (held.window, held.archive))
    if window != sorted({s for s in window if profile.covered_seq < s <= profile.last_seq}):
        raise _refused("the window by seq, between covered_seq and last_seq", "another order")
    if archive != sorted({seq for seq in archive if 0 < seq <= profile.covered_seq}):
        raise _refused("the archive by seq, up to covered_seq", "another order")
    ids = [event.event_id for event in (*held.window, *held.archive)]
    if len(set(ids)) != len(ids):
        raise _refused("event ids that are each there once", "one twice")


def _refused(
    expected: str, got: str, do: str = "Choose a file that butler has exported"
) -> ImportRefused:
    return ImportRefused(f"expected {expected}, got {got}. {do}")


def _made() -> cattrs.Converter:
    converter = cattrs.Converter(
        unstruct_collection_overrides={tuple: list}, forbid_extra_keys=True
    )
    converter.register_unstructure_hook(datetime, _stamp)
    converter.register_structure_hook(datetime, _moment)
    converter.register_structure_hook(str, _exact(str))
    converter.register_structure_hook(int, _exact(int))
    converter.register_structure_hook(bool, _exact(bool))
    return converter


def _stamp(moment: datetime) -> str:
    """In UTC, to the millisecond: what every store keeps."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def _moment(value: Any, _: object) -> datetime:
    found = datetime.fromisoformat(value)
    if found.tzinfo is None:
        raise ValueError("a moment without its zone")
    return found.astimezone(UTC)


def _exact(kind: type) -> Any:
    def structure(value: Any, _: object) -> Any:
        if type(value) is not kind:
            raise TypeError(f"not a {kind.__name__}")
        return value

    return structure


_converter = _made()

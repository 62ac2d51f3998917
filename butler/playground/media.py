"""The media and other contents of guests' messages, in the shapes of the Bot API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from butler.playground import entities as marks
from butler.playground.files import Files
from butler.playground.refusals import GuestError, Json

_DEFAULT_TYPES = {
    "voice": "audio/ogg", "audio": "audio/mpeg", "video": "video/mp4", "video_note": "video/mp4",
    "photo": "image/jpeg", "document": "application/octet-stream", "sticker": "image/webp",
    "animation": "video/mp4",
}  # fmt: skip
_SIZED = frozenset({"video", "animation", "photo", "sticker"})
_TIMED = frozenset({"voice", "audio", "video", "video_note", "animation"})
_NAMED = frozenset({"audio", "video", "document", "animation"})
_DETAILS = frozenset(
    {"file_name", "mime_type", "duration", "caption", "width", "height", "size", "title",
     "performer", "emoji"}
)  # fmt: skip


def media(files: Files, kind: str, data: bytes, details: Mapping[str, Any]) -> Json:
    """The content of a message with a file; *details* as ``Guests.send_media`` lists them.

    Raises:
        GuestError: Unknown kind or detail, or a number that is none.
    """
    if kind not in _DEFAULT_TYPES:
        raise GuestError(f"expected one of {sorted(_DEFAULT_TYPES)}, got {kind!r}")
    unknown = sorted(set(details) - _DETAILS)
    if unknown:
        raise GuestError(f"expected details among {sorted(_DETAILS)}, got {unknown}")
    mime_type = str(details.get("mime_type") or _DEFAULT_TYPES[kind])
    name = str(details.get("file_name") or "")
    stored = files.add(kind, data, name, mime_type, _number(details, "size", None))
    thing: Json = stored.ids()
    if kind in _TIMED:
        thing["duration"] = _number(details, "duration", 1)
    if kind in _SIZED:
        thing["width"] = _number(details, "width", 512)
        thing["height"] = _number(details, "height", 512)
    if kind in _NAMED and name:
        thing["file_name"] = name
    if kind not in ("photo", "sticker", "video_note"):
        thing["mime_type"] = mime_type
    if kind == "video_note":
        thing["length"] = _number(details, "width", 240)
    if kind == "sticker":
        thing |= {"type": "regular", "is_animated": False, "is_video": False}
    thing |= {
        name: str(details[name]) for name in ("title", "performer", "emoji") if details.get(name)
    }
    content: Json = {kind: [thing] if kind == "photo" else thing}
    if kind == "animation":
        content["document"] = {**stored.ids(), "file_name": name, "mime_type": mime_type}
    return content | _caption(str(details.get("caption") or ""))


def _caption(caption: str) -> Json:
    if not caption:
        return {}
    entities = marks.find(caption)
    return {"caption": caption, "caption_entities": entities} if entities else {"caption": caption}


def _number(details: Mapping[str, Any], name: str, default: int | None) -> int | None:
    value = details.get(name)
    if value is None or value == "":
        return default
    try:
        # Seconds may come with fractions from a recorder.
        return max(0, round(float(value)))
    except (TypeError, ValueError, OverflowError):
        raise GuestError(f"expected a number as {name}, got {value!r}") from None


def contents(content: Json) -> Json:
    """*content* with the fields Telegram always has in a location, a poll and the like.

    Raises:
        GuestError: It is no object, empty, or lacks what its kind cannot be without.
    """
    if not isinstance(content, dict) or not content:
        raise GuestError("expected the content of a message, such as {'location': {…}}")
    result = dict(content)
    for kind, (needed, defaults) in _SHAPES.items():
        thing = content.get(kind)
        if thing is None:
            continue
        missing = [name for name in needed if not isinstance(thing, dict) or name not in thing]
        if missing:
            raise GuestError(f"expected {kind} with {', '.join(needed)}, lacks {missing}")
        result[kind] = {**defaults, **thing}
    poll = result.get("poll")
    if poll is not None:
        if not isinstance(poll["options"], list):
            raise GuestError("expected the options of a poll as a list")
        poll["options"] = [
            {"text": str(one), "voter_count": 0} if not isinstance(one, dict) else one
            for one in poll["options"]
        ]
    return result


_SHAPES: dict[str, tuple[tuple[str, ...], Json]] = {
    "location": (("latitude", "longitude"), {}),
    "venue": (("location", "title", "address"), {}),
    "contact": (("phone_number", "first_name"), {}),
    "dice": (("value",), {"emoji": "🎲"}),
    "poll": (
        ("question", "options"),
        {
            "id": "5440000000000000001",
            "total_voter_count": 0,
            "is_closed": False,
            "is_anonymous": True,
            "type": "regular",
            "allows_multiple_answers": False,
        },
    ),
}

"""What the butler says by himself, looked up."""

from __future__ import annotations

import zlib

from butler.domain.phrasebook import COMMANDS, PHRASES
from butler.domain.profile import Language

_SAME = {"venue": "location", "audio": "voice", "video_note": "voice"}


def say(language: Language, key: str, /, seed: int = 0, **values: object) -> str:
    """The sentence `key` with its placeholders filled; `seed` (an update id) picks the variant.

    KeyError for an unknown key or a missing value.
    """
    variants = PHRASES[key][language]
    choice = variants[zlib.crc32(str(seed).encode()) % len(variants)]
    return choice.format_map(values)


def unsupported(language: Language, what: str, seed: int = 0) -> str:
    """The sentence for a content the butler cannot read, by `Incoming.what`."""
    if what == "empty":
        return say(language, "empty", seed)
    key = "unsupported_" + _SAME.get(what, what)
    return say(language, key if key in PHRASES else "unsupported_other", seed)


def greeting(language: Language, name: str, known: bool, seed: int = 0) -> str:
    """The answer to /start; `name` as Telegram calls the guest, or ""."""
    return say(language, "start_again" if known else "start", seed, name=named(name))


def named(name: str) -> str:
    """The placeholder `name`: ", Name" or nothing."""
    return f", {name}" if name else ""


def menu(language: Language) -> tuple[tuple[str, str], ...]:
    """Commands and their descriptions, for the menu of Telegram."""
    return tuple((command, words[language]) for command, words in COMMANDS.items())


def menu_text(language: Language, without: frozenset[str] = frozenset()) -> str:
    """The menu as lines of text."""
    lines = (f"/{command}: {words}" for command, words in menu(language) if command not in without)
    return "\n".join(lines)

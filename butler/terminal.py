"""A chat in the terminal: a guest of the playground, through the same actors."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.text import Text

from butler.playground import Guest, GuestError

GUEST_ID = 7_000_001  # always the same, so that the butler knows who is back
MORE_SECONDS = 0.3
STYLES = {
    "bold": "bold",
    "italic": "italic",
    "code": "cyan",
    "pre": "cyan",
    "underline": "underline",
    "strikethrough": "strike",
    "blockquote": "dim",
}
HINT = {
    "ru": "Пишите; пустая строка ничего не значит, /help покажет команды, Ctrl-D закончит беседу.",
    "en": "Write; an empty line means nothing, /help shows the commands, Ctrl-D ends the chat.",
}


def converse(address: str, name: str, language: str, patience: float) -> None:
    """Read lines from standard input until its end, and show what the butler sends.

    A line that is the text of a button under the last messages presses it. `patience` is how many
    seconds a reply is waited for.
    """
    console = Console(highlight=False)
    guest = Guest.create(address, name or "Гость", language, user_id=GUEST_ID)
    if sys.stdin.isatty():
        console.print(HINT.get(language, HINT["en"]), style="dim")
    for line in _lines(console):
        _say(guest, line)
        _show(console, guest, patience)


def _lines(console: Console) -> Iterator[str]:
    asks = sys.stdin.isatty()
    while True:
        try:
            line = console.input("[bold]> [/]") if asks else sys.stdin.readline()
        except EOFError:
            return
        if not asks and not line:
            return
        if line.strip():
            yield line.strip()


def _say(guest: Guest, line: str) -> None:
    try:
        guest.press(line)
    except GuestError:
        guest.say(line)


def _show(console: Console, guest: Guest, patience: float) -> None:
    wait = patience
    while True:
        message = next(guest.replies(timeout=wait), None)
        if message is None:
            return
        console.print(_rendered(message))
        wait = MORE_SECONDS


def _rendered(message: dict[str, Any]) -> Text:
    body = str(message.get("text") or message.get("caption") or "")
    raw = body.encode("utf-16-le", "surrogatepass")
    text = Text(body)
    for entity in message.get("entities", ()):
        start = entity["offset"] * 2
        before = raw[:start].decode("utf-16-le", "replace")
        inside = raw[start : start + entity["length"] * 2].decode("utf-16-le", "replace")
        style = STYLES.get(entity["type"])
        if style:
            text.stylize(style, len(before), len(before) + len(inside))
    for row in message.get("reply_markup", {}).get("inline_keyboard", ()):
        text.append("\n" + " ".join(f"[{button['text']}]" for button in row), style="reverse")
    return text

"""From what an LLM answered to the messages that are sent."""

from __future__ import annotations

import re
from collections.abc import Sequence

import attrs

from butler.domain.markdown import rendered
from butler.domain.outgoing import Button, Part
from butler.domain.phrases import say
from butler.domain.profile import Language
from butler.domain.splitting import Piece, split
from butler.domain.text import sendable, visible

Buttons = tuple[tuple[Button, ...], ...]

_SPEAKERS = "assistant|ассистент|butler|дворецкий|alfred|альфред"
_GUESTS = "user|human|guest|пользователь|человек|гость"
_OPENING = re.compile(rf"\s*[*_#]*\s*(?:{_SPEAKERS})\s*[*_]*\s*[:\uff1a]\s*[*_]*\s*", re.IGNORECASE)
_NEXT_TURN = re.compile(rf"\n\s*[*_#]*\s*(?:{_GUESTS})\s*[*_]*\s*[:\uff1a]", re.IGNORECASE)
_TURN_MARK = re.compile(
    r"<\|(?:im_start|im_end|endoftext|eot_id|end|start_header_id)\|>|<(?:start|end)_of_turn>|</s>"
)


@attrs.frozen
class Address:
    """Where a reply goes."""

    chat_id: int
    thread_id: int | None = None
    reply_to_message_id: int | None = None


def cleaned(answer: str) -> str:
    """An LLM's answer without what is not speech; "" where nothing is left.

    Turn marks end it. A speaker's name before it goes, and what follows then as the guest's next
    turn goes with it, for such a model is writing a transcript.
    """
    text = sendable(answer)
    while (mark := _TURN_MARK.search(text)) and not visible(text[: mark.start()]):
        text = re.sub(r"^\s*(?:assistant|model)\s*\n", "", text[mark.end() :])
    text = text[: mark.start()] if mark else text
    if opening := _OPENING.match(text):
        text = text[opening.end() :]
        if following := _NEXT_TURN.search(text):
            text = text[: following.start()]
    return text.strip() if visible(text) else ""


def reply(answer: str, address: Address, buttons: Buttons = ()) -> tuple[Part, ...]:
    """An answer in Markdown as messages: (); where nothing in it would be seen.

    The first replies to the guest's message, the last carries the buttons.
    """
    text, entities = rendered(answer)
    return _parts(split(text, entities), address, buttons)


def notice(text: str, address: Address, buttons: Buttons = ()) -> tuple[Part, ...]:
    """The butler's own sentence as messages, as it is: Markdown in it stays text."""
    return _parts(split(sendable(text)), address, buttons)


def transcript(language: Language, heard: str, address: Address) -> tuple[Part, ...]:
    """What was heard, shown to the guest."""
    return notice(say(language, "transcript", text=heard.strip()), address)


def plain(part: Part) -> Part:
    """The same message without entities, for a server that refuses them."""
    return attrs.evolve(part, entities=())


def shortened(part: Part) -> tuple[Part, ...]:
    """The same message in halves, for a server that finds it too long."""
    half = max(len(part.text.encode("utf-16-le", "replace")) // 4, 64)
    pieces = split(part.text, part.entities, half)
    address = Address(part.chat_id, part.thread_id, part.reply_to_message_id)
    return _parts(pieces, address, part.buttons)


def _parts(pieces: Sequence[Piece], address: Address, buttons: Buttons) -> tuple[Part, ...]:
    last = len(pieces) - 1
    return tuple(
        Part(
            chat_id=address.chat_id,
            text=piece.text,
            entities=piece.entities,
            reply_to_message_id=address.reply_to_message_id if number == 0 else None,
            thread_id=address.thread_id,
            buttons=buttons if number == last else (),
        )
        for number, piece in enumerate(pieces)
    )

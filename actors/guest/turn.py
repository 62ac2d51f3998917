"""A turn: what a guest said, gathered, on its way to one reply."""

from __future__ import annotations

from typing import Literal

import attrs

from butler.domain.chat import ChatMessage
from butler.domain.event import Source
from butler.domain.forgetting import Epoch
from butler.domain.inbox import InboxItem, UpdateKey
from butler.domain.incoming import Incoming

Phase = Literal["hearing", "recalling", "asking", "waiting", "committing"]
TURN_MESSAGES = 20


@attrs.define(eq=False)
class Pending:
    """An update in work.

    `text` is None until a recording is heard; `parts` counts the item's; `edits` are the updates
    that have replaced its words, and end with it. `off_record`: said during a pause.
    """

    item: InboxItem
    incoming: Incoming
    text: str | None = None
    parts: int = 0
    edits: tuple[UpdateKey, ...] = ()
    off_record: bool = False

    @classmethod
    def of(cls, item: InboxItem, incoming: Incoming) -> Pending:
        """An update that has just arrived, or was found unsettled after a crash."""
        text = incoming.text if incoming.attachment is None else item.transcript
        return cls(item, incoming, text, len(item.parts))

    @property
    def key(self) -> UpdateKey:
        """The update's identity."""
        return self.item.key

    @property
    def source(self) -> Source:
        """How it was said."""
        return "voice" if self.incoming.attachment else "text"

    @property
    def spoken(self) -> bool:
        """Whether it is something to converse about."""
        return self.incoming.kind in ("text", "voice")

    def follows(self, other: Pending) -> bool:
        """Whether both can be answered together: said in the same place."""
        here, there = self.incoming, other.incoming
        return (here.chat_id, here.thread_id) == (there.chat_id, there.thread_id)


@attrs.define(eq=False)
class Turn:
    """Messages that get one reply.

    `tries` counts asked requests, `timeouts` those of them that got no answer in time; `reported`:
    its failure was told. `messages`, of `tokens`: the prompt. `asked_in`: what was remembered when
    the LLM was asked. `vector`: where the words point, None until that was asked.
    """

    pendings: list[Pending]
    began: float
    phase: Phase = "hearing"
    request_id: str = ""
    tries: int = 0
    timeouts: int = 0
    shrunk: bool = False
    reported: bool = False
    cut: bool = False
    messages: tuple[ChatMessage, ...] = ()
    tokens: int = 0
    asked_in: Epoch | None = None
    vector: bytes | None = None

    @property
    def last(self) -> Pending:
        """The message that the reply belongs to."""
        return self.pendings[-1]

    @property
    def unheard(self) -> list[Pending]:
        """Recordings whose words are not known yet."""
        return [p for p in self.pendings if p.text is None]

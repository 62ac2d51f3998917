"""What a guest was asked with buttons, or for a value, and has not answered yet."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from butler.domain.commands import AskValue, Question
from butler.domain.inbox import UpdateKey

KEPT_SECONDS = 600.0
MOST = 8


@attrs.define
class _Open:
    question: Question
    until: float
    claimed: UpdateKey | None = None


class Asked:
    """Open questions by nonce, in RAM alone: what they are about may be words to be forgotten.

    They outlive the actor's incarnations, not its process nor its passivation: then a button is too
    old. An update that answers one claims it, so that a second press finds nothing, while the same
    update finds it again after a crash. `now` is monotonic seconds.
    """

    def __init__(self) -> None:
        self._open: dict[str, _Open] = {}

    def __bool__(self) -> bool:
        return bool(self._open)

    def put(self, nonce: str, question: Question, now: float) -> None:
        """A question is asked; of those for a value only the latest counts."""
        if isinstance(question, AskValue):
            self.drop_values()
        self._open[nonce] = _Open(question, now + KEPT_SECONDS)
        while len(self._open) > MOST:
            del self._open[next(iter(self._open))]

    def open_to(self, key: UpdateKey, now: float) -> dict[str, Question]:
        """The questions that this update may answer."""
        self.expire(now)
        return {
            nonce: each.question
            for nonce, each in self._open.items()
            if each.claimed in (None, key)
        }

    def value_wanted(self, key: UpdateKey, now: float) -> tuple[str, AskValue] | None:
        """The question for a value that this update may answer, by its nonce."""
        found = self.open_to(key, now).items()
        return next(((n, q) for n, q in found if isinstance(q, AskValue)), None)

    def claim(self, nonce: str, key: UpdateKey) -> None:
        """This update answers the question, if it is open."""
        if nonce in self._open:
            self._open[nonce].claimed = key

    def closed(self, keys: Iterable[UpdateKey]) -> None:
        """These updates have ended, and with them what they have answered."""
        ended = set(keys)
        for nonce in [nonce for nonce, each in self._open.items() if each.claimed in ended]:
            del self._open[nonce]

    def drop_values(self) -> None:
        """No value is wanted any more."""
        for nonce, each in list(self._open.items()):
            if isinstance(each.question, AskValue):
                del self._open[nonce]

    def expire(self, now: float) -> None:
        """Let go of what has waited too long."""
        for nonce in [nonce for nonce, each in self._open.items() if each.until <= now]:
            del self._open[nonce]

    def clear(self, key: UpdateKey) -> None:
        """Let go of all but what this update answers."""
        for nonce in [nonce for nonce, each in self._open.items() if each.claimed != key]:
            del self._open[nonce]

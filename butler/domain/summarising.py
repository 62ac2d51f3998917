"""One compaction as it is put to an LLM: the question, and what of the answer holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import attrs

from butler.domain import compaction, digest
from butler.domain.chat import Completion, CompletionRequest
from butler.domain.compaction import unpaused
from butler.domain.digest import Digest, Rejected
from butler.domain.event import Event
from butler.domain.profile import Profile


@attrs.frozen
class Summarising:
    """Covers `events` with a new summary of `profile`. Any thread.

    `complaint`: why the last answer was rejected; `last`: there will be no further try. Both
    methods take milliseconds, and call `pause` now and then.
    """

    profile: Profile
    events: Sequence[Event]
    complaint: str = ""
    last: bool = False
    pause: Callable[[], None] = unpaused

    def request(self) -> CompletionRequest:
        """See `compaction.request`."""
        return compaction.request(self.profile, self.events, self.complaint, self.pause)

    def judged(self, completion: Completion) -> Digest | Rejected:
        """See `digest.accept`."""
        return digest.accept(
            completion, self.events, self.profile, last=self.last, pause=self.pause
        )

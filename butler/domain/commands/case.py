"""What a command may depend on, and what it may come to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import TypeAlias

import attrs

from butler.domain.event import Event
from butler.domain.forgetting import Found
from butler.domain.incoming import Incoming
from butler.domain.phrases import say
from butler.domain.profile import Fact, Language, Profile
from butler.domain.replies import Buttons
from butler.domain.steps import Steps

_PART = 100


@attrs.frozen
class House:
    """How the butler is kept: whether he has a memory, and for how many days."""

    personal: bool = True
    retention_days: int = 90


def _none(_seqs: Iterable[int]) -> Iterable[Event]:
    return ()


@attrs.frozen
class Said:
    """A guest's events: the window, and those covered, which are many: read only where needed.

    `covered` gives all of these, `find` those of some seqs, `archived` is how many they are.
    """

    window: Sequence[Event] = ()
    covered: Callable[[], Iterable[Event]] = tuple
    find: Callable[[Iterable[int]], Iterable[Event]] = _none
    archived: int = 0

    def events(self) -> Iterator[Event]:
        """All of them, in the order of saying."""
        return chain(self.covered(), self.window)

    def parts(self, seqs: Iterable[int]) -> Iterator[Iterable[Event]]:
        """The events of these seqs that are still kept, in the order of saying, some at a time."""
        wanted = sorted(seqs)
        for at in range(0, len(wanted), _PART):
            yield self.find(wanted[at : at + _PART])
        meant = set(wanted)
        yield [event for event in self.window if event.seq in meant]

    def words(self, seqs: Collection[int]) -> dict[int, str]:
        """What was said in the events of these seqs, as far as it is still kept."""
        found = [*self.find(seqs), *(e for e in self.window if e.seq in seqs)]
        return {event.seq: event.content for event in found}


# What a question, asked with buttons, is about. It lives in RAM, under a nonce, for a while.


@attrs.frozen
class AskForget:
    """Whether this is to be forgotten."""

    found: Found
    everything: bool = False


@attrs.frozen
class AskDelete:
    """Whether the guest is to be erased; `sure`: asked for the second time."""

    sure: bool = False


@attrs.frozen
class AskValue:
    """What is right in place of a fact's value: the guest's next message says."""

    fact_id: str


Question: TypeAlias = AskForget | AskDelete | AskValue


# What is to be done besides replying.


@attrs.frozen
class BeginAnew:
    """The window begins anew; what was in it goes to the archive."""


@attrs.frozen
class LetGo:
    """What was found is forgotten for good."""

    found: Found


@attrs.frozen
class LookThrough:
    """All that was said is looked through for what is to be forgotten; the result is decided then.

    Meanwhile nothing of the guest may change. The decision that this is part of says nothing.
    """

    steps: Steps[Decision]


@attrs.frozen
class EraseMe:
    """The guest is erased."""


@attrs.frozen
class ExportMe:
    """All that is kept goes out as a document; `text` of the decision is its caption."""


@attrs.frozen
class TakeDown:
    """A fact is kept at once, with the two events that it comes from: what was said, the reply."""

    key: str
    value: str
    said: str
    pinned: bool = True
    replaces: Fact | None = None


Act: TypeAlias = BeginAnew | LetGo | LookThrough | EraseMe | ExportMe | TakeDown


@attrs.frozen
class Decision:
    """What follows from a command, a button or a request in plain words.

    `profile` set: to be written with `expected = profile.revision - 1`. `edit_message_id` set: the
    message with the buttons is replaced by `text`, so that they can't be pressed again. `asks` is
    kept under the case's nonce, which the buttons carry.
    """

    text: str
    buttons: Buttons = ()
    profile: Profile | None = None
    act: Act | None = None
    edit_message_id: int | None = None
    asks: Question | None = None


@attrs.frozen
class Case:
    """One command with all it may depend on.

    `open`: the guest's open questions by nonce; `nonce`: for the question that this one may ask.
    """

    incoming: Incoming
    profile: Profile
    known: bool
    now: datetime
    house: House = House()
    said: Said = Said()
    open: Mapping[str, Question] = attrs.field(factory=dict)
    nonce: str = ""

    @property
    def language(self) -> Language:
        """What the guest is spoken to in."""
        return self.profile.language

    @property
    def shown(self) -> int | None:
        """The message whose button was pressed."""
        return (self.incoming.message_id or None) if self.incoming.kind == "callback" else None

    def say(self, key: str, /, **values: object) -> str:
        """A sentence in the guest's language."""
        return say(self.language, key, self.incoming.update_id, **values)

    def tell(self, key: str, /, **values: object) -> Decision:
        """A sentence as the answer, in place of the message whose button was pressed."""
        return Decision(self.say(key, **values), edit_message_id=self.shown)

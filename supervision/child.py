"""What a supervisor and a supervised child know of each other."""

from collections.abc import Iterator
from typing import Any, Literal, Protocol

import attrs
import pykka

from supervision.failure import DeadLetter, Failure

State = Literal["new", "starting", "idle", "queued", "running", "down", "halting", "stopped"]


@attrs.frozen
class Node:
    """One child of a tree as data. ``oldest_age`` and ``last_failure.at`` are the clock's seconds.

    ``omitted`` counts children that a limited look left out.
    """

    name: Any
    kind: Literal["worker", "supervisor"]
    state: str
    restarts: int = 0
    depth: int = 0
    oldest_age: float = 0.0
    refused: int = 0
    last_failure: Failure | None = None
    children: tuple["Node", ...] = ()
    omitted: int = 0

    def walk(self) -> Iterator["Node"]:
        """This node and all below it, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()


class Supervised(Protocol):
    """A child in its supervisor's hands. Nothing here blocks; any thread may call."""

    @property
    def name(self) -> Any:
        """The id from its child spec."""

    @property
    def ref(self) -> pykka.ActorRef[Any] | None:
        """How to reach it; None for a supervisor, which takes no messages."""

    def begin(self) -> None:
        """Bring up a new incarnation; `Guardian.started` or `Guardian.failed` follows."""

    def resume(self) -> None:
        """After `Guardian.failed`: go on with the same incarnation and the next message."""

    def halt(self, *, final: bool) -> None:
        """End the incarnation after the message in hand; `Guardian.halted` follows.

        If ``final``, the child is gone for good. If not, its ref and mailbox stay for `begin`.
        A later call may add ``final``, never take it back.
        """

    def abandon(self) -> bool:
        """A `halt` takes too long: fence off whatever runs and finish the halt at once.

        False if there was no halt to finish.
        """

    def farewell(self, reason: Failure | None) -> None:
        """The guardian has forgotten this child: tell whoever watches that it has ended."""

    def look(self, limit: int | None) -> Node:
        """The child as data; of a supervisor, at most ``limit`` children (None: all)."""


class Guardian(Protocol):
    """Whom a child tells what becomes of it. Nothing here blocks; any thread may call."""

    def started(self, actor: Supervised) -> None:
        """The incarnation is up."""

    def failed(self, actor: Supervised, failure: Failure) -> None:
        """The incarnation is down; nothing runs until `begin`, `resume` or `halt`."""

    def exited(self, actor: Supervised) -> None:
        """The incarnation ended well, by its own wish or another's; as with `failed`, it waits."""

    def halted(self, actor: Supervised, *, final: bool) -> None:
        """The answer to `halt`; ``final`` if the child is gone for good."""

    def complained(self, actor: Supervised, failure: Failure) -> None:
        """Something went wrong that changes nothing, such as ``on_stop`` during a `halt`."""

    def abandoned(self, actor: Supervised, dispatcher: str, stack: str, replaced: bool) -> None:
        """A handler was left behind on its thread; the failure follows."""

    def died(self, actor: Supervised, letter: DeadLetter) -> None:
        """A message became a dead letter."""

    def undelivered(self, actor: Supervised, message: Any) -> None:
        """The child is gone and this message was never handled."""


class Startable(Protocol):
    """What a child spec starts: an actor's recipe or a supervisor's plan."""

    @property
    def kind(self) -> Literal["worker", "supervisor"]:
        """What it starts."""

    def prepare(self, name: Any, guardian: Guardian, home: Any) -> Supervised:
        """A child that waits for `begin`. Runs no code of the child's own."""

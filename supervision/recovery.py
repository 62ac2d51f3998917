"""What a live supervisor remembers of a child, and of a restart under way."""

from collections.abc import Iterable
from typing import Literal

from supervision.child import Supervised
from supervision.clock import Timer
from supervision.failure import Failure
from supervision.intensity import RestartWindow
from supervision.spec import ChildSpec


class Child:
    """One child. Only its supervisor touches it, under the supervisor's lock."""

    __slots__ = (
        "actor",
        "alarm",
        "cause",
        "failure",
        "final",
        "recovery",
        "sound_since",
        "spec",
        "starts",
        "state",
        "streak",
        "window",
    )

    def __init__(self, spec: ChildSpec, actor: Supervised) -> None:
        self.spec = spec
        self.actor = actor
        self.state: Literal["down", "starting", "up", "halting", "gone"] = "down"
        self.final = False
        self.starts = 0
        self.streak = 0
        # Up again after its own last failure; restarts because of others change nothing.
        self.sound_since: float | None = None
        self.failure: Failure | None = None
        self.cause: Failure | None = None
        self.alarm: Timer | None = None
        self.recovery: Recovery | None = None
        self.window: RestartWindow | None = None

    def own_window(self) -> RestartWindow:
        """This child's own restarts of late."""
        if self.window is None:
            self.window = RestartWindow()
        return self.window

    def cancel_alarm(self) -> None:
        """Forget the deadline of an end."""
        if self.alarm is not None:
            self.alarm.cancel()
            self.alarm = None


class Recovery:
    """A restart of one or more children that is under way."""

    __slots__ = (
        "alarm",
        "cancelled",
        "dynamic",
        "fixed",
        "halting",
        "members",
        "ready",
        "starting",
        "to_halt",
    )

    def __init__(self, fixed: list[Child], dynamic: list[Child]) -> None:
        self.fixed = fixed
        self.dynamic = dynamic
        self.members = {*fixed, *dynamic}
        self.to_halt = list(fixed)
        self.halting = {child for child in self.members if child.state == "halting"}
        self.starting: set[Child] = set()
        self.alarm: Timer | None = None
        self.ready = False
        self.cancelled = False

    @classmethod
    def merged(
        cls, order: Iterable[Child], fixed: Iterable[Child], dynamic: Iterable[Child]
    ) -> "Recovery":
        """A restart of these that takes over what older ones have still to do.

        ``order`` is all fixed children as they start. Members of an older restart that are up
        again stay up, unless they are among these.
        """
        affected = {*fixed, *dynamic}
        older = {child.recovery for child in affected if child.recovery is not None}
        to_halt, to_start, starting = set(affected), set(affected), set[Child]()
        for each in older:
            to_halt.update(each.to_halt)
            to_start.update(each.fixed, each.dynamic, each.halting)
            starting |= each.starting - affected
            each.cancel()
        ordered = [child for child in order if child in to_start or child in to_halt]
        places = set(ordered)
        merged = cls(
            [child for child in ordered if child in to_start],
            [child for child in to_start if child not in places],
        )
        merged.to_halt = [child for child in ordered if child in to_halt]
        merged.starting = starting
        merged.members |= starting
        for child in merged.members:
            child.recovery = merged
        return merged

    def wait_for(self, child: Child) -> None:
        """Go on only when this member's end is answered."""
        self.starting.discard(child)
        self.halting.add(child)

    def adopt(self, child: Child) -> None:
        """A new child starts with the rest."""
        self.members.add(child)
        self.dynamic.append(child)
        child.recovery = self

    def finish(self) -> None:
        """All members are up."""
        self.cancel()

    def cancel(self) -> None:
        """Others decide about the members now."""
        self.cancelled = True
        if self.alarm is not None:
            self.alarm.cancel()
            self.alarm = None
        for child in self.members:
            if child.recovery is self:
                child.recovery = None

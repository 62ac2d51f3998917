"""The plan of a supervisor: what a child spec names to start one."""

from collections.abc import Hashable, Sequence
from typing import ClassVar

import attrs

from supervision.backoff import Backoff
from supervision.child import Guardian
from supervision.errors import (
    DuplicateId,
    SpecCycle,
)
from supervision.home import Home
from supervision.intensity import Intensity
from supervision.live import LiveSupervisor
from supervision.spec import (
    NO_POLICY,
    ChildSpec,
    ErrorPolicy,
    Kind,
    Strategy,
    check_policy,
    one_of,
)


@attrs.frozen
class Supervisor:
    """The plan of a supervisor.

    ``children`` start in order, each after the one before is up, and stop in reverse. More may be
    started and terminated at any time (`LiveSupervisor.start_child`); those have no order.
    """

    children: Sequence[ChildSpec] = ()
    strategy: Strategy = "one_for_one"
    intensity: Intensity = attrs.field(factory=Intensity)
    backoff: Backoff = attrs.field(factory=Backoff)
    on_error: ErrorPolicy = NO_POLICY

    kind: ClassVar[Kind] = "supervisor"

    def __attrs_post_init__(self) -> None:
        one_of("strategy", self.strategy, Strategy)
        check_policy(self.on_error)
        ids = [spec.id for spec in self.children]
        for each in ids:
            if ids.count(each) > 1:
                raise DuplicateId(f"expected unique ids, got {each!r} more than once")

    def prepare(self, name: Hashable, guardian: Guardian, home: Home) -> "LiveSupervisor":
        """See `Startable`.

        Raises:
            SpecCycle: the plan contains itself.
            DuplicateId: an id is used twice in the tree.
        """
        self.check_cycle()
        return LiveSupervisor(name, self, guardian, home)

    def check_cycle(self, above: tuple["Supervisor", ...] = ()) -> None:
        """Raise `SpecCycle` if this plan stands below itself."""
        if any(self is each for each in above):
            raise SpecCycle("expected a tree, got a supervisor that contains itself")
        for spec in self.children:
            if isinstance(spec.start, Supervisor):
                spec.start.check_cycle((*above, self))

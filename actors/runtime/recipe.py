"""How to make an actor, again and again."""

from typing import TYPE_CHECKING, Any, ClassVar, Literal, cast

import attrs

from actors.runtime.body import Body
from actors.runtime.cell import Cell
from actors.runtime.dispatcher import Dispatcher
from supervision.child import Guardian

if TYPE_CHECKING:
    from actors.runtime.actor import PooledActor


@attrs.frozen(eq=False)
class Recipe:
    """An actor class with its arguments and its dispatcher: the ``start`` of a `ChildSpec`."""

    actor_class: "type[PooledActor]"
    dispatcher: Dispatcher
    args: tuple[Any, ...]
    kwargs: dict[str, Any] | None

    kind: ClassVar[Literal["worker"]] = "worker"

    def prepare(self, name: Any, guardian: Guardian, home: Any) -> Cell:
        """See `supervision.Startable`."""
        return Cell(self, name, guardian)

    def make(self, cell: Body) -> "PooledActor":
        """A new instance that belongs to ``cell``; raises what its ``__init__`` raises."""
        actor = self.actor_class.__new__(self.actor_class)
        actor._cell = cast("Cell", cell)
        actor._epoch = cell.epoch
        # A constructor may make a proxy to itself.
        cell.retired = actor
        actor.__init__(*self.args, **(self.kwargs or {}))  # type: ignore[misc]  # as type() would
        return actor

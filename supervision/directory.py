"""Names to refs: who wants to reach an actor asks here each time, and keeps no ref."""

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

import pykka

from supervision.errors import DuplicateId, NotFound

if TYPE_CHECKING:
    from supervision.live import LiveSupervisor


class Directory:
    """The current ref of every child of a tree, by name. O(1); any thread.

    A name stands here from before its child's first start until it is gone for good; a restart
    changes nothing, since the ref stays.
    """

    def __init__(self) -> None:
        self._refs: dict[Hashable, pykka.ActorRef[Any]] = {}
        self._supervisors: dict[Hashable, LiveSupervisor] = {}

    def __len__(self) -> int:
        return len(self._refs)

    def __contains__(self, name: Hashable) -> bool:
        return name in self._refs

    def get(self, name: Hashable) -> pykka.ActorRef[Any]:
        """The ref called ``name``.

        Raises:
            NotFound: nobody is called that now.
        """
        try:
            return self._refs[name]
        except KeyError:
            raise NotFound(f"expected a running actor called {name!r}, found none") from None

    def tell(self, name: Hashable, message: Any) -> None:
        """Send without waiting.

        Raises:
            NotFound: nobody is called that now.
            MailboxFull: its mailbox is at its bound.
            pykka.ActorDeadError: it ended just now.
        """
        self.get(name).tell(message)

    def ask(self, name: Hashable, message: Any) -> pykka.Future[Any]:
        """Send, and return the future reply; raises as `tell`, but for what the reply carries."""
        return self.get(name).ask(message, block=False)

    def supervisor(self, name: Hashable) -> "LiveSupervisor":
        """The supervisor called ``name``, for `start_child` and `terminate_child`.

        Raises:
            NotFound: no supervisor is called that now.
        """
        try:
            return self._supervisors[name]
        except KeyError:
            raise NotFound(f"expected a supervisor called {name!r}, found none") from None

    def _add(
        self, name: Hashable, ref: pykka.ActorRef[Any] | None, supervisor: "LiveSupervisor | None"
    ) -> None:
        if name in self._supervisors:
            raise DuplicateId(f"expected a new name, but a supervisor is called {name!r}")
        if supervisor is not None:
            if name in self._refs:
                raise DuplicateId(f"expected a new name, but an actor is called {name!r}")
            self._supervisors[name] = supervisor
        elif ref is not None and self._refs.setdefault(name, ref) is not ref:
            raise DuplicateId(f"expected a new name, but an actor is called {name!r}")

    def _remove(self, name: Hashable) -> None:
        self._refs.pop(name, None)
        self._supervisors.pop(name, None)

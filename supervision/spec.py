"""Child specs: what is to be started, and what becomes of it afterwards."""

import difflib
import math
from collections.abc import Hashable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Literal, get_args

import attrs

from supervision.child import Startable
from supervision.errors import NotAnActor, SpecError

Restart = Literal["permanent", "transient", "temporary"]
Kind = Literal["worker", "supervisor"]
Strategy = Literal["one_for_one", "one_for_all", "rest_for_one"]
Directive = Literal["restart", "stop", "escalate", "resume"]
ErrorPolicy = Mapping[type[BaseException], Directive]
NO_POLICY: ErrorPolicy = MappingProxyType({})


def one_of(what: str, value: object, words: Any) -> None:
    """Raise `SpecError`, with a suggestion, unless ``value`` is one of a Literal's words."""
    known = get_args(words)
    if value in known:
        return
    close = difflib.get_close_matches(str(value), known, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    raise SpecError(f"{what}: expected one of {', '.join(known)}, got {value!r}{hint}")


def check_policy(policy: ErrorPolicy) -> None:
    """Raise `SpecError` unless every key is an exception type and every value a directive."""
    for error, directive in policy.items():
        if not (isinstance(error, type) and issubclass(error, BaseException)):
            raise SpecError(f"on_error: expected exception types as keys, got {error!r}")
        one_of(f"on_error[{error.__name__}]", directive, Directive)


def directive_for(error: type[BaseException], policies: Iterable[ErrorPolicy]) -> Directive:
    """The directive for the nearest base class that a policy names; an earlier policy wins."""
    for policy in policies:
        for base in error.__mro__:
            if base in policy:
                return policy[base]
    return "restart"


@attrs.frozen
class ChildSpec:
    """One child of a supervisor.

    ``id`` is unique within the tree: it is the child's name in directory, events and dead letters.
    ``start`` is an actor's recipe (``MyActor.on(dispatcher, ...)``) or a `Supervisor` plan.
    ``restart``: a *permanent* child always comes back, a *transient* one after a failure, a
    *temporary* one never. ``shutdown`` is the seconds it has to end before it is abandoned; 0
    abandons at once; unless told, a worker has 5 and a supervisor no limit. ``kind`` is known from
    ``start`` and need not be said. ``on_error`` maps exception types to what follows; the
    supervisor's own mapping comes after it.
    """

    id: Hashable
    start: Startable
    restart: Restart = "permanent"
    shutdown: float | None = None
    kind: Kind | None = None
    on_error: ErrorPolicy = NO_POLICY

    def __attrs_post_init__(self) -> None:
        try:
            hash(self.id)
        except TypeError:
            raise SpecError(f"id: expected something hashable, got {self.id!r}") from None
        if isinstance(self.start, type) or not callable(getattr(self.start, "prepare", None)):
            raise NotAnActor(
                f"start of {self.id!r}: expected an actor's recipe such as MyActor.on(dispatcher)"
                f" or a Supervisor, got {self.start!r}"
            )
        one_of(f"restart of {self.id!r}", self.restart, Restart)
        if self.kind is not None:
            one_of(f"kind of {self.id!r}", self.kind, Kind)
            if self.kind != self.start.kind:
                raise SpecError(
                    f"kind of {self.id!r}: its start is a {self.start.kind}, got {self.kind!r}"
                )
        if self.shutdown is not None and not self.shutdown >= 0:
            raise SpecError(f"shutdown of {self.id!r}: expected seconds >= 0, got {self.shutdown}")
        check_policy(self.on_error)

    @property
    def deadline(self) -> float:
        """Seconds to end in."""
        if self.shutdown is not None:
            return self.shutdown
        return 5.0 if self.start.kind == "worker" else math.inf

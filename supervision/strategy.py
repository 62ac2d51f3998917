"""Which children share a failure."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from supervision.spec import Strategy

T = TypeVar("T")


def affected(
    strategy: Strategy, failed: T, fixed: Sequence[T], dynamic: Iterable[T]
) -> tuple[list[T], list[T]]:
    """The fixed (in order of start) and the dynamic children to restart when ``failed`` fails.

    Dynamic children come after all fixed ones and have no order among themselves, so with
    rest_for_one none of them follows another.
    """
    if strategy == "one_for_all":
        return list(fixed), list(dynamic)
    if failed not in fixed:
        return [], [failed]
    if strategy == "one_for_one":
        return [failed], []
    return list(fixed[fixed.index(failed) :]), list(dynamic)

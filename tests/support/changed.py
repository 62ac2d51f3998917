"""A service some of whose surroundings are replaced at its composition."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import attrs

from actors.tree import World
from butler.app import Service
from butler.config import Settings

Change = Callable[[World], World]


def with_world(change: Change) -> Callable[[Settings], Service]:
    """Makes services whose actors talk to the world that `change` makes of theirs."""

    class Changed(Service):
        def _open(self) -> World:
            return change(super()._open())

    return Changed


@attrs.define
class Fragile:
    """A port's object one of whose methods breaks, by an error no port may raise.

    `breaks` is asked with the arguments of each call; `times` bounds how often it breaks.
    """

    inner: Any
    method: str
    breaks: Callable[..., bool]
    times: int = 1_000_000
    _lock: threading.Lock = attrs.field(factory=threading.Lock)

    def __getattr__(self, name: str) -> Any:
        real = getattr(self.inner, name)
        return self._guarded(real) if name == self.method else real

    def _guarded(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            with self._lock:
                broken = self.times > 0 and self.breaks(*args)
                self.times -= broken
            if broken:
                raise RuntimeError("a defect")
            return real(*args, **options)

        return call

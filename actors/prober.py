"""Asks now and then whether the dependencies answer that nothing else asks often enough."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from actors.runtime import PooledActor
from butler.errors import ButlerError
from butler.telemetry import DependencyChanged, Telemetry

PROBE_SECONDS = 30.0


@attrs.frozen
class _Probe:
    """Time to see whether a dependency answers."""

    dependency: str


Probe = Callable[[], str]


class Prober(PooledActor):
    """Probes by name; each says in a line what it has found, or raises `ButlerError`.

    Blocks, for as long as a time-out or the loading of weights takes: runs alone on a dispatcher of
    its own.
    """

    def __init__(self, probes: Mapping[str, Probe], telemetry: Telemetry) -> None:
        super().__init__()
        self._probes = probes
        self._telemetry = telemetry

    def on_start(self) -> None:
        """Begin at once, then again and again."""
        for name in self._probes:
            self.timers.every(PROBE_SECONDS, _Probe(name), first=0)

    def on_receive(self, message: Any) -> Any:
        """Probe what it is time for."""
        if not isinstance(message, _Probe):
            return
        name = message.dependency
        try:
            detail = self._probes[name]()
        except ButlerError as error:
            self._telemetry.emit(DependencyChanged(name, False, f"{type(error).__name__}: {error}"))
        else:
            self._telemetry.emit(DependencyChanged(name, True, detail))

"""`butler run` that kills itself (SIGKILL) at a named step: `python -m tests.support.doomed STEP`.

Steps are those of `Telemetry.step` and of the store; "step:2" is the second time that it is taken.
With the step "" it lives, and prints each step's name as it is taken for the first time.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections import Counter
from typing import Any, cast

from actors.tree import World
from butler.app import Service, configure_logs
from butler.config import read_settings


class Doom:
    """The hook: ends the process, or writes down what it has seen."""

    def __init__(self, wanted: str) -> None:
        self._wanted, _, which = wanted.partition(":")
        self._which = int(which or 1)
        self._taken: Counter[str] = Counter()
        self._lock = threading.Lock()

    def __call__(self, name: str) -> None:
        with self._lock:
            self._taken[name] += 1
            if name == self._wanted and self._taken[name] == self._which:
                os.kill(os.getpid(), signal.SIGKILL)
            if not self._wanted and self._taken[name] == 1:
                print(f"step {name}", flush=True)


class Doomed(Service):
    """The service with the hook in its store and its actors."""

    def __init__(self, doom: Doom) -> None:
        super().__init__(read_settings(os.environ))
        self._doom = doom
        self.telemetry.step = doom

    def _open(self) -> World:
        parts = super()._open()
        cast(Any, parts.store).step = self._doom
        return parts


def main() -> None:
    doomed = Doomed(Doom(sys.argv[1]))
    configure_logs(doomed.settings)
    signal.signal(signal.SIGTERM, lambda *_: doomed.wanted_stop.set())
    doomed.start()
    print(f"serves: {doomed.web.address}", flush=True)
    doomed.wanted_stop.wait()
    doomed.drain()
    doomed.stop()


if __name__ == "__main__":
    main()

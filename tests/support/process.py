"""`butler run` as a process of its own: started, watched, ended as systemd or a power cut would."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from tests.support.waiting import eventually

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 30.0
_ADDRESS = re.compile(r"http://[\w.:\[\]-]+")


class ButlerProcess:
    """One process; its output goes to files, so that nothing can block on a pipe."""

    def __init__(
        self,
        environment: Mapping[str, str],
        place: Path,
        *,
        prefix: Sequence[str] = (),
        before: Callable[[], None] | None = None,
        module: Sequence[str] = ("butler", "run"),
    ) -> None:
        """Start it. `environment`: its settings alone; `place`: a directory for its output;
        `prefix`: a program that starts it; `before` runs in the child; `module`: what Python runs,
        and its arguments."""
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        usual = {"PYTHONPATH": str(ROOT), "HOME": str(place), "PYTHONIOENCODING": "utf-8"}
        self._out, self._err = place / "stdout.txt", place / "stderr.txt"
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self._process = subprocess.Popen(
                [*prefix, sys.executable, "-m", *module],
                env={**kept, **usual, **environment},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                preexec_fn=before,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def output(self) -> str:
        """What it has printed so far."""
        return self._out.read_text("utf-8", "replace")

    def log(self) -> str:
        """What it has logged so far."""
        return self._err.read_text("utf-8", "replace")

    def address(self) -> str:
        """The address that it announces; waits for it."""
        found = eventually("an address", lambda: self._ended() or self._announced(), START_SECONDS)
        return str(found)

    def ready(self) -> str:
        """The address, once /ready says that it serves."""
        address = self.address()
        eventually("/ready", lambda: self._ended() or _answers(address + "/ready"), START_SECONDS)
        return address

    def get(self, path: str) -> str:
        """The body of a page."""
        with urlopen(self.address() + path, timeout=10) as answer:
            return str(answer.read().decode())

    def terminate(self, seconds: float = 10.0) -> int:
        """SIGTERM; the exit code, which must come within `seconds`."""
        self._process.terminate()
        return self._process.wait(seconds)

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        self._process.kill()
        self._process.wait(10)

    def wait(self, seconds: float = START_SECONDS) -> int:
        """The exit code of a process that ends by itself."""
        return self._process.wait(seconds)

    def _announced(self) -> str | None:
        found = _ADDRESS.search(self.output())
        return found.group().rstrip("/") if found else None

    def _ended(self) -> bool:
        """False; AssertionError with what it said if it does not run any more."""
        if not self.running:
            raise AssertionError(
                f"the butler ended with {self._process.returncode}:\n{self.output()}{self.log()}"
            )
        return False


_KEPT = ("PATH", "LANG", "PYTHONDONTWRITEBYTECODE", "COVERAGE_PROCESS_START")


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


@contextmanager
def butler_process(
    environment: Mapping[str, str],
    place: Path,
    *,
    prefix: Sequence[str] = (),
    before: Callable[[], None] | None = None,
) -> Iterator[ButlerProcess]:
    """A process that is killed at the end, if it still runs then."""
    place.mkdir(parents=True, exist_ok=True)
    process = ButlerProcess(environment, place, prefix=prefix, before=before)
    try:
        yield process
    finally:
        process.kill()

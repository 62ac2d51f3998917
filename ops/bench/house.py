"""Processes that benches drive: the crowd with its servers, and a butler that may be killed."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Self

QUIET = {
    "TELEGRAM_RATE_LIMIT": "0",
    "TELEGRAM_CHAT_RATE_LIMIT": "0",
    "STT_ENGINE": "off",
    "HTTP_PORT": "0",
    "LOG_LEVEL": "ERROR",
}


def cpu_seconds(pid: int) -> float:
    """The processor time that a process has used (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def status(pid: int, field: str) -> int:
    """A number from a process's status, like Threads or VmRSS (KiB) (Linux)."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{field}:"))


class CrowdProcess:
    """`ops.bench.crowd` as a process."""

    def __init__(self, guests: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "ops.bench.crowd", "--guests", str(guests)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.where: dict[str, Any] = self._read()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait(10)

    def say(self, *words: object) -> dict[str, Any]:
        """Rule it, and its answer."""
        assert self._process.stdin is not None
        print(*words, file=self._process.stdin, flush=True)
        return self._read()

    def environment(self, data: Path, **settings: str) -> dict[str, str]:
        """The settings of a butler who serves this crowd."""
        return {
            **QUIET,
            "TELEGRAM_BOT_TOKEN": self.where["token"],
            "TELEGRAM_API_URL": self.where["api"],
            "LLM_API_URL": self.where["llm"],
            "BUTLER_DATA_DIR": str(data),
            **settings,
        }

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the crowd's process has ended")
        answer: dict[str, Any] = json.loads(line)
        return answer


class ButlerProcess:
    """`butler run` with these settings; what it complains of goes to `log`."""

    def __init__(self, environment: dict[str, str], log: IO[bytes]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "butler", "run"],
            env={"PATH": os.environ["PATH"], **environment},
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def address(self) -> str:
        """Where its web is; waits until it says so."""
        assert self._process.stdout is not None
        return self._process.stdout.readline().split()[-1].rstrip("/")

    def kill(self) -> None:
        """SIGKILL."""
        self._process.kill()
        self._process.wait(10)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def terminate(self) -> int:
        """SIGTERM; the exit code."""
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(20)
        self._process.kill()
        return self._process.wait(10)


class DatabaseProcess:
    """`secantusd-py` (MongoDB's protocol, every commit on disk), killed and started again."""

    PROGRAM = Path(sys.executable).with_name("secantusd-py")

    def __init__(self, directory: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = str(probe.getsockname()[1])
        self.url = f"mongodb://127.0.0.1:{port}/butler"
        self._command = [str(self.PROGRAM), "--host", "127.0.0.1", "--port", port]
        self._command += ["--storage-path", str(directory), "--sync-on-commit"]
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        """Start; it answers a little later."""
        quiet = subprocess.DEVNULL
        self._process = subprocess.Popen(self._command, stdout=quiet, stderr=quiet)

    def kill(self) -> None:
        """SIGKILL."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(10)

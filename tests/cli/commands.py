"""Running `butler …`: in this process, and in one of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from butler.cli import cli
from butler.clock import SystemClock
from butler.ports import Store
from butler.storage import open_store


def environment(data_dir: Path, **settings: str) -> dict[str, str]:
    """What a process needs, and these settings alone."""
    wanted = ("PATH", "PYTHONDONTWRITEBYTECODE")
    kept = {name: os.environ[name] for name in wanted if name in os.environ}
    root = Path(__file__).parents[2]
    usual = {"PYTHONPATH": str(root), "HOME": str(data_dir), "BUTLER_DATA_DIR": str(data_dir)}
    return {**kept, **usual, "PYTHONIOENCODING": "utf-8", **settings}


def invoke(data_dir: Path, *arguments: str, answer: str = "", **settings: str) -> Result:
    """One command over the data in `data_dir`; what it raises is raised here."""
    settings = {"BUTLER_DATA_DIR": str(data_dir), **settings}
    runner = CliRunner()
    return runner.invoke(cli, arguments, input=answer, env=settings, catch_exceptions=False)


def start(env: dict[str, str], *arguments: str, **options: Any) -> subprocess.Popen[bytes]:
    """`butler …` as a process of its own, its output piped."""
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    command = [sys.executable, "-m", "butler", *arguments]
    return subprocess.Popen(command, env=env, **{**pipes, **options})


def finish(env: dict[str, str], *arguments: str) -> tuple[int, str, str]:
    """Exit code, output and errors of a command that asks nothing."""
    process = start(env, *arguments, stdin=subprocess.DEVNULL)
    output, errors = process.communicate(timeout=60)
    return process.returncode, output.decode(), errors.decode()


def opened(data_dir: Path) -> Store:
    """The SQLite store in `data_dir`, migrated."""
    store = open_store(None, data_dir, 90, SystemClock())
    store.migrate()
    return store

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from butler import cli
from butler.errors import SettingsError, StoreRefused, StoreUnavailable, StoreVersion
from butler.tables import show_table
from tests.cli.commands import environment

Main = Callable[..., int]


@pytest.fixture
def main(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Main:
    """`butler …` in this process; its exit code."""
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str) -> int:
        with pytest.raises(SystemExit) as ended:
            cli.main(arguments)
        return int(ended.value.code or 0)

    return run


def test_a_command_that_did_its_work_ends_with_0(main: Main) -> None:
    assert main("migrate") == 0


def test_usage_is_explained(main: Main, capsys: pytest.CaptureFixture[str]) -> None:
    assert main("migrate", "everything") == 2
    assert capsys.readouterr().err.startswith("Usage: butler migrate")


def test_the_doctor_tells_by_exit_code(main: Main, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "loud")
    assert main("doctor") == 2


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (SettingsError("X", "a", "b", "Do c."), 2, "butler: X: expected a, got b. Do c.\n"),
        (StoreRefused("wrong password"), 2, "butler: wrong password\n"),
        (StoreVersion("newer"), 2, "butler: newer\n"),
        (StoreUnavailable("gone"), 1, "butler: gone\n"),
        (KeyboardInterrupt(), 130, "\nStopped.\n"),
        (click.Abort(), 1, "Nothing was done.\n"),
    ],
)
def test_what_ends_a_command_is_one_line_and_a_code(
    main: Main, capsys: pytest.CaptureFixture[str], error: BaseException, code: int, said: str
) -> None:
    @click.command()
    def fail() -> None:
        raise error

    cli.cli.add_command(fail, "fail")
    try:
        assert main("fail") == code
    finally:
        del cli.cli.commands["fail"]
    assert capsys.readouterr().err == said


class Terminal(io.StringIO):
    """What a person looks at."""

    def isatty(self) -> bool:
        return True


def test_tables_are_for_people_and_say_when_there_is_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    show_table(("user", "pinned"), [("Anna [red]\x1b[31m", True), (None, False)], "Nobody.")
    show_table(("user", "pinned"), [], "Nobody.")
    shown = terminal.getvalue()
    assert "user" in shown
    assert "Anna [red][31m" in shown
    assert shown.endswith("Nobody.\n")

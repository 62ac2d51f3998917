from __future__ import annotations

import json
import os
import pty
import signal
import sqlite3
import subprocess
from pathlib import Path
from typing import IO

import attrs
import pytest

from butler.domain.writes import Accept, Bury, SaveProfile
from butler.storage import SQLITE_FILE
from tests.cli.commands import environment, finish, opened, start
from tests.storage.builders import item, letter, profile
from tests.storage.servers import free_port


def fill(data_dir: Path, guests: int = 1) -> None:
    store = opened(data_dir)
    store.commit([SaveProfile(profile(str(n), name="Анна"), expected=0) for n in range(guests)])
    store.close()


def read_until(stream: IO[bytes], end: bytes) -> bytes:
    seen = b""
    while not seen.endswith(end):
        piece = os.read(stream.fileno(), 1)
        assert piece, seen
        seen += piece
    return seen


def interrupt(process: subprocess.Popen[bytes]) -> int:
    """Ctrl-C, again if the first fell between the prompt and the read that it interrupts."""
    for _ in range(10):
        process.send_signal(signal.SIGINT)
        try:
            return process.wait(3)
        except subprocess.TimeoutExpired:
            continue
    raise AssertionError("expected the process to end")


def test_a_wrong_setting_exits_with_2_and_touches_nothing(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for command in (["run"], ["chat"], ["migrate"], ["profiles", "list"]):
        code, output, errors = finish(environment(data, HTTP_PROT="1"), *command)
        assert (code, output) == (2, "")
        assert errors == (
            "butler: HTTP_PROT: expected a setting of the butler, got an unknown name. "
            "Did you mean HTTP_PORT?\n"
        )
    assert not data.exists()


def test_a_database_of_a_newer_butler_exits_with_2(tmp_path: Path) -> None:
    fill(tmp_path)
    with sqlite3.connect(tmp_path / SQLITE_FILE) as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    code, _, errors = finish(environment(tmp_path), "profiles", "list")
    assert code == 2
    assert "expected schema version" in errors
    assert "Traceback" not in errors


def test_a_place_that_is_none_exits_with_2(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    code, _, errors = finish(environment(tmp_path / "file" / "below"), "migrate")
    assert code == 2
    assert "BUTLER_DATA_DIR" in errors


def test_a_database_that_does_not_answer_exits_with_1_and_one_line(tmp_path: Path) -> None:
    url = f"mongodb://ann:secret@127.0.0.1:{free_port()}/butler"
    code, _, errors = finish(environment(tmp_path, MONGODB_URL=url), "profiles", "list")
    assert code == 1
    assert errors.count("\n") == 1
    assert "secret" not in errors


def test_an_unknown_guest_exits_with_1_and_says_where_to_look(tmp_path: Path) -> None:
    code, output, errors = finish(environment(tmp_path), "profiles", "show", "5")
    assert (code, output) == (1, "")
    assert errors.startswith("butler: expected the user id of a guest, got '5'")


@pytest.mark.parametrize("arguments", [("frobnicate",), ("profiles", "show"), ("purge", "--all")])
def test_wrong_usage_exits_with_2(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    code, _, errors = finish(environment(tmp_path), *arguments)
    assert code == 2
    assert errors.startswith("Usage: butler")


def test_a_question_without_anybody_to_answer_does_nothing(tmp_path: Path) -> None:
    fill(tmp_path)
    code, _, errors = finish(environment(tmp_path), "purge")
    assert code == 1
    assert "Nothing was done." in errors
    assert len(opened(tmp_path).profiles(9)) == 1


def test_ctrl_c_exits_with_130(tmp_path: Path) -> None:
    fill(tmp_path)
    with start(environment(tmp_path), "purge") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        read_until(process.stdout, b"[y/N]: ")
        assert interrupt(process) == 130
        assert process.stderr.read().decode().strip() == "Stopped."
    assert len(opened(tmp_path).profiles(9)) == 1


def test_a_reader_that_goes_away_is_no_trouble(tmp_path: Path) -> None:
    fill(tmp_path, guests=3000)
    with start(environment(tmp_path), "profiles", "export") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        read_until(process.stdout, b"[\n")
        process.stdout.close()
        process.wait(60)
        assert process.stderr.read() == b""


def test_what_the_terminal_cannot_show_is_escaped_as_json_has_it(tmp_path: Path) -> None:
    payload = {"update_id": 1, "message": {"text": "да \ud83d"}}
    store = opened(tmp_path)
    store.commit([Accept((item(1),)), Bury(attrs.evolve(letter(), payload=payload))])
    store.close()
    for encoding in ("latin-1", "utf-8"):
        process = start(
            environment(tmp_path, PYTHONIOENCODING=encoding), "dead-letters", "list", "--json"
        )
        output, _ = process.communicate(timeout=60)
        assert process.returncode == 0
        assert json.loads(output.decode(encoding))[0]["payload"] == payload


def on_a_terminal(env: dict[str, str], *arguments: str) -> str:
    """What a person sees: the command writes to a terminal of 100 columns."""
    ours, theirs = pty.openpty()
    wide = {**env, "COLUMNS": "100", "TERM": "xterm"}
    process = start(wide, *arguments, stdin=subprocess.DEVNULL, stdout=theirs)
    os.close(theirs)
    seen = b""
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:  # how Linux says that the other end is closed
            break
        if not piece:
            break
        seen += piece
    os.close(ours)
    process.communicate(timeout=30)
    return seen.decode()


def test_a_person_sees_a_table(tmp_path: Path) -> None:
    env = environment(tmp_path)
    assert "No guests yet." in on_a_terminal(env, "profiles", "list")
    fill(tmp_path)
    table = on_a_terminal(env, "profiles", "list")
    assert "language" in table
    assert "Анна" in table

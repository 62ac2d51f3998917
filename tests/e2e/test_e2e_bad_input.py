"""Wrong settings and places where a butler cannot live: exit 2, a word on why, nothing touched."""

from __future__ import annotations

import hashlib
import os
import resource
import socket
import sqlite3
import stat
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import attrs
import pytest

from butler.cli import main
from butler.playground import Guest, PlaygroundServer
from butler.storage import SQLITE_FILE
from ops.bench.llm_server import LlmServer
from tests.storage.servers import free_port
from tests.support.house import environment
from tests.support.process import ButlerProcess, butler_process
from tests.support.waiting import eventually

STOCK = "Разумеется. Чай подан, сэр."


def refused(
    settings: dict[str, str],
    place: Path,
    *names: str,
    prefix: Sequence[str] = (),
    before: Callable[[], None] | None = None,
) -> str:
    """What a butler says that exits with 2; it must name all of `names`, in one line."""
    with butler_process(settings, place, prefix=prefix, before=before) as butler:
        assert butler.wait() == 2, butler.log()
        said = butler.log()
    assert butler.output() == ""
    assert said.startswith("butler: ")
    assert said.count("\n") == 1, said
    for name in names:
        assert name in said
    return said


@pytest.fixture
def playground() -> Iterator[PlaygroundServer]:
    with PlaygroundServer() as server:
        yield server


@pytest.fixture
def settings(playground: PlaygroundServer, tmp_path: Path) -> dict[str, str]:
    return environment(tmp_path / "data", playground, None, LLM_API_URL="http://127.0.0.1:9")


WRONG = [
    ({"HTTP_PROT": "8080"}, ("HTTP_PROT", "Did you mean HTTP_PORT?")),
    ({"LLM_APIURL": "http://x"}, ("LLM_APIURL", "Did you mean LLM_API_URL?")),
    ({"TELEGRAM_TOKEN": "1:a"}, ("TELEGRAM_TOKEN", "Did you mean TELEGRAM_BOT_TOKEN?")),
    ({"MEMORY_XYZZY": "1"}, ("MEMORY_XYZZY", "Unset it")),
    ({"HTTP_PORT": "eighty"}, ("HTTP_PORT", "expected a whole number", "'eighty'")),
    ({"HTTP_PORT": "70000"}, ("HTTP_PORT", "70000")),
    ({"LLM_TIMEOUT_SECONDS": "-1"}, ("LLM_TIMEOUT_SECONDS", "-1")),
    ({"LLM_TIMEOUT_SECONDS": "nan"}, ("LLM_TIMEOUT_SECONDS", "nan")),
    ({"LLM_CONCURRENCY": "0"}, ("LLM_CONCURRENCY",)),
    ({"LLM_API_URL": "ftp://there"}, ("LLM_API_URL", "http://")),
    ({"LLM_API_URL": "localhost:8000"}, ("LLM_API_URL", "http://")),
    ({"MONGODB_URL": "http://here"}, ("MONGODB_URL", "mongodb://")),
    ({"MEMORY_KEEP_EVENTS": "50"}, ("MEMORY_KEEP_EVENTS", "MEMORY_EVENT_CAP")),
    ({"MEMORY_EVENT_CAP": "3.5"}, ("MEMORY_EVENT_CAP", "whole number")),
    ({"PERSONALIZATION_ENABLED": "maybe"}, ("PERSONALIZATION_ENABLED", "true or false")),
    ({"STT_ENGINE": "wisper"}, ("STT_ENGINE", "faster_whisper", "Did you mean")),
    ({"STT_ENGINE": "openai"}, ("STT_API_URL",)),
    ({"LOG_LEVEL": "LOUD"}, ("LOG_LEVEL", "DEBUG")),
    ({"HTTP_HOST": "0.0.0.0"}, ("HTTP_TOKEN",)),
    ({"BUTLER_ALLOWED_USERS": "5, anna"}, ("BUTLER_ALLOWED_USERS", "'anna'")),
    ({"TELEGRAM_BOT_TOKEN": "no-token"}, ("TELEGRAM_BOT_TOKEN", "123456:letters")),
    (
        {"TELEGRAM_BOT_TOKEN": "", "TELEGRAM_WEBHOOK_URL": "https://here/telegram/webhook"},
        ("TELEGRAM_WEBHOOK_URL", "TELEGRAM_BOT_TOKEN"),
    ),
    ({"TELEGRAM_WEBHOOK_SECRET": "not allowed!"}, ("TELEGRAM_WEBHOOK_SECRET",)),
    ({"RABBITMQ_URL": "amqp://guest@here"}, ("RABBITMQ_URL",)),
]


@pytest.mark.parametrize(("wrong", "names"), WRONG, ids=lambda v: "-".join(v))
def test_a_wrong_setting_is_refused_in_one_line(
    wrong: dict[str, str],
    names: tuple[str, ...],
    settings: dict[str, str],
    playground: PlaygroundServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in {**settings, **wrong}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as exit_:
        main(["run"])
    assert exit_.value.code == 2
    said = capsys.readouterr().err
    assert said.startswith("butler: ")
    assert said.count("\n") == 1
    for name in (*names, "expected", "got"):
        assert name in said
    assert not (tmp_path / "data").exists()
    assert list(playground.world.calls) == []


@pytest.mark.parametrize("number", [0, 4, -1])
def test_a_process_with_a_wrong_setting_exits_with_2_and_touches_nothing(
    number: int, settings: dict[str, str], playground: PlaygroundServer, tmp_path: Path
) -> None:
    wrong, names = WRONG[number]
    refused({**settings, **wrong}, tmp_path / "run", *names)
    assert not (tmp_path / "data").exists()
    assert list(playground.world.calls) == []


def test_a_wrong_token_is_not_shown(settings: dict[str, str], tmp_path: Path) -> None:
    said = refused({**settings, "TELEGRAM_BOT_TOKEN": "12345-secret"}, tmp_path / "run")
    assert "secret" not in said
    url = "mongdb://anna:secret@here/butler"
    assert "secret" not in refused({**settings, "MONGODB_URL": url}, tmp_path / "run2")


def test_a_port_in_use_is_named(
    settings: dict[str, str], playground: PlaygroundServer, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        refused({**settings, "HTTP_PORT": port}, tmp_path / "run", "HTTP_PORT", port)
    assert not (tmp_path / "data").exists()
    assert list(playground.world.calls) == []


def test_a_host_that_is_not_ours_is_named(settings: dict[str, str], tmp_path: Path) -> None:
    wrong = {"HTTP_HOST": "192.0.2.1", "HTTP_TOKEN": "x"}
    refused({**settings, **wrong}, tmp_path / "run", "HTTP_HOST", "192.0.2.1")


# Places

# Root may write everywhere; without this capability it is as bound by modes as everybody else.
AS_OTHERS = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")


def as_others() -> Sequence[str]:
    return AS_OTHERS if os.geteuid() == 0 else ()


def digest(directory: Path) -> dict[str, str]:
    files = sorted(path for path in directory.rglob("*") if path.is_file())
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def begun(playground: PlaygroundServer) -> list[str]:
    """What Telegram was asked, but for polls: one may end long after who began it."""
    return [call.method for call in list(playground.world.calls) if call.method != "getupdates"]


def test_a_data_directory_that_may_not_be_written_to_is_named(
    settings: dict[str, str], playground: PlaygroundServer, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    data.chmod(stat.S_IRUSR | stat.S_IXUSR)
    refused(settings, tmp_path / "run", "BUTLER_DATA_DIR", str(data), prefix=as_others())
    assert list(data.iterdir()) == []
    assert list(playground.world.calls) == []


def test_a_database_that_may_only_be_read_is_named_and_left_alone(
    settings: dict[str, str], playground: PlaygroundServer, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    with butler_process(settings, tmp_path / "first") as butler:
        butler.ready()
        butler.terminate()
    before = digest(data)
    (data / SQLITE_FILE).chmod(stat.S_IRUSR)
    data.chmod(stat.S_IRUSR | stat.S_IXUSR)
    calls = begun(playground)
    refused(settings, tmp_path / "run", SQLITE_FILE, prefix=as_others())
    data.chmod(stat.S_IRWXU)
    assert digest(data) == before
    assert begun(playground) == calls


@pytest.mark.parametrize("below", ["", "/below"])
def test_a_file_in_the_place_of_the_data_directory_is_named(
    settings: dict[str, str], tmp_path: Path, below: str
) -> None:
    (tmp_path / "data").write_text("mine")
    place = f"{tmp_path}/data{below}"
    refused({**settings, "BUTLER_DATA_DIR": place}, tmp_path / "run", "BUTLER_DATA_DIR")
    assert (tmp_path / "data").read_text() == "mine"


def test_a_database_of_a_newer_version_is_left_alone(
    settings: dict[str, str], playground: PlaygroundServer, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    with butler_process(settings, tmp_path / "first") as butler:
        butler.ready()
        butler.terminate()
    with closing(sqlite3.connect(data / SQLITE_FILE)) as database:
        database.execute("PRAGMA user_version = 99")
        database.commit()
    before, calls = digest(data), begun(playground)
    refused(settings, tmp_path / "run", "99")
    assert digest(data) == before
    assert begun(playground) == calls


@pytest.mark.parametrize("content", [b"this is no database" * 500, b"\0" * 8192])
def test_a_file_that_is_no_database_is_left_alone(
    settings: dict[str, str], tmp_path: Path, content: bytes
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / SQLITE_FILE).write_bytes(content)
    refused(settings, tmp_path / "run", SQLITE_FILE)
    assert (data / SQLITE_FILE).read_bytes() == content


def test_a_mongodb_that_does_not_answer_is_named_without_its_password(
    settings: dict[str, str], tmp_path: Path
) -> None:
    where = f"127.0.0.1:{free_port()}"
    url = f"mongodb://anna:secret@{where}/butler"
    with butler_process({**settings, "MONGODB_URL": url}, tmp_path / "run") as butler:
        assert butler.wait() != 0
        said = butler.log()
    assert where in said
    assert "secret" not in said
    assert "Traceback" not in said


# Full disks


@attrs.frozen
class Disk:
    """A small disk: a tmpfs where this user may mount one; elsewhere files are kept from growing,
    which fails writes as well."""

    place: Path
    real: bool

    def fill(self, pid: int | None = None) -> None:
        """Leave no room; without a real disk, for the process `pid`."""
        if self.real:
            command = ["dd", "if=/dev/zero", f"of={self.place}/ballast", "bs=4096"]
            subprocess.run(command, stderr=subprocess.DEVNULL, timeout=30, check=False)
        elif pid is not None:
            largest = max(path.stat().st_size for path in self.place.rglob("*") if path.is_file())
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))

    def free(self, pid: int) -> None:
        """Make room again."""
        (self.place / "ballast").unlink(missing_ok=True)
        unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, unlimited)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m,mode=700", "tmpfs", str(place)]
    done = subprocess.run(mount, stderr=subprocess.DEVNULL, timeout=30, check=False)
    yield Disk(place, real=done.returncode == 0)
    if done.returncode == 0:
        subprocess.run(["umount", "--lazy", str(place)], check=True, timeout=30)


def no_room() -> None:
    """No file of this process may grow past what an empty database takes."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (16_384, 16_384))


def test_a_full_disk_exits_with_2(
    settings: dict[str, str], playground: PlaygroundServer, disk: Disk, tmp_path: Path
) -> None:
    disk.fill()
    full = {**settings, "BUTLER_DATA_DIR": str(disk.place / "data")}
    before = None if disk.real else no_room
    refused(full, tmp_path / "run", "disk is full", before=before)
    assert list(playground.world.calls) == []


def test_a_disk_that_fills_up_stops_nothing_for_good(
    playground: PlaygroundServer, disk: Disk, tmp_path: Path
) -> None:
    data = disk.place / "data"
    with LlmServer() as llm:
        settings = environment(data, playground, llm)
        with butler_process(settings, tmp_path / "run") as butler:
            butler.ready()
            anna = playground.guest()
            anna.say("Добрый день.")
            assert anna.wait_reply()["text"] == STOCK
            disk.fill(butler.pid)
            said = _talk_until_the_store_fails(butler, anna)
            disk.free(butler.pid)
            # At one reply a second to a chat, which is Telegram's rate, it may take a while.
            eventually("all remembered", lambda: _remembered(data, anna.id)[-1:] == said[-1:], 60)
            assert butler.terminate() == 0
        assert _remembered(data, anna.id) == ["Добрый день.", *said]


def _talk_until_the_store_fails(butler: ButlerProcess, anna: Guest) -> list[str]:
    said: list[str] = []

    def failed() -> bool:
        if "store error" in butler.log():
            return True
        said.append(f"Дело {len(said)} " + "и ещё одно " * 100)
        anna.say(said[-1])
        return False

    eventually("a store that fails", failed)
    return said


def _remembered(data: Path, user_id: int) -> list[str]:
    with closing(sqlite3.connect(data / SQLITE_FILE, timeout=10)) as database:
        query = "SELECT content FROM {} WHERE user_id = ? AND role = 'user' ORDER BY seq"
        return [
            row[0]
            for table in ("user_memory_archive", "user_memory")
            for row in database.execute(query.format(table), (str(user_id),))
        ]

"""Docker Compose's own parser reads the file; no engine is needed for that."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from tests.ops.prometheus import OPS, program

pytestmark = pytest.mark.service

Json = dict[str, Any]
SECRETS = ("MONGO_ROOT_PASSWORD", "MONGO_PASSWORD", "HTTP_TOKEN", "GRAFANA_PASSWORD")
IN_IMAGE = {"butler-bot"}  # its health check is the Dockerfile's
ROOT_FS_WRITTEN = {"mongo", "grafana"}
FILE = yaml.safe_load((OPS / "compose.yaml").read_text("utf-8"))


def compose() -> list[str]:
    """The command for Docker Compose: the client's plugin, or the program of its own."""
    if shutil.which("docker") and not subprocess.call(
        ["docker", "compose", "version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ):
        return ["docker", "compose"]
    return [program("docker-compose")]


def parse(directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k not in SECRETS}
    return subprocess.run(
        [*compose(), "--file", "compose.yaml", "--profile", "grafana", *arguments],
        cwd=directory,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=environment,
    )


@pytest.fixture
def ops(tmp_path: Path) -> Path:
    """A copy of ops/ with the two environment files filled in as the examples say."""
    directory = tmp_path / "ops"
    shutil.copytree(OPS, directory)
    example = (OPS / "compose.env.example").read_text("utf-8")
    (directory / ".env").write_text(re.sub(r"(?m)^(\w+)=$", r"\1=s3cret-of-\1", example), "utf-8")
    shutil.copy(OPS / "butler.env.example", directory / "butler.env")
    return directory


@pytest.fixture
def services() -> dict[str, Json]:
    """As written: each version of Compose prints its own spelling of what it read."""
    return cast(dict[str, Json], FILE["services"])


def test_compose_accepts_the_file_without_a_warning(ops: Path) -> None:
    done = parse(ops, "config", "--quiet")
    assert (done.returncode, done.stderr) == (0, "")


def test_compose_refuses_a_misspelt_key(ops: Path) -> None:
    file = ops / "compose.yaml"
    file.write_text(file.read_text("utf-8").replace("read_only: true", "readonly: true"), "utf-8")
    assert parse(ops, "config", "--quiet").returncode != 0


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_that_is_not_set_is_named_before_anything_starts(ops: Path, secret: str) -> None:
    env = ops / ".env"
    env.write_text(re.sub(rf"(?m)^{secret}=.*$", f"{secret}=", env.read_text("utf-8")), "utf-8")
    done = parse(ops, "config", "--quiet")
    assert done.returncode != 0
    assert f"{secret} belongs into ops/.env" in done.stderr


def test_the_file_itself_holds_no_secret() -> None:
    text = (OPS / "compose.yaml").read_text("utf-8")
    named = re.findall(r"(?im)^\s+\w*(?:password|token|secret)\w*:\s*(.+)$", text)
    assert len(named) == 4
    assert all(value.startswith("${") for value in named)
    assert re.findall(r"://\w+:(.+?)@mongo", text) == [
        "${MONGO_PASSWORD:?MONGO_PASSWORD belongs into ops/.env}"
    ]


def test_the_services_are_the_promised_ones_and_grafana_is_optional(
    services: dict[str, Json],
) -> None:
    assert set(services) == {"butler-bot", "mongo", "prometheus", "alertmanager", "grafana"}
    assert [name for name, one in services.items() if one.get("profiles")] == ["grafana"]


def test_every_service_is_checked_confined_and_not_root(services: dict[str, Json]) -> None:
    for name, one in services.items():
        assert one.get("healthcheck") or name in IN_IMAGE, name
        assert not one["user"].startswith("0"), name
        assert one["cap_drop"] == ["ALL"], name
        assert one["security_opt"] == ["no-new-privileges:true"], name
        assert one.get("read_only", False) is (name not in ROOT_FS_WRITTEN), name
        assert one["restart"] == "unless-stopped", name


def test_ports_are_published_on_loopback_alone(services: dict[str, Json]) -> None:
    ports = [port for one in services.values() for port in one.get("ports", ())]
    assert len(ports) == 4
    assert all(port.startswith("127.0.0.1:") for port in ports)
    assert "ports" not in services["mongo"]


def test_the_butler_waits_for_a_healthy_database_and_guards_his_console(ops: Path) -> None:
    done = parse(ops, "config")
    bot = yaml.safe_load(done.stdout)["services"]["butler-bot"]
    assert bot["depends_on"]["mongo"]["condition"] == "service_healthy"
    assert bot["environment"]["HTTP_HOST"] == "0.0.0.0"
    assert bot["environment"]["HTTP_TOKEN"] == "s3cret-of-HTTP_TOKEN"
    assert bot["environment"]["MONGODB_URL"].startswith(
        "mongodb://butler:s3cret-of-MONGO_PASSWORD@"
    )


def test_what_must_last_lies_in_named_volumes(services: dict[str, Json]) -> None:
    mounts = [(name, m.split(":")) for name, one in services.items() for m in one["volumes"]]
    named = {(name, parts[0]) for name, parts in mounts if not parts[0].startswith(".")}
    assert {volume for _, volume in named} == set(FILE["volumes"])
    assert {name for name, _ in named} == set(services)


def test_files_of_the_checkout_are_there_and_mounted_for_reading(
    services: dict[str, Json],
) -> None:
    mounts = [m.split(":") for one in services.values() for m in one["volumes"]]
    files = [parts for parts in mounts if parts[0].startswith(".")]
    assert len(files) == 5
    assert all(parts[2] == "ro" and any((OPS / parts[0]).iterdir()) for parts in files)

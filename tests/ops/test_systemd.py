import subprocess
import sys
from pathlib import Path

import pytest

from tests.ops.prometheus import OPS, program

pytestmark = pytest.mark.service

UNIT = OPS / "systemd" / "butler.service"
COMMAND = "/opt/butler/.venv/bin/butler"


def analyze(unit: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [program("systemd-analyze"), *arguments, str(unit)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit with a command that exists on every machine in the place of the butler's."""
    copy = tmp_path / "butler.service"
    copy.write_text(UNIT.read_text("utf-8").replace(COMMAND, sys.executable), "utf-8")
    return copy


def test_systemd_accepts_the_unit_without_a_warning(unit: Path) -> None:
    done = analyze(unit, "verify", "--man=no")
    assert (done.returncode, done.stderr) == (0, "")


def test_systemd_names_a_misspelt_key(unit: Path) -> None:
    unit.write_text(unit.read_text("utf-8").replace("ProtectHome=", "ProtectHom="), "utf-8")
    assert "ProtectHom" in analyze(unit, "verify", "--man=no").stderr


def test_the_service_is_confined_as_far_as_systemd_measures_it(unit: Path) -> None:
    done = analyze(unit, "security", "--offline=true", "--threshold=20", "--no-pager")
    assert done.returncode == 0, done.stdout


def test_the_unit_starts_the_butler_again_except_for_a_wrong_setting() -> None:
    lines = UNIT.read_text("utf-8").splitlines()
    assert f"ExecStart={COMMAND} run" in lines
    assert {
        "Restart=on-failure",
        "RestartPreventExitStatus=2",
        "EnvironmentFile=/etc/butler/butler.env",
        "StateDirectory=butler",
    } <= set(lines)

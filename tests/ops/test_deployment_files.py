import os
import re
import subprocess

from butler.config import Settings, names, read_settings
from tests.ops.prometheus import OPS

EXAMPLE = (OPS / "butler.env.example").read_text("utf-8")
DOCKERFILE = (OPS / "Dockerfile").read_text("utf-8")


def example_values() -> dict[str, str]:
    """Every setting of the example, as if all of them were taken in."""
    return dict(re.findall(r"(?m)^#([A-Z_]+)=(.*)$", EXAMPLE))


def test_the_example_shows_every_setting_once_and_no_other() -> None:
    shown = re.findall(r"(?m)^#?([A-Z_]+)=", EXAMPLE)
    assert sorted(shown) == sorted(names())


def test_the_example_as_it_is_sets_nothing() -> None:
    assert all(line.startswith("#") for line in EXAMPLE.splitlines() if line)


def test_the_values_in_the_example_are_the_defaults() -> None:
    taken: Settings = read_settings(example_values())
    assert taken == read_settings({})


def test_the_image_runs_as_a_user_of_its_own_and_checks_its_health() -> None:
    final = DOCKERFILE.split("\nFROM ")[-1]
    assert re.search(r"(?m)^USER 10001:10001$", final)
    assert re.search(r"(?m)^HEALTHCHECK .*\\\n\s+CMD \[.*/health", final)
    assert not re.search(r"(?i)(token|password|secret)\w*=\S", DOCKERFILE)


def test_the_image_is_built_from_pinned_versions() -> None:
    installs = re.findall(r"pip (?:install|wheel) .*", DOCKERFILE)
    assert len(installs) == 2
    assert all("--constraint constraints.txt" in line for line in installs)


def test_the_health_check_of_the_image_is_python_that_compiles() -> None:
    found = re.search(r'CMD \["python", "-c", "(.*)"\]', DOCKERFILE)
    assert found
    compile(found[1], "HEALTHCHECK", "exec")


def test_the_procfile_runs_the_butler() -> None:
    text = (OPS / "Procfile").read_text("utf-8")
    assert re.fullmatch(r"butler: \.venv/bin/butler run\n", text)


def test_the_install_script_of_ci_is_executable_bash() -> None:
    script = OPS / "ci" / "install"
    assert os.access(script, os.X_OK)
    subprocess.run(["bash", "-n", str(script)], check=True, timeout=10)

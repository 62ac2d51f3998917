import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import yaml
from prometheus_client import CollectorRegistry

from butler.cli import cli
from butler.metrics import Metrics
from tests.ops.prometheus import OPS, RULES, program

RUNBOOK = OPS.parent / "docs" / "operational" / "metrics.md"
TEXT = RUNBOOK.read_text("utf-8")
ENDS = {"counter": "_total", "info": "_info"}
ALERT_ROWS = {"Fires", "Meaning", "Normal range", "Symptom", "Cause", "Action"}
SECTIONS = ("Deployment", "Verification", "Quick disable", "Rollback", "Data clean-up")


def exposed() -> set[str]:
    """Every metric of the butler's own, by the name that queries use."""
    registry = CollectorRegistry()
    Metrics(registry)
    names = {family.name + ENDS.get(family.type, "") for family in registry.collect()}
    return {name for name in names if not name.startswith(("process_", "python_"))}


def metric_rows() -> dict[str, list[str]]:
    """The cells after the name of each metric's row."""
    rows = [line.strip("| ").split(" | ") for line in TEXT.splitlines() if line.startswith("| `")]
    return {cells[0].strip("`"): cells[1:] for cells in rows if len(cells) == 6}


def alerts() -> dict[str, str]:
    """The runbook's address of each alert."""
    groups = yaml.safe_load(RULES.read_text("utf-8"))["groups"]
    rules = [rule for group in groups for rule in group["rules"] if "alert" in rule]
    return {rule["alert"]: rule["annotations"]["runbook_url"] for rule in rules}


def section(title: str) -> str:
    found = re.search(rf"(?ms)^#+ {re.escape(title)}\n(.*?)(?=^#+ |\Z)", TEXT)
    assert found, f"no section {title}"
    return found[1]


def anchors() -> set[str]:
    headings = re.findall(r"(?m)^#+ (.+)$", TEXT)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def shell_blocks() -> list[str]:
    return re.findall(r"(?ms)^```sh\n(.*?)^```$", TEXT)


def butler_commands() -> Iterator[str]:
    """Each "butler …" of the shell blocks and between backticks."""
    inline = re.findall(r"`([^`\n]+)`", re.sub(r"(?ms)^```.*?^```$", "", TEXT))
    for line in [*inline, *"\n".join(shell_blocks()).splitlines()]:
        found = re.match(r"butler ([a-z][^>|#;]*)", line)
        if found:
            yield found[1].strip()


def test_every_metric_has_a_row_with_meaning_normal_range_symptom_cause_and_action() -> None:
    rows = metric_rows()
    assert set(rows) == exposed()
    assert all(cell.strip() for cells in rows.values() for cell in cells)


@pytest.mark.parametrize(("name", "address"), alerts().items())
def test_every_alert_has_a_section_that_its_runbook_url_points_to(name: str, address: str) -> None:
    path, _, anchor = address.partition("#")
    assert OPS.parent / path == RUNBOOK
    assert anchor == name.lower()
    rows = dict(re.findall(r"(?m)^\| ([A-Z][\w ]+) \| (.+) \|$", section(name)))
    assert set(rows) == ALERT_ROWS


def test_the_alerts_of_the_runbook_are_those_of_the_rules() -> None:
    described = re.findall(r"(?m)^### (\w+)$", TEXT.split("## Metrics")[0])
    assert set(described) == set(alerts())


@pytest.mark.parametrize("title", SECTIONS)
def test_every_section_for_the_operator_holds_commands(title: str) -> None:
    body = TEXT.split(f"\n## {title}\n")[1].split("\n## ")[0]
    assert "```sh\n" in body


def test_every_link_within_the_runbook_leads_somewhere() -> None:
    links = set(re.findall(r"\]\(#([\w-]+)\)", TEXT))
    assert links <= anchors()
    assert len(links) > len(SECTIONS)


@pytest.mark.parametrize("line", sorted(set(butler_commands())))
def test_every_butler_command_of_the_runbook_is_one_the_butler_takes(line: str) -> None:
    words = shlex.split(line)
    command: click.Command = cli
    context = click.Context(cli, info_name="butler")
    while isinstance(command, click.Group):
        name = words.pop(0)
        found = command.get_command(context, name)
        assert found, f"butler has no {name}"
        command, context = found, click.Context(found, parent=context, info_name=name)
    command.make_context(command.name, words, parent=context.parent)


def test_every_shell_block_is_shell() -> None:
    for block in shell_blocks():
        done = subprocess.run(
            ["bash", "-n"], input=block, capture_output=True, text=True, timeout=10, check=False
        )
        assert done.returncode == 0, block + done.stderr


def test_every_file_of_the_checkout_that_the_runbook_names_is_there() -> None:
    secrets = {"ops/.env", "ops/butler.env"}
    named = set(re.findall(r"\bops/[\w./-]*\w", TEXT)) - secrets
    assert [name for name in named if not (OPS.parent / name).is_file()] == []


@pytest.mark.service
def test_prometheus_accepts_what_the_runbook_tells_a_host_to_add(tmp_path: Path) -> None:
    (block,) = re.findall(r"(?ms)^```yaml\n(.*?)^```$", TEXT)
    (tmp_path / "prometheus.yml").write_text(block, "utf-8")
    (tmp_path / "butler.rules.yml").write_bytes(RULES.read_bytes())
    done = subprocess.run(
        [program("promtool"), "check", "config", str(tmp_path / "prometheus.yml")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr

"""One line of the doctor's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

import attrs
import click

from butler.domain.text import one_line

Level = Literal["ok", "warn", "FAIL"]
COLOURS = {"ok": "green", "warn": "yellow", "FAIL": "red"}
MASK = "•••"


@attrs.frozen
class Finding:
    """What was found of `subject`, and what to do about it."""

    level: Level
    subject: str
    found: str
    do: str = ""

    def without(self, secrets: Iterable[str]) -> Finding:
        """The same with every secret masked."""
        found, do = self.found, self.do
        for secret in secrets:
            found, do = found.replace(secret, MASK), do.replace(secret, MASK)
        return attrs.evolve(self, found=found, do=do)


def exit_code(findings: Iterable[Finding]) -> int:
    """0, or 1 if anything failed, or 2 if that is the settings."""
    failed = {finding.subject for finding in findings if finding.level == "FAIL"}
    if "settings" in failed:
        return 2
    return 1 if failed else 0


def document(finding: Finding) -> dict[str, Any]:
    """A finding, ready for JSON."""
    return attrs.asdict(finding)


def show(findings: Sequence[Finding]) -> None:
    """Print a line for each, coloured on a terminal, and a last one that sums up."""
    for finding in findings:
        level = click.style(f"{finding.level:<4}", fg=COLOURS[finding.level], bold=True)
        line = f"{finding.found.rstrip('.')}. {finding.do}" if finding.do else finding.found
        click.echo(f"{level}  {finding.subject:<10} {one_line(line)}")
    counts = {level: sum(each.level == level for each in findings) for level in COLOURS}
    if counts["FAIL"]:
        more = f", {counts['warn']} more to look at" if counts["warn"] else ""
        click.echo(f"{counts['FAIL']} failed{more}.")
    elif counts["warn"]:
        click.echo(f"He can serve; {counts['warn']} to look at.")
    else:
        click.echo("All is well.")

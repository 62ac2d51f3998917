"""What commands print: tables for people, tab-separated lines or JSON for machines."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from butler.domain.text import one_line

as_json = click.option("--json", "json_wanted", is_flag=True, help="Print JSON.")

Cell = str | int | float | bool | datetime | None


def show_table(headers: Sequence[str], rows: Iterable[Sequence[Cell]], nothing: str) -> None:
    """A table on a terminal; elsewhere a line for each row, its cells apart by tabs.

    Guests' words lose their control characters: a terminal obeys those. `nothing` is said, on a
    terminal, where there are no rows.
    """
    cells = [[_shown(cell) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        for row in cells:
            click.echo("\t".join(row))
        return
    if not cells:
        click.echo(nothing)
        return
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for header in headers:
        table.add_column(header, overflow="fold")
    for row in cells:
        table.add_row(*map(Text, row))
    Console().print(table)


def show_pairs(pairs: Iterable[tuple[str, Cell]]) -> None:
    """Names and values, one a line."""
    show_table(("", ""), pairs, "")


def show_json(document: Any) -> None:
    """JSON, readable, in the guests' own letters."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


def _shown(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, datetime):
        return cell.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return one_line(str(cell))


def show_json_array(documents: Iterable[Any]) -> None:
    """One JSON array, printed as its items come, so that it may be long."""
    before = "[\n"
    for document in documents:
        click.echo(before + json.dumps(document, ensure_ascii=False, indent=2), nl=False)
        before = ",\n"
    click.echo("[]" if before == "[\n" else "\n]")

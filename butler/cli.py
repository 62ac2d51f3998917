"""The commands: `butler …`."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from butler import __version__
from butler.admin import LANGUAGES
from butler.config import read_settings
from butler.errors import ButlerError, SettingsError, StoreFull, StoreRefused, StoreVersion
from butler.memory_tools import memory
from butler.tables import as_json, show_json
from butler.tools import dead_letters, migrate, profiles, purge

FAILED, MISUSED, INTERRUPTED = 1, 2, 130
WRONG_SETUP = (SettingsError, StoreFull, StoreRefused, StoreVersion)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run a command and exit: 0 done, 1 failed, 2 wrong settings, set-up or usage, 130 Ctrl-C."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal of another alphabet shows escapes where it lacks letters.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    sys.exit(_run(arguments))


def _run(arguments: Sequence[str] | None) -> int:
    try:
        return int(cli.main(arguments, prog_name="butler", standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort as abort:
        interrupted = isinstance(abort.__cause__ or abort.__context__, KeyboardInterrupt)
        click.echo("Stopped." if interrupted else "Nothing was done.", err=True)
        return INTERRUPTED if interrupted else FAILED
    except ButlerError as error:
        click.echo(f"butler: {error}", err=True)
        return MISUSED if isinstance(error, WRONG_SETUP) else FAILED


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="butler", message="%(prog)s %(version)s")
def cli() -> None:
    """A personal butler in Telegram. Settings are read from the environment; see the README."""


@cli.command()
def run() -> int:
    """Serve Telegram or, without TELEGRAM_BOT_TOKEN, the playground."""
    settings = read_settings(os.environ)
    from butler.app import run as serve  # here, since it takes every library that there is

    return serve(settings)


@cli.command()
@click.option("--language", type=click.Choice(LANGUAGES), default="ru", show_default=True)
@click.option("--name", default="", help="What the butler shall call you.")
def chat(language: str, name: str) -> int:
    """Chat in the terminal, through the same actors."""
    settings = read_settings(os.environ)
    from butler.app import chat as talk  # here, since it takes every library that there is

    return talk(settings, language, name)


@cli.command()
@as_json
def doctor(json_wanted: bool) -> int:
    """Check all that the butler needs, and say what to do."""
    # Here, since it takes every client.
    from butler.doctor import document, examine, exit_code, show

    findings = examine(os.environ)
    if json_wanted:
        show_json([document(finding) for finding in findings])
    else:
        show(findings)
    return exit_code(findings)


for command in (migrate, profiles, memory, dead_letters, purge):
    cli.add_command(command)

"""The operator's tools: commands over what is stored, whether or not the butler runs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import click

from butler import admin
from butler.clock import SystemClock
from butler.config import read_settings
from butler.ports import Store
from butler.tables import as_json, show_json, show_json_array, show_pairs, show_table

clock = SystemClock()
without_asking = click.option("--yes", is_flag=True, help="Do not ask.")
user_argument = click.argument("user", metavar="USER")


@contextmanager
def _opened() -> Iterator[Store]:
    """The store that the environment names, not yet migrated."""
    settings = read_settings(os.environ)
    from butler.storage import open_store  # here, since --help needs no database

    data_dir, ttl_days = settings.butler_data_dir, settings.memory_ttl_days
    store = open_store(settings.mongodb_url, data_dir, ttl_days, clock)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def ready() -> Iterator[Store]:
    """The store that the environment names, ready for use."""
    with _opened() as store:
        store.migrate()
        yield store


@click.command()
def migrate() -> None:
    """Create or upgrade schema and indexes, and print them."""
    with _opened() as store:
        for line in store.migrate():
            click.echo(line)


@click.group()
def profiles() -> None:
    """What is known of the guests for good."""


@profiles.command("list")
@as_json
def list_profiles(json_wanted: bool) -> None:
    """List all guests."""
    with ready() as store:
        found = admin.profiles(store)
        if json_wanted:
            show_json_array(map(admin.profile_document, found))
            return
        headers = ("user", "name", "language", "tone", "facts", "updated")
        rows = (
            (each.user_id, each.name, each.language, each.tone, len(each.facts), each.updated_at)
            for each in found
        )
        show_table(headers, rows, "No guests yet.")


@profiles.command("show")
@user_argument
@as_json
def show_profile(user: str, json_wanted: bool) -> None:
    """Show one guest's profile."""
    with ready() as store:
        profile = admin.guest(store, user).profile
    if json_wanted:
        show_json(admin.profile_document(profile))
        return
    show_pairs(
        (
            ("user", profile.user_id),
            ("name", profile.name),
            ("language", profile.language),
            ("persona", profile.persona),
            ("tone", profile.tone),
            ("topics", ", ".join(profile.preferred_topics)),
            ("facts", len(profile.facts)),
            ("summary", profile.memory_summary),
            ("events", f"{profile.last_seq}, of which {profile.covered_seq} are summarised"),
            ("revision", profile.revision),
            ("created", profile.created_at),
            ("updated", profile.updated_at),
        )
    )


@profiles.command("set")
@user_argument
@click.argument("changes", nargs=-1, required=True, metavar="KEY=VALUE...")
def set_profile(user: str, changes: tuple[str, ...]) -> None:
    """Change language, tone, persona, name or preferred_topics (separated by commas)."""
    try:
        wanted = admin.parse_changes(changes)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    with ready() as store:
        profile = admin.change_profile(store, user, wanted, clock.now())
    click.echo(f"Guest {user}: changed; revision {profile.revision}.")


@profiles.command("reset")
@user_argument
def reset_profile(user: str) -> None:
    """Back to a new guest's settings; what was said and learned stays."""
    with ready() as store:
        profile = admin.reset_profile(store, user, clock.now())
    click.echo(f"Guest {user}: reset; revision {profile.revision}.")


@profiles.command("export")
@click.argument("user", required=False)
def export_profile(user: str | None) -> None:
    """Print all that is kept of USER, or of everybody, as JSON."""
    with ready() as store:
        if user is not None:
            show_json(admin.export(store, user))
        else:
            show_json_array(store.export(p.user_id) for p in admin.profiles(store))


@click.group("dead-letters")
def dead_letters() -> None:
    """Messages that could not be handled."""


@dead_letters.command("list")
@as_json
def list_letters(json_wanted: bool) -> None:
    """List them; with --json as they are kept, words included."""
    with ready() as store:
        found = admin.dead_letters(store)
        if json_wanted:
            show_json_array(map(admin.letter_document, found))
            return
        headers = ("id", "user", "reason", "detail", "attempts", "created")
        rows = (
            (each.letter_id, each.user_id, each.reason, each.detail, each.attempts, each.created_at)
            for each in found
        )
        show_table(headers, rows, "No dead letters.")


def _letters(command: Callable[..., None]) -> Callable[..., None]:
    """The arguments of what is done to dead letters."""
    every = click.option("--all", "every", is_flag=True, help="All that there are now.")
    return click.argument("letters", nargs=-1, metavar="ID...")(every(command))


@dead_letters.command("retry")
@_letters
def retry_letters(letters: tuple[str, ...], every: bool) -> None:
    """Put them back into the inbox; a running butler handles them within a minute."""
    refused: list[admin.NotFound | admin.NotRetried] = []
    with ready() as store:
        named = list(_named(store, letters, every))
        for letter_id in named:
            try:
                admin.retry_letter(store, letter_id, clock.now())
            except (admin.NotFound, admin.NotRetried) as error:
                refused.append(error)
            else:
                click.echo(f"Dead letter {letter_id}: back in the inbox.")
    if refused:
        raise admin.NotRetried(admin.none_or_some(refused, len(named)))


@dead_letters.command("drop")
@_letters
@without_asking
def drop_letters(letters: tuple[str, ...], every: bool, yes: bool) -> None:
    """Erase them for good."""
    with ready() as store:
        named = list(_named(store, letters, every))
        if every:
            ask(yes, f"Erase all {len(named)} dead letters?")
        for letter_id in named:
            admin.drop_letter(store, letter_id)
            click.echo(f"Dead letter {letter_id}: erased.")


def _named(store: Store, letters: tuple[str, ...], every: bool) -> Iterable[str]:
    if every == bool(letters):
        raise click.UsageError("expected ids or --all. butler dead-letters list shows the ids.")
    return [each.letter_id for each in admin.dead_letters(store)] if every else letters


@click.command()
@click.option("--user", metavar="USER", help="One guest; without, everybody and everything.")
@without_asking
def purge(user: str | None, yes: bool) -> None:
    """Erase a guest, or everything of everybody, for good."""
    with ready() as store:
        if user is not None:
            ask(yes, f"Erase guest {user}: profile, memory and messages?")
            admin.purge_guest(store, user)
        else:
            held = store.statistics()
            ask(yes, f"Erase everything: {held.profiles} guests, {held.events} events?")
            store.erase_all()
    click.echo("Erased.")


def ask(yes: bool, question: str) -> None:
    """Ask whether to go on, unless `yes`; anything but a yes ends the command."""
    if not yes:
        click.confirm(question, abort=True)

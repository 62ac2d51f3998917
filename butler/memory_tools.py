"""The operator's tools for one guest's memory: `butler memory …`."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import IO, Any

import click

from butler import admin, memory_acts
from butler.clock import SystemClock
from butler.domain.forgetting import Found, of_all, of_fact, of_period, search
from butler.domain.profile import Profile
from butler.domain.sensitive import masked
from butler.errors import ImportRefused
from butler.memory_acts import Find
from butler.tables import as_json, show_json, show_table
from butler.tools import ask, ready, user_argument, without_asking

clock = SystemClock()
fact_argument = click.argument("fact", metavar="FACT")
DAY = timedelta(days=1)


@click.group()
def memory() -> None:
    """What was said and learned."""


@memory.command("show")
@user_argument
@as_json
def show_memory(user: str, json_wanted: bool) -> None:
    """Show a guest's summary, facts and recent messages."""
    with ready() as store:
        document = admin.memory_document(store, user)
    if json_wanted:
        show_json(document)
        return
    click.echo(f"Summary: {document['summary'] or 'none yet'}")
    _section("Facts", document["facts"], ("key", "value", "valid_from", "pinned"))
    _section("Recent messages", document["window"], ("created_at", "role", "source", "content"))
    click.echo(f"Archived messages: {len(document['archive'])} (--json shows them)")


def _section(title: str, rows: list[dict[str, Any]], columns: tuple[str, ...]) -> None:
    click.echo(f"{title}: {len(rows)}")
    if rows:
        cells = ([_moment(name, row[name]) for name in columns] for row in rows)
        show_table(columns, cells, "")


def _moment(name: str, value: Any) -> Any:
    if name == "content":
        return masked(value)  # what a guest let slip is not for the operator's eyes
    return datetime.fromisoformat(value) if name in ("created_at", "valid_from") else value


@memory.command("facts")
@user_argument
@as_json
def list_facts(user: str, json_wanted: bool) -> None:
    """List the facts that hold, each with the id by which the other commands take it."""
    with ready() as store:
        found = memory_acts.facts(store, user)
    if json_wanted:
        show_json([{"id": name, **admin.fact_document(fact)} for name, fact in found])
        return
    headers = ("id", "key", "value", "since", "pinned")
    rows = ((name, f.key, f.value, f.valid_from, f.pinned) for name, f in found)
    show_table(headers, rows, "No facts yet.")


@memory.command("correct")
@user_argument
@fact_argument
@click.argument("value")
def correct_fact(user: str, fact: str, value: str) -> None:
    """Give a fact another value, and pin it."""
    with ready() as store:
        try:
            changed = memory_acts.correct(store, user, fact, value, clock.now())
        except ValueError as error:
            raise click.UsageError(str(error)) from None
    click.echo(f"Guest {user}: {changed.key} is corrected and pinned.")


@memory.command("pin")
@user_argument
@fact_argument
def pin_fact(user: str, fact: str) -> None:
    """Keep a fact as it is, for good."""
    _pin(user, fact, pinned=True)


@memory.command("unpin")
@user_argument
@fact_argument
def unpin_fact(user: str, fact: str) -> None:
    """Let newer words change a fact again."""
    _pin(user, fact, pinned=False)


def _pin(user: str, fact: str, *, pinned: bool) -> None:
    with ready() as store:
        changed = memory_acts.pin(store, user, fact, pinned=pinned, now=clock.now())
    click.echo(f"Guest {user}: {changed.key} is {'pinned' if pinned else 'no longer pinned'}.")


@memory.command("forget")
@user_argument
@click.option("--fact", metavar="ID", help="One fact, and whatever mentions it.")
@click.option("--words", metavar="WORDS", help='What is meant, as a guest would say it: "my cat".')
@click.option("--since", metavar="DAY", help="What was said from this day (UTC, YYYY-MM-DD) on.")
@click.option("--until", metavar="DAY", help="What was said up to this day, and on it.")
@click.option("--all", "every", is_flag=True, help="All; also where none of these is given.")
@without_asking
def forget_memory(user: str, yes: bool, every: bool, **chosen: str | None) -> None:
    """Erase what was said and learned, all or in part; the profile's settings stay.

    What is erased by its words is not learned again.
    """
    named = {name: value for name, value in chosen.items() if value is not None}
    meant = _meant(named, every)
    with ready() as store:
        if not named:
            admin.guest(store, user)
            ask(yes, f"Erase all that guest {user} said and that was learned?")
            memory_acts.forget(store, user, meant, clock.now())
            click.echo(f"Guest {user}: the memory is erased.")
            return
        profile, found = memory_acts.find(store, user, meant)
        if not found:
            raise admin.NotFound(f"guest {user}: nothing of the kind is remembered")
        _show_found(found)
        ask(yes, f"Erase this of guest {user} for good?")
        found = memory_acts.forget(store, user, meant, clock.now())
    click.echo(f"Guest {user}: {_forgotten(found, profile)}.")


def _meant(named: dict[str, str], every: bool) -> Find:
    kinds = {"period" if name in ("since", "until") else name for name in named}
    if len(kinds) + every > 1:
        raise click.UsageError("expected one of --fact, --words, --since/--until and --all.")
    if "fact" in named:
        return partial(_later, of_fact, named["fact"])
    if "words" in named:
        return partial(_later, search, named["words"])
    if kinds:
        since, until = _day(named.get("since")), _day(named.get("until"))
        return lambda profile, events: of_period(profile, events, since, until and until + DAY)
    return of_all


def _later(act: Callable[..., Found], value: str, profile: Any, events: Any) -> Found:
    return act(profile, events, value)


def _day(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
        _ = day + DAY  # a period ends with the day after
        return day
    except (ValueError, OverflowError):
        raise click.UsageError(f"expected a day as YYYY-MM-DD, got {text!r}.") from None


def _show_found(found: Found) -> None:
    for fact in found.facts:
        was = "" if fact.superseded_by is None else " (earlier)"
        click.echo(f"Fact: {masked(fact.key)}: {masked(fact.value)}{was}")
    for topic in found.topics:
        click.echo(f"Interest: {topic}")
    click.echo(f"Messages: {len(found.seqs)}")
    if found.in_summary:
        click.echo("The summary is dropped, and made anew without it.")


def _forgotten(found: Found, before: Profile) -> str:
    """What was let go, in words."""
    if not found:  # another was quicker
        return "all of it is gone already"
    earlier = sum(fact.superseded_by is not None for fact in found.facts)
    parts = [
        _count(len(found.facts) - earlier, "fact"),
        _count(earlier, "earlier fact"),
        _count(len(found.topics), "interest"),
        _count(len(found.seqs), "message"),
        "the summary" if found.in_summary else "",
    ]
    stays = "; the summary stays" if before.memory_summary and not found.in_summary else ""
    return f"forgotten: {', '.join(filter(None, parts))}{stays}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' if number > 1 else ''}" if number else ""


@memory.command("pause")
@user_argument
def pause(user: str) -> None:
    """Remember nothing of a guest until resumed."""
    with ready() as store:
        memory_acts.pause(store, user, paused=True, now=clock.now())
    click.echo(f"Guest {user}: paused.")


@memory.command("resume")
@user_argument
def resume(user: str) -> None:
    """Remember again what a guest says."""
    with ready() as store:
        memory_acts.pause(store, user, paused=False, now=clock.now())
    click.echo(f"Guest {user}: resumed.")


@memory.command("export")
@user_argument
def export_memory(user: str) -> None:
    """Print all that is kept of a guest as JSON (see docs/export.md)."""
    with ready() as store:
        show_json(admin.export(store, user))


@memory.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--user", metavar="USER", help="Import nothing but the export of this guest.")
@click.option("--replace", is_flag=True, help="Erase what is known of the guest first.")
def import_memory(file: IO[bytes], user: str | None, replace: bool) -> None:
    """Put back what `export` has printed, from FILE or, as -, standard input."""
    try:
        document = json.load(file)
    except (ValueError, RecursionError) as error:
        what = f"JSON of one guest's export, got something else ({type(error).__name__})"
        raise ImportRefused(f"expected {what}. Choose a file that butler has exported") from None
    with ready() as store:
        profile = memory_acts.take_in(store, document, user, replace=replace)
    click.echo(f"Guest {profile.user_id}: imported.")


@memory.command("delete")
@user_argument
@without_asking
def delete_guest(user: str, yes: bool) -> None:
    """Erase a guest: profile, memory and messages."""
    with ready() as store:
        admin.guest(store, user)
        ask(yes, f"Erase guest {user}: profile, memory and messages?")
        admin.purge_guest(store, user)
    click.echo("Erased.")

"""What the operator does with one guest's memory: the same acts as the guest's own in the chat.

They work beside a running butler: each is written under the revision that it was made from, and the
guest's actor reads anew what was changed before it says another word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import attrs

from butler.admin import TRIES, NotFound, contended, guest
from butler.domain import forgetting
from butler.domain.event import Event
from butler.domain.facts import without_old_history
from butler.domain.forgetting import Found, fact_id, named_fact
from butler.domain.profile import Fact, Profile
from butler.domain.sensitive import secret
from butler.domain.text import one_line
from butler.domain.writes import Fenced, Forget, ImportGuest, SaveProfile
from butler.errors import ImportRefused
from butler.ports import Store

VALUE_LIMIT = 300

Find = Callable[[Profile, Iterator[Event]], Found]


def facts(store: Store, user_id: str) -> list[tuple[str, Fact]]:
    """A guest's facts that hold, each with its id. Raises `NotFound`."""
    known = guest(store, user_id).profile.facts
    return [(fact_id(fact), fact) for fact in known if fact.superseded_by is None]


def correct(store: Store, user_id: str, wanted: str, value: str, now: datetime) -> Fact:
    """Give a fact another value; pinned, so that no later message changes it. The fact as it is.

    What it was before stays as history, so that forgetting the one finds the other.

    Raises:
        NotFound: no such guest or fact.
        ValueError: says what is wrong with the value.
    """
    value = one_line(value)
    if not 0 < len(value) <= VALUE_LIMIT:
        raise ValueError(f"expected 1 to {VALUE_LIMIT} characters, got {len(value)}. Shorten it.")

    def corrected(fact: Fact) -> Fact:
        if secret(f"{fact.key}: {value}"):
            raise ValueError("expected no password, card number or key. Such are not written down.")
        return attrs.evolve(fact, value=value, valid_from=now, pinned=True)

    return _change_fact(store, user_id, wanted, corrected, now)


def pin(store: Store, user_id: str, wanted: str, *, pinned: bool, now: datetime) -> Fact:
    """Pin or unpin a fact. Raises `NotFound`."""
    return _change_fact(store, user_id, wanted, lambda f: attrs.evolve(f, pinned=pinned), now)


def pause(store: Store, user_id: str, *, paused: bool, now: datetime) -> None:
    """Let nothing be remembered of a guest from now on, or let it again. Raises `NotFound`."""
    _revise(store, user_id, lambda profile: profile.revised(now, paused=paused))


def find(store: Store, user_id: str, meant: Find) -> tuple[Profile, Found]:
    """What of a guest's memory is meant, looked for in all that is kept. Raises `NotFound`."""
    known = guest(store, user_id)

    def events() -> Iterator[Event]:
        yield from store.archive(user_id)
        yield from known.window

    return known.profile, meant(known.profile, events())


def forget(store: Store, user_id: str, meant: Find, now: datetime) -> Found:
    """Forget what is meant, for good; what that was.

    Raises:
        NotFound: no such guest.
        StoreUnavailable: other writers were quicker each time.
    """
    for _ in range(TRIES):
        profile, found = find(store, user_id, meant)
        if not (found or found.matter.everything):
            return found
        after = forgetting.without(profile, (), found, now)
        wanted = Forget(after, profile.revision, found.seqs, found.matter)
        if not isinstance(store.commit([wanted])[0], Fenced):
            return found
    raise contended(user_id)


def take_in(store: Store, document: Any, user_id: str | None, *, replace: bool) -> Profile:
    """Put an export back, on this store or another; the profile that it held.

    Raises:
        ImportRefused: it is no export, not of `user_id`, or its guest is known and not `replace`.
    """
    from butler.storage.exchange import imported  # here, since --help needs no database

    held = imported(document, user_id)
    (result,) = store.commit([ImportGuest(held, replace)])
    if isinstance(result, Fenced):
        raise ImportRefused(
            f"expected a guest who is not known yet, got {held.profile.user_id!r}, who is. "
            "Add --replace to erase what is known of them first"
        )
    return held.profile


def _change_fact(
    store: Store, user_id: str, wanted: str, change: Callable[[Fact], Fact], now: datetime
) -> Fact:
    changed: list[Fact] = []

    def revised(profile: Profile) -> Profile:
        fact = named_fact(profile, wanted)
        if fact is None or fact.superseded_by is not None:
            known = f"butler memory facts {user_id} shows them"
            raise NotFound(f"expected the id of a fact, got {wanted!r}; {known}")
        changed[:] = [change(fact)]
        kept = () if changed[0].value == fact.value else (_history(fact),)
        known_facts: list[Fact] = []
        for each in profile.facts:
            known_facts += (*kept, changed[0]) if each is fact else (each,)
        said = f"{changed[0].key} {changed[0].value}"
        stones = forgetting.lifted(profile.tombstones, said)
        return profile.revised(now, facts=without_old_history(known_facts), tombstones=stones)

    _revise(store, user_id, revised)
    return changed[0]


def _history(fact: Fact) -> Fact:
    return attrs.evolve(fact, superseded_by=fact.source_seq)


def _revise(store: Store, user_id: str, change: Callable[[Profile], Profile]) -> None:
    for _ in range(TRIES):
        profile = guest(store, user_id).profile
        (result,) = store.commit([SaveProfile(change(profile), expected=profile.revision)])
        if not isinstance(result, Fenced):
            return
    raise contended(user_id)

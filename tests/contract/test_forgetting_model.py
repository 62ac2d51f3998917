"""Random lives of two guests: what was forgotten is nowhere, nothing else is lost, none meets.

Every guest has words of their own. The summaries are by a model that tells every word it ever saw,
and names each of them as a fact.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import mongomock
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from mongomock.store import ServerStore

from butler.domain import digest, forgetting
from butler.domain.digest import Digest
from butler.domain.event import Event
from butler.domain.forgetting import Found, fact_id
from butler.domain.profile import Fact, Profile, new_profile
from butler.domain.writes import CommitCompaction, CommitTurn, Done, Forget, ImportGuest, Sweep
from butler.storage.exchange import imported
from butler.storage.mongo import MongoStore
from butler.storage.sqlite import SqliteStore
from tests.storage.builders import HandClock
from tests.storage.servers import TTL_DAYS  # with it mongomock understands newer drivers

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
GUESTS = ("7", "8")
WORDS = 6

guests = st.sampled_from(GUESTS)
words = st.integers(0, WORDS - 1)


class CrashError(Exception):
    """The process ends here."""


def word(guest: str, number: int) -> str:
    return f"жыр{'ав'[GUESTS.index(guest)]}{'бвгдкл'[number]}рыж"


@attrs.define
class Life:
    """What must be remembered of one guest: contents by seq, and facts; and what must not.

    `buried`: never in the profile again; `gone`: not said again either; `unlearned`: facts of a
    period that was forgotten.
    """

    said: dict[int, str] = attrs.field(factory=dict)
    moments: dict[int, datetime] = attrs.field(factory=dict)
    facts: set[str] = attrs.field(factory=set)
    seen: list[str] = attrs.field(factory=list)
    buried: set[str] = attrs.field(factory=set)
    gone: set[str] = attrs.field(factory=set)
    unlearned: set[str] = attrs.field(factory=set)


class Lives(RuleBasedStateMachine):
    """Two guests over one store, which is opened anew now and then."""

    open: Callable[[], Any]

    def __init__(self) -> None:
        super().__init__()
        self.clock = HandClock(START)
        self.lives = {guest: Life() for guest in GUESTS}
        self.updates = 0

    def now(self) -> datetime:
        self.clock.move(timedelta(minutes=1))
        return self.clock.now()

    @initialize()
    def begin(self) -> None:
        self.store = self.open()
        self.store.migrate()

    def profile(self, guest: str) -> Profile:
        found = self.store.guest(guest)
        return found.profile if found else new_profile(guest, START)

    def events(self, guest: str) -> list[Event]:
        found = self.store.guest(guest)
        return [*self.store.archive(guest), *(found.window if found else ())]

    @rule(guest=guests, numbers=st.lists(words, min_size=1, max_size=2, unique=True))
    def say(self, guest: str, numbers: list[int]) -> None:
        life, before, now = self.lives[guest], self.profile(guest), self.now()
        told = [word(guest, number) for number in numbers]
        self.updates += 1
        events = []
        for place, (role, content) in enumerate(
            (("user", f"Скажу: {' '.join(told)}."), ("assistant", f"Понял: {told[0]}."))
        ):
            seq = before.last_seq + 1 + place
            at = now + timedelta(milliseconds=place)
            name = f"700:{self.updates}:{role}"
            events.append(Event(name, guest, seq, role, content, "text", self.updates, at))  # type: ignore[arg-type]  # a role
            life.said[seq], life.moments[seq] = content, at
        after = before.revised(now, last_seq=before.last_seq + 2)
        self.store.commit([CommitTurn((), (), now, tuple(events), after, before.revision)])
        life.seen += [each for each in told if each not in life.seen]
        life.gone -= set(told)

    @rule(guest=guests, keep=st.integers(0, 4))
    def compact(self, guest: str, keep: int) -> None:
        """By a model that tells all that it ever saw."""
        life, before = self.lives[guest], self.profile(guest)
        to = before.last_seq - keep
        if to <= before.covered_seq:
            return
        now = self.now()
        facts = tuple(Fact(f"знак{each[4]}", each, to, now) for each in life.seen)
        told = Digest(" ".join(f"Гость сказал {each}." for each in life.seen), facts, ())
        after = digest.apply(before, told, to, now)
        self.store.commit([CommitCompaction(after, before.revision)])
        for seq in [seq for seq, content in life.said.items() if seq <= to and not content]:
            del life.said[seq]
        life.facts = {fact.value for fact in after.facts}
        assert set(life.seen) - life.buried <= set(after.memory_summary.replace(".", "").split())

    @rule(guest=guests, number=words, by_fact=st.booleans(), crash=st.none() | st.integers(0, 6))
    def forget_a_word(self, guest: str, number: int, by_fact: bool, crash: int | None) -> None:
        meant, profile = word(guest, number), self.profile(guest)
        found = forgetting.search(profile, self.events(guest), f"забудь про {meant}")
        fact = next((each for each in profile.facts if each.value == meant), None)
        if by_fact and fact is not None:
            found = forgetting.of_fact(profile, self.events(guest), fact_id(fact))
        if not found:
            return
        life = self.lives[guest]
        self.forget(guest, profile, found, crash)
        self.blank(guest, lambda seq, content: meant in content)
        life.buried.add(meant)
        life.gone.add(meant)
        life.facts.discard(meant)

    @rule(guest=guests, number=words)
    def forget_and_go_on(self, guest: str, number: int) -> None:
        """What was told is forgotten, something else is said, and the model tells all again."""
        self.say(guest, [number])
        self.forget_a_word(guest, number, by_fact=False, crash=None)
        self.say(guest, [(number + 1) % WORDS])
        self.compact(guest, 0)

    @rule(guest=guests, first=st.integers(1, 30), length=st.integers(1, 6))
    def forget_a_period(self, guest: str, first: int, length: int) -> None:
        since = START + timedelta(minutes=first)
        until = since + timedelta(minutes=length)
        profile, life = self.profile(guest), self.lives[guest]
        found = forgetting.of_period(profile, self.events(guest), since, until)
        if not found:
            return
        self.forget(guest, profile, found, None)
        self.blank(guest, lambda seq, content: since <= life.moments[seq] < until)
        life.facts -= {fact.value for fact in found.facts}
        life.unlearned |= {fact.value for fact in found.facts}

    @rule(guest=guests)
    def forget_all(self, guest: str) -> None:
        profile, life = self.profile(guest), self.lives[guest]
        if profile.revision:
            found = forgetting.of_all(profile, self.events(guest))
            self.forget(guest, profile, found, None)
            life.gone = set(life.seen)
            life.said, life.facts, life.seen = {}, set(), []

    def forget(self, guest: str, profile: Profile, found: Found, crash: int | None) -> None:
        """A crash at a step is followed by another process, which repeats the write."""
        after = forgetting.without(profile, (), found, self.now())
        write = Forget(after, profile.revision, found.seqs, found.matter)
        left = [crash]

        def step(_: str) -> None:
            if left[0] == 0:
                raise CrashError
            left[0] = None if left[0] is None else left[0] - 1

        self.store.step = step
        try:
            assert self.store.commit([write]) == [Done()]
        except CrashError:
            self.restart()
            assert self.store.commit([write]) == [Done()]
        self.store.step = lambda _: None

    def blank(self, guest: str, meant: Callable[[int, str], bool]) -> None:
        life, covered = self.lives[guest], self.profile(guest).covered_seq
        for seq, content in list(life.said.items()):
            if content and meant(seq, content):
                life.said[seq] = ""
                if seq <= covered:
                    del life.said[seq]

    @rule()
    def restart(self) -> None:
        self.store.close()
        self.store = self.open()
        self.store.migrate()

    @rule()
    def sweep(self) -> None:
        long_ago = START - timedelta(days=1)
        self.store.commit([Sweep(long_ago, long_ago)])

    @rule(guest=guests)
    @precondition(lambda self: self.updates)
    def take_along_and_come_back(self, guest: str) -> None:
        if self.profile(guest).revision:
            document = self.store.export(guest)
            held = imported(json.loads(json.dumps(document)), guest)
            self.store.commit([ImportGuest(held, replace=True)])
            again = self.store.export(guest)
            again["profile"]["revision"] = document["profile"]["revision"]
            assert again == document

    @invariant()
    def nothing_is_lost_and_nothing_comes_back(self) -> None:
        if not hasattr(self, "store"):
            return
        for guest, life in self.lives.items():
            assert {each.seq: each.content for each in self.events(guest)} == life.said
            assert {fact.value for fact in self.profile(guest).facts} == life.facts
            held = json.dumps(self.store.export(guest), ensure_ascii=False)
            assert not [each for each in life.gone if each in held]
            learned = str(self.profile(guest))
            assert not [each for each in life.buried if each in learned]
            assert life.unlearned.isdisjoint(life.facts)
            other = "в" if guest == "7" else "а"
            assert f"жыр{other}" not in held

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()


class SqliteLives(Lives):
    """Over a SQLite file, every byte of which is looked at in the end."""

    def __init__(self) -> None:
        super().__init__()
        self.directory = tempfile.TemporaryDirectory()
        path = Path(self.directory.name) / "butler.sqlite3"
        self.open = lambda: SqliteStore(path, self.clock)

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.sweep()
        files = Path(self.directory.name).iterdir()
        data = b"".join(file.read_bytes() for file in files)
        for life in self.lives.values():
            assert not [each for each in life.gone if each.encode() in data]
        super().teardown()
        self.directory.cleanup()


class MongoLives(Lives):
    """Over a server of MongoDB's protocol, in RAM."""

    def __init__(self) -> None:
        super().__init__()
        held = ServerStore()
        self.open = lambda: MongoStore(
            "mongodb://mock/butler",
            self.clock,
            TTL_DAYS,
            mongomock.MongoClient(tz_aware=True, _store=held),
        )


small = settings(
    max_examples=15,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestSqliteLives = SqliteLives.TestCase
TestSqliteLives.settings = small
TestMongoLives = MongoLives.TestCase
TestMongoLives.settings = small

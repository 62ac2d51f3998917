"""Guests at the door, a house that may be started anew, and what its store holds."""

from __future__ import annotations

import itertools
import sqlite3
import threading
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import mongomock
from mongomock.store import ServerStore

from actors.messages import user_name
from actors.runtime.testing import crash
from butler.clock import SystemClock
from butler.domain.chat import CompletionRequest
from butler.domain.event import Event
from butler.domain.outgoing import Part
from butler.domain.profile import Fact, Profile
from butler.errors import ModelInvalid
from butler.storage.mongo import MongoStore
from butler.storage.sqlite import SqliteStore
from supervision.errors import NotFound
from tests.hostile.lives import Gossip, Life, Question, new_words, owners, words_in
from tests.storage.servers import TTL_DAYS  # with it mongomock understands newer drivers
from tests.support.fakes import START, FakeModel, message, pressed
from tests.support.indoors import Indoors
from tests.support.waiting import eventually

GUESTS, FIRST = 2, 10
THINGS = ("кот", "чай", "поезд")
ASKED_AT_ONCE = 4
MOMENT = 5.0


class Almanac(SystemClock):
    """The system's clock, on a day of our own."""

    def __init__(self) -> None:
        self._ahead = START - super().now()

    def now(self) -> datetime:
        return super().now() + self._ahead

    def sleep(self) -> None:
        self._ahead += timedelta(days=1)


class SqliteTables:
    """A SQLite file, and its rows past the butler."""

    def __init__(self, data: Path) -> None:
        self._path = data / "butler.sqlite3"

    def open(self, clock: Almanac) -> Any:
        return SqliteStore(self._path, clock)

    def rows(self) -> list[tuple[str, str]]:
        connection = sqlite3.connect(self._path)
        try:
            tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            names = [name for (name,) in tables.fetchall()]
            return [(n, str(r)) for n in names for r in connection.execute(f"SELECT * FROM {n}")]
        finally:
            connection.close()


class MongoTables:
    """A server of MongoDB's protocol, in RAM, and its documents past the butler."""

    def __init__(self, _data: Path) -> None:
        self._held = ServerStore()
        self._lock = threading.Lock()

    def _client(self) -> Any:
        return mongomock.MongoClient(tz_aware=True, _store=self._held)

    def open(self, clock: Almanac) -> Any:
        store = MongoStore("mongodb://mock/butler", clock, TTL_DAYS, self._client())
        return OneAtATime(store, self._lock)

    def rows(self) -> list[tuple[str, str]]:
        database = self._client()["butler"]
        with self._lock:
            names = database.list_collection_names()
            return [(name, str(row)) for name in names for row in database[name].find()]


class OneAtATime:
    """A store whose calls wait for each other: mongomock is not made for threads."""

    def __init__(self, store: MongoStore, lock: threading.Lock) -> None:
        self._store, self._lock = store, lock

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        return partial(self._call, found) if callable(found) else found

    def _call(self, method: Callable[..., Any], *args: Any) -> Any:
        with self._lock:
            result = method(*args)
            return iter(list(result)) if isinstance(result, Iterator) else result


class Street:
    """The guests at the door, and a house that is started anew over the same store."""

    def __init__(self, tables: SqliteTables | MongoTables) -> None:
        self.tables = tables
        self.clock = Almanac()
        self.gossip = Gossip()
        self.model = FakeModel(self.gossip)
        self.lives = [Life() for _ in range(GUESTS)]
        self._words = [new_words(guest) for guest in range(GUESTS)]
        self.told: list[list[str]] = [[] for _ in range(GUESTS)]
        self._numbers = itertools.count(1)
        self._sent: list[Part] = []
        self._start()

    def _start(self) -> None:
        self.store = self.tables.open(self.clock)
        self.store.migrate()
        self.house = Indoors(
            self.store,
            (self.model,),
            clock=self.clock,
            event_cap=6,
            keep_events=2,
            idle_seconds=0.05,
        )
        self.house.start()

    def stop(self) -> None:
        self.house.stop()
        self.store.close()
        self._sent += self.house.transport.sent

    def restart(self) -> None:
        """What was asked with buttons is asked no more."""
        self.stop()
        for life in self.lives:
            life.asked.clear()
        self._start()

    # What is there

    @property
    def prompts(self) -> list[CompletionRequest]:
        return self.model.told.of(CompletionRequest)

    @property
    def sent(self) -> list[Part]:
        return [*self._sent, *self.house.transport.sent]

    def profile(self, guest: int) -> Profile | None:
        found = self.store.guest(str(FIRST + guest))
        return found.profile if found else None

    def events(self, guest: int) -> list[Event]:
        """What was said; an event may be on its way from the window to the archive."""
        found = self.store.guest(str(FIRST + guest))
        said = {each.seq: each for each in (found.window if found else ())}
        said |= {each.seq: each for each in self.store.archive(str(FIRST + guest))}
        return [said[seq] for seq in sorted(said)]

    def new(self, guest: int) -> list[Event]:
        """What was said since the model was told last."""
        since = max(self.lives[guest].lines, default=0)
        return [each for each in self.events(guest) if each.seq > since and each.content]

    def facts(self, guest: int) -> list[Fact]:
        """The facts that hold."""
        profile = self.profile(guest)
        return [each for each in (profile.facts if profile else ()) if each.superseded_by is None]

    def today(self) -> date:
        return self.clock.now().date()

    # What is done

    def word(self, guest: int) -> str:
        self.told[guest].append(next(self._words[guest]))
        return self.told[guest][-1]

    def number(self) -> int:
        return next(self._numbers)

    def say(self, guest: int, *texts: str, luck: str = "good") -> list[Part]:
        user = FIRST + guest
        return self._act(guest, [message(self.number(), text, user) for text in texts], luck)

    def press(self, guest: int, data: str, luck: str = "good") -> list[Part]:
        return self._act(guest, [pressed(self.number(), data, FIRST + guest)], luck)

    def _act(self, guest: int, updates: list[dict[str, Any]], luck: str) -> list[Part]:
        """What the guest is told."""
        before = len(self.sent)
        self.house.say(*updates)
        match luck:
            case "actor dies":
                self._kill(guest)
            case "LLM fails":
                self.gossip.failures.append(ModelInvalid)
            case "LLM dies":
                self.gossip.failures.append(ValueError)
            case "restart":
                self.restart()
                self.house.say(*updates)  # Telegram does not know whether they have come
        self.house.settled(*(each["update_id"] for each in updates))
        return [part for part in self.sent[before:] if part.chat_id == FIRST + guest]

    def _kill(self, guest: int) -> None:
        try:
            crash(self.house.directory.get(user_name(str(FIRST + guest))), ValueError("no fault"))
        except NotFound:
            return

    # What must hold

    def check(self) -> None:
        rows = self.tables.rows()
        for guest, life in enumerate(self.lives):

            def held(guest: int = guest, life: Life = life) -> bool:
                life.check(self.profile(guest), self.events(guest))
                return True

            _soon(held)
            found = [row for row in rows if not life.hidden.keys().isdisjoint(words_in(row))]
            assert not found, f"to be nowhere: {found}"

    def check_prompts(self) -> None:
        prompts = [" ".join(m.content for m in each.messages) for each in self.prompts]
        for number, prompt in enumerate(prompts):
            assert len(owners(prompt)) <= 1, f"a prompt with words of several: {prompt}"
            for life in self.lives:
                since = [life.hidden.get(word, len(prompts)) for word in words_in(prompt)]
                assert number < min(since, default=len(prompts)), f"shown again: {prompt}"

    def check_sent(self) -> None:
        for part in self.sent:
            shown = part.document.content.decode() if part.document else ""
            assert owners(part, shown) <= {part.chat_id - FIRST}, f"sent to another: {part}"

    def heard(self, guest: int, *texts: str) -> None:
        """These were said, and are remembered with their answer; unless nothing is remembered."""
        life, words = self.lives[guest], words_in(*texts)
        if life.paused:
            life.hide((word for word in words if word not in life.words), len(self.prompts))
            return

        def remembered() -> list[Event]:
            found = self.new(guest)
            own = [each.content for each in found if each.role == "user"]
            return found if own == list(texts) and found[-1].role == "assistant" else []

        life.hear(eventually(f"{texts} in memory", remembered, MOMENT))

    def noted(self, guest: int, key: str, value: str) -> None:
        """The value is known under the key, and nothing else is."""
        profile = self.profile(guest)
        assert profile is not None
        new = next(fact for fact in profile.facts if fact.value == value and fact.key == key)
        self.lives[guest].note(new, profile.facts)
        if new.key in THINGS:
            assert [each.value for each in self.facts(guest) if each.key == key] == [value]

    def question(
        self, guest: int, parts: list[Part], luck: str, needed: bool, **meant: Any
    ) -> None:
        """The guest is asked whether that is to be forgotten; at least where that is needed."""
        data = [button.data for part in parts for row in part.buttons for button in row]
        yes = [each for each in data if each.startswith("ask:yes:")]
        no = [each for each in data if each.startswith("ask:no:")]
        if not yes:
            assert not needed, f"expected a question, got {parts}"
            return
        asked = self.lives[guest].asked
        asked.append(Question(yes[-1], no[-1], luck != "restart", **meant))
        del asked[:-ASKED_AT_ONCE]

    def owned(self, guest: int) -> list[str]:
        """The rows of the guest's, but for updates, of which nothing but the number is kept."""
        name = f"'{FIRST + guest}'"
        return [row for table, row in self.tables.rows() if table != "inbox" and name in row]


def _soon(holds: Callable[[], bool]) -> None:
    """What is being compressed may be seen half-way."""
    try:
        holds()
    except AssertionError:
        failed: list[AssertionError] = []

        def again() -> bool:
            try:
                return holds()
            except AssertionError as error:
                failed.append(error)
                return False

        try:
            eventually("what must hold", again, MOMENT)
        except AssertionError:
            raise failed[-1] from None

"""What was forgotten is nowhere: in no byte of the store, no prompt, no page, no log line.

The LLM is a gossip: it repeats every word of its prompt that it can, and its summaries name what it
was told, so that whatever is left anywhere comes out again.
"""

from __future__ import annotations

import io
import itertools
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pymongo
import pytest

from butler import admin, logs, memory_acts
from butler.domain.chat import CompletionRequest
from butler.domain.event import Event
from butler.domain.forgetting import Found, fact_id, of_all, of_fact, of_period, search
from butler.domain.inbox import DeadLetter
from butler.domain.outgoing import Part
from butler.domain.profile import Profile
from butler.domain.writes import Bury, Sweep
from butler.telemetry import CompressionFinished
from tests.storage.servers import Stores, opener
from tests.support.fakes import FakeModel, message, pressed
from tests.support.indoors import Indoors
from tests.support.logged import logged
from tests.support.waiting import eventually

GUEST, OTHER = 10, 11
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
# What is told, how it is asked to be forgotten, what no byte may hold then, and what else is said.
SECRETS = {
    "ru": (
        ("Моего кота зовут Барсик.", "Вчера Барсику купили корм.", "Без барсика дома тихо."),
        "Забудь, что моего кота зовут Барсик",
        "барсик",
        (
            "Сегодня идёт дождь, сэр.",
            "Читаю книгу о маяках.",
            "Мой брат печёт хлеб.",
            "Мы были в театре.",
            "Поезд опоздал на полчаса.",
        ),
        ("маяк", "хлеб"),
    ),
    "en": (
        ("My parrot is called Ziggurat.", "Ziggurat's cage is new.", "I feed ZIGGURAT at noon."),
        "Forget that my parrot is called Ziggurat",
        "ziggurat",
        (
            "It rains today, sir.",
            "I read a book on lighthouses.",
            "My brother bakes bread.",
            "We went to the theatre.",
            "The train was half an hour late.",
        ),
        ("lighthouse", "bread"),
    ),
}


class Gossip:
    """The LLM: tells all that it is shown, unless it is `discreet`."""

    discreet = False

    def __call__(self, request: CompletionRequest) -> str:
        seen = "\n".join(each.content for each in request.messages[1:])
        if request.schema is None:
            prompt = f"{request.messages[0].content[-300:]} {seen[-700:]}"
            return "Very good." if self.discreet else f"Of course: {prompt}"
        own = re.findall(r"^#(\d+) user: (.*)$", seen, re.MULTILINE)
        facts = [
            {"key": "word", "value": said.rstrip(".").split()[-1], "source_seq": int(seq)}
            for seq, said in own
        ]
        summary = " ".join(dict.fromkeys(said for _, said in own))[:400]
        return json.dumps({"summary": summary, "facts": facts, "topics": []})


class Told:
    """A butler with two guests who have told all, at the moment before something is forgotten."""

    def __init__(self, stores: Stores, language: str, log: io.StringIO) -> None:
        self.stores, self.language, self.log = stores, language, log
        self.store = stores.open()
        self.words, self.asked, self.root, self.filler, self.kept = SECRETS[language]
        self.gossip = Gossip()
        self.model = FakeModel(self.gossip)
        self.updates = itertools.count(1)
        self.house = Indoors(
            self.store, (self.model,), subscribers=(logs.Logs(),), event_cap=8, keep_events=4
        )
        self.house.start()

    def tell(self) -> None:
        """Everything that there is to tell."""
        for user in (GUEST, OTHER):
            self.say(f"/language {self.language}", user)
        self.began = datetime.now(UTC)
        for words in self.words:
            for user in (GUEST, OTHER):
                self.say(self.filler[0], user)
            self.say(words)
        self.bury(self.words[0])
        self.middle = datetime.now(UTC)
        for words in self.filler:
            for user in (GUEST, OTHER):
                self.say(words, user)
        self.bury(self.filler[0])
        self.quiet()

    def say(self, text: str, user: int = GUEST) -> int:
        number = next(self.updates)
        self.house.say(message(number, text, user))
        self.house.settled(number)
        return number

    def bury(self, text: str) -> None:
        number = next(self.updates)
        letter = DeadLetter(
            *(f"letter{number}", str(GUEST), "poison", "ValueError", 2, datetime.now(UTC), None),
            payload=message(number, text, GUEST),
        )
        self.store.commit([Bury(letter)])

    def quiet(self) -> None:
        """Whatever is being compressed is done."""

        def done() -> bool:
            known = [self.store.guest(str(user)) for user in (GUEST, OTHER)]
            return all(g.profile.memory_summary and len(g.window) <= 8 for g in known)

        eventually("summaries", done)

    def stop(self) -> None:
        self.house.stop()

    # Where words may be

    def prompts(self) -> list[str]:
        told = self.model.told.of(CompletionRequest)
        return ["\n".join(m.content for m in each.messages) for each in told]

    def swept(self) -> None:
        """What the monitor does every minute."""
        self.store.commit([Sweep(LONG_AGO, LONG_AGO)])

    def dumped(self) -> bytes:
        """Every byte of the store, past the butler."""
        if self.stores.kind == "sqlite":
            files = sorted(Path(self.store.path).parent.glob("butler.sqlite3*"))
            assert len(files) == 3
            return b"".join(file.read_bytes() for file in files)
        place = self.store.place
        with pymongo.MongoClient[Any](f"mongodb://{place.address}") as client:
            database = client[place.database]
            names = database.list_collection_names()
            assert "user_memory_archive" in names
            found = [repr(list(database[name].find())) for name in names]
        return "\n".join(found).encode(errors="surrogatepass")

    def reads(self) -> str:
        """What the program's own reads tell of the guest."""
        user = str(GUEST)
        held = [self.store.export(user), self.store.dead_letters(99), self.store.waiting_of(user)]
        shown: list[Any] = held
        if self.store.guest(user) is not None:
            shown += [admin.memory_document(self.store, user), admin.guest(self.store, user)]
        return json.dumps([str(each) for each in shown], ensure_ascii=False)

    def traces(self, text: str | bytes) -> list[str]:
        data = text.encode(errors="surrogatepass") if isinstance(text, str) else text
        return [spelt for spelt in spellings(self.root) if spelt.encode() in data]


def spellings(root: str) -> Iterator[str]:
    """A root as it may be written: in three cases, plain and in JSON's escapes, upper and lower."""
    for spelt in (root, root.capitalize(), root.upper(), root[1:]):
        escaped = json.dumps(spelt)[1:-1]
        yield from {spelt, escaped, escaped.upper().replace("\\U", "\\u")}


Act = Callable[[Told], None]


def operator(meant: Callable[[Told, Profile, Iterator[Event]], Found]) -> Act:
    """`butler memory forget …` in another process than the butler's."""

    def act(told: Told) -> None:
        other = told.stores.open()

        def wanted(profile: Profile, events: Iterator[Event]) -> Found:
            return meant(told, profile, events)

        assert memory_acts.forget(other, str(GUEST), wanted, datetime.now(UTC))

    return act


def _fact(told: Told, profile: Profile, events: Iterator[Event]) -> Found:
    fact = next(f for f in profile.facts if told.traces(f.value))
    return of_fact(profile, events, fact_id(fact))


def in_the_chat(told: Told) -> None:
    """In plain words, and with the button that is shown."""
    before = len(told.house.transport.sent)
    told.say(told.asked)
    (question,) = told.house.transport.sent[before:]
    yes = next(b.data for row in question.buttons for b in row if ":yes:" in b.data)
    number = next(told.updates)
    told.house.say(pressed(number, yes, GUEST))
    told.house.settled(number)


def by_whose_it_is(told: Told) -> None:
    """Without the name itself."""
    told.asked = {"ru": "Забудь имя моего кота", "en": "Forget my parrot's name"}[told.language]
    in_the_chat(told)


def account(told: Told) -> None:
    admin.purge_guest(told.stores.open(), str(GUEST))


ACTS: dict[str, Act] = {
    "one fact": operator(_fact),
    "words": operator(lambda told, p, events: search(p, events, told.asked)),
    "period": operator(lambda told, p, events: of_period(p, events, told.began, told.middle)),
    "all": operator(lambda told, p, events: of_all(p, events)),
    "account": account,
    "in the chat": in_the_chat,
    "by whose it is": by_whose_it_is,
}


@pytest.fixture(params=["sqlite", "secantus"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    with logged() as stream:
        yield stream


@pytest.fixture(params=list(SECRETS))
def told(request: pytest.FixtureRequest, kind: str, log: io.StringIO) -> Iterator[Told]:
    stores = Stores(kind, opener(kind, request))
    made = Told(stores, request.param, log)
    yield made
    made.stop()
    stores.close()


@pytest.mark.parametrize("act", ACTS)
def test_what_was_forgotten_is_nowhere_and_stays_out(told: Told, act: str) -> None:
    told.gossip.discreet = act == "period"  # or else it were told outside the period, too
    told.tell()
    assert told.traces(told.dumped())
    assert any(map(told.traces, told.prompts()[-12:]))
    others = told.store.export(str(OTHER))
    ACTS[act](told)
    told.gossip.discreet = False
    asked, sent = len(told.prompts()), len(told.house.transport.sent)
    told.say("Что нового?")
    told.say("/memory")
    if act not in ("all", "account"):
        eventually(
            "a summary made anew", lambda: told.store.guest(str(GUEST)).profile.memory_summary
        )
    for number in range(10):
        told.say(told.filler[number % len(told.filler)])
    told.house.told.wait(CompressionFinished, lambda e: e.user_id == str(GUEST), count=2)
    told.swept()
    assert not told.traces(told.dumped())
    assert not told.traces(told.reads())
    for prompt in told.prompts()[asked:]:
        assert not told.traces(prompt), prompt
    parts: list[Part] = told.house.transport.sent[sent:]
    assert not told.traces(repr(parts))
    assert not told.traces(told.log.getvalue())
    assert told.store.export(str(OTHER)) == others
    if act not in ("all", "account"):
        everything = str(told.store.export(str(GUEST))).lower()
        assert [kept for kept in told.kept if kept in everything] == list(told.kept)

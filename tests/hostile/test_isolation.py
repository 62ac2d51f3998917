"""Guests are strangers to each other, whatever is interleaved and whatever crashes.

Each guest has words that nobody else uses. The LLM is a parrot: it answers with every such word of
its prompt, so that what leaks in is seen again in the reply.
"""

from __future__ import annotations

import itertools
import json
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actors.messages import JOURNAL, LLM, READER, ROUTER, SENDER, user_name
from actors.runtime.testing import crash
from actors.telling import tell_if_there
from butler import logs
from butler.clock import SystemClock
from butler.domain.chat import CompletionRequest
from butler.domain.outgoing import Part
from butler.errors import ModelInvalid, ModelTimeout
from butler.storage.sqlite import SqliteStore
from butler.telemetry import TelemetryEvent
from supervision.errors import NotFound
from tests.support.fakes import FakeModel, FakeTransport, edited, group_message, message, pressed
from tests.support.indoors import Indoors
from tests.support.logged import logged

GUESTS = 3
GROUP = -100
_WORD = re.compile("жыр([абв])[клмн]*рыж")
_LINE = re.compile(r"^#(\d+) (user|assistant): (.*)$", re.MULTILINE)
STAFF = (JOURNAL, READER, SENDER, LLM, ROUTER)
DEEDS = (
    "say", "say", "say", "burst", "voice", "group", "edit", "photo", "command", "unknown", "memory",
    "reset", "stop",
    "die", "poison", "staff dies", "model dies", "model fails", "settle", "restart",
)  # fmt: skip

# Two guests with a summary, facts and an archive, on one and the same subject.
PAST = [(guest, deed) for _ in range(4) for guest in (0, 1) for deed in ("say", "settle")]


def owners(*texts: object) -> set[int]:
    """The guests whose words are in these texts."""
    return {"абв".index(letter) for text in texts for letter in _WORD.findall(str(text))}


class Parrot:
    """The LLM: repeats, summarises, and fails as it is told to, quoting as it fails."""

    def __init__(self) -> None:
        self.failures: list[Callable[[str], Exception]] = []

    def __call__(self, request: CompletionRequest) -> str:
        seen = "\n".join(each.content for each in request.messages)
        if self.failures:
            raise self.failures.pop()(seen)
        if request.schema is not None:
            return self._summary(request.messages[-1].content)
        found = [match.group() for match in _WORD.finditer(seen)]
        return "Извольте: " + " ".join(dict.fromkeys(found))

    def _summary(self, lines: str) -> str:
        said = [(int(seq), text) for seq, who, text in _LINE.findall(lines) if who == "user"]
        known = [(seq, found.group()) for seq, text in said if (found := _WORD.search(text))]
        facts = [{"key": "слово", "value": word, "source_seq": seq} for seq, word in known[:2]]
        words = " ".join(dict.fromkeys(word for _, word in known[:8]))
        return json.dumps({"summary": words, "facts": facts, "topics": [w for _, w in known[:2]]})


@attrs.define
class Ledger:
    """What was recorded of the guests over all restarts."""

    prompts: list[CompletionRequest] = attrs.field(factory=list)
    parts: list[Part] = attrs.field(factory=list)
    drafts: list[Any] = attrs.field(factory=list)
    events: list[TelemetryEvent] = attrs.field(factory=list)
    groups: dict[int, int] = attrs.field(factory=dict)


class Town:
    """The guests at their doors, and a house that may be started anew over the same store."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._numbers = itertools.count(1)
        self._last = dict.fromkeys(range(GUESTS), 0)
        self._said: list[int] = []
        self.parrot = Parrot()
        self.ledger = Ledger()
        self.start()

    def start(self) -> None:
        self.model = FakeModel(self.parrot)
        self.model.texts = ("Извольте",)
        self.store = SqliteStore(self._data / "butler.sqlite3", SystemClock())
        self.store.migrate()
        transport = FakeTransport()
        transport.files = _Recordings()
        self.house = Indoors(
            self.store,
            (self.model,),
            transport=transport,
            subscribers=(logs.Logs(),),
            event_cap=6,
            keep_events=2,
            idle_seconds=0.05,
        )
        self.house.start()

    def stop(self) -> None:
        self.settle()
        self.house.stop()
        self.store.close()
        self.ledger.prompts += self.model.told.of(CompletionRequest)
        self.ledger.parts += self.house.transport.sent
        self.ledger.drafts += self.house.transport.told.of(tuple)
        self.ledger.events += self.house.told.of(TelemetryEvent)

    def word(self, guest: int) -> str:
        """A new word of this guest's own."""
        spelt = "".join("клмн"[int(digit)] for digit in _base4(next(self._numbers)))
        return f"жыр{'абв'[guest]}{spelt}рыж"

    def deed(self, guest: int, deed: str) -> None:
        user, number, word = 10 + guest, next(self._numbers), self.word(guest)
        sender = {"id": user, "is_bot": False, "first_name": self.word(guest)}
        say = self._say
        match deed:
            case "say":
                self._last[guest] = number
                say(message(number, f"Люблю чай в саду и {word}", user, **{"from": sender}))
            case "burst":
                say(*(message(next(self._numbers), self.word(guest), user) for _ in range(4)))
            case "voice":
                voice = {"file_id": word, "duration": 2, "file_size": 99}
                say(message(number, user=user, voice=voice))
            case "group":
                self.ledger.groups[number] = guest
                say(group_message(number, word, user, GROUP))
            case "edit":
                say(edited(number, self._last[guest], word, user))
            case "photo":
                say(message(number, user=user, photo=[{"file_id": word}], caption=word))
            case "command":
                say(message(number, f"/language {word}", user, **{"from": sender}))
            case "unknown":
                say(message(number, f"/x{number} {word}", user))
            case "memory" | "stop":
                say(message(number, f"/{deed}", user))
            case "reset":
                say(pressed(number, "reset:yes", user))
            case "die":
                self._kill(user_name(str(user)), word)
            case "poison":
                self._poison(guest, user)
            case "staff dies":
                self._kill(STAFF[number % len(STAFF)], word)
            case "model dies":
                self.parrot.failures.append(ValueError)
            case "model fails":
                self.parrot.failures.append((ModelInvalid, ModelTimeout)[number % 2])
            case "settle":
                self.settle()
            case "restart":
                self.stop()
                self.start()

    def _say(self, *updates: dict[str, Any]) -> None:
        self._said += (update["update_id"] for update in updates)
        self.house.say(*updates)

    def settle(self) -> None:
        said, self._said = self._said, []
        self.house.settled(*said)

    def _poison(self, guest: int, user: int) -> None:
        """A message in whose hands the guest's actor dies twice."""
        self.settle()
        self.parrot.failures.clear()
        word = self.word(guest)
        self.model.gate.clear()
        self._say(message(next(self._numbers), word, user))
        for asked in (1, 2):
            self.model.told.wait(
                CompletionRequest, lambda seen: word in seen.messages[-1].content, asked
            )
            self._kill(user_name(str(user)), word)
        self.model.gate.set()
        self.settle()

    def _kill(self, name: Any, word: str) -> None:
        """An actor fails with a guest's words in its exception."""
        try:
            crash(self.house.directory.get(name), ValueError(word))
        except NotFound:
            tell_if_there(self.house.directory, name, None)


class _Recordings(dict[str, Any]):
    """Every recording says its own name."""

    def __missing__(self, name: str) -> bytes:
        return f"Слышно {name}".encode()


def _base4(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 4)
        digits += str(digit)
    return digits


def check_said(ledger: Ledger) -> None:
    for request in ledger.prompts:
        texts = [each.content for each in request.messages]
        assert len(owners(*texts)) <= 1, f"a prompt with words of several: {texts}"
    for part in ledger.parts:
        meant = part.chat_id - 10
        if part.chat_id == GROUP:
            assert part.reply_to_message_id is not None
            meant = ledger.groups[part.reply_to_message_id]
        assert owners(part) <= {meant}, f"sent to {meant}: {part}"
    for what, chat_id, *rest in ledger.drafts:
        if what == "draft":
            assert owners(rest) <= {chat_id - 10}


def check_kept(store: SqliteStore) -> None:
    for guest in range(GUESTS):
        kept = json.dumps(store.export(str(10 + guest)), ensure_ascii=False)
        assert owners(kept) <= {guest}, f"export of {guest}: {kept}"
    for letter in store.dead_letters(999):
        assert owners(letter) <= {int(letter.user_id or 0) - 10}, letter
        assert not owners(letter.reason, letter.detail)


deeds = st.lists(
    st.tuples(st.integers(0, GUESTS - 1), st.sampled_from(DEEDS)), min_size=1, max_size=30
)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
@given(deeds)
def test_no_word_of_one_guest_reaches_another_or_a_log(plan: list[tuple[int, str]]) -> None:
    with logged() as stream, tempfile.TemporaryDirectory() as data:
        town = Town(Path(data))
        for guest, deed in [*PAST, *plan]:
            town.deed(guest, deed)
        town.stop()
        log = stream.getvalue()
        store = SqliteStore(Path(data) / "butler.sqlite3", SystemClock())
        try:
            check_said(town.ledger)
            check_kept(store)
        finally:
            store.close()
        assert not owners(log), [line for line in log.splitlines() if owners(line)]
        assert not owners(*town.ledger.events)
        assert "updates accepted" in log or not town.ledger.parts

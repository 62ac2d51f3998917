"""Fakes of our ports, which honour their contracts without disk, network or waiting."""

from __future__ import annotations

import itertools
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import attrs

from actors.messages import Commit, Committed
from butler.domain.chat import Audio, Completion, CompletionRequest, Transcript
from butler.domain.event import Event, Guest
from butler.domain.inbox import DeadLetter, InboxItem, UpdateKey
from butler.domain.incoming import Attachment
from butler.domain.outgoing import Part
from butler.domain.profile import Profile
from butler.domain.summarising import Summarising
from butler.domain.writes import (
    Accept,
    Accepted,
    Bury,
    CommitCompaction,
    CommitTurn,
    Done,
    EraseGuest,
    Fenced,
    Forget,
    ImportGuest,
    KeepVectors,
    Result,
    Revive,
    SaveProfile,
    Settle,
    Sweep,
    Write,
)
from butler.errors import StoreUnavailable
from butler.ports import BotIdentity, Clock, StoreStatistics
from butler.storage import rows
from butler.storage.documents import NO_PARTS, parts_of
from butler.telemetry import TelemetryEvent
from supervision.testing import ManualClock

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
BOT = 700
SECONDS = 20.0

M = TypeVar("M")


class Time:
    """`butler.ports.Clock` over a `ManualClock`, so that timers and moments move together."""

    def __init__(self) -> None:
        self.manual = ManualClock()

    def now(self) -> datetime:
        return START + timedelta(seconds=self.manual.now())

    def monotonic(self) -> float:
        return self.manual.now()

    def advance(self, seconds: float) -> None:
        self.manual.advance(seconds)


class Told:
    """Keeps what it is told, from any thread, and waits for what is yet to come."""

    def __init__(self) -> None:
        self._all: list[Any] = []
        self._changed = threading.Condition()

    def __call__(self, message: Any) -> None:
        with self._changed:
            self._all.append(message)
            self._changed.notify_all()

    def of(self, kind: type[M], wanted: Callable[[M], bool] = lambda _: True) -> list[M]:
        """What came so far of one kind."""
        with self._changed:
            return [each for each in self._all if isinstance(each, kind) and wanted(each)]

    def wait(
        self, kind: type[M], wanted: Callable[[M], bool] = lambda _: True, count: int = 1
    ) -> M:
        """The `count`-th of a kind that is `wanted`, past ones included."""
        end = time.monotonic() + SECONDS
        with self._changed:
            while True:
                found = [each for each in self._all if isinstance(each, kind) and wanted(each)]
                if len(found) >= count:
                    return found[count - 1]
                left = end - time.monotonic()
                if left <= 0 or not self._changed.wait(left):
                    raise AssertionError(f"expected {count} x {kind.__name__}, got {self._all}")

    def clear(self) -> None:
        with self._changed:
            self._all.clear()


class FakeStore:
    """`butler.ports.Store` in RAM, by the rules of `butler.domain.writes`.

    `down` makes every call fail; `spoilt` names writes that no store could take; `after_read` is
    called when a guest or a revision has been read, and nobody knows it yet.
    """

    def __init__(self) -> None:
        self.down = False
        self.down_after_next = False
        self.others: int | None = None
        self.asked_revisions = 0
        self.spoilt: Callable[[Write], bool] = lambda _: False
        self.broken: set[str] = set()
        self.after_read: Callable[[], None] = lambda: None
        self.items: dict[UpdateKey, InboxItem] = {}
        self.rows: dict[UpdateKey, rows.Row] = {}
        self.known: dict[str, Profile] = {}
        self.events: dict[str, Event] = {}
        self.archived: dict[str, Event] = {}
        self.vectors_of: dict[str, tuple[str, bytes]] = {}
        self.letters: dict[str, DeadLetter] = {}
        self.batches: list[list[Write]] = []
        self.refused = Told()
        self.closed = False

    # Writing

    def commit(self, writes: Sequence[Write]) -> list[Result]:
        self._check()
        if any(map(self.spoilt, writes)):
            raise ValueError("not to be stored")
        results = [self._apply(write) for write in writes]
        self.batches.append(list(writes))
        if self.down_after_next:
            self.down_after_next, self.down = False, True
            raise StoreUnavailable("went away after it had written")
        return results

    def _apply(self, write: Write) -> Result:
        match write:
            case Accept(items):
                new = tuple(item for item in items if item.key not in self.items)
                for item in new:
                    self.items[item.key] = item
                    self.rows[item.key] = rows.Row("received", NO_PARTS, 0, 0)
                return Accepted(new, len(items) - len(new))
            case CommitTurn():
                return self._turn(write)
            case SaveProfile(profile, expected):
                return self._profile(profile, expected)
            case CommitCompaction(profile, expected):
                return self._compaction(profile, expected)
            case EraseGuest(user_id):
                waiting = (each.key for each in self._unsettled() if each.user_id == user_id)
                keys = tuple(key for key in waiting if not write.spares(key))
                self._change(Settle(keys, "ignored", START))
                self.letters = {k: d for k, d in self.letters.items() if d.user_id != user_id}
                self.known.pop(user_id, None)
                self.events = {k: e for k, e in self.events.items() if e.user_id != user_id}
                self.archived = {k: e for k, e in self.archived.items() if e.user_id != user_id}
            case Forget():
                return self._forget(write)
            case ImportGuest(held):
                self.known[held.profile.user_id] = held.profile
                self.events.update({each.event_id: each for each in held.window})
                self.archived.update({each.event_id: each for each in held.archive})
            case KeepVectors(_, model, kept):
                self.vectors_of |= {v.event_id: (model, v.vector) for v in kept}
            case Sweep():
                pass
            case Revive(letter_id, item):
                return self._revive(letter_id, item)
            case _:
                if isinstance(write, Bury):
                    self._keep(write.letter)
                self._change(write)
        return Done()

    def _forget(self, write: Forget) -> Result:
        result = self._profile(write.profile, write.expected)
        if isinstance(result, Fenced):
            return result
        for event in self._of(write.profile.user_id, {**self.events, **self.archived}):
            if event.seq in write.seqs or write.matter.touches(event.content, event.created_at):
                self.archived.pop(event.event_id, None)
                if event.event_id in self.events:
                    self.events[event.event_id] = attrs.evolve(event, content="")
        if write.matter.everything:
            gone = write.profile.user_id
            self.events = {k: e for k, e in self.events.items() if e.user_id != gone}
        return result

    def _keep(self, letter: DeadLetter) -> None:
        if letter.key in self.items and not letter.payload:
            letter = letter.about(self.items[letter.key])
        self.letters.setdefault(letter.letter_id, letter)

    def _revive(self, letter_id: str, item: InboxItem) -> Result:
        row = rows.revived(self.rows.get(item.key))
        if row is None or self.letters.pop(letter_id, None) is None:
            return Accepted((), 1)
        self.items[item.key], self.rows[item.key] = item, row
        return Accepted((item,), 0)

    def _turn(self, write: CommitTurn) -> Result:
        if write.keys and not any(rows.is_waiting(self.rows.get(key)) for key in write.keys):
            return Done()
        if write.profile is not None:
            result = self._profile(write.profile, write.expected)
            if isinstance(result, Fenced):
                return result
            for event in write.events:
                self.events.setdefault(event.event_id, event)
        self._change(write)
        return Done()

    def _change(self, write: rows.RowWrite) -> None:
        for key, change in rows.changes(write, self.rows):
            self.rows[key] = change(self.rows[key])

    def _profile(self, profile: Profile, expected: int) -> Result:
        stored = self.known.get(profile.user_id)
        revision = stored.revision if stored else 0
        if stored != profile and revision != expected:
            return Fenced(revision)
        self.known[profile.user_id] = profile
        return Done()

    def _compaction(self, profile: Profile, expected: int) -> Result:
        result = self._profile(profile, expected)
        if isinstance(result, Done):
            for event in self._of(profile.user_id, self.events):
                if event.seq <= profile.covered_seq:
                    covered = self.events.pop(event.event_id)
                    if covered.content:
                        self.archived[event.event_id] = covered
        return result

    # Reading

    def _check(self) -> None:
        if self.down:
            self.refused("a call")
            raise StoreUnavailable("away")

    def _of(self, user_id: str, events: dict[str, Event]) -> list[Event]:
        found = [event for event in events.values() if event.user_id == user_id]
        return sorted(found, key=lambda event: event.seq)

    def item(self, key: UpdateKey) -> InboxItem:
        row = self.rows[key]
        return attrs.evolve(
            self.items[key],
            state=row.state,
            parts=parts_of(row.parts),
            sent_parts=row.sent,
            transcript=row.transcript,
            settled_at=row.settled_at,
        )

    def inbox_item(self, key: UpdateKey) -> InboxItem | None:
        return self.item(key) if key in self.rows else None

    def _unsettled(self) -> list[InboxItem]:
        waiting = [key for key, row in self.rows.items() if row.settled_at is None]
        return [self.item(key) for key in sorted(waiting, key=lambda k: (k.bot_id, k.update_id))]

    def unsettled(self, after: UpdateKey | None, limit: int) -> list[InboxItem]:
        self._check()
        first = (after.bot_id, after.update_id) if after else (-1, -1)
        found = [i for i in self._unsettled() if (i.key.bot_id, i.key.update_id) > first]
        return found[:limit]

    def waiting_of(self, user_id: str) -> list[InboxItem]:
        self._check()
        return [item for item in self._unsettled() if item.user_id == user_id]

    def guest(self, user_id: str) -> Guest | None:
        self._check()
        if user_id in self.broken:
            raise KeyError(user_id)
        profile = self.known.get(user_id)
        events = self._of(user_id, self.events)
        self.after_read()
        if profile is None:
            return None
        return Guest(profile, tuple(e for e in events if e.seq > profile.covered_seq))

    def revision(self, user_id: str) -> int:
        self._check()
        self.asked_revisions += 1
        revision = self.known[user_id].revision if user_id in self.known else 0
        self.after_read()
        return revision

    def archive(self, user_id: str, after_seq: int = 0) -> Iterator[Event]:
        return iter([e for e in self._of(user_id, self.archived) if e.seq > after_seq])

    def vectors(self, user_id: str, model: str) -> Iterator[tuple[int, bytes]]:
        self._check()
        kept = self.vectors_of
        found = [e for e in self._of(user_id, self.archived) if e.event_id in kept]
        return iter([(e.seq, kept[e.event_id][1]) for e in found if kept[e.event_id][0] == model])

    def profiles(self, limit: int, after: str | None = None) -> list[Profile]:
        found = [p for u, p in sorted(self.known.items()) if after is None or u > after]
        return found[:limit]

    def dead_letters(self, limit: int, after: str | None = None) -> list[DeadLetter]:
        found = [d for i, d in sorted(self.letters.items()) if after is None or i > after]
        return found[:limit]

    def dead_letter(self, letter_id: str) -> DeadLetter | None:
        return self.letters.get(letter_id)

    def take_dead_letter(self, letter_id: str) -> DeadLetter | None:
        return self.letters.pop(letter_id, None)

    def export(self, user_id: str) -> dict[str, Any]:
        return {"profile": self.known.get(user_id)}

    def statistics(self) -> StoreStatistics:
        self._check()
        unsettled = self._unsettled()
        oldest = min((item.accepted_at for item in unsettled), default=None)
        counts = (len(self.known), len(self.events), len(self.archived))
        return StoreStatistics(*counts, len(unsettled), len(self.letters), oldest)

    def migrate(self) -> list[str]:
        return ["in RAM"]

    def ping(self) -> None:
        self._check()

    def erase_all(self) -> None:
        self.__init__()  # type: ignore[misc]  # as new

    def close(self) -> None:
        self.closed = True


class FakeTransport:
    """`butler.ports.Transport`: what is sent is kept; errors and updates are queued by the test."""

    def __init__(self) -> None:
        self.told = Told()
        self.errors: deque[Exception | None] = deque()
        self.batches: deque[list[dict[str, Any]] | Exception] = deque()
        self._unconfirmed: list[dict[str, Any]] = []
        self.asked_offsets: list[int | None] = []
        self.files: dict[str, bytes | Exception] = {}
        self.downloaded: list[str] = []
        self.gate = threading.Event()
        self.gate.set()
        self.hold_documents = threading.Event()
        self.hold_documents.set()
        self.identity_error: Exception | None = None
        self.menu_error: Exception | None = None
        self.webhooks: list[tuple[str, str | None] | None] = []
        self._numbers = itertools.count(1)
        self._more = threading.Condition()

    def identity(self) -> BotIdentity:
        if self.identity_error is not None:
            error, self.identity_error = self.identity_error, None
            raise error
        return BotIdentity(BOT, "alfred_bot")

    def push(self, *batches: list[dict[str, Any]] | Exception) -> None:
        """What the next calls of `updates` come to, again and again until it is confirmed."""
        with self._more:
            self.batches.extend(batches)
            self._more.notify_all()

    def updates(self, offset: int | None, limit: int, timeout: float) -> list[dict[str, Any]]:
        with self._more:
            self.asked_offsets.append(offset)
            self.told(("asked", offset))
            self._unconfirmed = [
                each for each in self._unconfirmed if offset is None or each["update_id"] >= offset
            ]
            self._more.wait_for(lambda: bool(self.batches or self._unconfirmed), 0.02)
            batch = self.batches.popleft() if self.batches else []
            if isinstance(batch, Exception):
                raise batch
            known = {each["update_id"] for each in self._unconfirmed}
            self._unconfirmed += [
                each
                for each in batch
                if each["update_id"] not in known
                and (offset is None or each["update_id"] >= offset)
            ]
            return list(self._unconfirmed)

    def _fail(self) -> None:
        assert self.gate.wait(SECONDS)
        error = self.errors.popleft() if self.errors else None
        if error is not None:
            raise error

    def send(self, part: Part) -> int:
        self.told(("trying", part))
        self._fail()
        if part.document is not None:
            assert self.hold_documents.wait(SECONDS)
        self.told(part)
        return next(self._numbers)

    @property
    def sent(self) -> list[Part]:
        return self.told.of(Part)

    def draft(self, chat_id: int, draft_id: int, text: str) -> None:
        self.told(("draft", chat_id, draft_id, text))

    def typing(self, chat_id: int) -> None:
        self.told(("typing", chat_id))

    def answer_callback(self, callback_id: str) -> None:
        self.told(("callback", callback_id))

    def download(self, file_id: str, limit: int) -> bytes:
        assert self.gate.wait(SECONDS)
        self.downloaded.append(file_id)
        found = self.files[file_id]
        if isinstance(found, Exception):
            raise found
        return found

    def set_commands(self, commands: Sequence[tuple[str, str]], language: str | None) -> None:
        if self.menu_error is not None:
            raise self.menu_error
        self.told(("menu", language))

    def set_webhook(self, url: str, secret: str | None) -> None:
        self.webhooks.append((url, secret))
        self.told(("webhook", url))

    def delete_webhook(self) -> None:
        self.webhooks.append(None)
        if self.menu_error is not None:
            raise self.menu_error

    def close(self) -> None:
        self.push(StoreUnavailable("closed"))


class FakeModel:
    """`butler.ports.Model`: answers, or raises, what `answer` makes of the request."""

    def __init__(
        self, answer: Callable[[CompletionRequest], str] = lambda _: "Very good.", name: str = "one"
    ) -> None:
        self.name = name
        self.answer = answer
        self.told = Told()
        self.gate = threading.Event()
        self.gate.set()
        self.texts: tuple[str, ...] = ()

    def complete(
        self,
        request: CompletionRequest,
        timeout: float,
        on_text: Callable[[str], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Completion:
        self.told(request)
        assert self.gate.wait(SECONDS)
        for text in self.texts if on_text else ():
            assert on_text is not None
            on_text(text)
        return Completion(self.answer(request), prompt_tokens=50)

    def count_tokens(self, text: str) -> int | None:
        return None

    def probe(self) -> str:
        return self.name

    def close(self) -> None:
        self.told("closed")


class FakeTranscriber:
    """`butler.ports.Transcriber`: hears what `hears` says."""

    name = "fake"

    def __init__(self, hears: Callable[[Audio], str] = lambda a: a.data.decode()) -> None:
        self.hears = hears

    def transcribe(self, audio: Audio, language: str, timeout: float) -> Transcript:
        return Transcript(self.hears(audio), language)

    def probe(self) -> str:
        return "hears"


@attrs.frozen
class Asked:
    """One request to the LLM."""

    request_id: str
    request: CompletionRequest
    summarising: Summarising | None = None

    @property
    def urgent(self) -> bool:
        return self.summarising is None


@attrs.frozen
class Delivery:
    """Parts that were given to the sender."""

    key: UpdateKey
    parts: tuple[Part, ...]
    first: int
    final: bool


class FakeHands:
    """`actors.guest.hands.Hands`: keeps what was asked; answers come when the test says so."""

    def __init__(self, clock: Time | None = None) -> None:
        self.clock: Clock = clock or Time()
        self.commits: deque[Commit] = deque()
        self.hurried = 0
        self.reads = 0
        self.asked: list[Asked] = []
        self.cancelled: list[str] = []
        self.listening: list[tuple[UpdateKey, Attachment, str]] = []
        self.exports: list[UpdateKey] = []
        self.embedding: list[tuple[str, str]] = []
        self.deliveries: list[Delivery] = []
        self.courtesies: list[tuple[Any, ...]] = []
        self.timers: dict[str, float] = {}
        self.events: list[TelemetryEvent] = []

    def commit(self, write: Write, tag: Any) -> None:
        self.commits.append(Commit(write, None, tag))

    def take(self) -> list[Write]:
        """The writes that wait, without answering them."""
        return [commit.write for commit in self.commits]

    def committed(self, store: FakeStore) -> Committed:
        """Write the oldest that waits; what the journal would answer."""
        commit = self.commits.popleft()
        (result,) = store.commit([commit.write])
        return Committed(commit.tag, result)

    def read(self) -> None:
        self.reads += 1

    def make_sure(self) -> None:
        self.reads += 1

    def hurry(self) -> None:
        self.hurried += 1

    def ask(self, request_id: str, request: CompletionRequest) -> None:
        self.asked.append(Asked(request_id, request))

    def summarise(self, request_id: str, wanted: Summarising) -> None:
        self.asked.append(Asked(request_id, wanted.request(), wanted))

    def cancel(self, request_id: str) -> None:
        self.cancelled.append(request_id)

    def embed(self, request_id: str, text: str, seconds: float) -> None:
        self.embedding.append((request_id, text))

    def listen(self, key: UpdateKey, attachment: Attachment, language: str) -> None:
        self.listening.append((key, attachment, language))

    def stop_listening(self, key: UpdateKey) -> None:
        self.listening = [each for each in self.listening if each[0] != key]

    def deliver(
        self, key: UpdateKey, parts: tuple[Part, ...], first: int, accepted: float, *, final: bool
    ) -> None:
        self.deliveries.append(Delivery(key, parts, first, final))

    def export(self, key: UpdateKey) -> None:
        self.exports.append(key)

    @property
    def said(self) -> list[str]:
        """The texts that were given to the sender."""
        return [part.text for delivery in self.deliveries for part in delivery.parts]

    def typing(self, chat_id: int) -> None:
        self.courtesies.append(("typing", chat_id))

    def draft(self, chat_id: int, draft_id: int, text: str) -> None:
        self.courtesies.append(("draft", chat_id, draft_id, text))

    def answer_callback(self, callback_id: str) -> None:
        self.courtesies.append(("callback", callback_id))

    def after(self, seconds: float, name: str) -> None:
        self.timers[name] = self.clock.monotonic() + seconds

    def forget_timer(self, name: str) -> None:
        self.timers.pop(name, None)

    def emit(self, event: TelemetryEvent) -> None:
        self.events.append(event)

    def emitted(self, kind: type[M]) -> list[M]:
        return [event for event in self.events if isinstance(event, kind)]


# Updates, as the Bot API gives them


def message(update_id: int, text: str = "", user: int = 7, **details: Any) -> dict[str, Any]:
    """A message in a private chat; `details` add to it or replace what is there."""
    body: dict[str, Any] = {
        "message_id": update_id,
        "date": 1_772_366_400,
        "chat": {"id": user, "type": "private"},
        "from": {"id": user, "is_bot": False, "first_name": f"Guest {user}"},
    }
    if text:
        body["text"] = text
    return {"update_id": update_id, "message": {**body, **details}}


def edited(update_id: int, of: int, text: str, user: int = 7) -> dict[str, Any]:
    body = message(of, text, user)["message"]
    return {"update_id": update_id, "edited_message": body}


def pressed(update_id: int, data: str, user: int = 7) -> dict[str, Any]:
    """A button under message 5."""
    body = message(5, "buttons", user)["message"]
    query = {"id": f"q{update_id}", "from": body["from"], "message": body, "data": data}
    return {"update_id": update_id, "callback_query": query}


def recording(update_id: int, user: int = 7, size: int = 1000) -> dict[str, Any]:
    voice = {"file_id": f"f{update_id}", "duration": 2, "mime_type": "audio/ogg"}
    return message(update_id, user=user, voice={**voice, "file_size": size})


def group_message(update_id: int, text: str, user: int = 7, chat: int = -100) -> dict[str, Any]:
    """A message in a group that names the bot."""
    place = {"id": chat, "type": "supergroup"}
    return message(update_id, f"@alfred_bot {text}", user, chat=place)


def item(update: dict[str, Any], user: int | None = 7, at: datetime = START) -> InboxItem:
    """The update as the inbox keeps it."""
    key = UpdateKey(BOT, update["update_id"])
    user_id = None if user is None else str(user)
    return InboxItem(key, user_id, user, update, at)

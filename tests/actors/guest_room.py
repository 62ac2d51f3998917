"""One guest's plain objects, put together as the user actor does, without threads."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import attrs

from actors.guest.archive import Archive
from actors.guest.attempts import Attempts
from actors.guest.conversation import Conversation
from actors.guest.keeper import KEEPING, Keeper
from actors.guest.ledger import Ledger
from actors.guest.rules import Bot, Rules
from actors.messages import Committed
from butler.domain.chat import Completion
from butler.domain.commands import House
from butler.domain.event import Event, Role
from butler.domain.inbox import InboxItem, UpdateKey
from butler.domain.profile import Profile, new_profile
from butler.domain.prompt import Budget
from butler.domain.understanding import understand
from butler.domain.writes import Accept, NoteSent
from butler.errors import ModelError, ModelUnavailable
from tests.support.fakes import BOT, START, Asked, FakeHands, FakeStore, Time, item


def rules(**changes: Any) -> Rules:
    values: dict[str, Any] = {
        "bot": Bot(BOT, "alfred_bot"),
        "personalization": True,
        "event_cap": 6,
        "keep_events": 2,
        "idle_seconds": 60.0,
        "budget": Budget(),
        "house": House(),
    }
    return Rules(**{**values, **changes})


def key(update_id: int) -> UpdateKey:
    return UpdateKey(BOT, update_id)


class Room:
    """One incarnation after another of guest 7, over one store."""

    def __init__(self, store: FakeStore | None = None, **changes: Any) -> None:
        self.store = store or FakeStore()
        self.rules = rules(**changes)
        self.attempts = Attempts()
        self.time = Time()
        self.begin()

    def begin(self) -> None:
        """A new incarnation, which has not read the guest yet."""
        self.recovering = self.attempts.incarnate()
        self.hands = FakeHands(self.time)
        self.ledger = Ledger(self.hands)
        self.talking = Conversation("7", self.hands, self.ledger, self.attempts, self.rules)
        nonce = str(self.attempts.incarnation)
        self.keeper = Keeper("7", nonce, self.hands, self.ledger, self.rules)

    def read(self) -> None:
        """The store's answer to `read`."""
        guest = self.store.guest("7") if self.rules.personalization else None
        covered = guest is not None and guest.profile.covered_seq > 0
        archive = Archive(self.store.archive("7")) if covered else None
        self.ledger.take(guest, archive)
        if self.recovering:
            self.recovering = False
            bot = self.rules.bot
            found = [
                (each, understand(each.payload, bot.username, bot.bot_id))
                for each in self.store.waiting_of("7")
            ]
            self.talking.recovered(found)
        self.talking.advance()
        self.keeper.consider()

    def crash(self, error: str = "ValueError") -> None:
        """The incarnation fails; the next one has read what the store holds."""
        self.attempts.failed(error)
        self.begin()
        self.read()

    def restart(self) -> None:
        """The incarnation is ended and begun anew because others failed."""
        self.attempts.rested()
        self.begin()
        self.read()

    # What reaches the guest's actor

    def accept(self, update: dict[str, Any], at: datetime | None = None) -> InboxItem:
        """Keep an update in the inbox."""
        accepted = item(update, at=at or self.time.now())
        self.store.commit([Accept((accepted,))])
        return accepted

    def arrive(self, accepted: InboxItem) -> None:
        bot = self.rules.bot
        incoming = understand(accepted.payload, bot.username, bot.bot_id)
        self.talking.arrived(accepted, incoming)
        self.talking.advance()

    def say(self, update: dict[str, Any]) -> InboxItem:
        """An update is accepted and arrives."""
        accepted = self.accept(update)
        self.arrive(accepted)
        return accepted

    def write(self, count: int = 1000) -> None:
        """Make durable what waits, oldest first, at most `count` writes."""
        while self.hands.commits and count:
            count -= 1
            self.hear(self.hands.committed(self.store))

    def hear(self, answer: Committed) -> None:
        self.ledger.committed(answer.tag, answer.result)
        if self.hands.reads:
            self.hands.reads = 0
            self.read()
        self.keeper.consider()
        self.talking.advance()

    @property
    def question(self) -> Asked:
        """The last request of the conversation to the LLM."""
        return self.questions[-1]

    @property
    def questions(self) -> list[Asked]:
        """The requests of the conversation to the LLM."""
        return [asked for asked in self.hands.asked if asked.urgent]

    def prompt(self) -> str:
        """All words of the last request."""
        return "\n".join(message.content for message in self.question.request.messages)

    def answer(self, text: str = "Very good, sir.", tokens: int = 0) -> None:
        """The LLM answers its last request, and what follows becomes durable."""
        self.talking.talk.completed(self.question.request_id, Completion(text, "stop", tokens))
        self.write()

    def fail(self, error: ModelError | None = None) -> None:
        """The LLM fails its last request."""
        error = error or ModelUnavailable("away")
        self.talking.talk.failed(self.question.request_id, error)
        self.write()

    def summarise(self, text: str) -> None:
        """The LLM answers the compaction that was asked last."""
        asked = [each for each in self.hands.asked if not each.urgent][-1]
        assert self.keeper.owns(asked.request_id)
        assert asked.summarising is not None
        self.keeper.judged(asked.summarising.judged(Completion(text)))

    def ring(self, name: str) -> None:
        """The timer `name` has run out."""
        del self.hands.timers[name]
        (self.keeper if name in KEEPING else self.talking).tick(name)

    def all_sent(self) -> None:
        """The sender has sent what it was given."""
        for delivery in self.hands.deliveries:
            until = delivery.first + len(delivery.parts)
            self.store.commit([NoteSent(delivery.key, until, self.time.now())])

    # What is stored

    def state(self, update_id: int) -> str:
        return self.store.item(key(update_id)).state

    def remembered(self) -> list[tuple[str, str]]:
        """(role, content) of the window as stored."""
        guest = self.store.guest("7")
        return [(e.role, e.content) for e in guest.window] if guest else []

    def knows(self, events: int = 0, **changes: Any) -> Profile:
        """Store a profile, and a window of `events`, before anything else."""
        profile = attrs.evolve(new_profile("7", START), revision=1, last_seq=events, **changes)
        self.store.known["7"] = profile
        for seq in range(1, events + 1):
            event = said(seq)
            self.store.events[event.event_id] = event
        return profile


def said(seq: int, content: str = "") -> Event:
    role: Role = "user" if seq % 2 else "assistant"
    words = content or f"Про чай и прогулки номер {seq}"
    return Event(f"{BOT}:{1000 + seq}:{role}", "7", seq, role, words, "text", 1000 + seq, START)

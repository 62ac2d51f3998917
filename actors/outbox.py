"""What is to be sent, in which order and when: the decisions of the sender."""

from __future__ import annotations

import heapq
import itertools
from collections import OrderedDict, deque

import attrs

from butler.domain.flood import Flood
from butler.domain.inbox import InboxItem, UpdateKey
from butler.domain.outgoing import Part

REMEMBERED = 20_000


@attrs.define(eq=False)
class Job:
    """One part on its way.

    `number` is its place among the update's parts; -1 for a piece of one, before the last.
    `failures` counts refused and failed tries, `crashes` those that took the worker along.
    """

    key: UpdateKey
    number: int
    part: Part
    accepted: float
    final: bool
    failures: int = 0
    crashes: int = 0

    @property
    def name(self) -> tuple[UpdateKey, float, int]:
        """What tells this part from all others; an operator may have its update accepted anew."""
        return (self.key, self.accepted, self.number)


class Recent:
    """The names of the latest parts put in."""

    def __init__(self) -> None:
        self._names: OrderedDict[tuple[UpdateKey, float, int], None] = OrderedDict()

    def __contains__(self, name: tuple[UpdateKey, float, int]) -> bool:
        return name in self._names

    def add(self, name: tuple[UpdateKey, float, int]) -> None:
        """Put one in; the oldest beyond `REMEMBERED` goes."""
        self._names[name] = None
        if len(self._names) > REMEMBERED:
            self._names.popitem(last=False)


class Tried:
    """Parts that Telegram has, and updates that it may have a part of without our knowing.

    Outlives the sender's incarnations: what Telegram has is not sent again though the note of it
    was lost with the journal, and what the next one sends again is counted exactly. Of an earlier
    process nothing is known, so then all that is unsent counts.
    """

    def __init__(self) -> None:
        self.sent = Recent()
        self._earlier = True
        self._open: set[tuple[UpdateKey, float]] = set()

    def begins(self, job: Job) -> None:
        """A part is on its way to Telegram."""
        self._open.add((job.key, job.accepted))

    def ends(self, job: Job, *, sent: bool) -> None:
        """It is known what came of it; a piece that was sent leaves its part half sent."""
        if not (sent and job.number < 0):
            self._open.discard((job.key, job.accepted))

    def counts(self, key: UpdateKey, accepted: float) -> bool:
        """Whether sending what is unsent of an update may be sending it again."""
        return self._earlier or (key, accepted) in self._open

    def first_unsent(self, item: InboxItem) -> int:
        """The number of the first part that Telegram is not known to have."""
        accepted, first = item.accepted_at.timestamp(), item.sent_parts
        while first < len(item.parts) and (item.key, accepted, first) in self.sent:
            first += 1
        return first

    def taken_up(self) -> None:
        """What an earlier process has left is known."""
        self._earlier = False


@attrs.define(eq=False)
class _Chat:
    jobs: deque[Job] = attrs.field(factory=deque)
    sending: bool = False
    not_before: float = 0.0


class Outbox:
    """Parts by chat: one at a time and in order, within the flood budget.

    A plain object: `now` is passed in. A part that is known, or was sent lately, is not taken
    again. Nothing costs O(chats): those with something to send stand in a heap by their time.
    """

    def __init__(self, flood: Flood, sent: Recent | None = None) -> None:
        """`sent`: what is with Telegram already."""
        self._flood = flood
        self._chats: dict[int, _Chat] = {}
        self._ready: list[tuple[float, int, int]] = []
        self._order = itertools.count()
        self._open_at = 0.0
        self._waiting: set[tuple[UpdateKey, float, int]] = set()
        self._sent = Recent() if sent is None else sent
        self._dropped = Recent()

    def __len__(self) -> int:
        return sum(len(chat.jobs) for chat in self._chats.values())

    def add(self, job: Job, now: float) -> bool:
        """Queue a part; False if it is known already."""
        if any(job.name in known for known in (self._waiting, self._sent, self._dropped)):
            return False
        self._waiting.add(job.name)
        chat = self._chats.setdefault(job.part.chat_id, _Chat())
        chat.jobs.append(job)
        if len(chat.jobs) == 1 and not chat.sending:
            self._schedule(job.part.chat_id, chat, now)
        return True

    def take(self, now: float) -> Job | None:
        """The next part to send now, noted as under way."""
        self._open_at = self._flood.open_at(now)
        if self._open_at > now:
            return None
        while self._ready and self._ready[0][0] <= now:
            _, _, chat_id = heapq.heappop(self._ready)
            chat = self._chats.get(chat_id)
            if chat is None or chat.sending or not chat.jobs:
                continue
            at = max(self._flood.ready_at(chat_id, now), chat.not_before)
            if at > now:
                heapq.heappush(self._ready, (at, next(self._order), chat_id))
                continue
            self._flood.take(chat_id, now)
            chat.sending = True
            return chat.jobs[0]
        return None

    def next_at(self) -> float | None:
        """When to look again; None if nothing waits for time."""
        return max(self._ready[0][0], self._open_at) if self._ready else None

    def done(self, job: Job, now: float) -> None:
        """The chat's first part is finished with; on to its next."""
        self._chats[job.part.chat_id].jobs.popleft()
        self.remember(job)
        self._release(job.part.chat_id, now)

    def remember(self, job: Job) -> None:
        """A part has been sent: it is not taken again."""
        if job.number >= 0:
            self._waiting.discard(job.name)
            self._sent.add(job.name)

    def again(self, job: Job, now: float, delay: float) -> None:
        """The same part once more, after `delay` seconds; the chat waits with it."""
        self._chats[job.part.chat_id].not_before = now + delay
        self._release(job.part.chat_id, now)

    def replace(self, job: Job, parts: tuple[Part, ...], now: float) -> None:
        """The chat's first part is sent as `parts` instead, which count as one."""
        chat_id = job.part.chat_id
        chat = self._chats[chat_id]
        chat.jobs.popleft()
        last = len(parts) - 1
        for place, part in reversed(list(enumerate(parts))):
            final = job.final and place == last
            number = job.number if place == last else -1
            chat.jobs.appendleft(Job(job.key, number, part, job.accepted, final, job.failures))
        self._release(chat_id, now)

    def move(self, chat_id: int, new_chat_id: int, now: float) -> None:
        """All that waits for a chat goes to its new id instead, before what waits there."""
        chat = self._chats.pop(chat_id)
        for job in chat.jobs:
            job.part = attrs.evolve(job.part, chat_id=new_chat_id)
        new = self._chats.setdefault(new_chat_id, _Chat())
        under_way = [new.jobs.popleft()] if new.sending else []
        new.jobs.extendleft(reversed(chat.jobs))
        new.jobs.extendleft(under_way)
        if not new.sending:
            self._schedule(new_chat_id, new, now)

    def drop(self, job: Job, now: float) -> list[Job]:
        """Nothing more can be sent for this update; its parts that are dropped, `job` first."""
        chat_id = job.part.chat_id
        chat = self._chats[chat_id]
        dropped = [each for each in chat.jobs if each.key == job.key]
        chat.jobs = deque(each for each in chat.jobs if each.key != job.key)
        for each in dropped:
            self._waiting.discard(each.name)
            self._dropped.add(each.name)
        self._release(chat_id, now)
        return dropped

    def penalise(self, chat_id: int | None, seconds: float, now: float) -> None:
        """Telegram asks for a pause, of one chat or of all."""
        self._flood.penalise(chat_id, seconds, now)

    def _release(self, chat_id: int, now: float) -> None:
        chat = self._chats[chat_id]
        chat.sending = False
        if chat.jobs:
            self._schedule(chat_id, chat, now)
        else:
            del self._chats[chat_id]

    def _schedule(self, chat_id: int, chat: _Chat, now: float) -> None:
        at = max(now, chat.not_before)
        heapq.heappush(self._ready, (at, next(self._order), chat_id))

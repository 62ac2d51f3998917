"""A guest's profile and window in RAM, and the writes that keep the store in step with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from actors.guest.archive import Archive, forget_unpacked
from actors.guest.hands import Hands
from butler.domain import prompt
from butler.domain.event import Event, Guest
from butler.domain.forgetting import Epoch, epoch, sentences
from butler.domain.profile import Profile
from butler.domain.recall import Reading
from butler.domain.writes import (
    CommitCompaction,
    CommitTurn,
    EraseGuest,
    Fenced,
    Forget,
    Result,
    SaveProfile,
    Write,
)

FencedWrite = CommitTurn | SaveProfile | CommitCompaction | Forget | EraseGuest
Build = Callable[[], FencedWrite | None]
Then = Callable[[], None]


def _nothing() -> None:
    pass


class Ledger:
    """The state of one guest, written in order.

    Writes that change the profile go one at a time: each is built from the state that the one
    before left. If another writer was quicker (the store says `Fenced`), the guest is read anew and
    the write is built again from what is there now. After forgetting, too, the guest is read anew.
    `readings`: what was read beforehand of the events that a compaction covers (see `Archive.add`).
    """

    def __init__(self, hands: Hands) -> None:
        self._hands = hands
        self._tag = 0
        self._tag_under_way = 0
        self._queue: list[tuple[Build, Then]] = []  # short; an empty deque takes 700 bytes
        self._under_way: FencedWrite | None = None
        self._posted: dict[int, Then] = {}
        self._doubted = False
        self.loaded = False
        self.profile: Profile | None = None
        self.window: list[Event] = []
        self.archive = Archive()
        self.left_of_summary = ""
        self.readings: Mapping[str, Reading] | None = None

    @property
    def busy(self) -> bool:
        """Whether any write waits for its answer."""
        return bool(self._queue or self._posted)

    @property
    def epoch(self) -> Epoch | None:
        """Changes whenever something is forgotten."""
        return epoch(self.profile)

    def doubt(self) -> bool:
        """Hold back what comes until `confirm` or `take`: others may have written meanwhile.

        True: the store is to be asked now; else it will be, after the write that is under way.
        """
        self.loaded = False
        self._doubted = self._under_way is not None
        if self._doubted:
            self._hasten()
        return not self._doubted

    def outlived(self, before: datetime) -> bool:
        """Whether something in RAM was said before that: the store's retention may be past it."""
        oldest = self.archive.oldest or (self.window[0].created_at if self.window else None)
        return oldest is not None and oldest < before

    def confirm(self) -> None:
        """Nobody has written since: go on."""
        self.loaded = True
        self._send()

    def take(self, guest: Guest | None, archive: Archive | None = None) -> None:
        """What the store holds; a write that was fenced is tried again on it."""
        if self.window or len(self.archive):  # another writer may have had some of it forgotten
            _let_go_of_words()
        self.archive, self.readings = archive or Archive(), None
        self.profile = guest.profile if guest else None
        self.window = list(guest.window) if guest else []
        self.loaded = True
        self._send()

    def remembers(self, event_id: str, update_id: int) -> bool:
        """Whether an event is in memory: its update may have been retried by an operator."""
        if self.window and update_id > max(event.update_id for event in self.window):
            return False  # newer than all that was said: nearly always, and cheap
        return any(e.event_id == event_id for e in self.window) or self.archive.holds(event_id)

    def post(self, write: Write, then: Then = _nothing) -> None:
        """Write what does not touch the profile; `then` once it is durable."""
        self._tag += 1
        self._posted[self._tag] = then
        self._hands.commit(write, self._tag)

    def write(self, build: Build, then: Then = _nothing) -> None:
        """Write what changes the profile, when its turn comes; `then` once it is durable.

        If `build` then finds nothing to write (None), that was all.
        """
        self._queue.append((build, then))
        if len(self._queue) == 1:
            self._send()
        else:
            self._hasten()

    def committed(self, tag: int, result: Result) -> None:
        """The journal's answer; one for an earlier incarnation's write means nothing here."""
        posted = self._posted.pop(tag, None)
        if posted is not None:
            posted()
        elif tag == self._tag_under_way and self._under_way is not None:
            self._finish(result)

    def _hasten(self) -> None:
        if isinstance(self._under_way, CommitCompaction):
            self._hands.hurry()

    def _send(self) -> None:
        while self._queue and self.loaded and self._under_way is None:
            self._under_way = self._queue[0][0]()
            if self._under_way is None:
                self._queue.pop(0)
                continue
            self._tag += 1
            self._tag_under_way = self._tag
            self._hands.commit(self._under_way, self._tag)

    def _finish(self, result: Result) -> None:
        write, self._under_way = self._under_way, None
        if isinstance(result, Fenced):
            self._read()
            return
        assert write is not None
        self._apply(write)
        _, then = self._queue.pop(0)
        then()
        if self._doubted:
            self._doubted = False
            self._hands.make_sure()
        self._send()

    def _read(self) -> None:
        self.loaded = self._doubted = False
        self._hands.read()

    def _apply(self, write: FencedWrite) -> None:
        if isinstance(write, EraseGuest | Forget):
            self.left_of_summary = _left_of(self.profile, write)
            self.profile = write.profile if isinstance(write, Forget) else None
            self.window, self.archive, self.readings = [], Archive(), None
            _let_go_of_words()
            if isinstance(write, Forget):
                # The store may have found more of it than was known here.
                self._read()
            return
        if write.profile is None:
            return
        self.profile = write.profile
        if isinstance(write, CommitTurn):
            self.window.extend(write.events)
        covered = write.profile.covered_seq
        if self.window and self.window[0].seq <= covered:
            self.archive.add((e for e in self.window if e.seq <= covered), self.readings)
            self.readings = None
            self.window = [e for e in self.window if e.seq > covered]


def _let_go_of_words() -> None:
    """Of all that is kept beside the guests' own state, to be quicker."""
    forget_unpacked()
    prompt.forget()


def _left_of(profile: Profile | None, write: EraseGuest | Forget) -> str:
    """What the dropped summary said that is not forgotten; kept in RAM alone, to make it anew."""
    if profile is None or isinstance(write, EraseGuest) or write.matter.period:
        return ""
    told = sentences(profile.memory_summary)
    return "".join(each for each in told if not write.matter.touches(each))

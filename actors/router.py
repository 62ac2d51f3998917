"""User id → mailbox: who is meant, and whether they are let in."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import attrs
import pykka

from actors import messages as m
from actors.guest.attempts import Attempts
from actors.guest.rules import Rules
from actors.runtime import Passivation, PooledActor, Recipe, Route, Terminated
from actors.telling import tell_if_there
from actors.throttle import Throttle
from butler.domain.commands import allowed
from butler.domain.inbox import InboxItem, UpdateKey
from butler.domain.incoming import Incoming
from butler.domain.phrases import say
from butler.domain.replies import Address, notice
from butler.domain.understanding import understand
from butler.domain.writes import CommitTurn, Settle
from butler.ports import Clock
from butler.telemetry import Telemetry, UpdateMalformed
from supervision import ChildSpec, Directory
from supervision.errors import MailboxFull, NotFound

PAGE = 500
SWEEP_SECONDS = 10.0
RECHECK_SECONDS = 15.0
COMMANDS = 30  # of one guest at once; then as many as Telegram lets us answer in a chat
COMMANDS_A_SECOND = 1.0
COUNTED = ("command", "callback", "unsupported")
REMEMBERED = 100_000
K = TypeVar("K")
V = TypeVar("V")
MakeUser = Callable[[str, Attempts], Recipe]


@attrs.frozen
class _Sweep:
    """Time to ask the idle whether they may be stopped."""


@attrs.frozen
class _Recheck:
    """Time to look for updates that came into the inbox by another way."""


class Router(PooledActor):
    """Routes accepted updates to user actors, and alone starts and stops those.

    When it starts it takes up what a crash left unanswered, and holds new updates back until then,
    so that each guest's stay in order. `passivation` outlives its incarnations.
    """

    mailbox_bound = 1_000_000

    def __init__(
        self,
        make_user: MakeUser,
        passivation: Passivation[str, m.Arrived],
        rules: Rules,
        allowed_users: frozenset[str],
        directory: Directory,
        telemetry: Telemetry,
        clock: Clock,
        commands: int = COMMANDS,
    ) -> None:
        super().__init__()
        self._throttle = Throttle(commands, COMMANDS_A_SECOND)
        self._flooding: OrderedDict[str, None] = OrderedDict()
        self._albums: OrderedDict[str, str] = OrderedDict()
        self._make_user = make_user
        self._live = passivation
        self._rules = rules
        self._allowed = allowed_users
        self._directory = directory
        self._telemetry = telemetry
        self._clock = clock
        self._life = object()
        self._recovering = True
        self._reading = False
        self._idle: list[m.Idle] = []
        self._held: list[InboxItem] = []
        # When each was accepted, and how many actors had been given up by then.
        self._routed: OrderedDict[UpdateKey, tuple[datetime, int]] = OrderedDict()
        self._given_up: OrderedDict[str, int] = OrderedDict()
        self._losses = 0
        self._refused: OrderedDict[str, None] = OrderedDict()
        self._refusals: dict[UpdateKey, m.Deliver] = {}

    def on_start(self) -> None:
        """Ask for what is unanswered, once it is known who we are: mentions depend on it."""
        if self._rules.bot.username:
            self._ask_unsettled(None)
        self.timers.every(SWEEP_SECONDS, _Sweep())
        self.timers.every(RECHECK_SECONDS, _Recheck())

    def on_receive(self, message: Any) -> Any:
        """Route, start, stop."""
        match message:
            case m.Route(item):
                if self._recovering:
                    self._held.append(item)
                else:
                    self._route(item)
            case m.Identified():
                if self._recovering and not self._reading:
                    self._ask_unsettled(None)
            case m.UnsettledRead(items, last, token=token) if token is self._life:
                self._take_up(items, last)
            case m.Idle() if self._reading:
                self._idle.append(message)
            case m.Idle(user_id, token):
                self._let_rest(user_id, token)
            case Terminated(name=("user", user_id), reason=reason):
                if reason is not None:
                    self._unroute(user_id)
                if message.name not in self._directory:
                    self._ended(user_id)
            case m.Committed(tag=key):
                deliver = self._refusals.pop(key, None)
                if deliver is not None:
                    self._directory.tell(m.SENDER, deliver)
            case m.CommitFailed(tag=key):
                self._refusals.pop(key, None)
            case _Sweep():
                self._sweep()
            case _Recheck():
                if not (self._recovering or self._reading):
                    self._ask_unsettled(None)

    def _ask_unsettled(self, after: UpdateKey | None) -> None:
        self._reading = True
        wanted = m.ReadUnsettled(m.ROUTER, after, PAGE, self._life)
        self._directory.tell(m.JOURNAL, m.Barrier(m.READER, wanted))

    def _take_up(self, items: tuple[InboxItem, ...], last: bool) -> None:
        for item in items:
            if item.state == "received":
                self._route(item, found=True)
            elif self._recovering:
                self._deliver(item)
        if not last:
            self._ask_unsettled(items[-1].key)
            return
        self._reading = self._recovering = False
        held, self._held = self._held, []
        for item in held:
            self._route(item)
        idle, self._idle = self._idle, []
        for each in idle:
            self._let_rest(each.user_id, each.token)

    def _deliver(self, item: InboxItem) -> None:
        """A refusal whose sending was cut short; the sender knows what it was told already."""
        unsent = item.parts[item.sent_parts :]
        if unsent:
            accepted = item.accepted_at.timestamp()
            self._directory.tell(m.SENDER, m.Deliver(item.key, unsent, item.sent_parts, accepted))

    def _route(self, item: InboxItem, *, found: bool = False) -> None:
        accepted, losses = self._routed.get(item.key, (None, 0))
        if accepted == item.accepted_at and losses >= self._given_up.get(item.user_id or "", 0):
            return
        bot = self._rules.bot
        incoming = understand(item.payload, bot.username, bot.bot_id)
        remember(self._routed, item.key, (item.accepted_at, self._losses))
        if incoming.user_id is None or not incoming.addressed or incoming.kind == "membership":
            self._ignore(item, incoming)
        elif not allowed(incoming.user_id, self._allowed):
            self._refuse(item, incoming)
        elif incoming.kind in COUNTED and self._floods(incoming):
            self._let_go(item, incoming)
        else:
            self._arrive(incoming.user_id, m.Arrived(item, incoming, found))

    def _arrive(self, user_id: str, message: m.Arrived) -> None:
        route = self._live.route(user_id, message, self._clock.monotonic())
        if route is Route.START:
            self._start(user_id)
        if route in (Route.START, Route.DELIVER):
            self._tell(user_id, message)
            self._telemetry.step("routed")
        elif route is Route.REFUSE:
            self._put_off(message)

    def _tell(self, user_id: str, message: m.Arrived) -> None:
        """Tell a user actor; if it has ended by itself meanwhile, a new one."""
        name = m.user_name(user_id)
        try:
            try:
                self._directory.tell(name, message)
            except (NotFound, pykka.ActorDeadError):
                self._live.ended(user_id, self._clock.monotonic())
                self._live.route(user_id, message, self._clock.monotonic())
                self._start(user_id)
                self._directory.tell(name, message)
        except MailboxFull:
            self._put_off(message)

    def _put_off(self, message: m.Arrived) -> None:
        """There is no room for it now: it is in the inbox, and found there later."""
        self._routed.pop(message.item.key, None)

    def _unroute(self, user_id: str) -> None:
        """An actor was given up: what it has left unanswered is found in the inbox, and tried."""
        self._losses += 1
        remember(self._given_up, user_id, self._losses)

    def _start(self, user_id: str) -> None:
        name = m.user_name(user_id)
        spec = ChildSpec(name, self._make_user(user_id, Attempts()), restart="transient")
        ref = self._directory.supervisor(m.USERS).start_child(spec)
        if ref is not None:
            self.watch(ref)

    def _ended(self, user_id: str) -> None:
        waiting = self._live.ended(user_id, self._clock.monotonic())
        if waiting:
            self._start(user_id)
            for message in waiting:
                self._tell(user_id, message)

    def _let_rest(self, user_id: str, token: int) -> None:
        """Stop an actor that has nothing to do.

        Not while the inbox is read: what was waiting there then, and is answered by now, comes
        here as if it waited still, and only the actor that has answered it knows better.
        """
        if self._live.may_stop(user_id, token):
            self._directory.supervisor(m.USERS).terminate_child(m.user_name(user_id))

    def _sweep(self) -> None:
        now = self._clock.monotonic()
        while candidates := self._live.idle_candidates(now):
            for user_id, token in candidates:
                tell_if_there(self._directory, m.user_name(user_id), m.Passivate(token))

    def _ignore(self, item: InboxItem, incoming: Incoming) -> None:
        if incoming.kind == "ignored":
            self._telemetry.emit(UpdateMalformed(incoming.what))
        settle = Settle((item.key,), "ignored", self._clock.now())
        self._directory.tell(m.JOURNAL, m.Commit(settle))

    def _refuse(self, item: InboxItem, incoming: Incoming) -> None:
        """Strangers get one polite refusal, then silence."""
        user_id = incoming.user_id or ""
        self._say_once(self._refused, item, incoming, "stranger", user_id=user_id)

    def _floods(self, incoming: Incoming) -> bool:
        """Whether a guest wants more answers than they could be sent.

        Each would stay in the inbox until it is sent, and crowd out everybody's new messages.
        """
        user_id, now = incoming.user_id or "", self._clock.monotonic()
        if incoming.album and incoming.album == self._albums.get(user_id):
            return False  # no answer, but to the first
        if incoming.album:
            remember(self._albums, user_id, incoming.album)
        key = (user_id, incoming.command == "stop")  # which must work in any flood
        if not self._throttle.allows(key, now):
            return True
        if user_id in self._flooding and self._throttle.rested(key, now):
            del self._flooding[user_id]
        return False

    def _let_go(self, item: InboxItem, incoming: Incoming) -> None:
        """Who floods is told once a burst that some of it was in vain: the answer to all of it."""
        if incoming.user_id in self._flooding:
            answered = CommitTurn((item.key,), (), self._clock.now())
            self._directory.tell(m.JOURNAL, m.Commit(answered))
        else:
            self._say_once(self._flooding, item, incoming, "flood_dropped")

    def _say_once(
        self,
        told: OrderedDict[str, None],
        item: InboxItem,
        incoming: Incoming,
        phrase: str,
        **details: str,
    ) -> None:
        user_id = incoming.user_id or ""
        if user_id in told:
            self._ignore(item, incoming)
            return
        remember(told, user_id, None)
        words = say(incoming.language, phrase, seed=item.key.update_id, **details)
        parts = notice(words, Address(incoming.chat_id, incoming.thread_id))
        accepted = item.accepted_at.timestamp()
        self._refusals[item.key] = m.Deliver(item.key, parts, len(item.parts), accepted)
        turn = CommitTurn((item.key,), parts, self._clock.now())
        self._directory.tell(m.JOURNAL, m.Commit(turn, m.ROUTER, item.key))


def remember(known: OrderedDict[K, V], key: K, value: V) -> None:
    """Note it; what has been known longest gives way where that is too much."""
    known[key] = value
    if len(known) > REMEMBERED:
        known.popitem(last=False)

"""The router: who is meant, who is let in, and nobody's update is lost on the way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import attrs
import pytest

from actors import messages as m
from actors.guest.attempts import Attempts
from actors.reader import Reader
from actors.router import Router
from actors.runtime import Passivation, PooledActor, Recipe
from butler.domain.phrasebook import PHRASES
from butler.domain.writes import Accept, CommitTurn, Settle
from butler.telemetry import UpdateMalformed
from supervision import ChildSpec, Intensity, Supervisor
from supervision.events import ChildGivenUp, ChildStopped
from tests.actors.guest_room import key, rules
from tests.actors.staging import FullDirectory, Stage, committed, stage
from tests.support.fakes import FakeStore, Told, item, message

IDLE = 100.0


class Barriers(PooledActor):
    """A journal that notes what it is told, and passes barriers on, but for whom it keeps them."""

    registered = False
    kept_from: ClassVar[set[Any]] = set()

    def __init__(self, told: Told, directory: Any) -> None:
        super().__init__()
        self._told = told
        self._directory = directory

    def on_receive(self, message: Any) -> Any:
        self._told(message)
        if isinstance(message, m.Barrier) and message.message.reply_to not in self.kept_from:
            self._directory.tell(message.to, message.message)


class Guest(PooledActor):
    """A user actor that keeps what it is told, says that it is idle, and fails when asked to."""

    registered = False

    def __init__(self, told: Told, user_id: str, directory: Any) -> None:
        super().__init__()
        self._told = told
        self._user_id = user_id
        self._directory = directory

    def on_receive(self, message: Any) -> Any:
        self._told(message)
        if isinstance(message, m.Passivate):
            self._directory.tell(m.ROUTER, m.Idle(self._user_id, message.token))
        if isinstance(message, m.Arrived) and message.incoming.text == "crash":
            raise ValueError("as asked")


@attrs.define
class Routing:
    stage: Stage
    store: FakeStore
    guests: dict[str, Told]
    started: list[str]
    live: Passivation[str, m.Arrived]
    journal: Told = attrs.field(factory=Told)

    def make_user(self, user_id: str, _: Attempts) -> Recipe:
        self.started.append(user_id)
        told = self.guests.setdefault(user_id, Told())
        return Guest.on(self.stage.pool, told, user_id, self.stage.directory)

    def start(self, *allowed: str, restarts: int = 1000, commands: int = 100) -> None:
        made = self.stage
        directory = made.directory
        router = Router.on(
            made.pool,
            self.make_user,
            self.live,
            attrs.evolve(rules(), bot=made.bot),
            frozenset(allowed),
            directory,
            made.telemetry,
            made.time,
            commands,
        )
        made.start(
            (m.JOURNAL, Barriers.on(made.pool, self.journal, directory)),
            (m.READER, Reader.on(made.io, self.store, directory)),
            m.SENDER,
            ChildSpec(m.USERS, Supervisor(intensity=Intensity(restarts, 60.0, per="child"))),
            (m.ROUTER, router),
        )

    def accept(self, number: int, text: str = "hi", user: int = 7) -> m.Route:
        """An update is kept in the inbox; what the router is then told."""
        accepted = item(message(number, text, user), user, self.stage.time.now())
        self.store.commit([Accept((accepted,))])
        return m.Route(accepted)

    def say(self, number: int, text: str = "hi", user: int = 7) -> None:
        self.stage.tell(m.ROUTER, self.accept(number, text, user))

    def heard(self, count: int, user: int = 7) -> list[int]:
        """The update ids that a guest's actors were told, once there are so many."""
        self.arrivals(user).wait(m.Arrived, count=count)
        return [each.item.key.update_id for each in self.arrivals(user).of(m.Arrived)]

    def arrivals(self, user: int = 7) -> Told:
        return self.guests.setdefault(str(user), Told())

    def recheck(self) -> None:
        """Time for the router to look into the inbox."""
        asked = len(self.journal.of(m.Barrier))
        self.stage.time.advance(15.0)
        self.journal.wait(m.Barrier, count=asked + 1)
        self.settle()

    def settle(self) -> None:
        """Returns when what was read has reached the router, and been handled."""
        self.stage.tell(m.READER, m.ReadUnsettled("nobody", None, 1))
        done: Any = self.stage.directory.ask(m.READER, m.ReadUnsettled("nobody", None, 1))
        done.get(timeout=20)
        self.stage.flush(m.ROUTER)


@pytest.fixture
def routing() -> Iterator[Routing]:
    with stage() as made:
        made.directory = FullDirectory()
        yield Routing(made, FakeStore(), {}, [], Passivation(IDLE, held_bound=2))


def test_each_guest_has_an_actor_of_their_own_who_is_told_in_order(routing: Routing) -> None:
    routing.start()
    for number in range(1, 6):
        routing.say(number, user=7 + number % 2)
    assert routing.heard(2, 7) == [2, 4]
    assert routing.heard(3, 8) == [1, 3, 5]
    assert sorted(routing.started) == ["7", "8"]


def test_what_a_crash_left_unanswered_comes_before_what_is_new(routing: Routing) -> None:
    for number in range(1, 601):
        routing.accept(number)
    routing.stage.bot.username = ""
    routing.start()
    routing.say(1000)
    routing.stage.flush(m.ROUTER)
    assert routing.started == []
    routing.stage.bot.username = "alfred_bot"
    routing.stage.tell(m.ROUTER, m.Identified())
    assert routing.heard(601) == [*range(1, 601), 1000]
    routing.stage.tell(m.ROUTER, m.Identified())
    routing.say(1001)
    assert routing.heard(602)[-1] == 1001


def test_an_update_that_is_routed_twice_arrives_once(routing: Routing) -> None:
    routing.start()
    route = routing.accept(1)
    for _ in range(2):
        routing.stage.tell(m.ROUTER, route)
    routing.say(2)
    assert routing.heard(2) == [1, 2]


def test_an_update_that_an_operator_put_back_is_found_and_routed_again(routing: Routing) -> None:
    routing.start()
    routing.say(1)
    routing.heard(1)
    del routing.store.items[key(1)], routing.store.rows[key(1)]
    routing.stage.time.advance(1.0)
    routing.accept(1)
    routing.recheck()
    assert routing.heard(2) == [1, 1]
    routing.recheck()
    assert routing.heard(2) == [1, 1]


def test_what_concerns_nobody_is_settled(routing: Routing) -> None:
    routing.start()
    for number, update in enumerate(
        [
            {"update_id": 1, "channel_post": {}},
            {"update_id": 2, "my_chat_member": message(2)["message"]},
            message(3, "not for you", chat={"id": -1, "type": "group"}),
        ],
        1,
    ):
        routing.stage.tell(m.ROUTER, m.Route(item(update)))
        assert committed(routing.journal, Settle, number).write.keys == (key(number),)
    assert routing.stage.events.wait(UpdateMalformed).what == "channel_post"
    assert routing.started == []


def test_strangers_get_one_refusal_once_it_is_durable_and_then_silence(routing: Routing) -> None:
    routing.start("7")
    routing.say(1, user=8)
    commit = committed(routing.journal, CommitTurn)
    assert routing.stage.told[m.SENDER].of(m.Deliver) == []
    routing.stage.tell(m.ROUTER, m.Committed(commit.tag, None))  # type: ignore[arg-type]  # not looked at
    delivery = routing.stage.told[m.SENDER].wait(m.Deliver)
    assert "8" in delivery.parts[0].text
    routing.say(2, user=8)
    assert committed(routing.journal, Settle).write.keys == (key(2),)
    routing.say(3, user=7)
    assert routing.heard(1) == [3]
    routing.stage.tell(m.ROUTER, m.Committed(commit.tag, None))  # type: ignore[arg-type]  # not looked at
    routing.stage.flush(m.ROUTER)
    assert len(routing.stage.told[m.SENDER].of(m.Deliver)) == 1


def test_a_flood_of_commands_is_told_so_once_and_reaches_nobody(routing: Routing) -> None:
    routing.start(commands=3)
    for number in range(1, 10):
        routing.say(number, "/help")
    routing.say(10, "/help", user=8)
    routing.say(11, "a word")
    assert routing.heard(1, 8) == [10]
    assert routing.heard(4) == [1, 2, 3, 11]
    commit = committed(routing.journal, CommitTurn)
    assert commit.write.keys == (key(4),)
    assert commit.write.parts[0].text in PHRASES["flood_dropped"]["ru"]
    last = committed(routing.journal, CommitTurn, 6).write
    assert (last.keys, last.parts) == ((key(9),), ())
    routing.stage.tell(m.ROUTER, m.Committed(commit.tag, None))  # type: ignore[arg-type]  # not looked at
    assert routing.stage.told[m.SENDER].wait(m.Deliver).key == key(4)


def test_after_a_flood_commands_are_obeyed_again_and_the_next_flood_is_told(
    routing: Routing,
) -> None:
    routing.start(commands=2)
    for number in range(1, 5):
        routing.say(number, "/help")
    committed(routing.journal, CommitTurn)
    routing.stage.flush(m.ROUTER)
    routing.stage.time.advance(2.0)
    for number in range(5, 9):
        routing.say(number, "/help")
    assert routing.heard(4) == [1, 2, 5, 6]
    committed(routing.journal, CommitTurn, 4)
    turns = [commit.write for commit in routing.journal.of(m.Commit)]
    told = [turn.keys for turn in turns if isinstance(turn, CommitTurn) and turn.parts]
    assert told == [(key(3),), (key(7),)]


def test_stop_works_in_any_flood_and_an_album_is_none(routing: Routing) -> None:
    routing.start(commands=2)
    for number in range(1, 4):
        routing.say(number, "/help")
    routing.say(4, "/stop")
    assert routing.heard(3) == [1, 2, 4]
    for number in range(5, 15):
        picture = message(number, user=8, photo=[{}], media_group_id="a")
        accepted = item(picture, 8, routing.stage.time.now())
        routing.stage.tell(m.ROUTER, m.Route(accepted))
    assert routing.heard(10, 8) == [*range(5, 15)]


def test_a_refusal_that_cannot_be_kept_is_not_sent(routing: Routing) -> None:
    routing.start("7")
    routing.say(1, user=8)
    commit = committed(routing.journal, CommitTurn)
    routing.stage.tell(m.ROUTER, m.CommitFailed(ValueError(), commit.tag))
    routing.stage.tell(m.ROUTER, m.Committed(commit.tag, None))  # type: ignore[arg-type]  # not looked at
    routing.stage.flush(m.ROUTER)
    assert routing.stage.told[m.SENDER].of(m.Deliver) == []


def test_a_refusal_whose_sending_was_cut_short_by_a_crash_is_sent(routing: Routing) -> None:
    routing.start("7")
    routing.say(1, user=8)
    commit = committed(routing.journal, CommitTurn)
    routing.store.commit([commit.write])
    routing.stage.crash(m.ROUTER)
    delivery = routing.stage.told[m.SENDER].wait(m.Deliver)
    assert (delivery.key, delivery.first) == (key(1), 0)


def test_a_router_that_crashes_takes_up_what_waits_and_holds_back_what_is_new(
    routing: Routing,
) -> None:
    routing.start()
    routing.say(1)
    routing.heard(1)
    routing.accept(2)
    routing.stage.crash(m.ROUTER)
    routing.say(3)
    assert routing.heard(4) == [1, 1, 2, 3]
    assert routing.started == ["7"]


# Passivation


def passivate(routing: Routing) -> None:
    """Returns when an idle guest's actor has ended."""
    stopped = len(routing.stage.tree.of(ChildStopped))
    routing.stage.time.advance(IDLE)
    routing.stage.time.advance(10.0)
    routing.stage.tree.wait(ChildStopped, count=stopped + 1)
    routing.stage.flush(m.ROUTER)


def test_an_idle_guest_is_let_go_and_comes_back(routing: Routing) -> None:
    routing.start()
    routing.say(1)
    routing.heard(1)
    passivate(routing)
    assert m.user_name("7") not in routing.stage.directory
    routing.say(2)
    assert routing.heard(2) == [1, 2]
    assert routing.started == ["7", "7"]


def test_nobody_is_let_go_while_the_inbox_is_read_for_what_they_have_answered_by_now(
    routing: Routing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a new actor would take what was read too early for new, and answer it once more."""
    routing.start()
    routing.say(1)
    routing.heard(1)
    monkeypatch.setattr(Barriers, "kept_from", {m.ROUTER})
    asked = len(routing.journal.of(m.Barrier))
    routing.stage.crash(m.ROUTER)
    routing.journal.wait(m.Barrier, count=asked + 1)
    routing.stage.time.advance(IDLE)
    wanted = routing.journal.of(m.Barrier)[asked]
    routing.stage.time.advance(10.0)
    routing.arrivals().wait(m.Passivate)
    routing.stage.flush(m.user_name("7"))
    routing.stage.flush(m.ROUTER)
    early = m.UnsettledRead((routing.accept(1).item,), True, token=wanted.message.token)
    routing.stage.tell(m.ROUTER, early)
    assert routing.heard(2) == [1, 1]
    assert routing.started == ["7"]


def test_all_who_are_idle_are_asked_at_once_however_many(routing: Routing) -> None:
    routing.start()
    for user in range(1, 251):
        routing.say(user, user=user)
    for user in range(1, 251):
        routing.heard(1, user)
    routing.stage.time.advance(IDLE)
    routing.stage.time.advance(10.0)
    routing.stage.tree.wait(ChildStopped, count=250)


def test_what_arrives_while_an_actor_ends_reaches_the_next_one(routing: Routing) -> None:
    routing.start()
    routing.say(1)
    routing.heard(1)
    (token,) = [t for _, t in routing.live.idle_candidates(IDLE)]
    assert routing.live.may_stop("7", token)
    routing.say(2)
    routing.stage.flush(m.ROUTER)
    assert len(routing.arrivals().of(m.Arrived)) == 1
    routing.stage.directory.supervisor(m.USERS).terminate_child(m.user_name("7"))
    assert routing.heard(2) == [1, 2]


def test_what_finds_no_room_while_an_actor_ends_is_found_in_the_inbox(routing: Routing) -> None:
    routing.start()
    routing.say(1)
    routing.heard(1)
    (token,) = [t for _, t in routing.live.idle_candidates(IDLE)]
    assert routing.live.may_stop("7", token)
    for number in (2, 3, 4):
        routing.say(number)
    routing.stage.flush(m.ROUTER)
    routing.stage.directory.supervisor(m.USERS).terminate_child(m.user_name("7"))
    assert routing.heard(3) == [1, 2, 3]
    routing.stage.flush(m.ROUTER)
    routing.recheck()
    assert routing.heard(4) == [1, 2, 3, 4]


def test_a_guest_whose_mailbox_is_full_fails_nobody_and_loses_nothing(routing: Routing) -> None:
    routing.start()
    routing.say(1)
    routing.heard(1)
    directory = routing.stage.directory
    assert isinstance(directory, FullDirectory)
    directory.full.add(m.user_name("7"))
    routing.say(2)
    routing.say(3, user=8)
    routing.heard(1, 8)
    directory.full.clear()
    routing.recheck()
    assert routing.heard(2) == [1, 2]
    assert routing.stage.failures() == []


def test_an_actor_that_ended_by_itself_is_replaced(routing: Routing) -> None:
    routing.start()
    routing.say(1)
    routing.heard(1)
    routing.stage.directory.supervisor(m.USERS).terminate_child(m.user_name("7"))
    routing.stage.tree.wait(ChildStopped)
    routing.say(2)
    assert routing.heard(2) == [1, 2]


def test_what_an_actor_that_was_given_up_has_left_is_tried_again(routing: Routing) -> None:
    routing.start(restarts=1)
    routing.say(1, "crash")
    routing.say(2, "crash")
    routing.stage.tree.wait(ChildGivenUp)
    routing.stage.tree.wait(ChildStopped)
    routing.stage.flush(m.ROUTER)
    before = len(routing.arrivals().of(m.Arrived))
    routing.recheck()
    assert routing.heard(before + 1)[before:][0] == 1
    assert len(routing.started) == 2

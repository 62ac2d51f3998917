"""Real threads under random traffic, crashes and stops, against what must hold afterwards."""

import itertools
import threading
from collections import defaultdict
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actors import Dispatcher, PooledActor
from actors.runtime.testing import crash
from supervision import Backoff, ChildSpec, Intensity, Supervisor
from supervision.testing import ManualClock
from tests.runtime.parts import NO_WAIT, PATIENCE, Grove

SENDERS = 3
NAMES = itertools.count()
DEEDS = ["send", "send", "send", "send", "poison", "once", "crash", "restart", "burst"]


class Ledger:
    """Who handled which attempt of which message."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.attempts: dict[Any, int] = defaultdict(int)
        self.handled: dict[int, list[tuple[int, int]]] = defaultdict(list)
        self.inside: set[int] = set()

    def note(self, clerk: int, sender: int, number: int) -> None:
        with self.lock:
            self.handled[clerk].append((sender, number))

    def count(self) -> int:
        with self.lock:
            return sum(map(len, self.handled.values()))


class Clerk(PooledActor):
    """Handles ``(kind, sender, number)``, and notes if two of its turns ever overlap."""

    registered = False
    throughput = 3

    def __init__(self, number: int, ledger: Ledger) -> None:
        super().__init__()
        self.number, self.ledger = number, ledger

    def on_receive(self, message: Any) -> None:
        kind, sender, number = message
        with self.ledger.lock:
            assert self.number not in self.ledger.inside, "two turns of one actor at once"
            self.ledger.inside.add(self.number)
            self.ledger.attempts[message] += 1
            attempt = self.ledger.attempts[message]
        try:
            if kind == "poison" or (kind == "once" and attempt == 1):
                raise ValueError(kind)
        finally:
            with self.ledger.lock:
                self.ledger.inside.discard(self.number)
        self.ledger.note(self.number, sender, number)


@given(
    plan=st.lists(
        st.tuples(st.sampled_from(DEEDS), st.integers(0, 3), st.integers(0, SENDERS - 1)),
        max_size=60,
    ),
    threads=st.integers(1, 3),
    strategy=st.sampled_from(["one_for_one", "one_for_all", "rest_for_one"]),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_message_is_lost_repeated_or_out_of_order(
    plan: list[tuple[str, int, int]], threads: int, strategy: Any
) -> None:
    clock, ledger = ManualClock(), Ledger()
    name = f"model{next(NAMES)}"
    pool = Dispatcher(name, threads, clock=clock, throughput=2)
    grove = Grove(pool, clock)
    specs = [ChildSpec(i, Clerk.on(pool, i, ledger)) for i in range(4)]
    level = Supervisor(specs, strategy, Intensity(10_000, 60.0), NO_WAIT)
    grove.start(ChildSpec("clerks", level))
    sent: dict[int, list[Any]] = {target: [] for target in range(4)}
    numbers = iter(range(100_000))

    def deed(what: str, target: int, sender: int) -> None:
        ref = grove.directory.get(target)
        if what == "crash":
            crash(ref)
        elif what == "restart":
            ref.stop(block=False)
        else:
            for _ in range(20 if what == "burst" else 1):
                kind = what if what in ("poison", "once") else "plain"
                message = (kind, sender, next(numbers))
                sent[target].append(message)
                ref.tell(message)

    def run_sender(sender: int) -> None:
        for what, target, who in plan:
            if who == sender:
                deed(what, target, sender)

    running = [threading.Thread(target=run_sender, args=(i,)) for i in range(SENDERS)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join(PATIENCE)
    expected = sum(len(messages) for messages in sent.values())
    finished = threading.Event()
    for _ in range(int(PATIENCE * 200)):
        if ledger.count() + len(grove.letters.entries) == expected:
            break
        finished.wait(0.005)
    grove.stop()
    check(ledger, grove, sent)
    assert pool.stop(PATIENCE) == []
    assert [t.name for t in threading.enumerate() if t.name.startswith(name)] == []
    # The look-out for hung handlers may still be set; nothing else may.
    clock.advance(1000)
    assert clock.pending() == 0
    assert len(grove.directory) == 0


def check(ledger: Ledger, grove: Grove, sent: dict[int, list[Any]]) -> None:
    dead = {letter.message for letter in grove.letters.entries}
    for target, messages in sent.items():
        for kind, sender, number in messages:
            message = (kind, sender, number)
            if kind == "poison":
                assert message in dead
                assert ledger.attempts[message] == 2
            else:
                assert message not in dead
                assert ledger.attempts[message] == (2 if kind == "once" else 1)
        for sender in range(SENDERS):
            ours = [number for who, number in ledger.handled[target] if who == sender]
            assert ours == [n for k, who, n in messages if who == sender and k != "poison"]


def test_hundreds_of_children_come_and_go_while_messages_fly() -> None:
    ledger = Ledger()
    pool = Dispatcher("crowd", 2)
    grove = Grove(pool)
    root = grove.start(ChildSpec("users", Supervisor(backoff=Backoff(base=0.001))))
    users = root.supervisor("users")
    for i in range(500):
        users.start_child(ChildSpec(i, Clerk.on(pool, i, ledger), restart="transient"))
        grove.directory.tell(i, ("plain", 0, i))
    for i in range(0, 500, 2):
        users.terminate_child(i)
    waiter = threading.Event()
    for _ in range(int(PATIENCE * 100)):
        if len(grove.directory) == 250 and ledger.count() == 500:
            break
        waiter.wait(0.01)

    assert users.count() == 250
    assert sorted(ledger.handled) == list(range(500))
    grove.stop()
    assert len(grove.directory) == 0
    assert pool.stop(PATIENCE) == []

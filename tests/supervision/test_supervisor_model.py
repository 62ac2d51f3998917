"""Random trees, crashes and stops against a plain model of OTP's rules."""

import contextlib
from typing import Any, Literal

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from supervision import Backoff, ChildSpec, Intensity, Supervisor
from supervision.errors import NotFound, SupervisorStopped
from supervision.events import ChildGivenUp
from tests.supervision.fakes import FakeActor, Stage

Word = Literal["permanent", "transient", "temporary"]
WORDS: list[Word] = ["permanent", "transient", "temporary"]
STRATEGIES = ["one_for_one", "rest_for_one", "one_for_all"]


def expected_log(
    strategy: str, order: list[tuple[str, Word]], failed: str, with_exit: bool
) -> list[tuple[str, str]]:
    """What OTP does when one of the running children ``order`` goes down: the log of it."""
    words = dict(order)
    names = [name for name, _ in order]
    word = words[failed]
    if word == "temporary" or (word == "transient" and with_exit):
        return [("end", failed)]
    affected = {
        "one_for_one": [failed],
        "rest_for_one": names[names.index(failed) :],
        "one_for_all": names,
    }[strategy]
    log = [
        ("end" if words[name] == "temporary" else "halt", name)
        for name in reversed(affected)
        if name != failed
    ]
    return log + [("begin", name) for name in affected if words[name] != "temporary"]


@given(
    strategy=st.sampled_from(STRATEGIES),
    words=st.lists(st.sampled_from(WORDS), min_size=1, max_size=6),
    downs=st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=8),
    limit=st.integers(0, 6),
)
@settings(max_examples=150, deadline=None)
def test_each_failure_is_answered_as_otp_answers_it(
    strategy: Any, words: list[Word], downs: list[tuple[int, bool]], limit: int
) -> None:
    stage = Stage()
    order: list[tuple[str, Word]] = [(f"c{i}", word) for i, word in enumerate(words)]
    stage.running(
        [stage.spec(name, restart=word) for name, word in order],
        strategy=strategy,
        intensity=Intensity(limit, 1e6),
    )
    restarts = 0
    for index, with_exit in downs:
        if not order:
            break
        name, _ = order[index % len(order)]
        stage.take()
        if with_exit:
            stage.actors[name].exit()
        else:
            stage.actors[name].fail()
        stage.settle()
        expected = expected_log(strategy, order, name, with_exit)
        if ("begin", name) in expected:
            restarts += 1
        if restarts > limit:
            assert stage.names("up") == []
            assert len(stage.given_up) == 1
            return
        assert stage.take() == expected
        gone = {each for what, each in expected if what == "end"}
        order = [each for each in order if each[0] not in gone]
        assert stage.names("up") == [each for each, _ in order]


class Chaos(RuleBasedStateMachine):
    """Crashes, exits, ends, additions and time in any order, answers whenever they come."""

    @initialize(
        outer=st.sampled_from(STRATEGIES),
        inner=st.sampled_from(STRATEGIES),
        words=st.lists(st.sampled_from(WORDS), min_size=5, max_size=5),
        limit=st.sampled_from([2, 1000]),
        per=st.sampled_from(["level", "child"]),
    )
    def plant(self, outer: Any, inner: Any, words: list[Word], limit: int, per: Any) -> None:
        self.stage = Stage()
        self.words: dict[Any, Word] = {f"c{i}": word for i, word in enumerate(words)}
        specs = [self._spec(name, word) for name, word in self.words.items()]
        backoff = Backoff(first=0, base=0.5, ceiling=2, jitter=0, reset_after=10)
        below = Supervisor(specs[1:4], inner, Intensity(limit, 10.0, per), backoff)
        self.root = self.stage.root(
            [specs[0], ChildSpec("below", below), specs[4]],
            strategy=outer,
            intensity=Intensity(limit, 10.0),
            backoff=backoff,
        )
        self.dropped: set[Any] = set()
        self.stopped = False
        self.number = 0
        self.root.top.begin()
        self.stage.settle()

    def _spec(self, name: Any, word: Word) -> ChildSpec:
        return self.stage.spec(name, restart=word, shutdown=3.0)

    def _pick(self, index: int, *states: str) -> FakeActor | None:
        found = [actor for actor in self.stage.actors.values() if actor.state in states]
        return found[index % len(found)] if found else None

    @rule(index=st.integers(0, 20))
    def fail(self, index: int) -> None:
        actor = self._pick(index, "up", "starting")
        if actor is not None:
            if self.words[actor.name] == "temporary":
                self.dropped.add(actor.name)
            actor.fail()

    @rule(index=st.integers(0, 20))
    def exit(self, index: int) -> None:
        actor = self._pick(index, "up")
        if actor is not None:
            if self.words[actor.name] != "permanent":
                self.dropped.add(actor.name)
            actor.exit()

    @rule(index=st.integers(0, 20))
    def come_up(self, index: int) -> None:
        actor = self._pick(index, "starting")
        if actor is not None:
            actor.come_up()

    @rule(index=st.integers(0, 20))
    def end(self, index: int) -> None:
        actor = self._pick(index, "halting")
        if actor is not None:
            actor.end()

    @rule(seconds=st.sampled_from([0.1, 0.5, 3.0]))
    def wait(self, seconds: float) -> None:
        self.stage.clock.advance(seconds)

    @rule(word=st.sampled_from(WORDS), where=st.sampled_from(["root", "below"]))
    @precondition(lambda self: not self.stopped and self.number < 4)
    def add(self, word: Word, where: str) -> None:
        name = ("late", self.number)
        try:
            self.root.supervisor(where).start_child(self._spec(name, word))
        except (SupervisorStopped, NotFound):
            self.stage.actors.pop(name, None)
            return
        self.words[name] = word
        self.number += 1

    @rule(index=st.integers(0, 20))
    @precondition(lambda self: not self.stopped)
    def terminate(self, index: int) -> None:
        names = list(self.words)
        name = names[index % len(names)]
        for where in ("root", "below"):
            with contextlib.suppress(NotFound):
                self.root.supervisor(where).terminate_child(name)
                self.dropped.add(name)

    @rule()
    @precondition(lambda self: not self.stopped)
    def stop(self) -> None:
        self.stopped = True
        self.root.top.halt(final=True)

    @invariant()
    def whoever_is_gone_is_out_of_the_tree(self) -> None:
        if hasattr(self, "root"):
            names = {node.name for node in self.root.tree().walk()}
            gone = set(self.stage.names("gone"))
            assert not gone & names

    def teardown(self) -> None:
        if not hasattr(self, "root"):
            return
        self.stage.settle()
        up, gone = set(self.stage.names("up")), set(self.stage.names("gone"))
        assert up | gone == set(self.stage.actors), "somebody is left half way"
        if self.stopped or self.stage.given_up:
            assert not up
        else:
            # A temporary child may also have ended by a sibling's restart, and any by a give-up.
            missing = set(self.stage.actors) - up - self.dropped
            given_up = {e.name for e in self.stage.events if isinstance(e, ChildGivenUp)}
            assert all(self.words[name] == "temporary" for name in missing - given_up)
            # With their supervisor, the children of its plan come back, whatever they were.
            below = next(node for node in self.root.tree().children if node.name == "below")
            returned = {"c1", "c2", "c3"} if below.restarts else set()
            assert not up & self.dropped - returned
        assert self.stage.clock.pending() == 0, "a timer was left behind"
        for name in gone:
            assert len(self.stage.actors[name].farewells) == 1
        self.root.top.halt(final=True)
        self.stage.settle()
        assert self.stage.names("gone") == list(self.stage.actors)
        assert len(self.root.directory) == 0


TestChaos = Chaos.TestCase
TestChaos.settings = settings(max_examples=120, stateful_step_count=40, deadline=None)

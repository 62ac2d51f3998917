"""Answers to a guardian come in the order things happened, whoever is quicker."""

import threading
from typing import Any

from actors.runtime.cell import Cell
from actors.runtime.testing import crash
from supervision import Failure
from tests.runtime.parts import PATIENCE, Gate, Journal, Scripted, dispatcher


class SlowGuardian:
    """Notes what it is told, and takes its time to hear of a failure."""

    def __init__(self) -> None:
        self.heard = Journal()
        self.gate = Gate()

    def started(self, actor: Any) -> None:
        self.heard.add("started")

    def failed(self, actor: Any, failure: Failure) -> None:
        self.gate.stand()
        self.heard.add("failed")

    def exited(self, actor: Any) -> None:
        self.gate.stand()
        self.heard.add("exited")

    def halted(self, actor: Any, *, final: bool) -> None:
        self.heard.add(("halted", final))

    def complained(self, actor: Any, failure: Failure) -> None:
        self.heard.add("complained")

    def abandoned(self, actor: Any, dispatcher: str, stack: str, replaced: bool) -> None:
        self.heard.add("abandoned")

    def died(self, actor: Any, letter: Any) -> None:
        self.heard.add("died")

    def undelivered(self, actor: Any, message: Any) -> None:
        self.heard.add("undelivered")


def begun(pool: Any, guardian: SlowGuardian) -> Cell:
    cell = Scripted.on(pool, Journal()).prepare("one", guardian, None)
    cell.begin()
    guardian.heard.wait_for("started")
    return cell


def test_a_halt_during_the_report_of_a_failure_is_answered_after_it() -> None:
    with dispatcher() as pool:
        guardian = SlowGuardian()
        cell = begun(pool, guardian)
        crash(cell.ref)
        guardian.gate.wait()
        cell.halt(final=False)
        assert cell.abandon()
        assert guardian.heard.entries == ["started"]
        guardian.gate.open()
        guardian.heard.wait_for(("halted", False))

        assert guardian.heard.entries == ["started", "failed", ("halted", False)]
        cell.halt(final=True)
        assert guardian.heard.entries[-1] == ("halted", True)


def test_a_halt_during_the_report_of_an_exit_is_answered_after_it() -> None:
    with dispatcher() as pool:
        guardian = SlowGuardian()
        cell = begun(pool, guardian)
        cell.ref.stop(block=False)
        guardian.gate.wait()
        cell.halt(final=True)
        guardian.gate.open()
        guardian.heard.wait_for(("halted", True))

        assert guardian.heard.entries == ["started", "exited", ("halted", True)]
        assert cell.is_dead()


def test_a_halt_that_is_widened_is_answered_for_good() -> None:
    with dispatcher() as pool:
        guardian, gate = SlowGuardian(), Gate()
        cell = begun(pool, guardian)
        cell.ref.tell(lambda _: gate.stand())
        gate.wait()
        cell.halt(final=False)
        cell.halt(final=True)
        gate.open()
        guardian.heard.wait_for(("halted", True))
        cell.halt(final=True)
        assert not cell.abandon()

        assert guardian.heard.entries == ["started", ("halted", True)]


def test_a_failure_after_a_halt_is_a_complaint() -> None:
    with dispatcher() as pool:
        guardian, gate = SlowGuardian(), Gate()
        cell = begun(pool, guardian)

        def fail_late(_: Any) -> None:
            gate.stand()
            raise ValueError("late")

        cell.ref.tell(fail_late)
        gate.wait()
        cell.halt(final=False)
        gate.open()
        guardian.heard.wait_for(("halted", False))

        assert guardian.heard.entries == ["started", "complained", ("halted", False)]
        assert cell.look().state == "down"
        cell.halt(final=True)
        assert guardian.heard.entries[-2:] == ["died", ("halted", True)]


def test_a_turn_that_raises_costs_the_pool_no_thread() -> None:
    class Broken(SlowGuardian):
        def started(self, actor: Any) -> None:
            super().started(actor)
            raise RuntimeError("a guardian must not")

    with dispatcher(threads=1) as pool:
        begun(pool, Broken())
        journal = Journal()
        ref = Scripted.start_on(pool, journal)
        assert ref.ask("still served", timeout=PATIENCE) == "still served"
        assert pool.state().threads == 1
        assert threading.active_count() >= 2

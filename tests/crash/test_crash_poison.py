"""A message that crashes its guest's actor, among a thousand guests who want their answers."""

from __future__ import annotations

from pathlib import Path
from statistics import median
from typing import Any

import attrs

from actors.tree import World
from butler.domain.chat import ChatMessage, Completion
from butler.domain.phrases import say
from butler.telemetry import ActorFailed, DeadLettered
from ops.bench.crowd import Crowd, Echo
from ops.bench.remembered import Store, faults
from tests.cli.commands import invoke
from tests.support.changed import with_world
from tests.support.house import house

GUESTS = 1_000
POISON = "arsenic"
SICK = 500


class Arsenic(Completion):
    """An answer that nobody can read without harm."""

    def __getattribute__(self, name: str) -> Any:
        if name == "text":
            raise RuntimeError("bitter almonds")
        return super().__getattribute__(name)


class Poisonable:
    """A model that answers whoever speaks of poison with some."""

    def __init__(self, model: Any) -> None:
        self._model = model

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def complete(self, request: Any, *options: Any) -> Completion:
        last: ChatMessage = request.messages[-1]
        answer: Completion = self._model.complete(request, *options)
        return Arsenic(answer.text) if POISON in last.content else answer


def poisonable(world: World) -> World:
    return attrs.evolve(world, models=[Poisonable(model) for model in world.models])


def test_a_poison_message_among_a_thousand_guests_harms_nobody_else(tmp_path: Path) -> None:
    with house(tmp_path / "data", answer=Echo(), make=with_world(poisonable)) as home:
        home.llm.behave(record=False)
        crowd = Crowd(home.playground, GUESTS)
        for guest in crowd.guests:
            crowd.ask(guest, POISON if guest.place == SICK else "what is for tea?")
        assert crowd.quiet(60), crowd.waiting

        sick = (SICK, 1)
        assert crowd.ends[sick] == "dead_letter"
        others = {mark: end for mark, end in crowd.ends.items() if mark != sick}
        assert others == {(place, 1): "answered" for place in range(GUESTS) if place != SICK}
        assert set(crowd.answers.values()) == {1}
        assert crowd.wrong == 0
        usual = [seconds for mark, seconds in crowd.seconds.items() if mark != sick]
        assert max(usual) < 4 * median(usual) + 0.5

        assert [place for place, _ in crowd.notices] == [SICK]
        assert crowd.notices[0][1] == say("ru", "dead_letter")
        assert [e.reason for e in home.witness.of(DeadLettered)] == ["poison"]
        assert [e.error for e in home.witness.of(ActorFailed)] == ["RuntimeError"] * 2
        listed = invoke(tmp_path / "data", "dead-letters", "list").output
        assert "poison" in listed
        assert "RuntimeError" in listed
        assert str(crowd.guests[SICK].user_id) in listed

        crowd.ask(crowd.guests[SICK], "and some tea, please")
        assert crowd.quiet(20)
        assert crowd.ends[SICK, 2] == "answered"
        home.settled()
        verdict = {str(user_id): numbers for user_id, numbers in crowd.verdict()["told"].items()}
        assert faults(Store(tmp_path / "data").events(), verdict) == []

"""Retention while the guest's actor lives: what the store has dropped is in no prompt."""

from __future__ import annotations

from datetime import timedelta

import pytest

from actors import tree
from butler.domain.chat import CompletionRequest
from butler.domain.commands import House
from tests.support.fakes import FakeModel, FakeStore, Time, message
from tests.support.indoors import indoors

WORDS = "Wisteria by the gate"


def test_what_is_past_its_time_leaves_a_live_actors_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tree, "IDLE_AFTER_SECONDS", timedelta(days=9).total_seconds())
    store, model, time = FakeStore(), FakeModel(), Time()
    with indoors(store, model, time=time, house=House(retention_days=1)) as house:
        house.say(message(1, WORDS))
        house.settled(1)
        house.say(message(2, "And how are you?"))
        house.settled(2)
        assert WORDS in str(model.told.of(CompletionRequest)[-1])
        store.events.clear()  # as the sweep does, which changes no revision
        time.advance(timedelta(days=2).total_seconds())
        house.say(message(3, "What grows there?"))
        house.settled(3)
        last = str(model.told.of(CompletionRequest)[-1])
        assert "What grows there?" in last
        assert WORDS not in last

"""Exports: whole, bounded, one bad one failing nobody else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from actors import exporter
from actors import messages as m
from actors.exporter import Exporter, pieces
from tests.actors.guest_room import key
from tests.actors.staging import Stage, stage
from tests.support.fakes import FakeStore
from tests.support.waiting import eventually


class Holding(FakeStore):
    """Exports what it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[str, Any] = {"version": 1, "window": [{"n": 1}, {"n": 2}], "archive": []}

    def export(self, user_id: str) -> dict[str, Any]:
        self._check()
        if user_id in self.broken:
            raise KeyError(user_id)
        return self.kept


@pytest.fixture
def set_up() -> Iterator[tuple[Stage, Holding]]:
    with stage() as made:
        store = Holding()
        made.start("asker", (m.EXPORTER, Exporter.on(made.io, store, made.directory, made.time)))
        yield made, store


def ask(made: Stage, user_id: str = "7") -> None:
    made.tell(m.EXPORTER, m.Export(user_id, "asker", key(1), token=3))


def test_an_export_is_one_json_file_of_all_that_is_kept(set_up: tuple[Stage, Holding]) -> None:
    made, store = set_up
    ask(made)
    answer = made.told["asker"].wait(m.Exported)
    assert (answer.key, answer.token) == (key(1), 3)
    assert answer.document is not None
    assert answer.document.name == "butler-memory-2026-03-01.json"
    assert json.loads(answer.document.content) == store.kept


@pytest.mark.parametrize(
    "kept",
    [{}, {"a": None, "b": [], "c": [1], "d": {"e": "ж"}}, {"w": [{"x": "\ud800"}, {"y": "\n"}]}],
)
def test_the_pieces_are_json_however_it_is_cut(kept: dict[str, Any]) -> None:
    text = "".join(pieces(kept))
    assert json.loads(text) == kept
    assert "ж" in text or "d" not in kept


def test_what_is_too_large_for_a_chat_is_not_made(
    set_up: tuple[Stage, Holding], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, store = set_up
    monkeypatch.setattr(exporter, "LARGEST", 1000)
    store.kept["archive"] = [{"words": "ж" * 50}] * 20
    ask(made)
    assert made.told["asker"].wait(m.Exported).document is None


def test_what_packs_badly_is_bounded_too(
    set_up: tuple[Stage, Holding], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, _ = set_up
    monkeypatch.setattr(exporter, "LARGEST_PACKED", 10)
    ask(made)
    assert made.told["asker"].wait(m.Exported).document is None


def test_lone_surrogates_do_not_hinder_the_file(set_up: tuple[Stage, Holding]) -> None:
    made, store = set_up
    store.kept["window"] = [{"content": "\ud800!"}]
    ask(made)
    answer = made.told["asker"].wait(m.Exported)
    assert answer.document is not None
    assert json.loads(answer.document.content)["window"] == [{"content": "\ud800!"}]


def test_a_store_that_is_down_is_asked_again(set_up: tuple[Stage, Holding]) -> None:
    made, store = set_up
    store.down = True
    ask(made)
    store.refused.wait(str)
    store.down = False

    def answered() -> bool:
        made.time.advance(1.0)
        return bool(made.told["asker"].of(m.Exported))

    eventually("an export", answered)


def test_a_guest_whose_data_makes_no_sense_fails_alone(set_up: tuple[Stage, Holding]) -> None:
    made, store = set_up
    store.broken.add("7")
    ask(made)
    assert isinstance(made.told["asker"].wait(m.ExportFailed).error, KeyError)
    ask(made, "8")
    made.told["asker"].wait(m.Exported)
    assert made.failures() == []

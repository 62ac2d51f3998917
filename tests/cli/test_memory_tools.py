"""`butler memory …`: the guest's rights, exercised by the operator."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from click.testing import Result

from butler import memory_acts
from butler.domain.forgetting import Found
from butler.domain.profile import Fact, Profile
from butler.domain.writes import Accept, CommitTurn
from butler.errors import ImportRefused
from butler.ports import Store
from tests.cli.commands import invoke, opened
from tests.storage.builders import NOW, event, item, later, profile

Run = Callable[..., Result]
TALK = ("My cat is Barsik.", "A fine cat.", "I bake bread.", "Very good.")


@pytest.fixture
def butler(tmp_path: Path) -> Run:
    def run(*arguments: str, **options: Any) -> Result:
        return invoke(tmp_path, *arguments, **options)

    return run


@pytest.fixture
def guest(tmp_path: Path) -> Iterator[Store]:
    store = opened(tmp_path)
    events = tuple(
        attrs.evolve(event(n, n, "user" if n % 2 else "assistant"), content=text)
        for n, text in enumerate(TALK, 1)
    )
    facts = (Fact("cat", "Barsik", 1, later(1)), Fact("craft", "bread", 9, later(86_400)))
    known = profile(facts=facts, last_seq=4, memory_summary="A cat, Barsik.")
    store.commit([Accept((item(1),)), CommitTurn((), (), NOW, events, known, 0)])
    yield store
    store.close()


def facts(store: Store) -> dict[str, Fact]:
    found = store.guest("7")
    assert found is not None
    return {fact.key: fact for fact in found.profile.facts}


def name_of(butler: Run, key: str) -> str:
    rows = butler("memory", "facts", "7").output.splitlines()
    return next(row.split("\t")[0] for row in rows if row.split("\t")[1] == key)


def test_facts_are_listed_with_ids(butler: Run, guest: Store) -> None:
    rows = [row.split("\t") for row in butler("memory", "facts", "7").output.splitlines()]
    assert [row[1:3] for row in rows] == [["cat", "Barsik"], ["craft", "bread"]]
    whole = json.loads(butler("memory", "facts", "7", "--json").output)
    assert [each["id"] for each in whole] == [row[0] for row in rows]


def test_a_fact_is_corrected_and_pinned(butler: Run, guest: Store) -> None:
    done = butler("memory", "correct", "7", name_of(butler, "cat"), " Tom ")
    assert "corrected" in done.output
    assert (facts(guest)["cat"].value, facts(guest)["cat"].pinned) == ("Tom", True)
    assert butler("memory", "correct", "7", name_of(butler, "cat"), " ").exit_code == 2


def test_a_correction_to_a_secret_is_refused(butler: Run, guest: Store) -> None:
    done = butler("memory", "correct", "7", name_of(butler, "cat"), "password: hunter2")
    assert done.exit_code == 2
    assert "hunter2" not in done.output
    assert facts(guest)["cat"].value == "Barsik"


def test_what_was_corrected_is_forgotten_with_what_it_was_before(butler: Run, guest: Store) -> None:
    butler("memory", "correct", "7", name_of(butler, "cat"), "Tom")
    butler("memory", "forget", "7", "--fact", name_of(butler, "cat"), "--yes")
    assert list(facts(guest)) == ["craft"]
    assert "arsik" not in json.dumps(guest.export("7"))


def test_a_fact_is_pinned_and_unpinned(butler: Run, guest: Store) -> None:
    name = name_of(butler, "craft")
    butler("memory", "pin", "7", name)
    assert facts(guest)["craft"].pinned
    butler("memory", "unpin", "7", name)
    assert not facts(guest)["craft"].pinned


@pytest.mark.parametrize("act", [("pin",), ("unpin",), ("correct", "x")])
def test_a_fact_that_is_not_there_is_told(butler: Run, guest: Store, act: tuple[str, ...]) -> None:
    from butler.admin import NotFound

    with pytest.raises(NotFound, match="memory facts 7"):
        butler("memory", act[0], "7", "nonsense", *act[1:])


def test_one_fact_is_forgotten_with_what_mentions_it(butler: Run, guest: Store) -> None:
    done = butler("memory", "forget", "7", "--fact", name_of(butler, "cat"), answer="y\n")
    assert "Fact: cat: Barsik" in done.output
    assert "Messages: 1" in done.output
    assert list(facts(guest)) == ["craft"]
    assert "arsik" not in json.dumps(guest.export("7"))
    assert json.dumps(guest.export("7")).count("bread") == 2


def test_what_is_found_is_forgotten_only_on_a_yes(butler: Run, guest: Store) -> None:
    before = guest.export("7")
    assert butler("memory", "forget", "7", "--words", "my cat", answer="n\n").exit_code == 1
    assert guest.export("7") == before
    butler("memory", "forget", "7", "--words", "my cat", "--yes")
    assert list(facts(guest)) == ["craft"]


def last_line(butler: Run, *arguments: str) -> str:
    return butler("memory", "forget", "7", *arguments, "--yes").output.splitlines()[-1]


def test_what_was_forgotten_is_counted(butler: Run, guest: Store) -> None:
    butler("memory", "correct", "7", name_of(butler, "cat"), "Tom")
    told = last_line(butler, "--fact", name_of(butler, "cat"))
    assert told == "Guest 7: forgotten: 1 fact, 1 earlier fact, 1 message, the summary."
    day = NOW.date().isoformat()
    told = last_line(butler, "--since", day, "--until", day)
    assert told == "Guest 7: forgotten: 3 messages."  # those left, and there is no summary


def test_a_summary_that_stays_is_told(butler: Run, guest: Store) -> None:
    told = last_line(butler, "--words", "baking bread")
    assert told == "Guest 7: forgotten: 1 fact, 1 message; the summary stays."


def test_what_another_has_forgotten_meanwhile_is_not_told_as_forgotten(
    butler: Run, guest: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = memory_acts.find

    def find(store: Store, user_id: str, meant: memory_acts.Find) -> tuple[Profile, Found]:
        found = shown(store, user_id, meant)
        monkeypatch.undo()
        memory_acts.forget(store, user_id, meant, NOW)
        return found

    monkeypatch.setattr(memory_acts, "find", find)
    told = last_line(butler, "--words", "baking bread")
    assert told == "Guest 7: all of it is gone already."


def test_days_are_forgotten_up_to_and_with_the_last(butler: Run, guest: Store) -> None:
    day = NOW.date().isoformat()
    butler("memory", "forget", "7", "--since", day, "--until", day, "--yes")
    assert list(facts(guest)) == ["craft"]  # learned on the next day
    found = guest.guest("7")
    assert found is not None
    assert [each.content for each in found.window] == ["", "", "", ""]


def test_all_is_forgotten_but_who_they_are(butler: Run, guest: Store) -> None:
    assert "erased" in butler("memory", "forget", "7", "--all", "--yes").output
    found = guest.guest("7")
    assert found is not None
    assert (found.window, found.profile.facts, found.profile.memory_summary) == ((), (), "")


@pytest.mark.parametrize(
    "wrong",
    [
        ("--all", "--words", "cat"),
        ("--fact", "x", "--words", "cat"),
        ("--since", "yesterday"),
        ("--until", "2026-13-01"),
        ("--until", "9999-12-31"),
    ],
)
def test_what_is_meant_must_be_clear(butler: Run, guest: Store, wrong: tuple[str, ...]) -> None:
    assert butler("memory", "forget", "7", *wrong, "--yes").exit_code == 2


def test_nothing_found_is_nothing_done(butler: Run, guest: Store) -> None:
    from butler.admin import NotFound

    with pytest.raises(NotFound, match="nothing of the kind"):
        butler("memory", "forget", "7", "--words", "the elephant", "--yes")


def test_memory_is_paused_and_resumed(butler: Run, guest: Store) -> None:
    for act, paused in (("pause", True), ("resume", False)):
        butler("memory", act, "7")
        found = guest.guest("7")
        assert found is not None
        assert found.profile.paused is paused


def test_an_export_is_imported_again(butler: Run, guest: Store, tmp_path: Path) -> None:
    exported = butler("memory", "export", "7").output
    file = tmp_path / "guest.json"
    file.write_text(exported)
    butler("memory", "delete", "7", "--yes")
    assert guest.guest("7") is None
    assert "imported" in butler("memory", "import", str(file), "--user", "7").output
    with pytest.raises(ImportRefused, match="--replace"):
        butler("memory", "import", str(file))
    butler("memory", "import", "-", "--replace", answer=exported)
    again = json.loads(butler("memory", "export", "7").output)
    assert again["window"] == json.loads(exported)["window"]
    assert list(facts(guest)) == ["cat", "craft"]


@pytest.mark.parametrize(
    ("text", "why"), [("{", "JSON"), ("[]", "JSON object"), ("{}", "butler-export")]
)
def test_what_is_no_export_is_refused(butler: Run, guest: Store, text: str, why: str) -> None:
    with pytest.raises(ImportRefused, match=why):
        butler("memory", "import", "-", answer=text)


def test_a_guest_is_deleted_only_on_a_yes(butler: Run, guest: Store) -> None:
    assert butler("memory", "delete", "7", answer="n\n").exit_code == 1
    assert guest.guest("7") is not None
    butler("memory", "delete", "7", answer="y\n")
    assert guest.export("7")["window"] == []

from __future__ import annotations

import json
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
import pytest
from click.testing import Result

from butler import __version__
from butler.admin import NotRetried
from butler.config import Settings
from butler.domain.writes import Accept, Bury, SaveProfile
from butler.ports import Store
from tests.cli.commands import environment, invoke, opened
from tests.storage.builders import NOW, fact, item, letter, profile, turn
from tests.storage.servers import SecantusServer

ESCAPE = "\x1b[31mred\x1b[0m"
Run = Callable[..., Result]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A butler's store that stays open, as a running butler's does."""
    store = opened(tmp_path)
    yield store
    store.close()


@pytest.fixture
def butler(tmp_path: Path) -> Run:
    return lambda *arguments, **more: invoke(tmp_path, *arguments, **more)


@pytest.fixture
def guest(store: Store) -> Store:
    """The store with guest 7 in it, who has said something."""
    topics = ("tea", "chess")
    start = profile(name=f"Ann{ESCAPE}", facts=(fact(),), preferred_topics=topics)
    store.commit([SaveProfile(start, expected=0), Accept((item(3),)), turn(3, start)])
    return store


@pytest.fixture
def letters(store: Store) -> Store:
    """The store with dead letters a and b in it."""
    store.commit([Accept((item(1), item(2)))])
    store.commit([Bury(letter("a", 1)), Bury(letter("b", 2))])
    return store


def test_the_version_is_told(butler: Run) -> None:
    assert butler("--version").output == f"butler {__version__}\n"


@pytest.mark.parametrize("command", ["", "profiles", "memory", "dead-letters", "purge", "doctor"])
def test_every_command_has_help(butler: Run, command: str) -> None:
    assert "Usage: " in butler(*command.split(), "-h").output


def test_migrate_prints_tables_and_indexes_and_may_be_repeated(butler: Run) -> None:
    first, second = butler("migrate").output, butler("migrate").output
    assert "user_profiles: index (user_id) unique" in first
    assert first == second


def test_profiles_are_listed_as_lines_for_machines(butler: Run, guest: Store) -> None:
    (line,) = butler("profiles", "list").output.splitlines()
    cells = line.split("\t")
    assert cells[:5] == ["7", "Ann[31mred[0m", "ru", "witty", "1"]


def test_profiles_are_listed_as_json(butler: Run, guest: Store) -> None:
    (shown,) = json.loads(butler("profiles", "list", "--json").output)
    assert (shown["user_id"], shown["preferred_topics"]) == ("7", ["tea", "chess"])


def test_no_profiles_are_an_empty_list(butler: Run) -> None:
    assert json.loads(butler("profiles", "list", "--json").output) == []
    assert butler("profiles", "list").output == ""


def test_a_profile_is_shown(butler: Run, guest: Store) -> None:
    shown = butler("profiles", "show", "7").output
    assert "topics\ttea, chess\n" in shown
    assert "\x1b" not in shown
    assert json.loads(butler("profiles", "show", "7", "--json").output)["revision"] == 2


def test_a_profile_is_changed_while_the_butler_has_it_open(butler: Run, guest: Store) -> None:
    told = butler("profiles", "set", "7", "language=en", "preferred_topics=opera").output
    stored = guest.guest("7")
    assert told == "Guest 7: changed; revision 3.\n"
    assert stored is not None
    assert (stored.profile.language, stored.profile.preferred_topics) == ("en", ("opera",))


def test_a_wrong_change_is_a_wrong_usage_and_opens_no_database(tmp_path: Path) -> None:
    told = invoke(tmp_path / "data", "profiles", "set", "7", "language=de")
    assert told.exit_code == 2
    assert "expected ru or en, got 'de'" in told.output
    assert not (tmp_path / "data").exists()


def test_a_profile_is_reset(butler: Run, guest: Store) -> None:
    butler("profiles", "reset", "7")
    stored = guest.guest("7")
    assert stored is not None
    assert stored.profile.preferred_topics == ()
    assert len(stored.profile.facts) == 1


def test_an_export_holds_everything_of_one_guest_or_of_all(butler: Run, guest: Store) -> None:
    guest.commit([SaveProfile(profile("8"), expected=0)])
    one = json.loads(butler("profiles", "export", "7").output)
    everybody = json.loads(butler("profiles", "export").output)
    assert [event["role"] for event in one["window"]] == ["user", "assistant"]
    assert [each["profile"]["user_id"] for each in everybody] == ["7", "8"]
    assert everybody[0] == one


def test_the_memory_is_shown(butler: Run, guest: Store) -> None:
    shown = butler("memory", "show", "7").output
    assert "Summary: none yet\n" in shown
    assert "Facts: 1\nname\tAlice\t2026-03-01 12:00:01 UTC\tno\n" in shown
    assert "assistant\tvoice\tassistant says 3" in shown
    whole = json.loads(butler("memory", "show", "7", "--json").output)
    assert (len(whole["window"]), whole["archive"]) == (2, [])


def test_the_memory_is_forgotten_only_on_a_yes(butler: Run, guest: Store) -> None:
    refused = butler("memory", "forget", "7", answer="n\n")
    before = guest.guest("7")
    agreed = butler("memory", "forget", "7", answer="y\n")
    after = guest.guest("7")
    assert (refused.exit_code, agreed.exit_code) == (1, 0)
    assert before is not None
    assert after is not None
    assert (len(before.window), len(after.window)) == (2, 0)


def test_dead_letters_are_listed(butler: Run, letters: Store) -> None:
    lines = butler("dead-letters", "list").output.splitlines()
    assert [line.split("\t")[:4] for line in lines] == [
        [letter_id, "7", "crashed", "ValueError: twice"] for letter_id in ("a", "b")
    ]
    documents = json.loads(butler("dead-letters", "list", "--json").output)
    assert documents[1]["payload"] == {"update_id": 2}


def test_dead_letters_are_retried_one_or_all(butler: Run, letters: Store) -> None:
    assert butler("dead-letters", "retry", "b").output == "Dead letter b: back in the inbox.\n"
    assert [each.key.update_id for each in letters.unsettled(None, 9)] == [2]
    butler("dead-letters", "retry", "--all")
    assert [each.key.update_id for each in letters.unsettled(None, 9)] == [1, 2]


def test_a_letter_that_cannot_be_retried_does_not_hold_up_the_others(
    butler: Run, letters: Store
) -> None:
    letters.commit([Bury(attrs.evolve(letter("aa", None), payload={}))])
    with pytest.raises(NotRetried) as refused:
        butler("dead-letters", "retry", "--all")
    assert "2 of 3 are back in the inbox; not these:" in str(refused.value)
    assert "- dead letter aa: it holds no update." in str(refused.value)
    assert [each.letter_id for each in letters.dead_letters(9)] == ["aa"]
    assert [each.key.update_id for each in letters.unsettled(None, 9) if each.key] == [1, 2]


def test_dead_letters_are_dropped_one_or_all(butler: Run, letters: Store) -> None:
    assert butler("dead-letters", "drop", "a").exit_code == 0
    refused = butler("dead-letters", "drop", "--all", answer="\n")
    assert (refused.exit_code, len(letters.dead_letters(9))) == (1, 1)
    assert butler("dead-letters", "drop", "--all", "--yes").exit_code == 0
    assert letters.dead_letters(9) == []


@pytest.mark.parametrize("arguments", [("retry",), ("drop",), ("retry", "a", "--all")])
def test_which_dead_letters_must_be_said(butler: Run, arguments: tuple[str, ...]) -> None:
    told = butler("dead-letters", *arguments)
    assert told.exit_code == 2
    assert "expected ids or --all" in told.output


def test_one_guest_is_purged(butler: Run, guest: Store) -> None:
    guest.commit([SaveProfile(profile("8"), expected=0)])
    assert butler("purge", "--user", "7", answer="y\n").exit_code == 0
    assert [each.user_id for each in guest.profiles(9)] == ["8"]


def test_everything_is_purged_only_on_a_yes(butler: Run, guest: Store) -> None:
    refused = butler("purge", answer="\n")
    assert "Erase everything: 1 guests, 2 events? [y/N]" in refused.output
    assert (refused.exit_code, guest.statistics().profiles) == (1, 1)
    assert butler("purge", "--yes").output == "Erased.\n"
    assert guest.statistics().profiles == 0


def test_the_same_commands_work_on_mongodb(tmp_path: Path, secantus: SecantusServer) -> None:
    def butler(*arguments: str) -> str:
        return invoke(tmp_path / "data", *arguments, MONGODB_URL=secantus.url("commands")).output

    assert "user_profiles" in butler("migrate")
    assert json.loads(butler("profiles", "list", "--json")) == []
    assert butler("purge", "--yes") == "Erased.\n"
    assert not (tmp_path / "data").exists()


@attrs.define
class App:
    """Stands for `butler.app`, which serves for ever."""

    seen: list[tuple[object, ...]] = attrs.field(factory=list)

    def run(self, *arguments: object) -> int:
        self.seen.append(arguments)
        return 3


def test_run_and_chat_hand_over_settings_and_pass_the_exit_code_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from butler import cli

    app, module = App(), types.ModuleType("butler.app")
    module.__dict__.update(run=app.run, chat=app.run)
    monkeypatch.setitem(sys.modules, "butler.app", module)
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    for arguments in (["run"], ["chat", "--language", "en", "--name", "Ann"]):
        with pytest.raises(SystemExit) as ended:
            cli.main(arguments)
        assert ended.value.code == 3
    (settings,), (_, *said) = app.seen
    assert isinstance(settings, Settings)
    assert settings.butler_data_dir == tmp_path
    assert said == ["en", "Ann"]


def test_moments_are_utc(butler: Run, guest: Store) -> None:
    assert f"created\t{NOW:%Y-%m-%d %H:%M:%S} UTC\n" in butler("profiles", "show", "7").output

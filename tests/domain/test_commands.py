from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest

from butler.domain.commands import BeginAnew, Decision, House, allowed, case_of, decide
from butler.domain.incoming import Incoming
from butler.domain.phrasebook import PHRASES
from butler.domain.profile import Profile, new_profile

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
GUEST = attrs.evolve(new_profile("7", NOW, name="Ада"), revision=5, last_seq=30, covered_seq=10)
PLAIN = House(personal=False)


def pressed(command: str, text: str = "", profile: Profile | None = GUEST, **rest: Any) -> Decision:
    house = rest.pop("house", House())
    incoming = Incoming(
        update_id=1, kind="command", user_id="7", chat_id=7, command=command, text=text, name="Ада",
        **rest,
    )  # fmt: skip
    decision = decide(case_of(incoming, profile, now=LATER, house=house))
    assert decision is not None
    return decision


def button(data: str, **rest: Any) -> Decision | None:
    house = rest.pop("house", House())
    profile = rest.pop("profile", GUEST)
    incoming = Incoming(
        update_id=1, kind="callback", user_id="7", chat_id=7, text=data, message_id=9, **rest
    )
    return decide(case_of(incoming, profile, now=LATER, house=house))


def test_start_greets_a_stranger_by_name_and_a_guest_as_returning() -> None:
    assert pressed("start", profile=None).text.startswith("Здравствуйте, Ада.")
    assert "Ада" in pressed("start").text
    assert "дворецкий" not in pressed("start").text
    assert pressed("start", house=PLAIN).text == PHRASES["start_plain"]["ru"][0]


def test_help_lists_the_commands_that_work_here() -> None:
    assert "/memory" in pressed("help").text
    assert "/memory" not in pressed("help", house=PLAIN).text
    assert "/stop" in pressed("help", house=PLAIN).text


def test_privacy_says_how_long_things_are_kept() -> None:
    assert "30 дней" in pressed("privacy", house=House(retention_days=30)).text
    assert pressed("privacy", house=PLAIN).text == PHRASES["privacy_plain"]["ru"][0]


@pytest.mark.parametrize("asked", ["en", " EN ", "English", "английский"])
def test_language_switches_at_once_and_answers_in_it(asked: str) -> None:
    decision = pressed("language", asked)
    assert decision.profile is not None
    assert (decision.profile.language, decision.profile.revision) == ("en", 6)
    assert decision.profile.updated_at == LATER
    assert decision.text == PHRASES["language_set"]["en"][0]


def test_a_stranger_may_choose_a_language_first() -> None:
    decision = pressed("language", "ru", profile=None)
    assert decision.profile is not None
    assert (decision.profile.user_id, decision.profile.revision) == ("7", 1)


def test_the_same_language_changes_nothing() -> None:
    assert pressed("language", "ru").profile is None


@pytest.mark.parametrize("asked", ["", "klingon"])
def test_language_asks_with_buttons_where_it_cannot_tell(asked: str) -> None:
    decision = pressed("language", asked)
    assert [b.data for row in decision.buttons for b in row] == ["language:ru", "language:en"]
    assert decision.profile is None
    assert asked in decision.text


def test_reset_asks_first_and_changes_nothing_until_confirmed() -> None:
    decision = pressed("reset")
    assert [b.data for row in decision.buttons for b in row] == ["reset:yes", "reset:no"]
    assert (decision.profile, decision.act) == (None, None)


def test_a_confirmed_reset_begins_the_window_anew_and_keeps_the_guest() -> None:
    decision = button("reset:yes")
    assert decision is not None
    assert (decision.act, decision.edit_message_id) == (BeginAnew(), 9)
    assert decision.profile is None


@pytest.mark.parametrize(
    ("data", "key"),
    [("reset:no", "reset_cancelled"), ("", "stale_button"), ("reset:x", "stale_button"),
     ("language:de", "stale_button"), ("\x00:\ufffd", "stale_button")],
)  # fmt: skip
def test_other_buttons_change_nothing(data: str, key: str) -> None:
    decision = button(data)
    assert decision == Decision(PHRASES[key]["ru"][0], edit_message_id=9)


def test_a_language_button_switches() -> None:
    decision = button("language:en")
    assert decision is not None
    assert decision.profile is not None
    assert (decision.profile.language, decision.edit_message_id) == ("en", 9)


def test_buttons_in_groups_and_without_memory_do_nothing() -> None:
    assert button("reset:yes", chat_type="group") is None
    decision = button("reset:yes", house=PLAIN, profile=None)
    assert decision is not None
    assert (decision.profile, decision.act) == (None, None)


def test_memory_of_a_stranger_is_empty() -> None:
    assert pressed("memory", profile=None).text == PHRASES["memory_none"]["ru"][0]
    assert "{" not in pressed("memory").text


@pytest.mark.parametrize(
    "command",
    ["memory", "language", "reset", "correct", "forget", "pause", "resume", "export", "delete_me"],
)
def test_private_matters_stay_out_of_groups_and_need_a_memory(command: str) -> None:
    in_group = pressed(command, chat_type="group")
    assert in_group == Decision(PHRASES["private_only"]["ru"][0])
    assert pressed(command, house=PLAIN).text == PHRASES["memory_off"]["ru"][0]


def test_unknown_commands_get_a_sentence_in_private_and_silence_in_groups() -> None:
    assert "/dance" in pressed("dance").text
    incoming = Incoming(1, "command", "7", -7, chat_type="group", command="dance")
    assert decide(case_of(incoming, GUEST, now=NOW)) is None


def test_answers_are_in_the_guests_language() -> None:
    profile = attrs.evolve(GUEST, language="en", name="Ada")
    for command in ("start", "help", "privacy", "language", "reset", "memory", "dance"):
        assert pressed(command, profile=profile).text.isascii() or command == "language"


def test_an_open_house_receives_everyone_and_a_closed_one_the_invited() -> None:
    assert allowed("7", ())
    assert allowed("7", {"7", "8"})
    assert not allowed("7", {"77"})

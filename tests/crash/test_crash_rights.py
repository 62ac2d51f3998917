"""The process is killed while a guest has something noted, forgotten, sent and deleted.

One guest, one act at a time; then a whole butler is started over what is left, and the guest goes
on: what was cut short is done, or is done when asked for once more; never half, never twice.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from pathlib import Path

import attrs
import pytest

from butler.app import Service
from butler.config import read_settings
from butler.domain.phrasebook import PHRASES
from butler.playground import Guest, PlaygroundServer
from ops.bench.llm_server import LlmServer
from tests.support.house import Records, environment
from tests.support.process import ButlerProcess
from tests.support.waiting import eventually

CAT = "Барсик"
NOTE, FORGET = f"Запомни, что мой кот — {CAT}", "Забудь про Барсика"
YES = PHRASES["forget_yes"]["ru"][0]
# Noting takes three commits (accepting, the turn, noting the reply as sent), so does the question;
# the press takes one more for the forgetting itself.
NOTING = [f"commit.{step}:{n}" for n in (1, 2, 3) for step in ("applied", "done")]
FORGETTING = [f"commit.{step}:{n}" for n in (7, 8, 9, 10) for step in ("applied", "done")]
LEAVING = [f"commit.{step}:{n}" for n in (10, 11, 12) for step in ("applied", "done")]


@attrs.define
class Scene:
    """A guest between a playground and butlers over one and the same data."""

    place: Path
    guest: Guest
    settings: dict[str, str]
    records: Records
    butler: ButlerProcess | None = None
    service: Service | None = None

    def begin(self, point: str) -> None:
        """A butler who dies at that point."""
        self.butler = ButlerProcess(
            self.settings, self.place, module=("tests.support.doomed", point)
        )
        butler = self.butler
        eventually("a butler who serves", lambda: "serves: " in butler.output())

    def end(self) -> None:
        if self.butler is not None:
            self.butler.kill()
        if self.service is not None:
            self.service.drain()
            self.service.stop()

    def act(self, *, say: str = "", press: str = "") -> None:
        """One act of the guest's, to its end."""
        wanted = len(self.records.states()) + 1
        self._act(say, press)
        eventually("an end", lambda: self._handled(wanted))
        assert self.service is not None or (self.butler is not None and self.butler.running)

    def dies_of(self, *, say: str = "", press: str = "") -> None:
        """One act of the guest's, in which the butler dies; another takes his place."""
        self._act(say, press)
        assert self.butler is not None
        assert self.butler.wait() == -signal.SIGKILL, self.butler.log()
        self.service = Service(read_settings(self.settings))
        self.service.start()

    def _act(self, say: str, press: str) -> None:
        if say:
            self.guest.say(say)
        else:
            self.guest.press(press)

    def _handled(self, wanted: int) -> bool:
        return len(self.records.states()) >= wanted and self.settled

    @property
    def settled(self) -> bool:
        """Whether every update has come to its end."""
        return not set(self.records.states()) & {"received", "answered"}

    def told(self, ends: Sequence[str]) -> None:
        """Returns once one of the bot's messages says one of these, and all is settled."""
        messages = self.guest.chat

        def is_told() -> bool:
            return any(m.get("text") in ends for m in messages()["messages"])

        eventually("a reply", lambda: is_told() and self.settled)

    def files(self) -> list[str]:
        """The ids of the files that the bot has sent."""
        messages = self.guest.chat()["messages"]
        return [m["document"]["file_id"] for m in messages if "document" in m]

    def facts(self) -> str:
        return "".join(str(row["facts"]) for row in self.records.rows("user_profiles"))

    def events(self) -> str:
        return str(self.records.rows("user_memory"))


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    data = tmp_path / "data"
    data.mkdir()
    with PlaygroundServer() as playground, LlmServer() as llm:
        settings = environment(data, playground, llm)
        made = Scene(tmp_path, playground.guest(), settings, Records(read_settings(settings)))
        yield made
        made.end()


@pytest.mark.parametrize("point", NOTING)
def test_what_is_noted_is_noted_once(scene: Scene, point: str) -> None:
    scene.begin(point)
    scene.dies_of(say=NOTE)
    scene.told([text.format(key="кот", value=CAT) for text in PHRASES["remembered"]["ru"]])
    assert scene.facts().count(CAT) == scene.facts().count('"value"')
    said = scene.records.said(scene.guest.id)
    assert [content for role, content in said if role == "user"] == [NOTE]


@pytest.mark.parametrize("point", FORGETTING)
def test_what_is_forgotten_is_gone_whole_or_asked_about_once_more(scene: Scene, point: str) -> None:
    scene.begin(point)
    scene.act(say=NOTE)
    scene.act(say=FORGET)
    scene.dies_of(press=YES)
    scene.told((*PHRASES["forgotten"]["ru"], *PHRASES["stale_question"]["ru"]))
    assert (CAT in scene.facts()) == (CAT in scene.events())
    if CAT in scene.facts():
        scene.act(say=FORGET)
        scene.act(press=YES)
    assert CAT not in scene.facts() + scene.events() + str(scene.records.rows("inbox"))


@pytest.mark.parametrize("point", LEAVING)
def test_who_leaves_is_gone_whole_or_asked_once_more(scene: Scene, point: str) -> None:
    yes, sure = PHRASES["delete_yes"]["ru"][0], PHRASES["delete_sure_yes"]["ru"][0]
    scene.begin(point)
    scene.act(say=NOTE)
    scene.act(say="/delete_me")
    scene.act(press=yes)
    scene.dies_of(press=sure)
    scene.told((*PHRASES["deleted"]["ru"], *PHRASES["stale_question"]["ru"]))
    assert bool(scene.facts()) == (CAT in scene.events())
    if scene.facts():
        for act in ({"say": "/delete_me"}, {"press": yes}, {"press": sure}):
            scene.act(**act)
    assert scene.facts() == ""
    assert CAT not in scene.events() + str(scene.records.rows("inbox"))


@pytest.mark.parametrize("step", ["applied", "done"])
@pytest.mark.parametrize("commit", [1, 2, 3])
def test_an_export_arrives(scene: Scene, step: str, commit: int) -> None:
    scene.begin(f"commit.{step}:{3 + commit}")
    scene.act(say=NOTE)
    scene.dies_of(say="/export")
    eventually("a file", lambda: len(scene.files()) > 0)
    eventually("an end", lambda: scene.settled)
    assert len(scene.files()) <= 2
    assert CAT in scene.guest.download(scene.files()[0]).decode()

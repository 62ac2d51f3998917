"""`butler run` as a process: ended politely, ended brutally, and started again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import attrs
import pytest

from butler.config import read_settings
from butler.playground import Guest, PlaygroundServer
from ops.bench.llm_server import LlmServer
from tests.storage.servers import SecantusServer
from tests.support.house import Records, environment
from tests.support.process import ButlerProcess, butler_process
from tests.support.waiting import eventually


@attrs.define
class Scene:
    """What a process lives between; each `butler` starts one over the same data."""

    playground: PlaygroundServer
    llm: LlmServer
    directory: Path
    settings: dict[str, str]
    _started: int = 0

    def butler(self, **settings: str) -> AbstractContextManager[ButlerProcess]:
        self._started += 1
        place = self.directory / f"run{self._started}"
        return butler_process({**self.settings, **settings}, place)

    @property
    def records(self) -> Records:
        return Records(read_settings(self.settings))

    def wait_calls(self, method: str, count: int = 1) -> None:
        """Returns once the Bot API has been called so often with success."""
        eventually(f"{count} x {method}", lambda: self.calls(method) >= count)

    def calls(self, method: str) -> int:
        calls = list(self.playground.world.calls)
        return sum(call.method == method.lower() and call.status == 200 for call in calls)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """A scene whose butlers keep a SQLite file."""
    with PlaygroundServer() as playground, LlmServer() as llm:
        yield Scene(playground, llm, tmp_path, environment(tmp_path / "data", playground, llm))


@pytest.fixture
def each_scene(scene: Scene, store_settings: dict[str, str]) -> Scene:
    """The same with each kind of store in turn."""
    scene.settings |= store_settings
    return scene


def test_sigterm_when_nothing_is_to_be_done_exits_with_0(scene: Scene) -> None:
    with scene.butler() as butler:
        butler.ready()
        assert butler.terminate() == 0
        assert "butler stopped" in butler.log()


def test_sigterm_lets_the_turns_under_way_finish(each_scene: Scene) -> None:
    guests = [each_scene.playground.guest(name) for name in ("Анна", "Борис", "Вера")]
    with each_scene.butler() as butler:
        butler.ready()
        each_scene.llm.behave(delay=1.0)
        for guest in guests:
            guest.say("Пока вы не ушли!")
        eventually("three questions", lambda: each_scene.llm.asked == 3)
        assert butler.terminate() == 0
    assert [guest.wait_reply()["text"] for guest in guests] == ["Разумеется. Чай подан, сэр."] * 3
    assert each_scene.records.states() == ["sent"] * 3


def test_sigterm_does_not_wait_for_a_hanging_llm_and_the_next_process_answers(
    scene: Scene,
) -> None:
    anna = scene.playground.guest()
    with scene.butler(LLM_TIMEOUT_SECONDS="60") as butler:
        butler.ready()
        scene.llm.behave(kind="hang")
        anna.say("Вы здесь?")
        assert scene.llm.arrived.wait(20)
        assert butler.terminate() == 0
    scene.llm.behave()
    with scene.butler():
        assert anna.wait_reply()["text"] == "Разумеется. Чай подан, сэр."
    assert len(scene.records.said(anna.id)) == 2


def test_kill_9_while_the_llm_thinks_loses_nothing(each_scene: Scene) -> None:
    anna = each_scene.playground.guest()
    with each_scene.butler() as butler:
        butler.ready()
        each_scene.llm.behave(delay=30)
        anna.say("Не забудьте про розы.")
        assert each_scene.llm.arrived.wait(20)
        butler.kill()
    assert each_scene.records.states() == ["received"]
    each_scene.llm.behave()
    with each_scene.butler():
        assert anna.wait_reply()["text"] == "Разумеется. Чай подан, сэр."
        anna.say("И про чай.")
        anna.wait_reply()
    user_words = [content for role, content in each_scene.records.said(anna.id) if role == "user"]
    assert user_words == ["Не забудьте про розы.", "И про чай."]


@pytest.mark.parametrize("replies_before", [1, 4, 8])
def test_kill_9_in_the_midst_of_many_guests_loses_and_doubles_nothing(
    each_scene: Scene, replies_before: int
) -> None:
    guests = [each_scene.playground.guest(f"Гость {number}") for number in range(8)]
    each_scene.llm.behave(delay=0.05)
    with each_scene.butler() as butler:
        butler.ready()
        for number in range(3):
            for guest in guests:
                guest.say(f"поручение {number} от {guest.id}")
        each_scene.wait_calls("sendMessage", replies_before)
        butler.kill()
    with each_scene.butler() as butler:
        butler.ready()
        eventually("all accepted", lambda: len(each_scene.records.states()) == 24)
        eventually("all settled", lambda: set(each_scene.records.states()) == {"sent"})
    for guest in guests:
        words = [content for role, content in each_scene.records.said(guest.id) if role == "user"]
        assert words == [f"поручение {number} от {guest.id}" for number in range(3)]
        answered = [m for m in guest.chat()["messages"] if m["from"]["is_bot"]]
        assert answered
    assert each_scene.records.rows("dead_letters") == []


def test_a_message_sent_while_no_butler_runs_is_answered_by_the_next(scene: Scene) -> None:
    anna = scene.playground.guest()
    anna.say("Есть кто дома?")
    with scene.butler():
        assert anna.wait_reply()["text"] == "Разумеется. Чай подан, сэр."


def test_the_playground_of_run_is_announced_and_outlives_kill_9(tmp_path: Path) -> None:
    with LlmServer() as llm:
        settings = {
            "BUTLER_DATA_DIR": str(tmp_path / "data"),
            "LLM_API_URL": llm.url,
            "HTTP_PORT": "0",
            "STT_ENGINE": "off",
        }
        with butler_process(settings, tmp_path / "first") as butler:
            address = butler.address()
            assert "/playground" in butler.output()
            anna = Guest.create(address, "Анна")
            anna.say("Меня зовут Анна, я люблю сад.")
            anna.wait_reply()
            butler.kill()
        with butler_process(settings, tmp_path / "second") as butler:
            address = butler.address()
            again = Guest.create(address, "Анна", user_id=anna.id)
            again.say("Что я люблю?")
            again.wait_reply()
        assert "я люблю сад" in str(llm.requests[-1]["messages"])


def test_two_signals_are_no_more_than_one(scene: Scene) -> None:
    with scene.butler() as butler:
        butler.ready()
        thread = threading.Thread(target=butler.terminate)
        thread.start()
        assert butler.terminate() == 0
        thread.join()


def test_sigterm_while_the_database_is_away_exits_in_time(
    own_secantus: Callable[..., SecantusServer], tmp_path: Path
) -> None:
    server = own_secantus()
    server.start()
    with PlaygroundServer() as playground, LlmServer() as llm:
        settings = environment(tmp_path / "data", playground, llm, MONGODB_URL=server.url())
        with butler_process(settings, tmp_path / "first") as butler:
            butler.ready()
            server.kill()
            anna = playground.guest()
            anna.say("Вы меня слышите?")
            eventually("a store that fails", lambda: "store error" in butler.log())
            assert butler.terminate() == 0, butler.log()
            assert "Traceback" not in butler.log()
        server.start()
        with butler_process(settings, tmp_path / "second"):
            assert anna.wait_reply()["text"] == "Разумеется. Чай подан, сэр."


def test_sigterm_during_the_start_exits_in_time(scene: Scene) -> None:
    with scene.butler() as butler:
        eventually("a log or an address", lambda: butler.output() or butler.log())
        assert butler.terminate() == 0, butler.log()

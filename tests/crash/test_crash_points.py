"""The process is killed at each step between accepting and settling, on both stores.

One guest, one question at a time, so that it is exact what was under way. Over MongoDB's protocol
the database is killed too. Then a whole butler is started over what is left.
"""

from __future__ import annotations

import itertools
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
import pytest

from butler.app import Service
from butler.config import read_settings
from butler.playground import PlaygroundServer
from ops.bench.crowd import Crowd, Echo
from ops.bench.llm_server import LlmServer
from ops.bench.remembered import Store, faults
from tests.storage.servers import SecantusServer, free_port, secantus_program
from tests.support.house import environment
from tests.support.process import ButlerProcess
from tests.support.waiting import eventually

# "name" or "name:which": the step at which the process dies, the first time that it is taken.
ACTORS = (
    *("accepted", "confirming:2", "routed", "asking", "answered", "durable", "handed"),
    *("sending", "sent", "noting"),
)
# A question makes three commits: accepting it, the turn, noting the reply as sent.
SQLITE = tuple(
    f"commit.{step}:{which}" for which in (1, 2, 3) for step in ("begin", "applied", "done")
)
MONGO = (
    *("accept.begin", "accept.stored", "guests.begin", "guests.profiles", "turn.events"),
    *("turn.answered", "pending.cleared", "rows.letters", "rows.begin", "rows.changed"),
    *("rows.begin:2", "rows.changed:2"),  # the turn changes rows, then the note does
    *("compaction.copied", "compaction.moved"),
)
# With Telegram and not noted so: these alone may be, and are, sent again.
SENT_AGAIN = {
    *("sent", "noting", "commit.begin:3", "commit.applied:3"),
    *("rows.letters", "rows.begin:2"),
}
# What is pushed is confirmed by the answer to the push, so that it may come again before that.
WEBHOOK = ("commit.done:1", "accepted", "confirming", "sent")
QUESTIONS = 8
SMALL = {"MEMORY_EVENT_CAP": "5", "MEMORY_KEEP_EVENTS": "2"}
_databases = itertools.count(1)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecantusServer]:
    """A server of our own, to be killed."""
    program = secantus_program()
    if program is None:
        pytest.skip("secantusd-py is missing: pip install secantusdb")
    server = SecantusServer(program, tmp_path_factory.mktemp("secantus") / "data")
    server.start()
    yield server
    server.stop()


@attrs.define
class Scene:
    """A guest at the playground, an LLM, and butlers over one and the same data."""

    place: Path
    crowd: Crowd
    store: Store
    settings: dict[str, str]
    kill_database: Callable[[], None]
    _lives: Iterator[int] = attrs.field(factory=lambda: itertools.count(1))

    def butler(self, point: str = "") -> ButlerProcess:
        """A new one, who dies at that point."""
        place = self.place / f"life{next(self._lives)}"
        place.mkdir()
        return ButlerProcess(self.settings, place, module=("tests.support.doomed", point))

    def ask(self) -> None:
        self.crowd.ask(self.crowd.guests[0])

    def die(self, point: str) -> None:
        """A butler lives until that point; asked on and on if it takes several questions."""
        butler = self.butler(point)
        try:
            for _ in range(QUESTIONS):
                self.ask()
                eventually(f"an end at {point}", lambda: not butler.running or self._settled())
                if not butler.running:
                    break
            assert butler.wait() == -signal.SIGKILL, butler.log()
        finally:
            butler.kill()

    def _settled(self) -> bool:
        return not self.crowd.waiting and self.store.unsettled() == 0

    def live(self) -> float:
        """A butler in this process finishes what is left; how many replies he says he may have
        sent twice."""
        service = Service(read_settings(self.settings))
        try:
            service.start()
            assert self.crowd.quiet(30.0)
            eventually("a settled inbox", lambda: self.store.unsettled() == 0)
            service.drain()
        finally:
            service.stop()
        return service.registry.get_sample_value("telegram_replies_resent_total") or 0.0


@pytest.fixture
def scene(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Scene]:
    """Over SQLite, over MongoDB's protocol, or over SQLite with a webhook: the parameter says."""
    url, kill = "", lambda: None
    if request.param == "mongodb":
        server: SecantusServer = request.getfixturevalue("database")
        url = server.url(f"points{next(_databases)}")

        def kill() -> None:
            server.kill()
            server.start()

    data = tmp_path / "data"
    data.mkdir()
    with PlaygroundServer() as playground, LlmServer(answer=Echo()) as llm:
        extra = {"MONGODB_URL": url} if url else {}
        if request.param == "webhook":
            port = str(free_port())
            pushed = f"http://127.0.0.1:{port}/telegram/webhook"
            extra = {"HTTP_PORT": port, "TELEGRAM_WEBHOOK_URL": pushed}
        settings = environment(data, playground, llm, **SMALL, **extra)
        yield Scene(tmp_path, Crowd(playground, 1), Store(data, url), settings, kill)


POINTS = [
    *(("sqlite", point) for point in (*ACTORS, *SQLITE)),
    *(("mongodb", point) for point in (*ACTORS, *MONGO)),
    *(("webhook", point) for point in WEBHOOK),
]


@pytest.mark.parametrize(("scene", "point"), POINTS, indirect=["scene"])
def test_killed_at_any_step_every_message_is_answered_and_remembered_once(
    scene: Scene, point: str
) -> None:
    scene.die(point)
    scene.kill_database()
    counted = scene.live()
    verdict = scene.crowd.verdict()
    assert verdict["lost"] == 0
    assert verdict["answered"] == verdict["asked"]
    assert faults(scene.store.events(), {str(k): v for k, v in verdict["told"].items()}) == []
    assert verdict["wrong_recipient"] == 0
    if "compaction" not in point:  # beside the conversation: who knows what is under way
        assert verdict["resends"] == (point in SENT_AGAIN)
    assert verdict["resends"] <= counted <= 1


@pytest.mark.parametrize(
    ("scene", "known"), [("sqlite", SQLITE), ("mongodb", MONGO)], indirect=["scene"]
)
def test_every_step_of_a_conversation_is_among_the_points(
    scene: Scene, known: tuple[str, ...]
) -> None:
    butler = scene.butler()
    try:
        for _ in range(QUESTIONS):
            scene.ask()
            eventually("an answer", lambda: not scene.crowd.waiting)
        eventually("a settled inbox", lambda: scene.store.unsettled() == 0)
        assert butler.terminate() == 0
    finally:
        butler.kill()
    words = [line.split() for line in butler.output().splitlines()]
    taken = {line[1] for line in words if line[0] == "step"}
    assert taken == {point.partition(":")[0] for point in (*ACTORS, *known)}

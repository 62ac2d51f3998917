"""Recordings: listened to one after another, and each asker hears of their own."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import attrs
import pytest

from actors import messages as m
from actors.slots import Task
from actors.speech import Speech, SpeechWorker
from butler.domain.chat import Audio
from butler.domain.incoming import Attachment
from butler.errors import AudioInvalid, AudioSilent, TransportUnavailable
from butler.telemetry import SpeechCalled
from supervision import ChildSpec
from supervision.events import ChildFailed
from tests.actors.guest_room import key
from tests.actors.staging import Stage, group, stage
from tests.support.fakes import FakeTranscriber, FakeTransport

GUEST, OTHER = ("user", "7"), ("user", "8")


def hears(audio: Audio) -> str:
    if audio.data == b"silence":
        raise AudioSilent("no words")
    if audio.data == b"crash":
        raise ZeroDivisionError
    return audio.data.decode()


@attrs.define
class Listening:
    stage: Stage
    transport: FakeTransport

    def start(self, workers: int = 1) -> None:
        made = self.stage
        common = (made.directory, made.telemetry)
        names = [f"speech-{number}" for number in range(workers)]
        transcriber = FakeTranscriber(hears)
        specs = [
            ChildSpec(n, SpeechWorker.on(made.io, n, self.transport, transcriber, *common, 60.0))
            for n in names
        ]
        speech = Speech.on(made.pool, made.directory)
        made.start((m.SPEECH, speech), group("speech workers", specs), GUEST, OTHER)

    def listen(self, number: int, data: bytes | Exception, to: object = GUEST) -> None:
        self.transport.files[f"f{number}"] = data
        self.stage.tell(m.SPEECH, listen(number, to))


def listen(number: int, to: object = GUEST) -> m.Listen:
    attachment = Attachment(f"f{number}", "voice", "audio/ogg", 2, None)
    return m.Listen(key(number), attachment, "ru", to)


@pytest.fixture
def listening() -> Iterator[Listening]:
    with stage() as made:
        now = Listening(made, FakeTransport())
        yield now
        now.transport.gate.set()


def test_recordings_are_heard_in_turn_each_by_who_sent_it(listening: Listening) -> None:
    listening.start()
    listening.listen(1, b"one")
    listening.listen(2, b"two", OTHER)
    assert listening.stage.told[GUEST].wait(m.Heard).transcript.text == "one"
    assert listening.stage.told[OTHER].wait(m.Heard).key == key(2)
    assert listening.stage.events.wait(SpeechCalled).outcome == "success"


@pytest.mark.parametrize(
    ("data", "outcome"),
    [(b"silence", "silent"), (TransportUnavailable("away"), "error")],
)
def test_what_stays_unheard_is_told_with_its_cause(
    listening: Listening, data: bytes | Exception, outcome: str
) -> None:
    listening.start()
    listening.listen(1, data)
    assert listening.stage.told[GUEST].wait(m.NotHeard).key == key(1)
    assert listening.stage.events.wait(SpeechCalled).outcome == outcome


def test_a_recording_that_crashes_its_listener_is_told_as_odd(listening: Listening) -> None:
    listening.start()
    listening.listen(1, b"crash")
    listening.listen(2, b"two")
    failed = listening.stage.told[GUEST].wait(m.NotHeard)
    assert (failed.key, type(failed.error)) == (key(1), AudioInvalid)
    assert listening.stage.told[GUEST].wait(m.Heard).key == key(2)


def test_what_is_heard_for_an_earlier_speech_actor_reaches_nobody_else(
    listening: Listening,
) -> None:
    listening.transport.gate.clear()
    listening.start()
    listening.listen(1, b"one", GUEST)
    crashing = threading.Thread(target=listening.stage.crash, args=(m.SPEECH,))
    crashing.start()
    listening.stage.tree.wait(ChildFailed)
    listening.listen(2, b"two", OTHER)
    listening.transport.gate.set()
    crashing.join(20)
    heard = listening.stage.told[OTHER].wait(m.Heard)
    assert (heard.key, heard.transcript.text) == (key(2), "two")
    assert listening.stage.told[OTHER].of(m.Heard, lambda h: h.key == key(1)) == []


def test_a_task_of_an_earlier_life_is_let_lie(listening: Listening) -> None:
    listening.start()
    listening.transport.files["f1"] = b"one"
    listening.stage.tell("speech-0", Task(object(), listen(1)))
    listening.listen(2, b"two")
    listening.stage.told[GUEST].wait(m.Heard)
    assert len(listening.stage.events.of(SpeechCalled)) == 1


def test_what_is_not_wanted_any_more_is_not_listened_to(listening: Listening) -> None:
    listening.transport.gate.clear()
    listening.start()
    for number in (1, 2, 3):
        listening.listen(number, b"words")
    for number in (1, 2):  # one under way, one that waits
        listening.stage.tell(m.SPEECH, m.StopListening(key(number)))
    listening.stage.flush(m.SPEECH)
    listening.transport.gate.set()
    assert listening.stage.told[GUEST].wait(m.Heard).key == key(3)
    assert len(listening.stage.events.of(SpeechCalled)) == 1


def test_many_recordings_of_one_guest_do_not_hold_up_another(listening: Listening) -> None:
    listening.transport.gate.clear()
    listening.start()
    for number in range(1, 6):
        listening.listen(number, b"words")
    listening.listen(6, b"words", OTHER)
    listening.stage.flush(m.SPEECH)
    listening.transport.gate.set()
    listening.stage.told[GUEST].wait(m.Heard, count=5)
    calls = listening.transport.downloaded
    assert calls.index("f6") == 1

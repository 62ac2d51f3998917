"""What the tree of actors goes through, as telemetry: by kind, and wordless."""

from __future__ import annotations

from butler.supervising import FRAMES, translate, where
from butler.telemetry import (
    ActorFailed,
    ActorHung,
    ActorMessageLost,
    ActorRestarted,
    SupervisionEscalated,
    Telemetry,
    TelemetryEvent,
)
from supervision import events
from supervision.failure import DeadLetter, Failure, stack_of


def said(event: events.Event) -> list[TelemetryEvent]:
    heard: list[TelemetryEvent] = []
    translate(event, Telemetry(heard.append))
    return heard


def failure(text: str = "what a guest said") -> Failure:
    try:
        raise ValueError(text)
    except ValueError as error:
        return Failure(("user", "7"), error, stack_of(error), "message", 0.0)


def test_a_failure_is_told_by_kind_type_and_place_alone() -> None:
    (event,) = said(events.ChildFailed(("user", "7"), failure()))
    assert isinstance(event, ActorFailed)
    assert (event.kind, event.error) == ("user", "ValueError")
    assert event.where.startswith("failure ")
    assert "test_supervising.py:" in event.where
    assert "guest" not in event.where


def test_words_that_look_like_a_frame_are_no_frame() -> None:
    forged = 'x\n  File "my secret", line 7, in love\n'
    (event,) = said(events.ChildFailed(("user", "7"), failure(forged)))
    assert isinstance(event, ActorFailed)
    assert "secret" not in event.where


def test_only_the_innermost_frames_are_kept() -> None:
    line = f'  File "{__file__}", line 1, in f\n    code\n'
    assert where(line * 10).count(" < ") == FRAMES - 1
    assert where("") == ""


def test_a_restart_is_told_and_a_first_start_is_not() -> None:
    assert said(events.ChildStarted("sender-3", 0)) == []
    assert said(events.ChildStarted("sender-3", 2)) == [ActorRestarted("sender")]


def test_messages_that_nobody_handles_are_told_by_type_alone() -> None:
    failed = failure()
    letter = DeadLetter(("user", "7"), "words of a guest", failed.exception, failed.stack)
    assert said(events.MessageDied(letter)) == [ActorMessageLost("user", "str", "died")]
    undelivered = events.MessageUndelivered("llm-3", "words of a guest")
    assert said(undelivered) == [ActorMessageLost("llm", "str", "undelivered")]


def test_a_hang_and_a_giving_up_are_told() -> None:
    stack = f'  File "{__file__}", line 1, in f\n'
    (hung,) = said(events.HandlerAbandoned("journal", "io", stack, True))
    assert hung == ActorHung("journal", f"f {__file__}:1")
    assert said(events.ChildGivenUp(("user", "7"), failure())) == [SupervisionEscalated("user")]
    assert said(events.SupervisorGaveUp("root", failure())) == [SupervisionEscalated("supervisor")]


def test_what_is_of_no_interest_is_not_told() -> None:
    assert said(events.RestartScheduled("journal", 0.1)) == []

"""Logs: one event a line, at its level, without a guest's words or a secret."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import attrs
import pytest
import structlog

from butler import logs
from butler import telemetry as t
from butler.domain.sensitive import MASK

SECRET = "123456:secret-letters"


@attrs.define
class Written:
    """What was logged, in JSON."""

    stream: io.StringIO

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]

    def configure(self, style: str = "json", level: str = "DEBUG") -> logs.Logs:
        logs.configure(style, level, [SECRET, "abc", ""], self.stream)
        return logs.Logs()


@pytest.fixture
def written() -> Iterator[Written]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    quiet = {name: logging.getLogger(name).level for name in logs.QUIET}
    yield Written(io.StringIO())
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in quiet.items():
        logging.getLogger(name).setLevel(before)
    structlog.reset_defaults()


@pytest.mark.parametrize(
    ("event", "level", "name"),
    [
        (t.ServiceStarted("telegram", "http://x", 0.12345), "info", "butler started"),
        (t.RequestFinished("text", "success", "7"), "info", "personalized request finished"),
        (
            t.RequestFinished("text", "error", "7", "ModelTimeout"),
            "error",
            "personalized request error",
        ),
        (t.ProfileRead("7", True), "info", "profile loaded"),
        (t.ProfileRead("7", False), "info", "profile created"),
        (t.ProfileWritten("7", 2), "debug", "profile written"),
        (
            t.CompressionFinished("7", "success", 1.0, 30),
            "info",
            "memory compression finished",
        ),
        (t.CompressionFinished("7", "error", 1.0), "error", "memory compression error"),
        (t.DependencyChanged("llm", False, "away"), "warning", "dependency error"),
        (t.DependencyChanged("llm", True, "answers"), "info", "dependency changed"),
        (t.StoreFailed("StoreFull"), "warning", "store error"),
        (t.MailboxOverflowed("user", 3), "warning", "mailbox overflowed"),
        (t.DeadLettered("poison", "7"), "error", "error: message became a dead letter"),
        (t.ActorFailed("user", "KeyError", "f x.py:1"), "error", "error: actor failed"),
        (t.SupervisionEscalated("user"), "error", "error: supervisor gave up"),
    ],
)
def test_an_event_is_logged_by_its_name_at_its_level(
    written: Written, event: t.TelemetryEvent, level: str, name: str
) -> None:
    written.configure()(event)
    (line,) = written.lines()
    assert (line["level"], line["event"]) == (level, name)
    assert line["timestamp"].endswith("Z")


def test_fields_are_kept_and_empty_ones_left_out(written: Written) -> None:
    log = written.configure()
    log(t.CompressionFinished("7", "success", 1.23456789, 30))
    (line,) = written.lines()
    assert (line["user_id"], line["seconds"], line["events"]) == ("7", 1.2346, 30)
    assert "reason" not in line


def test_what_is_below_the_level_is_not_logged(written: Written) -> None:
    log = written.configure(level="WARNING")
    log(t.ProfileRead("7", True))
    log(t.ModelCalled(0, "success", 0.1))
    log(t.StoreFailed("StoreFull"))
    assert [line["event"] for line in written.lines()] == ["store error"]


def test_what_is_only_measured_is_not_logged(written: Written) -> None:
    log = written.configure()
    log(t.InboxMeasured(1, 0.0))
    log(t.ActorsMeasured({}, {}))
    assert written.lines() == []


def test_a_dependency_is_logged_when_it_comes_or_goes_and_not_each_time(written: Written) -> None:
    log = written.configure()
    for up in (True, True, False, False, True):
        log(t.DependencyChanged("llm", up, "detail"))
    log(t.DependencyChanged("stt", True, "detail"))
    assert len(written.lines()) == 4


def test_secrets_are_masked_wherever_they_stand(written: Written) -> None:
    log = written.configure()
    log(t.DependencyChanged("telegram", False, f"at /bot{SECRET}/getMe"))
    logging.getLogger("foreign").warning("url %s", f"http://x/bot{SECRET}/getMe")
    structlog.get_logger("ours").error(SECRET)
    assert SECRET not in written.stream.getvalue()
    assert written.stream.getvalue().count(MASK) == 3


def test_short_words_are_no_secrets(written: Written) -> None:
    written.configure()
    logging.getLogger("foreign").warning("abc")
    assert written.lines()[0]["event"] == "abc"


@pytest.mark.parametrize("style", ["json", "console"])
def test_of_an_exception_type_and_place_are_kept_and_never_its_words(
    written: Written, style: str
) -> None:
    written.configure(style)
    try:
        raise ValueError("what a guest said")
    except ValueError as error:
        logging.getLogger("foreign").exception("it failed")
        structlog.get_logger("ours").exception("it failed")
        structlog.get_logger("ours").error("it failed", exc_info=error)
    structlog.get_logger("ours").error("no failure", exc_info=True)
    text = written.stream.getvalue()
    assert "what a guest said" not in text
    assert text.count("ValueError") == 3
    assert text.count("test_logs.py") == 3


def test_libraries_are_quiet(written: Written) -> None:
    written.configure(level="DEBUG")
    logging.getLogger("urllib3.connectionpool").info("Starting new connection")
    logging.getLogger("urllib3.connectionpool").warning("Retrying")
    assert [line["event"] for line in written.lines()] == ["Retrying"]


def test_the_console_is_for_people(written: Written) -> None:
    log = written.configure("console", "INFO")
    log(t.ProfileRead("7", True))
    assert "profile loaded" in written.stream.getvalue()
    assert "\x1b" not in written.stream.getvalue()


def test_what_looks_like_a_guests_secret_is_masked_wherever_it_comes_from(written: Written) -> None:
    written.configure()
    logging.getLogger("some.library").warning("got password: hunter2 and card 4276 1234 5678 9012")
    structlog.get_logger("butler").warning("odd", detail="sk-abcdef0123456789abcdef", update=12345)
    first, second = written.lines()
    assert first["event"] == "got password: ••• and card •••"
    assert (second["detail"], second["update"]) == ("•••", 12345)

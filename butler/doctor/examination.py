"""All checks, side by side, within one deadline."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from urllib.parse import unquote, urlsplit

import attrs

from butler.config import Settings, read_settings
from butler.doctor.console import check_http
from butler.doctor.embeddings import check_embeddings
from butler.doctor.finding import Finding, Level
from butler.doctor.llm import check_endpoint, check_local_models
from butler.doctor.oddities import check_settings
from butler.doctor.place import check_database, check_disk
from butler.doctor.speech import check_speech
from butler.doctor.telegram import check_telegram
from butler.errors import ButlerError, SettingsError

SECONDS = 9.0


@attrs.frozen
class Check:
    """One check, run on a thread of its own; `late` is its level when it does not end in time."""

    subject: str
    run: Callable[[Settings], Iterable[Finding]]
    late: Level = "FAIL"


def examine(environment: Mapping[str, str], seconds: float = SECONDS) -> list[Finding]:
    """Check everything, for `seconds` at most; the findings in a fixed order.

    Nothing is changed but that an existing database is migrated, as by every command, and that the
    speech engine's model is made ready in the data directory.
    """
    try:
        settings = read_settings(environment)
    except SettingsError as error:
        return [Finding("FAIL", "settings", str(error))]
    secrets = sorted(secrets_of(settings), key=len, reverse=True)
    return [finding.without(secrets) for finding in run(checks(settings), settings, seconds)]


def checks(settings: Settings) -> list[Check]:
    """What is to be checked under these settings."""
    llm = [Check("llm", _endpoint(number)) for number in range(len(settings.llm_api_url))]
    return [
        Check("settings", check_settings),
        Check("disk", check_disk),
        Check("database", check_database),
        Check("telegram", check_telegram),
        *(llm or [Check("llm", check_local_models, late="warn")]),
        Check("embeddings", check_embeddings, late="warn"),
        Check("speech", check_speech, late="warn"),
        Check("http", check_http),
    ]


def secrets_of(settings: Settings) -> set[str]:
    """What must not be printed."""
    secrets = {settings.llm_api_key, settings.http_token, settings.telegram_webhook_secret}
    if settings.telegram_bot_token:
        secrets |= {settings.telegram_bot_token, settings.telegram_bot_token.partition(":")[2]}
    addresses = (settings.mongodb_url, settings.rabbitmq_url, settings.stt_api_url)
    for url in (*addresses, settings.embeddings_api_url, *settings.llm_api_url):
        password = urlsplit(url).password if url else None
        if password:
            secrets |= {password, unquote(password)}
    return {secret for secret in secrets if secret}


def _endpoint(number: int) -> Callable[[Settings], Iterable[Finding]]:
    return lambda settings: check_endpoint(settings, settings.llm_api_url[number])


def run(todo: Sequence[Check], settings: Settings, seconds: float) -> list[Finding]:
    """Run checks side by side; those that do not end in time say so."""
    answers: queue.SimpleQueue[tuple[int, list[Finding]]] = queue.SimpleQueue()
    for number, check in enumerate(todo):
        # Daemons: one that hangs in a library must not keep the process.
        threading.Thread(
            target=lambda n=number, c=check: answers.put((n, _findings(c, settings))),
            name=f"doctor-{check.subject}",
            daemon=True,
        ).start()
    found = _collected(answers, len(todo), time.monotonic() + seconds)
    late = f"no answer within {seconds:g} s"
    return [
        finding
        for number, check in enumerate(todo)
        for finding in found.get(number, [Finding(check.late, check.subject, late, "Try again.")])
    ]


def _collected(
    answers: queue.SimpleQueue[tuple[int, list[Finding]]], expected: int, end: float
) -> dict[int, list[Finding]]:
    found: dict[int, list[Finding]] = {}
    while len(found) < expected and (left := end - time.monotonic()) > 0:
        try:
            number, findings = answers.get(timeout=left)
        except queue.Empty:
            break
        found[number] = findings
    return found


def _findings(check: Check, settings: Settings) -> list[Finding]:
    try:
        return list(check.run(settings))
    except ButlerError as error:
        return [Finding("FAIL", check.subject, str(error))]
    except Exception as error:  # noqa: BLE001  # one broken check must not hide the others' findings
        what = f"the check itself failed ({type(error).__name__})"
        return [Finding("FAIL", check.subject, what, "Report it as a bug.")]

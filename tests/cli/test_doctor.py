from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from butler.clients.telegram import TelegramTransport
from butler.config import Settings, read_settings
from butler.doctor import Finding, examine, exit_code, show
from butler.doctor import examination as exams
from butler.doctor.embeddings import check_embeddings
from butler.doctor.examination import Check, secrets_of
from butler.doctor.llm import check_endpoint, check_local_models
from butler.doctor.place import room
from butler.domain.writes import Accept, Bury, SaveProfile
from butler.errors import StoreUnavailable
from butler.playground import Fault, PlaygroundServer
from butler.storage import SQLITE_FILE
from ops.bench.bag import bag_of_stems
from ops.bench.llm_server import LlmServer
from tests.cli.commands import environment, finish, invoke, opened
from tests.storage.builders import item, letter, profile
from tests.storage.servers import free_port
from tests.web.serving import Steward, node, serving

TOKEN = "open-sesame-and-more-of-it"


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, str]:
    """A butler that needs nothing from outside."""
    return {
        "BUTLER_DATA_DIR": str(tmp_path / "data"),
        "STT_ENGINE": "off",
        "LLM_API_URL": f"http://127.0.0.1:{free_port()}",
        "HTTP_PORT": str(free_port()),
    }


def of(findings: list[Finding], subject: str) -> list[Finding]:
    return [each for each in findings if each.subject == subject]


def one(findings: list[Finding], subject: str) -> Finding:
    (found,) = of(findings, subject)
    return found


def check(settings: dict[str, str], **more: str) -> list[Finding]:
    return examine({**settings, **more}, seconds=60)


@pytest.fixture
def telegram() -> Iterator[PlaygroundServer]:
    with PlaygroundServer() as server:
        yield server


def test_a_first_look_finds_each_subject_once_and_touches_nothing(
    settings: dict[str, str], tmp_path: Path
) -> None:
    found = check(settings)
    subjects = ["settings", "disk", "database", "telegram", "llm", "speech", "http"]
    assert [each.subject for each in found] == subjects
    assert [each.level for each in found] == ["ok", "ok", "ok", "ok", "FAIL", "ok", "ok"]
    assert exit_code(found) == 1
    assert list(tmp_path.iterdir()) == []


def test_wrong_settings_are_a_finding_and_exit_with_2(tmp_path: Path) -> None:
    code, output, errors = finish(environment(tmp_path, LOG_LEVEL="loud"), "doctor")
    assert code == 2
    assert output.startswith("FAIL  settings   LOG_LEVEL: expected DEBUG or")
    assert errors == ""


def test_a_directory_that_cannot_be_written_fails(settings: dict[str, str]) -> None:
    found = one(check(settings, BUTLER_DATA_DIR="/proc/butler"), "disk")
    assert found.level == "FAIL"
    assert "/proc cannot be written" in found.found
    assert "BUTLER_DATA_DIR" in found.do


def test_a_disk_is_full_before_its_last_byte() -> None:
    assert [room(mebibytes << 20) for mebibytes in (99, 1023, 1024)] == ["FAIL", "warn", "ok"]


def test_the_database_is_described(settings: dict[str, str], tmp_path: Path) -> None:
    store = opened(tmp_path / "data")
    store.commit([SaveProfile(profile(), expected=0), Accept((item(1), item(2)))])
    found = one(check(settings), "database")
    store.commit([Bury(letter())])
    (tmp_path / "data" / SQLITE_FILE).chmod(0o644)
    more = of(check(settings), "database")
    store.close()
    assert found.level == "ok"
    assert "schema version 2" in found.found
    assert "1 guests, 0 recent events, 2 updates waiting" in found.found
    assert [each.level for each in more] == ["ok", "warn", "warn"]
    assert more[1].do.startswith("chmod 600")
    assert "dead-letters list" in more[2].do


def test_a_file_that_is_no_database_fails(settings: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / SQLITE_FILE).write_text("a shopping list" * 1000)
    assert one(check(settings), "database").level == "FAIL"


def test_a_mongodb_that_does_not_answer_fails_without_its_password(
    settings: dict[str, str],
) -> None:
    url = f"mongodb://ann:s3same%2Fx@127.0.0.1:{free_port()}/butler"
    found = check(settings, MONGODB_URL=url)
    assert one(found, "database").level == "FAIL"
    assert "s3same" not in str(found)


def test_telegram_tells_who_we_are(settings: dict[str, str], telegram: PlaygroundServer) -> None:
    more = {"TELEGRAM_BOT_TOKEN": telegram.token, "TELEGRAM_API_URL": telegram.base_url}
    found = one(check(settings, **more), "telegram")
    assert found.level == "ok"
    assert found.found.startswith(f"@{telegram.bot.username} at 127.0.0.1:")


def test_a_token_that_telegram_does_not_know_fails(
    settings: dict[str, str], telegram: PlaygroundServer
) -> None:
    more = {"TELEGRAM_BOT_TOKEN": "123:wrongwrong", "TELEGRAM_API_URL": telegram.base_url}
    found = check(settings, **more)
    assert one(found, "telegram").level == "FAIL"
    assert "does not know the token" in one(found, "telegram").found
    assert "wrongwrong" not in str(found)


def test_a_telegram_that_is_not_there_fails(settings: dict[str, str]) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    found = one(check(settings, TELEGRAM_BOT_TOKEN="123:abcdef", TELEGRAM_API_URL=url), "telegram")
    assert found.level == "FAIL"
    assert "connection refused" in found.found


def test_a_telegram_that_fails_is_told(
    settings: dict[str, str], telegram: PlaygroundServer
) -> None:
    telegram.faults.add(Fault("error", method="getWebhookInfo", status=500))
    more = {"TELEGRAM_BOT_TOKEN": telegram.token, "TELEGRAM_API_URL": telegram.base_url}
    assert one(check(settings, **more), "telegram").level == "ok"
    telegram.faults.add(Fault("error", method="getMe", status=500))
    assert one(check(settings, **more), "telegram").level == "FAIL"


def test_the_webhook_is_compared_with_the_settings(
    settings: dict[str, str], telegram: PlaygroundServer
) -> None:
    more = {"TELEGRAM_BOT_TOKEN": telegram.token, "TELEGRAM_API_URL": telegram.base_url}
    wanted = {"TELEGRAM_WEBHOOK_URL": f"http://127.0.0.1:{free_port()}/telegram/webhook"}
    absent = of(check(settings, **more, **wanted), "telegram")
    assert "no webhook is set yet" in absent[1].found
    transport = TelegramTransport(telegram.token, telegram.base_url)
    transport.set_webhook(wanted["TELEGRAM_WEBHOOK_URL"], "secret")
    transport.close()
    forgotten = of(check(settings, **more), "telegram")
    assert (forgotten[1].level, "the settings name none" in forgotten[1].found) == ("warn", True)


def test_a_webhook_that_fails_is_told(settings: dict[str, str]) -> None:
    results = {
        "getMe": {"id": 1, "username": "alfred_bot"},
        "getWebhookInfo": {
            "url": "https://example.org/",
            "last_error_message": "Connection refused",
            "pending_update_count": 5,
        },
    }

    async def answer(request: Request) -> Response:
        return JSONResponse({"ok": True, "result": results[request.path_params["method"]]})

    bot_api = Route("/bot{token}/{method}", answer, methods=["GET", "POST"])
    with serving(open_routes=[bot_api]) as site:
        more = {"TELEGRAM_BOT_TOKEN": "123:abcdef", "TELEGRAM_API_URL": site.address}
        wanted = {"TELEGRAM_WEBHOOK_URL": "https://example.org/"}
        found = of(check(settings, **more, **wanted), "telegram")
    assert [each.level for each in found] == ["ok", "warn"]
    assert found[1].found == "the webhook fails (Connection refused); 5 updates wait"


def test_the_llm_is_asked_and_timed(settings: dict[str, str]) -> None:
    with LlmServer() as llm:
        found = one(check(settings, LLM_API_URL=llm.url), "llm")
    assert found.level == "ok"
    assert " answered in 0." in found.found


def test_each_llm_has_a_line(settings: dict[str, str]) -> None:
    with LlmServer() as llm:
        urls = f"{llm.url},http://127.0.0.1:{free_port()}"
        found = of(check(settings, LLM_API_URL=urls), "llm")
    assert [each.level for each in found] == ["ok", "FAIL"]


def test_a_model_that_is_not_listed_fails_and_names_those_that_are(
    settings: dict[str, str],
) -> None:
    with LlmServer() as llm:
        found = one(check(settings, LLM_API_URL=llm.url, LLM_MODEL="nobody-7b"), "llm")
    assert found.level == "FAIL"
    assert "has no model nobody-7b" in found.found
    assert found.do.startswith("Set LLM_MODEL to one of: ")


def test_an_llm_that_answers_nonsense_is_to_be_looked_at(settings: dict[str, str]) -> None:
    with LlmServer() as llm:
        llm.behave(kind="not_json")
        found = one(check(settings, LLM_API_URL=llm.url), "llm")
    assert found.level == "warn"


def test_an_llm_that_takes_its_time_is_to_be_looked_at(settings: dict[str, str]) -> None:
    with LlmServer() as llm:
        llm.behave(delay=0.3)
        (slow,) = check_endpoint(read_settings(settings), llm.url, patience=0.5)
        llm.behave(kind="hang")
        (silent,) = check_endpoint(read_settings(settings), llm.url, patience=0.5)
    assert slow.level == silent.level == "warn"
    assert "Guests will wait" in slow.do
    assert silent.found.endswith("gave no answer within 0.5 s")


def test_without_an_address_models_of_this_machine_are_looked_for(
    settings: dict[str, str],
) -> None:
    del settings["LLM_API_URL"]
    read = read_settings(settings)
    with LlmServer() as llm:
        (found,) = check_local_models(read, lambda _ports: [llm.url])
    (demo,) = check_local_models(read, lambda _ports: [])
    assert found.level == "ok"
    assert (demo.level, "demo brain" in demo.found) == ("warn", True)
    assert one(check(settings), "llm").subject == "llm"


def test_an_address_that_http_cannot_carry_fails(settings: dict[str, str]) -> None:
    found = one(check(settings, LLM_API_URL="http://no host"), "llm")
    assert found.level == "FAIL"
    assert found.do


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a loaded machine vectors may take longer than a reply waits."""
    monkeypatch.setattr("butler.doctor.embeddings.WAITED_SECONDS", 60.0)


@pytest.mark.usefixtures("unhurried")
def test_embeddings_are_asked_for_at_the_llms_address(settings: dict[str, str]) -> None:
    with LlmServer() as llm:
        llm.behave(embeddings="ok", api_key="tell-nobody")
        shared = {"LLM_API_URL": llm.url, "LLM_API_KEY": "tell-nobody"}
        found = check(settings, **shared, EMBEDDINGS_MODEL="small")
        told, size = one(found, "embeddings"), len(bag_of_stems("tea"))
    assert told.level == "ok"
    expected = f"small at 127.0.0.1:{llm.port} makes vectors of {size} numbers, 0."
    assert told.found.startswith(expected)
    assert llm.embedded == [["Чай или кофе?", "Tea or coffee?"]]


def test_without_a_model_for_them_nothing_is_said_of_embeddings(settings: dict[str, str]) -> None:
    with LlmServer() as llm:
        llm.behave(embeddings="ok")
        asked = {"EMBEDDINGS_API_URL": llm.url}
        assert not of(check(settings, **asked), "embeddings")
        asked |= {"EMBEDDINGS_MODEL": "small", "PERSONALIZATION_ENABLED": "false"}
        assert not of(check(settings, **asked), "embeddings")
    assert llm.embedded == []


@pytest.mark.parametrize(
    ("kind", "level", "told"),
    [
        ("none", "FAIL", "failed (HTTP 404)"),
        ("down", "FAIL", "failed (HTTP 503)"),
        ("words", "FAIL", "answered no vector for each text"),
        ("short", "FAIL", "answered no vector for each text"),
        ("hang", "warn", "gave no vector within 0.3 s"),
    ],
)
def test_a_server_that_makes_no_vectors_is_told_with_what_recall_does_meanwhile(
    settings: dict[str, str], kind: str, level: str, told: str
) -> None:
    with LlmServer() as llm:
        llm.behave(embeddings=kind)
        own = {**settings, "EMBEDDINGS_API_URL": llm.url, "EMBEDDINGS_MODEL": "small"}
        patience = 0.3 if kind == "hang" else 30
        (found,) = check_embeddings(read_settings(own), patience=patience)
        shared = {**settings, "LLM_API_URL": llm.url, "EMBEDDINGS_MODEL": "small"}
        (also,) = check_embeddings(read_settings(shared), patience=patience)
    assert (found.level, found.found) == (also.level, also.found)
    assert (found.level, f"127.0.0.1:{llm.port}" in found.found) == (level, True)
    assert told in found.found
    assert found.do.endswith("Until then recall goes by words alone.")
    assert also.do.endswith("Until then recall goes by words alone.")


def test_embeddings_that_are_not_there_fail_without_a_secret(settings: dict[str, str]) -> None:
    url = f"http://ann:s3same@127.0.0.1:{free_port()}"
    found = check(settings, EMBEDDINGS_API_URL=url, EMBEDDINGS_MODEL="small")
    told = one(found, "embeddings")
    assert (told.level, "connection refused" in told.found) == ("FAIL", True)
    assert "EMBEDDINGS_API_URL" in told.do
    assert "s3same" not in str(found)
    nowhere = one(
        check(settings, EMBEDDINGS_API_URL="http://no host", EMBEDDINGS_MODEL="small"), "embeddings"
    )
    assert (nowhere.level, "EMBEDDINGS_API_URL" in nowhere.do) == ("FAIL", True)


def test_the_llms_key_goes_to_no_other_server(settings: dict[str, str]) -> None:
    with LlmServer() as llm:
        llm.behave(embeddings="ok", api_key="tell-nobody")
        more = {"LLM_API_KEY": "tell-nobody", "EMBEDDINGS_MODEL": "small"}
        found = check(settings, **more, EMBEDDINGS_API_URL=llm.url)
    told = one(found, "embeddings")
    assert told.found == f"the server at 127.0.0.1:{llm.port} wants a valid key (HTTP 401)"
    assert "it is sent no key" in told.do
    assert "tell-nobody" not in str(found)


@pytest.mark.usefixtures("unhurried")
def test_embeddings_are_asked_of_a_server_that_is_found_or_of_none(
    settings: dict[str, str],
) -> None:
    del settings["LLM_API_URL"]
    read = read_settings({**settings, "EMBEDDINGS_MODEL": "small"})
    with LlmServer() as llm:
        llm.behave(embeddings="ok")
        (found,) = check_embeddings(read, lambda _ports: [llm.url])
    (none,) = check_embeddings(read, lambda _ports: [])
    assert found.level == "ok"
    assert (none.level, none.found) == ("warn", "no server for small")


def test_vectors_that_come_too_late_for_a_reply_are_to_be_looked_at(
    settings: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("butler.doctor.embeddings.WAITED_SECONDS", 0.0)
    with LlmServer() as llm:
        llm.behave(embeddings="ok")
        own = {**settings, "EMBEDDINGS_API_URL": llm.url, "EMBEDDINGS_MODEL": "small"}
        (found,) = check_embeddings(read_settings(own))
    assert (found.level, "makes vectors of" in found.found) == ("warn", True)


def test_speech_that_is_missing_is_to_be_looked_at_unless_it_is_off(
    settings: dict[str, str],
) -> None:
    asked = {"STT_ENGINE": "openai", "STT_API_URL": f"http://127.0.0.1:{free_port()}"}
    assert one(check(settings), "speech").level == "ok"
    assert one(check(settings, **asked), "speech").level == "FAIL"
    assert one(check(settings, STT_ENGINE="vosk"), "speech").level == "FAIL"


def test_a_port_that_another_program_has_fails(settings: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        threading.Thread(target=_hang_up, args=(other,), daemon=True).start()
        port = str(other.getsockname()[1])
        found = one(check(settings, HTTP_PORT=port), "http")
    assert found.level == "FAIL"
    assert "which another program" in found.found


def _hang_up(server: socket.socket) -> None:
    connection, _ = server.accept()
    connection.close()


def test_a_running_butler_is_shown_in_short(settings: dict[str, str]) -> None:
    users = node("users", node("user/7", restarts=2, mailbox=3, state="restarting"), count=1)
    steward = Steward(root=node("root", node("journal"), users))
    steward.dependencies = {"llm": {"up": False, "detail": "refused"}, "stt": {"up": None}}
    with serving(steward, token=TOKEN) as site:
        port = site.address.rpartition(":")[2]
        found = check(settings, HTTP_PORT=port, HTTP_TOKEN=TOKEN)
        blind = of(check(settings, HTTP_PORT=port), "http")
        steward.healthy = False
        ill = of(check(settings, HTTP_PORT=port, HTTP_TOKEN=TOKEN), "http")
    assert [each.level for each in of(found, "http")] == ["ok", "warn"]
    assert of(found, "http")[1].found == "it misses llm: refused"
    tree = one(found, "actors")
    assert (
        tree.found
        == "root running: journal, users (1 live, 3 waiting, 1 not running, restarted 2×)"
    )
    assert tree.level == "warn"
    assert (blind[1].level, "HTTP 401" in blind[1].found) == ("warn", True)
    assert ill[0].level == "FAIL"
    assert TOKEN not in str(found)


def test_a_check_that_hangs_or_breaks_hides_no_other(settings: dict[str, str]) -> None:
    go_on = threading.Event()

    def hang(_settings: Settings) -> list[Finding]:
        go_on.wait(60)
        return []

    def broken(_settings: Settings) -> list[Finding]:
        raise ValueError("a secret")

    def refused(_settings: Settings) -> list[Finding]:
        raise StoreUnavailable("gone")

    def well(_settings: Settings) -> list[Finding]:
        return [Finding("ok", "well", "fine")]

    todo = [
        Check("slow", hang, late="warn"),
        Check("broken", broken),
        Check("refused", refused),
        Check("well", well),
    ]
    found = exams.run(todo, read_settings(settings), seconds=1)
    go_on.set()
    assert [(each.level, each.found) for each in found] == [
        ("warn", "no answer within 1 s"),
        ("FAIL", "the check itself failed (ValueError)"),
        ("FAIL", "gone"),
        ("ok", "fine"),
    ]


def test_no_secret_is_printed() -> None:
    secrets = secrets_of(
        read_settings(
            {
                "TELEGRAM_BOT_TOKEN": "123:half-of-it",
                "LLM_API_KEY": "key",
                "HTTP_TOKEN": "token",
                "LLM_API_URL": "http://ann:p%40ss@host",
                "MONGODB_URL": "mongodb://ann:word@host/db",
            }
        )
    )
    assert secrets == {"123:half-of-it", "half-of-it", "key", "token", "p%40ss", "p@ss", "word"}
    finding = Finding("ok", "x", "token, p@ss and word", "the key").without(secrets)
    assert (finding.found, finding.do) == ("•••, ••• and •••", "the •••")


@pytest.mark.parametrize(
    ("levels", "last", "code"),
    [
        ("ok ok", "All is well.", 0),
        ("ok warn", "He can serve; 1 to look at.", 0),
        ("FAIL ok", "1 failed.", 1),
        ("FAIL warn", "1 failed, 1 more to look at.", 1),
    ],
)
def test_the_last_line_sums_up(
    levels: str, last: str, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    findings = [Finding(level, "x", "found.", "Do it.") for level in levels.split()]  # type: ignore[arg-type]  # a level each
    show(findings)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split(maxsplit=1)[1] == "x          found. Do it."
    assert (lines[-1], exit_code(findings)) == (last, code)


def test_findings_are_json_for_machines(settings: dict[str, str], tmp_path: Path) -> None:
    code, output, _ = finish(environment(tmp_path, **settings), "doctor", "--json")
    assert code == 1
    assert {each["subject"]: each["level"] for each in json.loads(output)}["llm"] == "FAIL"


def test_findings_are_lines_for_people(settings: dict[str, str], tmp_path: Path) -> None:
    told = invoke(tmp_path / "data", "doctor", **settings)
    assert told.output.splitlines()[-1] == "1 failed."

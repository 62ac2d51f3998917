"""Settings: checked before anything is touched, and never shown where they are secret."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from butler.config import names, read_settings
from butler.errors import SettingsError

TOKEN = "123456:secret-letters"


def refused(environment: dict[str, str]) -> str:
    with pytest.raises(SettingsError) as caught:
        read_settings(environment)
    return str(caught.value)


def test_without_any_setting_everything_has_its_default() -> None:
    read = read_settings({"PATH": "/bin", "HOME": "/root"})
    assert read.playground
    assert (read.http_host, read.http_port) == ("127.0.0.1", 8080)
    assert read.llm_api_url == ()
    assert read.butler_allowed_users == frozenset()
    assert (read.memory_event_cap, read.memory_keep_events) == (50, 20)
    assert read.butler_data_dir.name == "butler"
    assert read.bot_id == 1


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("TELEGRAM_BOT_TOKEN", TOKEN, TOKEN),
        ("TELEGRAM_API_URL", "http://localhost:8081/", "http://localhost:8081"),
        ("TELEGRAM_RATE_LIMIT", "0.5", 0.5),
        ("MONGODB_URL", "mongodb://user:pass@host/db", "mongodb://user:pass@host/db"),
        ("BUTLER_DATA_DIR", "/var/lib/butler", Path("/var/lib/butler")),
        ("BUTLER_ALLOWED_USERS", " 7, 08 ,", frozenset({"7", "8"})),
        ("LLM_API_URL", "http://a/v1, http://b/,", ("http://a/v1", "http://b")),
        ("LLM_CONCURRENCY", " 4 ", 4),
        ("STT_ENGINE", "Vosk", "vosk"),
        ("PERSONALIZATION_ENABLED", "No", False),
        ("LOG_LEVEL", "debug", "DEBUG"),
        ("HTTP_PORT", "0", 0),
        ("TELEGRAM_WEBHOOK_SECRET", "a_-1", "a_-1"),
        ("RABBITMQ_URL", "amqps://host", "amqps://host"),
    ],
)
def test_a_setting_is_understood(name: str, text: str, value: Any) -> None:
    assert getattr(read_settings({name: text}), name.lower()) == value


@pytest.mark.parametrize("name", names())
def test_an_empty_value_counts_as_absent(name: str) -> None:
    assert read_settings({name: "  "}) == read_settings({})


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("LLM_CONCURRENCY", "many", "a whole number from 1 to 256"),
        ("LLM_CONCURRENCY", "0", "got 0"),
        ("LLM_CONCURRENCY", "1.5", "a whole number"),
        ("LLM_TIMEOUT_SECONDS", "nan", "a number from 0.1 to 3600"),
        ("LLM_TIMEOUT_SECONDS", "inf", "a number"),
        ("PERSONALIZATION_ENABLED", "maybe", "true or false"),
        ("STT_ENGINE", "wosk", "Did you mean vosk?"),
        ("LOG_FORMAT", "xml", "console or json"),
        ("TELEGRAM_API_URL", "api.telegram.org", "starts with http://"),
        ("TELEGRAM_API_URL", "http://host:port", "starts with http://"),
        ("LLM_API_URL", "http://a, ftp://b", "http:// or https://"),
        ("BUTLER_ADMINS", "7, alfred", "'alfred'"),
        ("TELEGRAM_WEBHOOK_SECRET", "with space", "not shown"),
        ("HTTP_TOKEN", "строка", "printable ASCII"),
    ],
)
def test_a_wrong_value_says_what_was_expected(name: str, text: str, expected: str) -> None:
    said = refused({name: text})
    assert said.startswith(f"{name}: expected ")
    assert expected in said


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("TELEGRAM_BOT_TOKEN", "s3cret"),
        ("TELEGRAM_BOT_TOKEN", "bot:s3cret"),
        ("TELEGRAM_BOT_TOKEN", "123:s3cret é"),
        ("TELEGRAM_WEBHOOK_SECRET", "s3cret!"),
        ("HTTP_TOKEN", "s3cret\t1"),
        ("LLM_API_KEY", "s3cret\x01"),
        ("MONGODB_URL", "mongo://user:s3cret@host"),
        ("MONGODB_URL", "mongodb:/user:s3cret@host"),
        ("MONGODB_URL", "user:s3cret@host"),
        ("RABBITMQ_URL", "http://user:s3@s3cret@host"),
    ],
)
def test_a_wrong_secret_is_never_shown(name: str, text: str) -> None:
    assert "s3cret" not in refused({name: text})


def test_an_unknown_name_is_refused_with_a_suggestion() -> None:
    assert "Did you mean TELEGRAM_BOT_TOKEN?" in refused({"TELEGRAM_TOKEN": TOKEN})
    assert TOKEN not in refused({"TELEGRAM_TOKEN": TOKEN})
    assert "Known are: " in refused({"LOG_ZZZZZZZZZ": "1"})


def test_names_that_others_set_are_left_alone() -> None:
    foreign = {"HTTP_PROXY": "http://proxy", "HTTPS_PROXY": "http://proxy", "PYTHONPATH": "."}
    assert read_settings({**foreign, "MEMORY_PRESSURE_WATCH": "x"}) == read_settings({})


def test_a_data_directory_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "a directory" in refused({"BUTLER_DATA_DIR": str(tmp_path / "file")})


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"MEMORY_KEEP_EVENTS": "50"}, "less than MEMORY_EVENT_CAP (50)"),
        ({"HTTP_HOST": "0.0.0.0"}, "HTTP_TOKEN"),
        ({"TELEGRAM_WEBHOOK_URL": "https://x.example"}, "TELEGRAM_BOT_TOKEN"),
        ({"STT_ENGINE": "openai"}, "STT_API_URL"),
    ],
)
def test_settings_that_do_not_fit_each_other_are_refused(
    environment: dict[str, str], said: str
) -> None:
    assert said in refused(environment)


def test_beyond_loopback_a_token_opens_the_door() -> None:
    read = read_settings({"HTTP_HOST": "0.0.0.0", "HTTP_TOKEN": "word"})
    assert read.http_host == "0.0.0.0"
    assert read_settings({"HTTP_HOST": "::1"}).http_token is None


def test_the_token_says_who_the_bot_is() -> None:
    read = read_settings({"TELEGRAM_BOT_TOKEN": TOKEN})
    assert not read.playground
    assert read.bot_id == 123456


def test_the_webhook_secret_is_derived_from_the_token_unless_set() -> None:
    derived = read_settings({"TELEGRAM_BOT_TOKEN": TOKEN}).webhook_secret
    assert derived != read_settings({"TELEGRAM_BOT_TOKEN": "1:other"}).webhook_secret
    assert "secret-letters" not in derived
    own = {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_WEBHOOK_SECRET": "own"}
    assert read_settings(own).webhook_secret == "own"


def test_the_terminal_has_a_playground_of_its_own() -> None:
    environment = {
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "HTTP_HOST": "0.0.0.0",
        "HTTP_TOKEN": "word",
        "LLM_API_URL": "http://llm",
    }
    read = read_settings(environment).for_terminal()
    assert read.playground
    assert (read.http_host, read.http_port, read.http_token) == ("127.0.0.1", 0, None)
    assert read.llm_api_url == ("http://llm",)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(names()), st.text(st.characters(exclude_characters="\0"), max_size=30))
def test_any_text_is_understood_or_refused_by_name(name: str, text: str) -> None:
    try:
        read_settings({name: text})
    except SettingsError as error:
        refused_by = error.name
    else:
        return
    # A value may be sound and yet ask for another setting beside it.
    assert refused_by in names()

from __future__ import annotations

import pytest

from butler.config import read_settings
from butler.doctor.oddities import check_settings

TELEGRAM = {"TELEGRAM_BOT_TOKEN": "123:abc"}


def test_a_plain_set_up_is_described_and_not_odd() -> None:
    (found,) = check_settings(read_settings({}))
    assert found.level == "ok"
    assert found.found == "playground (no TELEGRAM_BOT_TOKEN), SQLite, open to everyone"


def test_what_is_unusual_is_in_the_description() -> None:
    settings = {
        **TELEGRAM,
        "BUTLER_ALLOWED_USERS": "1,2",
        "MONGODB_URL": "mongodb://localhost/butler",
        "PERSONALIZATION_ENABLED": "false",
    }
    (found,) = check_settings(read_settings(settings))
    assert found.found.startswith("Telegram, MongoDB, 2 allowed users, personalization is off")


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({**TELEGRAM, "TELEGRAM_WEBHOOK_URL": "http://example.org"}, "TELEGRAM_WEBHOOK_URL"),
        ({**TELEGRAM, "TELEGRAM_WEBHOOK_SECRET": "abc"}, "TELEGRAM_WEBHOOK_SECRET"),
        ({**TELEGRAM, "TELEGRAM_RATE_LIMIT": "0"}, "TELEGRAM_RATE_LIMIT"),
        ({**TELEGRAM, "TELEGRAM_RATE_LIMIT": "31"}, "TELEGRAM_RATE_LIMIT"),
        ({"BUTLER_ALLOWED_USERS": "1", "BUTLER_ADMINS": "2"}, "BUTLER_ADMINS"),
        ({"LLM_API_KEY": "key"}, "LLM_API_KEY"),
        ({"LLM_API_KEY": "key", "LLM_API_URL": "http://example.org"}, "LLM_API_URL"),
        ({"LLM_CONTEXT_TOKENS": "2048"}, "LLM_CONTEXT_TOKENS"),
        ({"EMBEDDINGS_API_URL": "http://localhost:1"}, "EMBEDDINGS_API_URL"),
        ({"STT_ENGINE": "sphinx", "STT_API_URL": "http://localhost:1"}, "STT_API_URL"),
        ({"STT_ENGINE": "off", "STT_MODEL": "base"}, "STT_MODEL"),
        ({"HTTP_TOKEN": "short"}, "HTTP_TOKEN"),
        ({"MONGODB_URL": "mongodb://db.example.org/butler"}, "MONGODB_URL"),
    ],
)
def test_each_oddity_is_named_with_what_to_do(settings: dict[str, str], name: str) -> None:
    _, odd = check_settings(read_settings(settings))
    assert odd.level == "warn"
    assert odd.found.startswith(f"{name}: ")
    assert odd.do

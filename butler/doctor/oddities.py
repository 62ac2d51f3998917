"""Settings that are allowed, but surely not meant."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from butler.config import LOOPBACK, PUBLIC_BOT_API, Settings
from butler.doctor.finding import Finding

SHORT_TOKEN = 16
TELEGRAM_LIMIT = 30
ROOMY_CONTEXT = 2560  # 2,000 for the prompt and 512 for the answer


def check_settings(settings: Settings) -> Iterator[Finding]:
    """How the butler is set up, and what looks odd in it."""
    yield Finding("ok", "settings", ", ".join(_set_up(settings)))
    oddities = (*_telegram(settings), *_models(settings), *_speech(settings), *_network(settings))
    for name, oddity, do in oddities:
        yield Finding("warn", "settings", f"{name}: {oddity}", do)


def _set_up(settings: Settings) -> Iterator[str]:
    yield "playground (no TELEGRAM_BOT_TOKEN)" if settings.playground else "Telegram"
    yield "MongoDB" if settings.mongodb_url else "SQLite"
    guests = settings.butler_allowed_users
    yield f"{len(guests)} allowed users" if guests else "open to everyone"
    if not settings.personalization_enabled:
        yield "personalization is off: a plain assistant without memory"


Oddity = tuple[str, str, str]


def _telegram(settings: Settings) -> Iterator[Oddity]:
    public = settings.telegram_api_url == PUBLIC_BOT_API
    webhook = settings.telegram_webhook_url
    if webhook and public and not webhook.startswith("https://"):
        yield "TELEGRAM_WEBHOOK_URL", "is not https", "Telegram pushes to https only."
    if settings.telegram_webhook_secret and not webhook:
        yield "TELEGRAM_WEBHOOK_SECRET", "has no effect without a webhook", "Unset it."
    rate = settings.telegram_rate_limit
    if public and not settings.playground and (rate == 0 or rate > TELEGRAM_LIMIT):
        found = f"{rate:g} is over what Telegram allows ({TELEGRAM_LIMIT} a second)"
        yield "TELEGRAM_RATE_LIMIT", found, "Expect refusals, or lower it."
    if settings.butler_allowed_users and settings.butler_admins - settings.butler_allowed_users:
        yield "BUTLER_ADMINS", "names admins who are not allowed users", "Add them to both."


def _models(settings: Settings) -> Iterator[Oddity]:
    if settings.llm_api_key and not settings.llm_api_url:
        yield "LLM_API_KEY", "has no effect without LLM_API_URL", "Set that, too."
    plain = [url for url in settings.llm_api_url if _plain_and_far(url)]
    if settings.llm_api_key and plain:
        yield "LLM_API_URL", "carries the key over plain http", "Use https, or a trusted network."
    if settings.llm_context_tokens < ROOMY_CONTEXT:
        found = f"{settings.llm_context_tokens} leaves little room for memory"
        yield "LLM_CONTEXT_TOKENS", found, f"{ROOMY_CONTEXT} or more is comfortable."
    if settings.embeddings_api_url and not settings.embeddings_model:
        found = "has no effect without EMBEDDINGS_MODEL"
        yield "EMBEDDINGS_API_URL", found, "Name a model, or unset it."


def _speech(settings: Settings) -> Iterator[Oddity]:
    if settings.stt_api_url and settings.stt_engine not in ("auto", "openai"):
        found = f"has no effect with STT_ENGINE={settings.stt_engine}"
        yield "STT_API_URL", found, "Unset one of them."
    if settings.stt_model and settings.stt_engine in ("sphinx", "off"):
        found = f"has no effect with STT_ENGINE={settings.stt_engine}"
        yield "STT_MODEL", found, "Unset one of them."


def _network(settings: Settings) -> Iterator[Oddity]:
    token = settings.http_token
    if token and len(token) < SHORT_TOKEN:
        found = f"has {len(token)} characters, which can be guessed"
        yield "HTTP_TOKEN", found, f"Take {SHORT_TOKEN} random ones or more."
    mongodb = urlsplit(settings.mongodb_url or "")
    if mongodb.hostname and mongodb.hostname not in LOOPBACK and not mongodb.username:
        yield "MONGODB_URL", "has no user and password", "Give the database a password."


def _plain_and_far(url: str) -> bool:
    return url.startswith("http://") and urlsplit(url).hostname not in LOOPBACK

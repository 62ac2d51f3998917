"""Settings: the environment, read once and checked before anything is touched."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import attrs
import environ
import platformdirs

from butler.errors import SettingsError

PREFIXES = (
    "TELEGRAM_",
    "MONGODB_",
    "BUTLER_",
    "LLM_",
    "EMBEDDINGS_",
    "STT_",
    "PERSONALIZATION_",
    "MEMORY_",
    "HTTP_",
    "RABBITMQ_",
    "LOG_",
)
# Set by others for everybody: read by HTTP libraries, given by systemd to its services.
FOREIGN = frozenset({"HTTP_PROXY", "MEMORY_PRESSURE_WATCH", "MEMORY_PRESSURE_WRITE"})
PUBLIC_BOT_API = "https://api.telegram.org"
STT_ENGINES = ("auto", "openai", "faster_whisper", "vosk", "sphinx", "off")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

T = TypeVar("T")
Converter = Callable[[str], T]


def _var(name: str, default: Any, convert: Callable[[str, str], Any], shown: str = "") -> Any:
    """One setting; an empty value counts as absent. `convert` gets (name, text)."""

    def converter(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return convert(name, value.strip()) if value.strip() else default

    return environ.var(name=name, default=default, converter=converter, help=shown)


def _text(_name: str, value: str) -> str:
    return value


def _number(low: float, high: float, kind: type[int] | type[float]) -> Callable[[str, str], Any]:
    what = "a whole number" if kind is int else "a number"

    def convert(name: str, value: str) -> Any:
        expected = f"{what} from {low:g} to {high:g}"
        try:
            number = kind(value)
        except ValueError:
            raise SettingsError(name, expected, repr(value), "Correct or unset it.") from None
        if not low <= number <= high:
            raise SettingsError(name, expected, value, "Correct or unset it.")
        return number

    return convert


def _boolean(name: str, value: str) -> bool:
    words = {"true": True, "1": True, "yes": True, "on": True}
    words |= {"false": False, "0": False, "no": False, "off": False}
    if value.lower() not in words:
        raise SettingsError(name, "true or false", repr(value), "Correct or unset it.")
    return words[value.lower()]


def _one_of(*choices: str) -> Callable[[str, str], str]:
    def convert(name: str, value: str) -> str:
        for choice in choices:
            if choice.lower() == value.lower():
                return choice
        close = difflib.get_close_matches(value, choices, n=1)
        do = f"Did you mean {close[0]}?" if close else "Choose one of these."
        raise SettingsError(name, " or ".join(choices), repr(value), do)

    return convert


def _url(*schemes: str) -> Callable[[str, str], str]:
    def convert(name: str, value: str) -> str:
        expected = f"a URL that starts with {' or '.join(s + '://' for s in schemes)}"
        try:
            parts = urlsplit(value)
            good = parts.scheme in schemes and bool(parts.hostname) and (parts.port or 1) > 0
        except ValueError:
            good = False
        if not good:
            raise SettingsError(name, expected, _masked(value), "Correct or unset it.")
        return value.rstrip("/")

    return convert


def _masked(url: str) -> str:
    """The value without what may be a password in it."""
    head, at, tail = url.rpartition("@")
    scheme, colon, _ = head.partition("://")
    return repr(f"{scheme if colon else '…'}://…@{tail}" if at else url)


def _urls(name: str, value: str) -> tuple[str, ...]:
    one = _url("http", "https")
    return tuple(one(name, part.strip()) for part in value.split(",") if part.strip())


def _ids(name: str, value: str) -> frozenset[str]:
    parts = [part.strip() for part in value.split(",") if part.strip()]
    for part in parts:
        if not part.isdecimal():
            do = "Telegram user ids are numbers; /start of a bot like this one shows them."
            raise SettingsError(name, "user ids separated by commas", repr(part), do)
    return frozenset(str(int(part)) for part in parts)


def _token(name: str, value: str) -> str:
    bot_id, colon, secret = value.partition(":")
    if not (colon and bot_id.isdecimal() and secret and value.isascii() and value.isprintable()):
        do = "Copy the whole token that BotFather gave, or unset it for the playground."
        raise SettingsError(name, "123456:letters", "something else (not shown)", do)
    return value


def _secret(name: str, value: str) -> str:
    allowed = all(c.isascii() and (c.isalnum() or c in "_-") for c in value)
    if not allowed or len(value) > 256:
        expected = "1 to 256 letters, digits, _ or -"
        raise SettingsError(name, expected, "something else (not shown)", "Choose another.")
    return value


def _header(name: str, value: str) -> str:
    if not (value.isascii() and value.isprintable()):
        raise SettingsError(name, "printable ASCII", "something else (not shown)", "Correct it.")
    return value


def _directory(name: str, value: str) -> Path:
    path = Path(value).expanduser()
    if path.exists() and not path.is_dir():
        raise SettingsError(name, "a directory", f"the file {value}", "Name a directory.")
    return path.absolute()


def _default_data_dir() -> Path:
    return Path(platformdirs.user_data_dir("butler", appauthor=False))


@environ.config(prefix="", frozen=True)
class Settings:
    """All settings; the names of the fields are those of the environment in lower case."""

    telegram_bot_token: str | None = _var("TELEGRAM_BOT_TOKEN", None, _token)
    telegram_api_url: str = _var("TELEGRAM_API_URL", PUBLIC_BOT_API, _url("http", "https"))
    telegram_webhook_url: str | None = _var("TELEGRAM_WEBHOOK_URL", None, _url("http", "https"))
    telegram_webhook_secret: str | None = _var("TELEGRAM_WEBHOOK_SECRET", None, _secret)
    telegram_rate_limit: float = _var("TELEGRAM_RATE_LIMIT", 30.0, _number(0, 100_000, float))
    telegram_chat_rate_limit: float = _var(
        "TELEGRAM_CHAT_RATE_LIMIT", 1.0, _number(0, 100_000, float)
    )
    mongodb_url: str | None = _var("MONGODB_URL", None, _url("mongodb", "mongodb+srv"))
    butler_data_dir: Path = _var("BUTLER_DATA_DIR", _default_data_dir(), _directory)
    butler_allowed_users: frozenset[str] = _var("BUTLER_ALLOWED_USERS", frozenset(), _ids)
    butler_admins: frozenset[str] = _var("BUTLER_ADMINS", frozenset(), _ids)
    llm_api_url: tuple[str, ...] = _var("LLM_API_URL", (), _urls)
    llm_model: str | None = _var("LLM_MODEL", None, _text)
    llm_api_key: str | None = _var("LLM_API_KEY", None, _header)
    llm_timeout_seconds: float = _var("LLM_TIMEOUT_SECONDS", 60.0, _number(0.1, 3600, float))
    llm_concurrency: int = _var("LLM_CONCURRENCY", 8, _number(1, 256, int))
    llm_context_tokens: int = _var("LLM_CONTEXT_TOKENS", 4096, _number(512, 10_000_000, int))
    embeddings_api_url: str | None = _var("EMBEDDINGS_API_URL", None, _url("http", "https"))
    embeddings_model: str | None = _var("EMBEDDINGS_MODEL", None, _text)
    stt_engine: str = _var("STT_ENGINE", "auto", _one_of(*STT_ENGINES))
    stt_api_url: str | None = _var("STT_API_URL", None, _url("http", "https"))
    stt_model: str | None = _var("STT_MODEL", None, _text)
    personalization_enabled: bool = _var("PERSONALIZATION_ENABLED", True, _boolean)
    memory_event_cap: int = _var("MEMORY_EVENT_CAP", 50, _number(4, 1000, int))
    memory_keep_events: int = _var("MEMORY_KEEP_EVENTS", 20, _number(2, 998, int))
    memory_ttl_days: int = _var("MEMORY_TTL_DAYS", 90, _number(1, 3650, int))
    memory_idle_compaction_seconds: float = _var(
        "MEMORY_IDLE_COMPACTION_SECONDS", 60.0, _number(0.1, 86_400, float)
    )
    http_host: str = _var("HTTP_HOST", "127.0.0.1", _text)
    http_port: int = _var("HTTP_PORT", 8080, _number(0, 65_535, int))
    http_token: str | None = _var("HTTP_TOKEN", None, _header)
    rabbitmq_url: str | None = _var("RABBITMQ_URL", None, _url("amqp", "amqps"))
    log_format: str = _var("LOG_FORMAT", "console", _one_of("console", "json"))
    log_level: str = _var("LOG_LEVEL", "INFO", _one_of(*LOG_LEVELS))

    @property
    def playground(self) -> bool:
        """Whether the butler serves its own Bot API instead of Telegram's."""
        return self.telegram_bot_token is None

    @property
    def bot_id(self) -> int:
        """The bot's user id, which is the token's first half; the playground's is 1."""
        return int(self.telegram_bot_token.partition(":")[0]) if self.telegram_bot_token else 1

    def for_terminal(self) -> Settings:
        """The same for a private playground: no Telegram, any free port on loopback."""
        private = {"telegram_bot_token": None, "telegram_webhook_url": None, "http_token": None}
        place = {"http_host": "127.0.0.1", "http_port": 0}
        changed: Settings = attrs.evolve(self, **private, **place)  # type: ignore[misc]  # it is an attrs class
        return changed

    @property
    def webhook_secret(self) -> str:
        """What Telegram must show with each webhook call; derived from the token if unset."""
        if self.telegram_webhook_secret:
            return self.telegram_webhook_secret
        return hashlib.sha256(f"webhook {self.telegram_bot_token}".encode()).hexdigest()


def names() -> tuple[str, ...]:
    """Every setting's name."""
    return tuple(field.upper() for field in Settings.__annotations__)


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read and check settings.

    Raises:
        SettingsError: a name is unknown, a value is wrong, or two of them don't fit.
    """
    for name in environment:
        if name.startswith(PREFIXES) and name not in FOREIGN:
            _check_name(name)
    settings: Settings = environ.to_config(Settings, environ=dict(environment))
    _check_together(settings)
    return settings


def _check_name(name: str) -> None:
    known = names()
    if name in known:
        return
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    do = f"Did you mean {close[0]}?" if close else f"Unset it. Known are: {', '.join(known)}."
    raise SettingsError(name, "a setting of the butler", "an unknown name", do)


def _check_together(settings: Settings) -> None:
    if settings.memory_keep_events >= settings.memory_event_cap:
        expected = f"less than MEMORY_EVENT_CAP ({settings.memory_event_cap})"
        got = str(settings.memory_keep_events)
        raise SettingsError("MEMORY_KEEP_EVENTS", expected, got, "Lower it or raise the cap.")
    if settings.http_host not in LOOPBACK and not settings.http_token:
        do = "Set HTTP_TOKEN to a long random word, or HTTP_HOST to 127.0.0.1."
        expected = f"a token when HTTP_HOST is {settings.http_host} (beyond loopback)"
        raise SettingsError("HTTP_TOKEN", expected, "none", do)
    if settings.telegram_webhook_url and settings.playground:
        do = "Set TELEGRAM_BOT_TOKEN, or unset the webhook for the playground."
        raise SettingsError("TELEGRAM_WEBHOOK_URL", "a bot token beside it", "none", do)
    if settings.stt_engine == "openai" and not settings.stt_api_url:
        do = "Name the server, or choose another STT_ENGINE."
        raise SettingsError("STT_API_URL", "a URL for STT_ENGINE=openai", "none", do)

"""The server that makes vectors for recall answers, if one is asked for."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from butler.clients.discovery import discover
from butler.clients.embeddings import OpenAIEmbeddings
from butler.config import Settings
from butler.doctor.finding import Finding
from butler.errors import ModelError, ModelTimeout

ANSWER_SECONDS = 6.0
WAITED_SECONDS = 0.4  # what a reply waits at most for where its question points
SAMPLES = ("Чай или кофе?", "Tea or coffee?")
WITHOUT = "Until then recall goes by words alone."


def check_embeddings(
    settings: Settings,
    find: Callable[[set[int]], list[str]] = discover,
    patience: float = ANSWER_SECONDS,
) -> Iterator[Finding]:
    """With EMBEDDINGS_MODEL: the server that `butler run` would ask makes vectors; else nothing."""
    if not (settings.embeddings_model and settings.personalization_enabled):
        return
    if settings.embeddings_api_url:
        own = settings.embeddings_api_url
        yield _checked(own, settings.embeddings_model, None, "EMBEDDINGS_API_URL", patience)
        return
    urls = settings.llm_api_url or find({settings.http_port})
    if urls:
        key = settings.llm_api_key
        yield _checked(urls[0], settings.embeddings_model, key, "LLM_API_URL", patience)
    else:
        do = f"Set EMBEDDINGS_API_URL or LLM_API_URL. {WITHOUT}"
        yield Finding("warn", "embeddings", f"no server for {settings.embeddings_model}", do)


def _checked(url: str, model: str, key: str | None, name: str, patience: float) -> Finding:
    """`name`: the setting that the URL is from."""
    try:
        server = OpenAIEmbeddings(url, model, key)
    except ValueError as error:
        do = f"Correct {name}{' or LLM_API_KEY' if key else ''}."
        return Finding("FAIL", "embeddings", str(error), do)
    try:
        return _asked(server, urlsplit(url).netloc.rpartition("@")[2], name, patience)
    finally:
        server.close()


def _asked(server: OpenAIEmbeddings, where: str, name: str, patience: float) -> Finding:
    began = time.monotonic()
    try:
        vectors = server.embed(SAMPLES, patience)
    except ModelTimeout:
        found = f"{where} gave no vector within {patience:g} s"
        return Finding("warn", "embeddings", found, f"It may be loading, busy or slow. {WITHOUT}")
    except ModelError as error:
        return Finding("FAIL", "embeddings", _reason(error), _advice(name))
    took = time.monotonic() - began
    found = f"{server.name} at {where} makes vectors of {len(vectors[0])} numbers, {took:.2f} s"
    if took > WAITED_SECONDS:
        do = f"Replies wait {WAITED_SECONDS:g} s; try again, or take a smaller model."
        return Finding("warn", "embeddings", found, do)
    return Finding("ok", "embeddings", found)


def _reason(error: ModelError) -> str:
    """What came, without the advice of errors that mean the LLM that talks."""
    return str(error).partition(": set ")[0].replace("the LLM", "the server", 1)


def _advice(name: str) -> str:
    if name == "LLM_API_URL":
        do = "See that it answers /v1/embeddings with EMBEDDINGS_MODEL, or set EMBEDDINGS_API_URL."
    else:
        do = "Start it, or correct EMBEDDINGS_API_URL (it is sent no key) and EMBEDDINGS_MODEL."
    return f"{do} {WITHOUT}"

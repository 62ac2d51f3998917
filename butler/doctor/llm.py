"""The LLM answers, with the model that is wanted."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from butler.clients.discovery import discover
from butler.clients.llm import OpenAIModel
from butler.config import Settings
from butler.doctor.finding import Finding
from butler.domain.chat import ChatMessage, CompletionRequest
from butler.errors import ModelError, ModelInvalid, ModelTimeout

LISTING_SECONDS = 2.0
ANSWER_SECONDS = 6.0
QUESTION = CompletionRequest(
    (ChatMessage("user", "Answer with one word: ready?"),), max_tokens=16, temperature=0.0
)


def check_local_models(
    settings: Settings, find: Callable[[set[int]], list[str]] = discover
) -> Iterator[Finding]:
    """Without LLM_API_URL: what `butler run` would find on this machine."""
    urls = find({settings.http_port})
    if not urls:
        do = "Set LLM_API_URL to an OpenAI-compatible server."
        yield Finding("warn", "llm", "none set or found: the built-in demo brain answers", do)
    for url in urls:
        yield from check_endpoint(settings, url)


def check_endpoint(
    settings: Settings, url: str, patience: float = ANSWER_SECONDS
) -> Iterator[Finding]:
    """One endpoint: reachable, its model listed, a tiny completion within `patience` seconds.

    Half of that is slow, for a question of a few words.
    """
    try:
        model = OpenAIModel(url, settings.llm_model, settings.llm_api_key)
    except ValueError as error:
        yield Finding("FAIL", "llm", str(error), "Correct LLM_API_URL or LLM_API_KEY.")
        return
    try:
        yield _asked(model, settings, patience)
    finally:
        model.close()


def _asked(model: OpenAIModel, settings: Settings, patience: float) -> Finding:
    models = _listed(model)
    if models and settings.llm_model and settings.llm_model not in models:
        found = f"{model.where} has no model {settings.llm_model}"
        return Finding("FAIL", "llm", found, f"Set LLM_MODEL to one of: {', '.join(models[:8])}.")
    began = time.monotonic()
    try:
        model.complete(QUESTION, patience)
    except ModelTimeout:
        found = f"{model.where} gave no answer within {patience:g} s"
        do = f"It may be loading, busy or slow; guests wait {settings.llm_timeout_seconds:g} s."
        return Finding("warn", "llm", found, do)
    except ModelInvalid as error:
        do = "Check that the server answers /v1/chat/completions with text."
        return Finding("warn", "llm", str(error), do)
    except ModelError as error:
        return Finding("FAIL", "llm", str(error), "Start the server, or correct LLM_API_URL.")
    took = time.monotonic() - began
    found = f"{model.name} at {model.where} answered in {took:.2f} s"
    if took > patience / 2:
        return Finding("warn", "llm", found, "Guests will wait; a smaller model answers sooner.")
    return Finding("ok", "llm", found)


def _listed(model: OpenAIModel) -> list[str]:
    """The models; none where the server does not tell, since what counts is the answer."""
    try:
        return model.listed(LISTING_SECONDS)
    except ModelError:
        return []

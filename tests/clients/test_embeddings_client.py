"""Vectors over real HTTP, and every failure as one of ours."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from butler.clients.embeddings import OpenAIEmbeddings
from butler.errors import ModelError, ModelInvalid, ModelTimeout, ModelUnavailable
from ops.bench.bag import bag_of_stems
from ops.bench.llm_server import LlmServer

TEXTS = ["чай с мёдом", "дождь", "tea"]


@pytest.fixture
def llm() -> Iterator[LlmServer]:
    with LlmServer() as server:
        server.behave(embeddings="ok")
        yield server


@pytest.fixture
def client(llm: LlmServer) -> Iterator[OpenAIEmbeddings]:
    made = OpenAIEmbeddings(llm.url, "small")
    yield made
    made.close()


def test_vectors_come_in_the_order_of_the_texts(client: OpenAIEmbeddings) -> None:
    assert client.embed(TEXTS, 10) == [pytest.approx(bag_of_stems(text)) for text in TEXTS]


@pytest.mark.parametrize("ending", ["", "/", "/v1", "/v1/", "/v1/embeddings"])
def test_a_base_may_come_with_or_without_its_path(llm: LlmServer, ending: str) -> None:
    made = OpenAIEmbeddings(llm.url + ending, "small")
    assert len(made.embed(["чай"], 10)) == 1
    made.close()


def test_the_key_is_shown(llm: LlmServer) -> None:
    llm.behave(embeddings="ok", api_key="тайна".encode().hex())
    made = OpenAIEmbeddings(llm.url, "small", "тайна".encode().hex())
    assert len(made.embed(["чай"], 10)) == 1
    made.close()
    stranger = OpenAIEmbeddings(llm.url, "small")
    with pytest.raises(ModelError):
        stranger.embed(["чай"], 10)
    stranger.close()


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("short", ModelInvalid),
        ("words", ModelInvalid),
        ("refused", ModelInvalid),
        ("down", ModelError),
        ("none", ModelError),
        ("hang", ModelTimeout),
    ],
)
def test_what_is_no_vector_for_each_text_is_an_error(
    llm: LlmServer, client: OpenAIEmbeddings, kind: str, error: type[ModelError]
) -> None:
    llm.behave(embeddings=kind)
    with pytest.raises(error) as caught:
        client.embed(TEXTS, 0.3 if kind == "hang" else 10)
    assert "мёд" not in str(caught.value)


def test_nobody_there_is_unavailable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        made = OpenAIEmbeddings(f"http://127.0.0.1:{taken.getsockname()[1]}", "small")
        with pytest.raises(ModelUnavailable):
            made.embed(TEXTS, 5)
        made.close()

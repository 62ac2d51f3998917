from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from typing import Any

import pytest

from butler.clients.llm import OpenAIModel, split_base
from butler.domain.chat import ChatMessage, Completion, CompletionRequest
from butler.errors import (
    ModelCancelled,
    ModelContextOverflow,
    ModelError,
    ModelInvalid,
    ModelOverloaded,
    ModelTimeout,
    ModelUnavailable,
)
from ops.bench.llm_server import LlmServer, completion
from tests.support.scripted import ScriptedServer, http, says

SECRET = "тайна-гостя-secret-words"
SCHEMA: dict[str, Any] = {"type": "object", "properties": {"summary": {"type": "string"}}}


@pytest.fixture
def llm() -> Iterator[LlmServer]:
    with LlmServer() as server:
        yield server


@pytest.fixture
def model(llm: LlmServer) -> Iterator[OpenAIModel]:
    model = OpenAIModel(llm.url)
    yield model
    model.close()


def ignore(_: str) -> None:
    pass


def asked(schema: dict[str, Any] | None = None, **options: Any) -> CompletionRequest:
    turns = (ChatMessage("system", "Ты — Альфред."), ChatMessage("user", SECRET))
    return CompletionRequest(turns, schema=schema, **options)


@pytest.mark.parametrize(
    ("base", "root", "path"),
    [
        ("http://h:1", "http://h:1", "/v1"),
        ("http://h:1/", "http://h:1", "/v1"),
        ("http://h:1/v1", "http://h:1", "/v1"),
        ("http://h:1/v1/", "http://h:1", "/v1"),
        ("https://h/openai", "https://h/openai", "/v1"),
        ("https://h/openai/v1", "https://h/openai", "/v1"),
        ("https://h/v1beta/openai", "https://h/v1beta/openai", ""),
        ("http://h:1/v1/chat/completions", "http://h:1", "/v1"),
        ("http://h:1/v1/models", "http://h:1", "/v1"),
    ],
)
def test_a_base_may_come_with_or_without_its_version(base: str, root: str, path: str) -> None:
    assert split_base(base) == (root, path)


def test_an_answer_comes_with_its_counts(llm: LlmServer, model: OpenAIModel) -> None:
    answer = model.complete(asked(max_tokens=7, temperature=0.1), 20)
    assert answer.text == "Разумеется. Чай подан, сэр."
    assert (answer.finish, answer.model) == ("stop", "test-model")
    assert answer.prompt_tokens > 0
    assert answer.completion_tokens > 0
    sent = llm.requests[0]
    assert sent["messages"][1] == {"role": "user", "content": SECRET}
    assert (sent["max_tokens"], sent["temperature"], sent["stream"]) == (7, 0.1, False)


def test_without_a_name_the_first_model_that_chats_is_taken(llm: LlmServer) -> None:
    llm.behave(models=["nomic-embed-text", "qwen2.5:7b", "other"])
    model = OpenAIModel(llm.url + "/v1")
    assert model.name == ""
    model.complete(asked(), 20)
    assert model.name == "qwen2.5:7b"
    assert llm.requests[0]["model"] == "qwen2.5:7b"


def test_a_server_without_models_says_so(llm: LlmServer, model: OpenAIModel) -> None:
    llm.behave(models=[])
    with pytest.raises(ModelUnavailable, match="no model loaded"):
        model.complete(asked(), 20)


def test_a_stream_hands_over_the_growing_text(llm: LlmServer, model: OpenAIModel) -> None:
    seen: list[str] = []
    answer = model.complete(asked(), 20, seen.append)
    assert answer.text == seen[-1] == "Разумеется. Чай подан, сэр."
    assert len(seen) > 3
    assert all(later.startswith(earlier) for earlier, later in pairwise(seen))
    assert answer.prompt_tokens > 0
    assert llm.requests[0]["stream_options"] == {"include_usage": True}


def test_a_server_that_does_not_stream_is_understood(llm: LlmServer, model: OpenAIModel) -> None:
    llm.behave(streams=False)
    seen: list[str] = []
    assert model.complete(asked(), 20, seen.append).text == seen[0]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("kind", ["think", "half_think"])
def test_thoughts_are_taken_out(
    llm: LlmServer, model: OpenAIModel, kind: str, stream: bool
) -> None:
    llm.behave(kind=kind)
    seen: list[str] = []
    answer = model.complete(asked(), 20, seen.append if stream else None)
    assert answer.text == "Разумеется. Чай подан, сэр."
    assert kind == "half_think" or not any("tea" in text or "<" in text for text in seen)


@pytest.mark.parametrize("stream", [False, True])
def test_an_answer_cut_by_its_limit_says_so(
    llm: LlmServer, model: OpenAIModel, stream: bool
) -> None:
    llm.behave(kind="length")
    answer = model.complete(asked(), 20, ignore if stream else None)
    assert answer.finish == "length"


def test_a_content_in_parts_is_joined(llm: LlmServer, model: OpenAIModel) -> None:
    llm.behave(kind="parts")
    assert model.complete(asked(), 20).text == "in parts"


def test_missing_counts_are_nought(llm: LlmServer, model: OpenAIModel) -> None:
    llm.behave(usage=False)
    answer = model.complete(asked(), 20)
    assert (answer.prompt_tokens, answer.completion_tokens) == (0, 0)


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("reset", ModelUnavailable),
        ("close", ModelUnavailable),
        ("garbage", ModelUnavailable),
        ("cut_body", ModelUnavailable),
        ("not_json", ModelInvalid),
        ("truncated", ModelInvalid),
        ("empty", ModelInvalid),
        ("null", ModelInvalid),
        ("tools", ModelInvalid),
        ("error_in_200", ModelInvalid),
        ("wrong_types", ModelInvalid),
        ("wrong_choice", ModelInvalid),
        ("no_choices", ModelInvalid),
        ("a_list", ModelInvalid),
        ("unclosed_think", ModelInvalid),
        ("huge", ModelInvalid),
        ("overflow", ModelContextOverflow),
    ],
)
def test_every_bad_answer_is_an_error_of_ours_without_the_guests_words(
    llm: LlmServer, model: OpenAIModel, kind: str, error: type[ModelError]
) -> None:
    llm.behave(kind=kind)
    with pytest.raises(error) as caught:
        model.complete(asked(), 20)
    assert type(caught.value) is error
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("reset", ModelUnavailable),
        ("cut", ModelUnavailable),
        ("truncated", ModelInvalid),
        ("error_in_200", ModelInvalid),
        ("unclosed_think", ModelInvalid),
        ("overflow", ModelContextOverflow),
        ("not_json", ModelInvalid),
    ],
)
def test_every_bad_stream_is_an_error_of_ours(
    llm: LlmServer, model: OpenAIModel, kind: str, error: type[ModelError]
) -> None:
    llm.behave(kind=kind)
    with pytest.raises(error) as caught:
        model.complete(asked(), 20, lambda _: None)
    assert type(caught.value) is error
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "retry_after", "error", "says_what"),
    [
        (400, "", ModelInvalid, "refuses the request"),
        (401, "", ModelUnavailable, "LLM_API_KEY"),
        (402, "", ModelUnavailable, "402"),
        (403, "", ModelUnavailable, "LLM_API_KEY"),
        (404, "", ModelUnavailable, "test-model"),
        (429, "", ModelOverloaded, "busy"),
        (429, "7", ModelOverloaded, "busy"),
        (302, "", ModelUnavailable, "LLM_API_URL"),
        (500, "", ModelUnavailable, "500"),
        (503, "", ModelUnavailable, "503"),
        (503, "1.5", ModelOverloaded, "busy"),
        (504, "", ModelTimeout, "504"),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_every_status_has_its_meaning(
    llm: LlmServer,
    model: OpenAIModel,
    status: int,
    retry_after: str,
    error: type[ModelError],
    says_what: str,
    stream: bool,
) -> None:
    llm.behave(kind="status", status=status, retry_after=retry_after)
    with pytest.raises(error, match=says_what) as caught:
        model.complete(asked(), 20, ignore if stream else None)
    assert type(caught.value) is error
    assert caught.value.retry_after == (float(retry_after) if retry_after else None)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(("ahead", "least", "most"), [(30, 20, 30), (-30, 0, 0)])
def test_a_retry_after_may_be_a_date(
    llm: LlmServer, model: OpenAIModel, ahead: int, least: float, most: float
) -> None:
    when = format_datetime(datetime.now(UTC) + timedelta(seconds=ahead), usegmt=True)
    llm.behave(kind="status", status=503, retry_after=when)
    with pytest.raises(ModelOverloaded) as caught:
        model.complete(asked(), 20)
    assert caught.value.retry_after is not None
    assert least <= caught.value.retry_after <= most


def test_a_retry_after_that_is_nonsense_is_left_out(llm: LlmServer, model: OpenAIModel) -> None:
    llm.behave(kind="status", status=429, retry_after="soon")
    with pytest.raises(ModelOverloaded) as caught:
        model.complete(asked(), 20)
    assert caught.value.retry_after is None


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, "This model's maximum context length is 4096 tokens. However, you requested 5000"),
        (400, "request (131168 tokens) exceeds the available context size (131072 tokens)"),
        (400, "the request exceeds the available context size. try increasing the context size"),
        (500, "Requested tokens (1000) exceed context window of 512"),
        (400, "'max_tokens' or 'max_completion_tokens' is too large: 5000."),
        (400, "The decoder prompt (length 9000) is longer than the maximum model length of 4096"),
        (400, "the input length exceeds the context length"),
        (400, "Trying to keep the first 5000 tokens when context the overflows."),
        (400, "loaded with context length of only 4096 tokens, which is not enough"),
        (422, "`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 9000"),
        (413, "Prompt too long"),
    ],
)
def test_servers_words_for_a_prompt_too_long_are_known(
    llm: LlmServer, model: OpenAIModel, status: int, message: str
) -> None:
    llm.behave(kind="status", status=status, message=message)
    with pytest.raises(ModelContextOverflow):
        model.complete(asked(SCHEMA), 20)
    assert llm.asked == 1


def test_an_overflow_inside_a_stream_is_one() -> None:
    event = {"error": {"message": "exceeds the available context size", "code": 400}}
    stream = b"data: " + json.dumps(event).encode() + b"\n\n"
    with (
        ScriptedServer(says(http(stream, content_type="text/event-stream"))) as server,
        pytest.raises(ModelContextOverflow),
    ):
        OpenAIModel(server.url, "m").complete(asked(), 20, lambda _: None)


@pytest.mark.parametrize(
    "stream",
    [b"error: {}\n\n", b"data: not json\n\n", b"data: [1]\n\n", b'data: {"choices": 5}\n\n'],
)
def test_a_stream_of_nonsense_is_invalid(stream: bytes) -> None:
    with (
        ScriptedServer(says(http(stream, content_type="text/event-stream"))) as server,
        pytest.raises(ModelInvalid),
    ):
        OpenAIModel(server.url, "m").complete(asked(), 20, lambda _: None)


def test_a_stream_without_its_last_word_but_with_a_reason_is_whole() -> None:
    events: list[dict[str, Any]] = [
        {"choices": [{"delta": {"reasoning_content": "tea?"}}]},
        {"choices": [{"delta": {"content": "Да"}}], "usage": {"prompt_tokens": True}},
        {"choices": [{"delta": {}, "finish_reason": "stop"}]},
    ]
    stream = b"".join(b"event: x\r\ndata: %b\r\n\r\n" % json.dumps(e).encode() for e in events)
    with ScriptedServer(says(http(stream, content_type="text/event-stream"))) as server:
        answer = OpenAIModel(server.url, "m").complete(asked(), 20, lambda _: None)
    assert answer == Completion("Да", "stop", 0, 0, "m")


def test_a_slow_answer_is_a_timeout(llm: LlmServer, model: OpenAIModel) -> None:
    model.probe()
    llm.behave(kind="hang")
    with pytest.raises(ModelTimeout, match=r"0\.2 s"):
        model.complete(asked(), 0.2)
    assert llm.dropped.wait(10)


def test_a_stream_that_goes_on_for_too_long_is_a_timeout(
    llm: LlmServer, model: OpenAIModel
) -> None:
    model.probe()
    llm.behave(pause=0.05, text="слово " * 200)
    with pytest.raises(ModelTimeout):
        model.complete(asked(), 0.4, lambda _: None)
    assert llm.dropped.wait(10)


def test_a_cancelled_call_frees_the_servers_slot(llm: LlmServer, model: OpenAIModel) -> None:
    llm.behave(kind="hang")
    with pytest.raises(ModelCancelled):
        model.complete(asked(), 60, cancelled=llm.arrived.is_set)
    assert llm.dropped.wait(10)


def test_a_stream_can_be_cancelled(llm: LlmServer, model: OpenAIModel) -> None:
    llm.behave(pause=0.02, text="слово " * 2000)
    stop = threading.Event()
    with pytest.raises(ModelCancelled):
        model.complete(asked(), 60, lambda _: stop.set(), stop.is_set)
    assert llm.dropped.wait(10)


def test_closing_ends_a_call_under_way(llm: LlmServer, model: OpenAIModel) -> None:
    llm.behave(kind="hang")

    def close() -> None:
        llm.arrived.wait(10)
        model.close()

    closer = threading.Thread(target=close)
    closer.start()
    with pytest.raises(ModelUnavailable):
        model.complete(asked(), 3600)
    closer.join()


def test_a_server_that_is_not_there_is_unavailable() -> None:
    with LlmServer() as server:
        url = server.url
    with pytest.raises(ModelUnavailable, match=r"127\.0\.0\.1"):
        OpenAIModel(url, "m").complete(asked(), 20)


def test_a_server_that_restarted_is_asked_again(llm: LlmServer, model: OpenAIModel) -> None:
    model.complete(asked(), 20)
    llm.drop_idle()
    assert model.complete(asked(), 20).text


def test_a_schema_goes_along_and_json_comes_back(llm: LlmServer, model: OpenAIModel) -> None:
    answer = model.complete(asked(SCHEMA), 20)
    assert json.loads(answer.text).keys() >= {"summary"}
    sent = llm.requests[0]["response_format"]
    assert sent["type"] == "json_schema"
    assert sent["json_schema"]["schema"] == SCHEMA


@pytest.mark.parametrize("text", ['```json\n{"summary": "чай"}\n```', "сводка: чай", '{"a": "ч'])
def test_what_comes_back_for_a_schema_is_the_callers_to_judge(
    llm: LlmServer, model: OpenAIModel, text: str
) -> None:
    llm.behave(text=f"<think>{{}}</think>{text}")
    assert model.complete(asked(SCHEMA), 20).text == text


def test_a_structured_answer_cut_by_its_limit_says_so(llm: LlmServer, model: OpenAIModel) -> None:
    llm.behave(kind="length", text='{"summary": "чай"}')
    assert model.complete(asked(SCHEMA), 20).finish == "length"


@pytest.mark.parametrize(
    ("refuse", "settles_for"),
    [(["json_schema"], "json_object"), (["response_format"], None)],
)
def test_a_refused_format_is_stepped_down_once_and_remembered(
    llm: LlmServer, model: OpenAIModel, refuse: list[str], settles_for: str | None
) -> None:
    llm.behave(refuse=refuse, text='{"summary": "чай"}')
    model.complete(asked(SCHEMA), 20)
    before = llm.asked
    model.complete(asked(SCHEMA), 20)
    assert llm.asked == before + 1
    assert llm.requests[-1].get("response_format", {}).get("type") == settles_for


@pytest.mark.parametrize("message", ["failed to parse grammar", "json_schema not supported"])
def test_a_server_that_breaks_over_a_schema_is_asked_without_one(message: str) -> None:
    def answer(sock: socket.socket, request: bytes) -> bool:
        body: dict[str, Any] = completion({}, "{}")
        status = 200
        if b"response_format" in request:
            body, status = {"error": {"message": message}}, 500
        return says(http(json.dumps(body).encode(), status))(sock, request)

    with ScriptedServer(answer) as server:
        model = OpenAIModel(server.url, "m")
        for _ in range(2):
            assert model.complete(asked(SCHEMA), 20).text == "{}"
        model.close()
    assert len(server.requests) == 4  # two formats refused, then none, and that remembered


def test_a_refusal_that_no_format_helps_is_not_remembered(
    llm: LlmServer, model: OpenAIModel
) -> None:
    llm.behave(kind="status", status=400)
    with pytest.raises(ModelInvalid):
        model.complete(asked(SCHEMA), 20)
    assert llm.asked == 3
    llm.behave()
    model.complete(asked(SCHEMA), 20)
    assert llm.requests[-1]["response_format"]["type"] == "json_schema"


def test_a_server_that_refuses_usage_in_streams_is_not_asked_for_it_again(
    llm: LlmServer, model: OpenAIModel
) -> None:
    llm.behave(refuse=["stream_options"])
    for _ in range(2):
        assert model.complete(asked(), 20, lambda _: None).prompt_tokens == 0
    assert llm.asked == 3


def test_a_server_that_names_another_limit_gets_it(llm: LlmServer, model: OpenAIModel) -> None:
    def answer(request: bytes) -> bytes:
        if b'"max_tokens"' in request:
            words = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
            return http(json.dumps({"error": {"message": words}}).encode(), status=400)
        return http(b'{"choices": [{"message": {"content": "ok"}}]}')

    def reply(sock: Any, request: bytes) -> bool:
        sock.sendall(answer(request))
        return True

    with ScriptedServer(reply) as server:
        other = OpenAIModel(server.url, "m")
        for _ in range(2):
            assert other.complete(asked(), 20).text == "ok"
        assert len(server.requests) == 3


def test_a_model_that_is_not_there_names_those_that_are(llm: LlmServer) -> None:
    llm.behave(models=["one", "two"], delay=0.001)
    with pytest.raises(ModelUnavailable, match=r"'three'.*one, two.*LLM_MODEL"):
        OpenAIModel(llm.url, "three").complete(asked(), 20)


def test_a_first_listed_model_that_went_away_is_looked_up_again(llm: LlmServer) -> None:
    model = OpenAIModel(llm.url)
    assert model.probe() == "test-model"
    llm.behave(models=["next"], delay=0.001)
    with pytest.raises(ModelUnavailable, match="next"):
        model.complete(asked(), 20)
    assert model.complete(asked(), 20).model == "next"


def test_an_address_that_is_no_llm_says_what_to_check() -> None:
    with (
        ScriptedServer(says(http(b"<html>", status=404))) as server,
        pytest.raises(ModelUnavailable, match="check LLM_API_URL"),
    ):
        OpenAIModel(server.url, "m").complete(asked(), 20)


def test_a_key_is_sent_and_a_wrong_one_explained(llm: LlmServer) -> None:
    llm.behave(api_key="k-right")
    assert OpenAIModel(llm.url, api_key="k-right").complete(asked(), 20).text
    with pytest.raises(ModelUnavailable, match="LLM_API_KEY"):
        OpenAIModel(llm.url, api_key="k-wrong").complete(asked(), 20)


@pytest.mark.parametrize("kind", ["ok", "empty"])
def test_a_probe_of_an_unlisted_model_writes_one_token(llm: LlmServer, kind: str) -> None:
    with ScriptedServer(says(http(b'{"choices": [{"message": {"content": ""}}]}'))) as server:
        assert OpenAIModel(server.url, "alias").probe() == "alias"
        assert b'"max_tokens":1' in server.requests[-1]


def test_a_probe_asks_no_more_than_the_list(llm: LlmServer, model: OpenAIModel) -> None:
    assert model.probe() == "test-model"
    assert llm.asked == 0


def test_a_probe_of_nothing_fails() -> None:
    with LlmServer() as server:
        url = server.url
    for model in (OpenAIModel(url), OpenAIModel(url, "named")):
        with pytest.raises(ModelUnavailable):
            model.probe()


def test_a_list_that_is_none_is_unavailable() -> None:
    with ScriptedServer(says(http(b"<html>"))) as server, pytest.raises(ModelUnavailable):
        OpenAIModel(server.url).listed()


@pytest.mark.parametrize("kind", ["llama", "vllm", "extras"])
def test_tokens_are_counted_by_whichever_way_the_server_has(llm: LlmServer, kind: str) -> None:
    llm.behave(tokenize=kind)
    model = OpenAIModel(llm.url, "test-model")
    assert model.count_tokens("раз два три") == 3
    assert model.count_tokens("раз") == 1


def test_a_server_that_counts_no_tokens_is_asked_once() -> None:
    with ScriptedServer(says(http(b"{}", status=404))) as server:
        model = OpenAIModel(server.url, "m")
        assert model.count_tokens("раз") is None
        asked_first = len(server.requests)
        assert model.count_tokens("раз") is None
        assert len(server.requests) == asked_first == 3


def test_a_server_that_is_down_for_now_is_asked_again(llm: LlmServer) -> None:
    llm.behave(tokenize="down")
    model = OpenAIModel(llm.url, "test-model")
    assert model.count_tokens("раз") is None
    llm.behave(tokenize="llama")
    assert model.count_tokens("раз") == 1
    llm.behave(tokenize="down")
    assert model.count_tokens("раз") is None


def test_text_no_encoding_holds_is_still_sent(llm: LlmServer, model: OpenAIModel) -> None:
    request = CompletionRequest((ChatMessage("user", "a\ud800\x00b"),))
    assert model.complete(request, 20).text
    assert llm.requests[0]["messages"][0]["content"] == "a?\x00b"

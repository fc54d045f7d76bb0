"""What endpoints say when they do not answer, in their own words, and what is made of it."""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from typing import Any

import aiohttp
import orjson
import pytest
from aiohttp.client_reqrep import ConnectionKey

from synthgen.data import CompletionError, Extract, Request, Transformation, Usage
from synthgen.endpoint.answers import read_answer
from synthgen.endpoint.faults import error_in, no_answer, refused, status_within
from synthgen.endpoint.keys import Key

SCHEMA = {"response_format": {"type": "json_schema", "json_schema": {"name": "pairs", "schema": {}}}}
VLLM_LENGTH = (
    "This model's maximum context length is 4096 tokens. However, you requested 1024 output tokens and your prompt "
    "contains at least 5000 input tokens, for a total of at least 6024 tokens."
)


def request(**payload: Any) -> Request:
    body = {"model": "m", "messages": [{"role": "user", "content": "Give 500 mg three times daily."}], "max_tokens": 9}
    return Request(
        "0" * 64, Extract("d", 0, 1, "", 1), Transformation("faq", 1, "qa", "", ""), "t", 0, {**body, **payload}
    )


def said(message: str, code: object = None, **fields: object) -> dict[str, Any]:
    return {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": code, **fields}}


def judged(status: int, body: object, asked: Request | None = None) -> CompletionError:
    return refused(status, error_in(orjson.dumps(body)), asked or request(), Key("TEACHER_KEY", "sk-1234567890abcdef"))


@pytest.mark.parametrize(
    ("status", "body", "error_class", "code"),
    [
        (400, said("The response was filtered", "content_filter"), "rejected", "content_filter"),
        (400, said("Your request was rejected", "content_policy_violation"), "rejected", "content_filter"),
        (400, said("Invalid prompt: flagged", "invalid_prompt"), "rejected", "content_filter"),
        (400, said("Content Exists Risk", "invalid_request_error"), "rejected", "content_filter"),
        (403, said("flagged", 403, metadata={"flagged_input": "x"}), "rejected", "content_filter"),
        (400, said("too long", "context_length_exceeded"), "rejected", "context_length"),
        (400, said(VLLM_LENGTH, 400), "rejected", "context_length"),
        (400, said("The decoder prompt (length 9) is longer than the maximum model length of 8."), "rejected", None),
        (400, said("Your credit balance is too low to access the API."), "fatal", "insufficient_quota"),
        (400, said("over", "billing_hard_limit_reached"), "fatal", "insufficient_quota"),
        (429, said("You exceeded your current quota", "insufficient_quota"), "fatal", "insufficient_quota"),
        (429, said("You exceeded your current quota, credit balance"), "retryable", "rate_limit"),
        (429, said("Rate limit reached for m on tokens per min", "rate_limit_exceeded"), "retryable", "rate_limit"),
        (429, said("Request too large for m on tokens per min: Limit 9, Requested 99."), "rejected", "too_large"),
        (400, [said("API key not valid. Please pass a valid API key.", 400)], "fatal", "invalid_key"),
        (400, said("Unsupported parameter: 'max_tokens'", "unsupported_parameter"), "fatal", "unsupported_parameter"),
        (400, said("'temperature' does not support 0.7", "unsupported_value"), "fatal", "unsupported_parameter"),
        (
            400,
            said("temperature must be non-negative, got -3.0.", 400, param="max_tokens"),
            "fatal",
            "unsupported_parameter",
        ),
        (400, said("no such role", 400, param="messages"), "rejected", "http_400"),
        (400, said("odd", ["x"], param=["max_tokens"]), "rejected", "http_400"),
        (422, {"detail": "Extra inputs are not permitted"}, "fatal", "unsupported_parameter"),
        (400, {"message": "of no known kind"}, "rejected", "http_400"),
        (400, {"error": "of no known kind"}, "rejected", "http_400"),
        (404, said("The model `m` does not exist", "model_not_found"), "fatal", "http_404"),
        (500, said("maximum context length"), "retryable", "http_500"),
    ],
)
def test_what_is_wrong_is_told_apart(status: int, body: object, error_class: str, code: str | None) -> None:
    result = judged(status, body)
    assert (result.error_class, result.code) == (error_class, code or "context_length")


@pytest.mark.parametrize(
    "body",
    [
        said("Invalid parameter", param="response_format"),
        said("'response_format' of type 'json_schema' is not supported with this model."),
        said("guided_json is not supported"),
        said("The provided JSON schema contains features not supported by xgrammar."),
    ],
)
def test_structured_output_that_is_not_supported_stops_the_run_and_says_what_to_do(body: Mapping[str, Any]) -> None:
    result = judged(400, body, request(**SCHEMA))
    assert (result.error_class, result.code) == ("fatal", "structured_output")
    assert "structured = false" in result.message


def test_a_request_without_a_schema_is_not_refused_for_one() -> None:
    assert judged(400, said("guided by nothing")).code == "http_400"


@pytest.mark.parametrize(
    ("status", "body", "advice"),
    [
        (400, said("'max_tokens' is not supported", "unsupported_parameter"), "omit"),
        (401, said("no"), "TEACHER_KEY"),
        (402, said("no"), "balance"),
        (404, said("no"), "base_url"),
        (405, said("no"), "base_url"),
    ],
)
def test_a_fatal_error_says_what_to_do(status: int, body: object, advice: str) -> None:
    result = judged(status, body)
    assert result.error_class == "fatal"
    assert advice in result.message


@pytest.mark.parametrize("body", [b"", b"null", b"7", b"[]", b"[[]]", b'{"error": 7}', b'{"error": [1]}', b"<html>"])
def test_a_body_without_words_says_nothing(body: bytes) -> None:
    assert refused(502, error_in(body), request(), Key()).message == "bad gateway"


def test_without_the_request_no_words_are_repeated_since_they_may_quote_it() -> None:
    result = refused(400, {"message": "Give 500 mg three times daily."}, None, Key())
    assert (result.code, result.message) == ("http_400", "bad request")


def test_an_error_may_state_its_own_status() -> None:
    assert status_within(error_in(b'{"error": {"code": 502, "message": "upstream"}}')) == 502
    assert status_within(error_in(b'{"error": {"code": "502"}}')) is None
    assert status_within(error_in(b'{"error": {"code": 7}}')) is None


def test_a_key_is_not_in_what_shows_it() -> None:
    assert "sk-" not in repr(Key("TEACHER_KEY", "sk-1234567890abcdef"))


def test_an_error_as_deep_as_json_goes_is_only_an_error() -> None:
    body = b'{"error": ' * 500 + b"1" + b"}" * 500
    assert refused(400, error_in(body), request(), Key()).message == "bad request"


def test_a_certificate_that_is_not_trusted_stops_the_run_and_says_what_to_do() -> None:
    target = ConnectionKey("host", 443, True, True, None, None, None)
    failure = aiohttp.ClientConnectorCertificateError(target, ssl.SSLCertVerificationError())
    result = no_answer(failure, "https://host/v1")
    assert (result.error_class, result.code) == ("fatal", "certificate")
    assert "https://host/v1" in result.message
    assert "SSL_CERT_FILE" in result.message


def answer(**message: Any) -> bytes:
    choice = {"message": {"content": "An answer.", **message}, "finish_reason": "stop"}
    return json.dumps({"choices": [choice], "usage": {"prompt_tokens": 9, "completion_tokens": 3}}).encode()


@pytest.mark.parametrize("word", ["abort", "error"])
def test_an_answer_that_the_server_gave_up_is_asked_for_again_and_paid(word: str) -> None:
    body = answer().replace(b'"stop"', json.dumps(word).encode())
    result = read_answer("0", body, 0.5)
    assert result.error is not None
    assert (result.error.error_class, result.error.code) == ("retryable", "given_up")
    assert (result.text, result.usage) == ("", Usage(9, 3))


def test_of_an_answer_in_parts_the_text_is_taken() -> None:
    parts = [{"type": "thinking", "thinking": []}, {"type": "text", "text": "One, "}, {"type": "text", "text": "two."}]
    assert read_answer("0", answer(content=parts), 0.0).text == "One, two."


def test_a_refusal_is_told_apart() -> None:
    result = read_answer("0", answer(content=None, refusal="I will not."), 0.0)
    assert (result.text, result.finish_reason) == ("I will not.", "refusal")


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        ({"prompt_tokens": 9, "completion_tokens": 3, "prompt_tokens_details": {"cached_tokens": 8}}, Usage(9, 3, 8)),
        ({"prompt_tokens": 9, "completion_tokens": 3, "prompt_cache_hit_tokens": 8}, Usage(9, 3, 8)),
        ({"prompt_tokens": -9, "completion_tokens": None, "prompt_tokens_details": None}, Usage()),
        (None, Usage()),
    ],
)
def test_usage_is_read_in_the_forms_in_use(usage: object, expected: Usage) -> None:
    body = orjson.dumps({**orjson.loads(answer()), "usage": usage})
    assert read_answer("0", body, 0.0).usage == expected

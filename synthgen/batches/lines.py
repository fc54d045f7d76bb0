"""The JSON lines of batch files: a request a line in, an answer a line out.

The form is that of OpenAI's batch API, which `vllm run-batch` reads and writes as well. Lines are matched by
`custom_id`, here the request id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import orjson

from synthgen.data import Completion, CompletionError, Request
from synthgen.endpoint.answers import read_answer
from synthgen.endpoint.faults import error_in, refused, status_within
from synthgen.endpoint.keys import Key

ENDPOINT: Literal["/v1/chat/completions"] = "/v1/chat/completions"
LONGEST_CODE = 40
UNSENDABLE = CompletionError("rejected", "unsendable", "the prompt holds characters that UTF-8 cannot")
TOO_LARGE = CompletionError("rejected", "too_large", "the prompt is larger than a file of requests may be")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may hold; the defaults are those of OpenAI's batch API. `size` is in bytes."""

    requests: int = 50_000
    size: int = 200_000_000

    def allow(self, requests: int, size: int) -> bool:
        """Whether a file with so many requests and bytes is within them."""
        return requests <= self.requests and size <= self.size


@dataclass(frozen=True, slots=True)
class Answer:
    """One line of an output or error file. `status` is that of the HTTP answer, None where the request was never made;
    `body` is the decoded chat completion, or what is said about an error."""

    request_id: str
    status: int | None
    body: object


def request_line(request: Request) -> bytes | CompletionError:
    """The line that asks for `request`, with its line break, or why there can be none."""
    data = {"custom_id": request.request_id, "method": "POST", "url": ENDPOINT, "body": request.payload}
    try:
        return orjson.dumps(data, default=dict, option=orjson.OPT_APPEND_NEWLINE)
    except orjson.JSONEncodeError:
        return UNSENDABLE


def is_request(line: bytes) -> bool:
    """Whether `line` asks for an answer, and is none."""
    return {"custom_id", "method", "url", "body"} <= _object(line).keys()


def parse_line(line: bytes) -> Answer | None:
    """The answer in a line of an output or error file; None where it is not a whole one."""
    data = _object(line)
    request_id, response, error = data.get("custom_id"), data.get("response"), data.get("error")
    if not isinstance(request_id, str):
        return None
    if isinstance(response, Mapping):
        status = response.get("status_code")
        # vLLM puts what it says of an error beside an empty response.
        return Answer(request_id, status if isinstance(status, int) else 200, response.get("body") or error)
    return Answer(request_id, None, error) if error else None


def completion_of(answer: Answer, request: Request | None, key: Key) -> Completion:
    """The completion that an answer stands for, as if it had come from an endpoint at once.

    Without the request, which an error's words could quote, those words are left out; `key` always is.
    """
    said = error_in(answer.body)
    if answer.status is None:
        code = said.get("code")
        word = code if isinstance(code, str) and code.replace("_", "").isalnum() else "not_made"
        error = CompletionError("retryable", word[:LONGEST_CODE], "the batch ended before its turn came")
        return Completion(answer.request_id, error=error)
    stated = status_within(said)
    if 200 <= answer.status < 300 and stated is None:
        return read_answer(answer.request_id, orjson.dumps(answer.body), 0.0)
    error = refused(stated or answer.status, said, request, key)
    return Completion(answer.request_id, error=error)


def _object(line: bytes) -> dict[str, Any]:
    try:
        data = orjson.loads(line)
    except orjson.JSONDecodeError:
        return {}
    return data if isinstance(data, dict) else {}

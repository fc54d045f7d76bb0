"""The JSON form of a completion: one line of the journal."""

from __future__ import annotations

import re
from typing import Any, TypeVar

import orjson

from synthgen.data import Completion, CompletionError, Usage
from synthgen.errors import StorageError

T = TypeVar("T")

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def well_formed(value: T) -> T:
    """`value` (a JSON value) with each lone surrogate, which UTF-8 cannot hold, replaced by U+FFFD; lengths stay."""
    changed: Any = value
    if isinstance(value, str):
        changed = _LONE_SURROGATE.sub("\ufffd", value)
    elif isinstance(value, dict):
        changed = {well_formed(key): well_formed(item) for key, item in value.items()}
    elif isinstance(value, list):
        changed = [well_formed(item) for item in value]
    result: T = changed
    return result


def completion_to_json(completion: Completion) -> bytes:
    """One line of JSON, without the line break."""
    usage, error = completion.usage, completion.error
    data = {
        "request_id": completion.request_id,
        "text": completion.text,
        "finish_reason": completion.finish_reason,
        "usage": {"prompt": usage.prompt, "completion": usage.completion, "cached": usage.cached},
        "latency": completion.latency,
        "attempts": completion.attempts,
        "usd": completion.usd,
        "error": error
        and {
            "class": error.error_class,
            "code": error.code,
            "message": error.message,
            "retry_after": error.retry_after,
        },
    }
    try:
        return orjson.dumps(data)
    except TypeError:
        return orjson.dumps(well_formed(data))


def completion_from_json(line: bytes) -> Completion:
    """The completion that `completion_to_json` wrote. Raises StorageError if it is none."""
    try:
        data = orjson.loads(line)
        error = data["error"]
        return Completion(
            request_id=data["request_id"],
            text=data["text"],
            finish_reason=data["finish_reason"],
            usage=Usage(**data["usage"]),
            latency=data["latency"] or 0.0,
            attempts=data["attempts"],
            usd=data.get("usd", 0.0),
            error=error and CompletionError(error["class"], error["code"], error["message"], error["retry_after"]),
        )
    except (ValueError, TypeError, KeyError) as problem:
        raise StorageError("holds a line that is not a completion", fix="move that file elsewhere") from problem

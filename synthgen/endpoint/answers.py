"""What the body of a chat completion holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from synthgen.data import Completion, CompletionError, Usage

GIVEN_UP = frozenset({"abort", "error"})
"""Finish reasons of vLLM and OpenRouter for an answer that the server broke off for its own reasons."""


def read_answer(request_id: str, body: bytes, latency: float) -> Completion:
    """The completion in `body`; one with a retryable error where it is not a whole one."""
    try:
        data = orjson.loads(body)
        choice = data["choices"][0]
        message, usage = choice["message"], _usage(data.get("usage") or {})
        refusal = message.get("refusal")
        text = refusal or _text(message.get("content"))
        finish_reason = "refusal" if refusal else choice.get("finish_reason")
        if not isinstance(text, str) or not isinstance(finish_reason, str | None):
            raise TypeError
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError):
        error = CompletionError("retryable", "bad_answer", "the body is not a whole chat completion")
        return Completion(request_id, latency=latency, error=error)
    if finish_reason in GIVEN_UP:
        error = CompletionError("retryable", "given_up", "the server gave up before the answer was whole")
        return Completion(request_id, usage=usage, latency=latency, error=error)
    return Completion(request_id, text, finish_reason, usage, latency)


def _text(content: Any) -> Any:
    """The text of a message; that of its parts where there are several, as models that think aloud have."""
    if isinstance(content, list):
        return "".join(part["text"] for part in content if part["type"] == "text")
    return content or ""


def _usage(data: Mapping[str, Any]) -> Usage:
    """The usage as reported; a negative count, which would lower the spend, is none."""
    details = data.get("prompt_tokens_details") or {}
    cached = details.get("cached_tokens") or data.get("prompt_cache_hit_tokens")
    return Usage(
        prompt=max(0, int(data.get("prompt_tokens") or 0)),
        completion=max(0, int(data.get("completion_tokens") or 0)),
        cached=max(0, int(cached or 0)),
    )

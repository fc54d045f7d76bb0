"""What went wrong where no answer came: the class, code and message of each error of an endpoint."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import responses
from typing import Any

import orjson

from synthgen.data import CompletionError, ErrorClass, Request
from synthgen.endpoint.keys import Key
from synthgen.retry import retry_after

RETRYABLE = frozenset({408, 409, 425, 429})
REJECTED = frozenset({400, 413, 422})

LONGEST_QUOTE = 200
"""Characters of a server's own words in an error message ..."""
LONGEST_READ = 2000
"""... and those that are looked at to tell what it means."""
SHARED_WITH_PROMPT = 24
"""A server's words that have this many characters in a row in common with the prompt quote it."""

PROMPT = frozenset({"model", "messages"})
NO_HEADERS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault that servers tell apart by `codes` of their own or, under a status of REJECTED, by `words` (a pattern).

    `advice` says what to do about a fatal one.
    """

    code: str
    error_class: ErrorClass
    codes: frozenset[str] = frozenset()
    words: str = "(?!)"
    advice: str = ""


BALANCE = "check the balance of the account"
STRUCTURED = Fault(
    "structured_output",
    "fatal",
    words="response_format|json_schema|guided|structured.?output|grammar",
    advice="set structured = false for this teacher",
)
"""Only for a request that asks for it."""
PARAMETER = Fault(
    "unsupported_parameter",
    "fatal",
    frozenset({"unsupported_parameter", "unsupported_value"}),
    "unsupported parameter|extra inputs are not permitted|unknown name|unrecognized request argument",
    "change that key in sampling, or name it in omit",
)
"""Also where the server names a key of the request, which is the same for all requests of a transformation."""
TOO_LARGE = Fault("too_large", "rejected", words="request too large")
"""Only under a 429: a request that alone is above the account's tokens a minute, and would be refused for ever."""
FAULTS = (
    Fault(
        "insufficient_quota",
        "fatal",
        frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"}),
        "credit balance|insufficient (balance|credit|funds)",
        BALANCE,
    ),
    Fault(
        "content_filter",
        "rejected",
        frozenset({"content_filter", "content_policy_violation", "invalid_prompt", "data_inspection_failed"}),
        "content management policy|content exists risk",
    ),
    Fault(
        "context_length",
        "rejected",
        frozenset({"context_length_exceeded", "string_above_max_length"}),
        "maximum (context|model) length|context (length|window|size)|prompt is too long",
    ),
    STRUCTURED,
    PARAMETER,
    Fault("invalid_key", "fatal", words="api.key (is )?(not valid|invalid)|invalid api.key", advice="check the key"),
)


def refused(
    status: int, said: Mapping[str, Any], request: Request | None, key: Key, headers: Mapping[str, str] = NO_HEADERS
) -> CompletionError:
    """The error for a reply with this status, in which the server `said` what was wrong.

    The message is the server's own, cut short and without the key; it is that of the status where the server's would
    quote the prompt, or where `request`, and so the prompt, is not known.
    """
    words = key.hide_in(_words(said)[:LONGEST_READ])
    message = request and _presentable(words[:LONGEST_QUOTE], request)
    message = message or responses.get(status, "unknown status").lower()
    fault = _known(status, said, words, request) or _by_status(status, key)
    if fault.error_class == "fatal":
        message = f"{message}; {fault.advice}"
    return CompletionError(fault.error_class, fault.code, message, retry_after(headers, datetime.now(UTC)))


def no_answer(failure: BaseException, address: str) -> CompletionError:
    """The error for a request without a whole reply from `address`, because of an error of aiohttp or the system.

    `unreachable` says that nothing can have been sent.
    """
    import aiohttp

    if isinstance(failure, aiohttp.ClientConnectorCertificateError):
        message = f"the certificate of {address} is not trusted; name that of its authority in SSL_CERT_FILE"
        return CompletionError("fatal", "certificate", message)
    if isinstance(failure, aiohttp.ClientHttpProxyError):
        message = f"the proxy makes no connection to {address} (its status is {failure.status})"
        return CompletionError("retryable", "unreachable", message)
    if isinstance(failure, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
        return CompletionError("retryable", "unreachable", f"no connection to {address} could be made")
    message = f"the connection to {address} ended before the answer was whole"
    return CompletionError("retryable", "disconnected", message)


def error_in(body: object) -> Mapping[str, Any]:
    """What a body, as bytes or as decoded JSON, says about an error, in any of the forms in use; empty for nothing."""
    if isinstance(body, bytes):
        try:
            body = orjson.loads(body)
        except orjson.JSONDecodeError:
            return {}
    if isinstance(body, list):
        body = body[0] if body else None
    if isinstance(body, Mapping):
        body = body.get("error") or body
    if isinstance(body, str):
        return {"message": body}
    return body if isinstance(body, Mapping) else {}


def status_within(said: Mapping[str, Any]) -> int | None:
    """The status that an error itself states, where its reply came with another one (as OpenRouter's); else None."""
    code = said.get("code")
    return code if isinstance(code, int) and 400 <= code < 600 else None


def _known(status: int, said: Mapping[str, Any], words: str, request: Request | None) -> Fault | None:
    code = "content_filter" if _is_moderated(said) else said.get("code")
    payload = request.payload if request else {}
    param, words = (str(said.get("param")), words) if status in REJECTED else ("", "")
    if status == 429 and re.search(TOO_LARGE.words, _words(said), re.IGNORECASE):
        return TOO_LARGE
    for fault in FAULTS if status < 500 else ():
        if fault is STRUCTURED and "response_format" not in payload:
            continue
        if isinstance(code, str) and code in fault.codes:
            return fault
        if re.search(fault.words, f"{param} {words}", re.IGNORECASE):
            return fault
        if fault is PARAMETER and param in payload.keys() - PROMPT:
            return fault
    return None


def _by_status(status: int, key: Key) -> Fault:
    if status >= 500 or status in RETRYABLE:
        return Fault("rate_limit" if status == 429 else f"http_{status}", "retryable")
    if status in REJECTED:
        return Fault(f"http_{status}", "rejected")
    if status in (401, 403):
        advice = f"check the key in {key.variable}" if key.variable else "set api_key_env for a key"
    elif status == 402:
        advice = BALANCE
    elif 300 <= status < 400:
        advice = "set base_url to the address that it redirects to"
    else:
        advice = "check model and base_url (which mostly ends in /v1)"
    return Fault(f"http_{status}", "fatal", advice=advice)


def _words(said: Mapping[str, Any]) -> str:
    words = said.get("message") or said.get("detail")
    return " ".join(words.split()) if isinstance(words, str) else ""


def _is_moderated(said: Mapping[str, Any]) -> bool:
    """Whether OpenRouter's moderation flagged the prompt, which it answers with the status of a wrong key."""
    metadata = said.get("metadata")
    return isinstance(metadata, Mapping) and "flagged_input" in metadata


def _presentable(words: str, request: Request) -> str:
    """`words`; nothing where they quote the prompt."""
    prompt = " ".join(" ".join(message["content"] for message in request.payload["messages"]).split())
    pieces = (words[i : i + SHARED_WITH_PROMPT] for i in range(len(words) - SHARED_WITH_PROMPT + 1))
    return "" if any(piece in prompt for piece in pieces) else words

"""Requests in the words of the chat completions API, put into the engine's."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from functools import cache
from typing import Any

import orjson

from synthgen.errors import RecipeError, nearest

FRAME = frozenset({"model", "messages", "response_format", "chat_template_kwargs"})
"""Keys of a payload that are not the sampler's. `chat_template_kwargs` are arguments of the chat template, as with
vLLM's own server; `{"enable_thinking": false}` is one that some models know."""
NOT_ASKED_FOR = frozenset(
    {"n", "output_kind", "stream_interval", "detokenize", "skip_clone", "structured_outputs", "extra_args"}
)
"""Arguments of the sampler that are not a request's to set."""

LONGEST = 300
"""Characters of an error's own words."""


@cache
def parameter_names() -> frozenset[str]:
    """The sampling keys that the installed engine takes."""
    from vllm.sampling_params import SamplingParams

    known = inspect.signature(SamplingParams.from_optional).parameters.keys()
    return frozenset(known - NOT_ASKED_FOR | {"max_completion_tokens"})


def check_sampling(sampling: Mapping[str, Any], where: str) -> None:
    """Raises RecipeError for a key or a value that the engine would refuse. Imports it: this takes seconds."""
    try:
        sampling_params(sampling, {})
    except RecipeError as error:
        raise RecipeError(error.what, where=where, fix=error.fix) from None
    except Exception as error:
        # The engine's own classes for a bad value differ between its versions.
        raise RecipeError(f"sampling that vLLM refuses: {said(error)}", where=where, fix="mend that value") from error


def sampling_params(payload: Mapping[str, Any], defaults: Mapping[str, Any]) -> Any:
    """The engine's SamplingParams for `payload`; `defaults` are the model's own, for what it does not set.

    Without a limit the answer may fill the model's context. Raises RecipeError for a key that the engine does not
    know, and an error of the engine's own for a value that it does not take.
    """
    from vllm.sampling_params import RequestOutputKind, SamplingParams, StructuredOutputsParams

    given = {key: value for key, value in payload.items() if key not in FRAME}
    for key in given.keys() - parameter_names():
        raise RecipeError(f"unknown sampling key {key!r}", fix=nearest(key, parameter_names()))
    if "max_completion_tokens" in given:
        given["max_tokens"] = given.pop("max_completion_tokens")
    if form := payload.get("response_format"):
        schema = orjson.dumps(form["json_schema"]["schema"], default=dict).decode()
        given["structured_outputs"] = StructuredOutputsParams(json=schema)
    # Nothing is made of the tokens before the last one has come.
    whole = {"max_tokens": None, **defaults, **given, "output_kind": RequestOutputKind.FINAL_ONLY}
    return SamplingParams.from_optional(**whole)


def said(error: BaseException) -> str:
    """The first line of an error's own words; of a pydantic error, that of its first detail."""
    details = getattr(error, "errors", list)
    first = next(iter(details() if callable(details) else ()), None)
    if isinstance(first, Mapping):
        words = ": ".join([*map(str, first["loc"]), str(first["msg"]).removeprefix("Value error, ")])
    else:
        words = str(next(iter(error.args), ""))
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    return lines[0][:LONGEST] if lines else type(error).__name__

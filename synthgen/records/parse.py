"""Completions to content: the answer that a teacher meant, where its text leaves no doubt about it.

Of a plain-text answer only packaging goes: white space around it, and one code fence around all of it that names no
language, or Markdown or text. A preamble stays, because where it ends is a guess; the filter `boilerplate` rejects it.
Of a JSON answer everything outside the JSON goes (`loose_json`). Of both, thoughts that end in `</think>` go.
"""

from __future__ import annotations

import json
import re
import string
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from synthgen.data import Transformation
from synthgen.errors import TransformationError
from synthgen.records.loose_json import SURROGATE, find_json
from synthgen.records.shapes import misfit, normalise, where

_WORD = re.compile(r"[^\W_]")
_PADDING = string.whitespace + "\ufeff\u00a0\u200b\u2060"
_FENCED = re.compile(r"```(?:markdown|md|text|plaintext)?[ \t]*\r?\n(.*)\n```", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Parsed:
    """The content of an answer, or why there is none.

    `content` is `{"text": str}` for plain text, else the JSON shape of the kind (`shapes`). `error` is a
    code, alone or followed by ": " and where: `empty`, `unclear_reasoning`, `lone_surrogate`, `wrong_shape` or one of
    `synthgen.records.loose_json.FoundJSON`. It never quotes the answer.
    """

    content: Mapping[str, Any] | None
    error: str | None = None


def parse(text: str, transformation: Transformation) -> Parsed:
    """The content of a teacher's answer, valid by the transformation's schema.

    Never raises for any text; TransformationError for a schema that refers to another one.
    """
    answer = after_reasoning(text)
    if answer is None:
        return Parsed(None, "unclear_reasoning")
    if not _WORD.search(answer):
        return Parsed(None, "empty")
    if SURROGATE.search(answer):
        return Parsed(None, "lone_surrogate")
    if transformation.schema is None:
        return Parsed({"text": _unfenced(answer.strip(_PADDING))})
    found = find_json(answer)
    if found.error:
        return Parsed(None, found.error)
    content = normalise(found.value, transformation.kind)
    wrong = misfit(content, transformation.kind) or _violation(content, transformation)
    return Parsed(None, f"wrong_shape: {wrong}") if wrong else Parsed(content)


def after_reasoning(text: str) -> str | None:
    """The text after a reasoning model's thoughts; None where these do not end, or seem to end twice."""
    before, end, answer = text.partition("</think>")
    if not end:
        return None if before.lstrip().startswith("<think>") else text
    return None if "</think>" in answer else answer


def _unfenced(text: str) -> str:
    match = _FENCED.fullmatch(text)
    return match[1].strip(_PADDING) if match and "```" not in match[1] else text


def _violation(content: object, transformation: Transformation) -> str | None:
    """Where `content` breaks the schema, and which keyword of it (`pairs.0.answer: minLength`), or None."""
    from referencing.exceptions import Unresolvable

    validator = _validator(json.dumps(transformation.schema, sort_keys=True))
    try:
        error = next(validator.iter_errors(content), None)
    except Unresolvable as missing:
        raise TransformationError(
            f"its schema refers to {missing.ref!r}, which is not in it", where=transformation.name, fix="use $defs"
        ) from missing
    return None if error is None else where(error.absolute_path, error.validator)


@lru_cache(maxsize=256)
def _validator(schema: str) -> Any:
    from jsonschema import Draft202012Validator
    from referencing import Registry

    # An empty registry: a schema that refers to a web address must not fetch it.
    return Draft202012Validator(json.loads(schema), registry=Registry())

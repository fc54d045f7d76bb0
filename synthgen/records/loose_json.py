"""JSON as models send it: in code fences, between sentences, with a comma too many.

Everything outside the JSON is left aside. A comma before a closing bracket, an escaped apostrophe and bare line breaks
in strings are taken as what they can only mean. All else is an error: truncated JSON is never completed, an object
inside broken JSON is never taken for the answer, and of two different answers none is chosen.

The time is linear in the length of the text, whatever it holds.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import Any

MAX_DEPTH = 32
"""Brackets within brackets; no answer needs more than five."""

SURROGATE = re.compile("[\ud800-\udfff\ufdd0-\ufdef]")
"""Half of a character, which neither UTF-8 nor a training set can hold, or a code point that is no character."""

_OPENING = re.compile(r'(?:\A[\s\ufeff]*+|```(?:(?i:json)|)\s++)(?P<first>\{)|\{\s*+"|\[\s*+\{\s*+"')
"""Where JSON begins: at a brace that opens the text or a fence, else at brackets that prose would not hold."""

_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?P<close>"?)|[\[{]|[]}]|,(?=\s*+[]}])', re.DOTALL)
"""What stands on the way to the last bracket: strings (an unclosed one reaches to the end), brackets, spare commas."""

_STRAY = re.compile(r"\s*+[]},:]")
"""After the last bracket: a sign that it was not the last."""


@dataclass(frozen=True, slots=True)
class FoundJSON:
    """The JSON in a text: its value and its span `text[start:end]`, or why there is none.

    `error` is a code, alone or followed by ": " and a detail: `no_json`, `malformed_json`, `truncated_json`,
    `several_json` or `lone_surrogate`. It never quotes the text. Where the same JSON stands there several times, the
    span is that of the first.
    """

    value: Any = None
    start: int = 0
    end: int = 0
    error: str | None = None


def find_json(text: str) -> FoundJSON:
    """The one JSON object, or list of objects, in `text`. Never raises for any text."""
    first: FoundJSON | None = None
    position = 0
    while opening := _OPENING.search(text, position):
        start = opening.start("first") if opening["first"] else opening.start()
        if text[position:start].rstrip().endswith(("{", "[")):
            return FoundJSON(error="malformed_json: brackets do not match")
        found = _json_at(text, start)
        if found.error:
            return found
        if first is not None and found.value != first.value:
            return FoundJSON(error="several_json")
        first = first or found
        position = found.end
    if first is not None:
        return first
    return FoundJSON(error="malformed_json" if text.lstrip()[:1] in ("{", "[") else "no_json")


def _json_at(text: str, start: int) -> FoundJSON:
    """The JSON value whose first bracket is at `start`."""
    source: list[str] = []
    depth, copied = 0, start
    for token in _TOKEN.finditer(text, start):
        mark = text[token.start()]
        if mark == '"':
            if not token["close"]:
                break
            if "\\'" in token[0]:
                source += text[copied : token.start()], _with_apostrophes(token[0])
                copied = token.end()
        elif mark == ",":
            source.append(text[copied : token.start()])
            copied = token.end()
        else:
            depth += 1 if mark in "[{" else -1
        if depth > MAX_DEPTH:
            return FoundJSON(error="malformed_json: nested too deep")
        if depth == 0:
            if _STRAY.match(text, token.end()):
                return FoundJSON(error="malformed_json: brackets do not match")
            source.append(text[copied : token.end()])
            return _decoded("".join(source), start, token.end())
    return FoundJSON(error="truncated_json")


def _decoded(source: str, start: int, end: int) -> FoundJSON:
    try:
        value = _DECODER.decode(source)
    except json.JSONDecodeError as error:
        return FoundJSON(error=f"malformed_json: near character {start + error.pos}")
    except ValueError as error:
        return FoundJSON(error=f"malformed_json: {error}")
    if "\\u" in source and SURROGATE.search(json.dumps(value, ensure_ascii=False)):
        return FoundJSON(error="lone_surrogate")
    return FoundJSON(value, start, end)


def _with_apostrophes(string: str) -> str:
    r"""A JSON string with `\'`, which JSON does not know, written as `'`."""
    return re.sub(r"\\(.)", lambda match: "'" if match[1] == "'" else match[0], string, flags=re.DOTALL)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return value


def _number(literal: str) -> float:
    value = float(literal)
    if not math.isfinite(value):
        raise ValueError("a number is not finite")
    return value


def _integer(literal: str) -> int:
    if len(literal) > 18:
        raise ValueError("a number does not fit 64 bits")
    return int(literal)


_DECODER = json.JSONDecoder(
    strict=False, object_pairs_hook=_object, parse_constant=_number, parse_float=_number, parse_int=_integer
)

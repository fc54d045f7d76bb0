"""The one shape that the JSON answers of a kind have, and the other spellings of it that models send."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from string import ascii_uppercase
from typing import Any

from synthgen.data import Kind

SHAPES: Mapping[Kind, Any] = {
    "qa": {"pairs": [{"question": str, "answer": str}]},
    "mcq": {"vignette": str, "question": str, "options": [str], "answer": str, "explanation": str},
    "dialogue": {"turns": [{"speaker": str, "text": str}]},
}
"""What every answer of a kind holds; a transformation's schema may ask for more. `text` answers are not JSON."""

_LETTER = re.compile(r"\(?([A-Za-z])(?:[).:]+(?:\s+(.*))?)?", re.DOTALL)
_LETTERED_OPTION = re.compile(r"\(?([A-Z])[).:]+\s+(.*)", re.DOTALL)


def normalise(value: Any, kind: Kind) -> Any:
    """The shape of its kind, where `value` is certainly another spelling of it; else `value` itself."""
    return _NORMALISE[kind](value) if kind in _NORMALISE else value


def misfit(value: Any, kind: Kind) -> str | None:
    """Where `value` does not have the shape of its kind, and how (`pairs.0.answer: missing`); None if it does."""
    wrong = _misfit(value, SHAPES[kind], ()) if kind in SHAPES else None
    if wrong is None and kind == "mcq":
        if len(value["options"]) > len(ascii_uppercase):
            return "options: more than letters"
        if value["answer"] not in list(ascii_uppercase[: len(value["options"])]):
            return "answer: names no option"
    return wrong


def _misfit(value: Any, shape: Any, path: tuple[object, ...]) -> str | None:
    if shape is str:
        if isinstance(value, str) and value.strip():
            return None
        return where(path, "blank" if isinstance(value, str) else "not a string")
    if not isinstance(value, type(shape)):
        return where(path, "not a list" if isinstance(shape, list) else "not an object")
    keys: Sequence[Any] = range(len(value)) if isinstance(shape, list) else list(shape)
    for key in keys:
        part = shape[0] if isinstance(shape, list) else shape[key]
        if isinstance(value, dict) and key not in value:
            return where((*path, key), "missing")
        if wrong := _misfit(value[key], part, (*path, key)):
            return wrong
    return None


def where(path: Iterable[object], wrong: object) -> str:
    """A place in an answer and what is wrong there, as in `pairs.0.answer: missing`."""
    return f"{'.'.join(map(str, path))[:80] or 'top level'}: {wrong}"


def _listed(key: str) -> Callable[[Any], Any]:
    """A bare list is the list that the kind has under `key`."""
    return lambda value: {key: value} if isinstance(value, list) else value


def _mcq(value: Any) -> Any:
    """Options as a list of texts without their letters, the answer as one letter; a list of one is that one."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, dict):
        return value
    options = value.get("options")
    if isinstance(options, dict) and list(options) == list(ascii_uppercase[: len(options)]):
        options = list(options.values())
    if not isinstance(options, list) or not all(isinstance(option, str) for option in options):
        return value
    lettered = [match for option in options if (match := _LETTERED_OPTION.fullmatch(option.strip()))]
    if options and [match[1] for match in lettered] == list(ascii_uppercase[: len(options)]):
        options = [match[2] for match in lettered]
    answer = value.get("answer")
    return {**value, "options": options, **({"answer": _letter(answer, options)} if isinstance(answer, str) else {})}


def _letter(answer: str, options: list[str]) -> str:
    """`b.`, `(B)` and `B. the text of that option` as `B`; anything else as it is."""
    match = _LETTER.fullmatch(answer.strip())
    if match is None:
        return answer
    letter, text = match[1].upper(), match[2]
    named = options[ascii_uppercase.index(letter) :][:1]
    return letter if not text or [_plain(text)] == [_plain(option) for option in named] else answer


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold().rstrip(".")


_NORMALISE: Mapping[Kind, Callable[[Any], Any]] = {"qa": _listed("pairs"), "mcq": _mcq, "dialogue": _listed("turns")}

"""Where the right option of a multiple-choice question stands.

Teachers prefer some letters, and a model trained on such a set learns to prefer them too. So the right option changes
places with the one at a position that is drawn by hash, evenly over all options.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from string import ascii_uppercase
from typing import Any

from synthgen.data import Extract, Record
from synthgen.records.letters import option_letters
from synthgen.records.loose_json import find_json
from synthgen.records.parse import after_reasoning
from synthgen.records.render import render
from synthgen.records.shapes import normalise


def balanced(record: Record, extract: Extract) -> Record:
    """`record` with its right option at the position that its extract and sample decide.

    The letters in the explanation change with the options. A question stays as it is where that cannot be done surely,
    as does a record of another kind; `raw` stays in any case.
    """
    if record.kind != "mcq" or record.content is None:
        return record
    seed = f"{record.transformation}\0{record.sample}\0{extract.text}".encode("utf-8", "replace")
    drawn = int.from_bytes(hashlib.sha256(seed).digest()[:8], "big") % len(record.content["options"])
    content = _exchanged(record.content, ascii_uppercase[drawn], extract.text)
    return replace(record, content=content, text=render(content, "mcq"))


def answered_letter(record: Record) -> str | None:
    """The letter that the teacher gave, wherever `balanced` has moved the right option; None where it gave none."""
    value = normalise(find_json(after_reasoning(record.raw) or "").value, "mcq")
    answer = value.get("answer") if isinstance(value, Mapping) else None
    return answer if isinstance(answer, str) and answer in list(ascii_uppercase) else None


def _exchanged(content: Mapping[str, Any], to: str, source: str) -> Mapping[str, Any]:
    """`content` with the right option at letter `to`, and the one that was there in its place."""
    right, options, explanation = content["answer"], list(content["options"]), content["explanation"]
    one, other = ascii_uppercase.index(right), ascii_uppercase.index(to)
    exchanged = {right: options[one], to: options[other]}
    asked = [content["vignette"], content["question"], *options]
    places = option_letters(explanation, exchanged, source)
    if right == to or places is None or any(option_letters(text, exchanged, source) != [] for text in asked):
        return content
    options[one], options[other] = options[other], options[one]
    told = list(explanation)
    for place in places:
        told[place] = to if told[place] == right else right
    return {**content, "options": options, "answer": to, "explanation": "".join(told)}

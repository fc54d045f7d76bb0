"""An answer that repeats its prompt, or does what a text hidden in the source tells it to do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import islice
from typing import Any, NamedTuple

from synthgen.data import Extract, Record, Verdict
from synthgen.filters.base import Filter
from synthgen.filters.evidence import MAX_EVIDENCE, MAX_QUOTE, judged_text, quote
from synthgen.filters.runs import Gram, grams_of, words_of
from synthgen.transformations import BUILT_IN

GRAM = 8
"""Words of a prompt in a row that a text about something else does not hold by chance."""

PIECE = 4
"""Words in a row that are looked for first: every run of 8 holds such pieces, and few texts have any."""

_DELIMITER = re.compile(r"</?extract(?:-\d+)?>")
_ORDER = re.compile(
    r"\b(?:ignore|disregard|forget|override)\s+(?:all\s+|any\s+)?(?:of\s+)?(?:the\s+|your\s+|these\s+|my\s+)?"
    r"(?:previous|prior|above|earlier|preceding|foregoing|system)\s+(?:\w+\s+)?(?:instructions?|prompts?|rules?|messages?)\b"
    r"|\b(?:reveal|repeat|print)\s+(?:your|the)\s+(?:system\s+prompt|hidden\s+instructions?)\b"
    r"|\byou\s+are\s+now\s+(?:an?\s+)?(?:\w+\s+)?(?:assistant|AI|chatbot|DAN)\b",
    re.IGNORECASE,
)
_REPLY = re.compile(
    r"\b(?:say|write|output|print|respond|reply|answer|return|insert|add|include)\b[^\"“”'\n]{0,60}[\"“']([^\"“”\n]{3,80})[\"”']",
    re.IGNORECASE,
)
_ORDER_HINTS = ("instruction", "prompt", "rule", "message", "you are now")
_REACH = 400
"""Characters after an order to ignore the instructions in which it says what to answer."""


class _Asked(NamedTuple):
    """The runs of 8 words of what a teacher is asked, and those of 4."""

    runs: frozenset[Gram]
    pieces: frozenset[Gram]


class Echo(Filter):
    """Rejects `prompt_echo` and `injection_echo`.

    The first is 8 words in a row of the system prompt or of an instruction, or the tags around the extract; the second
    an order to ignore the instructions, or the answer that such an order in the extract demands. What the
    extract says in the same words is not an echo of the prompt.
    """

    name = "echo"
    codes = {
        "prompt_echo": "it repeats what it was asked",
        "injection_echo": "it follows an order hidden in the source",
    }
    order = 55

    def check(self, record: Record, extract: Extract) -> Verdict:
        asked = _asked(tuple(self.instructions))
        found = tuple(islice(_found(judged_text(record), extract.text, asked), MAX_EVIDENCE))
        return Verdict(self.name, keep=not found, code=found[0]["code"] if found else "", evidence=found)


def _found(text: str, source: str, asked: _Asked) -> Iterator[Mapping[str, Any]]:
    for match in (*_orders(text), *_obeyed(text, source)):
        yield {**quote(match), "code": "injection_echo"}
    for match in _DELIMITER.finditer(text):
        yield {**quote(match), "code": "prompt_echo"}
    words, last = words_of(text), -1
    if asked.pieces.isdisjoint(words.grams(PIECE, GRAM - PIECE + 1)):
        return
    for number, gram in enumerate(words.grams(GRAM)):
        if gram in asked.runs and number > last and gram not in grams_of(source, GRAM):
            last = number + GRAM
            start, end = words.span(number, GRAM)
            yield {"text": text[start:end][:MAX_QUOTE], "start": start, "end": end, "code": "prompt_echo"}


@lru_cache(maxsize=16)
def _orders(text: str) -> Sequence[re.Match[str]]:
    lowered = text.lower()
    return list(_ORDER.finditer(text)) if any(hint in lowered for hint in _ORDER_HINTS) else ()


def _obeyed(text: str, source: str) -> Iterator[re.Match[str]]:
    """Where the text holds what an order in the source wants to be said."""
    for order in _orders(source):
        if reply := _REPLY.search(source, order.end(), order.end() + _REACH):
            yield from re.finditer(re.escape(reply[1].strip()), text, re.IGNORECASE)


@cache
def _asked(instructions: Sequence[str]) -> _Asked:
    """What `instructions` say and all prompts that ship with synthgen, without their front matter."""
    prompts = [path.read_text("utf-8").rpartition("+++\n")[2] for path in sorted(BUILT_IN.glob("*.md"))]
    said = [words_of(prompt) for prompt in (*prompts, *instructions)]
    return _Asked(*(frozenset(gram for words in said for gram in words.grams(n)) for n in (GRAM, PIECE)))

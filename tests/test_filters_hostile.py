"""Inputs that are built to hurt, through all filters.

They are as long as the filter `size` lets pass; one that is quadratic in any of them would take minutes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from synthgen.data import Extract, Kind, Record
from synthgen.filters import build_filters, judge
from synthgen.filters.evidence import judged_text
from synthgen.filters.size import SizeSettings
from synthgen.records.render import render

MEGABYTE = 1_000_000
SOURCE = (
    "## Colchicine\n\nGive 500 micrograms twice daily for 3 days, unless the creatinine clearance is < 10 mL/min.\n\n"
    "| Drug | Dose |\n|---|---|\n| Naproxen | 250 mg every 8 hours [S ++] |\n\nDo not combine it with clarithromycin.\n"
)
FILTERS = build_filters({})
LONGEST = SizeSettings().max_characters
UNITS = {
    "digits": "1234567890",
    "numbers": "3.5 mg ",
    "equations": "3 × 4 = 12, ",
    "operators": "2 × ",
    "amounts that are amounts": "5 mg is ",
    "frequencies": "twice daily ",
    "ranges": "1–",
    "thousands": "1,000,",
    "open brackets": "([{",
    "closed brackets": ")]}",
    "pairs of brackets": "()",
    "graded brackets": "[S ++] ",
    "open grades": "(Strong ",
    "bold": "**",
    "table": "| a | 5 mg |\n",
    "one table row": "| 5 mg ",
    "headings": "# A\n",
    "list": "- do not use colchicine\n",
    "commas": "if, ",
    "conditions": "if it is not ",
    "which": "colchicine, which is ",
    "avoided": "colchicine is to be avoided ",
    "negations": "not ",
    "neither": "neither colchicine ",
    "capitals": "A",
    "codes": "AB1-",
    "a word without end": "a",
    "hyphens": "a-",
    "a name without end": "Aa ",
    "drugs": "colchicine naproxen ",
    "another": "3 days before another ",
    "full stops": ".",
    "sentences": "A. ",
    "questions": "Is it? ",
    "spaces": " ",
    "lines": "\n",
    "spaces and lines": " \n",
    "right to left": "\u202e5 mg\u202c ",
    "zero width": "5\u200bm\u200cg\u200d ",
    "combining": "e\u0301\u0300",
    "lone surrogates": "\ud800",
    "nulls": "\x00",
    "capitals that grow in lower case": "İ",
    "digits of other scripts": "٣ ",
    "superscripts": "10⁹ ",
    "quotes": "\"'",
    "escapes": "\\n\\u0000",
    "trials": "the RELY trial (2009), ",
    "mail": "a@a.",
    "urls": "http://a/",
    "years": "2019 ",
}


def record(content: Mapping[str, Any] | None, kind: Kind, transformation: str, raw: str = "") -> Record:
    text = "" if content is None else render(content, kind)
    return Record("r", "d:0-9", transformation, 1, kind, "teacher", 0, raw, "stop", content, text=text)


def forms(text: str) -> tuple[Record, ...]:
    """The text as an answer of every kind, and as one that could not be read."""
    short = text[: len(text) // 4]
    pairs = {"pairs": [{"question": short, "answer": text}]}
    mcq = {"vignette": short, "question": short, "options": [short, "b"], "answer": "A", "explanation": short}
    turns = {"turns": [{"speaker": "A", "text": short}, {"speaker": "B", "text": text}]}
    return (
        record({"text": text}, "text", "distill"),
        record(pairs, "qa", "calculation"),
        record(pairs, "qa", "faq"),
        record(mcq, "mcq", "vignette_mcq"),
        record(turns, "dialogue", "dialogue"),
        record(None, "text", "distill", raw=text),
    )


def extract(text: str) -> Extract:
    return Extract("d", 0, len(text), text, len(text), title="Gout", headings=("Gout",))


def look(judged: Record, of: Extract) -> None:
    text = judged_text(judged)
    for verdict in judge(judged, of, FILTERS):
        assert verdict.keep == (not verdict.code)
        for item in verdict.evidence:
            assert 0 <= item.get("start", 0) <= item.get("end", 0) <= len(text)
            span = item.get("source", {"start": item.get("source_start", 0), "end": item.get("source_end", 0)})
            assert 0 <= span["start"] <= span["end"] <= len(of.text)


@pytest.mark.timeout(30)
@pytest.mark.parametrize("name", UNITS)
def test_the_longest_text_of_it_is_judged(name: str) -> None:
    unit = UNITS[name]
    look(record({"text": unit * (LONGEST // len(unit))}, "text", "distill"), extract(SOURCE))


@pytest.mark.timeout(5)
@pytest.mark.parametrize("name", UNITS)
def test_of_a_megabyte_of_it_nothing_but_the_size_is_looked_at(name: str) -> None:
    unit = UNITS[name]
    verdicts = judge(record({"text": unit * (MEGABYTE // len(unit))}, "text", "distill"), extract(SOURCE), FILTERS)
    assert [(verdict.filter, verdict.code) for verdict in verdicts] == [("finish_reason", ""), ("size", "oversized")]


@pytest.mark.parametrize("name", UNITS)
def test_it_is_judged_in_every_form(name: str) -> None:
    unit = UNITS[name]
    for judged in forms(unit * (20_000 // len(unit))):
        look(judged, extract(SOURCE))


@pytest.mark.parametrize("name", UNITS)
def test_an_extract_made_of_it_is_borne(name: str) -> None:
    unit = UNITS[name]
    text = unit * (50_000 // len(unit))
    look(record({"text": text[:5_000]}, "text", "distill"), extract(text))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(st.sampled_from(sorted(UNITS.values())), st.text(max_size=20)), max_size=40))
def test_any_text_is_judged(pieces: list[str]) -> None:
    text = "".join(pieces)
    for judged in forms(text):
        look(judged, extract(SOURCE))
    look(record({"text": SOURCE}, "text", "distill"), extract(text or " "))

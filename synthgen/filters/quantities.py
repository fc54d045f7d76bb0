"""Numbers, units, comparators and frequencies must follow from the extract."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from synthgen.data import Extract, Record, Verdict
from synthgen.filters.base import Filter
from synthgen.filters.evidence import MAX_EVIDENCE, MAX_QUOTE
from synthgen.quantities.following import follow
from synthgen.quantities.judging import Finding
from synthgen.quantities.parts import parts
from synthgen.quantities.source import quantities_in
from synthgen.recipe import FilterSettings
from synthgen.settings import Share

COMPLETE = frozenset({"distill", "knowledge_list", "decision_path"})
"""Transformations that promise to keep every quantity of the extract."""


FEW = 10
"""An extract with fewer quantities than this may well be told without most of them."""


class QuantitiesSettings(FilterSettings):
    min_recall: Share = 0.3
    """At least this share of the extract's quantities must stand in a record of a transformation that promises all.

    In 21 labelled collections each of the faithful records of these about an extract of ten quantities or more, some
    three hundred, tells 0.6 at least; of extracts of fewer, some tell none. It found none of the corrupted ones: it is
    for a record that breaks off or is about something else.
    """


class Quantities(Filter):
    """Rejects a record with a quantity that does not follow from its extract; the score is the share of the extract's
    quantities that the record tells.

    A quantity follows if the extract has it with the same meaning: after conversion of units, in other words, as an
    amount a day, or by simple arithmetic (`synthgen.quantities.agreement`, `.arithmetic`). It must also be tied to the
    same subject: of what stands around it in the record (words, other quantities, headings, labels, table heads), a
    different quantity of the extract must not share clearly more (`synthgen.quantities.judging`). Opposite comparators
    and words of direction ("before", "increase") are found in the same way.

    Made-up patients and wrong options of a multiple-choice item may hold quantities of their own, and its explanation
    may name these again. What a question asks need only stand in the extract.

    Codes: `number_not_in_source`, `unit_changed`, `frequency_changed`, `comparator_changed`, `other_subject` (the value
    stands in the extract, with another drug, test or population), and `quantities_missing` for transformations that
    promise all quantities. Each piece of evidence has the code of its own and, as `source`, the nearest quantity of the
    extract with offsets into its text. For those transformations what is left out is evidence as well, of code
    `quantity_missing` and with no place in the record, in kept records too.
    """

    name = "quantities"
    codes = {
        "number_not_in_source": "it holds a number that does not follow from the extract",
        "unit_changed": "it holds a number of the extract with another unit",
        "frequency_changed": "it says another frequency or duration than the extract",
        "comparator_changed": "it turns a threshold of the extract round",
        "other_subject": "it gives a number of the extract to another drug, test or group",
        "quantities_missing": "it leaves out too many of the extract's numbers",
    }
    order = 60
    Settings = QuantitiesSettings
    settings: QuantitiesSettings

    def check(self, record: Record, extract: Extract) -> Verdict:
        if record.content is None:
            return Verdict(self.name, keep=True)
        source = quantities_in(extract)
        followed = follow(record.text, parts(record), source)
        code = followed.findings[0].code if followed.findings else ""
        evidence = [_evidence(found, record, extract) for found in followed.findings]
        if record.transformation in COMPLETE:
            evidence += [_left_out(source.span(index), extract) for index in followed.missing[:MAX_EVIDENCE]]
            if not code and followed.counted >= FEW and followed.recall < self.settings.min_recall:
                code = "quantities_missing"
        score = round(followed.recall, 4)
        return Verdict(self.name, keep=not code, code=code, score=score, evidence=tuple(evidence[:MAX_EVIDENCE]))


def _evidence(found: Finding, record: Record, extract: Extract) -> Mapping[str, Any]:
    quoted = record.text[found.start : found.end][:MAX_QUOTE]
    evidence: dict[str, Any] = {"text": quoted, "start": found.start, "end": found.end, "code": found.code}
    if found.nearest is not None:
        evidence["source"] = _quoted(found.nearest, extract)
    return evidence


def _left_out(span: tuple[int, int], extract: Extract) -> Mapping[str, Any]:
    return {"code": "quantity_missing", "source": _quoted(span, extract)}


def _quoted(span: tuple[int, int], extract: Extract) -> Mapping[str, Any]:
    start, end = span
    return {"text": extract.text[start:end][:MAX_QUOTE], "start": start, "end": end}

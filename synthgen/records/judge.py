"""Completions to judged records, in plan order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from synthgen.data import Completion, Judged, Record, Request
from synthgen.filters import judge
from synthgen.filters.base import Filter
from synthgen.records.forms import PLAIN, Form
from synthgen.records.options import balanced
from synthgen.records.parse import parse
from synthgen.records.render import render
from synthgen.tokens import Tokenizer
from synthgen.transformations import ask

BATCH = 1024
"""Records whose text is tokenised in one call: enough to keep all cores busy."""


def judge_all(
    answers: Iterable[tuple[Request, Completion]], filters: Sequence[Filter], tokenizer: Tokenizer, form: Form = PLAIN
) -> Iterator[Judged]:
    """The records of all `answers`, judged, in their order.

    The right options of multiple-choice questions are spread over the letters first (`records.options`). What is judged
    is the plain text, and what is counted in tokens the training text, which has the `form`.
    """
    iterator = iter(answers)
    while batch := list(islice(iterator, BATCH)):
        yield from _judge_batch(batch, filters, tokenizer, form)


def usable(request: Request, completion: Completion, filters: Sequence[Filter]) -> bool:
    """Whether a completion passes the decisive filters: a quick look while others are still on their way."""
    decisive = [one for one in filters if one.decisive]
    return _verdict(make_record(request, completion), request, completion, decisive).outcome == "kept"


def make_record(request: Request, completion: Completion) -> Record:
    """The record that a completion holds: parsed and rendered where that is possible, its tokens not counted."""
    transformation = request.transformation
    record = Record(
        record_id=request.request_id,
        extract_id=request.extract.extract_id,
        transformation=transformation.name,
        version=transformation.version,
        kind=transformation.kind,
        teacher=request.teacher,
        sample=request.sample,
        raw=completion.text,
        finish_reason=completion.finish_reason,
    )
    if not completion.answered:
        return record
    parsed = parse(completion.text, transformation)
    if parsed.content is None:
        return replace(record, parse_error=parsed.error)
    asked = ask(transformation, request.extract, request.sample)
    return replace(record, content=parsed.content, text=render(parsed.content, transformation.kind), ask=asked)


def _judge_batch(
    batch: Sequence[tuple[Request, Completion]], filters: Sequence[Filter], tokenizer: Tokenizer, form: Form
) -> Iterator[Judged]:
    records = [balanced(make_record(request, completion), request.extract) for request, completion in batch]
    lengths = map(len, tokenizer.encode_batch([form.render(record).text for record in records]))
    for (request, completion), record, tokens in zip(batch, records, lengths, strict=True):
        yield _verdict(replace(record, tokens=tokens), request, completion, filters)


def _verdict(record: Record, request: Request, completion: Completion, filters: Sequence[Filter]) -> Judged:
    if completion.error is not None:
        return Judged(record, "failed", code=completion.error.code)
    verdicts = judge(record, request.extract, filters)
    rejecting = next((verdict for verdict in verdicts if not verdict.keep), None)
    if rejecting is None:
        return Judged(record, "kept", verdicts=verdicts)
    return Judged(record, "rejected", code=rejecting.code, verdicts=verdicts)

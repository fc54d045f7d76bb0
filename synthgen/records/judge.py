"""Completions to judged records, in plan order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import NamedTuple

from synthgen.data import Completion, Extract, Judged, Record, Request
from synthgen.filters import judge
from synthgen.filters.base import Filter
from synthgen.records.forms import PLAIN, Form
from synthgen.records.options import balanced
from synthgen.records.parse import parse
from synthgen.records.render import render
from synthgen.tokens import Tokenizer
from synthgen.transformations import ask
from synthgen.workers import map_ordered

BATCH = 512
"""Records whose text is tokenised in one call, and judged by one process: enough to keep it busy for seconds."""


class Answered(NamedTuple):
    """A record, its tokens counted, with what its verdict hangs on: its extract, and the code of a failed request."""

    record: Record
    extract: Extract
    failed: str


def judge_all(
    answers: Iterable[tuple[Request, Completion]],
    filters: Sequence[Filter],
    tokenizer: Tokenizer,
    form: Form = PLAIN,
    processes: int = 1,
) -> Iterator[Judged]:
    """The records of all `answers`, judged, in their order.

    The right options of multiple-choice questions are spread over the letters first (`records.options`). What is judged
    is the plain text, and what is counted in tokens the training text, which has the `form`. Many answers are judged in
    `processes` others, unless a filter must stay in one. Raises SynthgenError if a process dies.
    """
    batches = _batches(answers, tokenizer, form)
    shared = 1 if any(one.alone for one in filters) else processes
    for judged in map_ordered(partial(_judge_batch, filters), batches, shared):
        yield from judged


def usable(request: Request, completion: Completion, filters: Sequence[Filter]) -> bool:
    """Whether a completion passes the decisive filters: a quick look while others are still on their way."""
    decisive = [one for one in filters if one.decisive]
    return _judged(_answered(make_record(request, completion), request, completion), decisive).outcome == "kept"


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


def _batches(
    answers: Iterable[tuple[Request, Completion]], tokenizer: Tokenizer, form: Form
) -> Iterator[Sequence[Answered]]:
    iterator = iter(answers)
    while batch := list(islice(iterator, BATCH)):
        records = [balanced(make_record(request, completion), request.extract) for request, completion in batch]
        lengths = map(len, tokenizer.encode_batch([form.render(record).text for record in records]))
        yield [
            _answered(replace(record, tokens=tokens), request, completion)
            for (request, completion), record, tokens in zip(batch, records, lengths, strict=True)
        ]


def _answered(record: Record, request: Request, completion: Completion) -> Answered:
    return Answered(record, request.extract, completion.error.code if completion.error else "")


def _judge_batch(filters: Sequence[Filter], batch: Sequence[Answered]) -> list[Judged]:
    return [_judged(one, filters) for one in batch]


def _judged(answered: Answered, filters: Sequence[Filter]) -> Judged:
    record, extract, failed = answered
    if failed:
        return Judged(record, "failed", code=failed)
    verdicts = judge(record, extract, filters)
    rejecting = next((verdict for verdict in verdicts if not verdict.keep), None)
    if rejecting is None:
        return Judged(record, "kept", verdicts=verdicts)
    return Judged(record, "rejected", code=rejecting.code, verdicts=verdicts)

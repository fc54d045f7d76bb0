"""Answers are judged in several processes as they are in one, and in their order."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

import pytest

import synthgen.records.judge
from synthgen.data import Completion, CompletionError, Extract, Judged, Record, Request, Verdict
from synthgen.filters import build_filters
from synthgen.filters.base import Filter
from synthgen.recipe import FilterSettings
from synthgen.records.judge import judge_all
from synthgen.tokens import load_tokenizer
from synthgen.transformations import load_transformations

DISTILL = load_transformations()["distill"]
COUNT = 40


class Here(Filter):
    """Tells the process that it judges in."""

    name = "here"

    def check(self, record: Record, extract: Extract) -> Verdict:
        return Verdict(self.name, keep=True, score=float(os.getpid()))


class Alone(Here):
    alone = True


def answers() -> Iterator[tuple[Request, Completion]]:
    for number in range(COUNT):
        text = f"Offer metformin {number} mg twice daily to adults with diabetes, and check the kidneys every year."
        request = Request(f"{number:064x}", Extract("d", 0, len(text), text, 20), DISTILL, "teacher", 0, {})
        said = text if number % 3 else text.replace(" mg", " g")
        error = CompletionError("retryable", "timeout", "no answer in time") if number % 7 == 6 else None
        yield request, Completion("", "" if error else said, "stop", error=error)


def judged(filters: Sequence[Filter], processes: int) -> list[Judged]:
    return list(judge_all(answers(), filters, load_tokenizer("mistral-7b-v0.1"), processes=processes))


def judging(kind: type[Filter]) -> set[float | None]:
    """The processes in which a filter of this kind judged."""
    return {one.verdicts[0].score for one in judged([kind(FilterSettings())], 3) if one.verdicts}


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(synthgen.records.judge, "BATCH", 8)


def test_many_processes_judge_like_one_and_in_order() -> None:
    filters = build_filters({})
    many = judged(filters, 3)
    assert many == judged(filters, 1)
    assert [one.record.record_id for one in many] == [f"{number:064x}" for number in range(COUNT)]
    assert {one.outcome for one in many} == {"kept", "rejected", "failed"}


def test_a_filter_that_must_stay_in_one_process_keeps_all_in_this_one() -> None:
    assert judging(Alone) == {float(os.getpid())}
    assert float(os.getpid()) not in judging(Here)

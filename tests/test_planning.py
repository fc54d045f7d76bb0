"""The plan: deterministic, lazy, each request once."""

from __future__ import annotations

import math
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthgen.data import Extract
from synthgen.emphasis import emphasis
from synthgen.planning import Plan, Shard, Supply, Teacher, paced, request_id
from synthgen.recipe import PlanSettings, TeacherSettings
from synthgen.transformations import load_transformations

LIBRARY = load_transformations()
CHOSEN = ("distill", "faq", "knowledge_list", "vignette_mcq")
EXTRACTS = [
    Extract(doc_id=f"{n:012x}", start=0, end=9, text=f"Give {n} mg of drug {n}.", tokens=300, headings=("Dose",))
    for n in range(60)
]


LENGTHS = (1, 1, 1, 1, 4, 9, 25)
UNEVEN = [
    Extract(f"{document:012x}", n, n + 9, f"Give {n} mg of drug {document}.", tokens=200 + n)
    for document, length in enumerate(LENGTHS)
    for n in range(length)
]
"""The extracts of documents of very different lengths."""


def a_teacher(name: str, weight: float = 1.0) -> Teacher:
    data = TeacherSettings(backend="fake", name=name, weight=weight)
    return Teacher(data, {"backend": "fake", "name": name}, local=False)


def a_plan(teachers: dict[str, float] | None = None, rounds: float = 1.0, **weights: float) -> Plan:
    chosen = weights or dict.fromkeys(CHOSEN, 1.0)
    return Plan(
        lambda: EXTRACTS,
        {name: LIBRARY[name] for name in chosen},
        chosen,
        {name: a_teacher(name, weight) for name, weight in (teachers or {"t": 1.0}).items()},
        rounds,
    )


def test_a_plan_is_the_same_each_time_and_keeps_the_requests_of_an_extract_together() -> None:
    plan = a_plan()
    requests = list(plan)
    assert [request.request_id for request in plan] == [request.request_id for request in requests]
    assert [request.extract for request in requests] == [extract for extract in EXTRACTS for _ in CHOSEN]
    assert len({request.request_id for request in requests}) == len(requests) == 60 * 4


def test_extracts_with_the_same_text_share_their_requests() -> None:
    twin = replace(EXTRACTS[0], doc_id="f" * 12)
    plan = replace(a_plan(faq=1.0), extracts=lambda: [*EXTRACTS, twin])
    assert [request.extract for request in plan] == EXTRACTS


def test_no_extract_is_used_twice_before_all_were_used_once() -> None:
    for rounds in (0.3, 1.0, 2.5):
        used = Counter(request.extract.doc_id for request in a_plan(rounds=rounds, faq=1.0))
        counts = {used[extract.doc_id] for extract in EXTRACTS}
        assert max(counts) - min(counts) <= 1
        assert used.total() == pytest.approx(60 * rounds, abs=12)


def test_weights_are_shares_of_samples() -> None:
    used = Counter(request.transformation.name for request in a_plan(rounds=4, faq=1.0, distill=0.5))
    assert used == {"faq": 240, "distill": 120}


def test_more_rounds_only_add_requests() -> None:
    small = {request.request_id for request in a_plan(rounds=1.3)}
    assert small < {request.request_id for request in a_plan(rounds=2.6)}


def test_a_new_teacher_takes_its_share_and_moves_nothing_else() -> None:
    before = {(r.extract.doc_id, r.transformation.name): r.teacher for r in a_plan({"a": 2.0, "b": 1.0})}
    after = {(r.extract.doc_id, r.transformation.name): r.teacher for r in a_plan({"a": 2.0, "b": 1.0, "c": 1.0})}
    assert Counter(before.values())["a"] == pytest.approx(160, abs=25)
    moved = {key for key in before if before[key] != after[key]}
    assert {after[key] for key in moved} == {"c"}
    assert len(moved) == pytest.approx(60, abs=20)


def test_a_request_id_changes_with_what_changes_the_answer_and_nothing_else() -> None:
    base = request_id({"model": "m", "temperature": 0.5}, {"backend": "x"}, 0)
    assert base == request_id({"temperature": 0.5, "model": "m"}, {"backend": "x"}, 0)
    others: list[tuple[dict[str, object], str, int]] = [({"model": "n", "temperature": 0.5}, "x", 0)]
    others += [({"model": "m"}, "x", 0)]
    others += [({"model": "m", "temperature": 0.5}, "y", 0), ({"model": "m", "temperature": 0.5}, "x", 1)]
    assert base not in {request_id(payload, {"backend": name}, sample) for payload, name, sample in others}


def test_ids_do_not_depend_on_the_process() -> None:
    code = "from synthgen.planning import request_id; print(request_id({'b': 1, 'a': ['é']}, {'x': None}, 3))"
    ids = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(ids) == 1


def test_the_supply_of_source_is_what_the_plan_asks_about() -> None:
    supply = Supply(a_plan(faq=1.0, distill=0.4))
    for rounds in (0.2, 1.0, 1.7, 3.0):
        found: Counter[str] = Counter()
        for request in a_plan(rounds=rounds, faq=1.0, distill=0.4):
            found[request.transformation.name] += request.extract.tokens
        assert supply.tokens(rounds) == found


@given(st.floats(1, 1e7), st.floats(0.01, 5), st.floats(0, 5))
def test_rounds_are_the_fewest_that_make_the_tokens(tokens: float, faq: float, distill: float) -> None:
    supply, yields = Supply(a_plan(faq=1.0, distill=0.4)), {"faq": faq, "distill": distill}

    def made(rounds: float) -> float:
        return sum(yields[name] * given for name, given in supply.tokens(rounds).items())

    rounds = supply.rounds(tokens, yields)
    assert rounds is not None
    assert made(rounds) >= tokens > made(math.nextafter(rounds, 0))


def test_no_rounds_make_anything_of_nothing() -> None:
    assert Supply(a_plan(faq=1.0)).rounds(5, {"faq": 0.0}) is None
    assert Supply(replace(a_plan(faq=1.0), extracts=list)).rounds(5, {"faq": 1.0}) is None


def weighted(rounds: float, extracts: list[Extract] = UNEVEN, **settings: Any) -> Plan:
    """A plan over documents of different lengths, as the recipe's section `plan` has it."""
    counts = emphasis(lambda: extracts, PlanSettings(**settings))
    return replace(a_plan(rounds=rounds, faq=1.0, distill=0.4), extracts=lambda: extracts, emphasis=counts)


def used(plan: Plan, transformation: str = "faq") -> Counter[str]:
    """How often each extract is used."""
    requests = (request for request in plan if request.transformation.name == transformation)
    return Counter(request.extract.extract_id for request in requests)


@given(st.floats(0, 8), st.floats(0, 8), st.floats(0.01, 30))
def test_what_an_extract_gets_grows_with_the_rounds_and_is_one_after_the_first(
    one: float, other: float, emphasis: float
) -> None:
    assert paced(min(one, other), emphasis) <= paced(max(one, other), emphasis)
    assert (paced(one, emphasis) < 1) <= (one < 1)
    assert (paced(one, emphasis) > 1) <= (one > 1)
    assert paced(one, 1.0) == pytest.approx(one)


@settings(deadline=None, max_examples=30)
@given(st.floats(0.05, 3), st.sampled_from(["sqrt", "length"]))
def test_no_extract_is_used_twice_before_all_were_used_once_whatever_they_count(rounds: float, documents: str) -> None:
    for name in ("faq", "distill"):
        counts = used(weighted(rounds, documents=documents), name)
        if max(counts.values(), default=0) > 1:
            assert counts.keys() == {extract.extract_id for extract in UNEVEN}


def share_of_the_longest(plan: Plan) -> float:
    """The share of the requests that fall to the longest document."""
    documents = Counter(request.extract.doc_id for request in plan)
    return documents[f"{len(LENGTHS) - 1:012x}"] / documents.total()


@pytest.mark.parametrize("rounds", [0.3, 8.0])
def test_a_long_document_counts_as_the_square_root_of_its_length(rounds: float) -> None:
    """In the first round that holds for the odds, and from the second on for the samples."""
    many = [
        replace(one, doc_id=f"{copy}-{one.doc_id}", text=f"{one.text} {copy}") for copy in range(30) for one in UNEVEN
    ]
    totals = Counter[int]()
    for request in weighted(rounds, many):
        totals[LENGTHS[int(request.extract.doc_id.partition("-")[2], 16)]] += 1
    a_document = {length: count / LENGTHS.count(length) for length, count in totals.items()}
    assert a_document[25] / a_document[1] < 10
    assert share_of_the_longest(weighted(rounds, documents="sqrt")) < share_of_the_longest(
        weighted(rounds, documents="length")
    )


def test_other_documents_change_little_in_what_one_gets() -> None:
    short = [extract for extract in UNEVEN if int(extract.doc_id, 16) < 5]
    for rounds in (0.4, 1.0, 2.7):
        few, many = ({request.request_id for request in weighted(rounds, part)} for part in (short, UNEVEN))
        assert len(few & many) >= 0.8 * len(few)


def test_transformations_keep_their_weights_whatever_the_extracts_count() -> None:
    many = [
        replace(one, doc_id=f"{copy}-{one.doc_id}", text=f"{one.text} {copy}") for copy in range(30) for one in UNEVEN
    ]
    faq, distill = (used(weighted(1.0, many), name).total() for name in ("faq", "distill"))
    assert distill / faq == pytest.approx(0.4, rel=0.15)


def test_more_rounds_only_add_requests_whatever_the_extracts_count() -> None:
    plans = [{request.request_id for request in weighted(rounds)} for rounds in (0.2, 0.9, 1.0, 1.7, 3.2)]
    assert all(few < more for few, more in pairwise(plans))


def test_a_part_of_the_plan_is_what_it_would_be_in_the_whole() -> None:
    whole = {request.request_id for request in weighted(1.6)}
    parts = [{request.request_id for request in weighted(1.6).part(Shard(number, 3))} for number in (1, 2, 3)]
    assert set.union(*parts) == whole
    assert sum(map(len, parts)) == len(whole)


@settings(deadline=None, max_examples=30)
@given(st.floats(0.01, 4), st.sampled_from(["sqrt", "length"]))
def test_the_supply_follows_what_the_extracts_count(rounds: float, documents: str) -> None:
    plan = weighted(rounds, documents=documents)
    found: Counter[str] = Counter()
    for request in plan:
        found[request.transformation.name] += request.extract.tokens
    assert Supply(plan).tokens(rounds) == {"faq": found["faq"], "distill": found["distill"]}


def test_a_topic_with_a_weight_comes_first_and_then_gets_more() -> None:
    many = [
        replace(one, doc_id=f"{copy:x}{one.doc_id}", text=f"{one.text} {copy}") for copy in range(9) for one in EXTRACTS
    ]
    heart = [replace(one, text=f"Myocardial infarction and heart failure: {one.text}") for one in many[::2]]
    skin = [replace(one, text=f"Eczema and psoriasis of the skin: {one.text}") for one in many[1::2]]
    ids = {extract.extract_id for extract in heart}
    for rounds, expected in ((0.3, 0.69), (9.0, 0.74)):
        counts = used(weighted(rounds, [*heart, *skin], documents="length", topics={"cardiovascular": 3.0}))
        on_the_heart = sum(count for extract_id, count in counts.items() if extract_id in ids)
        assert on_the_heart / counts.total() == pytest.approx(expected, abs=0.08)

"""The plan: deterministic, lazy, each request once."""

from __future__ import annotations

import math
import subprocess
import sys
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthgen.data import Extract
from synthgen.planning import Plan, Supply, Teacher, request_id
from synthgen.recipe import TeacherSettings
from synthgen.transformations import load_transformations

LIBRARY = load_transformations()
CHOSEN = ("distill", "faq", "knowledge_list", "vignette_mcq")
EXTRACTS = [
    Extract(doc_id=f"{n:012x}", start=0, end=9, text=f"Give {n} mg of drug {n}.", tokens=300, headings=("Dose",))
    for n in range(60)
]


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

"""The library of transformations: each has an answer of our own over one span of an example, and what becomes of it.

The answers stand in `examples/answers/`, the rendered records in `tests/golden/records/`, which
`python tests/test_library.py` writes anew.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from synthgen.data import Completion, Extract, Record, Request, Verdict
from synthgen.filters import build_filters, judge
from synthgen.records.judge import make_record
from synthgen.transformations import load_transformations

ROOT = Path(__file__).parents[1]
LIBRARY = load_transformations()
GOLDEN = ROOT / "tests" / "golden" / "records"
GUIDELINE = ROOT / "examples" / "guidelines" / "gout.md"
BEGIN, END = "### Colchicine: the limits matter", "## Who should have long-term treatment"


def the_extract() -> Extract:
    """The span of the guideline that the answers are about."""
    text = GUIDELINE.read_text("utf-8")
    start, end = text.index(BEGIN), text.index(END)
    title = "Gout: flares and lowering urate"
    return Extract("gout", start, end, text[start:end], 800, title, (title, "Treating a flare"))


def answer(name: str) -> str:
    suffix = "txt" if LIBRARY[name].schema is None else "json"
    return (ROOT / "examples" / "answers" / f"{name}.{suffix}").read_text("utf-8").strip()


def record(name: str, text: str) -> Record:
    request = Request("0" * 64, the_extract(), LIBRARY[name], "teacher", 0, {})
    return make_record(request, Completion(request.request_id, text, "stop"))


def test_the_library_is_as_large_as_it_says() -> None:
    assert len(LIBRARY) >= 15
    assert {transformation.kind for transformation in LIBRARY.values()} == {"text", "qa", "mcq", "dialogue"}
    assert all(transformation.summary and transformation.evidence for transformation in LIBRARY.values())


@pytest.mark.parametrize("name", LIBRARY)
def test_each_has_an_example_that_is_rendered_as_it_should(name: str) -> None:
    made = record(name, answer(name))
    assert made.parse_error is None
    assert made.text == (GOLDEN / f"{name}.txt").read_text("utf-8").rstrip("\n")


BROKEN: dict[str, Callable[[str], str]] = {
    "in a code fence": lambda text: f"```json\n{text}\n```",
    "after a preamble": lambda text: f"Here is the JSON you asked for:\n\n{text}",
    "before a closing remark": lambda text: f"{text}\n\nLet me know if you need more.",
    "after thoughts": lambda text: f"<think>Colchicine {{ has }} limits.</think>\n{text}",
    "with a trailing comma": lambda text: text.rstrip()[:-1].rstrip() + ",}",
    "with typographic spaces around": lambda text: f"\ufeff\n {text} \u200b\n",
}
"""Forms in which models really send JSON; each holds the same answer."""


@pytest.mark.parametrize("form", BROKEN)
@pytest.mark.parametrize("name", [name for name in LIBRARY if LIBRARY[name].schema])
def test_the_answer_is_found_in_the_forms_that_models_send(name: str, form: str) -> None:
    assert record(name, BROKEN[form](answer(name))).content == json.loads(answer(name))


@pytest.mark.parametrize("name", [name for name in LIBRARY if LIBRARY[name].schema])
def test_an_answer_that_was_cut_off_is_never_mended(name: str) -> None:
    whole = answer(name)
    for share in (0.3, 0.6, 0.99):
        assert record(name, whole[: int(len(whole) * share)]).parse_error


def rejections(name: str, text: str) -> list[Verdict]:
    verdicts = judge(record(name, text), the_extract(), build_filters({}))
    return [verdict for verdict in verdicts if not verdict.keep]


@pytest.mark.parametrize("name", LIBRARY)
def test_all_filters_keep_an_honest_answer(name: str) -> None:
    assert rejections(name, answer(name)) == []


CHANGED: dict[str, tuple[str, str, str, str]] = {
    "a wrong division": ("calculation", "3000 ÷ 1000 = 3", "3000 ÷ 1000 = 4", "number_not_in_source"),
    "a wrong product": (
        "calculation",
        "are 1000 micrograms a day",
        "are 1500 micrograms a day",
        "number_not_in_source",
    ),
    "a wrong conversion": (
        "calculation",
        "which is 3000 micrograms",
        "which is 300 micrograms",
        "number_not_in_source",
    ),
    "a rule's number in a calculation": ("calculation", "maximum of 3 mg, which", "maximum of 4 mg, which", ""),
    "a rule's number in a question": (
        "counterfactual_qa",
        "> 50 mL/min would",
        "> 60 mL/min would",
        "number_not_in_source",
    ),
    "a rule's number in a task": ("instruction", "≥ 20 % in 24 hours", "≥ 30 % in 24 hours", "number_not_in_source"),
    "a value that the knowing side brings": (
        "dialogue",
        "Then that is too much.",
        "With 35 mL/min that is too much.",
        "number_not_in_source",
    ),
    "a rule's number of the knowing side": ("dialogue", "maximum of 3 mg", "maximum of 5 mg", "number_not_in_source"),
    "a wait that became shorter": ("knowledge_list", "wait ≥ 3 days", "wait ≥ 2 days", ""),
    "a wait that became a limit": (
        "encyclopedic",
        "follows after ≥ 3 days",
        "follows within 3 days",
        "comparator_changed",
    ),
    "a ban that became a permission": (
        "encyclopedic",
        "is to be avoided in people",
        "is possible in people",
        "negation_changed",
    ),
    "a combination that is allowed": (
        "dialogue",
        "combination is forbidden",
        "combination is usual",
        "negation_changed",
    ),
    "a dropped not": ("faq", "Not in a person with kidney", "Yes, in a person with kidney", "negation_changed"),
}
"""Changes in the answers, of one place each, and the code of what must be found."""


@pytest.mark.parametrize("change", CHANGED)
def test_what_honest_answers_may_say_hides_no_change(change: str) -> None:
    name, said, instead, code = CHANGED[change]
    text = answer(name)
    assert said in text
    codes = {
        found.get("code", verdict.code)
        for verdict in rejections(name, text.replace(said, instead))
        for found in verdict.evidence
    }
    assert codes if not code else code in codes


if __name__ == "__main__":
    GOLDEN.mkdir(parents=True, exist_ok=True)
    for each in LIBRARY:
        (GOLDEN / f"{each}.txt").write_text(record(each, answer(each)).text + "\n", encoding="utf-8")

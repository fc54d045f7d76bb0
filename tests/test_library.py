"""The library of transformations: each has an answer of our own over one span of an example, and what becomes of it.

The answers stand in `examples/answers/`, the rendered records in `tests/golden/records/`, which
`python tests/test_library.py` writes anew.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from synthgen.data import Completion, Extract, Record, Request
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


if __name__ == "__main__":
    GOLDEN.mkdir(parents=True, exist_ok=True)
    for each in LIBRARY:
        (GOLDEN / f"{each}.txt").write_text(record(each, answer(each)).text + "\n", encoding="utf-8")

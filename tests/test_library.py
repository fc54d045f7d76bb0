"""The library of transformations: each has an answer of our own over one span of an example, and what becomes of it.

The answers stand in `examples/answers/`, the rendered records in `tests/golden/records/`, and one of each kind in each
form of training text in `tests/golden/forms/`; `python tests/test_library.py` writes both anew.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from synthgen.data import Completion, Extract, Record, Request, Verdict
from synthgen.filters import build_filters, judge
from synthgen.records.forms import Form
from synthgen.records.judge import make_record
from synthgen.tokens import EOS_MARK
from synthgen.transformations import load_transformations

ROOT = Path(__file__).parents[1]
LIBRARY = load_transformations()
GOLDEN = ROOT / "tests" / "golden" / "records"
FORMS = ROOT / "tests" / "golden" / "forms"
OF_EACH_KIND = ("distill", "faq", "vignette_mcq", "dialogue")
CHATML = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}"
    "{% endfor %}"
)
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


def shown(form: str, name: str) -> str:
    """The training text of an example, with brackets around what is learned and words for the marks."""
    rendered = Form(form, CHATML if form == "chat" else "").render(record(name, answer(name)))
    text = rendered.text
    for start, end in reversed(rendered.learned):
        text = f"{text[:start]}⟦{text[start:end]}⟧{text[end:]}"
    return text.replace(EOS_MARK, "</s>")


@pytest.mark.parametrize("form", ["plain", "alpaca", "chat"])
@pytest.mark.parametrize("name", OF_EACH_KIND)
def test_each_kind_has_the_training_text_of_each_form(name: str, form: str) -> None:
    assert shown(form, name) == (FORMS / f"{name}.{form}.txt").read_text("utf-8").rstrip("\n")


BROKEN: dict[str, Callable[[str], str]] = {
    "in a code fence": lambda text: f"```json\n{text}\n```",
    "after a preamble": lambda text: f"Here is the JSON you asked for:\n\n{text}",
    "before a closing remark": lambda text: f"{text}\n\nLet me know if you need more.",
    "after thoughts": lambda text: f"<think>Colchicine {{ has }} limits.</think>\n{text}",
    "with a trailing comma": lambda text: text.rstrip()[:-1].rstrip() + ",}",
    "with typographic spaces around": lambda text: f"\ufeff\n {text} \u200b\n",
    "after steps that name sets": lambda text: f"Step 1: {{dose, limit}} and [1] are read.\n```json\n{text}\n```",
    "twice the same": lambda text: f"{text}\n\n```json\n{text}\n```",
    "with carriage returns": lambda text: text.replace("\n", "\r\n"),
    "with escaped slashes": lambda text: text.replace("/", "\\/"),
}
"""Forms in which models really send JSON; each holds the same answer."""

WRAPPED: dict[str, Callable[[str], str]] = {
    "in a code fence": lambda text: f"```\n{text}\n```",
    "in a fence that says Markdown": lambda text: f"```markdown\n{text}\n```\n",
    "after thoughts": lambda text: f"<think>\nColchicine has limits.\n</think>\n\n{text}",
    "after thoughts whose beginning is gone": lambda text: f"Colchicine has limits.\n</think>\n{text}",
    "with typographic spaces around": lambda text: f"\ufeff\n{text}\u00a0\u200b\n",
}
"""Forms in which models really send plain text; each holds the same answer."""

UNUSABLE: dict[str, str] = {
    "a content filter's notice": "The response was filtered because the prompt triggered the content management policy "
    "of the service. Please change your prompt and try again.",
    "a connection error": "Error communicating with the server: ('Connection aborted.', ConnectionResetError(104))",
    "a timeout": "Request timed out: HTTPSConnectionPool(host='teacher', port=443): Read timed out. (read timeout=600)",
    "a refusal": "I'm sorry, but I cannot help with that. Please ask a health care professional.",
    "a question back": "Could you please send me the extract of the guideline that you would like me to transform?",
    "thoughts without an end": "<think>\nThe extract is about colchicine, so I will begin with its limits.",
    "a key without its letter": "'content'",
    "a promise": "Sure! I will now write what you asked for, in the form that you described. One moment please.",
}
"""What servers and models really send in place of an answer."""


@pytest.mark.parametrize("form", BROKEN)
@pytest.mark.parametrize("name", [name for name in LIBRARY if LIBRARY[name].schema])
def test_the_answer_is_found_in_the_forms_that_models_send(name: str, form: str) -> None:
    assert record(name, BROKEN[form](answer(name))).content == json.loads(answer(name))


@pytest.mark.parametrize("form", WRAPPED)
@pytest.mark.parametrize("name", [name for name in LIBRARY if not LIBRARY[name].schema])
def test_the_text_is_found_in_the_forms_that_models_send(name: str, form: str) -> None:
    assert record(name, WRAPPED[form](answer(name))).content == {"text": answer(name)}


@pytest.mark.parametrize("what", UNUSABLE)
@pytest.mark.parametrize("name", LIBRARY)
def test_what_comes_in_place_of_an_answer_is_never_kept(name: str, what: str) -> None:
    assert rejections(name, UNUSABLE[what])


@pytest.mark.parametrize(
    "words",
    [" According to the passage, this is so.", " The extract does not say more.", " See the text above for the rest."],
)
@pytest.mark.parametrize("name", LIBRARY)
def test_an_answer_that_points_at_its_source_is_not_kept(name: str, words: str) -> None:
    whole = answer(name)
    end = whole.rindex('."') + 1 if LIBRARY[name].schema else len(whole)
    codes = [verdict.code for verdict in rejections(name, whole[:end] + words + whole[end:])]
    assert "refers_to_source" in codes


@pytest.mark.parametrize("name", LIBRARY)
def test_an_answer_that_the_teacher_did_not_finish_is_not_kept(name: str) -> None:
    cut = Completion("", answer(name)[:-40], "length")
    made = make_record(Request("0" * 64, the_extract(), LIBRARY[name], "teacher", 0, {}), cut)
    assert any(not verdict.keep for verdict in judge(made, the_extract(), build_filters({})))


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
    FORMS.mkdir(parents=True, exist_ok=True)
    for each in OF_EACH_KIND:
        for form in ("plain", "alpaca", "chat"):
            (FORMS / f"{each}.{form}.txt").write_text(shown(form, each) + "\n", encoding="utf-8")

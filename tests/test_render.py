"""The plain text of each kind, and the forms of training text made from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from synthgen.data import Kind, Record
from synthgen.errors import RecipeError
from synthgen.recipe import Recipe, RenderSettings
from synthgen.records.exchanges import messages
from synthgen.records.forms import PLAIN, Form, Rendered, make_form
from synthgen.records.render import render
from synthgen.settings import validated
from synthgen.tokens import BOS_MARK, EOS_MARK, load_tokenizer

PAIRS = {
    "pairs": [
        {"question": " What is the dose?\n", "answer": "5 mg."},
        {"question": "How often?", "answer": "Twice daily:\n- morning\n- evening"},
    ]
}
ITEM = {
    "vignette": "A 54-year-old man has had a cough for two weeks.",
    "question": "What is the best next step?",
    "options": ["Chest radiograph", "Bronchoscopy"],
    "answer": "B",
    "explanation": "Bronchoscopy is recommended after two weeks.",
}
TURNS = {"turns": [{"speaker": "Doctor", "text": "How are you?"}, {"speaker": "Patient ", "text": " Better."}]}
ALPACA = Form("alpaca")
CHATML = (
    "{% for message in messages %}\n"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}"
    "{% endfor %}\n"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
BRACKETS = (
    "{{ bos_token }}{% for message in messages %}"
    "{% if (message.role == 'user') != (loop.index0 is even) %}{{ raise_exception('not in turn') }}{% endif %}"
    "{% if message.role == 'user' %}[INST] {{ message.content | trim }} [/INST]"
    "{% else %} {{ message.content }}{{ eos_token }}{% endif %}{% endfor %}"
)


def record(content: Mapping[str, Any] | None, kind: Kind, ask: str = "") -> Record:
    text = "" if content is None else render(content, kind)
    return Record("r", "d:0-9", "t", 1, kind, "teacher", 0, "raw", "stop", content, text=text, ask=ask)


def learned(rendered: Rendered) -> list[str]:
    return [rendered.text[start:end] for start, end in rendered.learned]


def test_text_is_itself() -> None:
    assert render({"text": "- Give 5 mg.\n- Stop."}, "text") == "- Give 5 mg.\n- Stop."


def test_pairs_are_labelled_blocks() -> None:
    assert render(PAIRS, "qa") == (
        "Question: What is the dose?\nAnswer: 5 mg.\n\nQuestion: How often?\nAnswer: Twice daily:\n- morning\n- evening"
    )


def test_multiple_choice_letters_its_options_and_repeats_the_right_one() -> None:
    assert render(ITEM, "mcq") == (
        "A 54-year-old man has had a cough for two weeks.\n"
        "\n"
        "What is the best next step?\n"
        "\n"
        "A. Chest radiograph\n"
        "B. Bronchoscopy\n"
        "\n"
        "Answer: B. Bronchoscopy\n"
        "\n"
        "Explanation: Bronchoscopy is recommended after two weeks."
    )


def test_a_dialogue_is_one_line_a_turn() -> None:
    assert render(TURNS, "dialogue") == "Doctor: How are you?\nPatient: Better."


@pytest.mark.parametrize(("content", "kind"), [(PAIRS, "qa"), (ITEM, "mcq"), (TURNS, "dialogue")])
def test_the_plain_form_is_the_judged_text_and_all_of_it_is_learned(content: Mapping[str, Any], kind: Kind) -> None:
    made = record(content, kind)
    assert PLAIN.render(made) == Rendered(made.text)


def test_a_record_without_content_has_no_training_text() -> None:
    for form in (PLAIN, ALPACA, Form("chat", CHATML)):
        assert form.render(record(None, "qa")) == Rendered("")


def test_alpaca_has_an_instruction_for_each_answer_and_ends_each_but_the_last() -> None:
    rendered = ALPACA.render(record(PAIRS, "qa"))
    assert rendered.text == (
        "### Instruction:\nWhat is the dose?\n\n### Response:\n5 mg."
        f"{EOS_MARK}\n\n"
        "### Instruction:\nHow often?\n\n### Response:\nTwice daily:\n- morning\n- evening"
    )
    assert learned(rendered) == [f"5 mg.{EOS_MARK}", "Twice daily:\n- morning\n- evening"]


def test_alpaca_asks_a_multiple_choice_question_with_its_options() -> None:
    rendered = ALPACA.render(record(ITEM, "mcq"))
    assert learned(rendered) == ["B. Bronchoscopy\n\nBronchoscopy is recommended after two weeks."]
    assert rendered.text == (
        "### Instruction:\nA 54-year-old man has had a cough for two weeks.\n\nWhat is the best next step?\n\n"
        "A. Chest radiograph\nB. Bronchoscopy\n\n### Response:\n" + learned(rendered)[0]
    )


@pytest.mark.parametrize(("content", "kind"), [({"text": "Give 5 mg."}, "text"), (TURNS, "dialogue")])
def test_a_text_answers_the_instruction_that_it_was_given(content: Mapping[str, Any], kind: Kind) -> None:
    made = record(content, kind, ask="Write about dosing.")
    rendered = ALPACA.render(made)
    assert rendered.text == f"### Instruction:\nWrite about dosing.\n\n### Response:\n{made.text}"
    assert learned(rendered) == [made.text]
    assert messages(made) == [
        {"role": "user", "content": "Write about dosing."},
        {"role": "assistant", "content": made.text},
    ]


def test_a_chat_template_makes_the_text_and_an_answer_is_learned_with_the_end_of_its_turn() -> None:
    rendered = Form("chat", CHATML).render(record(PAIRS, "qa"))
    assert rendered.text == (
        "<|im_start|>user\nWhat is the dose?<|im_end|>\n<|im_start|>assistant\n5 mg.<|im_end|>\n"
        "<|im_start|>user\nHow often?<|im_end|>\n"
        "<|im_start|>assistant\nTwice daily:\n- morning\n- evening<|im_end|>"
    )
    assert learned(rendered) == ["5 mg.<|im_end|>", "Twice daily:\n- morning\n- evening<|im_end|>"]


@pytest.mark.parametrize("template", [BRACKETS, BRACKETS.replace("{{ eos_token }}", "</s>")])
def test_tokens_that_a_template_writes_stand_once_and_only_within_the_text(template: str) -> None:
    rendered = Form("chat", template).render(record(PAIRS, "qa"))
    assert rendered.text == (
        f"[INST] What is the dose? [/INST] 5 mg.{EOS_MARK}[INST] How often? [/INST] Twice daily:\n- morning\n- evening"
    )
    assert learned(rendered) == [f"5 mg.{EOS_MARK}", "Twice daily:\n- morning\n- evening"]


def test_marks_become_the_tokens_that_they_stand_for() -> None:
    tokenizer = load_tokenizer("mistral-7b-v0.1")
    text = f"[INST] a [/INST] b{EOS_MARK}{BOS_MARK}[INST] c [/INST]  d{EOS_MARK} e"
    ids = tokenizer.encode(text)
    assert ids.count(tokenizer.eos_id) == 2
    assert ids.count(tokenizer.bos_id) == 1
    assert tokenizer.decode(ids) == text
    assert tokenizer.encode_batch([text, "plain"]) == [ids, tokenizer.encode("plain")]
    # A document that spells a token writes characters.
    assert tokenizer.eos_id not in tokenizer.encode("a</s>b")
    spans = tokenizer.offsets(text)
    assert len(spans) == len(ids)
    assert [text[start:end] for (start, end), number in zip(spans, ids, strict=True) if number < 3] == [
        EOS_MARK,
        BOS_MARK,
        EOS_MARK,
    ]


def test_template_syntax_in_a_document_has_no_effect() -> None:
    hostile = {"pairs": [{"question": "{{ messages }} {% raw %}</s>", "answer": "{{ 7 * 7 }} <|im_end|> {# x #}"}]}
    text = Form("chat", CHATML).render(record(hostile, "qa")).text
    assert "{{ messages }} {% raw %}</s>" in text
    assert "{{ 7 * 7 }} <|im_end|> {# x #}" in text


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{% for message in messages %}", "TemplateSyntaxError"),
        ("{{ raise_exception('only tools') }}", "only tools"),
        ("{{ messages[0].content }}", "does not write each answer once"),
        (
            "{% for m in messages %}{% if m.role == 'assistant' %}{{ m.content }}{% endif %}{% endfor %}",
            "the user says",
        ),
        ("{% for m in messages %}{{ m.content }}{{ m.content }}{% endfor %}", "does not write each answer once"),
        ("{% for m in messages %}{{ m.content | upper }}{% endfor %}", "leaves out what the user says"),
        ("{{ messages.__class__.__mro__ }}{{ ''.__class__.__base__.__subclasses__() }}", "SecurityError"),
        ("{% for m in messages %}{{ m.role.nothing.more }}{{ m.content }}{% endfor %}", "UndefinedError"),
    ],
)
def test_a_template_that_does_not_work_is_named_before_anything_is_read(
    tmp_path: Path, template: str, message: str
) -> None:
    path = tmp_path / "own.jinja"
    path.write_text(template, "utf-8")
    with pytest.raises(RecipeError, match=message) as caught:
        make_form(RenderSettings(form="chat", template=str(path)))
    assert "own.jinja" in str(caught.value)


def test_a_template_that_fails_later_says_nothing_of_the_text() -> None:
    template = BRACKETS.replace(
        "| trim", "| trim if 'dose' not in message.content else raise_exception(message.content)"
    )
    with pytest.raises(RecipeError) as caught:
        Form("chat", template).render(record(PAIRS, "qa"))
    assert "What is" not in str(caught.value)


def test_a_template_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="cannot be read"):
        make_form(RenderSettings(form="chat", template=str(tmp_path / "none.jinja")))


@pytest.mark.parametrize("section", [{"form": "chat"}, {"form": "alpaca", "template": "x.jinja"}])
def test_a_recipe_gives_a_template_with_the_chat_form_only(section: Mapping[str, str]) -> None:
    with pytest.raises(RecipeError, match="must have a template"):
        validated(Recipe, {"render": section}, where="recipe")


@pytest.mark.parametrize("form", ["plain", "alpaca"])
def test_forms_without_a_template_need_nothing(form: Any) -> None:
    assert make_form(RenderSettings(form=form)) == Form(form)


MADE: Mapping[str, Callable[[], Form]] = {"alpaca": lambda: ALPACA, "chat": lambda: Form("chat", CHATML)}


@pytest.mark.parametrize("name", MADE)
def test_what_is_learned_is_what_was_answered(name: str) -> None:
    for content, kind in ((PAIRS, "qa"), (ITEM, "mcq"), (TURNS, "dialogue"), ({"text": "Give 5 mg."}, "text")):
        made = record(content, kind, ask="Write about dosing.")  # type: ignore[arg-type]
        answers = [message["content"] for message in messages(made) if message["role"] == "assistant"]
        found = learned(MADE[name]().render(made))
        assert [one.removesuffix(EOS_MARK).removesuffix("<|im_end|>") for one in found] == answers

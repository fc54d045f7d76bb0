"""Refusals and assistant boilerplate are told apart from clinical text."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from synthgen.data import Extract, Kind, Record, Transformation, Verdict
from synthgen.filters import build_filters

EXTRACT = Extract("d", 0, 9, "Give 5 mg.", 300)
TASK = Transformation("distill", 1, "text", "", "")
FILTERS = {one.name: one for one in build_filters({})}
BODY = "Metformin is the first drug. The dose is 500 mg twice daily."


def check(name: str, text: str, kind: Kind = "text") -> Verdict:
    record = Record("r", "e", "distill", 1, kind, "t", 0, text, "stop", {"text": text}, None, text)
    return FILTERS[name].check(record, EXTRACT)


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't assist with that request.",
        "I’m sorry, but I can’t help with that.",
        "I am sorry, I am unable to provide medical advice.",
        "**I cannot fulfil this request.**",
        "I can not create a vignette from this.",
        "I will not write this.",
        "Unfortunately, I am not able to generate questions from this.",
        "As an AI language model, I cannot provide medical advice.",
        "I must decline to write this.",
        "Apologies, but the provided options are not valid for the question.",
        "I apologize for the confusion.",
        "Sorry, the extract does not contain enough information.",
        "The provided text does not include any clinical recommendations.",
        "The passage appears to be cut off.",
        "The information provided in the documents does not mention this.",
        "This extract lacks clinical content.",
        "Sorry, I can't.",
        "I’m not able to comply with this.",
        "I do not feel comfortable writing this.",
        "I don't have enough information to create a vignette.",
        "It seems that the extract is missing.",
        "It looks like you haven't provided an extract.",
        "I don't see any extract in your message.",
        "The extract contains only a list of references.",
        "There is no text provided.",
        "No extract was provided.",
        "Please provide the extract that you would like me to transform.",
        "Could you please share the full text?",
        "Question: What is the dose?\nAnswer: I'm sorry, but I cannot provide that.",
    ],
)
def test_a_refusal_is_rejected_with_its_words(text: str) -> None:
    verdict = check("refusal", text)
    assert verdict.code == "refusal"
    assert all(text[piece["start"] : piece["end"]] == piece["text"] for piece in verdict.evidence)


@pytest.mark.parametrize(
    "text",
    [
        "Patients who cannot tolerate metformin should receive a sulfonylurea.",
        "HMG-CoA reductase is the rate limiting enzyme of cholesterol synthesis.",
        "Unfortunately, the disease is not curable.",
        "The panel cannot recommend for or against screening.",
        "We cannot recommend for or against routine screening (grade I).",
        "The evidence provided does not support screening.",
        "This document is not intended to define a standard of care.",
        "The content of the stomach is not sterile.",
        "No information was available on pregnancy outcomes.",
        "There is no contraindication to vaccination.",
        "We could not identify trials in pregnant women.",
        "We did not find any information on harms.",
        "The trial did not include any document review.",
        "It appears that the content of the stomach is acidic.",
        "Please provide the patient with written information.",
        "It is not possible to determine the cause in every case.",
        "Question: I cannot complete the course. What now?\nAnswer: Call the clinic; do not double the dose.",
        'A nurse reports: "I cannot find a pulse."',
        "The request timed out: a time-out before incision is required.",
    ],
)
def test_clinical_text_is_no_refusal(text: str) -> None:
    assert check("refusal", text).keep


@pytest.mark.parametrize("name", ["refusal", "boilerplate"])
@pytest.mark.parametrize(
    "text",
    [
        "Patient: I'm sorry, I cannot make the appointment.\nNurse: Let me know if you need another date.",
        "Doctor: I cannot recommend that, because the kidneys suffer.\nPatient: I hope this helps, then.",
        "Doctor: Sure, let me explain. Is there anything else you would like to ask?",
        "I'm sorry to hear that, Mr B. Do you have pain?",
    ],
)
def test_people_in_a_dialogue_may_be_sorry_and_polite(name: str, text: str) -> None:
    assert check(name, text, kind="dialogue").keep


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"Sure, here is the summary:\n\n{BODY}", "preamble"),
        (f"Certainly! {BODY}", "preamble"),
        (f"Of course. I'll rewrite it below.\n{BODY}", "preamble"),
        (f"Here are five facts based on the extract.\n{BODY}", "preamble"),
        (f"Here's a distilled version of the guideline:\n{BODY}", "preamble"),
        (f"**Here is the rewritten text:**\n\n{BODY}", "preamble"),
        (f"Below is a list drawn from the provided text\n{BODY}", "preamble"),
        (f"Based on the extract, metformin comes first. {BODY}", "preamble"),
        (f"I have created eight questions.\n{BODY}", "preamble"),
        (f"Thank you for providing the text. {BODY}", "preamble"),
        (f"As requested:\n{BODY}", "preamble"),
        (f"Here you go:\n{BODY}", "preamble"),
        (f"{BODY}\n\nI hope this helps!", "closing"),
        (f"{BODY}\n\nI hope these questions are useful for your students.", "closing"),
        (f"{BODY}\n\nLet me know if you would like more questions.", "closing"),
        (f"{BODY} If anything is unclear, feel free to ask!", "closing"),
        (f"{BODY}\n\nWould you like me to add references?", "closing"),
        (f"{BODY}\n\n(Note: I have left out the table.)", "closing"),
        (f"{BODY} As an AI language model, I may be wrong. {BODY * 9}", "ai_disclaimer"),
        (f"{BODY} I as an AI do not have access to records.", "ai_disclaimer"),
        (f"{BODY} As a medical expert AI, I don't know. {BODY}", "ai_disclaimer"),
        (f"{BODY} This was after my knowledge cutoff.", "ai_disclaimer"),
        (f"{BODY} I don't have access to specific data.", "ai_disclaimer"),
    ],
)
def test_assistant_boilerplate_is_rejected_by_form(text: str, code: str) -> None:
    verdict = check("boilerplate", text)
    assert verdict.code == code
    assert all(text[piece["start"] : piece["end"]] == piece["text"] for piece in verdict.evidence)


@pytest.mark.parametrize(
    "text",
    [
        "Postmenopausal women may receive such as an AI (anastrozole). AIs suppress oestrogen.",
        "Tamoxifen or an AI is given; I favour neither. Stage I disease needs no chemotherapy.",
        "AI-assisted reading of mammograms is not yet recommended.",
        "Question: What if I don't have access to the latest pump?\nAnswer: Injections work as well.",
        "Absolutely contraindicated in pregnancy: isotretinoin.",
        "Sure signs of death are rigor and lividity.",
        "The following are contraindications: pregnancy, liver failure.",
        "Here, the dose is 5 mg.",
        "If you have any questions, feel free to ask your nurse.",
        "Take the tablets with food. Note: this list is not exhaustive.",
        "Based on the available evidence, screening is recommended (grade B).",
        "Tell your doctor at once. They will let you know what to do.",
        "Too many requests for imaging: error rates rise, and the connection to outcome is weak.",
    ],
)
def test_clinical_text_is_no_boilerplate(text: str) -> None:
    assert check("boilerplate", text).keep


def clinical_texts(folder: Path) -> Iterator[str]:
    for path in sorted((folder / "guidelines" / "markdown").glob("*.md")):
        yield from path.read_text("utf-8").split("\n\n")
    for name in ("openstax-nursing", "medquad"):
        with gzip.open(folder / "textbooks" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            for line in lines:
                for value in json.loads(line).values():
                    yield from str(value).split("\n\n")
    with (folder / "faithful_or_not" / "items.jsonl").open(encoding="utf-8") as lines:
        yield from (json.loads(line)["text"] for line in lines)
    with (folder / "faithfulness" / "medhallu_labeled.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            yield from row.values()


def test_real_clinical_text_is_left_alone(shared_data: Path) -> None:
    texts = [text for text in clinical_texts(shared_data) if len(text) > 40]
    fired = [text for text in texts if not all(check(name, text).keep for name in ("refusal", "boilerplate"))]
    assert len(texts) > 10_000
    assert len(fired) <= len(texts) / 10_000

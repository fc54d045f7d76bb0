"""What is dropped says nothing clinical; what is clinical stays, however often it is said."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthgen.data import Document, Drop
from synthgen.extracts.drops import find_drops, holds_quantity, repeated_paragraphs, states_something
from synthgen.recipe import ExtractSettings

DEFAULTS = ExtractSettings()
DISCLAIMER = (
    "The views in this summary are those of its authors alone, and the society that hosts it makes no warranty of any "
    "kind about its accuracy or its fitness for a given purpose."
)


def document(text: str) -> Document:
    return Document(text, "A guideline", "a.md", "markdown")


def dropped(text: str, repeated: frozenset[bytes] = frozenset()) -> list[tuple[str, str]]:
    return [(drop.code, text[drop.start : drop.end]) for drop in find_drops(document(text), repeated)]


def boilerplate(texts: Iterable[str], settings: ExtractSettings = DEFAULTS) -> frozenset[bytes]:
    return repeated_paragraphs((document(text) for text in texts), settings)


def test_a_paragraph_in_many_documents_is_dropped_in_each_and_listed_by_its_first_words() -> None:
    texts = [f"# Guideline {n}\n\nTreat fever with fluids.\n\n{DISCLAIMER}\n" for n in range(5)]
    repeated = boilerplate(texts)
    assert dropped(texts[0], repeated) == [("repeated", DISCLAIMER + "\n")]
    assert find_drops(document(texts[0]), repeated)[0].detail == DISCLAIMER[:80]
    assert len(next(iter(repeated))) == 16


def test_white_space_and_case_make_no_difference() -> None:
    texts = [DISCLAIMER, DISCLAIMER.upper(), DISCLAIMER.replace("those of", "those   of")]
    assert all(dropped(text, boilerplate(texts)) for text in texts)


def test_a_paragraph_counts_once_a_document() -> None:
    assert not boilerplate([f"{DISCLAIMER}\n\n{DISCLAIMER}\n\n{DISCLAIMER}\n", "Other text."])


def test_it_must_stand_in_the_given_number_and_share_of_documents() -> None:
    texts = [DISCLAIMER] * 3 + [f"Document number {n}." for n in range(37)]
    assert not boilerplate(texts)
    assert boilerplate(texts, ExtractSettings(repeated_share=0.07))
    assert not boilerplate(texts, ExtractSettings(repeated_share=0.07, repeated_in=4))


@pytest.mark.parametrize(
    "clinical",
    [
        "None stated.",
        "## Recommendations of the group for all of the adults who are seen in the ordinary practice of the day",
        "| Adults | the plan that was agreed on with the family at the first visit and at every visit after it |",
        "- Severe liver failure or a history of an allergy to this or to another member of the class",
        "In the adults who were seen at the practice, the group gives 500 mg of it in the morning and in the evening.",
        "In the adults who were seen at the practice, the group sees them again after six weeks and then every year.",
        "The tablets should not be given to anyone who is known to be pregnant or who plans to be so soon.",
        "The group agreed that any plan for the family should always have all of the following parts in it:",
    ],
)
def test_clinical_content_is_never_boilerplate(clinical: str) -> None:
    assert not boilerplate([clinical] * 20)


def test_a_reference_list_is_dropped_up_to_the_next_section_of_its_level() -> None:
    text = "# Care\n\nTreat.\n\n## 7. References\n\n1. One. 2010.\n\n### Web\n\n2. Two.\n\n## Follow-up\n\nAgain.\n"
    assert dropped(text) == [("references", "## 7. References\n\n1. One. 2010.\n\n### Web\n\n2. Two.\n\n")]


def test_an_appendix_below_the_references_is_kept() -> None:
    text = "# References\n\n1. One.\n\n## Appendix A: doses\n\nGive 5 mg.\n"
    assert dropped(text) == [("references", "# References\n\n1. One.\n\n")]


@pytest.mark.parametrize(
    "heading",
    [
        "# Disclaimer",
        "## Guideline Developer(s)",
        "## Source(s) of Funding",
        "### Financial Disclosures/Conflicts of Interest",
        "## Composition of Group That Authored the Guideline",
        "## **Competing interests**",
        "## 12.3 Acknowledgements:",
        "**Author contributions**",
        "## Availability of Companion Documents",
        "## DATE RELEASED",
        "## Disclosures",
        "## Section 9. Author’s contributions",
    ],
)
def test_an_administrative_section_is_dropped(heading: str) -> None:
    text = f"{heading}\n\nThe authors say so.\n"
    assert dropped(text) == [("administrative", text)]


@pytest.mark.parametrize(
    "heading",
    [
        "Recommendations",
        "Methods",
        "Contraindications",
        "Benefits/Harms of Implementing the Guideline Recommendations",
        "Potential Harms",
        "References to normal values",
        "Disclosure of the diagnosis to the patient",
        "Availability of antivenom",
        "Disclosure",
    ],
)
def test_a_clinical_section_is_kept(heading: str) -> None:
    assert dropped(f"## {heading}\n\nThe authors say so.\n") == []


def test_a_dose_saves_a_section_with_an_administrative_heading() -> None:
    assert dropped("## Patient Resources\n\nTake 5 mg of it at night.\n") == []


def test_a_dose_in_the_title_of_an_earlier_version_does_not_save_a_section() -> None:
    text = "## Guideline Status\n\nA society. Guideline on low-dose (81 mg) aspirin. Town: A society; 2009. 60 p.\n"
    assert dropped(text) == [("administrative", text)]


def test_a_repeated_paragraph_inside_a_dropped_section_is_dropped_once() -> None:
    text = f"# Care\n\nTreat.\n\n# Disclaimer\n\n{DISCLAIMER}\n"
    assert [code for code, _ in dropped(text, boilerplate([text] * 4))] == ["administrative"]


@settings(max_examples=60)
@given(st.lists(st.sampled_from(["# A", "## References", "# Disclaimer", DISCLAIMER, "Text.", "", "- x"]), max_size=15))
def test_drops_are_in_order_and_apart(lines: list[str]) -> None:
    text = "\n".join(lines)
    drops: list[Drop] = find_drops(document(text), boilerplate([DISCLAIMER] * 3))
    ends = [0, *(drop.end for drop in drops)]
    assert all(end <= drop.start < drop.end for end, drop in zip(ends, drops, strict=False))


@pytest.mark.parametrize(
    "text", ["5 mg", "0.5mL", "120/80 mmHg", "20%", "≥ 65", "every 6 hours", "INR < 2", "six weeks"]
)
def test_quantities_are_seen(text: str) -> None:
    assert holds_quantity(text)


@pytest.mark.parametrize("text", ["2014 Oct", "Recommendation 5", "135 p.", "type 2 diabetes"])
def test_numbers_without_a_unit_are_no_quantities(text: str) -> None:
    assert not holds_quantity(text)


@pytest.mark.parametrize(
    ("text", "states"),
    [
        ("Give amoxicillin 500 mg three times a day.", True),
        ("Do not give the drug during pregnancy.", True),
        ("Guideline for the management of chronic pain in adults.", False),
        ("A society. Guideline on acute pain. Town: A society; 2010 May. 40 p. [120 references]", False),
        ("The guideline on acute pain of 2010 was withdrawn after 5 years.", False),
        ("Chronic pain", False),
    ],
)
def test_a_statement_is_told_from_a_title_a_citation_and_a_notice(text: str, states: bool) -> None:
    assert states_something(text) is states

"""Extracts and drops are the document, and every extract is a piece that a clinician would hand over."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthgen.data import Document, Drop, Extract
from synthgen.extracts.coverage import ledger
from synthgen.extracts.cut import extract
from synthgen.extracts.drops import find_drops, repeated_paragraphs
from synthgen.recipe import ExtractSettings, SourceSettings
from synthgen.sources.reader import read_sources
from synthgen.tokens import load_tokenizer

Count = Callable[[str], int]

LINES = st.sampled_from(
    """# One
## Two
### References
**Bold**
Give 5 mg twice a day. Repeat it after six weeks (Grade 1A). Stop it if INR > 3.
A longer sentence, with a clause; another clause; and a third one, that has no end yet and goes on and on
- an item
  - a nested item of a few words
| Drug | Dose |
|---|---|
| A | 5 mg |
averylongwordthathasnospacesinitandmustbecutsomewhereintheendbecauseitpassesthelimit
word

---
Not stated""".splitlines()
)
TEXTS = st.one_of(st.text(max_size=300), st.lists(LINES, max_size=30).map("\n".join))
SIZES = st.integers(1, 60).flatmap(
    lambda least: st.integers(max(16, 2 * least), 150).map(
        lambda most: ExtractSettings(min_tokens=least, max_tokens=most)
    )
)


def words(text: str) -> int:
    return len(text.split())


def cut(
    text: str, sizes: ExtractSettings, count: Count = words, repeated: frozenset[bytes] = frozenset()
) -> tuple[list[Extract], list[Drop]]:
    document = Document(text, "A guideline", "a.md", "markdown")
    return extract(document, find_drops(document, repeated), sizes, count)


SMALL = ExtractSettings(min_tokens=20, max_tokens=60)


@settings(max_examples=150)
@given(TEXTS, SIZES, st.sampled_from([len, words]))
def test_extracts_and_drops_are_the_text_and_none_is_too_long(text: str, sizes: ExtractSettings, count: Count) -> None:
    extracts, drops = cut(text, sizes, count)
    rows = ledger(Document(text, "", "a.md", "markdown"), extracts, drops)
    assert "".join(text[row.start : row.end] for row in rows) == text
    for piece in extracts:
        assert piece.text == text[piece.start : piece.end]
        assert piece.tokens == count(piece.text) <= sizes.max_tokens


@settings(max_examples=60)
@given(TEXTS, SIZES, st.lists(st.integers(0, 300), max_size=6))
def test_any_drops_that_do_not_overlap_are_taken(text: str, sizes: ExtractSettings, places: list[int]) -> None:
    document = Document(text, "", "a.md", "markdown")
    marks = sorted({min(place, len(text)) for place in places})
    given_drops = [Drop(document.doc_id, a, b, "references") for a, b in zip(marks[::2], marks[1::2], strict=False)]
    extracts, drops = extract(document, given_drops, sizes, len)
    assert set(given_drops) <= set(drops)
    ledger(document, extracts, drops)


@settings(max_examples=100)
@given(TEXTS, SIZES)
def test_no_extract_is_short_beside_a_neighbour_that_could_take_it(text: str, sizes: ExtractSettings) -> None:
    extracts, _ = cut(text, sizes, len)
    for one, two in pairwise(extracts):
        if one.end == two.start and min(one.tokens, two.tokens) < sizes.min_tokens:
            assert one.tokens + two.tokens > sizes.max_tokens


def test_a_tokenizer_that_counts_the_whole_as_more_than_its_parts_cannot_break_the_limit() -> None:
    text = "One short line of text.\n\n" * 30
    extracts, drops = cut(text, SMALL, lambda piece: words(piece) + len(piece) // 40)
    ledger(Document(text, "", "a.md", "markdown"), extracts, drops)
    assert max(piece.tokens for piece in extracts) <= SMALL.max_tokens


def test_a_character_that_is_too_long_by_itself_is_the_only_exception() -> None:
    extracts, _ = cut("ab", ExtractSettings(min_tokens=1, max_tokens=16), lambda piece: 100 * len(piece))
    assert [piece.text for piece in extracts] == ["a", "b"]


def test_counting_is_asked_about_twice_for_every_character() -> None:
    text = "## Care\n\nGive 5 mg of it in the morning. Repeat it in the evening.\n\n" * 200
    seen = 0

    def count(piece: str) -> int:
        nonlocal seen
        seen += len(piece)
        return words(piece)

    cut(text, SMALL, count)
    assert seen < 3.5 * len(text)


SECTION = "Give 5 mg of it in the morning and measure the potassium after seven days of treatment. " * 2


def test_a_cut_falls_before_a_heading_first() -> None:
    text = f"# Drugs\n\n{SECTION}\n\n{SECTION}\n\n# Surgery\n\n{SECTION}\n\n# Follow-up\n\n{SECTION}\n"
    extracts, _ = cut(text, ExtractSettings(min_tokens=25, max_tokens=80))
    assert [piece.text.partition("\n")[0] for piece in extracts] == ["# Drugs", "# Surgery", "# Follow-up"]
    assert [piece.headings for piece in extracts] == [("Drugs",), ("Surgery",), ("Follow-up",)]


def test_small_sections_are_joined_under_the_heading_that_they_share() -> None:
    sections = "".join(f"### Step {n}\n\nGive {n} mg and wait for a day.\n\n" for n in range(12))
    extracts, _ = cut(f"# Care\n\n## Steps\n\n{sections}", SMALL)
    assert len(extracts) > 1
    assert all(piece.tokens >= SMALL.min_tokens and piece.text.startswith("#") for piece in extracts)
    assert {piece.headings for piece in extracts} == {("Care", "Steps")}


def test_an_extract_that_begins_inside_a_section_has_its_headings() -> None:
    extracts, _ = cut(f"# Care\n\n## Drugs\n\n{(SECTION + chr(10) + chr(10)) * 6}", SMALL)
    assert len(extracts) > 1
    assert {piece.headings for piece in extracts} == {("Care", "Drugs")}


def test_a_heading_stays_with_its_text_and_a_table_head_with_its_rows() -> None:
    rows = "".join(f"| Drug {n} | {n} mg a day, with food and water |\n" for n in range(1, 30))
    table = f"**Table 1. Doses.**\n\n| Drug | Dose |\n|---|---|\n{rows}"
    text = f"# A\n\n{SECTION}\n\n## B\n\n{SECTION}\n\n{table}\n## C\n\n{SECTION}\n"
    extracts, _ = cut(text, SMALL)
    for piece in extracts:
        last = piece.text.rstrip().rpartition("\n")[2]
        assert not last.startswith(("#", "**Table"))
        assert last != "|---|---|"
        assert ("|---|---|" in piece.text) == ("| Drug | Dose |" in piece.text)


@pytest.mark.parametrize("mark", ["- ", "1. ", "| "])
def test_no_cut_goes_through_an_item_or_row(mark: str) -> None:
    line = f"{mark}Give 5 mg. Wait for a day. Measure the level. Stop it if it is high.\n"
    extracts, _ = cut(line * 20, SMALL)
    assert len(extracts) > 2
    assert all(piece.text.startswith(mark) and piece.text.endswith("high.\n") for piece in extracts)


def test_a_paragraph_is_cut_between_sentences() -> None:
    extracts, _ = cut("Give 5 mg, e.g. Aspirin, to adults. " * 40, SMALL)
    assert len(extracts) > 2
    assert all(piece.text.startswith("Give") and piece.text.endswith("adults. ") for piece in extracts)


def test_a_sentence_without_end_is_cut_at_a_clause() -> None:
    extracts, _ = cut("give 5 mg of it to all of them; " * 40, SMALL)
    assert len(extracts) > 2
    assert all(piece.text.endswith("; ") for piece in extracts)


def test_an_introduction_stays_with_its_list() -> None:
    items = "".join(f"- Give {n} mg to the adult patient\n" for n in range(8))
    extracts, _ = cut(
        f"{SECTION}\n\nThe group recommends these steps:\n\n{items}", ExtractSettings(min_tokens=30, max_tokens=80)
    )
    assert extracts[1].text.startswith("The group recommends")


STUB = """# General

## Guideline Title

Guideline for the management of chronic knee pain in adults.

## Bibliographic Source(s)

- A society of example. Guideline for the management of chronic knee pain in adults. Town: The society; 2009. 60 p.

## Guideline Status

This guideline has been withdrawn, because it no longer meets the criteria.

# Disclaimer

## Summary Disclaimer

The host does not develop, approve or endorse the guidelines that are shown on this site, and makes no warranty
about their content, or about the clinical efficacy of the care that they describe.
"""


def test_a_withdrawn_stub_has_no_extract_and_says_why() -> None:
    extracts, drops = cut(STUB, ExtractSettings())
    assert extracts == []
    assert {drop.code for drop in drops} == {"heading_only", "references", "administrative"}


def test_stubs_that_share_a_disclaimer_have_no_extract_whatever_their_headings_are() -> None:
    disclaimer = STUB.partition("Disclaimer\n\n")[2].replace("\n", " ").partition("## Summary Disclaimer")[2].strip()
    texts = [
        f"Guideline {n} for the management of chronic knee pain.\n\nA society. Guideline {n}. Town; 2009. {n} p.\n\n"
        f"This guideline has been withdrawn.\n\n{disclaimer}\n"
        for n in range(10, 22)
    ]
    documents = [Document(text, "", "a.md", "markdown") for text in texts]
    repeated = repeated_paragraphs(documents, ExtractSettings())
    for text in texts:
        extracts, drops = cut(text, ExtractSettings(), load_tokenizer("mistral-7b-v0.1").count, repeated)
        assert extracts == []
        assert {drop.code for drop in drops} == {"repeated", "too_short"}


@pytest.mark.parametrize(
    "note",
    [
        "Give amoxicillin 500 mg three times a day for 7 days.",
        "# Croup\n\n- Dexamethasone 0.15 mg/kg by mouth, once\n",
        "| Drug | Dose |\n|---|---|\n| Paracetamol | 15 mg/kg every 6 hours |\n",
        "Aspirin must not be given to children with an acute viral infection.",
        "Gout is a form of arthritis in which crystals of urate settle in the joints. " * 3,
    ],
)
def test_a_short_note_that_states_something_survives(note: str) -> None:
    extracts, drops = cut(note, ExtractSettings())
    assert [piece.text for piece in extracts] == [note]
    assert drops == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("\n \n", "blank"),
        ("# Scope\n\n## Methods\n", "heading_only"),
        ("## Adaptation of scope\n\nNot stated\n", "too_short"),
    ],
)
def test_text_without_content_is_dropped_with_its_reason(text: str, code: str) -> None:
    extracts, drops = cut(text, ExtractSettings())
    assert (extracts, [drop.code for drop in drops]) == ([], [code])


def test_a_heading_whose_text_is_dropped_does_not_end_an_extract() -> None:
    text = f"# Care\n\n{SECTION}\n\n# About\n\n## Funding\n\nA grant.\n"
    extracts, drops = cut(text, ExtractSettings())
    assert [piece.text for piece in extracts] == [text[: text.index("# About")]]
    assert [drop.code for drop in drops] == ["heading_only", "administrative"]


def test_every_real_guideline_is_tiled_by_extracts_of_the_right_size(shared_data: Path) -> None:
    count = load_tokenizer("mistral-7b-v0.1").count
    entries = list(read_sources([shared_data / "guidelines"], SourceSettings()))
    documents = [entry for entry in entries if isinstance(entry, Document)]
    assert len(documents) >= 22
    repeated = repeated_paragraphs(documents, ExtractSettings())
    sizes = []
    for document in documents:
        extracts, drops = extract(document, find_drops(document, repeated), ExtractSettings(), count)
        ledger(document, extracts, drops)
        assert extracts
        sizes += [piece.tokens for piece in extracts]
    assert max(sizes) <= 800
    assert sum(size < 200 for size in sizes) < 0.1 * len(sizes)

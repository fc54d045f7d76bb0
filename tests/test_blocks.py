"""Blocks tile the text, and know headings, items and table rows apart."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthgen.extracts.blocks import BOLD_LEVEL, blocks

LINES = st.sampled_from(
    [
        "# A",
        "## B **c**",
        "text.",
        "a longer line of text",
        "",
        "  ",
        "- item",
        "    - nested",
        "  more",
        "1. one",
        "| a | b |",
        "|---|---|",
        "---",
        "===",
        "**Bold**",
        "> quote",
        "a | b",
        "\t",
        "#",
        "####### x",
        "\u2028",
        "|",
        "*",
    ]
)


@settings(max_examples=150)
@given(st.one_of(st.text(max_size=200), st.lists(LINES, max_size=25).map("\n".join)))
def test_blocks_tile_any_text(text: str) -> None:
    found = blocks(text)
    assert "".join(text[block.start : block.end] for block in found) == text
    assert all(block.start < block.end for block in found)


@settings(max_examples=100)
@given(st.lists(LINES, max_size=25).map("\n".join))
def test_a_block_ends_at_the_end_of_a_line(text: str) -> None:
    assert all(text[block.end - 1] == "\n" for block in blocks(text)[:-1])


def kinds(text: str) -> list[tuple[str, int]]:
    return [(block.kind, block.level) for block in blocks(text)]


def test_headings_of_all_three_styles_are_found() -> None:
    text = "# One #\n\nTwo\n---\n\n**Three**\n\nText under it.\n"
    assert [(block.level, block.heading) for block in blocks(text) if block.kind == "heading"] == [
        (1, "One"),
        (2, "Two"),
        (BOLD_LEVEL, "Three"),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "##### Patients should be seen within two weeks, and be told what to expect of the treatment.",
        "##### (Weak for | Reviewed)",
        "**Strong for**",
        "**Table 2. Doses by weight**",
        "**Give aspirin.**",
        "**Note** : text",
        "#hashtag",
    ],
)
def test_a_sentence_or_grade_in_heading_dress_is_a_paragraph(line: str) -> None:
    assert kinds(line) == [("paragraph", 0)]


def test_items_carry_their_depth_and_continuation_lines() -> None:
    text = "- Assess pain\n  with a scale.\n    1. Ask\n- Treat pain\n\nThen stop.\n"
    assert kinds(text) == [("item", 1), ("item", 3), ("item", 1), ("paragraph", 0)]
    assert text[: blocks(text)[0].end] == "- Assess pain\n  with a scale.\n"


def test_a_table_has_one_header_and_a_row_a_line() -> None:
    text = "Doses:\n| Drug | Dose |\n|------|-----:|\n| A | 5 mg |\n| B | 10 mg |\n\nText.\n"
    assert [block.kind for block in blocks(text)] == ["paragraph", "header", "row", "row", "paragraph"]


def test_a_table_without_outer_pipes_is_a_table() -> None:
    assert [block.kind for block in blocks("Drug | Dose\n--- | ---\nA | 5 mg\n")] == ["header", "row"]


def test_a_threshold_with_a_bar_is_no_table() -> None:
    assert kinds("Use P(A|B) where INR < 2.\n") == [("paragraph", 0)]


def test_every_line_is_a_paragraph_of_its_own_unless_it_was_wrapped() -> None:
    wrapped = "Patients with heart failure should be offered a beta-blocker and an\nACE inhibitor.\n"
    assert kinds(wrapped) == [("paragraph", 0)]
    assert kinds("Stop the drug.\nMeasure potassium.\n") == [("paragraph", 0)] * 2


def test_blank_lines_and_rules_belong_to_the_block_before() -> None:
    text = "\n\nText.\n\n---\n\nMore.\n"
    assert [text[block.start : block.end] for block in blocks(text)] == ["\n\nText.\n\n---\n\n", "More.\n"]


def test_white_space_alone_is_one_paragraph() -> None:
    assert kinds(" \n\n") == [("paragraph", 0)]
    assert blocks("") == []


@pytest.mark.parametrize("unit", ["\n", "|", "- ", "|-", "# ", "**", " ", "-", "**a"])
def test_hostile_repeats_do_not_stall(unit: str) -> None:
    text = unit * 20_000 + "x"
    assert sum(block.end - block.start for block in blocks(text)) == len(text)


def test_real_guidelines_are_tiled(shared_data: Path) -> None:
    for path in sorted((shared_data / "guidelines" / "markdown").glob("*.md")):
        text = path.read_text("utf-8")
        found = blocks(text)
        assert "".join(text[block.start : block.end] for block in found) == text
        assert {"heading", "paragraph", "item"} <= {block.kind for block in found}

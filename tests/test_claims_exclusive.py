"""Words of closed classes in the place of others that exclude them."""

from __future__ import annotations

import pytest

from synthgen.data import Extract, Record
from synthgen.filters.polarity import Polarity
from synthgen.recipe import FilterSettings

FILTER = Polarity(FilterSettings())
SOURCE = """\
Betamethasone is a more potent steroid than hydrocortisone. Wound care is the third step of discharge. Healing
is seen after several weeks of rest. Dry cough is greater than with oral enalapril but less than with
intravenous captopril. The graft is removed from the smaller wound first. Pain at night is more common than
pain at rest. The dressing is changed if the fever is above the usual level. Rest is advised before surgery.
Codeine is a Schedule III drug in this form. The splint is worn for 6 weeks in all.
"""


def why(text: str, source: str = SOURCE) -> list[str]:
    extract = Extract("d", 0, len(source), source, 200, "Wounds")
    record = Record("r", "d", "t", 1, "text", "t", 0, text, "stop", {"text": text}, None, text)
    return [str(piece["why"]) for piece in FILTER.check(record, extract).evidence]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Betamethasone is known as a less potent steroid.", "more to less"),
        ("Wound care is the first step of discharge.", "third to first"),
        ("Healing is seen after several months of rest.", "weeks to months"),
        ("Codeine is a Schedule II drug in this form.", "iii to ii"),
        ("Dry cough is less than with oral enalapril but greater than with intravenous captopril.", "greater to less"),
        ("The dressing is changed if the fever is below the usual level.", "above to below"),
    ],
)
def test_another_word_between_the_same_ones_is_told(text: str, reason: str) -> None:
    assert why(text) == [reason]


@pytest.mark.parametrize(
    "text",
    [
        "Hydrocortisone is a less potent steroid than betamethasone.",
        "The first step of discharge is to plan it, and wound care is the third.",
        "The larger wound keeps its graft longer.",
        "Pain at rest is less common than pain at night.",
        "Healing is seen after several days, often several weeks of rest.",
        "The splint is worn for 42 days in all.",
        "After rest, surgery follows.",
        "The dressing is not changed if the fever is below the usual level.",
    ],
)
def test_the_same_said_from_the_other_side_is_kept(text: str) -> None:
    assert why(text) == []


def test_what_another_sentence_says_beside_the_same_words_is_kept() -> None:
    both = "Short courses are more effective in adults. In infants, short courses are less effective."
    assert why("Short courses are less effective.", both) == []

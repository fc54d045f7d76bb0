"""Ways of saying the same that no filter may take for a change, and the changes beside them."""

from __future__ import annotations

import pytest

from synthgen.data import Extract, Record
from synthgen.filters import build_filters, judge

FILTERS = tuple(one for one in build_filters({}) if one.name != "length")
PATCH = "The patch releases estradiol 3.1 mg per 24 h. Wear it for 7 days, then change it."
ULTRASOUND = (
    "Offer ultrasound to adults with suspected gout (expert opinion). Aspirate the joint if the diagnosis is uncertain "
    "(weak recommendation)."
)
TWO = (
    "Do not use febuxostat as first choice in people with heart disease. "
    "Allopurinol should be used as first choice in people with heart disease."
)
ROW = (
    "| Drug | Adults | Children |\n|---|---|---|\n| Antacids | Omeprazole 20 mg once daily. Avoid with clopidogrel. "
    "Use pantoprazole then. Reduce after 8 weeks. | Ranitidine 150 mg twice daily. Not under 2 years. |\n"
)


def codes(source: str, text: str) -> set[str]:
    extract = Extract("d", 0, len(source), source, 100, title="Topic")
    content = {"text": text}
    record = Record("r", extract.extract_id, "distill", 1, "text", "t", 0, text, "stop", content, text=text)
    return {verdict.code for verdict in judge(record, extract, FILTERS) if not verdict.keep}


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (PATCH, "The patch releases estradiol 3.1 mg per 24 h over 7 days, which is 21.7 mg in all."),
        (
            ULTRASOUND,
            "Adults with suspected gout are offered ultrasound [EO]. "
            "The joint is aspirated when the diagnosis is uncertain [W ++].",
        ),
        (
            TWO,
            "Two drugs lower urate in people with heart disease: febuxostat and allopurinol. "
            "Of the 2, only the first is advised against.",
        ),
        (ROW, "Omeprazole 20 mg once daily is reduced after 8 weeks in adults."),
    ],
    ids=["a total", "grades in brackets", "a list before it", "a table row"],
)
def test_the_same_in_other_words_is_kept(source: str, text: str) -> None:
    assert codes(source, text) == set()


def test_a_total_that_is_wrong_is_rejected() -> None:
    assert codes(PATCH, "At 3.1 mg per 24 h over 7 days, one patch gives 31.7 mg of estradiol.") == {
        "number_not_in_source"
    }

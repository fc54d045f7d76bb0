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


DOSES = (
    "Loratadine (Claritin)\n\n10 mg orally once daily.\n\n"
    "Cetirizine (Zyrtec)\n\nInitial dose: 5 mg orally once daily for 4–6 weeks before the dose is increased to 20 mg "
    "once every 3–4 days, if it is well tolerated. Daily dosing: 5 mg.\n"
)
ADVICE = (
    "1. For patients with chronic hives, the panel suggests offering a leukotriene antagonist. (**IIB**)\n"
    "2. For patients with acute hives, the panel suggests against offering a leukotriene antagonist. (**IB**)\n"
    "3. Treatment is stopped when risks exceed benefits.\n"
    "4. Currently the data on safety in infants are insufficient. Therefore, risks and benefits should be weighed.\n"
    "5. Going on beyond 90 days requires a new examination. The panel recommends against targeting a score <4.\n"
)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (DOSES, "Cetirizine starts at 5 mg a day; after 4 to 6 weeks the dose may go up to 20 mg if it is tolerated."),
        (DOSES, "The daily dose of cetirizine is 5 mg, and 20 mg is given once every 3 or 4 days if it is tolerated."),
        (ADVICE, "In acute hives, offering a leukotriene antagonist is suggested against (IB)."),
        (ADVICE, "Leukotriene antagonists are suggested in chronic hives and suggested against in acute hives."),
        (ADVICE, "Data on safety in infants are insufficient, so risks and benefits should be weighed."),
        (ADVICE, "Before treatment goes on beyond 90 days, the patient must be examined again."),
        (ADVICE, "A score should not be targeted below 4."),
    ],
)
def test_faithful_rewording_of_doses_and_advice_is_kept(source: str, text: str) -> None:
    assert codes(source, text) == set()


@pytest.mark.parametrize(
    ("source", "text", "code"),
    [
        (DOSES, "Loratadine is 20 mg once every 3 or 4 days if it is tolerated.", "entity_not_in_source"),
        (ADVICE, "In acute hives, offering a leukotriene antagonist is suggested against (IA).", "grade_changed"),
        (ADVICE, "Treatment is stopped when benefits exceed risks.", "negation_changed"),
    ],
)
def test_a_change_in_doses_or_advice_is_rejected(source: str, text: str, code: str) -> None:
    assert code in codes(source, text)

"""Medical terms, and the words by which a lay reader is told of them."""

from __future__ import annotations

from collections.abc import Sequence

from synthgen.claims.words import content

_TERMS = """
    dyspnea: shortness breath | short breath | trouble breathing | difficulty breathing
    hypoglycemia: low glucose
    hyperglycemia: high glucose | elevated glucose
    hypokalemia: low potassium
    hyperkalemia: high potassium | elevated potassium
    hyponatremia: low sodium
    hypernatremia: high sodium | elevated sodium
    hypocalcemia: low calcium
    hypercalcemia: high calcium | elevated calcium
    hypomagnesemia: low magnesium
    hyperlipidemia: high cholesterol | high lipids
    tachycardia: fast heart | rapid heart
    bradycardia: slow heart
    thrombocytopenia: low platelets
    neutropenia: low neutrophils
    leukopenia: low white cells
    anemia: low red cells | low hemoglobin
    alopecia: hair loss
    hirsutism: hair growth
    insomnia: difficulty sleeping | trouble sleeping
    dysphagia: difficulty swallowing | trouble swallowing
    dysuria: painful urination
    polydipsia: excessive thirst
    arthralgia: joint pain
    myalgia: muscle pain
    xerostomia: dry mouth
    rhinorrhea: runny nose
    erythema: redness
    myelosuppression: marrow suppression
    hepatotoxicity: liver damage
    nephrotoxicity: kidney damage
    infarction: heart attack
"""


def _stems(words: str) -> frozenset[str]:
    return frozenset(filter(None, map(content, words.split())))


TERMS: Sequence[tuple[str, frozenset[str]]] = tuple(
    [
        (content(term), _stems(words))
        for line in _TERMS.strip().splitlines()
        for term, _, plain in [line.strip().partition(": ")]
        for words in plain.split("|")
    ]
)
"""The stem of each term, and the stems of the words that say the same."""

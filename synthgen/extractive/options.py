"""Multiple-choice questions: a real sentence with a gap, its right filling, and plausible wrong ones."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from synthgen.extractive import topics
from synthgen.extractive.choice import Choice
from synthgen.extractive.grammar import GRADE
from synthgen.extractive.markup import plain
from synthgen.extractive.phrases import ASIDE, people_in
from synthgen.extractive.quantities import Quantity, changed, quantities
from synthgen.extractive.statements import Statement
from synthgen.extracts.sentences import sentences

GAP = "____"
_LETTERS = "ABCDE"
_SCALES = (
    ("Strong For", "Weak For", "Weak Against", "Strong Against"),
    ("A", "B", "C", "D", "I"),
    (
        "Strong Recommendation, High-Quality Evidence",
        "Strong Recommendation, Moderate-Quality Evidence",
        "Strong Recommendation, Low-Quality Evidence",
        "Weak Recommendation, Moderate-Quality Evidence",
        "Weak Recommendation, Low-Quality Evidence",
    ),
)
"""Gradings in wide use; a wrong option need not stand in the extract."""
_REASONS = (
    "The guidance states: “{}”",
    "The recommendation reads: “{}”",
    "This follows from the statement: “{}”",
    "As stated: “{}”",
)


_GRADE_STEMS = (
    "Which grade does this recommendation carry?",
    "How is this recommendation graded?",
    "What is the strength of this recommendation?",
)
_PAST = re.compile(r"\b(?:past|last|previous) $")


@dataclass(frozen=True, slots=True)
class Gap:
    """A sentence, the same with a gap, the right filling and wrong ones, the best first."""

    statement: Statement
    sentence: str
    gapped: str
    right: str
    wrong: tuple[str, ...]
    stems: tuple[str, ...]


def multiple_choice(found: Sequence[Statement], text: str, choice: Choice) -> dict[str, Any] | None:
    """A vignette question on one statement; None where no statement has a gap with three plausible wrong fillings."""
    numbers = quantities(plain(text))
    ranked = sorted(choice.order("gaps", found), key=lambda statement: -min(statement.salience, 8))
    for gap in [
        *_all(_quantity_gaps(statement, numbers, choice) for statement in ranked),
        *_all(map(_grade_gaps, ranked)),
    ]:
        size = 4 + choice.number("options", 2)
        wrong = list(dict.fromkeys(option for option in gap.wrong if option != gap.right))[: size - 1]
        vignette = _vignette(gap)
        if len(wrong) < 3 or not vignette:
            continue
        options = choice.order("options", [gap.right, *wrong])
        return {
            "vignette": vignette,
            "question": f"{choice.pick('stem', gap.stems)} “{gap.gapped}”",
            "options": options,
            "answer": _LETTERS[options.index(gap.right)],
            "explanation": choice.pick("reason", _REASONS).format(gap.sentence),
        }
    return None


def _all(groups: Iterator[list[Gap]] | map[list[Gap]]) -> Iterator[Gap]:
    for group in groups:
        yield from group


def _quantity_gaps(statement: Statement, numbers: Sequence[Quantity], choice: Choice) -> list[Gap]:
    """The gaps at quantities of a statement, in an order by choice."""
    found = []
    for sentence in _sentences(statement) if statement.salience > 4 else []:
        own = quantities(sentence)
        for quantity in own:
            if sentence.count(quantity.text) == 1 and not _PAST.search(sentence[: quantity.start]):
                wrong = _other_values(quantity, [other for other in numbers if other.text not in sentence], choice)
                gapped = sentence[: quantity.start] + GAP + sentence[quantity.end :]
                found.append(Gap(statement, sentence, gapped, quantity.text, wrong, _stems(quantity)))
    return choice.order(f"gaps:{statement.text}", found)


def _other_values(right: Quantity, numbers: Sequence[Quantity], choice: Choice) -> tuple[str, ...]:
    """Up to two values of the same unit and form from the extract, then changed ones."""
    tail = right.tail if right.tail.endswith("s") or right.first != "1" or not right.is_time else f"{right.tail}s"
    alike = {
        f"{other.first}{other.joint}{other.second}{tail}"
        for other in numbers
        if other.unit == right.unit
        and bool(other.second) == bool(right.second)
        and ("/" in other.first) == ("/" in right.first)
    }
    real = choice.order(f"real:{right.text}", sorted(alike))[:2]
    made = [
        f"{value.removesuffix(right.tail)}{tail}" for value in choice.order(f"made:{right.text}", changed(right)[:6])
    ]
    return tuple(value for value in [*real, *made] if value != right.text and not re.match(r"1 \w+s$", value))


def _stems(quantity: Quantity) -> tuple[str, ...]:
    if quantity.is_time:
        return (
            "Which time completes this statement?",
            "Which interval, duration or age belongs in the gap?",
            "How should the gap be filled?",
        )
    if quantity.is_dose:
        return (
            "Which dose completes this statement?",
            "Which amount belongs in the gap?",
            "What is the correct dose in this statement?",
        )
    return (
        "Which value completes this statement?",
        "Which threshold or figure belongs in the gap?",
        "What is the correct value in this statement?",
    )


def _grade_gaps(statement: Statement) -> list[Gap]:
    """A gap at the grade behind a recommendation, where it is one of a known scale."""
    grade = GRADE.search(statement.text)
    if not grade:
        return []
    right = grade[0].strip("([.])").partition(";")[0]
    scale = next((scale for scale in _SCALES if right.lower() in map(str.lower, scale)), ())
    steps = [step.capitalize() if right == right.capitalize() else step for step in scale]
    wrong = tuple(step for step in steps if step.lower() != right.lower())
    at = grade.start() + 1
    gapped = statement.text[:at] + GAP + statement.text[at + len(right) :]
    return [Gap(statement, statement.text, gapped, right, wrong, _GRADE_STEMS)]


def _sentences(statement: Statement) -> list[str]:
    """The sentences of a statement that can be asked about: all of it where it is short or a list."""
    words = len(statement.text.split())
    if words <= 45 or statement.lead or not statement.whole:
        return [statement.bare] if words <= 90 else []
    return [sentence for sentence in sentences(statement.text) if 6 <= len(sentence.split()) <= 60]


def _vignette(gap: Gap) -> str:
    """What and whom the question is about, in words of the source; empty where the source does not say."""
    topic, people = topics.title(topics.missing(gap.statement.names, "")), people_in(ASIDE.sub("", gap.gapped))
    if GAP in people or topics.is_named(people, topic):
        people = ""
    named = "; ".join(filter(None, (topic, people)))
    return f"Topic: {named}." if named else ""

"""The answer of the extractive teacher: statements of the extract in the form of each kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import orjson

from synthgen.data import Extract, Transformation
from synthgen.extractive.choice import Choice
from synthgen.extractive.clauses import Question
from synthgen.extractive.options import multiple_choice
from synthgen.extractive.quantities import quantities
from synthgen.extractive.questions import ask, ask_topic
from synthgen.extractive.statements import Statement, statements

_SHARES = (0.6, 0.5, 0.7)
"""Length of a summary, relative to the extract ..."""
_MOST = 0.85
"""... and with all that holds a quantity."""
_SPEAKERS = (
    ("Trainee", "Consultant"),
    ("Student", "Tutor"),
    ("Junior doctor", "Senior doctor"),
    ("Nurse", "Physician"),
)


def answer(extract: Extract, transformation: Transformation, sample: int) -> str:
    """What the rules make of `extract`; empty where it does not hold what the transformation needs."""
    found = statements(extract)
    choice = Choice(extract.text, transformation.name, sample)
    if transformation.kind == "text":
        write = listing if transformation.layout == "list" else prose
        return write(found, len(extract.text.split()), choice, sample)
    content: Mapping[str, Any] | None
    if transformation.kind == "mcq":
        content = multiple_choice(found, extract.text, choice)
    else:
        pairs = question_pairs(found, extract.text, choice)
        content = dialogue(pairs, choice) if transformation.kind == "dialogue" else {"pairs": pairs}
        content = content if len(pairs) > 1 else None
    return orjson.dumps(content).decode() if content else ""


def prose(found: Sequence[Statement], words: int, choice: Choice, sample: int) -> str:
    """The most informative statements in their order, a paragraph a topic, shorter than `words` words.

    What holds a quantity may use more room than the rest; what holds a dose is never left out.
    """
    share = _SHARES[sample % len(_SHARES)]
    room, extra = words * share, words * (_MOST - share)
    kept: set[int] = set()
    for n in _ranked(found, choice, sample):
        length, numbers = len(found[n].text.split()), quantities(found[n].text)
        if length <= room + (extra if numbers else 0) or any(number.is_dose for number in numbers):
            kept.add(n)
            room -= length
    chosen = [statement for n, statement in enumerate(found) if n in kept]
    groups = (list(group) for _, group in groupby(chosen, key=lambda statement: statement.names))
    return "\n\n".join(" ".join([group[0].alone, *(s.bare for s in group[1:])]) for group in groups)


def listing(found: Sequence[Statement], words: int, choice: Choice, sample: int) -> str:
    """One bullet a fact, in the order of the extract; a further sample leaves out some without a quantity."""
    facts = [statement for statement in found if statement.salience] or list(found)
    if sample:
        facts = [fact for fact in facts if quantities(fact.text) or choice.number(f"keep:{fact.text}", 3)]
    return "\n".join(f"- {fact.alone}" for fact in facts)


def question_pairs(found: Sequence[Statement], text: str, choice: Choice) -> list[dict[str, str]]:
    """Up to six questions with the statements that answer them, in the order of the extract."""
    body = f" {' '.join(text.split())} "
    most = min(6, max(2, (len(found) + 1) // 2))
    chosen: dict[str, tuple[int, str]] = {}
    for n in _ranked(found, choice, 1):
        question = ask(found[n], body, choice) if len(chosen) < most else None
        if question and question.text not in chosen:
            chosen[question.text] = (n, _answered(question, found[n]))
    used = {n for n, _ in chosen.values()}
    for group in choice.order("sections", _unused(found, used)) if len(chosen) < most else []:
        question = ask_topic(found[group[0]], choice) if len(chosen) < most else None
        if question and question.text not in chosen:
            chosen[question.text] = (group[0], _opening([found[n] for n in group]))
    ordered = sorted(chosen.items(), key=lambda entry: entry[1][0])
    return [{"question": question, "answer": reply} for question, (_, reply) in ordered]


def _unused(found: Sequence[Statement], used: set[int]) -> list[list[int]]:
    """Positions of the statements that are not in `used`, grouped by section."""
    free = [n for n in range(len(found)) if n not in used]
    return [list(group) for _, group in groupby(free, key=lambda n: found[n].section)]


def dialogue(pairs: Sequence[Mapping[str, str]], choice: Choice) -> dict[str, Any]:
    """Questions and answers as turns of two speakers."""
    asks, replies = choice.pick("speakers", _SPEAKERS)
    turns = []
    for pair in pairs:
        turns += [{"speaker": asks, "text": pair["question"]}, {"speaker": replies, "text": pair["answer"]}]
    return {"turns": turns}


def _ranked(found: Sequence[Statement], choice: Choice, spread: int) -> list[int]:
    """Positions of the statements, the most salient first; `spread` above 0 lets the choice reorder near neighbours."""
    jitter = [choice.number(f"rank:{n}", 4) if spread else 0 for n in range(len(found))]
    return sorted(range(len(found)), key=lambda n: (-found[n].salience - jitter[n], n))


def _answered(question: Question, statement: Statement) -> str:
    return f"{question.answers}. {statement.bare}" if question.answers else statement.bare


def _opening(group: Sequence[Statement]) -> str:
    """The first statements of a section, as many as make a short answer."""
    told = [group[0].bare]
    for statement in group[1:4]:
        if len(" ".join([*told, statement.bare]).split()) <= 90:
            told.append(statement.bare)
    return " ".join(told)

"""Questions that a statement answers, made from its own words: its condition, its object, its label, its topic."""

from __future__ import annotations

import re
from collections.abc import Iterator

from synthgen.extractive import topics
from synthgen.extractive.choice import Choice
from synthgen.extractive.clauses import Question, ask_clause
from synthgen.extractive.grammar import is_imperative
from synthgen.extractive.phrases import CONDITION, first_sentence, lowered, split_condition
from synthgen.extractive.quantities import quantities
from synthgen.extractive.statements import Statement

_FOLLOWING = re.compile(r"The following (?P<what>[^:]+):")
_LABEL = re.compile(r"(?P<label>[A-Z][^.;:]{2,90}): ")
_COMMON_WORDS = """
    patients adults children women people management treatment therapy recommended prevention evaluation clinical
    medical disease approach
"""
_COMMON = frozenset(_COMMON_WORDS.split())
_MEDICINE = re.compile(r"drug|medic|agent|name|treatment|antibiotic|vaccine|product|class", re.IGNORECASE)
_ASKED_COLUMN = re.compile(
    r"\b(?:dos(?:e|ing|age)|maximum|minimum|target|duration|interval|frequency|monitoring|course|choice|severity"
    r"|place|age"
    r"|weight|route|threshold|rate|level|range|treatment|action|management|test|value|goal|score|grade|category"
    r"|indication"
    r"|time|volume|risk|speed|result)\b",
    re.IGNORECASE,
)
_DOSE_LABEL = re.compile(
    r"dos(?:e|es|ing|age)|target|goal|range|interval|frequency|duration|threshold|maximum|rate|level", re.IGNORECASE
)
_PERSON_LABEL = re.compile(
    r"adults?|children|child|infants?|neonates?|older|elderly|women|men|adolescents?|pediatric|pregnan\w+"
    r"|geriatric|patients?|clients?",
    re.IGNORECASE,
)


def ask(statement: Statement, body: str, choice: Choice) -> Question | None:
    """A question that `statement` answers and that stands alone, or None where no rule fits.

    `body` is the text of the extract, padded with spaces; `choice` picks among the stems that fit.
    """
    found = list(_candidates(statement, choice))
    found = [question for question in found if len(question.text.split()) <= 32 and "  " not in question.text]
    if not found:
        return None
    question = choice.pick(f"question:{statement.text}", found)
    asked = _placed(question.text, statement, body, choice)
    return Question(_named(asked, statement.text.split(" ", 1)[0], body), question.answers)


def ask_topic(statement: Statement, body: str, choice: Choice) -> Question | None:
    """A question on the topic as a whole, which the statements under it answer."""
    topic = about(statement, body)
    if not topic or not statement.whole:
        return None
    if statement.topic.endswith("?"):
        return Question(statement.topic)
    stems = (
        f"What should clinicians know about {topic}?",
        f"What is advised on {topic}?",
        f"Which points matter most for {topic}?",
        f"What is the approach to {topic}?",
        f"Could you outline {topic}?",
        f"What does good practice look like for {topic}?",
    )
    return Question(choice.pick(f"topic:{statement.topic}", stems))


def _candidates(statement: Statement, choice: Choice) -> Iterator[Question]:
    if statement.cells:
        yield from _of_row(statement, choice)
        return
    text = first_sentence(statement.text)
    if following := _FOLLOWING.match(text):
        yield Question(f"Which {following['what']}?")
        return
    if not statement.whole:
        yield from _of_label(statement, text)
        return
    condition, main = split_condition(text)
    if condition:
        yield from _of_condition(condition, main)
    yield from ask_clause(main, condition)


def _of_row(statement: Statement, choice: Choice) -> Iterator[Question]:
    (header, subject), *others = statement.cells
    name, _ = choice.pick(f"column:{statement.text}", others)
    if any(map(str.isdigit, subject)):
        subject = f"{header} {subject}".strip()
    elif " " not in f"{header}{subject}" and not _MEDICINE.match(header):
        subject = f"{subject} {header}".lower().strip()
    if _ASKED_COLUMN.search(name) and len(subject.split()) <= 12:
        yield Question(f"What is the {lowered(name)} for {lowered(subject)}?")
        yield Question(f"For {lowered(subject)}, what is the {lowered(name)}?")
    elif len(subject.split()) <= 12:
        yield Question(f"What is advised for {lowered(subject)}?")
        yield Question(f"What should be known about {lowered(subject)}?")


def _of_label(statement: Statement, text: str) -> Iterator[Question]:
    """Questions on a dose line or on a list under a heading."""
    label = _LABEL.match(text)
    name = lowered(label["label"]) if label else ""
    dose = any(quantity.is_dose for quantity in quantities(text))
    if statement.lead and name:
        name = name.lower() if name.replace(" ", "").isalpha() and name[1:].title() == name[1:] else name
        yield Question(f"What belongs under {name}?" if not name.endswith("s") else f"What are the {name}?")
    elif name and _DOSE_LABEL.search(name):
        yield Question(f"What is the {name}?")
    elif name and dose and _PERSON_LABEL.match(name):
        yield Question(f"What is the usual dose for {name}?")
        yield Question(f"How is it dosed in {name}?" if not statement.topic else f"How much is given to {name}?")
    elif name and dose:
        yield Question(f"What is the dosing for {name}?")
        yield Question(f"Which dose is used for {name}?")
    elif dose and statement.topic:
        yield Question("What is the usual dosing?")
        yield Question("What doses are used?")


def _of_condition(condition: str, main: str) -> Iterator[Question]:
    advice = re.search(r"\b(?:recommend|suggest|should|must|advise)", main) or is_imperative(
        main[:1].upper() + main[1:]
    )
    for_people = condition.split(" ", 1)[0] in {"for", "in", "among"}
    if for_people and advice:
        yield Question(f"What is recommended {condition}?")
        yield Question(f"What approach is advised {condition}?")
        yield Question(f"{condition[:1].upper()}{condition[1:]}, what is recommended?")
    elif advice:
        yield Question(f"What should be done {condition}?")
        yield Question(f"What is the recommended course {condition}?")
        yield Question(f"{condition[:1].upper()}{condition[1:]}, what should be done?")
    elif any(quantity.is_dose for quantity in quantities(main)):
        yield Question(f"What dose applies {condition}?")


def _placed(question: str, statement: Statement, body: str, choice: Choice) -> str:
    """The question with its topic, unless it names it."""
    told = statement.topic.lower() in question.lower()
    topic = topics.inline(statement.context, body) if told else about(statement, body)
    stems = set(re.findall(r"[a-z]{5,}", f"{statement.context} {topic}".lower())) - _COMMON - topics.WEAK
    said = set(re.findall(r"[a-z]{5,}", question.lower()))
    named = len(stems & said) + (len(question.split()) > 14)
    if not topic or named > 1 or (named and choice.number(f"named:{question}", 4)):
        return question
    low = question if re.match(r"[A-Z]{2}", question) else question[:1].lower() + question[1:]
    if CONDITION.match(question) and ", what" in question:
        return f"{question.rstrip('?')} regarding {topic}?"
    forms = (
        f"With regard to {topic}, {low}",
        f"Regarding {topic}, {low}",
        f"In the context of {topic}, {low}",
        f"When it comes to {topic}, {low}",
        f"Concerning {topic}, {low}",
        f"{question.rstrip('?')}, in the context of {topic}?",
    )
    return choice.pick(f"placed:{question}", forms)


def _named(question: str, first: str, body: str) -> str:
    """The question with its capital back for a name that opens the statement."""
    if f" {first.lower()}" in body or not re.search(rf"[a-z,] {re.escape(first)}\b", body):
        return question
    return re.sub(rf"(?<![\w-]){re.escape(first.lower())}(?![\w-])", lambda _: first, question)


def about(statement: Statement, body: str) -> str:
    """The topic as words in a sentence, with the wider one where it needs it and both are short."""
    topic, context = topics.inline(statement.topic, body), topics.inline(statement.context, body)
    if not context or not topics.is_weak(statement.topic):
        return topic
    return f"{context} ({topic})" if len(context.split()) <= 5 else context

"""Questions that a statement answers, made from its own words: its condition, its object, its label, its topic."""

from __future__ import annotations

import re
from collections.abc import Iterator

from synthgen.extractive import topics
from synthgen.extractive.choice import Choice
from synthgen.extractive.clauses import Question, ask_clause
from synthgen.extractive.grammar import PARTICIPLES, is_imperative, is_sentence
from synthgen.extractive.phrases import CONDITION, PATIENT, capitalised, first_sentence, lowered, split_condition
from synthgen.extractive.pieces import row_subject
from synthgen.extractive.quantities import quantities
from synthgen.extractive.statements import Statement

_LONGEST = 36
_SPECIFIC = 9
"""Words of a question that is told from others by more than its topic."""
_ASKS = re.compile(r"(?:when|who|how|why|where|what|which|not)\b", re.IGNORECASE)
_WHEN = re.compile(r"^(?:every|within|at|on|in|during|once|until|when|if|each) |(?:^| )(?:before|after|from) ")
_GRADED = re.compile(r"low|moderate|high|mild|severe|none")
_FOLLOWING = re.compile(r"The following (?P<what>[^:]+):")
_LABEL = re.compile(r"(?P<label>[A-Z][^.;:]{2,90}): ")
_ASKED_COLUMN = re.compile(
    r"\b(?:dos(?:e|ing|age)|start|step|maximum|minimum|target|duration|interval|frequency|monitoring|course|choice|severity"
    r"|place|age"
    r"|weight|route|threshold|rate|level|range|treatment|action|management|test|value|goal|score|grade|category"
    r"|indication"
    r"|time|volume|risk|speed|result|points?)\b",
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
    found = [
        question
        for question in _candidates(statement)
        if len(question.text.split()) <= _LONGEST and '"' not in question.text
    ]
    if not found:
        return None
    question = choice.pick(f"question:{statement.text}", found)
    asked = _named(question.text, statement.text.split(" ", 1)[0], body)
    return Question(_placed(asked, statement), question.answers)


def ask_topic(statement: Statement, choice: Choice) -> Question | None:
    """A question on the topic as a whole, which the statements under it answer."""
    topic = capitalised(statement.topic or statement.subject)
    if not topic or not (statement.whole or statement.lead):
        return None
    if topic.endswith("?") or (_ASKS.match(topic) and is_sentence(topic)):
        return Question(_placed(topic.rstrip("?") + "?", statement))
    if CONDITION.match(topic):
        return Question(_placed(f"What is advised {lowered(topic)}?", statement))
    if is_sentence(topic) or _ASKS.match(topic):
        return None
    stems = ("What should clinicians know about {}?", "What is advised on {}?", "Which points matter most for {}?")
    return Question(choice.pick(f"topic:{topic}", stems).format(about(statement)))


def about(statement: Statement) -> str:
    """What a statement is about, as words in a sentence; a heading that is no name is left out."""
    names = [
        name
        for name in topics.missing(statement.names, "")
        if not (is_sentence(capitalised(name)) or _ASKS.match(name))
    ]
    *wider, topic = names or [""]
    if wider and wider[-1] == statement.context and topics.is_weak(topic):
        context = wider.pop()
        topic = f"{context} in {topic}" if PATIENT.match(topic) else f"{topic} of {context}"
    return " in ".join([topic, *reversed(wider)])


def _candidates(statement: Statement) -> Iterator[Question]:
    if statement.cells:
        yield from _of_row(statement)
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


def _of_row(statement: Statement) -> Iterator[Question]:
    subject = lowered(row_subject(statement.cells))
    if len(subject.split()) > 12 or not statement.text.startswith(row_subject(statement.cells)):
        return
    header = statement.cells[0][0].lower()
    if header in {"when", "time"}:
        yield Question(f"What should be done {subject if _WHEN.search(subject) else f'at {subject}'}?")
        return
    if _GRADED.fullmatch(subject):
        subject = f"{subject} {header}"
    asked = [lowered(name) for name, _ in statement.cells[1:] if _ASKED_COLUMN.search(name) and "," not in name]
    (given, value), *others = statement.cells[1:]
    if asked and others and given and any(map(str.isdigit, value)) and not _ASKED_COLUMN.search(given):
        subject = f"{subject} with {lowered(given)} {value}"
    for name in asked:
        head, for_, whom = name.partition(" for ")
        be = "are" if head.endswith("s") else "is"
        yield Question(
            f"What {be} the {head} of {subject} for {whom}?" if for_ else f"What {be} the {name} for {subject}?"
        )
    if not asked:
        measured = all(any(map(str.isdigit, cell)) for _, cell in statement.cells[1:])
        yield Question(f"Which values apply to {subject}?" if measured else f"What is advised for {subject}?")


def _of_label(statement: Statement, text: str) -> Iterator[Question]:
    """Questions on a dose line or on a list under a heading."""
    label = _LABEL.match(text)
    name = lowered(label["label"]).removeprefix("the ") if label else ""
    named = topics.topic_name(name) and not is_sentence(name) and name.split(" ")[0].lower() not in PARTICIPLES
    name = name if named and len(name.split()) <= 8 else ""
    dose = any(quantity.is_dose for quantity in quantities(text))
    if statement.lead and name:
        if name.endswith("s"):
            yield Question(f"What are the {name}?")
    elif name and _DOSE_LABEL.search(name):
        yield Question(f"What is the {name}?")
    elif name and dose and _PERSON_LABEL.match(name):
        yield Question(f"What is the usual dose for {name}?")
    elif name and dose:
        yield Question(f"Which dose is used for {name}?")
    elif dose and statement.topic:
        yield Question("Which dose is used?")


def _of_condition(condition: str, main: str) -> Iterator[Question]:
    advice = re.search(r"\b(?:recommend|suggest|should|must|advise)", main) or is_imperative(
        main[:1].upper() + main[1:]
    )
    if advice and condition.split(" ", 1)[0] in {"for", "in", "among"}:
        yield Question(f"What is recommended {condition}?")
    elif advice:
        yield Question(f"What should be done {condition}?")
    elif any(quantity.is_dose for quantity in quantities(main)):
        yield Question(f"What dose applies {condition}?")


def _placed(question: str, statement: Statement) -> str:
    """The question with the subject and topic that it does not name: as part of it, or as a title before it."""
    needed = topics.missing(statement.names, question)
    anchor = statement.subject or statement.context or statement.topic
    if statement.whole and len(question.split()) > _SPECIFIC:
        needed = [name for name in needed if name == anchor]
    if not needed:
        return question
    low = question if re.match(r"[A-Z]{2}", question) else question[:1].lower() + question[1:]
    if needed != [statement.subject]:
        return f"{topics.title(needed)}: {low}"
    if len(question.split()) <= _SPECIFIC and not re.search(r"\b(?:in|if|when|for) ", low[4:]):
        return f"{question.rstrip('?')} in {statement.subject}?"
    return f"In {statement.subject}, {low}"


def _named(question: str, first: str, body: str) -> str:
    """The question with its capital back for a name that opens the statement."""
    if f" {first.lower()}" in body or not re.search(rf"[a-z,] {re.escape(first)}\b", body):
        return question
    return re.sub(rf"(?<![\w-]){re.escape(first.lower())}(?![\w-])", lambda _: first, question)

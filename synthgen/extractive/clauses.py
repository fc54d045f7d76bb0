"""Questions that the main clause of a sentence answers, by how the clause is built."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from synthgen.extractive.grammar import PARTICIPLES, is_imperative
from synthgen.extractive.phrases import (
    PATIENT,
    PEOPLE,
    cut,
    is_name,
    lowered,
    object_of,
    people_in,
    with_article,
)
from synthgen.extractive.quantities import quantities

_PANEL = re.compile(
    r"(?<!to )(?<!can )(?<!may )(?<!might )(?P<no>\b(?:does|do) not )?\b(?P<verb>recommends?|suggests?"
    r"|advises?) (?P<against>against )?(?P<negated>not )?(?P<what>.+)",
    re.IGNORECASE,
)
_NO_EVIDENCE = re.compile(
    r"(?:insufficient evidence|not recommend) (?:to (?:make a recommendation"
    r"|recommend) )?for or against (?P<what>.+)",
    re.IGNORECASE,
)
_BACKGROUND = re.compile(
    r"\b(?:stud|trial|evidence|data|finding|result|symptom|sign|reviews?\b|research|report)", re.IGNORECASE
)
_PASSIVE = re.compile(
    r"(?P<who>[^,;:]+?) (?P<modal>should|must|may|can)(?P<negated> not)?(?: also| only| always"
    r"| routinely)? be (?P<done>(?:\w+ed|given|held|withheld|taken|kept|begun|done|made|told|sought))\b(?P<rest>.*)"
)
_AGENT = re.compile(
    r"(?:Clinicians|Providers|Physicians|Practitioners|Prescribers|Nurses|Health care providers"
    r"|Healthcare professionals|Clients|Patients)"
    r" (?:should|must|may)(?P<negated> not)? (?P<verb>\w+) (?P<rest>.+)"
)
_STATE = re.compile(
    r"(?P<who>[^,;:]+?) (?P<be>is|are)(?P<negated> not)? (?P<state>recommended|contraindicated|indicated"
    r"|preferred|advised|required|warranted|necessary|appropriate|"
    r"needed|suggested|reserved|considered|effective)\b(?P<rest>.*)"
)
_DEFINITION = re.compile(
    r"(?P<who>[^,;:]+?) (?P<be>is|are) (?:an?|one of|defined as|characteri[sz]ed by|caused by|any)\b"
)
_INCLUDES = re.compile(r"(?P<who>[^,;:]+?) (?P<verb>includes?|(?P<modal>may|can|should) include)\b")
_DENIED = re.compile(r"(?P<who>[^,;:]+?) (?P<verb>does|do|will|can|should) ?not (?P<rest>(?!be )[^;]+)")
_INTERVAL = re.compile(
    r"\b(?:every|at least|each) \d|\b(?:weekly|monthly|annually|yearly|quarterly|daily|twice|once a|every (?:day"
    r"|week|month|year|other))\b"
)
_WHEN = re.compile(r"\b(?:if|when|whenever|unless|until|before|after|at age|prior to|during|within|once)\b")
_LONGEST_BEHIND = 14
_GIVEN = frozenset(
    {
        "administered",
        "given",
        "offered",
        "added",
        "started",
        "initiated",
        "prescribed",
        "used",
        "titrated",
        "reinstituted",
        "increased",
    }
)
_TOLD = frozenset(
    {"reminded", "instructed", "told", "counseled", "counselled", "advised", "informed", "educated", "encouraged"}
)
_GERUND = {
    "considering": "considered",
    "offering": "offered",
    "using": "used",
    "initiating": "initiated",
    "prescribing": "prescribed",
    "starting": "started",
}
_CHECKING = {"measuring": "measured", "monitoring": "monitored", "checking": "checked", "repeating": "repeated"}
_CHECKED_WORDS = "monitored checked measured repeated assessed screened performed evaluated reviewed tested"
_CHECKED = frozenset(_CHECKED_WORDS.split())


@dataclass(frozen=True, slots=True)
class Question:
    """`text` asks; `answers` is `Yes`, `No` or empty: how the statement answers a question that asks for either."""

    text: str
    answers: str = ""


def ask_clause(text: str, condition: str) -> list[Question]:
    """The questions on a main clause by the first rule that knows its form; `condition` is put behind them."""
    where = f" {condition}" if condition else ""
    for rule in _RULES:
        found = rule(text, where)
        if found is not None:
            return list(found)
    return []


_Rule = Callable[[str, str], Iterator[Question] | None]
"""The questions on a clause, None where it has another form."""


def _undecided(text: str, where: str) -> Iterator[Question] | None:
    found = _NO_EVIDENCE.search(text)
    if not found:
        return None
    what = cut(found["what"])
    return iter([Question(f"Is there enough evidence to recommend for or against {what}{where}?", "No")])


def _recommended(text: str, where: str) -> Iterator[Question] | None:
    """`The panel recommends ...`"""
    found = _PANEL.search(text)
    if not found or _BACKGROUND.search(text[: found.start()]):
        return None
    if found["what"].startswith("that "):
        return _that(found["what"], where)
    return _advice(found["what"], where, "No" if found["against"] or found["negated"] or found["no"] else "Yes")


def _that(what: str, where: str) -> Iterator[Question]:
    clause = re.match(r"that (?P<who>.+?) (?:should|must|be|receive|undergo|is|are)\b", what)
    if clause and is_name(clause["who"], 16):
        preposition = "for" if PEOPLE.match(clause["who"]) else "regarding"
        yield Question(f"What is recommended {preposition} {clause['who']}{where}?")


def _advice(what: str, where: str, answers: str) -> Iterator[Question]:
    short = cut(what)
    if not 2 <= len(short.split()) <= 20 or re.match(r"(?:for|in|to|on|at|by|with)\b", short) or not is_name(short, 20):
        return
    gerund, _, rest = short.partition(" ")
    if gerund in _CHECKING and _INTERVAL.search(what) and (thing := object_of(what.partition(" ")[2])):
        yield Question(f"How often should {thing} be {_CHECKING[gerund]}{where}?")
        return
    if done := _GERUND.get(gerund):
        thing, to, whom = rest.partition(" to ")
        yield Question(f"Should {thing} be {done}{to}{whom}{where}?", answers)
    else:
        yield Question(f"Is {with_article(short)} recommended{where}?", answers)
    yield Question(f"What is the recommendation on {with_article(short)}{where}?")


def _instruction(text: str, where: str) -> Iterator[Question] | None:
    """`Offer ...`, `Do not give ...`, `Clinicians should refer ...`"""
    if is_imperative(text[:1].upper() + text[1:]):
        negated = text.lower().startswith("do not ")
        verb, _, rest = text[7 if negated else 0 :].partition(" ")
    elif agent := _AGENT.match(text):
        verb, rest, negated = agent["verb"], agent["rest"], bool(agent["negated"])
    else:
        return None
    done = PARTICIPLES.get(verb.lower())
    return _action(done, rest, where, negated) if done else None


def _action(done: str, rest: str, where: str, negated: bool) -> Iterator[Question]:
    """Questions on an instruction: its verb as a participle, and what follows the verb."""
    what = object_of(rest)
    to_people = PEOPLE.match(rest) is not None
    if not what or (not to_people and done in {"offered", "given"} and PATIENT.search(what)):
        return
    if to_people and done in _TOLD:
        yield Question(f"What advice should {what} be given{where}?")
    elif to_people and done in {"offered", "given"}:
        yield Question(f"What should {what} be {done}{where}?")
    elif done == "offered" and PEOPLE.search(rest):
        yield Question(f"Who should be offered {what}{where}?")
    else:
        behind = rest[len(what) :] if rest.startswith(what) else rest
        yield from _wh("should", what, done, behind, where, negated)


def _passive(text: str, where: str) -> Iterator[Question] | None:
    """`X should be given ...`, `X may be used ...`"""
    found = _PASSIVE.match(text)
    if not found:
        return None
    who, done, rest, negated = lowered(found["who"]), found["done"], found["rest"], bool(found["negated"])
    if not is_name(found["who"]):
        return iter([])
    if found["modal"] not in {"can", "may"}:
        return _wh("should", who, done, rest, where, negated)
    if done == "used" and rest.startswith((" to ", " for ")) and not negated:
        return iter([Question(f"What can {who} be used for{where}?")])
    asked = f"{found['modal'].capitalize()} {who} be {done}{cut(rest)}{where}?"
    return iter([Question(asked, "No" if negated else "Yes")])


def _state(text: str, where: str) -> Iterator[Question] | None:
    """`X is indicated ...`"""
    found = _STATE.match(text)
    if not found:
        return None
    known = is_name(found["who"])
    return (
        _wh(found["be"], lowered(found["who"]), found["state"], found["rest"], where, bool(found["negated"]))
        if known
        else iter([])
    )


def _wh(auxiliary: str, who: str, done: str, rest: str, where: str, negated: bool) -> Iterator[Question]:
    """Questions on `who auxiliary done`, by what the rest of the sentence holds."""
    said = f"{auxiliary} {who} {'be ' if auxiliary == 'should' else ''}{done}"
    if negated and not where and _WHEN.search(rest):
        yield Question(f"When {auxiliary} {who} not {said.removeprefix(f'{auxiliary} {who} ')}?")
    elif negated:
        yield from _polar(said, rest, where, "No")
    elif done in _TOLD and PATIENT.search(who):
        yield Question(f"What advice should {who} be given{where}?")
    elif done == "referred" and PATIENT.search(who):
        yield Question(f"What referral is advised for {who}{where}?")
    elif opening := _wh_word(said, done, rest, where):
        yield Question(f"{opening} {said}{where}?")
    else:
        yield from _polar(said, rest, where, "Yes")
        if auxiliary == "should":
            yield Question(f"What is advised regarding {who}{where}?")


def _polar(said: str, rest: str, where: str, answers: str) -> Iterator[Question]:
    """A question for yes or no, unless what follows the verb is too long to belong to it."""
    behind = cut(rest) if rest.startswith((" ", ",")) else ""
    if len(behind.split()) <= _LONGEST_BEHIND:
        yield Question(f"{said[0].upper() + said[1:]}{behind}{where}?", answers)


def _wh_word(said: str, done: str, rest: str, where: str) -> str:
    """The question word that asks for what the rest of a sentence holds; empty where yes or no answers it."""
    found = quantities(rest)
    fits = {
        "How often": done in _CHECKED and _INTERVAL.search(rest),
        "By how much": "dos" in said and found and done in {"increased", "reduced", "decreased"},
        "At what dose": done in _GIVEN and any(quantity.is_dose for quantity in found),
        "At what level": done in {"maintained", "kept"} and found,
        "When": done == "contraindicated" or (not where and _WHEN.search(rest)),
        "In whom": not where and PEOPLE.search(rest),
        "How": said.startswith("should ")
        and done not in {"avoided", "stopped"}
        and (found or re.match(r" (?:by|using|through|via)\b", rest)),
    }
    return next((word for word, fit in fits.items() if fit), "")


def _includes(text: str, where: str) -> Iterator[Question] | None:
    found = _INCLUDES.match(text)
    if not found:
        return None
    auxiliary = found["modal"] or ("does" if found["verb"] == "includes" else "do")
    asked = Question(f"What {auxiliary} {lowered(found['who'])} include{where}?")
    return iter([asked] if is_name(found["who"]) else [])


def _denied(text: str, where: str) -> Iterator[Question] | None:
    """`X does not ...`"""
    found = _DENIED.match(text)
    if not found or not is_name(found["who"]):
        return None
    asked = f"{found['verb'].capitalize()} {lowered(found['who'])} {cut(found['rest'])}{where}?"
    return iter([Question(asked, "No")])


def _defined(text: str, where: str) -> Iterator[Question] | None:
    found = _DEFINITION.match(text)
    if not found or where or not is_name(found["who"], 7):
        return None
    return iter([Question(f"What {found['be']} {lowered(found['who'])}?")])


def _for_people(text: str, where: str) -> Iterator[Question] | None:
    people = people_in(text)
    if not people or where or not re.search(r"\b(?:recommend|should|must|suggest|offer)", text):
        return None
    return iter([Question(f"What is recommended for {people}?")])


_RULES: tuple[_Rule, ...] = (
    _undecided,
    _recommended,
    _instruction,
    _passive,
    _state,
    _includes,
    _denied,
    _defined,
    _for_people,
)

"""Phrases of clinical sentences: whom they speak of, their condition, their object, and what can be cut from them."""

from __future__ import annotations

import re

from synthgen.extractive.grammar import GRADE, PARTICIPLES, is_imperative, is_sentence

CONDITION = re.compile(r"(For|In|Among|If|When|Once|After|Before|During|Until|Unless) ")
_MAIN = re.compile(
    r"(?:the|a|an|we|it is|there is|clinicians?|providers?|physicians?|patients?|therap\w+|treatment|use|no"
    r"|[\w-]+(?: [\w-]+){0,5} (?:should|must|may|can|is|are))\b"
)
_END_OF_OBJECT = re.compile(
    r" ?(?:[;:\[]|[,.](?!\d))| [<>≥≤]| (?:to|for|in|at|if|when|whenever|unless|until|as|by|every|twice|once|from"
    r"|within|on|while|prior|before|after|during|who|that|which|using|only|first|again|instead|daily|weekly|because|due|over|with|per"
    rf"|and (?:{'|'.join(PARTICIPLES)}))(?![\w-])| \d"
)
_TAIL = re.compile(
    r", (?:so|which|but|although|as|with|such as|including|who|where|and (?:should|may|can|must))\b.*"
    r"|,? (?:because|due to|as it|as they|since|so that|in order to|given|regardless|following a|unless|until"
    r"|that takes"
    r"|to (?:reduce|slow|improve|prevent|increase|support|avoid|achieve))\b.*"
    r"| ?[;:].*"
)
PEOPLE = re.compile(
    r"\b(?P<who>(?:(?:all|most|some|adult|older|elderly|pregnant|pediatric|hypertensive|obese|overweight|diabetic"
    r"|healthy|selected|young|younger|asymptomatic|symptomatic|high-risk) ){0,3}"
    r"(?:patients|adults|children|women|men|infants|people|persons|individuals|clients|adolescents|neonates)"
    r"(?: (?:with|who|aged|at|on|taking|receiving|undergoing|younger than|older than|under|over"
    r"|[<>≥≤]) ?[^,;:()]{2,70}?)?)(?=[,;:()]| (?:to|should|must|may|is|are|as|if|when|unless|until|for|receive|be"
    r"|by|due)\b|\.?$)",
    re.IGNORECASE,
)
PATIENT = re.compile(
    r"\b(?:patients?|adults|children|women|men|infants|people|persons?|individuals|clients?|child|woman|man)\b",
    re.IGNORECASE,
)
ASIDE = re.compile(r" ?\([^()]*\)")
_PRONOUN = re.compile(
    r"(?:it|they|this|these|that|those|he|she|we|there|you|i|one|some|none|both|no|many|most|all|such|various"
    r"|several|other|each|any|if|when|where|after|before|with|without|in|for|at|to|from|during|once|until|because"
    r"|although|since|while|due|based|given|your|our|their|its|my|his|her)\b",
    re.IGNORECASE,
)
_OPEN_END = re.compile(r"(?:ed| (?:of|with|in|at|who|it|them|this|these|any))$")
_VAGUE_WORDS = "a an the information activity care treatment therapy attention patient low slowly early"
_VAGUE = frozenset(_VAGUE_WORDS.split())
_NO_OBJECT = frozenset(
    ["for", "at", "if", "with", "until", "to", "in", "of", "on", "by", "as", "whether", "that", "how", "when"]
)


def people_in(text: str) -> str:
    """The patients that a sentence speaks of, as words in a sentence; empty where it names none."""
    people = PEOPLE.search(text)
    who = people["who"].strip() if people else ""
    if len(who.split()) < 3 or is_sentence(who) or "whose" in who or _OPEN_END.search(who):
        return ""
    return lowered(who) if text.startswith(who) else who


def object_of(rest: str) -> str:
    """The object that `rest`, the words behind a verb, opens with; empty where it names nothing to ask about."""
    people = PEOPLE.match(rest)
    bare = ASIDE.sub("", rest)
    end = _END_OF_OBJECT.search(bare)
    what = people["who"] if people else (bare[: end.start()] if end else bare).rstrip(" .")
    vague = _PRONOUN.match(what) or what.lower() in _VAGUE or what.split(" ")[0] in _NO_OBJECT
    vague = vague or what.split(" ")[-1] in _NO_OBJECT
    return "" if vague or not what[:1].isalpha() or len(what.split()) > 12 else what


def split_condition(text: str) -> tuple[str, str]:
    """A leading condition, in lower case, and the clause behind it; the condition is empty where there is none."""
    if not CONDITION.match(text):
        return "", text
    depth = 0
    for at, letter in enumerate(text):
        depth += (letter in "([") - (letter in ")]")
        rest = text[at + 1 :].lstrip()
        if letter in ",:" and depth == 0 and (_MAIN.match(rest) or is_imperative(rest[:1].upper() + rest[1:])):
            condition = re.sub(r", (?:proceed|do|then)\b.*", "", text[0].lower() + text[1:at])
            fits = at < 180 and not re.search(r"\b(?:should|must)\b", condition)
            return (condition, rest) if fits else ("", text)
    return "", text


def first_sentence(text: str) -> str:
    """The first sentence of a statement, without its grade and its full stop."""
    match = re.match(r".+?[a-z0-9)%][.](?=\s[A-Z(\[])", text)
    return GRADE.sub("", match[0] if match else text).rstrip(" .")


def cut(text: str) -> str:
    """A phrase without reasons, asides and what follows its first clause."""
    return _TAIL.sub("", ASIDE.sub("", text.rstrip("."))).rstrip()


def with_article(text: str) -> str:
    """A noun phrase with the article that a sentence needs."""
    return f"the {text}" if text.startswith("use of ") else text


def is_name(who: str, longest: int = 12) -> bool:
    """Whether a phrase names something by itself, in at most `longest` words."""
    clause = is_sentence(who) or re.search(r"\b(?:that|which|who)\b", who)
    return len(who.split()) <= longest and not _PRONOUN.match(who) and not clause


def capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def lowered(text: str) -> str:
    """Lower-case first letter, unless the first word is an acronym or a name with capitals inside."""
    first = text.split(" ", 1)[0]
    return text if not first[1:].islower() and len(first) > 1 else text[:1].lower() + text[1:]

"""How strongly something is recommended, and on what evidence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from synthgen.claims.alignment import Claim, claims_of, closest
from synthgen.claims.findings import finding, verdict
from synthgen.claims.general import is_general
from synthgen.claims.modality import ADVICE, OPTION, urged
from synthgen.claims.source import Source
from synthgen.claims.words import table, words_of
from synthgen.data import Extract, Record, Verdict
from synthgen.filters.base import Filter

_ROMAN = r"i{1,3}[abcd]?|iv"
_LETTER = rf"(?:[abcd][+-]?|{_ROMAN}|eo|gpp|[1-5][abc+-]?(?![\d.]))"
_GRADES: Mapping[str, re.Pattern[str]] = {
    "strength": re.compile(
        r"\b(?P<a>strong|weak|conditional|discretionary)(?:ly)?(?: (?:recommendation )?(?:for|against)\b"
        r"| ?recommendation|[;,)] |\W{1,3}\Z)"
        r"|\b(?:strong|weak|conditional)\b(?=\W{0,4}(?:\||\Z))"
        r"|\brecommendation\W{1,4}(?:is |was |rated |graded )?(?:as )?(?P<b>strong|weak|conditional)\b"
        r"|\b(?P<c>strongly|weakly) (?:recommend|suggest|advis|so\b)"
    ),
    "evidence": re.compile(
        r"\b(?P<a>very[ -]low|low|moderate|high)[ -](?:quality|certainty|strength|level|grade)[ -](?:of )?evidence"
        r"|\b(?P<b>very[ -]low|low|moderate|high|strong|weak|insufficient|limited) evidence\b"
        r"|\b(?:quality|certainty|strength|level) of (?:the )?evidence\W{1,3}(?:is |was |rated "
        r"|as )*(?P<c>very low|low|moderate|high)\b"
        r"|\bevidence [^.;]{0,40}?(?:was|is) rated (?:as )?(?P<d>very low|low|moderate|high)\b"
    ),
    "letter": re.compile(
        rf"[(\[] ?[*_]*(?:grades?:? ?(?:[1-5][abc+-]?)?|)(?P<a>[abcd][+-]?|{_ROMAN}|[1-5][abc]|eo|gpp)[*_]* ?[)\]]"
        rf"|\bgraded?:?(?: as| of| is)? (?P<b>{_LETTER})\b(?! (?:recommend)?[a-z]* ?(?:and|or) )|\b(?P<c>[abcd]|eo"
        rf"|i{{1,3}}) grade\b|\bgrade (?:is|was) (?P<d>{_LETTER})\b"
        rf"|\b(?<=and )(?:an? )?(?P<e>[bcd]|eo|i{{1,3}})(?: grade)? for\b"
        rf"|\b(?:level|class|category)(?: of evidence)?:? (?P<f>[1-5][abc]?|{_ROMAN}|[abcd])\b"
    ),
}
_MUST = re.compile(
    r"\b(?:must|mandatory|requires?|required|compulsory|always|essential|obligatory|imperative|has to be"
    r"|have to be|needs? to be|necessary|every patient|invariably)\b"
)
_MAY = re.compile(
    r"\b(?:may|might|could|can|consider\w*|option\w*|possib\w*|perhaps|reasonable|suggest\w*|sometimes|discretion"
    r"|permitted|allowed|potential\w*|some|usually|typically"
    r"|(?:if|when|where) (?:available|possible|needed|desired|feasible|appropriate))\b"
)
_DIRECT = re.compile(r"\b(?:should|recommend\w*|must|shall|requir\w+|needs? to|ha(?:s|ve) to)\b")
_HEDGE = re.compile(r"\b(?:may|might|could|can|consider\w*|option\w*|possib\w*)\b")
_STRONG, _WEAKLY = re.compile(r"\bstrong(?:ly)?\b"), re.compile(r"\bweak(?:ly)?\b")
_CUES = table(
    """
    strong strongly weak weakly conditional conditionally discretionary evidence grade grades graded level
    levels class category quality a b c d i ii iii iv eo gpp ia ib ic id iia iib iic iiia iiib iiic 1a 1b 1c 2a 2b 2c
    3a 3b
    """
)
_BOUND = re.compile(
    r"\b(?:should|must) (?:never |not )?(?:exceed|go (?:above|over|below)"
    r"|(?:be|stay|remain) (?:no|not|at|above|below|under|over|less|more|between|within))\b"
)
"""A duty that only words a limit."""
_ANY_DEED = table("administer start treat perform follow do prescrib stop")
"""Stems of verbs that may stand for any other."""
_DIRECTION = re.compile(r"\b(?:for|against)\Z")
_CAUTION = re.compile(r"\bcaution\w*|\bcareful\w*")
_AVOID = re.compile(r"\b(?:avoid\w*|contraindicat\w*|should not|must not|do not)\b")
_NEEDS = re.compile(r"\b(?:needs?|only|but)\b")
_WEAK = re.compile(r"\b(?:may|might|could|optional|if convenient|if desired|can be considered|discretion\w*)\b")
_FIRM = re.compile(
    r"\b(?:should|must|shall|recommends?|(?<!if )required?|requires|do not|always|mandatory|needs? to)\b"
)
_NOT = re.compile(r"\b(?:not|no|never|cannot|against|avoid)\b")
_SOFTENED = re.compile(
    r"\b(?:may|(?<!you )(?:can|could)|might|consider\w*|option\w*|possib\w*|suggest\w*|reasonable|perhaps)\b"
)
_CONSIDER = re.compile(r"\bconsider(?:ing|ed|s)?\b")
_IMPERATIVE = re.compile(r"\b(?:suggest\w*|encourag\w*|do not|not exceed|maximum|is to be|are to be|needed)\b")


class Strength(Filter):
    """Rejects `grade_changed` and `strength_changed`.

    A grade is a strength, a quality of evidence, a letter or a level that the sentence behind a statement does not
    have.
    Strength is a must or a should for a may, a may for a should, a caution for a ban.
    """

    name = "strength"
    codes = {
        "strength_changed": "it recommends more or less strongly than the extract",
        "grade_changed": "it gives another grade of evidence or recommendation",
    }
    order = 60

    def check(self, record: Record, extract: Extract) -> Verdict:
        found = (
            finding(statement, claim, code=change[0], why=change[1])
            for statement, claim, asked in claims_of(record, extract).reworded("vignette", "option", "question")
            if claim.support and claim.covered >= 0.5
            if (claim.special or (asked and asked.special)) and (change := _changed(claim))
        )
        return verdict(self.name, "strength_changed", found)


@lru_cache(maxsize=4096)
def grades(low: str) -> Mapping[str, frozenset[str]]:
    """The grades that a text names, by kind of scale."""
    found: dict[str, frozenset[str]] = {}
    if not words_of(low) & _CUES:
        return found
    low = low.replace("*", "").replace("_", "")
    for kind, pattern in _GRADES.items():
        values = set()
        for match in pattern.finditer(low):
            value = next((group for group in match.groups() if group), "") or match[0]
            value = value.replace("-", " ").removesuffix("ly").strip()
            values.add(f"{value} {direction[0]}" if (direction := _DIRECTION.search(match[0])) else value)
        if kind == "strength" and values and _STRONG.search(low) and _WEAKLY.search(low):
            values = {"strong", "weak"}
        if values:
            found[kind] = frozenset(values)
    return found


@lru_cache(maxsize=1 << 13)
def _changed(claim: Claim) -> tuple[str, str] | None:
    """The code and the change of a statement's grade or strength."""
    # A statement that compares ("the same criteria but grade B") says less than it needs to be looked up.
    if " same " in claim.low:
        return None
    return _regraded(claim) or _restrengthened(claim)


def _regraded(claim: Claim) -> tuple[str, str] | None:
    if claim.first <= 0.5:
        return None
    for kind, said in grades(claim.low).items():
        named = {word.stem for word in claim.words if not is_general(word.text)}
        if len(said) > 1 and len(named) < 4:
            meant = _union(claim.source, range(len(claim.source.units)), kind)
        else:
            near = closest(claim, _CUES) if len(said) == 1 else claim.rivals
            meant = _union(claim.source, (*near, *claim.support), kind)
        if meant and not all(any(_agree(value, other) for other in meant) for value in said):
            return "grade_changed", f"{kind}: {'/'.join(sorted(meant))} to {'/'.join(sorted(said))}"
    return None


def _union(source: Source, numbers: Iterable[int], kind: str) -> frozenset[str]:
    """The grades of some sentences; of what follows on its line where a sentence has none."""
    found = (
        grades(source.units[one].low).get(kind) or grades(source.tail(one)).get(kind) or frozenset[str]()
        for one in numbers
    )
    return frozenset[str]().union(*found)


def _agree(said: str, meant: str) -> bool:
    """Whether two grades are one, where either may leave out its direction."""
    return said == meant or said.startswith(f"{meant} ") or meant.startswith(f"{said} ")


def _other_modal(claim: Claim) -> str:
    """A verb that the statement urges as another kind of thing (an option, advice, a duty) than the sentences do."""
    for verb, said in urged(claim.low).items():
        meant = frozenset[tuple[int, bool]]().union(*[urged(unit.low).get(verb, ()) for unit in claim.units])
        if not meant or meant & said or {denied for _, denied in meant} != {denied for _, denied in said}:
            continue
        lowered = max(said) < min(meant)
        # Plain language says "must" for "should" without meaning more.
        if OPTION not in {strength for strength, _ in meant | said}:
            continue
        if not (lowered and any(_MAY.search(unit.low) for unit in claim.units if verb in urged(unit.low))):
            return f"another modal verb: {verb}"
    return ""


def _same_deed(claim: Claim, strength: int) -> bool:
    """Whether the best sentence speaks of what the statement urges so strongly; so if it urges without a modal verb."""
    deeds = [verb for verb, said in urged(claim.low).items() if any(how >= strength for how, _ in said)]
    return not deeds or any(verb in _ANY_DEED or verb in claim.units[0].stems for verb in deeds)


def _restrengthened(claim: Claim) -> tuple[str, str] | None:
    if claim.first <= 0.7:
        return None
    low, first = _BOUND.sub(" ", claim.low), claim.units[0].low
    around = " ".join(unit.low for unit in claim.units)
    if change := _other_modal(claim):
        return "strength_changed", change
    must = _MUST.search(low) and not _SOFTENED.search(low) and not _MUST.search(around)
    if must and _MAY.search(first) and not _DIRECT.search(first):
        return "strength_changed", "raised to must"
    should = _DIRECT.search(low) and not _HEDGE.search(low) and not _DIRECT.search(around)
    if (
        should
        and _same_deed(claim, ADVICE)
        and _HEDGE.search(first)
        and (_CONSIDER.search(first) or not _IMPERATIVE.search(first))
    ):
        return "strength_changed", "raised to should"
    if "weak" in low or "conditional" in low:
        return None
    may = _WEAK.search(low) and not (_DIRECT.search(low) or _MUST.search(low) or _NEEDS.search(low))
    if (
        may
        and _same_deed(claim, OPTION)
        and _FIRM.search(first)
        and not _HEDGE.search(around)
        and not _NOT.search(f"{around} {low}")
    ):
        return "strength_changed", "lowered to may"
    if _CAUTION.search(low) and _AVOID.search(first) and not _CAUTION.search(around) and not _AVOID.search(low):
        return "strength_changed", "lowered to caution"
    return None

"""What of a document is in no extract because it teaches nothing clinical, and why.

Codes: `references` (reference lists, the document's own title and citation), `administrative` (funding, copyright,
availability, disclaimers ...) and `repeated` (a paragraph that stands in many documents).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from math import ceil

from synthgen.data import Document, Drop
from synthgen.extracts.blocks import Block, blocks
from synthgen.recipe import ExtractSettings

MIN_WORDS = {"paragraph": 12, "item": 30}
"""A shorter paragraph or list item ("None stated", a contraindication) is never boilerplate. Other blocks never are,
nor is a paragraph that introduces a list, nor one that a converter left of a table (indented, or in HTML)."""
_NOT_PROSE = {"paragraph": ("    ", "<", "—"), "item": ("<",)}

_DIRECTIVE = re.compile(
    r"\b(?:should|must|do not|recommend(?:s|ed)?|suggests?|(?:contra)?indicated|administer|avoid|give|monitor|offer"
    r"|prescribe|refer|repeat|start|stop|treat)\b",
    re.IGNORECASE,
)
_NOTICE = re.compile(
    r"\bguidelines?\b[^.\n]{0,80}\b(?:withdrawn|archived|superseded|retired|rescinded|no longer (?:available|current))"
    r"|\[\d+ references?\]|\b(?:19|20)\d\d\b[^.\n]{0,30}\.\s\d+\s?p\."
    r"|\b(?:19|20)\d\d[^.;\n]{0,12};\d+(?:\(\d+\))?:\w?\d",
    re.IGNORECASE,
)
_NUMBERING = re.compile(
    r"\A(?:(?:section|part|chapter)\s+)?(?:\d{1,2}(?:\.\d{1,2})*[.):]?|(?:[a-z]|[ivx]{1,4})[.):])\s+"
)
_PLURAL = re.compile(r"\(s\)|(?<=[a-z])(?<![aius])s\b")


def _headings(names: str) -> frozenset[str]:
    return frozenset(" ".join(name.split()) for name in names.split(";"))


DROPPED_HEADINGS = {
    "references": _headings("""
    bibliographic source; bibliography; citation; cited literature; further reading; guideline title; how to
    cite; how to cite this article; how to cite this guideline; list of reference; literature cited; original
    source; reference; reference and note; reference cited; reference list; reference supporting the
    recommendation; source document; suggested citation; works cited
    """),
    "administrative": _headings("""
    about the author; about this article; acknowledgement; acknowledgment; adaptation; additional file;
    additional information about the author; article information; article note; associated data; author
    affiliation; author contribution; author detail; author disclosure; author information; author note;
    availability of companion document; availability of data and material; clinical specialty; committee member;
    companion document; competing interest; competing interest and funding; composition of group that authored
    the guideline; composition of the group that authored the guideline; conflict of interest; conflict of
    interest disclosure; conflict of interest statement; consent for publication; contact information;
    contributors; copyright; copyright and licence; copyright and license; copyright statement; corresponding
    author; data availability; data availability statement; date released; declaration of competing interest;
    declaration of conflicting interest; declaration of interest; disclaimer; disclaimer statement; disclosure
    and management of financial conflict of interest; disclosure of guideline funding source; disclosure of
    interest; disclosure statement; disclosures; document history; endorser; financial disclosure; financial
    disclosure statement; financial disclosure/conflict of interest; financial support; funding; funding source;
    funding statement; funding/support; guideline availability; guideline category; guideline committee;
    guideline developer; guideline developer comment; guideline development group composition: methodologist
    involvement; guideline development group composition: multidisciplinary group; guideline development group
    composition: patient and public perspective; guideline endorser; guideline status; guideline working group;
    identifying information and availability; image credit; implementation tool; institute of medicine (iom)
    national healthcare quality report categories; intended user; iom care need; iom domain; legal disclaimer;
    legal notice; list of contributor; neats assessment; ngc disclaimer; ngc status; number of source document;
    panel member; patient resource; peer reviewers; permission; permission and reprint; publication history;
    publisher note; reviewers; role of the funding source; source of funding; sponsor; supplementary data;
    supplementary material; supporting information; terms of use; working group member
    """),
}
"""Headings of sections that say nothing clinical, by the code that they are dropped with: lower case, without
apostrophes and numbering. One in the singular stands for its plural too. Matched whole, not in part: "Methods",
"Contraindications" and "Disclosure" (of a diagnosis) are content."""

# A section inside a dropped one that is content all the same: converters put appendices under the references.
_RESUMES = re.compile(r"(?:appendix|annex|table|figure|recommendation|dos(?:e|age|ing)|treatment|management)", re.I)
_DOSE = re.compile(r"\d\s?(?:[mkµμnd]?g|mcg|micrograms?|milligrams?|grams?|m[lL]|mmol|mEq|IU|units?)\b")
_QUANTITY = re.compile(
    r"\d\s?-?(?:m?mol|mEq|[mkµμn]?c?g|(?:micro|milli)?grams?|[md]?[lL]|IU|units?|mm|cm|mmHg|kPa|kcal|tablets?|puffs?"
    r"|h|hrs?|hours?|days?|weeks?|months?|years?|times|doses?|percent)\b|\d\s?[%°‰]|[<>≤≥=±~]\s?\d"
    r"|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve)[ -](?:hour|day|week|month|year|time|dose)s?\b"
)
# Words of patient care that disclaimers and descriptions of method do without ("diagnosis" and "therapy" they need).
_CLINICAL = re.compile(
    r"\b(?:acute|blood|cardiac|chronic|contraindicat|dos(?:e|es|ing|age)\b|exercis|fever|hepatic|indicated\b"
    r"|indications?\b|infect|inject|medication|oral|pain|pregnan|renal|surg|symptom|tablet|vaccin)",
    re.IGNORECASE,
)


def holds_quantity(text: str) -> bool:
    """Whether `text` has a number with a unit, a percentage, a duration or a threshold in it."""
    return _QUANTITY.search(text) is not None


def is_notice(text: str) -> bool:
    """Whether the block `text` is a citation, or says that the guideline was withdrawn."""
    return _NOTICE.search(text) is not None


def states_something(text: str) -> bool:
    """Whether the block `text` says how to care for a patient: it has a quantity, or a directive in clinical words,
    and is no notice."""
    if len(text.split()) < 5 or is_notice(text):
        return False
    return holds_quantity(text) or (_CLINICAL.search(text) is not None and _DIRECTIVE.search(text) is not None)


def repeated_paragraphs(documents: Iterable[Document], settings: ExtractSettings) -> frozenset[bytes]:
    """Digests (16 bytes) of the boilerplate: paragraphs that stand in at least `settings.repeated_in` documents and
    in at least the share `settings.repeated_share` of all.

    Compared without regard to white space and case, counted once a document. A paragraph with a quantity or with
    words of patient care is never boilerplate. `documents` is read once and not held: memory is about 150 bytes for
    every distinct paragraph.
    """
    counts: Counter[bytes] = Counter()
    total = 0
    for document in documents:
        total += 1
        counts.update({digest for _, digest in _candidates(document.text, blocks(document.text))})
    least = max(settings.repeated_in, ceil(settings.repeated_share * total))
    return frozenset(digest for digest, count in counts.items() if count >= least)


def find_drops(document: Document, repeated: frozenset[bytes]) -> list[Drop]:
    """The spans of `document` that are in no extract, in order and without overlap; white space behind included."""
    found, doc_id = blocks(document.text), document.doc_id
    drops = [
        Drop(doc_id, found[first].start, found[last].end, code, found[first].heading[:80])
        for first, last, code in _sections(document.text, found)
    ]
    inside = [(drop.start, drop.end) for drop in drops]
    for block, digest in _candidates(document.text, found) if repeated else ():
        if digest in repeated and not any(start <= block.start < end for start, end in inside):
            words = " ".join(document.text[block.start : block.end].split())
            drops.append(Drop(doc_id, block.start, block.end, "repeated", words[:80]))
    return sorted(drops, key=lambda drop: drop.start)


def _candidates(text: str, found: Sequence[Block]) -> Iterator[tuple[Block, bytes]]:
    """The blocks of `text` that may be boilerplate, with the digest of their normalised words."""
    for block in found:
        least = MIN_WORDS.get(block.kind)
        if least is None or text.startswith(_NOT_PROSE[block.kind], block.start):
            continue
        words = text[block.start : block.end].casefold().split()
        if len(words) < least or words[-1].endswith(":"):
            continue
        plain = " ".join(words)
        if not _QUANTITY.search(plain) and not _CLINICAL.search(plain):
            yield block, blake2b(plain.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _sections(text: str, found: Sequence[Block]) -> Iterator[tuple[int, int, str]]:
    """(first block, last block, code) of every section whose heading is in the table; one that states a dose is not
    taken for administrative."""
    after = 0
    for index, block in enumerate(found):
        code = _code(block.heading) if index >= after and block.kind == "heading" else None
        if code is None:
            continue
        last = index
        while last + 1 < len(found) and not _ends_section(found[last + 1], block.level):
            last += 1
        section = (text[part.start : part.end] for part in found[index : last + 1])
        if code == "references" or not any(_DOSE.search(part) and states_something(part) for part in section):
            yield index, last, code
            after = last + 1


def _code(heading: str) -> str | None:
    words = " ".join(heading.casefold().replace("&", "and").replace("’", "").replace("'", "").split())
    words = _NUMBERING.sub("", words, count=1).strip(" .:*_")
    spellings = {words, _PLURAL.sub("", words)}
    return next((code for code, headings in DROPPED_HEADINGS.items() if spellings & headings), None)


def _ends_section(block: Block, level: int) -> bool:
    return block.kind == "heading" and (block.level <= level or _RESUMES.match(block.heading) is not None)

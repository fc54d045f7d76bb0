"""The dataset card: `README.md` of the exported set, for the Hugging Face Hub and for `datasets`.

Its words stand in `card.md`, whose placeholders are filled in one pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from synthgen.data import Transformation
from synthgen.planning import Teacher
from synthgen.report.account import Account, Tally, share

LICENCES = frozenset({"apache-2.0", "cc0-1.0", "mit", "odbl", "odc-by", "pddl"}) | {
    f"cc-by{terms}-{version}" for terms in ("", "-sa", "-nc", "-nd", "-nc-sa", "-nc-nd") for version in ("3.0", "4.0")
}
"""Licences of texts and data, by the Hub's identifiers."""

_TEMPLATE = Path(__file__).with_name("card.md")
_SIZES = ((10**3, "n<1K"), (10**4, "1K<n<10K"), (10**5, "10K<n<100K"), (10**6, "100K<n<1M"), (10**7, "1M<n<10M"))
_MOST_SOURCES = 50
_FORMS = {"plain": "", "alpaca": " in Alpaca's form", "chat": " in the form of the recipe's chat template"}
_CONTROL = """
- The teacher `extractive` is no language model. By rules, it rearranges sentences, headings and lists of the extract, \
so its texts add nothing to the source: they are the control arm, which a set made by a model has to beat."""


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """The documents of one publisher under one licence, and the kept records made from them."""

    publisher: str | None
    licence: str | None
    documents: int
    records: int
    tokens: int


@dataclass(frozen=True, slots=True)
class CoverageFacts:
    """What became of the documents' text: `characters == extracted + sum(dropped.values())`, `dropped` by reason.

    `set_aside` counts the documents that were not read at all, by reason.
    """

    characters: int
    extracted: int
    dropped: Mapping[str, int]
    set_aside: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class CardFacts:
    """All that a card says. It holds no time, host or path, so that the same set has the same card.

    `version` is synthgen's, `tokenizer` and `form` (of the texts) the recipe's.
    """

    name: str
    version: str
    tokenizer: str
    account: Account
    transformations: Sequence[Transformation]
    teachers: Sequence[Teacher]
    sources: Sequence[SourceFacts]
    coverage: CoverageFacts
    form: str = "plain"


def card(facts: CardFacts) -> str:
    """The card as Markdown with YAML front matter.

    Names, licences and other words from documents, recipes and teachers stand in it as plain text: markup in them
    has no effect.
    """
    total, coverage = facts.account.total, facts.coverage
    extractive = any(teacher.identity.get("backend") == "extractive" for teacher in facts.teachers)
    pending = f"\n\n**The set is partial**: {total.pending:,} planned requests were not asked yet."
    body = _TEMPLATE.read_text("utf-8").format(
        name=plain(facts.name),
        version=plain(facts.version),
        tokenizer=plain(PurePath(facts.tokenizer).name),
        records=f"{total.kept:,}",
        tokens=f"{total.tokens:,}",
        documents=f"{sum(source.documents for source in facts.sources):,}",
        form=_FORMS[facts.form],
        partial=pending if total.pending else "",
        control=_CONTROL if extractive else "",
        transformations=_transformations(facts.transformations, facts.account.by_transformation),
        teachers=_teachers(facts.teachers, facts.account.by_teacher),
        sources=_sources(facts.sources),
        account=total.equation,
        reasons=_shares("requests", facts.account.reasons, total.planned),
        extracted=share(coverage.extracted, coverage.characters),
        characters=f"{coverage.characters:,}",
        dropped=_shares("characters", coverage.dropped, coverage.characters),
        set_aside=_table(("reason", "documents"), [(code, f"{n:,}") for code, n in coverage.set_aside.items()]),
    )
    return f"{_front_matter(facts)}\n\n{body}"


def plain(text: object, longest: int = 200) -> str:
    """`text` on one line, in which nothing is Markdown, HTML or a link, for a table cell or the middle of a line."""
    line = " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())
    line = line if len(line) <= longest else line[: longest - 1] + "…"
    line = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"[\\`*_{}\[\]()#|~$!@]|:(?=//)|(?<=www)\.", r"\\\g<0>", line, flags=re.IGNORECASE)


def _front_matter(facts: CardFacts) -> str:
    """The Hub's metadata, without `configs`.

    With those, `datasets` (5.2) finds a local set in its cache by the name of the folder and these lines alone, and so
    loads the rows of another run; without, it goes by the files.
    """
    import yaml

    kinds = {transformation.kind for transformation in facts.transformations}
    matter: dict[str, Any] = {
        "pretty_name": " ".join(facts.name.split()),
        "license": _hub_licence(facts.sources),
        "task_categories": ["text-generation", *(["question-answering"] if kinds - {"text"} else [])],
        "size_categories": [next((name for below, name in _SIZES if facts.account.total.kept < below), "n>10M")],
        "tags": ["synthetic", "medical", "clinical-guidelines"],
    }
    stated = {key: value for key, value in matter.items() if value is not None}
    return f"---\n{yaml.safe_dump(stated, sort_keys=False, allow_unicode=True, width=1000)}---"


def _hub_licence(sources: Sequence[SourceFacts]) -> str | None:
    """The Hub's identifier of the licence that all records stand under, if there is one."""
    licences = {"-".join((source.licence or "").lower().split()) for source in sources if source.records}
    return next(iter(licences & LICENCES), None) if len(licences) == 1 else None


def _transformations(facts: Sequence[Transformation], tallies: Mapping[str, Tally]) -> str:
    head = ("transformation", "version", "kind", "what it asks for", "planned", "kept", "tokens")
    return _table(head, [(t.name, str(t.version), t.kind, t.summary, *_counts(tallies.get(t.name))) for t in facts])


def _teachers(facts: Sequence[Teacher], tallies: Mapping[str, Tally]) -> str:
    rows = []
    for teacher in facts:
        identity = ", ".join(f"{key} {value}" for key, value in sorted(teacher.identity.items()) if value is not None)
        where = "stayed in the process" if teacher.local else "was sent to the teacher"
        name = teacher.settings.name
        rows.append((name, identity, where, *_counts(tallies.get(name))))
    return _table(("teacher", "identity", "source text", "planned", "kept", "tokens"), rows)


def _sources(sources: Sequence[SourceFacts]) -> str:
    ranked = sorted(sources, key=lambda s: (-s.tokens, -s.documents, s.publisher or "", s.licence or ""))
    rows = [(s.publisher or "not stated", s.licence or "not stated", *_sums([s])) for s in ranked[:_MOST_SOURCES]]
    if rest := ranked[_MOST_SOURCES:]:
        rows.append((f"{len(rest):,} others", "see the columns", *_sums(rest)))
    return _table(("publisher", "licence", "documents", "texts", "tokens"), rows)


def _sums(sources: Sequence[SourceFacts]) -> tuple[str, str, str]:
    documents, records = sum(s.documents for s in sources), sum(s.records for s in sources)
    return f"{documents:,}", f"{records:,}", f"{sum(s.tokens for s in sources):,}"


def _counts(tally: Tally | None) -> tuple[str, str, str]:
    tally = tally or Tally()
    return f"{tally.planned:,}", f"{tally.kept:,}", f"{tally.tokens:,}"


def _shares(what: str, counts: Mapping[str, int], whole: int) -> str:
    rows = [(code, f"{count:,}", share(count, whole)) for code, count in counts.items()]
    return _table(("reason", what, "share"), rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; "None." where there is no row."""
    lines = [f"| {' | '.join(map(plain, row))} |" for row in rows]
    return "\n".join([f"| {' | '.join(head)} |", "| --- " * len(head) + "|", *lines]) if lines else "None."

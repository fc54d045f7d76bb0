"""What the passes over the whole set have found, as outcomes and verdicts of records and as lists for people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from synthgen.candidates import Candidates
from synthgen.corpus.contamination import Hit
from synthgen.corpus.duplicates import KINDS, Duplicates
from synthgen.corpus.flat import Ints
from synthgen.data import Judged, Verdict
from synthgen.filters.evidence import MAX_EVIDENCE, MAX_QUOTE
from synthgen.storage.files import storage_errors
from synthgen.tokens import Tokenizer

CODES = {
    "contaminated": "it holds an item of an evaluation set, or a passage that is held out",
    "duplicate": "another record has the same text",
    "near_duplicate": "another record says nearly the same",
    "semantic_duplicate": "another record says the same in other words",
}
"""The codes of records that a pass over the whole set takes out, each in a few plain words."""

HELD_OUT = "held-out documents"
"""Under this name the documents that are held out are looked for, as if they were an evaluation set."""
HITS_HEAD = (
    "record", "outcome", "benchmark", "item", "part", "match", "words", "score", "answer", "start", "end", "text",
)  # fmt: skip
DUPLICATES_HEAD = ("record", "stays", "code", "likeness", "extract", "transformation", "teacher", "begins")


@dataclass(frozen=True, slots=True)
class Span:
    """A hit with the characters `[start, end)` of the record's plain text that it was found in: `text`."""

    hit: Hit
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Removal:
    """What takes candidates out, and who they are. `hits` are by candidate."""

    candidates: Candidates
    hits: Mapping[int, Sequence[Hit]]
    duplicates: Duplicates

    @property
    def concerned(self) -> Ints:
        """The candidates of which anything was found, ascending."""
        return np.union1d(np.fromiter(self.hits, np.int64, len(self.hits)), self.duplicates.dropped)

    @property
    def survivors(self) -> Ints:
        """The candidates that stay, ascending."""
        out = np.union1d(contaminated(self.hits), self.duplicates.dropped)
        return np.setdiff1d(np.arange(len(self.candidates.rows)), out, assume_unique=True)

    def of(self, candidate: int, judged: Judged, found: Sequence[Span]) -> Judged:
        """The candidate's record as it is now; `found` are its hits."""
        if copies := [span for span in found if span.hit.contaminated]:
            return _contaminated(judged, copies)
        place = int(np.searchsorted(self.duplicates.dropped, candidate))
        if place == len(self.duplicates.dropped) or self.duplicates.dropped[place] != candidate:
            return judged
        stays = self.candidates.names[self.duplicates.stays[place]].decode()
        code = KINDS[self.duplicates.kind[place]]
        verdict = Verdict("dedup", False, code, round(float(self.duplicates.likeness[place]), 4))
        return replace(_out(judged, verdict), duplicate_of=stays)


def read_hits(path: Path) -> dict[int, list[Hit]]:
    """The hits in the file `path` by candidate. Raises StorageError where it is missing."""
    found = defaultdict(list)
    with storage_errors(path), path.open("rb") as lines:
        for line in lines:
            hit = Hit(**orjson.loads(line))
            found[hit.document].append(hit)
    return dict(found)


def contaminated(hits: Mapping[int, Sequence[Hit]]) -> Ints:
    """The candidates that hold more than a phrase of an evaluation set."""
    return np.array([one for one, those in hits.items() if any(hit.contaminated for hit in those)], np.int64)


def spans(hits: Sequence[Hit], text: str, tokenizer: Tokenizer) -> list[Span]:
    """`hits` with what their tokens stand for in `text`, the record's."""
    offsets, found = tokenizer.offsets(text) if hits else [], []
    for hit in hits:
        start, end = offsets[hit.start][0], offsets[hit.end - 1][1]
        # A blank belongs to the token of the word behind it.
        start += len(text[start:end]) - len(text[start:end].lstrip())
        found.append(Span(hit, start, end, text[start:end]))
    return found


def hit_rows(judged: Judged, found: Sequence[Span]) -> Iterator[tuple[object, ...]]:
    """The rows of the list of hits for one record, as `HITS_HEAD` says."""
    for span in found:
        hit = span.hit
        yield (
            judged.record.record_id, judged.outcome, hit.benchmark, hit.item, hit.part, hit.match, hit.words, hit.score,
            "yes" if hit.answer else "no", span.start, span.end,
            " ".join(span.text.split())[:MAX_QUOTE],
        )  # fmt: skip


def duplicate_row(judged: Judged) -> tuple[object, ...]:
    """The row of the list of duplicates for a record that was taken out as one, as `DUPLICATES_HEAD` says."""
    record = judged.record
    return (
        record.record_id, judged.duplicate_of, judged.code, judged.verdicts[-1].score, record.extract_id,
        record.transformation, record.teacher, " ".join(record.text.split())[:100],
    )  # fmt: skip


def _contaminated(judged: Judged, copies: Sequence[Span]) -> Judged:
    """A record that holds items of evaluation sets; the score is that of the closest one."""
    closest = sorted(copies, key=lambda span: -span.hit.score)[:MAX_EVIDENCE]
    evidence = tuple(map(_evidence, closest))
    return _out(judged, Verdict("decontaminate", False, "contaminated", closest[0].hit.score, evidence))


def _evidence(span: Span) -> Mapping[str, Any]:
    hit = span.hit
    return {
        "text": span.text[:MAX_QUOTE],
        "start": span.start,
        "end": span.end,
        "benchmark": hit.benchmark,
        "item": hit.item,
        "part": hit.part,
        "match": hit.match,
        "words": hit.words,
        "score": hit.score,
        "answer": hit.answer,
    }


def _out(judged: Judged, verdict: Verdict) -> Judged:
    return replace(judged, outcome="rejected", code=verdict.code, verdicts=(*judged.verdicts, verdict))

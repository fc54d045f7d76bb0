"""How varied and how complete the records of one transformation and teacher are: numbers, no judgement.

All of them are simple counts over words, after the measures of lexical diversity that are in use for generated text
(distinct n-grams: Li et al. 2016; compression ratio and repeated openings: Shaib et al. 2024).
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from statistics import fmean, pstdev

from synthgen.data import Extract, Judged, Record
from synthgen.records.options import answered_letter

OPENING = 3
"""Words of an opening or a closing."""

SAMPLE_WORDS = 20_000
"""Words over which n-grams and compression are measured: both depend on the length of what is measured."""

MOST_PAIRS = 2_000
"""Pairs of records that are compared."""

_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True, slots=True)
class Measures:
    """What one transformation made of one teacher's answers. Shares are from 0 to 1; None where nothing is to measure.

    `asked` counts requests, of extracts of `source` tokens in the mean, and `accepted` records that were kept; all
    else is about these. `tokens` is the mean length, `spread` its standard deviation relative to it. `opening` and
    `closing` are the commonest ones, with their shares of all units (pairs of question and answer, vignettes,
    dialogues, texts). `distinct` is the share of different ones among all runs of three words, `similarity` the
    mean Jaccard similarity of word pairs between records of different extracts, `compression` how many times
    smaller zlib makes the text. `numbers` is the mean share of an extract's numbers that a record holds. `position`
    is the teacher's commonest answer letter with its share, of as many as `options`. `repeats` is the share of pairs of
    samples of one extract that are nearly the same. `usd` is what the answers cost.
    """

    asked: int
    accepted: int
    source: float = 0.0
    tokens: float = 0.0
    spread: float = 0.0
    opening: tuple[str, float] = ("", 0.0)
    closing: tuple[str, float] = ("", 0.0)
    distinct: float | None = None
    similarity: float | None = None
    compression: float | None = None
    numbers: float | None = None
    position: tuple[str, float] | None = None
    options: int = 0
    repeats: float | None = None
    usd: float | None = 0.0

    @property
    def acceptance(self) -> float:
        return self.accepted / self.asked if self.asked else 0.0

    @property
    def price(self) -> float | None:
        """US dollars for a million accepted tokens; None where the cost is unknown or nothing was accepted."""
        made = self.accepted * self.tokens
        return None if self.usd is None or not made else 1e6 * self.usd / made


def measure(judged: Sequence[Judged], extracts: Mapping[str, Extract], usd: float | None) -> Measures:
    """The measures of the records of one transformation and teacher; `extracts` by their ids."""
    kept = [item.record for item in judged if item.outcome == "kept"]
    source = fmean(extracts[item.record.extract_id].tokens for item in judged) if judged else 0.0
    if not kept:
        return Measures(len(judged), 0, source, usd=usd)
    lengths = [record.tokens for record in kept]
    openings, closings = zip(*(_ends(unit) for record in kept for unit in _units(record)), strict=True)
    # In the set itself they are spread evenly; what the teacher prefers shows how it works.
    letters = Counter(letter for record in kept if record.kind == "mcq" and (letter := answered_letter(record)))
    return Measures(
        asked=len(judged),
        accepted=len(kept),
        source=source,
        tokens=fmean(lengths),
        spread=pstdev(lengths) / fmean(lengths) if any(lengths) else 0.0,
        opening=_commonest(Counter(openings)),
        closing=_commonest(Counter(closings)),
        distinct=_distinct(kept),
        similarity=_mean(_jaccard(one, other) for one, other in _pairs(kept, same_extract=False)),
        compression=_compression(kept),
        numbers=_mean(_numbers_kept(record, extracts[record.extract_id]) for record in kept),
        position=_commonest(letters) if letters else None,
        options=max(
            (len(record.content["options"]) for record in kept if record.kind == "mcq" and record.content), default=0
        ),
        repeats=_mean(float(_jaccard(one, other) >= 0.8) for one, other in _pairs(kept, same_extract=True)),
        usd=usd,
    )


def _units(record: Record) -> Iterator[str]:
    """What opens and closes by itself: each question and its answer as one, a vignette, a dialogue, a text."""
    content = record.content or {}
    if record.kind == "qa":
        yield from (f"{pair['question']} {pair['answer']}" for pair in content["pairs"])
    elif record.kind == "mcq":
        yield f"{content['vignette']} {content['explanation']}"
    elif record.kind == "dialogue":
        yield " ".join(turn["text"] for turn in content["turns"])
    else:
        yield record.text


def _ends(text: str) -> tuple[str, str]:
    """The first and last words, without case and with one sign for all numbers."""
    words = [_NUMBER.sub("#", word) for word in _WORD.findall(text.casefold())]
    return " ".join(words[:OPENING]), " ".join(words[-OPENING:])


def _commonest(counts: Counter[str]) -> tuple[str, float]:
    word, count = min(counts.items(), key=lambda item: (-item[1], item[0]))
    return word, count / counts.total()


def _words(records: Iterable[Record]) -> list[str]:
    words: list[str] = []
    for record in records:
        words += _WORD.findall(record.text.casefold())
        if len(words) >= SAMPLE_WORDS:
            break
    return words[:SAMPLE_WORDS]


def _distinct(records: Sequence[Record]) -> float | None:
    words = _words(records)
    runs = list(zip(words, words[1:], words[2:], strict=False))
    return len(set(runs)) / len(runs) if runs else None


def _compression(records: Sequence[Record]) -> float | None:
    text = " ".join(_words(records)).encode("utf-8", "replace")
    return len(text) / len(zlib.compress(text, 9)) if text else None


def _pairs(
    records: Sequence[Record], *, same_extract: bool
) -> Iterator[tuple[set[tuple[str, str]], set[tuple[str, str]]]]:
    """Pairs of records as sets of word pairs: samples of one extract, or neighbours of different ones."""
    sets = [(record.extract_id, set(pairwise(_WORD.findall(record.text.casefold())))) for record in records]
    if same_extract:
        groups: dict[str, list[set[tuple[str, str]]]] = {}
        for extract_id, pairs in sets:
            groups.setdefault(extract_id, []).append(pairs)
        found = (pair for group in groups.values() for pair in combinations(group, 2))
    else:
        found = (
            (sets[n][1], sets[n + step][1])
            for step in (1, 2, 3)
            for n in range(len(sets) - step)
            if sets[n][0] != sets[n + step][0]
        )
    for _, pair in zip(range(MOST_PAIRS), found, strict=False):
        yield pair


def _jaccard(one: set[tuple[str, str]], other: set[tuple[str, str]]) -> float:
    return len(one & other) / len(one | other) if one or other else 1.0


def _numbers_kept(record: Record, extract: Extract) -> float | None:
    wanted = set(_NUMBER.findall(extract.text))
    return len(wanted & set(_NUMBER.findall(record.text))) / len(wanted) if wanted else None


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None

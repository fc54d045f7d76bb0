"""Documents to extracts: contiguous pieces of a size that a teacher can work on, cut where the text allows it best.

The kept text between two drops is cut into units (blocks; long paragraphs into sentences; endless sentences into
halves), and neighbouring units are joined so that the cuts which remain are together the cheapest.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from math import inf

from synthgen.data import Document, Drop, Extract
from synthgen.extracts.blocks import Block, blocks
from synthgen.extracts.drops import is_notice, states_something
from synthgen.extracts.sentences import spans
from synthgen.recipe import ExtractSettings

Count = Callable[[str], int]

# What a cut costs. One between a heading and its text, or inside a list item or table row, costs more than an
# extract that is too short; any other costs less; one before a heading is welcome, the more so the higher it is.
_BEFORE = {"paragraph": 6.0, "item": 10.0, "header": 6.0, "row": 40.0}
_HEADING = -6.0
_NESTED = 4.0
_INTRODUCED = 25.0
_SENTENCE = 25.0
_TOO_SHORT = 80.0
_INSIDE = 200.0
_AFTER_HEADING = 300.0
_OFF_TARGET = 4.0

_LONG = 2
"""A paragraph of more characters than this times `min_tokens` (in English about half of that length) may be cut."""
_LABEL = 80
"""A shorter line without a stop at its end is the label of what stands below it."""
_CAPTION = 300
"""A shorter paragraph right above a table belongs to it."""
_CLAUSE = re.compile(r"[;:,|)\]>—–]\s+|\n\s*")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class _Unit:
    """A piece that is not cut further: its block, offsets and tokens, and what a cut before it costs."""

    block: int
    start: int
    end: int
    tokens: int
    cut: float


def extract(
    document: Document, drops: Sequence[Drop], settings: ExtractSettings, count: Count
) -> tuple[list[Extract], list[Drop]]:
    """The extracts of `document`, and all drops in order: the given ones and those of kept text that teaches nothing.

    Extracts and drops together are the document, character for character. `drops` must not overlap. No extract has
    more than `settings.max_tokens` (by `count` on its own text) unless a single character has. One has fewer than
    `settings.min_tokens` only where no neighbour could take it or give to it: at a drop, at the document's end, or
    where a heading would be parted from its text, or a list item or table row be cut in two (sizes are planned with
    the sum of the counts of blocks and sentences, so that a few tokens may be missing).

    `headings` is the heading path of an extract's first line; where that is a heading, the path that all of its text
    stands under. The codes of the drops made here are `blank`, `heading_only` (headings whose text is dropped) and
    `too_short`: text that states nothing clinical (`drops.states_something`) and has less than half of
    `settings.min_tokens`; a document that states nothing anywhere may be as short as a fifth of it, but one with a
    citation or a notice of withdrawal in it, a stub, needs the whole.
    """
    text, doc_id, found = document.text, document.doc_id, blocks(document.text)
    regions: list[list[_Unit]] = []
    dropped = list(drops)
    for pieces in _between(drops, found, len(text)):
        kept = len(pieces)
        while kept and (found[pieces[kept - 1][0]].kind == "heading" or text[slice(*pieces[kept - 1][1:])].isspace()):
            kept -= 1
        if kept < len(pieces):
            start, end = pieces[kept][1], pieces[-1][2]
            code = "blank" if text[start:end].isspace() else "heading_only"
            dropped.append(Drop(doc_id, start, end, code))
        if kept:
            regions.append(list(_units(text, pieces[:kept], found, settings, count)))

    stating = [_states(text, units, found, settings.min_tokens) for units in regions]
    floor = _floor(text, regions, any(stating), settings.min_tokens)
    paths = _paths(found)
    extracts: list[Extract] = []
    for units, states in zip(regions, stating, strict=True):
        if not states and _tokens(units) < floor:
            dropped.append(Drop(doc_id, units[0].start, units[-1].end, "too_short"))
            continue
        for group, tokens in _joined(text, units, settings, settings.max_tokens, count):
            start, end = group[0].start, group[-1].end
            headings = _context(found, paths, group[0].block, group[-1].block)
            piece = text[start:end]
            extracts.append(Extract(doc_id, start, end, piece, tokens, document.title, headings, document.licence))
    return extracts, sorted(dropped, key=lambda drop: drop.start)


def _between(drops: Sequence[Drop], found: Sequence[Block], length: int) -> Iterator[list[tuple[int, int, int]]]:
    """For every gap between two drops the pieces of blocks in it: (index of the block, start, end)."""
    starts = [block.start for block in found]
    covered = sorted((drop.start, drop.end) for drop in drops)
    position = 0
    for start, end in [*covered, (length, length)]:
        if position < start:
            first, last = bisect_right(starts, position) - 1, bisect_right(starts, start - 1)
            yield [(i, max(position, found[i].start), min(start, found[i].end)) for i in range(first, last)]
        position = max(position, end)


def _units(
    text: str, pieces: Sequence[tuple[int, int, int]], found: Sequence[Block], settings: ExtractSettings, count: Count
) -> Iterator[_Unit]:
    before: Block | None = None
    for index, start, end in pieces:
        block = found[index]
        cut = _cut(text, before, block)
        before = block
        whole = block.kind != "paragraph"
        if whole or end - start <= _LONG * settings.min_tokens:
            tokens = count(text[start:end])
            if tokens <= settings.max_tokens:
                yield _Unit(index, start, end, tokens, cut)
                continue
        for first, last in spans(text[start:end]):
            for piece_start, piece_end, tokens in _halves(
                text, start + first, start + last, settings.max_tokens, count
            ):
                yield _Unit(index, piece_start, piece_end, tokens, cut)
                cut = _INSIDE
            cut = _INSIDE if whole else _SENTENCE


def _cut(text: str, before: Block | None, block: Block) -> float:
    """What a cut between the blocks `before` and `block` costs."""
    if before is None:
        return 0.0
    caption = block.kind == "header" and before.kind == "paragraph" and before.end - before.start <= _CAPTION
    if caption or before.kind in ("heading", "header"):
        return _AFTER_HEADING
    if block.kind == "heading":
        return _HEADING + block.level - 1
    cost = _BEFORE[block.kind] + _NESTED * block.level
    above = text[max(before.start, before.end - _LABEL) : before.end].rstrip()
    label = before.kind == "paragraph" and before.end - before.start < _LABEL and above[-1:] not in ".!?)]*"
    introduced = label or above.endswith(":")
    deeper = block.kind == before.kind == "item" and block.level > before.level
    # A paragraph that begins with a bracket is the grade of the recommendation above it.
    goes_on = block.kind == "paragraph" and text[block.start : block.start + 20].lstrip()[:1] in "([—"
    return cost + _INTRODUCED * (introduced or deeper or goes_on)


def _halves(text: str, start: int, end: int, limit: int, count: Count) -> Iterator[tuple[int, int, int]]:
    """(start, end, tokens) of pieces within `limit`: the text halved, as often as needed, at a clause or a space."""
    tokens = count(text[start:end])
    if tokens <= limit or end - start <= 1:
        yield start, end, tokens
        return
    middle, reach = (start + end) // 2, (end - start) // 4
    for pattern in (_CLAUSE, _SPACE):
        ends = [match.end() for match in pattern.finditer(text, middle - reach, middle + reach)]
        if ends:
            middle = min(ends, key=lambda position: abs(position - middle))
            break
    yield from _halves(text, start, middle, limit, count)
    yield from _halves(text, middle, end, limit, count)


def _joined(
    text: str, units: Sequence[_Unit], settings: ExtractSettings, limit: int, count: Count
) -> Iterator[tuple[Sequence[_Unit], int]]:
    """Groups of neighbouring units that become extracts, each with its tokens.

    The tokens of a group are at first taken as the sum of its units'; a tokenizer may count their text as a few
    more, and where that passes the maximum the group is joined again within a lower limit.
    """
    for first, last in _cheapest(units, settings, limit):
        group = units[first:last]
        tokens = count(text[group[0].start : group[-1].end])
        if tokens <= settings.max_tokens or len(group) == 1:
            yield group, tokens
        else:
            total = _tokens(group)
            yield from _joined(text, group, settings, min(total - 1, total - tokens + settings.max_tokens), count)


def _cheapest(units: Sequence[_Unit], settings: ExtractSettings, limit: int) -> list[tuple[int, int]]:
    """The ranges of units whose cuts and sizes cost least, none above `limit` tokens unless it is one unit."""
    total = list(accumulate((unit.tokens for unit in units), initial=0))
    cuts = [0.0, *(unit.cut for unit in units[1:])]
    sizes = _size_costs(settings)
    best, back = [0.0], [0]
    for end in range(1, len(units) + 1):
        start, lowest, origin = end - 1, inf, end - 1
        while start >= 0 and ((tokens := total[end] - total[start]) <= limit or start == end - 1):
            cost = best[start] + cuts[start] + (sizes[tokens] if tokens <= limit else 0.0)
            if cost < lowest:
                lowest, origin = cost, start
            start -= 1
        best.append(lowest)
        back.append(origin)
    ranges, end = [], len(units)
    while end:
        ranges.append((back[end], end))
        end = back[end]
    return ranges[::-1]


@cache
def _size_costs(settings: ExtractSettings) -> list[float]:
    """What an extract of 0, 1, 2 ... `max_tokens` tokens costs by its size."""
    least, most = settings.min_tokens, settings.max_tokens
    target = (least + most) / 2
    return [
        _OFF_TARGET * abs(tokens - target) / target + _TOO_SHORT * max(0.0, 2 - tokens / least) * (tokens < least)
        for tokens in range(most + 1)
    ]


def _states(text: str, units: Sequence[_Unit], found: Sequence[Block], enough: int) -> bool:
    """Whether a kept region is long enough by itself, or states something in one of its blocks."""
    return _tokens(units) >= enough or any(
        found[unit.block].kind != "heading" and states_something(text[unit.start : unit.end]) for unit in units
    )


def _floor(text: str, regions: Sequence[Sequence[_Unit]], states: bool, least: int) -> int:
    """The tokens below which a region that states nothing is dropped: more than a fragment beside other text, more
    than a line by itself, more than the stub of a guideline that was withdrawn."""
    if states:
        return least // 2
    stub = any(is_notice(text[unit.start : unit.end]) for units in regions for unit in units)
    return least if stub else least // 5


def _tokens(units: Sequence[_Unit]) -> int:
    return sum(unit.tokens for unit in units)


def _paths(found: Sequence[Block]) -> list[tuple[str, ...]]:
    """For every block the headings above it, the block itself included, outermost first."""
    paths: list[tuple[str, ...]] = []
    open_headings: list[Block] = []
    path: tuple[str, ...] = ()
    for block in found:
        if block.kind == "heading":
            open_headings = [*(heading for heading in open_headings if heading.level < block.level), block]
            path = tuple(heading.heading for heading in open_headings)
        paths.append(path)
    return paths


def _context(found: Sequence[Block], paths: Sequence[tuple[str, ...]], first: int, last: int) -> tuple[str, ...]:
    """The headings for the text of the blocks `first` to `last`, as `extract` promises them."""
    if found[first].kind != "heading":
        return paths[first]
    content = [paths[i] for i in range(first, last + 1) if found[i].kind != "heading"] or [paths[first]]
    low, high = min(content), max(content)
    agree = next((i for i, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), min(len(low), len(high)))
    return low[:agree]

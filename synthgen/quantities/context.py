"""What stands around a quantity: the stems that tie it to its drug, test, condition and population, weighted."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Sequence
from functools import lru_cache
from itertools import accumulate, compress

from synthgen.quantities.memo import Memo, places
from synthgen.quantities.quantity import Quantity
from synthgen.quantities.stems import STEMS
from synthgen.quantities.words import Words

REACH = 300
"""How far a quantity looks to both sides, in tenths of a word; punctuation makes the way longer."""

COST = {
    ",": 10,
    ";": 40,
    ".": 50,
    "?": 50,
    "!": 50,
    "\n": 1000,
    "|": 30,
    "(": 5,
    ")": 5,
    ":": 5,
    "*": 1,
    "_": 1,
    "#": 1,
    "-": 3,
    "and": 10,
    "or": 10,
    "while": 30,
    "whereas": 30,
    "but": 20,
}
WORD = 10
FADE = 20
QUANTITY_FADE = 40
SCOPE = 30
TITLE_WEIGHT = 0.3
LABEL_WEIGHT = 0.3
START_WEIGHT = 0.35
SCOPE_WEIGHT = 0.2
BOUND_WEIGHT = 0.2
FLOOR = 0.1
_TITLE_STEMS = 12
LONGEST_TITLE, LONGEST_ROW = 60, 400
"""Words of a heading and of a table row that are read, so that the time is linear in any text."""

Context = dict[str, float]
"""Weight by stem, at most 1 in size: above 0 for what stands before a quantity, below 0 for what follows it."""


class Contexts:
    """What stands around the quantities of a text; of the stems in `known` alone where that is given, and then `stems`
    has no others."""

    def __init__(
        self,
        row: Words,
        quantities: Sequence[Quantity],
        stems: Memo[str] = STEMS,
        known: Collection[str] | None = None,
    ) -> None:
        words = self._words = row.words
        marked = self._stems = _stems(words, quantities, stems, known)
        self._breaks = [-1, *places(words, "\n".__eq__), len(words)]
        self._labels = _labels(words)
        self._label_starts = [first for first, _ in self._labels]
        self._way = _way(words, self._labels)
        marks = list(compress(marked, marked))
        self._places = list(compress(range(len(words)), marked))
        self._ways = list(compress(self._way, marked))
        self._marks = list(zip(marks, self._ways, map(_FADING.__getitem__, marks), strict=True))
        self._heads: dict[int, list[str]] = {}

    def of(self, quantity: Quantity) -> Context:
        """The context of one of the quantities."""
        words, stems, breaks = self._words, self._stems, self._breaks
        line = bisect_right(breaks, quantity.first) - 1
        if words[breaks[line] + 1] == "|":
            over = dict.fromkeys(_cells(stems, words, breaks, line, quantity.first), TITLE_WEIGHT)
        else:
            if line not in self._heads:
                self._heads[line] = _above(words, stems, breaks, line)
            over = dict.fromkeys(self._heads[line], TITLE_WEIGHT)
            ends = breaks[line], breaks[line + 1]
            _add_labels(over, stems, self._labels, self._label_starts, quantity, *ends)
            _add_start(over, words, stems, quantity.first)
        if quantity.bound:
            over[f"@{quantity.bound}"] = BOUND_WEIGHT
        context = self._near(quantity)
        for mark, weight in over.items():
            if abs(context.get(mark, 0.0)) <= abs(weight):
                context[mark] = weight
        return context

    def _near(self, quantity: Quantity) -> Context:
        """What stands on both sides, the less the farther away it is."""
        here = self._way[quantity.first]
        last = bisect_left(self._places, quantity.first)
        first = bisect_left(self._ways, here - REACH, 0, last)
        # The nearest is the last one.
        context = {mark: fading[here - there] for mark, there, fading in self._marks[first:last]}
        here = self._way[quantity.last - 1]
        first = bisect_left(self._places, quantity.last, last)
        last = bisect_right(self._ways, here + REACH, first)
        for mark, there, fading in self._marks[first:last]:
            weight = fading[there - here]
            if weight > abs(context.get(mark, 0.0)):
                context[mark] = -weight
        return context


def _weights(fade: int) -> tuple[float, ...]:
    """What a mark weighs by its distance, in tenths of a word."""
    return tuple(max(fade / (fade + distance), FLOOR) for distance in range(REACH + 1))


_OF_WORDS, _OF_QUANTITIES = _weights(FADE), _weights(QUANTITY_FADE)
_FADING = Memo(lambda mark: _OF_QUANTITIES if mark[0] == "#" and mark[1] != "r" else _OF_WORDS)
"""What a mark weighs by its distance: a quantity, but for a rate, fades more slowly than a word."""


def _way(words: list[str], labels: list[tuple[int, int]]) -> list[int]:
    """How far each word is from the first, in tenths of a word."""
    cost = list(map(_COSTS.__getitem__, words))
    for first, _ in labels:
        cost[first] += SCOPE
    return list(accumulate(cost))


_COSTS = Memo(lambda word: COST.get(word, WORD))


def _labels(words: list[str]) -> list[tuple[int, int]]:
    """Spans of labels: up to ten words from a break to a colon ("Atrial fibrillation:")."""
    found: list[tuple[int, int]] = []
    if ":" not in words:
        return found
    start = 0
    for i in places(words, _ENDS_LABEL.__contains__):
        if words[i] == ":" and 0 < i - start <= 12:
            found.append((start, i))
        start = i + 1
    return found


_ENDS_LABEL = frozenset(".;\n?!|:")


def _add_labels(
    context: Context,
    stems: list[str],
    labels: list[tuple[int, int]],
    starts: list[int],
    quantity: Quantity,
    line_start: int,
    line_end: int,
) -> None:
    """The labels that a quantity stands under; for one that stands in a label, what the label stands over."""
    last = bisect_right(starts, quantity.first) - 1
    if last < 0:
        return
    own = labels[last]
    if own[0] <= quantity.first < own[1]:
        end = labels[last + 1][0] if last + 1 < len(labels) else line_end
        for i in range(own[1], min(end, line_end, own[1] + 80)):
            if stems[i] and abs(context.get(stems[i], 0.0)) < SCOPE_WEIGHT:
                context[stems[i]] = -SCOPE_WEIGHT
        last -= 1
    for k in range(last, max(-1, last - 3), -1):
        first, end = labels[k]
        if first < line_start:
            break
        for i in range(first, end):
            if stems[i] and i != quantity.first and abs(context.get(stems[i], 0.0)) < LABEL_WEIGHT:
                context[stems[i]] = LABEL_WEIGHT


def _stems(
    words: list[str], quantities: Sequence[Quantity], stems: Memo[str], known: Collection[str] | None
) -> list[str]:
    """The stem of each word; a quantity is one word that names its value."""
    marked = list(map(stems.__getitem__, words))
    for quantity in quantities:
        first, last = quantity.first, quantity.last
        mark = _signature(quantity.measure, quantity.low, quantity.high, quantity.bound)
        marked[first] = mark if known is None or mark in known else ""
        if last > first + 1:
            marked[first + 1 : last] = [""] * (last - first - 1)
    return marked


@lru_cache(maxsize=1 << 13)
def _signature(measure: str, low: float, high: float, bound: int) -> str:
    """Equal for equal quantities with the same direction of comparison."""
    return f"#{measure}:{low:.4g}:{high:.4g}:{bound}"


def _add_start(context: Context, words: list[str], stems: list[str], at: int) -> None:
    """Adds the first words of the sentence or line that holds the word `at`."""
    first = at
    while first > 0 and at - first < LONGEST_TITLE and words[first - 1] not in _ENDS:
        first -= 1
    for mark in [mark for mark in stems[first : min(at, first + _TITLE_STEMS)] if mark][:5]:
        if context.get(mark, 0.0) < START_WEIGHT:
            context[mark] = START_WEIGHT


_ENDS = frozenset(".;\n?!")


def _above(words: list[str], stems: list[str], breaks: list[int], line: int) -> list[str]:
    """Stems of the nearest line above that is a heading or a question: short, and without a full stop at its end."""
    above = line - 1
    steps = 0
    while above >= 0 and steps < 12:
        first, last = breaks[above] + 1, breaks[above + 1]
        while last > first and words[last - 1] in "*_":
            last -= 1
        length = last - first
        last = min(last, first + LONGEST_TITLE)
        if length:
            steps += 1
            if words[first] == "answer":
                return []
            if words[first] == "#" or (
                length <= 9
                and words[first + length - 1] not in ".;,"
                and (words[first] not in "-*|•" or words[first : first + 2] == ["*", "*"])
            ):
                return [mark for mark in stems[first:last] if mark][:8]
            if words[first + length - 1] in ("?", ":") and steps == 1:
                return [mark for mark in stems[first:last] if mark][:_TITLE_STEMS]
        above -= 1
    return []


def _cells(stems: list[str], words: list[str], breaks: list[int], line: int, at: int) -> list[str]:
    """Stems of the first cell of a table row and of the head of the column at the word `at`."""
    first = breaks[line] + 1
    last = min(breaks[line + 1], first + LONGEST_ROW)
    column = words[first : min(at, last)].count("|")
    found = _cell(stems, words, first, last, 1)
    top = line
    while top > 0 and line - top < 60 and words[breaks[top - 1] + 1] == "|":
        top -= 1
    if top != line:
        found += _cell(stems, words, breaks[top] + 1, breaks[top + 1], column)
    return found


def _cell(stems: list[str], words: list[str], first: int, last: int, number: int) -> list[str]:
    seen, cell = 0, []
    for i in range(first, min(last, first + LONGEST_ROW)):
        if words[i] == "|":
            seen += 1
            if seen > number:
                break
        elif seen == number and stems[i]:
            cell.append(stems[i])
    return cell[:8]

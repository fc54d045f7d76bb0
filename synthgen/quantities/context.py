"""What stands around a quantity: the stems that tie it to its drug, test, condition and population, weighted."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Sequence
from itertools import accumulate
from operator import itemgetter

from synthgen.quantities.memo import Memo, places
from synthgen.quantities.quantity import Quantity
from synthgen.quantities.stems import STEMS
from synthgen.quantities.words import Words

REACH = 30.0
"""How far a quantity looks to both sides, in words; punctuation makes the way longer."""

COST = {
    ",": 1.0,
    ";": 4.0,
    ".": 5.0,
    "?": 5.0,
    "!": 5.0,
    "\n": 100.0,
    "|": 3.0,
    "(": 0.5,
    ")": 0.5,
    ":": 0.5,
    "*": 0.1,
    "_": 0.1,
    "#": 0.1,
    "-": 0.3,
    "and": 1.0,
    "or": 1.0,
    "while": 3.0,
    "whereas": 3.0,
    "but": 2.0,
}
FADE = 2.0
QUANTITY_FADE = 4.0
SCOPE = 3.0
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


Mark = tuple[float, str, int, float]
"""The way, stem and place of a word, and how slowly it fades."""


class Contexts:
    """What stands around the quantities of a text; of the stems in `known` alone where that is given."""

    def __init__(self, row: Words, quantities: Sequence[Quantity], known: Collection[str] | None = None) -> None:
        words = self._words = row.words
        stems = _stems(words, quantities)
        self._stems = stems if known is None else [mark if mark in known else "" for mark in stems]
        self._breaks = [-1, *places(words, "\n".__eq__), len(words)]
        self._labels = _labels(words)
        self._label_starts = [first for first, _ in self._labels]
        self._way = _way(words, self._labels)
        self._marks = [(self._way[i], self._stems[i], i, _fade(self._stems[i])) for i in places(self._stems, bool)]
        self._heads: dict[int, list[str]] = {}

    def of(self, quantity: Quantity) -> Context:
        """The context of one of the quantities."""
        words, stems, breaks = self._words, self._stems, self._breaks
        line = bisect_right(breaks, quantity.first) - 1
        if words[breaks[line] + 1] == "|":
            context = dict.fromkeys(_cells(stems, words, breaks, line, quantity.first), TITLE_WEIGHT)
        else:
            if line not in self._heads:
                self._heads[line] = _above(words, stems, breaks, line)
            context = dict.fromkeys(self._heads[line], TITLE_WEIGHT)
            ends = breaks[line], breaks[line + 1]
            _add_labels(context, stems, self._labels, self._label_starts, quantity, *ends)
            _add_start(context, words, stems, quantity.first)
        if quantity.bound:
            context[f"@{quantity.bound}"] = BOUND_WEIGHT
        _add_near(context, self._marks, self._way, quantity)
        return context


def _add_near(context: Context, marks: Sequence[Mark], way: list[float], quantity: Quantity) -> None:
    """Adds what stands on both sides, the less the farther away it is."""
    known = context.get
    here = way[quantity.first]
    last = bisect_left(marks, quantity.first, key=_PLACE)
    for k in range(last - 1, -1, -1):
        there, mark, _, fade = marks[k]
        distance = here - there
        if distance > REACH:
            break
        weight = fade / (fade + distance)
        weight = weight if weight > FLOOR else FLOOR
        if weight > abs(known(mark, 0.0)):
            context[mark] = weight
    here = way[quantity.last - 1]
    for k in range(bisect_left(marks, quantity.last, last, key=_PLACE), len(marks)):
        there, mark, _, fade = marks[k]
        distance = there - here
        if distance > REACH:
            break
        weight = fade / (fade + distance)
        weight = weight if weight > FLOOR else FLOOR
        if weight > abs(known(mark, 0.0)):
            context[mark] = -weight


_PLACE = itemgetter(2)


def _fade(mark: str) -> float:
    """How slowly a mark fades with the distance."""
    return QUANTITY_FADE if mark[0] == "#" and mark[1] != "r" else FADE


def _way(words: list[str], labels: list[tuple[int, int]]) -> list[float]:
    """How far each word is from the first."""
    cost = list(map(_COSTS.__getitem__, words))
    for first, _ in labels:
        cost[first] += SCOPE
    return list(accumulate(cost))


_COSTS = Memo(lambda word: COST.get(word, 1.0))


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


def _stems(words: list[str], quantities: Sequence[Quantity]) -> list[str]:
    """The stem of each word; a quantity is one word that names its value."""
    stems = list(map(STEMS.__getitem__, words))
    for quantity in quantities:
        stems[quantity.first] = signature(quantity)
        for i in range(quantity.first + 1, quantity.last):
            stems[i] = ""
    return stems


def signature(quantity: Quantity) -> str:
    """Equal for equal quantities with the same direction of comparison."""
    return f"#{quantity.measure}:{quantity.low:.4g}:{quantity.high:.4g}:{quantity.bound}"


def _add_start(context: Context, words: list[str], stems: list[str], at: int) -> None:
    """Adds the first words of the sentence or line that holds the word `at`."""
    first = at
    while first > 0 and at - first < LONGEST_TITLE and words[first - 1] not in ".;\n?!":
        first -= 1
    for mark in [mark for mark in stems[first : min(at, first + _TITLE_STEMS)] if mark][:5]:
        if context.get(mark, 0.0) < START_WEIGHT:
            context[mark] = START_WEIGHT


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

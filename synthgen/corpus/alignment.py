"""How a document and a text of an evaluation set meet: the longest common run of words, and how alike they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from synthgen.corpus.fingerprints import Fingerprints, ItemText

NEAR = 60
"""Words behind a question within which its answer and options count as given with it."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """`words` words in a row from `start` of the document are the text's from `offset` on. `score`, 0 to 1, is the
    weighted share of the text's distinct words that stand about there in the document, in any order and form of
    sentence: the paraphrase-tolerant measure. `rest` is that share of the words other than those in the row, 1 where
    there are none: it tells an edited text from one that has a long name or phrase in common."""

    start: int
    offset: int
    words: int
    score: float
    rest: float


def meeting(document: list[int], text: ItemText, prints: Fingerprints) -> Meeting:
    """The longest run of words that `document` and `text` have in common, the first one of several."""
    wanted = text.words.tolist()
    start, offset, length = _longest_run(document, wanted)
    begin = max(start - offset - len(wanted) // 4 - 8, 0)
    row, around = set(wanted[offset : offset + length]), document[begin:start]
    around += document[start + length : start + len(wanted) - offset + len(wanted) // 4 + 8]
    rest = set(wanted) - row
    beside = share(rest, set(around), prints) if rest else 1.0
    return Meeting(start, offset, length, share(set(wanted), row | set(around), prints), beside)


def share(wanted: set[int], about: set[int], prints: Fingerprints) -> float:
    """The share of the weight of the words `wanted` that those in `about` have."""
    total = sum(map(prints.weight, sorted(wanted)))
    return sum(map(prints.weight, sorted(wanted & about))) / total if total else 0.0


def span_of_all(document: list[int], options: list[list[int]]) -> tuple[int, int] | None:
    """Where all of `options` stand close together, in any order: the span of the document that holds them, at most
    twice as long as they are and `NEAR` more; None if nowhere."""
    rarest, *others = sorted(options, key=len, reverse=True)
    limit = 2 * sum(map(len, options)) + NEAR
    for begin in _places(document, rarest):
        low = max(begin - limit, 0)
        about = document[low : begin + limit]
        found = [(begin, begin + len(rarest))]
        for option in others:
            places = [low + place for place in _places(about, option)]
            if not places:
                break
            nearest = min(places, key=lambda place: abs(place - begin))
            found.append((nearest, nearest + len(option)))
        else:
            start, end = min(first for first, _ in found), max(last for _, last in found)
            if end - start <= limit:
                return start, end
    return None


def holds(document: list[int], wanted: list[int]) -> bool:
    """Whether `wanted`, which is not empty, stands in `document`."""
    return next(_places(document, wanted), None) is not None


def _places(document: list[int], wanted: list[int]) -> Iterator[int]:
    if not wanted:
        return
    for place, word in enumerate(document):
        if word == wanted[0] and document[place : place + len(wanted)] == wanted:
            yield place


def _longest_run(document: list[int], wanted: list[int]) -> tuple[int, int, int]:
    """Where the longest common run begins in both, and its length."""
    places: dict[int, list[int]] = {}
    for place, word in enumerate(document):
        places.setdefault(word, []).append(place)
    best = (0, 0, 0)
    ending: dict[int, int] = {}
    for offset, word in enumerate(wanted):
        here = {place: ending.get(place - 1, 0) + 1 for place in places.get(word, ())}
        for place, length in here.items():
            if length > best[2]:
                best = (place - length + 1, offset - length + 1, length)
        ending = here
    return best

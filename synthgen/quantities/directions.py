"""Words of direction: before and after, increase and decrease, long and short, most and few.

They are read as quantities of measure `way:GROUP` with the value 1 or -1, so that they are tied to what stands around
them and compared with the source as numbers are. A negated direction has the opposite value ("not increased").
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from synthgen.quantities.memo import places
from synthgen.quantities.quantity import Quantity
from synthgen.quantities.words import listed

DIRECTIONS = {
    word: (group, value)
    for group, value, words in (
        ("order", -1, "before prior preceding"),
        ("order", 1, "after following"),
        ("change", 1, "increase increases increased increasing raise raises raised raising rise rises rising"),
        ("change", 1, "elevate elevates elevated elevating higher"),
        ("change", -1, "decrease decreases decreased decreasing reduce reduces reduced reducing decline declines"),
        (
            "change",
            -1,
            "drop dropped dropping reduction lower lowers lowered lowering fall falls diminish diminishes diminished",
        ),
        ("share", 1, "most majority"),
        ("share", -1, "minority few"),
        ("length", 1, "long longer prolonged"),
        ("length", -1, "short shorter brief"),
        ("level", 1, "high"),
        ("level", -1, "low"),
        ("extent", 1, "highest largest greatest longest"),
        ("extent", -1, "lowest smallest least shortest"),
        ("degree", 1, "more greater better"),
        ("degree", -1, "less fewer worse"),
        ("early", 1, "early earlier"),
        ("early", -1, "late later"),
    )
    for word in words.split()
}
MAX_DIRECTIONS = 200
"""Of more words of direction in one text only the first are read."""
_NEGATIONS = frozenset({"not", "no", "never", "without", "cannot", "neither", "nor", "unless", "against", "until"})


def read_directions(words: Sequence[str], taken: Sequence[Quantity]) -> list[Quantity]:
    """The words of direction outside the quantities `taken`, in order."""
    inside = {i for quantity in taken for i in range(quantity.first, quantity.last)}
    times = frozenset([quantity.first for quantity in taken if quantity.measure == "time"])
    ends = frozenset([quantity.last for quantity in taken if quantity.measure == "time"])
    found: list[Quantity] = []
    for i in places(words, DIRECTIONS.__contains__):
        if i in inside or _idle(words, i) or _spans(words, i, times, ends):
            continue
        if len(found) == MAX_DIRECTIONS:
            break
        group, value = DIRECTIONS[words[i]]
        negated = group != "share" and any(before in _NEGATIONS for before in words[max(0, i - 7) : i])
        found.append(Quantity(i, i + 1, value, value, f"way:{group}", (value, value), bound=int(negated)))
    return found


def _spans(words: Sequence[str], i: int, times: Collection[int], ends: Collection[int]) -> bool:
    """Whether "after" or "before" at `words[i]` opens a time or ends it: "B after 4 weeks of A" is "4 weeks of A before
    B", and the second is told by the time's own relation."""
    if DIRECTIONS[words[i]][0] != "order":
        return False
    return i in ends or any(k in times and _LEADING.issuperset(words[i + 1 : k]) for k in range(i + 1, i + 5))


_LEADING = frozenset(listed("at least a minimum of about approximately the first another"))


def in_a_row(words: Sequence[str], i: int) -> bool:
    """Whether the clause around `words[i]` tells how far apart two of the same kind are: "3 days before another course"
    is "another course after 3 days"."""
    first = next((k for k in range(i, max(0, i - _CLAUSE), -1) if words[k - 1] in _ENDS), max(0, i - _CLAUSE))
    last = next((k for k in range(i, min(len(words), i + _CLAUSE)) if words[k] in _ENDS), i + _CLAUSE)
    return not _ANOTHER.isdisjoint(words[first:last])


_CLAUSE = 12
_ENDS = frozenset(".;:\n?!|()")
_ANOTHER = frozenset({"another"})


_DEGREES = frozenset(listed("more less fewer greater better worse"))
_COMPARED = _DEGREES | {"higher", "lower", "longer", "shorter"}
FAR = 8
"""Words behind a comparative in which "than" may stand."""


def is_compared(words: Sequence[str], i: int) -> bool:
    """Whether the word of direction at `words[i]` compares two: "A is better than B" is "B is worse than A"."""
    return words[i] in _COMPARED and "than" in words[i + 1 : i + FAR]


def may_compare(words: Sequence[str], i: int) -> bool:
    """Whether the word of direction at `words[i]` seems to compare two otherwise ("its advantage over B is ...")."""
    return words[i] in _COMPARED and not _AGAINST.isdisjoint(words[max(0, i - 2 * FAR) : i])


_AGAINST = frozenset({"than", "over", "versus", "vs", "compared"})


def _is_open(words: Sequence[str], i: int) -> bool:
    """Whether "before" or "after" at `words[i]` stands for either, for "at bedtime", or for what has to pass first."""
    near = words[i - 2 : i] if i > 1 else []
    if words[i + 1 : i + 3] in _EITHER or near in _EITHER_BEHIND or not _PASSES.isdisjoint(near):
        return True
    return words[i] == "before" and not _BED.isdisjoint(words[i + 1 : i + 6])


_EITHER = (["or", "after"], ["and", "after"], ["or", "before"], ["and", "before"])
_EITHER_BEHIND = (["before", "or"], ["before", "and"], ["after", "or"], ["after", "and"])
_PASSES = frozenset(listed("needed required pass passes passed elapse elapsed"))
_BED = frozenset(listed("bed bedtime sleep sleeping"))


def _idle(words: Sequence[str], i: int) -> bool:
    """Whether a word of direction is used in another sense, or belongs to a comparator of a number."""
    word, before, after = words[i], words[i - 1] if i else "", words[i + 1] if i + 1 < len(words) else ""
    if DIRECTIONS[word][0] == "order" and (in_a_row(words, i) or _is_open(words, i)):
        return True
    if before == "how" or (after == "-" and words[i + 2 : i + 3] == ["density"]):
        return True
    if word in ("following", "later") and (before in ("the", "as") or after in (":", "-", "up")):
        return True
    if word in _COMPARED and (before in ("or", "and", "no", "not") or after == "than"):
        return True
    if word == "reduction" and before in ("risk", "harm", "weight", "stress"):
        return True
    if after in (
        "extremity",
        "extremities",
        "back",
        "limb",
        "likely",
        "common",
        "commonly",
        "recent",
        "important",
        "history",
    ):
        return True
    if word in _DEGREES:
        return "than" in words[i + 1 : i + 4] or before in ("the", "any") or before[:1].isdecimal()
    return word in ("most", "least") and before in ("at", "the")

"""How much each extract counts in the plan: less where its document is long, more or less by its topics."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable

from synthgen.data import Extract
from synthgen.planning import Emphasis, even
from synthgen.recipe import PlanSettings
from synthgen.topics.assign import Assigner
from synthgen.topics.outline import load_outline


def emphasis(extracts: Callable[[], Iterable[Extract]], settings: PlanSettings) -> Emphasis:
    """How much each of `extracts` counts by the recipe's settings; 1 on average.

    So the weights of transformations keep their meaning. Other documents change no more than that average, and with it
    which extracts come a little earlier or later.
    """
    parts: list[Emphasis] = []
    if settings.documents == "sqrt":
        parts.append(_by_document(Counter(extract.doc_id for extract in extracts())))
    if settings.topics:
        parts.append(_by_topic(settings))
    if not parts:
        return even

    def product(extract: Extract) -> float:
        return math.prod(part(extract) for part in parts)

    total, count = 0.0, 0
    for extract in extracts():
        total, count = total + product(extract), count + 1
    average = total / count if count else 1.0
    return lambda extract: product(extract) / average


def _by_document(lengths: Counter[str]) -> Emphasis:
    """`lengths` counts the extracts of each document: one of n counts 1 / sqrt(n), so that all count sqrt(n)."""

    def share(extract: Extract) -> float:
        return float(lengths[extract.doc_id] ** -0.5)

    return share


def _by_topic(settings: PlanSettings) -> Emphasis:
    """The weights of an extract's system and task, one times the other."""
    assigner, weights, known = Assigner(load_outline()), settings.topics, dict[str, float]()

    def share(extract: Extract) -> float:
        # A plan is gone through several times, and assigning costs more than all else in it.
        if (weight := known.get(extract.extract_id)) is None:
            found = assigner.extract(extract)
            weight = weights.get(found.system or "", 1.0) * weights.get(found.task or "", 1.0)
            known[extract.extract_id] = weight
        return weight

    return share

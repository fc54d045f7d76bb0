"""The filters: one file each. Here they are made from the recipe and put to work on a record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from synthgen.data import Extract, Record, Verdict
from synthgen.errors import RecipeError, nearest
from synthgen.filters.base import Filter
from synthgen.registry import parts
from synthgen.settings import validated


def build_filters(sections: Mapping[str, Mapping[str, Any]], instructions: Sequence[str] = ()) -> tuple[Filter, ...]:
    """All registered filters with the settings of their `[filters.NAME]` section, in the order in which they run.

    `instructions` are those of the transformations whose answers they will see. A filter without a section has its
    defaults; one with `enabled = false` is left out. Raises RecipeError for a section that names no filter, and for
    settings that the filter does not have.
    """
    registered = parts("synthgen.filters", Filter)
    for name in sections:
        if name not in registered:
            raise RecipeError(f"unknown filter {name!r}", where="[filters]", fix=nearest(name, registered))
    made = [
        cls(validated(cls.Settings, sections.get(name, {}), where=f"[filters.{name}]"), instructions)
        for name, cls in registered.items()
    ]
    return tuple(sorted((one for one in made if one.settings.enabled), key=lambda one: (one.order, one.name)))


def judge(record: Record, extract: Extract, filters: Sequence[Filter]) -> tuple[Verdict, ...]:
    """The filters' verdicts on one record, in their order; none after the rejection of a decisive filter.

    The record is kept if all verdicts say so; else the first that rejects gives the reason.
    """
    verdicts: list[Verdict] = []
    for one in filters:
        verdicts.append(one.check(record, extract))
        if one.decisive and not verdicts[-1].keep:
            break
    return tuple(verdicts)

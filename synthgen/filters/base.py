"""What a filter is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

from synthgen.data import Extract, Record, Verdict
from synthgen.recipe import FilterSettings


class AlwaysOn(FilterSettings):
    """The settings of a filter that cannot be switched off."""

    enabled: Literal[True] = True


class Filter(ABC):
    """Judges one record against its extract. Subclasses are found by `synthgen.registry`.

    A filter is made once a run and holds no state between records, so that verdicts do not depend on order.
    """

    name: ClassVar[str]

    codes: ClassVar[Mapping[str, str]] = {}
    """Its reason codes, each in a few plain words for the summary."""

    order: ClassVar[int] = 50
    """Filters run in this order, then by name. Decisive ones come first."""

    decisive: ClassVar[bool] = False
    """Whether a rejection by this filter makes the later ones pointless (a truncated answer needs no further look)."""

    alone: ClassVar[bool] = False
    """Whether it stays in one process, because it holds a model, for example. All others are copied to several."""

    Settings: ClassVar[type[FilterSettings]] = FilterSettings
    """The keys that `[filters.NAME]` in the recipe may have."""

    def __init__(self, settings: FilterSettings, instructions: Sequence[str] = ()) -> None:
        """`instructions` are those of the transformations that the run can use, with their placeholders."""
        self.settings = settings
        self.instructions = instructions

    @abstractmethod
    def check(self, record: Record, extract: Extract) -> Verdict:
        """Keep, or reject with a reason code and the evidence. Never raises for any text."""

"""What of the answers is kept: the sections of a recipe that judge records, and the set."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from synthgen.settings import Settings, Share


class FilterSettings(Settings):
    """Base of the settings of every filter (`[filters.NAME]`)."""

    enabled: bool = True


class GateSettings(Settings):
    """Thresholds on the whole set; None means no gate. A missed gate ends the run with exit code 3."""

    acceptance: Share | None = None
    """At least this share of the planned requests must end as kept records."""
    coverage: Share | None = None
    """At least this share of the source's characters must be in extracts."""
    failed: Share | None = None
    """At most this share of the planned requests may have failed."""
    pending: Share | None = None
    """At most this share of the planned requests may be left unasked by a cap of the budget; 0 asks for all."""
    min_records: Annotated[int, Field(ge=0)] | None = None
    """At least this many records must be kept."""
    collapsed: Annotated[int, Field(ge=0)] | None = None
    """At most this many transformations with a teacher may have collapsed in the pilot, without which nothing runs."""


class DedupSettings(Settings):
    """Which records are dropped because another says the same; the one with the better scores stays."""

    exact: bool = True
    """Drop records whose normalised text stands in another record."""
    near: Share = 0.8
    """Drop records whose token 5-grams have at least this Jaccard similarity with those of another; 0 keeps them."""


class DecontaminateSettings(Settings):
    """The evaluation sets that must not stand in the training set: files, or folders of them, that exist here."""

    benchmarks: list[str] = []

"""What of the answers is kept: the sections of a recipe that judge records, and the set."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from synthgen.settings import Settings, Share


class FilterSettings(Settings):
    """Base of the settings of every filter (`[filters.NAME]`)."""

    enabled: bool = True


class JudgeSettings(Settings):
    """A teacher that reads what the filters keep, statement by statement against the extract; none by default.

    What it is asked counts against the budget as all requests do.
    """

    teacher: str | None = None
    """The name of one of the teachers. One that only judges has `weight = 0`."""
    votes: Annotated[int, Field(ge=1, le=9)] = 1
    """Answers to each record; a statement stands by the majority."""
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.6
    audit: Share = 0.02
    """This share of what the filters reject is judged as well, so that it shows how far rules and judge agree."""


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
    unsupported: Share | None = None
    """At most this share of the answers may state something that their extract does not bear."""
    quantity_recall: Share | None = None
    """Kept records of transformations that promise all quantities of their extract must tell at least this share."""
    near_duplicates: Share | None = None
    """At most this share of the records that the filters keep may say what another one says, nearly or exactly."""
    contaminated: Share | None = None
    """At most this share of the records that the filters keep may hold an item of an evaluation set."""


class DedupSettings(Settings):
    """Which records are dropped because another says the same; the one with the better scores stays."""

    exact: bool = True
    """Drop records whose normalised text stands in another record."""
    near: Annotated[float, Field(ge=0, lt=1)] = 0.8
    """Drop records whose token 5-grams have at least this Jaccard similarity with those of another; 0 keeps them."""
    semantic: str | None = None
    """The folder of an embedding model: drop records, too, that say in other words what another one says."""
    semantic_threshold: Annotated[float, Field(gt=0, le=1)] = 0.95
    """Cosine of two records' embeddings from which on one of them is dropped. A model hardly sees a changed dose."""


class DecontaminateSettings(Settings):
    """The evaluation sets that must not stand in the training set: files, or folders of them, that exist here."""

    benchmarks: list[str] = []
    built_in: bool = True
    """Look for the sets too whose hashes come with synthgen: MedQA, MedMCQA, PubMedQA and MMLU's medical subjects."""
    hashed: list[str] = []
    """Files of hashes of other sets, as `benchmarks/hash_items.py` makes them where the text must not be here."""

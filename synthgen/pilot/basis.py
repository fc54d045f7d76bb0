"""What a verdict of the pilot rests on: it holds as long as that is the same."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from synthgen.job import Job, digest
from synthgen.recipe import Recipe
from synthgen.transformations import written_out
from synthgen.version import __version__

Bases = Mapping[tuple[str, str], str]
"""By transformation and teacher: a hash of what is asked, of whom, and how the answers are judged."""


def bases_of(job: Job) -> Bases:
    """What the verdicts on each transformation and each teacher that answers it rest on."""
    identities = {name: teacher.identity for name, teacher in job.teachers.items()}
    return bases(job.recipe, written_out(job.transformations.values()), identities)


def bases(recipe: Recipe, written: bytes, identities: Mapping[str, Mapping[str, Any]]) -> Bases:
    """The same from what a run directory holds: transformations as `written_out`, and the teachers' identities."""
    asked = json.loads(written)
    return {
        (transformation["name"], teacher.name): digest(
            __version__,
            asked["system"],
            transformation,
            identities[teacher.name],
            teacher.model_dump(include={"sampling", "structured", "omit"}),
            recipe.filters,
        )
        for transformation in asked["transformations"]
        for teacher in recipe.teachers
        if teacher.name in identities and teacher.answers(transformation["name"])
    }

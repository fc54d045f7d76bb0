"""Everything that a run needs, resolved from the recipe and checked, before anything is read or written."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from pydantic import BaseModel

from synthgen.backends import make_backend
from synthgen.backends.base import Backend
from synthgen.budget import Budget
from synthgen.corpus.benchmark_items import BenchmarkItem, read_benchmarks
from synthgen.corpus.hashed import HashedSet, hashed_sets
from synthgen.data import Transformation
from synthgen.errors import UsageError, nearest
from synthgen.filters import build_filters
from synthgen.filters.base import Filter
from synthgen.jury.panel import Panel
from synthgen.planning import Shard, Teacher
from synthgen.recipe import Recipe
from synthgen.records.forms import PLAIN, Form, make_form
from synthgen.storage.layout import RunPaths
from synthgen.tokens import Tokenizer, load_tokenizer
from synthgen.topics.outline import check_weights
from synthgen.training import check_training
from synthgen.transformations import load_transformations, select
from synthgen.turns import WHOLE


@dataclass(frozen=True)
class Job:
    """A recipe with its names resolved to parts."""

    recipe: Recipe
    paths: RunPaths
    tokenizer: Tokenizer
    transformations: Mapping[str, Transformation]
    filters: tuple[Filter, ...]
    backends: Mapping[str, Backend]
    shard: Shard
    form: Form = PLAIN
    benchmarks: Sequence[BenchmarkItem] = ()
    hashed: Sequence[HashedSet] = ()
    """The items of the evaluation sets that must not stand in the set, and the sets of which only hashes are known."""

    @property
    def teachers(self) -> dict[str, Teacher]:
        """The teachers as the plan sees them."""
        return {
            name: Teacher(backend.settings, backend.identity(), backend.local, backend.price_factor)
            for name, backend in self.backends.items()
        }

    @property
    def panel(self) -> Panel | None:
        """The judge, if the recipe has one."""
        name = self.recipe.judge.teacher
        return None if name is None else Panel(self.teachers[name], self.recipe.judge)


def make_job(recipe: Recipe, root: Path, shard: Shard = WHOLE) -> Job:
    """Resolves all names of `recipe`. Raises a UsageError for the first that is unknown or cannot work."""
    if not recipe.source:
        raise UsageError("no source", fix="name a file or folder with --source, or `source` in the recipe")
    if root.resolve() in {Path(source).resolve() for source in recipe.source}:
        raise UsageError("the run directory is the source itself", where=root, fix="give another one with --out")
    check_weights(recipe.plan.topics)
    check_training(recipe.pack, recipe.training)
    caps = recipe.budget.requests is not None or recipe.budget.usd is not None
    if shard != WHOLE and recipe.judge.teacher is not None and caps:
        raise UsageError(
            "shards cannot share a cap on requests or dollars with a judge",
            where="[judge]",
            fix="leave out the cap, or let the shards run without [judge] and one process judge afterwards",
        )
    available = load_transformations(Path(recipe.prompts) if recipe.prompts else None)
    for teacher in recipe.teachers:
        for name in teacher.transformations:
            if name not in available:
                where = f"teacher {teacher.name}"
                raise UsageError(f"unknown transformation {name!r}", where=where, fix=nearest(name, available))
    return Job(
        recipe=recipe,
        paths=RunPaths(root),
        tokenizer=load_tokenizer(recipe.tokenizer),
        transformations=select(available, recipe.transformations),
        filters=build_filters(recipe.filters, [one.instruction for one in available.values()]),
        backends={settings.name: make_backend(settings) for settings in recipe.priced_teachers},
        shard=shard,
        form=make_form(recipe.render),
        benchmarks=read_benchmarks(recipe.decontaminate.benchmarks),
        hashed=hashed_sets(recipe.decontaminate.hashed, built_in=recipe.decontaminate.built_in),
    )


def check_job(job: Job) -> None:
    """Raises RecipeError or BudgetError for what the run could not do, such as a missing key or an unknown price."""
    for backend in job.backends.values():
        backend.check()
    Budget(job.recipe.budget).check(job.backends.values())


def digest(*parts: Any) -> str:
    """A hash of JSON values, settings and dataclasses, the same in every process."""
    return hashlib.sha256(orjson.dumps(parts, default=_plain, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"a {type(value).__name__} has no digest")

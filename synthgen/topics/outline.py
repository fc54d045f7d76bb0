"""The outline of the field: its topics, with the terms that tell them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from synthgen.errors import RecipeError, nearest

Axis = Literal["systems", "tasks"]

CERTAIN, LIKELY = 3, 1
"""What one occurrence of a term counts for its topic."""

_FILE = Path(__file__).with_name("outline.toml")


@dataclass(frozen=True, slots=True)
class Topic:
    """One line of the outline. `terms` maps a term, in lower case, to what it counts; see `outline.toml`."""

    name: str
    title: str
    terms: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Outline:
    """Topics by name, in the outline's order. A text is on one of the `systems`, and about one of the `tasks`."""

    systems: Mapping[str, Topic]
    tasks: Mapping[str, Topic]

    def topics(self, axis: Axis) -> Mapping[str, Topic]:
        return self.systems if axis == "systems" else self.tasks


@cache
def load_outline() -> Outline:
    """The outline that ships with the package."""
    data = tomllib.loads(_FILE.read_text("utf-8"))
    return Outline(
        *({name: _topic(name, **topic) for name, topic in data[axis].items()} for axis in ("systems", "tasks"))
    )


def check_weights(weights: Mapping[str, float]) -> None:
    """Raises RecipeError where a weight is given to a topic that the outline does not have."""
    outline = load_outline()
    known = [*outline.systems, *outline.tasks]
    for name in weights:
        if name not in known:
            raise RecipeError(f"unknown topic {name!r}", where="[plan.topics]", fix=nearest(name, known))


def _topic(name: str, title: str, certain: list[str], likely: list[str]) -> Topic:
    return Topic(name, title, {**dict.fromkeys(likely, LIKELY), **dict.fromkeys(certain, CERTAIN)})

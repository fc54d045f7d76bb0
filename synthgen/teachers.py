"""Whether the teachers of a run are still those that answered before."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from synthgen.errors import UsageError

Facts = Mapping[str, Any]
"""What is known of a teacher: its `identity` and what it `served`, as JSON values."""


def facts(**known: Mapping[str, Any]) -> Facts:
    """What is known of a teacher, as it reads back from a file."""
    plain: Facts = orjson.loads(orjson.dumps(known, default=dict))
    return plain


def unchanged(known: Mapping[str, Facts], now: Mapping[str, Facts], *, allowed: bool, run: Path) -> dict[str, Facts]:
    """Those of the teachers `known` from earlier sessions of a run that are `now` as they were, by name.

    One that is not in `now` has changed, and what one in `now` lacks has not. Raises UsageError, saying what was what,
    for a change that is not `allowed`. A teacher without a model needs no leave: its answers cost nothing.
    """
    changes = {name: _change(before, now.get(name)) for name, before in known.items()}
    costly = {name for name, before in known.items() if before["identity"].get("model")}
    told = [f"teacher {name} {change}" for name, change in changes.items() if change and name in costly]
    if told and not allowed:
        raise UsageError(
            f"holds answers of another teacher: {'; '.join(told)}",
            where=run,
            fix="give another run directory with --out, or allow it with --allow-changed-teachers",
        )
    return {name: before for name, before in known.items() if not changes[name]}


def folder(teachers: Path, name: str) -> Path:
    """The folder in `teachers` of the one called `name`, whatever characters that has."""
    safe = re.sub(r"[^A-Za-z0-9._-]", "-", name).strip(".")[:64]
    return teachers / (safe if safe == name else f"{safe}-{hashlib.sha256(name.encode()).hexdigest()[:8]}")


def _change(before: Facts, now: Facts | None) -> str:
    """What is different now, in words; empty where nothing is."""
    if now is None:
        return "is not in the recipe any more"
    words = []
    for part in ("identity", "served"):
        if part in now:
            old, new = before.get(part, {}), now[part]
            words += [
                f"has {key} {_word(new, key)}, and had {_word(old, key)}"
                for key in sorted(old.keys() | new.keys())
                if old.get(key) != new.get(key)
            ]
    return ", ".join(words)


def _word(values: Mapping[str, Any], key: str) -> str:
    return orjson.dumps(values[key]).decode()[:100] if values.get(key) is not None else "none"

"""Finds the parts that can be added: backends, filters, sources and trainers.

A built-in part is a class in one module of its package; a part from elsewhere is an entry point of the group
`synthgen.backends`, `synthgen.filters`, `synthgen.sources` or `synthgen.trainers`. Adding a part is adding a file.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import TypeVar

from synthgen.errors import UsageError, nearest

T = TypeVar("T")

GROUPS = {"synthgen.training": "synthgen.trainers"}
"""The entry-point groups that are not named like their package."""


def parts(package: str, base: type[T]) -> dict[str, type[T]]:
    """Concrete subclasses of `base`, by their class attribute `name`, in the order of their names.

    Raises UsageError where an entry point cannot be loaded, or takes a name that is in use.
    """
    found: dict[str, type[T]] = {}
    for module in pkgutil.iter_modules(importlib.import_module(package).__path__):
        loaded = importlib.import_module(f"{package}.{module.name}")
        for cls in vars(loaded).values():
            if _is_part(cls, base) and cls.__module__ == loaded.__name__:
                found[cls.name] = cls
    for entry in declared(GROUPS.get(package, package)):
        try:
            cls = entry.load()
        except Exception as error:
            raise UsageError(
                f"the entry point cannot be loaded ({error})",
                where=f"{package}: {entry.name}",
                fix="reinstall or remove the package that declares it",
            ) from error
        if not _is_part(cls, base):
            raise UsageError(
                f"is not a {base.__name__}", where=f"{package}: {entry.name}", fix="reinstall or remove its package"
            )
        if found.setdefault(entry.name, cls) is not cls:
            raise UsageError("two parts have this name", where=f"{package}: {entry.name}", fix="rename one of them")
    return dict(sorted(found.items()))


def find(package: str, base: type[T], name: str) -> type[T]:
    """The part called `name`; raises UsageError naming the nearest one where there is none."""
    found = parts(package, base)
    if name not in found:
        raise UsageError(f"unknown {base.__name__.lower()} {name!r}", fix=nearest(name, found))
    return found[name]


@cache
def declared(group: str) -> tuple[EntryPoint, ...]:
    """The entry points of a group. Looking through all installed packages takes tens of milliseconds, so only once."""
    return tuple(entry_points(group=group))


def _is_part(cls: object, base: type) -> bool:
    return isinstance(cls, type) and issubclass(cls, base) and cls is not base and not inspect.isabstract(cls)

"""Parts are found by what they are: modules of a package, and entry points of other packages."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from typing import Any

import pytest

from synthgen import registry
from synthgen.data import Extract, Record, Verdict
from synthgen.errors import UsageError
from synthgen.filters.base import Filter
from synthgen.registry import find, parts


class Shouting(Filter):
    """A filter as another package would bring it."""

    name = "shouting"

    def check(self, record: Record, extract: Extract) -> Verdict:
        return Verdict(self.name, keep=not record.text.isupper(), code="shouting")


class NoFilter:
    name = "no_filter"


def entry_points_are(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    found = [EntryPoint(name, value, "synthgen.filters") for name, value in values.items()]
    monkeypatch.setattr(registry, "declared", lambda group: found if group == "synthgen.filters" else [])


def test_built_in_parts_are_found_without_being_named_anywhere() -> None:
    assert {"empty", "finish_reason", "length"} <= parts("synthgen.filters", Filter).keys()


def test_a_part_of_another_package_is_an_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    entry_points_are(monkeypatch, shouting=f"{__name__}:Shouting")
    found: Any = find("synthgen.filters", Filter, "shouting")
    assert found.name == "shouting"


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("broken", "no_such_module:Filter", "cannot be loaded"),
        ("odd", f"{__name__}:NoFilter", "is not a Filter"),
        ("empty", f"{__name__}:Shouting", "two parts have this name"),
    ],
)
def test_an_entry_point_that_cannot_serve_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, message: str
) -> None:
    entry_points_are(monkeypatch, **{name: value})
    with pytest.raises(UsageError, match=f"synthgen.filters: {name}: .*{message}"):
        parts("synthgen.filters", Filter)


def test_an_unknown_name_gets_the_nearest_or_all() -> None:
    with pytest.raises(UsageError, match=r"unknown filter 'lenght'\. Did you mean 'length'"):
        find("synthgen.filters", Filter, "lenght")
    with pytest.raises(UsageError, match=r"Valid: .*empty, .*length"):
        find("synthgen.filters", Filter, "zzz")

"""Looks for texts that a filter cannot take, guided by coverage, until it is stopped or the time is over.

    pip install atheris && python tests/fuzz_filters.py -max_total_time=600 -timeout=10

Not a test by itself: it has no end. A text takes too long where it takes more than `-timeout` seconds. What it finds is
written to a file, with which as its argument it is found again; then it belongs into `test_filters_hostile.py`.
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["synthgen"]):
    from test_filters_hostile import SOURCE, UNITS, extract, forms, look

PIECES = sorted(UNITS.values())


def judge_one(data: bytes) -> None:
    """An extract and a record, each put together from pieces that hurt, of free text, and of the plain source."""
    given = atheris.FuzzedDataProvider(data)
    look(forms(_text(given))[given.ConsumeIntInRange(0, 5)], extract(_text(given) or SOURCE))


def _text(given: atheris.FuzzedDataProvider) -> str:
    parts = []
    for _ in range(given.ConsumeIntInRange(0, 12)):
        parts.append(given.PickValueInList([*PIECES, SOURCE]))
        parts.append(given.ConsumeUnicode(given.ConsumeIntInRange(0, 12)))
        parts.append(parts[-2] * given.ConsumeIntInRange(0, 40))
    return "".join(parts)[:20_000]


if __name__ == "__main__":
    atheris.Setup(sys.argv, judge_one)
    atheris.Fuzz()

"""One pass over a plan: how many of its requests are owed, and samples of them to measure on."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Generic, TypeVar

from synthgen.data import Extract, Request
from synthgen.planning import Plan
from synthgen.topics.coverage import Coverage
from synthgen.topics.outline import load_outline

T = TypeVar("T")

OWED_SAMPLE, ANSWERED_SAMPLE = 200, 256
"""Requests kept of each teacher, and of each teacher and transformation: a few per cent of error each."""

COVERED = 10_000
"""Extracts whose topics are told, at most about: shares are known to one per cent, in seconds."""


class Sample(Generic[T]):
    """A random sample of `size` items, the same for the same items: those with the smallest hashes."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._heap: list[tuple[int, int, T]] = []
        self._offered = 0

    def offer(self, request_id: str, item: T) -> None:
        """Takes the item, or not. Ids are hashes, so their beginnings are random numbers."""
        entry = (-int(request_id[:15], 16), self._offered, item)
        self._offered += 1
        if len(self._heap) < self._size:
            heapq.heappush(self._heap, entry)
        elif entry > self._heap[0]:
            heapq.heapreplace(self._heap, entry)

    def __iter__(self) -> Iterator[T]:
        """The items in the order in which they were offered."""
        return (item for _, _, item in sorted(self._heap, key=lambda entry: entry[1]))


@dataclass(frozen=True, slots=True)
class Owed:
    """A request to be asked. `repeats`: its teacher is owed another one of the same extract before it."""

    request: Request
    repeats: bool


@dataclass
class Group:
    """The requests of one teacher for one transformation. `extract_tokens` adds up the extracts of the owed ones.

    `answered` samples the others as (request id, tokens of its extract).
    """

    requests: int = 0
    owed: int = 0
    extract_tokens: int = 0
    answered: Sample[tuple[str, int]] = field(default_factory=lambda: Sample(ANSWERED_SAMPLE))


@dataclass
class Survey:
    """`groups` by teacher and transformation; `samples` of the requests to be asked of each teacher.

    `coverage` is that of the source and of all requests, measured on a sample of the extracts.
    """

    groups: dict[tuple[str, str], Group] = field(default_factory=dict)
    samples: dict[str, Sample[Owed]] = field(default_factory=dict)
    coverage: Coverage = field(default_factory=lambda: Coverage(load_outline()))

    @property
    def requests(self) -> int:
        return sum(group.requests for group in self.groups.values())

    @property
    def owed(self) -> int:
        """The requests that are to be asked."""
        return sum(group.owed for group in self.groups.values())

    @property
    def by_teacher(self) -> dict[str, int]:
        return self._requests_by(0)

    @property
    def by_transformation(self) -> dict[str, int]:
        return self._requests_by(1)

    def _requests_by(self, part: int) -> dict[str, int]:
        found: Counter[str] = Counter()
        for key, group in self.groups.items():
            found[key[part]] += group.requests
        return dict(sorted(found.items()))


def survey(plan: Plan, settled: Container[str]) -> Survey:
    """What `plan` holds, given the ids of the requests that are not to be asked again."""
    found = Survey()
    last: dict[str, Extract] = {}
    step = 1 + sum(1 for _ in plan.extracts()) // COVERED
    for extract in islice(plan.extracts(), 0, None, step):
        found.coverage.add_extract(extract)
    for request in plan:
        teacher, extract = request.teacher, request.extract
        found.coverage.add_sample(extract)
        group = found.groups.setdefault((teacher, request.transformation.name), Group())
        group.requests += 1
        if request.request_id in settled:
            group.answered.offer(request.request_id, (request.request_id, extract.tokens))
            continue
        group.owed += 1
        group.extract_tokens += extract.tokens
        sample = found.samples.setdefault(teacher, Sample(OWED_SAMPLE))
        sample.offer(request.request_id, Owed(request, last.get(teacher) is extract))
        last[teacher] = extract
    return found

"""What of the field a source covers, and the set made of it, and where the holes are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from synthgen.data import Extract, Record
from synthgen.topics.assign import Assigned, Assigner
from synthgen.topics.outline import Axis, Outline

LEAST = 0.005
"""The share of a source's tokens below which a topic is hardly in it."""

LOST = 0.5
"""A topic whose share of the set is not this much of its share of the source was lost on the way."""

OTHER = "other"
"""The topic of what nothing tells."""


@dataclass
class Amount:
    """Texts and their tokens."""

    texts: int = 0
    tokens: int = 0

    def add(self, tokens: int) -> None:
        self.texts += 1
        self.tokens += tokens


@dataclass(frozen=True, slots=True)
class Line:
    """A topic's shares of the tokens of the source and of the set, each from 0 to 1."""

    name: str
    title: str
    source: float
    made: float

    @property
    def known(self) -> bool:
        """Whether it is a topic of the outline, and not what is on none of them."""
        return self.name != OTHER

    @property
    def missing(self) -> bool:
        """Whether the source hardly has it."""
        return self.known and self.source < LEAST

    @property
    def lost(self) -> bool:
        """Whether the source has it and the set does not, or much less of it."""
        return self.known and not self.missing and self.made < LOST * self.source


@dataclass
class Coverage:
    """The extracts of a source, and what is made of them, by (system, task). Extracts are added first."""

    outline: Outline
    source: dict[tuple[str, str], Amount] = field(default_factory=lambda: defaultdict(Amount))
    made: dict[tuple[str, str], Amount] = field(default_factory=lambda: defaultdict(Amount))

    def __post_init__(self) -> None:
        self._assigner = Assigner(self.outline)
        self._extracts: dict[str, Assigned] = {}

    def add_extract(self, extract: Extract) -> None:
        """Counts an extract of the source."""
        found = self._extracts[extract.extract_id] = self._assigner.extract(extract)
        self.source[_key(found)].add(extract.tokens)

    def add_record(self, record: Record) -> None:
        """Counts a record; where its own words do not tell what it is on, its extract does."""
        found = self._assigner.text(record.text).otherwise(self._extracts[record.extract_id])
        self.made[_key(found)].add(record.tokens)

    def add_sample(self, extract: Extract) -> None:
        """Counts a sample that is to be made of an extract, as long as that, if the extract was added."""
        if (found := self._extracts.get(extract.extract_id)) is not None:
            self.made[_key(found)].add(extract.tokens)

    def lines(self, axis: Axis) -> list[Line]:
        """A line for each topic of one axis, in the outline's order, then one for what is on none of them."""
        source, made = _shares(self.source, axis), _shares(self.made, axis)
        titles = {name: topic.title for name, topic in self.outline.topics(axis).items()}
        titles[OTHER] = "None of these"
        return [Line(name, title, source.get(name, 0.0), made.get(name, 0.0)) for name, title in titles.items()]

    def rows(self) -> Iterable[tuple[str | int, ...]]:
        """The rows of `report/topics.csv`, its head first: each system with each task that the source or set has."""
        yield ("system", "task", "extracts", "source_tokens", "records", "set_tokens")
        systems, tasks = [*self.outline.systems, OTHER], [*self.outline.tasks, OTHER]
        for key in ((system, task) for system in systems for task in tasks):
            source, made = self.source.get(key, Amount()), self.made.get(key, Amount())
            if source.texts or made.texts:
                yield (*key, source.texts, source.tokens, made.texts, made.tokens)


def _key(found: Assigned) -> tuple[str, str]:
    return found.system or OTHER, found.task or OTHER


def _shares(amounts: Mapping[tuple[str, str], Amount], axis: Axis) -> dict[str, float]:
    """The share of the tokens of each topic of one axis."""
    tokens: dict[str, int] = defaultdict(int)
    for (system, task), amount in amounts.items():
        tokens[system if axis == "systems" else task] += amount.tokens
    whole = sum(tokens.values())
    return {name: found / whole for name, found in tokens.items()} if whole else {}

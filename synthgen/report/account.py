"""The account of a run: planned = kept + rejected + failed + pending, each request once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from synthgen.cost import cost
from synthgen.data import Completion, Judged, Request, Usage
from synthgen.recipe import TeacherSettings


@dataclass(frozen=True, slots=True)
class Tally:
    """Requests by outcome, and the tokens of the kept records' text. `pending` were not asked yet."""

    kept: int = 0
    rejected: int = 0
    failed: int = 0
    pending: int = 0
    tokens: int = 0

    @property
    def planned(self) -> int:
        return self.kept + self.rejected + self.failed + self.pending

    @property
    def acceptance(self) -> float:
        """Share of the planned requests that ended as kept records; 0 where nothing was planned."""
        return self.kept / self.planned if self.planned else 0.0


@dataclass(frozen=True, slots=True)
class Account:
    """What became of every planned request, and what the answers took.

    `reasons` counts the rejected and failed ones by code. `usd` is None where a remote teacher has no price.
    """

    total: Tally
    by_transformation: Mapping[str, Tally]
    by_teacher: Mapping[str, Tally]
    reasons: Mapping[str, int]
    prompt_tokens: int
    completion_tokens: int
    usd: float | None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Account:
        return cls(
            **{
                **data,
                "total": Tally(**data["total"]),
                "by_transformation": {name: Tally(**tally) for name, tally in data["by_transformation"].items()},
                "by_teacher": {name: Tally(**tally) for name, tally in data["by_teacher"].items()},
            }
        )


@dataclass
class AccountBuilder:
    """Adds up requests one by one."""

    transformations: dict[str, Counter[str]] = field(default_factory=dict)
    teachers: dict[str, Counter[str]] = field(default_factory=dict)
    reasons: Counter[str] = field(default_factory=Counter)
    usage: dict[str, Counter[str]] = field(default_factory=dict)

    def asked(self, request: Request, completion: Completion | None) -> None:
        """Counts what a request took, or that it is pending."""
        if completion is None:
            self._count(request.transformation.name, request.teacher, "pending")
            return
        usage = self.usage.setdefault(request.teacher, Counter())
        usage.update(prompt=completion.usage.prompt, completion=completion.usage.completion)

    def judged(self, judged: Judged) -> None:
        """Counts the outcome of a request that was asked."""
        record = judged.record
        self._count(record.transformation, record.teacher, judged.outcome)
        if judged.outcome == "kept":
            self._count(record.transformation, record.teacher, "tokens", record.tokens)
        else:
            self.reasons[judged.code] += 1

    def build(self, teachers: Mapping[str, TeacherSettings], local: frozenset[str]) -> Account:
        """The account; `local` names the teachers that cost nothing."""
        usage = {name: Usage(count["prompt"], count["completion"]) for name, count in sorted(self.usage.items())}
        costs = [cost(teachers[name], used) for name, used in usage.items() if name not in local]
        total: Counter[str] = Counter()
        for count in self.teachers.values():
            total.update(count)
        return Account(
            total=Tally(**total),
            by_transformation={name: Tally(**count) for name, count in sorted(self.transformations.items())},
            by_teacher={name: Tally(**count) for name, count in sorted(self.teachers.items())},
            reasons=dict(sorted(self.reasons.items(), key=lambda item: (-item[1], item[0]))),
            prompt_tokens=sum(used.prompt for used in usage.values()),
            completion_tokens=sum(used.completion for used in usage.values()),
            usd=None if None in costs else sum(amount or 0.0 for amount in costs),
        )

    def _count(self, transformation: str, teacher: str, what: str, amount: int = 1) -> None:
        self.transformations.setdefault(transformation, Counter())[what] += amount
        self.teachers.setdefault(teacher, Counter())[what] += amount

"""The account of a run: planned = kept + rejected + failed + pending, each request once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from synthgen.data import Completion, Judged, Request


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

    @property
    def equation(self) -> str:
        """The account in one line: planned = kept + rejected + failed, and what was not asked yet, if anything."""
        parts = f"{self.planned:,} planned = {self.kept:,} kept + {self.rejected:,} rejected + {self.failed:,} failed"
        return parts + (f" + {self.pending:,} not asked yet" if self.pending else "")


@dataclass(frozen=True, slots=True)
class Account:
    """What became of every planned request, and what the answers took.

    `reasons` counts the rejected and failed ones by code. `usd` is all that was paid for this run's answers, those of
    other recipes included; None where a remote teacher has no price.
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
    usage: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, account: Account) -> AccountBuilder:
        """One that goes on from `account`."""
        return cls(
            {name: Counter(asdict(tally)) for name, tally in account.by_transformation.items()},
            {name: Counter(asdict(tally)) for name, tally in account.by_teacher.items()},
            Counter(account.reasons),
            Counter(prompt=account.prompt_tokens, completion=account.completion_tokens),
        )

    def pending(self, request: Request) -> None:
        """Counts a request that was not asked yet."""
        self._count(request.transformation.name, request.teacher, pending=1)

    def answered(self, completion: Completion) -> None:
        """Counts what a request took."""
        self.usage.update(prompt=completion.usage.prompt, completion=completion.usage.completion)

    def judged(self, judged: Judged) -> None:
        """Counts the outcome of a request that was asked."""
        record = judged.record
        kept = judged.outcome == "kept"
        self._count(record.transformation, record.teacher, **{judged.outcome: 1}, tokens=record.tokens if kept else 0)
        if not kept:
            self.reasons[judged.code] += 1

    def taken_out(self, judged: Judged) -> None:
        """Counts a record as rejected that was counted as kept."""
        record = judged.record
        self._count(record.transformation, record.teacher, kept=-1, rejected=1, tokens=-record.tokens)
        self.reasons[judged.code] += 1

    def build(self, usd: float | None) -> Account:
        """The account; `usd` is what the teachers were paid, None if unknown."""
        total: Counter[str] = Counter()
        for count in self.teachers.values():
            total.update(count)
        return Account(
            total=Tally(**total),
            by_transformation={name: Tally(**count) for name, count in sorted(self.transformations.items())},
            by_teacher={name: Tally(**count) for name, count in sorted(self.teachers.items())},
            reasons=dict(sorted(self.reasons.items(), key=lambda item: (-item[1], item[0]))),
            prompt_tokens=self.usage["prompt"],
            completion_tokens=self.usage["completion"],
            usd=usd,
        )

    def _count(self, transformation: str, teacher: str, **amounts: int) -> None:
        self.transformations.setdefault(transformation, Counter()).update(amounts)
        self.teachers.setdefault(teacher, Counter()).update(amounts)


def share(part: float, whole: float) -> str:
    """A percentage with one decimal; 0.0 % of nothing."""
    return f"{100 * part / whole if whole else 0:.1f} %"

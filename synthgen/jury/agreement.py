"""How far the judge and the rules agree: both are wrong at times, and where they differ is where to look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from synthgen.data import Judged
from synthgen.jury.asking import NAME


@dataclass(frozen=True, slots=True)
class Agreement:
    """Records by what the rules and the judge said of them. `unjudged` had no vote that could be read.

    Of the records that the rules reject, only the audited share is judged.
    """

    both_keep: int = 0
    only_rules_reject: int = 0
    only_judge_rejects: int = 0
    both_reject: int = 0
    unjudged: int = 0

    @property
    def judged(self) -> int:
        return self.both_keep + self.only_rules_reject + self.only_judge_rejects + self.both_reject

    def to_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_json(cls, data: Mapping[str, int]) -> Agreement:
        return cls(**data)


class AgreementBuilder:
    """Adds up records one by one."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, judged: Judged) -> None:
        """Counts a record that the judge was asked about; others do not count."""
        verdict = next((one for one in judged.verdicts if one.filter == NAME), None)
        if verdict is None:
            return
        rules_keep = all(one.keep for one in judged.verdicts if one.filter != NAME)
        if verdict.score is None:
            name = "unjudged"
        elif verdict.keep:
            name = "both_keep" if rules_keep else "only_rules_reject"
        else:
            name = "only_judge_rejects" if rules_keep else "both_reject"
        self._counts[name] += 1

    def build(self) -> Agreement:
        return Agreement(**self._counts)
